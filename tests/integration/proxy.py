"""A fault proxy: between the daemon and Redis, or the daemon and an SMSC; TCP or a Unix socket on either side.

It runs in a thread of the test. Faults are set while connections live, and `heal` takes all of them back. Octets are never
dropped or reordered in a connection that goes on: a black hole holds them, as a network does, and lets them go when it ends.
"""
import asyncio
import contextlib
import os
import random
import socket
import struct
import threading
import time


class Link:
    """One connection: the near side is the client's, the far side the server's."""

    def __init__(self, near):
        self.near, self.far = near, None
        self.lied_to = False
        self.passed = {"request": 0, "reply": 0}
        self.tasks = []


class Proxy:
    """`to` is a path or (host, port); `listen` a path, or nothing for a free port of loopback (`port`)."""

    def __init__(self, to, listen=None, seed=1):
        self.to, self.random = to, random.Random(seed)
        self.links, self.accepted, self.resets = set(), 0, 0
        self.latency_s = self.jitter_s = 0.0
        self.piece = 0
        self.reset_at = {}  # direction -> [octet, how many more times]
        self.lie, self.lies = b"", 0
        self.loop = asyncio.new_event_loop()
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.listener = socket.socket(socket.AF_UNIX if listen else socket.AF_INET)
        self.listener.bind(listen or ("127.0.0.1", 0))
        self.path = listen
        self.port = 0 if listen else self.listener.getsockname()[1]
        self.listener.listen(64)
        self.listener.setblocking(False)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    # What a test sets

    def latency(self, ms, jitter_ms=0):
        """Each way: every octet is late by ms, and by up to jitter_ms more."""
        self.latency_s, self.jitter_s = ms / 1000, jitter_ms / 1000

    def pieces(self, size=1):
        """Each way: at most `size` octets at once, each written by itself."""
        self.piece = size

    def reset(self, at, direction="reply", times=1):
        """`at` octets from now pass in this direction of a connection, then it is reset; `times` connections share the fate."""
        def arm():
            for link in self.links:
                link.passed[direction] = 0
            self.reset_at[direction] = [at, times]

        self.call(arm)

    def lying(self, octets):
        """The server's next octets on each connection, and all that follow them, are these instead: once, then silence."""
        self.call(lambda: setattr(self, "lie", octets))

    def black_hole(self):
        """Connections are accepted and stay; nothing passes, either way."""
        self.call(self.flowing.clear)

    def heal(self):
        def all_back():
            self.latency_s = self.jitter_s = 0.0
            self.piece = 0
            self.lie = b""
            self.reset_at.clear()
            self.flowing.set()

        self.call(all_back)

    def drop(self):
        """All connections end by a reset."""
        self.call(lambda: [self.end(link, reset=True) for link in list(self.links)])

    def close(self):
        if self.thread.is_alive():
            self.drop()
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join(60)
        self.listener.close()
        if self.path:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)

    # Its thread

    def call(self, change):
        done = threading.Event()
        self.loop.call_soon_threadsafe(lambda: (change(), done.set()))
        assert done.wait(10), "the proxy does not answer"

    def run(self):
        task = self.loop.create_task(self.accept())
        self.loop.run_forever()
        for task in (task, *asyncio.all_tasks(self.loop)):
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*asyncio.all_tasks(self.loop), return_exceptions=True))
        self.loop.close()

    async def accept(self):
        while True:
            near, _ = await self.loop.sock_accept(self.listener)
            self.accepted += 1
            link = Link(self.plain(near))
            self.links.add(link)
            link.tasks.append(self.loop.create_task(self.serve(link)))

    @staticmethod
    def plain(sock):
        sock.setblocking(False)
        if sock.family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    async def serve(self, link):
        link.far = self.plain(socket.socket(socket.AF_UNIX if isinstance(self.to, str) else socket.AF_INET))
        try:
            await self.loop.sock_connect(link.far, self.to)
        except OSError:
            self.end(link, reset=True)
            return
        ways = [self.loop.create_task(self.carry(link, "request", link.near, link.far)),
                self.loop.create_task(self.carry(link, "reply", link.far, link.near))]
        link.tasks += ways
        await asyncio.wait(ways)
        self.end(link)

    def end(self, link, reset=False):
        """A Unix socket knows no RST: its peer sees one when octets of its own were not read yet, else the end."""
        self.links.discard(link)
        for sock in (link.near, link.far):
            if sock is None or sock.fileno() < 0:
                continue
            for forget in (self.loop.remove_reader, self.loop.remove_writer):
                forget(sock.fileno())
            if reset and sock.family == socket.AF_INET:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
        running = asyncio.current_task(self.loop)
        for task in link.tasks:
            if task is not running:
                task.cancel()

    async def carry(self, link, direction, source, sink):
        """Reads at once and writes when due: latency costs no throughput."""
        queue = asyncio.Queue(256)
        writer = self.loop.create_task(self.write(link, direction, sink, queue))
        link.tasks.append(writer)
        try:
            while True:
                await self.flowing.wait()
                data = await self.loop.sock_recv(source, 65536)
                late = self.latency_s + self.random.random() * self.jitter_s
                await queue.put((time.monotonic() + late, data))
                if not data:
                    break
        except OSError:
            await queue.put((0, b""))
        await writer

    async def write(self, link, direction, sink, queue):
        while True:
            due, data = await queue.get()
            if due > time.monotonic():
                await asyncio.sleep(due - time.monotonic())
            await self.flowing.wait()
            try:
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                await self.pour(link, direction, sink, data)
            except OSError:
                self.end(link)
            if link not in self.links:
                return

    async def pour(self, link, direction, sink, data):
        if link.lied_to and direction == "reply":
            return
        if self.lie and direction == "reply":
            data, link.lied_to = self.lie, True
            self.lies += 1
        while data:
            await self.flowing.wait()
            size = self.piece or len(data)
            reset = self.reset_at.get(direction)
            if reset:
                size = min(size, reset[0] - link.passed[direction])
            await self.loop.sock_sendall(sink, data[:size])
            link.passed[direction] += size
            data = data[size:]
            if reset and link.passed[direction] >= reset[0]:
                self.fate(link, direction, reset)
                return
            if self.piece:
                await asyncio.sleep(0)

    def fate(self, link, direction, reset):
        self.resets += 1
        reset[1] -= 1
        if reset[1] <= 0:
            self.reset_at.pop(direction, None)
        self.end(link, reset=True)
