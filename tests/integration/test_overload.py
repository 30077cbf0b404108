"""More than can be sent: what comes too late is refused at once, what is accepted is sent, and nobody crowds out another.

The telco's rate is the bound, so that capacity is known; or a Redis that is slow, with few commands at once.
"""
import asyncio
import contextlib
import json
import os
import random
import shutil
import subprocess
import threading
import time

import pytest
from machine import BUSY, patience
from rig import OTPGWD, Error, wait_until

FULL = os.environ.get("OTPGWD_FULL") == "1"
ASAN = "/asan/" in OTPGWD
CAPACITY = 300  # SMS a second
NOISE_MS = 10 if FULL else 100  # what a machine busy with other tests adds to the slowest of a hundred answers
STARVED = 4  # so many times slower, a machine is all that the time of an answer tells of
ROOT_ONLY = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
LIMITS = "sends_short = [255, 600]; sends_long = [255, 86400];"
BY_TELCO = {"smsc": f"rate = {CAPACITY}.0;", "purpose": LIMITS + " deadline_s = 2;", "log_level": "info"}
# At most 100 SENDs at once, each for 200 ms: 500 a second.
BY_REDIS = {"proxied": ["redis"], "receipts": "none", "purpose": LIMITS, "log_level": "info",
            "replace": [("# max_in_flight = 12288;", "max_in_flight = 800;")]}


class OpenLoop:
    """tests/bench/overload: each request has its moment, whatever became of those before it."""

    def __init__(self, g, connections, *phases, uid=None, first=50000000, daemon=None):
        program = os.path.join(g.dir, "overload")
        shutil.copy(os.path.join(os.path.dirname(OTPGWD), "tests/bench/overload"), program)
        who = {} if uid is None else {"user": uid, "group": uid, "extra_groups": []}
        self.begun = time.monotonic()
        self.proc = subprocess.Popen([program, (daemon or g.daemon).api, str(connections), str(first), *[f"{r}:{s}" for r, s in phases]],
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **who)

    def running(self):
        return self.proc.poll() is None

    def phases(self):
        out, err = self.proc.communicate()
        assert self.proc.returncode == 0, err
        result = json.loads(out)
        assert result["unanswered"] == 0 and not result["other"], result
        return result["phases"]

    def end(self):
        self.proc.kill()
        self.proc.communicate()


@contextlib.contextmanager
def flood(g, rate=3 * CAPACITY, connections=4, seconds=30, **options):
    """Refusals have begun; they go on to the end, or the test proved nothing."""
    loop = OpenLoop(g, connections, (rate, seconds), **options)
    daemon = options.get("daemon", g.daemon)
    try:
        wait_until(lambda: daemon.step("overloaded") > 50, 15, "refusals")
        yield loop
        before = daemon.step("overloaded")
        wait_until(lambda: daemon.step("overloaded") > before, 5, "refusals to the end")
        assert loop.running()
    finally:
        loop.end()


class Gauge(threading.Thread):
    """What the telco has accepted, and the memory, ten times a second."""

    def __init__(self, g, loop):
        super().__init__()
        self.g, self.loop, self.samples = g, loop, []

    def run(self):
        while self.loop.running():
            self.samples.append((time.monotonic() - self.loop.begun, self.g.daemon.step("accepted"), self.g.daemon.rss_kb()))
            time.sleep(0.1)

    def between(self, begin, end):
        return [s for s in self.samples if begin <= s[0] <= end]


def answers_stay_quick(before, during, after, slow):
    for part, least_ms in (("p50", 2), ("p99", NOISE_MS)):
        calm_ms, crowded_ms, then_ms = [phase[f"accepted_{part}_ms"] for phase in (before, during, after)]
        assert crowded_ms <= 3 * max(calm_ms, least_ms) * slow, (before, during)
        assert then_ms <= 3 * max(calm_ms, crowded_ms, least_ms) * slow or (part == "p99" and not FULL), (before, during, after)
    own_ms = before["accepted_p99_ms"] if FULL else NOISE_MS  # what the machine itself takes
    refused_ms = (5 + own_ms) * slow
    if slow > BUSY:  # answers keep the order of a connection: a refusal is no later than what is accepted before it
        refused_ms = max(refused_ms, during["accepted_p99_ms"])
    assert during["refused_p50_ms"] <= 5 * slow and during["refused_p99_ms"] <= refused_ms, (before, during)


