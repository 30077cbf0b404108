"""What Redis may lose: found, shown, and asked for by redis.require; and answers that wait for a replica."""
import os
import subprocess
import time

import pytest
from load import Load
from machine import within
from proxy import Proxy
from redis_sets import DATA, Node
from rig import ROOT, free_port, wait_until

ACK = ('# ack = "local";', 'ack = "replica";')
MIN = {"lines": ["min-replicas-to-write 1", "min-replicas-max-lag 10"]}


def require(what):
    return '# require = "none";', f'require = "{what}";'


def durability(g):
    return g.daemon.json()["redis"]["durability"]


def shows(g, name, seconds=15):
    """In the status, in /readyz and as a metric."""
    wait_until(lambda: durability(g) == name, seconds, f"durability {name}")
    assert f"durability: {name}" in g.daemon.get("/readyz")[1]
    assert g.daemon.metric(f'otpgwd_redis_durability{{class="{name}"}}') == 1
    for other in {"none", "process", "power", "failover"} - {name}:
        assert g.daemon.metric(f'otpgwd_redis_durability{{class="{other}"}}') == 0


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    """Preloaded into redis-server: fsync is slow while a file is there."""
    path = str(tmp_path_factory.mktemp("shim") / "slow_fsync.so")
    source = os.path.join(ROOT, "tests/chaos/slow_fsync.c")
    subprocess.run(["cc", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", path, source, "-ldl"], check=True)
    return path


@pytest.fixture
def slow_disk(story, shim, tmp_path):
    """A story on a disk that is slow when the file of the second value exists."""
    def make(fsync, ms, **options):
        mark = tmp_path / "slow"
        env = {"LD_PRELOAD": shim, "SLOW_FSYNC_MS": str(ms), "SLOW_FSYNC_FILE": str(mark)}
        return story(redis="single", redis_options={"lines": [f"appendfsync {fsync}"], "env": env}, **options), mark

    return make


@pytest.mark.seconds(120)
def test_slow_fsync_is_seen(slow_disk):
    """everysec and a disk that does not keep up: the class falls to none, and rises again by itself."""
    s, mark = slow_disk("everysec", 3000)
    shows(s.g, "process")
    mark.touch()
    shows(s.g, "none", 30)
    assert "does not keep up" in s.g.daemon.json()["redis"]["warning"] and "does not keep up" in s.g.daemon.get("/readyz")[1]
    s.load.more()
    mark.unlink()
    shows(s.g, "process", 30)
    assert s.g.daemon.json()["redis"]["warning"] == ""
    s.normal_within(5)
    s.end(refusals=(), at_once=5)


@pytest.mark.seconds(120)
def test_killed_with_a_slow_fsync(slow_disk):
    """everysec: what a kill may lose was said before. Messages go out all the same, since the daemon holds them; twice only what
    was acknowledged on the slow disk, if Redis forgot that it went out."""
    s, mark = slow_disk("everysec", 3000)
    quick = len(s.load.acknowledged)
    mark.touch()
    shows(s.g, "none", 30)
    s.load.more(100)
    s.g.redis.kill()
    s.load.refused()
    mark.unlink()
    s.g.redis.start()
    s.normal_within(10)
    s.watch.codes.discard("UNKNOWNID")
    slow = len(s.load.acknowledged) - quick
    s.end(doubled=slow, forgotten=slow, at_once=5)


def test_killed_with_a_slow_fsync_always(slow_disk):
    """always: slower, and nothing acknowledged is lost."""
    s, mark = slow_disk("always", 100)
    shows(s.g, "power")
    mark.touch()
    s.load.more(60, 30)
    s.g.redis.kill()
    s.load.refused()
    mark.unlink()
    s.g.redis.start()
    s.normal_within(10)
    s.end(at_once=5)


def test_require_refuses_send_alone(fresh, number):
    """Below redis.require: SEND and RESEND are refused, VERIFY and STATUS go on, and all is served when Redis promises enough."""
    g = fresh(redis="single", purpose="waits_s = [0];")
    client, to, other = g.daemon.client(), number(), number()
    vid, kept = client.do("OTP.SEND", to), client.do("OTP.SEND", other)
    codes = {s.to: s.code for s in (g.smsc.sms(), g.smsc.sms())}
    g.daemon.write_conf(purpose="waits_s = [0];", replace=[require("power")])
    g.daemon.reload()
    submits = g.smsc.account()["submits"]
    for words in (["OTP.SEND", number()], ["OTP.SEND", other], ["OTP.RESEND", kept]):
        error = client.fails(*words)
        assert error.code == "UNAVAILABLE" and int(error.fields["retry_after"]) >= 1 and "redis.require" in str(error)
    assert client.do("OTP.VERIFY", vid, codes[to]) == "OK" and client.status(kept)["state"]
    assert g.daemon.get("/readyz")[0] == 503 and "below redis.require" in g.daemon.get("/readyz")[1]
    queue = g.daemon.json()["queue"]
    assert queue["taken"] == queue["reserved"] == 0, "what is refused holds no place"
    assert g.smsc.account()["submits"] == submits
    g.redis.cli("CONFIG", "SET", "appendfsync", "always")
    wait_until(g.daemon.ready, 5, "ready")
    assert client.do("OTP.SEND", number()) and client.do("OTP.VERIFY", kept, codes[other]) == "OK"
    g.redis.cli("CONFIG", "SET", "appendonly", "no")
    wait_until(lambda: not g.daemon.ready(), 5, "not ready")
    assert client.fails("OTP.SEND", number()).code == "UNAVAILABLE"
    g.daemon.write_conf(purpose="waits_s = [0];")
    g.daemon.reload()
    assert client.do("OTP.SEND", number())


def test_require_failover_needs_ack_replica(gw, tmp_path):
    with open(gw.daemon.path("conf")) as f:
        text = f.read()
    path = tmp_path / "conf"
    path.write_text(text.replace('# require = "none";', 'require = "failover";'))
    code, said = gw.daemon.check(str(path))
    assert code != 0 and "redis.ack" in said


def test_require_slow_fsync(slow_disk):
    """The disk falls behind: no SEND is acknowledged any more until it keeps up again."""
    s, mark = slow_disk("everysec", 3000, replace=[require("process")])
    mark.touch()
    s.load.refused(20, 30)
    assert "does not keep up" in s.g.daemon.get("/readyz")[1]
    mark.unlink()
    s.normal_within(20)
    s.end(at_once=5)


@pytest.mark.seconds(120)
def test_replicas_paused_and_dead(story):
    """ack=replica: when one of two hangs, the other is enough after a moment; with none an answer would promise too much, so it is
    UNAVAILABLE."""
    s = story(redis="sentinel", replace=[ACK])
    one, two = s.g.redis.replicas()
    shows(s.g, "power")
    one.pause()
    s.load.more(100)
    two.pause()
    s.load.refused()
    client = s.g.daemon.client()
    start = time.monotonic()
    assert client.fails("OTP.SEND", s.number()).code == "UNAVAILABLE"
    assert within(start, 1.5), "redis.ack_timeout_ms, or sooner"
    assert s.g.daemon.metric("otpgwd_redis_short_acks_total") > 0
    two.resume()
    s.normal_within(10)
    one.resume()
    for replica in (one, two):
        replica.kill()
    shows(s.g, "process")
    assert "no replica" in s.g.daemon.get("/readyz")[1]
    s.load.refused()
    s.g.redis.start()
    shows(s.g, "power")
    s.normal_within(10)
    s.end()


def test_class_failover(fresh, number):
    """ack=replica and min-replicas-to-write: what redis.require = failover asks for."""
    g = fresh(redis="sentinel", redis_options=MIN, replace=[ACK, require("failover")])
    shows(g, "failover")
    client = g.daemon.client()
    wait_until(lambda: isinstance(client.ask("OTP.SEND", number()), str), what="a SEND")
    g.redis.cli("CONFIG", "SET", "min-replicas-to-write", "0")
    shows(g, "power")
    assert client.fails("OTP.SEND", number()).code == "UNAVAILABLE" and not g.daemon.ready()
    g.redis.cli("CONFIG", "SET", "min-replicas-to-write", "1")
    shows(g, "failover")
    wait_until(lambda: isinstance(client.ask("OTP.SEND", number()), str), what="a SEND again")


def test_weakest_node_of_a_cluster(fresh):
    """One of three nodes keeps no file: that is the class."""
    g = fresh(redis="cluster")
    shows(g, "process")
    g.redis.nodes[1].cli("CONFIG", "SET", "appendonly", "no")
    shows(g, "none")
    g.redis.nodes[1].cli("CONFIG", "SET", "appendonly", "yes")
    shows(g, "process")


@pytest.mark.seconds(90)
def test_replica_far_away(fresh, number):
    """Requests of many clients wait for the same acknowledgements, not one behind the other: a few round trips each."""
    g = fresh(redis="single", replace=[ACK])
    port = free_port()
    assert g.redis.cli("CONFIG", "SET", "port", str(port)) == "OK"
    proxy, replica = Proxy(("127.0.0.1", port)), Node(g.dir, "replica", *DATA)
    replica.write(f"replicaof 127.0.0.1 {proxy.port}")
    replica.start()
    try:
        shows(g, "power")
        proxy.latency(25)
        loads = [Load(g, number, again=True, batch=5, pause=0) for _ in range(6)]
        start = time.monotonic()
        for load in loads:
            load.start()
        wait_until(lambda: sum(len(load.acknowledged) for load in loads) >= 600, 30, "600 acknowledged requests")
        assert within(start, 600 / 30 * 7 * 0.050), "thirty at a time, each in less than seven round trips"
        for load in loads:
            load.stop()
    finally:
        replica.close()
        proxy.close()
