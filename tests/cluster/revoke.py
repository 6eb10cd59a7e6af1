"""A key is revoked while its node works: the seed reads the new config, and
within a moment no node has a link to it, nor takes one until it is let in
again."""

import signal
import subprocess

import cluster
from cluster import Failure


def peers(node):
    return {peer["node"] for peer in node.describe()["peers"]}


def test():
    with cluster.Cluster() as net:
        workers = net.add_workers(3)
        net.start()
        bad, *others = workers
        for node in net.nodes:
            cluster.wait_until(
                f"{node.name} to be linked with all others",
                lambda: len(peers(node)) == len(net.nodes) - 1)
        version = net.seed.describe()["config_version"]

        cluster.artel("network", "revoke", net.config, "--key", net.root_key,
                      "--node", bad.id)
        net.seed.send(signal.SIGHUP)
        for node in [net.seed, *others]:
            cluster.wait_until(f"{node.name} to let go of the revoked node",
                               lambda: bad.id not in peers(node), 5)
            if node.describe()["config_version"] <= version:
                raise Failure(f"{node.name} has the old config")
        cluster.wait_until("the revoked node to be alone",
                           lambda: not peers(bad), 5)

        # It tries again, with a memory of nothing but its settings.
        bad.kill()
        bad.start()
        bad.await_ready()
        cluster.wait_until("the revoked node to be told why",
                           lambda: "revoked" in bad.log_tail())
        for node in [net.seed, *others]:
            if bad.id in peers(node):
                raise Failure(f"{node.name} took the revoked node back")

        # Nor may it submit; the others go on.
        work = ["--range", "1..1000000", "--kernel", "count_primes",
                "--chunks", "4", "--reduce", "sum", "--replicas", "2"]
        task = net.run(*work, "--key", bad.key,
                       connect=[node.address for node in [net.seed, *others]])
        try:
            _, err = task.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            task.kill()
            raise Failure("a revoked client waits for ever") from None
        if task.returncode == 0:
            raise Failure("a revoked key had a task run")
        print("the revoked client was told:", err.strip().splitlines()[-1])
        task = net.run(*work)
        out, err = task.communicate(timeout=60)
        if out.strip() != "78498":
            raise Failure(f"an honest task gave '{out.strip()}': {err}")

        # Let in again, it comes back as soon as it hears of that.
        cluster.artel("network", "unrevoke", net.config, "--key", net.root_key,
                      "--node", bad.id)
        for node in (net.seed, bad):
            told = node.command("network", "publish", net.config)
            if told.returncode != 0:
                raise Failure(f"{node.name} takes no config: {told.stderr}")
        cluster.wait_until("the node that is let in to be linked again",
                           lambda: len(peers(bad)) == len(net.nodes) - 1)
        for node in net.nodes:
            node.stop()
    print("a revoked key is refused everywhere, until it is let in again")


if __name__ == "__main__":
    cluster.main(test)