@pytest.mark.seconds(120)
def test_twice_the_capacity(fresh):
    """Goodput stays, answers stay quick, refusals are at once, memory is bounded; it is over when the load is."""
    calm, crowded = (10, 60) if FULL else (3, 8)
    g = fresh(**BY_TELCO)
    loop = OpenLoop(g, 8, (0.8 * CAPACITY, calm), (2 * CAPACITY, crowded), (0.8 * CAPACITY, calm))
    gauge = Gauge(g, loop)
    gauge.start()
    gauge.join()
    before, during, after = loop.phases()
    first, *_, last = gauge.between(calm + 0.5, calm + crowded)
    goodput = (last[1] - first[1]) / (last[0] - first[0])
    slow = patience(1)
    assert goodput >= 0.9 * CAPACITY / slow, f"{goodput:.0f} a second"
    if slow < STARVED:
        answers_stay_quick(before, during, after, slow)
    assert before["refused"] == 0 and during["refused"] > 0.3 * during["offered"] and after["last_refused_s"] < 2 * slow, (during, after)
    if not ASAN:
        assert max(s[2] for s in gauge.between(calm, 999)) <= 1.1 * max(s[2] for s in gauge.between(1, calm)) * slow
    accepted = sum(p["accepted"] for p in (before, during, after))
    wait_until(lambda: g.daemon.json()["queue"]["taken"] == 0, what="an empty queue")
    account, late = g.smsc.account(), g.daemon.step("failed")
    assert account["accepted"] == accepted - late == len({s.to for s in g.smsc.history()}) and account["duplicates"] == 0
    assert late == 0 or patience(1) > BUSY, "what was accepted was too late"
    refused = g.daemon.json()["overload"]["refused"]
    assert sum(refused.values()) == during["refused"] + after["refused"] == g.daemon.step("overloaded")
    assert refused["share"] == g.daemon.metric('otpgwd_overloaded_total{kind="send",reason="share"}') > 0


def slow_redis(g):
    g.redis.proxy.latency(100)


@pytest.fixture(params=["telco", "redis"])
def bounded_by(request, fresh):
    """A gateway whose bound is the telco, or Redis."""
    def make(replace=()):
        options = dict(BY_TELCO if request.param == "telco" else BY_REDIS)
        g = fresh(**{**options, "replace": [*options.get("replace", ()), *replace]})
        if request.param == "redis":
            slow_redis(g)
        return g

    return make


def test_verification_goes_on(bounded_by, number):
    g = bounded_by()
    c = g.daemon.client()
    numbers = [number() for _ in range(100)]
    ids = dict(zip(numbers, c.many([("OTP.SEND", to) for to in numbers], batch=20)))
    wait_until(lambda: len(g.smsc.history()) == 100, what="codes")
    codes = {s.to: s.code for s in g.smsc.history()}
    took = []
    with flood(g):
        for to in numbers[:20]:
            start = time.monotonic()
            assert c.do("OTP.VERIFY", ids[to], codes[to]) == "OK"
            took.append(time.monotonic() - start)
        start = time.monotonic()
        assert c.many([("OTP.VERIFY", ids[to], codes[to]) for to in numbers[20:]]) == ["OK"] * 80
        took.append(time.monotonic() - start)
    assert max(took) < 0.8 or max(took) < patience(0.8), took


def serve_modestly(g, number, n=20):
    """One at a time, pausing: each is accepted, quickly, and sent; but to its two seconds a busy machine alone may come too late."""
    c = g.daemon.client()
    numbers = [number() for _ in range(n)]
    for to in numbers:
        reply = c.ask("OTP.SEND", to)
        assert not isinstance(reply, Error), f"{reply} {g.daemon.json()['overload']}"
        time.sleep(0.02)
    def late():
        return g.daemon.step("failed") > 0 and patience(1) > BUSY

    wait_until(lambda: {s.to for s in g.smsc.history()} >= set(numbers) or late(), what="the modest one's SMS")
    assert g.daemon.step("failed") == 0 or late()


@ROOT_ONLY
def test_a_flooding_tenant_leaves_room(bounded_by, number):
    g = bounded_by([('mode = "0660";', 'mode = "0666";'), ("tenants = (", 'tenants = ( { name = "flood"; uid = [4242]; },')])
    os.chmod(g.dir, 0o711)
    with flood(g, uid=4242):
        serve_modestly(g, number)
    refused = {t["name"]: t for t in g.daemon.json()["tenants"]}
    assert refused["flood"]["sends"] > 0 and refused["web"]["sends"] == 20


def test_a_flooding_connection_leaves_room(bounded_by, number):
    g = bounded_by()
    with flood(g, connections=1):
        serve_modestly(g, number)


def test_a_full_connection_alone_is_not_refused(fresh):
    """1,024 requests at once, as many as one connection may have unanswered: nobody else is there to leave room for."""
    g = fresh(log_level="info")
    c = g.daemon.client(30)
    refused = [str(r) for r in c.many([("OTP.SEND", f"62812{i:08d}") for i in range(1024)], batch=1024) if isinstance(r, Error)]
    assert g.daemon.metric('otpgwd_overloaded_total{reason="share"}') == 0, refused[:3]
    assert not refused or patience(1) > BUSY, refused[:3]


