"""What the system does to the process: takes its processor, its clock, its descriptors, its locked memory, its log.

Each story ends with the four assertions of load.py.
"""
import contextlib
import fcntl
import mmap
import os
import struct
import threading
import time

import pytest
from load import Story
from rig import OTPGWD, wait_until
from test_reload import edit

HOUR = 3600
RECONNECTS = 'otpgwd_smpp_reconnects_total{smsc="main"}'
PRELOAD = os.path.join(os.environ.get("OTPGWD_BUILD", os.path.dirname(OTPGWD)), "tests/integration/wall_clock.so")


@pytest.fixture
def begin(fresh, number):
    """A gateway whose daemon `under(g)` starts, and then the load."""
    with contextlib.ExitStack() as made:
        def make(under, **options):
            g = fresh(**options)
            g.daemon.stop()
            g.daemon.under = under(g)
            g.daemon.start()
            s = Story(g, number)
            made.callback(s.give_up)
            return s

        yield make


# --- (5) a tenth of a processor ---

class Throttle(threading.Thread):
    """As a CPU quota does: stopped for nine tenths of each period, whatever it is about to do."""

    def __init__(self, daemon, run_ms=10, stop_ms=90):
        super().__init__(daemon=True)
        self.daemon_process, self.run_s, self.stop_s = daemon, run_ms / 1000, stop_ms / 1000
        self.done, self.periods = False, 0

    def run(self):
        while not self.done:
            self.daemon_process.pause()
            time.sleep(self.stop_s)
            self.daemon_process.resume()
            time.sleep(self.run_s)
            self.periods += 1

    def stop(self):
        self.done = True
        self.join(60)
        assert self.periods > 0 and not self.is_alive()


def test_a_tenth_of_a_processor(story):
    s = story()
    throttle = Throttle(s.g.daemon)
    throttle.start()
    wait_until(lambda: throttle.periods >= 50 or not s.load.is_alive(), 30, "five seconds of it")
    s.load.more(20)
    throttle.stop()
    s.normal_within(5)
    s.end(refusals=("OVERLOADED", "UNAVAILABLE"))
    assert s.g.daemon.metric(RECONNECTS) == 0, "the bind was kept"


# --- (6) the wall clock jumps ---

class Clock:
    def __init__(self, g):
        assert os.path.exists(PRELOAD), "make integration builds it"
        self.path = os.path.join(g.dir, "clock")
        with open(self.path, "wb") as f:
            f.write(bytes(8))
        with open(self.path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 8)
        asan = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        self.under = ["env", f"LD_PRELOAD={PRELOAD}", f"WALL_CLOCK={self.path}", f"ASAN_OPTIONS={asan}"]

    def set(self, seconds):
        self.map[:] = struct.pack("q", seconds)


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["forward", "back"])
def test_the_wall_clock_jumps(begin, number, jump):
    """Leases, deadlines, lives and verdicts are counted by other clocks: none of them moves."""
    clocks = []

    def under(g):
        clocks.append(Clock(g))
        return clocks[0].under

    s = begin(under)
    g, clock, r, c = s.g, clocks[0], s.g.redis.connection(), s.g.daemon.client()
    to = number()
    before = c.do("OTP.SEND", to)
    code = g.smsc.sms(to=to).code
    clock.set(jump)
    s.load.more(100)
    to = number()
    during, now = c.do("OTP.SEND", to), r.time()[0]
    journal = [score / 1000 for key in r.keys("j*") for _, score in r.zrange(key, 0, -1, withscores=True)]
    assert all(abs(score - now) < 60 for score in journal), "leases end as ever"
    told = c.status(during)
    assert abs(int(told["created_at"]) - now) < 60 and 0 < int(told["expires_at"]) - now <= 600, told
    wrong = "0" * len(code) if code[0] != "0" else "1" * len(code)
    assert c.fails("OTP.VERIFY", before, wrong).code == "INCORRECT"
    assert c.do("OTP.VERIFY", before, code) == "OK" and c.fails("OTP.VERIFY", before, code).code == "USED"
    assert c.do("OTP.VERIFY", during, g.smsc.sms(to=to).code) == "OK"
    clock.set(0)
    s.load.more(100)
    s.normal_within(5)
    s.end(refusals=("OVERLOADED",))
    assert g.daemon.step("expired") == 0 and g.daemon.step("lease_lost") == 0 and g.daemon.metric(RECONNECTS) == 0


def test_a_queue_outlives_a_jump(fresh, number):
    """What waits for an SMSC neither expires nor is sent twice."""
    g = fresh()
    clock = Clock(g)
    g.daemon.stop()
    g.daemon.under = clock.under
    g.daemon.start()
    g.smsc.stop()
    wait_until(lambda: not g.daemon.ready(), what="no bind")
    numbers = [number() for _ in range(50)]
    ids = dict(zip(numbers, g.daemon.client().many([("OTP.SEND", to) for to in numbers])))
    for jump in (HOUR, -HOUR, 0, HOUR):
        clock.set(jump)
        assert g.daemon.client().status(ids[numbers[0]])["state"] == "pending"
    g.smsc.start()
    wait_until(lambda: {s.to for s in g.smsc.history()} >= set(numbers), 20, "every SMS")
    wait_until(lambda: not g.redis.connection().keys("j*"), 20, "an empty journal")
    assert g.daemon.json()["smscs"][0]["since"] > time.time() + HOUR / 2, "the daemon's wall clock is an hour ahead"
    assert sorted(s.to for s in g.smsc.history()) == sorted(numbers), "each exactly once"


