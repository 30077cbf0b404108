"""Sentinel names the master: found by name, followed at a failover, and with ack=replica nothing acknowledged is lost by it."""
import time

import pytest
from rig import wait_until

REPLICA = [('# ack = "local";', 'ack = "replica";')]
WRITE_MIN = {"lines": ["min-replicas-to-write 1", "min-replicas-max-lag 10"]}


@pytest.fixture
def watched(story):
    def make(**options):
        return story(redis="sentinel", **options)

    return make


def test_failover_ordered(watched):
    """SENTINEL FAILOVER in load, and back again."""
    s = watched(replace=REPLICA)
    for _ in range(2):
        s.g.redis.failover()
        s.normal_within(15)
        s.load.more()
        s.g.redis.await_replicas(1)
    s.end()


@pytest.mark.seconds(120)
def test_master_killed(watched):
    """kill -9 of the master: lost 0 with ack=replica. The dead one comes back as a replica, and then its successor dies."""
    s = watched(replace=REPLICA, redis_options=WRITE_MIN)
    for _ in range(2):
        dead = s.g.redis.kill_master()
        s.load.refused()
        s.g.redis.await_failover(dead)
        s.normal_within(15)
        s.load.more()
        s.g.redis.start()
    s.end()


def test_master_paused(watched):
    """It hangs, is replaced, and wakes as a master that nobody follows: the daemon must not go back to it."""
    s = watched(replace=REPLICA, redis_options=WRITE_MIN)
    old = s.g.redis.master
    old.pause()
    s.load.refused()
    s.g.redis.await_failover(old)
    s.normal_within(15)
    old.resume()
    s.load.more(100)
    wait_until(lambda: old.info("replication")["role"] == "slave", 30, "the old master to follow")
    s.normal_within(15)
    s.end()


def test_sentinels_come_and_go(watched):
    """Two of three dead: the known master is used on. One back, the others dead: a failover is followed when they agree again."""
    s = watched()
    first, second, third = s.g.redis.sentinels
    first.kill()
    second.kill()
    s.load.more()
    s.g.daemon.stop()
    s.g.daemon.start()
    s.normal_within(10)
    third.kill()
    s.normal_within(5)


def test_started_without_sentinels(fresh, number):
    g = fresh(redis="sentinel")
    g.daemon.stop()
    for sentinel in g.redis.sentinels:
        sentinel.kill()
    g.daemon.start(bound=False)
    client = g.daemon.client()
    assert client.fails("OTP.SEND", number()).code == "UNAVAILABLE" and not g.daemon.ready()
    for sentinel in g.redis.sentinels:
        sentinel.start()
    wait_until(g.daemon.ready, 15, "ready")
    assert client.do("OTP.SEND", number())


def test_unknown_name(fresh, number):
    """Sentinels that do not know the master: away, and it is said why."""
    g = fresh(redis="sentinel")
    g.daemon.stop()
    g.daemon.write_conf(replace=[('master = "mymaster";', 'master = "another";')])
    g.daemon.start(bound=False)
    assert g.daemon.client().fails("OTP.SEND", number()).code == "UNAVAILABLE" and not g.daemon.ready()
    assert "no master name=" in g.daemon.log()
    assert warnings_while(g, 20) <= 8


def warnings_while(g, tries):
    """Warnings per 10 s begun, until so many Sentinels more were left for the next one; each kind may come once, and again after 10 s."""
    start, begin = time.monotonic(), len(g.daemon.log())
    wait_until(lambda: g.daemon.log()[begin:].count('reason="asking another"') >= tries, 60, "Sentinels asked")
    lines = [line for line in g.daemon.log()[begin:].splitlines() if line.startswith("<4>")]
    return len(lines) / (1 + (time.monotonic() - start) // 10)


def test_a_master_that_is_away_is_told_now_and_then(fresh):
    """Nobody takes its place: it is tried on, and the log says so once, then every 10 s."""
    g = fresh(redis="sentinel")
    for sentinel in g.redis.sentinels[1:]:
        sentinel.kill()
    g.redis.master.kill()
    wait_until(lambda: not g.daemon.ready() and "away address" in g.daemon.log(), what="the master away")
    first = [line for line in g.daemon.log().splitlines() if line.startswith("<4>") and "away address" in line]
    assert first, "the first is a warning"
    assert warnings_while(g, 12) <= 6
    assert g.daemon.log().count("away address") > 20, "the others are there for who looks"


def test_ack_local_may_lose_what_the_class_says(watched):
    """ack=local: the class shown before the failover is not `failover`."""
    s = watched()
    assert s.g.daemon.json()["redis"]["durability"] == "process"
    s.end(refusals=())
