"""Kills nodes of a network at random while tasks run, again and again: every
task has to end with the right result, every job verified and paid once.

    churn.py [RUNS [SEED]]
"""

import json
import subprocess
import sys
import time

import cluster
from cluster import Failure

TASK = ["--range", "1..2e9", "--chunks", "40", "--kernel", "count_primes",
        "--reduce", "sum", "--replicas", "3", "-o", "json"]
WORKERS = 4


def expected_result():
    """What a network in one process says."""
    done = subprocess.run([cluster.ARTEL, "job", "run", *TASK],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["result"]


def check_receipts(path, report):
    """Every job has one verdict, and nobody is paid for one twice."""
    done = subprocess.run([cluster.ARTEL, "receipt", "verify", path],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"the receipts do not hold: {done.stderr}")
    verdicts = {}
    for line in path.read_text().splitlines():
        record = json.loads(line)
        verdict = record.get("verdict")
        if verdict is None:
            continue
        body = verdict.get("verdict", verdict)
        if body["job"] in verdicts:
            raise Failure(f"job {body['job']} has two verdicts")
        verdicts[body["job"]] = body
    if len(verdicts) != report["jobs"]["total"]:
        raise Failure(f"{len(verdicts)} verdicts of "
                      f"{report['jobs']['total']} jobs")


def check_claims(workers, task, report):
    """What the workers can show is no more than what was paid."""
    claimed = 0
    for worker in workers:
        status = worker.describe() or {}
        claimed += sum(round(float(claim["amount"]) * 1e6)
                       for claim in status.get("claims", [])
                       if claim["task"] == task)
    paid = round(float(report["settlement"]["paid"]) * 1e6)
    if claimed > paid:
        raise Failure(f"claims of {claimed} micro-credits, but {paid} paid")
    return claimed, paid


def one_run(number, net, workers, random, result):
    receipts = net.directory / f"receipts-{number}.jsonl"
    task = net.run(*TASK, "--receipts", receipts)
    time.sleep(random.uniform(0.1, 2.5))
    victims = [random.choice(workers)]
    if number % 3 == 0:
        victims = [net.seed]
    elif number % 3 == 1 and random.random() < 0.5:
        victims.append(net.seed)
    for victim in victims:
        victim.kill()
    time.sleep(random.uniform(0.0, 1.0))
    for victim in victims:
        victim.start()
    try:
        out, err = task.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        task.kill()
        raise Failure("the task did not end within 120 s") from None
    names = ", ".join(victim.name for victim in victims)
    if task.returncode != 0:
        raise Failure(f"run {number}, {names} killed: exit code "
                      f"{task.returncode}\n{err}")
    report = json.loads(out)
    if report["result"] != result:
        raise Failure(f"run {number}, {names} killed: the result is "
                      f"{report['result']}, not {result}")
    check_receipts(receipts, report)
    for victim in victims:
        victim.await_ready()
    claimed, paid = check_claims(workers, report["task"], report)
    print(f"run {number}: {names} killed, {report['retries']} retries, "
          f"{claimed / 1e6:g} of {paid / 1e6:g} credits in claims", flush=True)


def test():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    seed, random = cluster.chooser(
        int(sys.argv[2]) if len(sys.argv) > 2 else None)
    print(f"{runs} runs, seed {seed}", flush=True)
    result = expected_result()
    with cluster.Cluster() as net:
        workers = net.add_workers(WORKERS)
        net.start()
        for number in range(1, runs + 1):
            net.await_links(WORKERS)
            one_run(number, net, workers, random, result)
        for node in net.nodes:
            node.stop()
    print(f"{runs} runs: every task ended with {result}")


if __name__ == "__main__":
    cluster.main(test)
