"""Every allocation fails once: the daemon says so and goes on, or does not start; it never crashes and never hangs."""
import socket
import time

import pytest
from rig import Error, wait_until
from walk import FULL, Fault, steps

pytestmark = pytest.mark.seconds(3600 if FULL else 120)
RUNS = (1, 3, 40)


@pytest.fixture
def set_up(fresh):
    g = fresh(purpose="waits_s = [0]; resends = 8; sends_short = [255, 600]; sends_long = [255, 86400];",
              replace=[("# equal_window_s = 10;", "equal_window_s = 0;"),
                       ('name = "main"; host = "127.0.0.1"', 'name = "main"; host = "localhost"')])
    g.fault = Fault(g.dir)
    g.daemon.stop()
    g.daemon.expect = ["<3>"]
    g.daemon.under = g.fault.under()
    g.daemon.start()
    yield g
    g.fault.disarm()


def await_it(g, pred, what, seconds=20):
    """As wait_until, and tells what the daemon said meanwhile; its end is told by assert_alive."""
    try:
        wait_until(lambda: pred() or not g.daemon.alive(), seconds, what)
    except AssertionError as late:
        raise AssertionError(f"{late}: {g.daemon.tail()}\n{g.fault.trace()}") from None


def ask(g, *words):
    """The reply, or None: the connection was closed without one."""
    try:
        c = g.daemon.client()
    except ConnectionError:
        return None
    try:
        return c.ask(*words)
    except TimeoutError:
        raise AssertionError(f"{words[0]} got no answer: {g.fault.trace()}") from None
    except (EOFError, ConnectionError):
        return None
    finally:
        c.close()


def until_ok(g, *words, seconds=15):
    """Asked again, as a client with a REQID does, until it is done."""
    def done():
        reply = ask(g, *words)
        assert_alive(g, words[0])
        return None if isinstance(reply, Error) else reply

    return wait_until(done, seconds, words[0])


class Life:
    """What a client does; each step is walked by itself, with every allocation failing in its turn."""

    def __init__(self, g, number):
        self.g, self.number = g, number
        self.acknowledged = {}
        self.serial = 0

    def reqid(self):
        self.serial += 1
        return f"r{self.serial}"

    def sent(self):
        """A number, an id and the code that came: with memory, as ever."""
        to = self.number()
        vid = until_ok(self.g, "OTP.SEND", to, "REQID", self.reqid())
        return vid, self.g.smsc.sms(to=to, seconds=20).code

    def send(self):
        to, reqid = self.number(), self.reqid()

        def under_fault():
            reply = ask(self.g, "OTP.SEND", to, "REQID", reqid)
            if isinstance(reply, str):
                self.acknowledged[to] = reply

        def after():
            vid = until_ok(self.g, "OTP.SEND", to, "REQID", reqid)
            assert self.acknowledged.setdefault(to, vid) == vid, "one REQID, one verification"

        return under_fault, after

    def verify(self):
        vid, code = self.sent()
        words = ("OTP.VERIFY", vid, code, "REQID", self.reqid())
        return lambda: ask(self.g, *words), lambda: until_ok(self.g, *words)

    def status(self):
        vid, _ = self.sent()
        return lambda: ask(self.g, "OTP.STATUS", vid), lambda: until_ok(self.g, "OTP.STATUS", vid)

    def resend(self):
        vid, _ = self.sent()
        words = ("OTP.RESEND", vid, "REQID", self.reqid())
        return lambda: ask(self.g, *words), lambda: until_ok(self.g, *words)

    def cancel(self):
        vid, _ = self.sent()

        def ended():
            reply = ask(self.g, "OTP.CANCEL", vid)
            return reply == "OK" or isinstance(reply, Error) and reply.code == "CANCELLED"

        return lambda: ask(self.g, "OTP.CANCEL", vid), lambda: wait_until(ended, what="cancelled")

    def reload(self):
        def turns():
            return self.g.daemon.log().count("<6>app: reloaded") + self.g.daemon.log().count("reload refused err")

        def under_fault():
            before = turns()
            self.g.daemon.signal(1)
            await_it(self.g, lambda: turns() > before, "the reload")

        def after():
            self.sent()  # by the configuration that is in force, refused or not
            self.g.daemon.reload()

        return under_fault, after

    def again(self, cut, line):
        """A connection is cut and comes back: told by a line of the log."""
        def under_fault():
            before = self.g.daemon.log().count(line)

            def back():
                return self.g.daemon.log().count(line) > before

            cut()
            end = time.monotonic() + 1
            # Each try may meet one failure, and waits longer than the last: after a second there is memory again.
            await_it(self.g, lambda: back() or time.monotonic() > end, line)
            self.g.fault.disarm()
            await_it(self.g, back, line)

        return under_fault, lambda: await_it(self.g, self.g.daemon.ready, "ready")

    def redis_reconnect(self):
        return self.again(lambda: self.g.redis.cli("CLIENT", "KILL", "TYPE", "normal"), "redis: up")

    def smsc_reconnect(self):
        return self.again(self.g.smsc.drop, "new=bound")

    def scrape(self):
        def under_fault():
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(10)
                s.connect(self.g.daemon.stats)
                try:
                    s.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
                    while s.recv(65536):
                        pass
                except ConnectionError:
                    pass

        return under_fault, lambda: self.g.daemon.metric("otpgwd_redis_up") == 1


