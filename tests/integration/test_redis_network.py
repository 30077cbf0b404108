"""The way to Redis is bad: slow, cut in mid-reply, in single octets, or a hole that swallows everything."""
import re
import time

import pytest
from machine import within

pytestmark = pytest.mark.single("the daemon reaches the one Redis through the fault proxy")


@pytest.fixture
def far(story):
    return story(proxied=["redis"])


@pytest.mark.parametrize("ms,jitter_ms", [(25, 10), (250, 100)])
def test_latency_with_jitter(far, ms, jitter_ms):
    """A round trip of +50 or +500 ms: everything is served, later."""
    proxy = far.g.redis.proxy
    proxy.latency(ms, jitter_ms)
    far.load.more(200, 30)
    assert far.watch.slowest >= 2 * ms / 1000, "the latency is real"
    proxy.heal()
    far.normal_within(5)
    far.end(refusals=())


def test_latency_beyond_the_timeout(story):
    """A round trip that takes longer than a command may: refused, and no request is doubled by its late execution."""
    far = story(proxied=["redis"], replace=[("# command_timeout_ms = 1000;", "command_timeout_ms = 1000;")])
    proxy = far.g.redis.proxy
    for _ in range(2):
        proxy.latency(600, 200)
        far.load.refused(20)
        proxy.heal()
        far.normal_within(10)
        far.load.more()
    far.end()


def test_black_hole(far, number):
    """What was swallowed comes out when the hole heals, after its client was told UNAVAILABLE: nothing goes out twice."""
    proxy = far.g.redis.proxy
    for _ in range(2):
        proxy.black_hole()
        far.load.refused(20)
        c = far.g.daemon.client()
        start = time.monotonic()
        assert c.fails("OTP.SEND", number()).code == "UNAVAILABLE"
        assert within(start, 0.5), "known to be away: no waiting"
        assert c.do("PING") == "PONG" and not far.g.daemon.ready()
        proxy.heal()
        far.normal_within(10)
        far.load.more()
    far.end()


def test_reset_in_mid_reply(far):
    """At each octet of a reply's beginning, and deep inside of one."""
    proxy = far.g.redis.proxy
    for at in (*range(1, 12), 50, 333, 1000, 5000):
        done = proxy.resets
        proxy.reset(at)
        far.load.more(20)
        assert proxy.resets == done + 1 or at >= 1000
    proxy.heal()
    far.normal_within(10)
    far.end()


def test_reset_in_mid_request(far):
    """Half a pipeline reached Redis: what was done there and not answered is found by REQID, and is not done twice."""
    proxy = far.g.redis.proxy
    for at in (1, 7, 100, 777, 1500, 4321, 9999):
        proxy.reset(at, "request")
        far.load.more(20)
    assert proxy.resets >= 6
    proxy.heal()
    far.normal_within(10)
    far.end()


def test_single_octets(story):
    """Both ways, so that every parser meets every boundary."""
    far = story(proxied=["redis"], load={"batch": 4},
                replace=[("# command_timeout_ms = 1000;", "command_timeout_ms = 10000;")])
    far.g.redis.proxy.pieces(1)
    far.load.more(60, 40)
    far.g.redis.proxy.heal()
    far.normal_within(10)
    far.end(refusals=(), at_once=10)


def peak_kib(g):
    """The most address space that the daemon ever asked for."""
    with open(f"/proc/{g.daemon.proc.pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmPeak:"))


@pytest.mark.parametrize("lie,kind", [
    pytest.param(b"*2147483647\r\n", "elements", id="array"), pytest.param(b"*3\r\n*1000000\r\n", "elements", id="inner-array"),
    pytest.param(b"$2147483647\r\n", "octets", id="string"), pytest.param(b"+" + b"endless" * 100000, "octets", id="endless-line"),
    pytest.param(b"*1\r\n" * 1000, "depth", id="nested")])
def test_replies_without_measure(far, lie, kind):
    """What is announced is refused before memory is asked for, in the greeting too; clients and monitoring are answered meanwhile."""
    proxy, daemon = far.g.redis.proxy, far.g.daemon
    peak = peak_kib(far.g)
    proxy.lying(lie)
    far.load.refused(20)
    c = daemon.client()
    lies = proxy.lies
    while proxy.lies < lies + 3:
        assert c.do("PING") == "PONG" and not daemon.ready()
    assert daemon.metric(f'otpgwd_redis_replies_refused_total{{kind="{kind}"}}') >= 3
    assert re.search("reply too large", daemon.json()["redis"]["reason"])
    assert peak_kib(far.g) - peak < 64 * 1024
    proxy.heal()
    far.normal_within(10)
    far.load.more()
    far.end()


def test_reset_again_and_again(far):
    """The proxy drops the connection 20 times in load: it is opened again each time."""
    for _ in range(20):
        far.g.redis.proxy.drop()
        far.load.more(10)
    far.normal_within(10)
    far.end()