def test_what_another_instance_left_is_not_crowded_out(fresh, number):
    """One dies with messages that wait; the other is flooded, and sends them before their deadline all the same."""
    short = ("# store: { partitions = 256; lease_ms = 5000; write_version = 0; };", "store: { lease_ms = 1000; };")
    g = fresh(smsc="rate = 5.0;", purpose=LIMITS + " deadline_s = 8;", replace=[short], log_level="info")
    other = g.join("b", **{**BY_TELCO, "replace": [short]})
    numbers = [number() for _ in range(20)]
    with flood(g, daemon=other):
        replies = g.daemon.client().many([("OTP.SEND", to) for to in numbers])
        assert all(isinstance(r, str) for r in replies), replies
        g.daemon.kill()
        g.daemons.remove(g.daemon)
        wait_until(lambda: {s.to for s in g.smsc.history()} >= set(numbers), 12, "what the dead one owed")
        assert other.step("recovered") > 5
        assert other.step("failed") == 0 or patience(1) > BUSY, "what the flood was promised is too late"


def test_what_waited_too_long_is_refused(fresh, number):
    """Requests behind a full connection, in a stall: whoever sent them has given up, and Redis has enough to do."""
    g = fresh(replace=[("# max_pending = 1024;", "max_pending = 100;"), ("# command_timeout_ms = 1000;", "command_timeout_ms = 5000;")])
    c = g.daemon.client()
    c.do("OTP.SEND", number())
    g.redis.pause()
    c.raw(b"".join(c.pack("OTP.SEND", number()) for _ in range(150)))
    wait_until(lambda: g.daemon.json()["overload"]["send_in_flight"] == 100, what="a full connection")
    time.sleep(1.2)
    g.redis.resume()
    replies = [c.reply() for _ in range(150)]
    assert all(isinstance(r, str) for r in replies[:100]) and {str(r)[:24] for r in replies[100:]} == {"OVERLOADED retry_after=1"}
    assert g.daemon.metric('otpgwd_overloaded_total{reason="backlog"}') == 50
    assert c.do("OTP.SEND", number()) and g.daemon.json()["overload"]["send_in_flight"] == 0


class Retrier:
    """
    Clients of one request each, on a connection of its own; patient for a second, longer on a busy machine, then they ask again by
    REQID.
    """

    def __init__(self, g, rate, seconds):
        self.path, self.rate, self.seconds = g.daemon.api, rate, seconds
        self.patience = patience(1)
        self.took = {}    # when it was due -> until it was acknowledged
        self.first = {}   # when it was due -> whether the first try did it
        self.acknowledged = []

    async def ask(self, to):
        reader, writer = await asyncio.open_unix_connection(self.path)
        try:
            writer.write(f"OTP.SEND {to} REQID r{to}\r\n".encode())
            line = await reader.readline()
            return line.startswith(b"$")
        finally:
            writer.close()

    async def one(self, to, due):
        start = time.monotonic()
        for attempt in range(30):
            try:
                if await asyncio.wait_for(self.ask(to), self.patience):
                    self.acknowledged.append(to)
                    self.took[due], self.first[due] = time.monotonic() - start, attempt == 0
                    return
            except (OSError, asyncio.TimeoutError):
                pass
            await asyncio.sleep(0.5 + random.random())
        raise AssertionError(f"{to} was never acknowledged")

    async def all(self):
        begin, tasks = time.monotonic(), []
        for i in range(int(self.rate * self.seconds)):
            due = i / self.rate
            await asyncio.sleep(max(0, begin + due - time.monotonic()))
            tasks.append(asyncio.create_task(self.one(f"62812{i:08d}", due)))
        await asyncio.gather(*tasks)

    def slowest(self, part, begin, end):
        took = sorted(t for due, t in self.took.items() if begin <= due < end)
        return took[int(len(took) * part)]


@pytest.mark.seconds(120)
def test_redis_stalls_while_clients_retry(fresh):
    """Five seconds without Redis at 0.8 of the capacity: five seconds later every first try is answered as before."""
    before, stall, settle, after = 3, 5, 5, 3
    capacity = 150
    g = fresh(smsc=f"rate = {capacity}.0;", log_level="info", purpose=LIMITS + " deadline_s = 60;",
              replace=[("# max_clients = 1000;", "max_clients = 8000;"), ("# max_clients_per_uid = 500;", "max_clients_per_uid = 8000;")])
    clients = Retrier(g, 0.8 * capacity, before + stall + settle + after)
    run = threading.Thread(target=lambda: asyncio.run(clients.all()))
    begin = time.monotonic()
    run.start()
    time.sleep(before)
    g.redis.pause()
    time.sleep(max(0, begin + before + stall - time.monotonic()))
    g.redis.resume()
    run.join()
    normal = before + stall + settle
    tries = [first for due, first in clients.first.items() if due >= normal]
    assert len(clients.acknowledged) == int(clients.rate * clients.seconds), "each was acknowledged in the end"
    assert all(tries)
    for part, least in ((0.5, 0.01 if FULL else 0.05), (0.99, 3 * NOISE_MS / 1000)):
        assert clients.slowest(part, normal, 999) <= 3 * max(clients.slowest(part, 0, before - 0.5), least) * patience(1)
    wait_until(lambda: len({s.to for s in g.smsc.history()}) == len(clients.acknowledged), 40, "every SMS")
    assert len(g.smsc.history()) == len(clients.acknowledged), "nothing twice"
    assert g.daemon.step("failed") == 0
