"""Fixtures: one set of processes for a whole session (`gw`), and a fresh one for tests that break things (`fresh`)."""
import contextlib
import itertools
import os
import signal
import sys
import time

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from load import Story  # noqa: E402
from machine import within  # noqa: E402
from rig import Gateway  # noqa: E402

SECONDS = 60  # on an idle machine; a test may say otherwise: @pytest.mark.seconds(n)

serial = itertools.count(os.getpid() % 1000 * 10000)


def pytest_configure(config):
    config.addinivalue_line("markers", "seconds(n): the longest this test may take")
    config.addinivalue_line("markers", "single(reason): stands on one Redis, whatever OTPGWD_REDIS says")


def pytest_collection_modifyitems(items):
    """Tests that may take long begin first, dealt to the workers, so that none runs alone at the end: xdist gives each worker a
    chunk of the list at its start."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    if workers == 1:
        return
    chunk = max(len(items) // workers // 4, 2)
    marked = [(item, item.get_closest_marker("seconds")) for item in items]
    long = [item for item, _ in sorted((m for m in marked if m[1]), key=lambda m: -m[1].args[0])]
    rest = [item for item, marker in marked if not marker]
    items[:] = []
    for worker in range(workers):
        items += long[worker::workers]
        room = max(chunk * (worker + 1) - len(items), 0)
        items += rest[:room]
        rest = rest[room:]
    items += rest


@pytest.fixture(autouse=True)
def bounded(request):
    single = request.node.get_closest_marker("single")
    if single and os.environ.get("OTPGWD_REDIS", "single") != "single":
        pytest.skip(single.args[0])
    marker = request.node.get_closest_marker("seconds")
    seconds, start = marker.args[0] if marker else SECONDS, time.monotonic()

    def ring(*_):
        if not within(start, seconds):
            raise TimeoutError(f"the test took more than {time.monotonic() - start:.0f} s")
        signal.alarm(5)

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
    """A new Indonesian number at each call, so that limits per number never meet between tests.

    None that the simulator takes for a fault of the destination, unless the test asks for it by its tail.
    """
    def new(tail=""):
        room = 9 - len(tail) if tail else 8
        return next(to for to in (f"62812{n % 10**room:0{room}d}{tail}" for n in serial) if tail or to[-6:-3] != "999")

    return new


@pytest.fixture
def story(fresh, number):
    """A fresh gateway under load, which must survive what the test does to it."""
    with contextlib.ExitStack() as made:
        def make(load=None, **options):
            s = Story(fresh(**options), number, **(load or {}))
            made.callback(s.give_up)
            return s

        yield make
