"""Fixtures: one set of processes for a whole session (`gw`), and a fresh one for tests that break things (`fresh`)."""
import itertools
import os
import shutil
import sys
import tempfile

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rig import Daemon, Redis, Smsc  # noqa: E402

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
        self.daemon.run_with(**overrides)

    def close(self):
        for process in (self.daemon, *self.smscs.values(), self.redis):
            process.kill()
        self.smsc.phone.close()
        shutil.rmtree(self.dir, ignore_errors=True)


@pytest.fixture(scope="session")
def gw():
    g = Gateway()
    yield g
    g.close()


@pytest.fixture
def fresh():
    made = []

    def make(**options):
        made.append(Gateway(**options))
        return made[-1]

    yield make
    for g in made:
        g.close()


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