# --- (8) no descriptor is left ---

def test_reconnects_without_descriptors(begin):
    """A crowd holds all that clients may have: Redis, the SMSC and monitoring still get theirs."""
    s = begin(lambda g: ["prlimit", "--nofile=64:64"])
    g = s.g
    crowd = [g.daemon.client() for _ in range(100)]
    wait_until(lambda: g.daemon.metric('otpgwd_clients_refused_total{reason="descriptors"}') > 0, what="refusals")
    connects = g.daemon.metric("otpgwd_redis_connects_total")
    for _ in range(3):
        g.redis.cli("CLIENT", "KILL", "TYPE", "normal")
        g.smsc.drop()
        wait_until(lambda: g.daemon.metric("otpgwd_redis_connects_total") > connects and g.daemon.ready(), 10, "both back")
        connects = g.daemon.metric("otpgwd_redis_connects_total")
        s.load.more(20)
    for x in crowd:
        x.close()
    wait_until(lambda: g.daemon.json()["clients"] == 2, 5, "the crowd gone")
    s.normal_within(5)
    s.end(doubled=100 * 3)


# --- (9) no memory may be locked ---

@pytest.mark.skipif(b"__asan_init" in open(OTPGWD, "rb").read(), reason="the sanitizer locks nothing and says that it did")
def test_locked_memory(fresh):
    """Without any it does not start and says why; with what the manual tells it works."""
    g = fresh()
    g.daemon.stop()
    unprivileged = ["setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock"] if os.getuid() == 0 else []
    for limit in (0, 4096):
        g.daemon.under = [*unprivileged, "prlimit", f"--memlock={limit}:{limit}"]
        with pytest.raises(AssertionError, match="ended with 1"):
            g.daemon.start()
        assert "locked memory" in g.daemon.log() and "LimitMEMLOCK" in g.daemon.log() and "no key" not in g.daemon.log()
    g.daemon.expect = ["locked memory", "cannot start"]
    g.daemon.under = [*unprivileged, "prlimit", "--memlock=131072:131072"]
    g.daemon.start()
    assert g.daemon.client().do("PING") == "PONG"


# --- (10) nobody takes the log ---

class Sink:
    """Standard error of the daemon: a small pipe that is read only when the test does."""

    def __init__(self, g):
        path = os.path.join(g.dir, "sink")
        os.mkfifo(path)
        self.fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(self.fd, fcntl.F_SETPIPE_SZ, 4096)
        self.under = ["sh", "-c", 'exec "$@" 2> "$0"', path]

    def read(self):
        text = b""
        try:
            while data := os.read(self.fd, 65536):
                text += data
        except BlockingIOError:
            pass
        return text.decode()

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1


@pytest.fixture
def sunk(begin):
    """A story whose log goes into a Sink."""
    sinks = []

    def under(g):
        sinks.append(Sink(g))
        return sinks[0].under

    s = begin(under)
    yield s, sinks[0]
    sinks[0].close()


def chatter(g):
    """Each client that comes and goes is two lines at level debug."""
    for _ in range(200):
        g.daemon.client().close()


def dropped(g):
    return g.daemon.metric("otpgwd_log_dropped_total")


def test_nobody_reads_the_log(sunk):
    """A full pipe: no request waits for it, what is not written is counted, and it goes on when it is read again."""
    s, sink = sunk
    chatter(s.g)
    assert dropped(s.g) > 100
    s.load.more(100)
    s.normal_within(5)
    s.end(refusals=("OVERLOADED",))
    kept = sink.read()
    assert kept.startswith("<") and all(line.startswith("<") for line in kept.splitlines()), "whole lines only"
    clients = []

    def whole_again():
        """A pipe of one page takes one line until it is read: what goes on at the end of the load may be a second."""
        sink.read()
        before = dropped(s.g)
        clients.append(s.g.daemon.client())
        clients[-1].do("PING")
        return "client connected" in sink.read() and dropped(s.g) == before

    wait_until(whole_again, what="a log without gaps")


def test_the_log_is_closed(sunk):
    """A pipe whose reader is gone is no reason to die."""
    s, sink = sunk
    sink.close()
    before = dropped(s.g)
    chatter(s.g)
    s.load.more(100)
    assert dropped(s.g) > before + 100
    s.normal_within(5)
    s.end(refusals=("OVERLOADED",))


def test_no_standard_error_at_all(fresh, number):
    """Closed by whoever started it: no socket of a client or of Redis takes its place, and the log goes nowhere."""
    g = fresh()
    g.daemon.stop()
    g.daemon.under = ["sh", "-c", 'exec "$@" 0<&- 1>&- 2>&-', "sh"]
    g.daemon.start()
    assert [os.readlink(f"/proc/{g.daemon.proc.pid}/fd/{fd}") for fd in (0, 1, 2)] == ["/dev/null"] * 3
    to = number()
    c = g.daemon.client()
    assert c.do("OTP.VERIFY", c.do("OTP.SEND", to), g.smsc.sms(to=to).code) == "OK"


# --- (11) a bad configuration ---

def test_bad_reloads_in_load(story):
    s = story()
    s.g.daemon.expect = ["<3>app: "]
    good = ("default_lang = \"id\";", "default_lang = \"xx\";")
    edit(s.g.daemon, good)
    for _ in range(5):
        s.load.more(20)
        s.g.daemon.reload(good=False)
    edit(s.g.daemon, good[::-1])
    s.g.daemon.reload()
    s.load.more(20)
    s.normal_within(5)
    s.end(refusals=())
