#!/usr/bin/env python3
"""A client of the network, written from protocol/README.md alone."""

import argparse
import secrets
import sys
import time

import check
import codec
import crypto
import link
from crypto import hash_of

MONTH_MS = 30 * 24 * 3600 * 1000


class Task:
    """One job of one kernel, run once by one worker."""

    def __init__(self, to, first, last):
        self.link = to
        self.schema = to.schema
        self.key = to.identity
        self.task = secrets.token_bytes(16)
        self.code = self.schema.new("code_ref", kernel="count_primes")
        self.input = self.schema.new("job_input", kind=2, first=first,
                                     last=last)
        self.attempt = {"task": self.task, "job": 0, "attempt": 1}
        self.bid = None
        self.terms = None
        self.leases = 0

    def run(self):
        """The output, after checking everything that was signed."""
        self.ask()
        self.assign()
        entry = self.wait_for_result()
        self.link.send("job_result_ack", attempts=[self.attempt])
        self.pay()
        return entry["output"].decode()

    def expect(self, wanted, seconds):
        while True:
            kind, value = self.link.receive(seconds)
            if kind == wanted:
                return value

    def ask(self):
        self.link.send("bid_request", task=self.task, owner=self.key.public,
                       code=self.code)
        bid = self.expect("bid", 5)
        if not bid["accepted"]:
            raise link.LinkError(f"no bid: {bid['refusal']}")
        bare = dict(bid, worker_signature=bytes(64))
        digest = hash_of("artel.bid.v1", self.schema.encode("bid", bare))
        if (bid["worker"] != self.link.node
                or bid["worker_owner"] != self.link.peer["owner"]
                or not crypto.verify(bid["worker"], digest,
                                     bid["worker_signature"])):
            raise link.LinkError("the bid is not the worker's")
        self.bid = bid

    def assign(self):
        self.terms = self.schema.new(
            "task_terms", network=self.link.network, task=self.task,
            requester=self.key.public, owner=self.key.public, code=self.code,
            price_per_job=self.bid["price_per_job"],
            expires=int(time.time() * 1000) + MONTH_MS)
        terms = hash_of("artel.terms.v1",
                        self.schema.encode("task_terms", self.terms))
        leaf = crypto.assignment_leaf(terms, self.link.node, 0, 1,
                                      crypto.input_hash(self.input))
        job = self.schema.new("job_assignment", attempt=1, input=self.input)
        self.link.send("job_assign", terms=self.terms, jobs=[job],
                       batch_signature=crypto.sign_batch(self.key, [leaf]))

    def wait_for_result(self):
        while True:
            kind, value = self.link.receive(30)
            if kind == "job_fail":
                raise link.LinkError(f"handed back: {value['reason']}")
            if kind == "heartbeat":
                self.leases += len(value["leases"])
            if kind == "job_result":
                return self.check_result(value)

    def check_result(self, value):
        leaves = [hash_of("artel.receipt.v1",
                          self.schema.encode("receipt", one["receipt"]))
                  for one in value["entries"]]
        if not crypto.verify_batch(self.link.node, leaves,
                                   value["batch_signature"]):
            raise link.LinkError("the receipt is not signed by the worker")
        entry, = value["entries"]
        receipt = entry["receipt"]
        expected = {
            "network": self.link.network, **self.attempt,
            "requester": self.key.public, "worker": self.link.node,
            "worker_owner": self.link.peer["owner"],
            "code": crypto.code_hash(self.code),
            "input": crypto.input_hash(self.input),
            "output": crypto.output_hash(entry["output"], entry["files"]),
            "output_bytes": len(entry["output"]), "outcome": 1,
            "price": self.bid["price_per_job"],
        }
        for field, wanted in expected.items():
            if receipt[field] != wanted:
                raise link.LinkError(f"the receipt's {field} is not what was"
                                     f" assigned: {receipt[field]!r}")
        return entry

    def pay(self):
        claim = self.schema.new(
            "payment_claim", network=self.link.network, task=self.task,
            payer=self.key.public, payer_owner=self.key.public,
            payee=self.link.peer["owner"], amount=self.bid["price_per_job"],
            jobs=1, issued=int(time.time() * 1000))
        digest = hash_of("artel.payment-claim.v1",
                         self.schema.encode("payment_claim", claim))
        claim["payer_signature"] = self.key.sign(digest)
        self.link.send("payment", claim=claim)
        ack = self.expect("payment_ack", 5)
        if ack != {"task": self.task, "amount": claim["amount"]}:
            raise link.LinkError("the payment was not acknowledged")


def parse(words):
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="compute test vectors anew").add_argument(
        "vectors")
    commands.add_parser("schema", help="the README's list of messages")
    for name in ("ping", "count-primes"):
        command = commands.add_parser(name)
        command.add_argument("address", metavar="HOST:PORT")
        if name == "count-primes":
            command.add_argument("first", type=int)
            command.add_argument("last", type=int)
        command.add_argument("--network", required=True)
        command.add_argument("--key-seed", metavar="HEX",
                             help="32 bytes; drawn where there is none")
    return parser.parse_args(words)


def run(given):
    if given.command == "schema":
        sys.stdout.write(codec.schema_text())
        return
    schema = codec.Schema.of_readme()
    if given.command == "check":
        print(f"{check.check(schema, given.vectors)} checks hold")
        return
    seed = bytes.fromhex(given.key_seed) if given.key_seed else None
    identity = crypto.Key(seed or secrets.token_bytes(32))
    to = link.Link(schema, identity, given.address, given.network)
    print(f"node {to.node.hex()} '{to.peer['display_name']}',"
          f" {to.latency_ms:.1f} ms", file=sys.stderr)
    if given.command == "count-primes":
        print(Task(to, given.first, given.last).run())
    to.close()


def main():
    try:
        run(parse(sys.argv[1:]))
    except (check.Failed, codec.Refused, link.LinkError, OSError,
            RuntimeError) as problem:
        print(f"artel_client: {problem}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
