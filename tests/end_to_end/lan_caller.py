#!/usr/bin/env python3
"""A stranger in a local network, who calls as nodes do, and as they don't.

    strangers   calls that nodes must not listen to; then one that they must
    flood       many of those, as fast as asked
    absent      right calls, that lead to ports where nobody is
"""

import argparse
import os
import pathlib
import secrets
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "interop"))
import codec  # noqa: E402
import crypto  # noqa: E402

DIGEST = "artel.lan-announcement.v1"


class Caller:
    def __init__(self, given):
        self.given = given
        self.schema = codec.Schema.of_readme()
        self.key = crypto.Key(secrets.token_bytes(32))
        self.sequence = int(time.time() * 1000)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)

    def send(self, datagram):
        self.socket.sendto(datagram, (self.given.to, self.given.port))

    def call(self, port, change=None, **fields):
        """A datagram; `change` alters what was signed, `fields` what is."""
        self.sequence += 1
        item = self.schema.new(
            "lan_announcement", **{
                "network": self.given.network, "node": self.key.public,
                "port": port, "sequence": self.sequence,
                "sent": int(time.time() * 1000), **fields})
        digest = crypto.hash_of(DIGEST, self.encode(item))
        item["node_signature"] = self.key.sign(digest)
        item.update(change or {})
        return self.encode(item)

    def encode(self, item):
        return self.schema.encode("lan_announcement", item)

    def bad_calls(self, port):
        """One of each kind, by name."""
        now = int(time.time() * 1000)
        good = self.call(port)
        return {
            "another network": self.call(port, network="elsewhere"),
            "a signature of nothing": self.call(
                port, {"node_signature": bytes(64)}),
            "a port that was changed": self.call(port - 1, {"port": port}),
            "a name that is another's": self.call(
                port, {"sequence": 2**60}, node=self.given.claim),
            "a minute ago": self.call(port, sent=now - 60_000),
            "in a minute": self.call(port, sent=now + 60_000),
            "port 0": self.call(0),
            "too short": good[:-1],
            "too long": good + b"\0",
            "much too long": good + bytes(1000),
            "nothing": b"",
            "noise": os.urandom(200),
        }


class Door:
    """A port that sees who comes."""

    def __init__(self, address):
        self.socket = socket.create_server((address, 0))
        self.port = self.socket.getsockname()[1]

    def visitors(self, seconds, enough):
        """How many there are, by their addresses."""
        seen = set()
        deadline = time.monotonic() + seconds
        while len(seen) < enough and (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                link, address = self.socket.accept()
            except TimeoutError:
                break
            link.close()
            seen.add(address[0])
        return len(seen)


def strangers(caller, given):
    door = Door(given.own)
    for kind, datagram in caller.bad_calls(door.port).items():
        caller.send(datagram)
        if door.visitors(0.1, 1) != 0:
            sys.exit(f"{kind}: it was believed")
    if door.visitors(0.5, 1) != 0:
        sys.exit("one of them was believed")
    caller.send(caller.call(door.port))
    if door.visitors(5, given.nodes) != given.nodes:
        sys.exit("a right call was not believed by all")


def flood(caller, given):
    datagrams = [one for one in caller.bad_calls(9).values() if one]
    started = time.monotonic()
    for count in range(given.count):
        caller.send(datagrams[count % len(datagrams)])
        ahead = started + count / given.rate - time.monotonic()
        if ahead > 0.01:
            time.sleep(ahead)


def absent(caller, given):
    for port in range(20_000, 20_000 + given.count):
        caller.send(caller.call(port))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("strangers", "flood", "absent"))
    parser.add_argument("--network", required=True)
    parser.add_argument("--to", required=True, help="a broadcast address")
    parser.add_argument("--port", type=int, default=7448)
    parser.add_argument("--own", help="the address to be dialled at")
    parser.add_argument("--claim", type=bytes.fromhex, required=True,
                        help="the id of another node")
    parser.add_argument("--nodes", type=int, help="that are there")
    parser.add_argument("--count", type=int)
    parser.add_argument("--rate", type=float, help="a second")
    given = parser.parse_args()
    {"strangers": strangers, "flood": flood, "absent": absent}[given.what](
        Caller(given), given)


if __name__ == "__main__":
    main()
