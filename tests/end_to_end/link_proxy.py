#!/usr/bin/env python3
"""A TCP proxy that makes a good link a bad one: late, stalling, breaking off.

Prints "listening on HOST:PORT" for each --listen, in their order, then passes on
what comes. SIGUSR1 cuts it off: nothing passes, and who dials is refused. SIGUSR2
lets it pass again. SIGTERM ends it, and tells what was done to the links.
"""

import argparse
import asyncio
import random
import signal
import socket
import struct
import sys

CHUNK_BYTES = 64 << 10
# What may be under way in one direction; beyond, nothing more is read.
UNDER_WAY_BYTES = 1 << 20


class Proxy:
    def __init__(self, given):
        self.given = given
        self.random = random.Random(given.seed)
        self.counts = {"links": 0, "resets": 0, "stalls": 0, "refused": 0}
        self.joined = asyncio.Event()
        self.joined.set()
        self.routes = []
        self.tasks = set()
        self.passed = 0
        # When so many bytes have passed, all links are reset.
        self.resets = sorted(given.reset_after)
        self.enough = asyncio.Event()

    def on_passed(self, size):
        self.passed += size
        if self.resets and self.passed >= self.resets[0]:
            self.resets.pop(0)
            self.enough.set()
            self.enough = asyncio.Event()

    async def serve(self):
        for listen, to in zip(self.given.listen, self.given.to, strict=True):
            host, port = split_address(listen)
            route = Route(self, host, port, split_address(to))
            await route.open()
            self.routes.append(route)
            print(f"listening on {host}:{route.port}", flush=True)

    async def cut_off(self):
        self.joined.clear()
        for route in self.routes:
            await route.close()

    async def rejoin(self):
        for route in self.routes:
            await route.open()
        self.joined.set()

    def keep(self, task):
        """Tasks that nobody holds may be collected while they run."""
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


class Route:
    """One address that is listened on, and where it leads."""

    def __init__(self, proxy, host, port, to):
        self.proxy = proxy
        self.host = host
        self.port = port
        self.to = to
        self.server = None

    async def open(self):
        if self.server is not None:
            return
        self.server = await asyncio.start_server(self.on_link, self.host,
                                                 self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def close(self):
        if self.server is None:
            return
        self.server.close()
        self.server = None

    async def on_link(self, reader, writer):
        proxy = self.proxy
        try:
            far_reader, far_writer = await asyncio.wait_for(
                asyncio.open_connection(*self.to), 5)
        except (OSError, asyncio.TimeoutError):
            proxy.counts["refused"] += 1
            break_off(writer)
            return
        proxy.counts["links"] += 1
        tasks = [asyncio.create_task(one) for one in (
            pass_on(proxy, reader, far_writer),
            pass_on(proxy, far_reader, writer), await_reset(proxy))]
        for writer_of_one in (writer, far_writer):
            set_no_delay(writer_of_one)
        end = break_off
        try:
            if await both_ended(tasks):
                end = asyncio.StreamWriter.close
        except asyncio.CancelledError:
            # The proxy ends.
            pass
        for one in tasks:
            one.cancel()
        end(writer)
        end(far_writer)
        await asyncio.gather(*tasks, return_exceptions=True)


async def both_ended(tasks):
    """False where something went wrong, or the link is to be reset."""
    *directions, reset = tasks
    while not reset.done() and not all(one.done() for one in directions):
        if any(one.done() and one.exception() for one in directions):
            return False
        await asyncio.wait([one for one in tasks if not one.done()],
                           return_when=asyncio.FIRST_COMPLETED)
    return not reset.done() and not any(one.exception() for one in directions)


async def await_reset(proxy):
    """Ends when the link is to be reset."""
    enough = asyncio.create_task(proxy.enough.wait())
    try:
        while True:
            await asyncio.wait([enough], timeout=1)
            if not enough.done():
                await proxy.joined.wait()
            if (enough.done()
                    or proxy.random.random() < proxy.given.reset_per_second):
                proxy.counts["resets"] += 1
                return
    finally:
        enough.cancel()


async def pass_on(proxy, reader, writer):
    """One direction: reads ahead, and delivers each chunk late."""
    chunks = asyncio.Queue(UNDER_WAY_BYTES // CHUNK_BYTES)
    loop = asyncio.get_running_loop()
    delay = proxy.given.delay_ms / 1000

    async def take():
        while True:
            try:
                data = await reader.read(CHUNK_BYTES)
            except OSError:
                data = None
            await chunks.put((loop.time() + delay, data))
            if not data:
                return

    taker = asyncio.create_task(take())
    proxy.keep(taker)
    try:
        while True:
            when, data = await chunks.get()
            if data is None:
                raise ConnectionResetError
            await asyncio.sleep(max(0, when - loop.time()))
            if proxy.random.random() < proxy.given.stall_probability:
                proxy.counts["stalls"] += 1
                await asyncio.sleep(proxy.given.stall_ms / 1000)
            await proxy.joined.wait()
            if not data:
                writer.write_eof()
                return
            writer.write(data)
            await writer.drain()
            proxy.on_passed(len(data))
    finally:
        taker.cancel()


def set_no_delay(writer):
    link = writer.get_extra_info("socket")
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def break_off(writer):
    """With a reset, not in order: as a network does."""
    link = writer.get_extra_info("socket")
    if link is not None and link.fileno() >= 0:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))
    writer.transport.abort()


def split_address(text):
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listen", action="append", required=True,
                        metavar="HOST:PORT", help="may be given several times")
    parser.add_argument("--to", action="append", required=True,
                        metavar="HOST:PORT", help="one for each --listen")
    parser.add_argument("--delay-ms", type=float, default=20)
    parser.add_argument("--stall-probability", type=float, default=0,
                        help="of a chunk: what follows it waits too")
    parser.add_argument("--stall-ms", type=float, default=300)
    parser.add_argument("--reset-per-second", type=float, default=0,
                        help="how likely a link is reset within a second")
    parser.add_argument("--reset-after", type=int, action="append",
                        default=[], metavar="BYTES",
                        help="all links, when so many bytes have passed; may be"
                        " given several times")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if len(given.listen) != len(given.to):
        parser.error("as many --to as --listen")
    return given


async def run(given):
    proxy = Proxy(given)
    await proxy.serve()
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for name, do in ((signal.SIGUSR1, proxy.cut_off),
                     (signal.SIGUSR2, proxy.rejoin)):
        loop.add_signal_handler(
            name, lambda do=do: proxy.keep(loop.create_task(do())))
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, ended.set)
    await ended.wait()
    told = ", ".join(f"{count} {what}" for what, count in proxy.counts.items())
    print(told, file=sys.stderr, flush=True)


if __name__ == "__main__":
    asyncio.run(run(parse()))
