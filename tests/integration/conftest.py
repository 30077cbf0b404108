"""Fixtures: one set of processes for a whole session (`gw`), and a fresh one for tests that break things (`fresh`)."""
import contextlib
import itertools
import os
import shutil
import signal
import sys
import tempfile

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rig import Daemon, Redis, Smsc  # noqa: E402

SECONDS = 60  # a test may say otherwise: @pytest.mark.seconds(n)

serial = itertools.count(os.getpid() % 1000 * 10000)


class Gateway:
    """A running set: redis, smsc, daemon."""

    def __init__(self, receipts="both", smscs=1, **overrides):
        self.dir = tempfile.mkdtemp(prefix="otpgwd-test.")
        self.redis = Redis(self.dir)
        self.redis.start()
        names = ["main", "second"][:smscs]
        self.smscs = {n: Smsc(self.dir, n, "--receipts", receipts) for n in names}
        for s in self.smscs.values():
            s.start()
        self.smsc = self.smscs["main"]
        self.daemon = Daemon(self.dir, self.redis, self.smscs)
        try:
            self.daemon.run_with(**overrides)
        except BaseException:
            self.kill()
            raise

    def kill(self):
        for process in (self.daemon, *self.smscs.values(), self.redis):
            process.kill()
        for smsc in self.smscs.values():
            smsc.phone.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def close(self):
        """The daemon ends by itself, with 0 and without a complaint in its log."""
        try:
            was_up = self.daemon.alive()
            code = self.daemon.stop(40)
            complaints = self.daemon.complaints()
            assert not complaints, "\n".join(complaints[:20])
            assert not was_up or code == 0, f"the daemon ended with {code}: {self.daemon.tail()}"
        finally:
            self.kill()


def pytest_configure(config):
    config.addinivalue_line("markers", "seconds(n): the longest this test may take")


@pytest.fixture(autouse=True)
def bounded(request):
    marker = request.node.get_closest_marker("seconds")
    seconds = marker.args[0] if marker else SECONDS

    def ring(*_):
        raise TimeoutError(f"the test took more than {seconds} s")

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    yield
    signal.alarm(0)


@pytest.fixture(scope="session")
def gw():
    g = Gateway()
    yield g
    g.close()


@pytest.fixture
def fresh():
    with contextlib.ExitStack() as made:
        def make(**options):
            g = Gateway(**options)
            made.callback(g.close)
            return g

        yield make


@pytest.fixture
def client(gw):
    c = gw.daemon.client()
    yield c
    c.close()


@pytest.fixture
def number():
    """A new Indonesian number at each call, so that limits per number never meet between tests."""
    def new(tail=""):
        room = 9 - len(tail) if tail else 8
        return f"62812{next(serial) % 10**room:0{room}d}{tail}"

    return new