def count_of(g, make):
    """How many allocations a step takes."""
    under_fault, after = make()
    g.fault.arm(1 << 60)
    under_fault()
    g.fault.settle()
    seen = g.fault.seen
    g.fault.disarm()
    after()
    return seen


def assert_alive(g, where):
    assert g.daemon.alive(), f"{where}: ended with {g.daemon.proc.returncode}: {g.daemon.tail()}\n{g.fault.trace()}"


@pytest.mark.parametrize("step", ["send", "verify", "status", "resend", "cancel", "reload", "redis_reconnect", "smsc_reconnect", "scrape"])
def test_life(set_up, number, step):
    """The process lives, the step is done when there is memory again, and nothing acknowledged is lost."""
    g, life = set_up, Life(set_up, number)
    make = getattr(life, step)
    count = sorted(count_of(g, make) for _ in range(3))[1]
    failed = 0
    for run in RUNS:
        missed = 0
        for n in steps(count, 7 if "reconnect" in step else 12):
            under_fault, after = make()
            await_it(g, g.daemon.ready, "ready")
            g.fault.arm(n, run)
            under_fault()
            g.fault.settle()
            met = g.fault.disarm()
            assert_alive(g, f"n={n} run={run}")
            after()
            failed += met
            missed = 0 if met else missed + 1
            if missed == 3:
                break  # the step makes fewer than were counted
    print(f"{step}: {count} allocations, {failed} failed")
    assert failed >= 12, "the walk met few allocations: it does not walk the step any more"
    wait_until(lambda: life.acknowledged.keys() <= {s.to for s in g.smsc.history()}, 30, "every acknowledged SMS")
    wait_until(lambda: not g.redis.connection().keys("j*"), 30, "an empty journal")
    vid, code = life.sent()
    assert until_ok(g, "OTP.VERIFY", vid, code) == "OK"


@pytest.mark.parametrize("run", [1, 1 << 40], ids=["one", "all"])
def test_start(set_up, number, run):
    """It ends with 1 and says why, or it works."""
    g = set_up
    d = g.daemon
    d.stop()
    g.fault.arm(1 << 60)
    d.start()
    count, ends = g.fault.seen, 0
    for n in steps(count, 40):
        d.stop()
        open(d.log_path, "w").close()
        g.fault.arm(n, run)
        try:
            d.start(bound=False)
        except AssertionError:
            assert not d.alive(), f"n={n} hangs: {g.fault.trace()}"
        g.fault.disarm()
        if not d.alive():
            told = "<3>" in d.log() or "otpgwd: " in d.log()
            assert d.proc.returncode == 1 and told, f"n={n}: ended with {d.proc.returncode}: {d.tail()}\n{g.fault.trace()}"
            ends += 1
            continue
        vid, code = Life(g, number).sent()
        assert until_ok(g, "OTP.VERIFY", vid, code) == "OK"
        assert d.stop() == 0
    print(f"start: {count} allocations, {ends} ended it")
    assert ends > 5
