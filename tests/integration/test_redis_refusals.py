"""Redis is there and refuses: replica, loading, busy, without its master, without replicas, disk full, rights taken away."""
import subprocess
import threading
import time

import pytest
from machine import within
from rig import free_port, wait_until

pytestmark = pytest.mark.single("the state of one server is turned by hand")

def replica(r, on):
    """Of nobody: what it holds stays."""
    r.cli("REPLICAOF", *(("127.0.0.1", str(free_port())) if on else ("NO", "ONE")))


def masterdown(r, on):
    r.cli("CONFIG", "SET", "replica-serve-stale-data", "no" if on else "yes")
    replica(r, on)


def noreplicas(r, on):
    r.cli("CONFIG", "SET", "min-replicas-to-write", "1" if on else "0")


def busy(r, on):
    """A script of somebody else that does not end."""
    if not on:
        assert r.cli("SCRIPT", "KILL") == "OK"
        return
    r.cli("CONFIG", "SET", "lua-time-limit", "50")
    threading.Thread(target=r.cli, args=("EVAL", "while true do end", "0"), daemon=True).start()
    wait_until(lambda: r.cli("PING").startswith("BUSY"), what="BUSY")


@pytest.mark.parametrize("turn", [replica, masterdown, noreplicas, busy])
def test_refuses_for_a_while(story, turn):
    s = story()
    for _ in range(2):
        turn(s.g.redis, True)
        s.load.refused(40)
        client = s.g.daemon.client()
        start = time.monotonic()
        assert client.fails("OTP.SEND", s.number()).code == "UNAVAILABLE"
        assert within(start, 1.5) and client.do("PING") == "PONG"
        turn(s.g.redis, False)
        s.normal_within(10)
        s.load.more()
    s.end()


def test_verification_goes_on_at_a_replica_made_master_again(story):
    """Codes that were sent before Redis refused writes are accepted after it."""
    s = story()
    client, to = s.g.daemon.client(), s.number()
    vid = client.do("OTP.SEND", to)
    code = s.g.smsc.sms(to=to).code
    replica(s.g.redis, True)
    assert client.fails("OTP.VERIFY", vid, code).code == "UNAVAILABLE"
    replica(s.g.redis, False)
    s.normal_within(10)
    assert client.do("OTP.VERIFY", vid, code) == "OK"
    s.end()


def test_loading(story):
    """Redis reads a long file after its restart: LOADING for two seconds, and nobody waits longer than that."""
    s = story(redis_options={"lines": ["key-load-delay 0", "loading-process-events-interval-bytes 1024"]})
    r = s.g.redis
    r.cli("DEBUG", "POPULATE", "20000", "filler", "100")
    r.cli("BGREWRITEAOF")
    wait_until(lambda: r.info("persistence")["aof_rewrite_in_progress"] == "0" and r.info("persistence")["aof_rewrite_scheduled"] == "0")
    r.kill()
    s.load.refused()
    r.argv[r.argv.index("--key-load-delay") + 1] = "50"
    r.launch()
    wait_until(lambda: "LOADING" in r.cli("DBSIZE"), what="LOADING")
    s.load.refused(20)
    assert not s.g.daemon.ready() and s.g.daemon.client().fails("OTP.SEND", s.number()).code == "UNAVAILABLE"
    assert "LOADING" in r.cli("DBSIZE"), "it was still loading"
    wait_until(lambda: "LOADING" not in r.cli("DBSIZE"), 30, "the end of loading")
    s.normal_within(10)
    s.end()


def no_more(size, pid):
    subprocess.run(["prlimit", "--pid", str(pid), f"--fsize={size}:unlimited"], check=True)


def test_disk_full(story):
    """The AOF cannot grow: MISCONF for every write, and well again when there is room."""
    s = story(redis_options={"under": ["sh", "-c", 'trap "" XFSZ; exec "$@"', "sh"]})
    for _ in range(2):
        no_more(4096, s.g.redis.proc.pid)
        s.load.refused(40)
        assert "MISCONF" in s.g.redis.cli("SET", "x", "y")
        no_more("unlimited", s.g.redis.proc.pid)
        s.normal_within(10)
        s.load.more()
    s.end()
    s.g.redis.cli("CONFIG", "SET", "appendfsync", "always")
    s.g.redis.restart()
    s.normal_within(10)
    assert not s.unknown(s.load.acknowledged.values()), "what was acknowledged is on the disk"


def test_disk_full_with_fsync_always(story):
    """Redis ends itself when it cannot keep its promise; all is well when it is started with room."""
    s = story(redis_options={"under": ["sh", "-c", 'trap "" XFSZ; exec "$@"', "sh"], "lines": ["appendfsync always"]})
    no_more(4096, s.g.redis.proc.pid)
    s.load.refused(20)
    wait_until(lambda: not s.g.redis.alive(), what="the end of Redis")
    s.g.redis.start()
    s.normal_within(10)
    s.end()


OF_A_USER = {"redis_options": {"lines": ["user gw on >canarypw ~* &* +@all"]},
             "replace": [('# user = "";', 'user = "gw"; password_file = "{folder}/pw";')]}
RIGHTS = {
    "no functions": (["-fcall"], ["+fcall"]),
    "no commands": (["-@all"], ["+@all"]),
    "no keys": (["resetkeys"], ["~*"]),
    "no writes": (["-set", "-zadd", "-setrange"], ["+set", "+zadd", "+setrange"]),
    "off": (["off"], ["on"]),
}


@pytest.mark.parametrize("rights", RIGHTS)
def test_rights_taken_away(story, rights):
    """The user of the daemon may no more, in load; then it may again."""
    s = story(**OF_A_USER)
    taken, given = RIGHTS[rights]
    for _ in range(2):
        assert s.g.redis.cli("ACL", "SETUSER", "gw", *taken) == "OK"
        if rights == "off":
            s.g.redis.cli("CLIENT", "KILL", "USER", "gw")
        s.load.refused(20)
        client = s.g.daemon.client()
        start = time.monotonic()
        assert client.fails("OTP.SEND", s.number()).code == "UNAVAILABLE" and within(start, 1.5)
        assert s.g.redis.cli("ACL", "SETUSER", "gw", *given) == "OK"
        s.normal_within(10)
        s.load.more()
    s.end()
    assert "canarypw" not in s.g.daemon.log()


def test_user_deleted(story):
    s = story(**OF_A_USER)
    assert s.g.redis.cli("ACL", "DELUSER", "gw") == "1"
    s.load.refused(20)
    wait_until(lambda: not s.g.daemon.ready(), what="not ready")
    s.g.redis.cli("ACL", "SETUSER", "gw", "on", ">canarypw", "~*", "&*", "+@all")
    s.normal_within(10)
    s.end()


def test_refusals_do_not_flood_the_log(story):
    """A line a second says it as well as a line a request."""
    s = story(**OF_A_USER)
    s.g.redis.cli("ACL", "SETUSER", "gw", "-fcall")
    start = time.monotonic()
    s.load.refused(1000, 30)
    s.g.redis.cli("ACL", "SETUSER", "gw", "+fcall")
    seconds = time.monotonic() - start
    s.normal_within(10)
    lines = s.g.daemon.log().count("<4>")
    assert 0 < lines <= 20 + 5 * seconds, f"{lines} lines in {seconds:.1f} s"
    s.end()
