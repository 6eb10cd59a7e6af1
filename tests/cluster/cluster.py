"""Nodes as processes of their own on this machine's loopback, for tests that
kill them. Needs ARTEL_BIN, the artel program; standard library alone."""

import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ARTEL = os.environ.get("ARTEL_BIN", "artel")
ROOT = pathlib.Path(__file__).resolve().parents[2]


class Failure(Exception):
    """What a test found wrong, for people."""


def free_port():
    """A port that nobody has now; a node keeps it over restarts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, condition, seconds=30.0):
    """Polls; a Failure that names `what` where it never comes true."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.02)


def artel(*words):
    """Runs artel, which has to end well; what it printed."""
    done = subprocess.run([ARTEL, *words], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"artel {' '.join(map(str, words))} ended with "
                      f"{done.returncode}: {done.stderr}")
    return done.stdout.strip()


class Node:
    """One `artel node start`."""

    def __init__(self, cluster, name, settings):
        self.name = name
        self.cluster = cluster
        self.directory = cluster.directory / name
        self.directory.mkdir()
        self.port = free_port()
        self.process = None
        self.starts = 0
        self.key = self.directory / "node.key"
        self.id = artel("key", "new", "--out", self.key)
        self.config = self.directory / "node.toml"
        self.write_config(settings)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def write_config(self, settings):
        sections = {
            "node": {
                "key": str(self.key),
                "name": self.name,
                "state": str(self.directory / "state"),
                "control": str(self.directory / "control"),
            },
            "network": {"name": "test", "root": self.cluster.root},
            "listen": {"addresses": [self.address]},
            "shutdown": {"drain": "5s"},
        }
        for section, keys in settings.items():
            sections.setdefault(section, {}).update(keys)
        lines = []
        for section, keys in sections.items():
            lines.append(f"[{section}]")
            lines += [f"{key} = {json.dumps(value)}"
                      for key, value in keys.items()]
        self.config.write_text("\n".join(lines) + "\n")

    def start(self):
        self.starts += 1
        log = open(self.directory / "log", "ab")
        self.process = subprocess.Popen(
            [ARTEL, "node", "start", "--config", self.config],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()

    def await_ready(self):
        wait_until(f"{self.name} to answer", self.describe)

    def describe(self):
        """What the node says of itself, or None where it does not answer."""
        if self.process is None or self.process.poll() is not None:
            raise Failure(f"{self.name} has ended; its log says:\n"
                          + self.log_tail())
        done = self.command("node", "describe", "-o", "json")
        return json.loads(done.stdout) if done.returncode == 0 else None

    def command(self, *words):
        return subprocess.run(
            [ARTEL, *words, "--control", self.directory / "control"],
            capture_output=True, text=True, timeout=60)

    def send(self, number):
        self.process.send_signal(number)

    def kill(self):
        """As the power goes: at once, and without a word."""
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=20):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failure(f"{self.name} did not end within {seconds} s of "
                          "SIGTERM:\n" + self.log_tail()) from None

    def log_tail(self, lines=15):
        text = (self.directory / "log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024


class Cluster:
    """A seed and some workers; a context, so that no process stays behind."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="artel-test-"))
        self.nodes = []
        self.root_key = root_key = self.directory / "root.key"
        self.config = config = self.directory / "network.json"
        certificate = self.directory / "seed.json"
        self.root = artel("key", "new", "--out", root_key)
        self.seed = self.add("seed", {})
        artel("network", "init", "--name", "test", "--root-key", root_key,
              "--out", config)
        artel("network", "add-seed", config, "--root-key", root_key, "--node",
              self.seed.id, "--address", self.seed.address,
              "--certificate-out", certificate)
        self.seed.write_config({
            "node": {"role": "seed"},
            "work": {"enabled": False},
            "network": {"config": str(config),
                        "seed_certificate": str(certificate)},
        })

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for node in self.nodes:
            if node.process is not None and node.process.poll() is None:
                node.process.kill()
                node.process.wait()
        if kind is None:
            shutil.rmtree(self.directory, ignore_errors=True)
        else:
            print(f"kept for a look: {self.directory}", file=sys.stderr)

    def add(self, name, settings):
        node = Node(self, name, settings)
        self.nodes.append(node)
        return node

    def add_workers(self, count, slots=1):
        return [
            self.add(f"worker-{number}", {
                "discovery": {"bootstrap": [self.seed.address]},
                "work": {"slots": slots},
            }) for number in range(1, count + 1)
        ]

    def start(self):
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            node.await_ready()

    def await_links(self, count):
        """Until the seed has as many links."""
        wait_until(f"{count} links of the seed", lambda: len(
            self.seed.describe()["peers"]) >= count)

    def run(self, *arguments, connect=None):
        """`artel job run`, joined to the seed, as a process that runs."""
        addresses = connect or [node.address for node in self.nodes]
        return subprocess.Popen(
            [ARTEL, "job", "run", *map(str, arguments), "--connect",
             ",".join(addresses), "--network", "test", "--network-root",
             self.root],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)


def chooser(default_seed=None):
    """The test's own random numbers, from a seed that a failure names."""
    seed = default_seed or random.SystemRandom().randrange(1 << 32)
    return seed, random.Random(seed)


def main(test):
    """Runs a test; a Failure becomes one line and exit code 1."""
    try:
        test()
    except Failure as problem:
        print(f"FAILED: {problem}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
