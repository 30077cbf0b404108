"""Redis away: UNAVAILABLE at once, nothing acknowledged is lost, back without a hand on it."""
import re
import time

import pytest
from machine import BUSY, patience, within
from rig import KEPT, free_port, wait_until


def test_killed_and_restarted(fresh, number):
    g = fresh(redis_options=KEPT)
    c = g.daemon.client()
    to = number()
    vid = c.do("OTP.SEND", to)
    code = g.smsc.sms(to=to).code
    g.redis.kill()
    wait_until(lambda: not g.daemon.ready(), what="not ready")
    for words in (["OTP.SEND", number()], ["OTP.VERIFY", vid, code], ["OTP.STATUS", vid], ["OTP.CANCEL", vid], ["OTP.RESEND", vid]):
        error = c.fails(*words)
        assert error.code == "UNAVAILABLE" and int(error.fields["retry_after"]) >= 1
    assert "redis: away" in g.daemon.get("/readyz")[1] and g.daemon.get("/healthz")[0] == 200 and c.do("PING") == "PONG"
    g.redis.start()
    wait_until(g.daemon.ready, 15, "ready")
    assert c.do("OTP.VERIFY", vid, code) == "OK"


@pytest.mark.parametrize("make", [{}, KEPT], ids=["everysec", "always"])
def test_killed_in_load(story, make):
    """With everysec, what was answered while an fsync was under way may be forgotten by the kill: that takes a busy machine."""
    s = story(redis_options=make)
    for _ in range(3):
        s.g.redis.kill()
        s.load.refused()
        s.g.redis.start()
        s.normal_within(10)
        s.load.more()
    may_forget = 100 if make != KEPT and patience(1) > BUSY else 0
    if may_forget:
        s.watch.codes.discard("UNKNOWNID")
    s.end(doubled=may_forget, forgotten=may_forget)


def test_paused_beyond_the_timeout(story, number):
    s = story()
    s.g.redis.pause()
    s.load.refused()
    start = time.monotonic()
    assert s.g.daemon.client().fails("OTP.SEND", number()).code == "UNAVAILABLE" and within(start, 2)
    wait_until(lambda: time.monotonic() - start > 5, what="a stall of 5 s, with clients that ask again")
    s.g.redis.resume()
    s.normal_within(5)
    s.end()


def test_functions_flushed_in_load(story):
    s = story()
    for _ in range(10):
        s.g.redis.cli("FUNCTION", "FLUSH")
        s.load.more(20)
    s.normal_within(5)
    s.end(refusals=())


def test_data_gone(story, number):
    """FLUSHALL: what was live is unknown, what comes is served, nothing is left behind without an end of its life."""
    s = story()
    g = s.g
    s.end(refusals=())
    old = next(iter(s.load.acknowledged.values()))
    g.redis.cli("FLUSHALL")
    c = g.daemon.client()
    assert c.fails("OTP.STATUS", old).code == "UNKNOWNID" and c.fails("OTP.VERIFY", old, "123456").code == "UNKNOWNID"
    to = number()
    vid = c.do("OTP.SEND", to)
    assert c.do("OTP.VERIFY", vid, g.smsc.sms(to=to).code) == "OK"
    r = g.redis.connection()
    assert [k for k in r.keys("*") if r.ttl(k) == -1 and not k.startswith(b"j")] == []


def test_data_gone_in_load(story):
    """What waited in the journal is gone with it: all that is acknowledged later is sent, and the load never notices."""
    s = story()
    s.g.redis.cli("FLUSHALL")
    s.load.more(s.load.batch)  # some were on their way
    before = set(s.load.acknowledged)
    s.load.more(200)
    s.normal_within(5)
    s.end(lost=len(before), forgotten=len(before), refusals=("UNKNOWNID",))
    assert set(s.load.acknowledged) - before <= {sms.to for sms in s.g.smsc.history()}


def test_wrong_password(fresh, number):
    g = fresh()
    c = g.daemon.client()
    g.redis.cli("CONFIG", "SET", "requirepass", "canarypw2")
    g.redis.cli("-a", "canarypw2", "CLIENT", "KILL", "TYPE", "normal")
    wait_until(lambda: not g.daemon.ready(), what="not ready")
    assert c.fails("OTP.SEND", number()).code == "UNAVAILABLE"
    wait_until(lambda: re.search("NOAUTH|WRONGPASS|auth", g.daemon.json()["redis"]["reason"]), what="the reason")
    g.redis.cli("-a", "canarypw2", "CONFIG", "SET", "requirepass", "")
    wait_until(g.daemon.ready, 15, "ready")
    assert c.do("OTP.SEND", number()) and "canarypw2" not in g.daemon.log()


def test_right_password_of_a_user(fresh, number):
    g = fresh()
    g.redis.cli("ACL", "SETUSER", "gw", "on", ">canarypw", "~*", "+@all")
    g.redis.cli("ACL", "SETUSER", "default", "off")
    g.daemon.run_with(replace=[('# user = "";', f'user = "gw"; password_file = "{g.daemon.path("pw")}";')])
    to = number()
    c = g.daemon.client()
    assert c.do("OTP.VERIFY", c.do("OTP.SEND", to), g.smsc.sms(to=to).code) == "OK"
    assert "canarypw" not in g.daemon.log()


def test_memory_full(fresh, number):
    """OOM with noeviction: refused as unavailable, and well again once there is room."""
    g = fresh()
    c = g.daemon.client()
    g.redis.cli("CONFIG", "SET", "maxmemory", "1")
    error = c.fails("OTP.SEND", number())
    assert error.code == "UNAVAILABLE" and "OOM" not in str(error)
    g.redis.cli("CONFIG", "SET", "maxmemory", "0")
    wait_until(lambda: isinstance(c.ask("OTP.SEND", number()), str), what="a SEND")


def test_absent_at_start(fresh, number):
    g = fresh()
    g.daemon.stop()
    g.redis.kill()
    g.daemon.start(bound=False)
    assert g.daemon.client().fails("OTP.SEND", number()).code == "UNAVAILABLE" and not g.daemon.ready()
    g.redis.start()
    wait_until(g.daemon.ready, 15, "ready")
    assert g.daemon.client().do("OTP.SEND", number())


@pytest.mark.single("one Redis on a port; a set is reached that way always")
def test_through_tcp(fresh, number):
    g = fresh()
    g.redis.cli("CONFIG", "SET", "bind", "127.0.0.1")
    port = str(free_port())
    assert g.redis.cli("CONFIG", "SET", "port", port) == "OK"
    g.daemon.run_with(replace=[(f'socket = "{g.redis.path}";', f'host = "127.0.0.1"; port = {port};')])
    to = number()
    c = g.daemon.client()
    assert c.do("OTP.VERIFY", c.do("OTP.SEND", to), g.smsc.sms(to=to).code) == "OK"


def test_a_mark_that_a_full_redis_refuses_is_sent_again(fresh, number):
    """The SMS went out once, and goes out no second time when Redis has room again."""
    g = fresh()
    g.smsc.restart("--receipts", "none", "--resp-delay-ms", "1500")
    wait_until(g.daemon.ready, what="the bind")
    client, to = g.daemon.client(), number()
    vid = client.do("OTP.SEND", to)
    g.smsc.sms(to=to)
    g.redis.cli("CONFIG", "SET", "maxmemory", "1")
    wait_until(lambda: g.daemon.metric("otpgwd_marks_pending") == 1 and g.daemon.step("accepted") == 1, 20, "the refused mark")
    g.redis.cli("CONFIG", "SET", "maxmemory", "0")
    client.settled(vid, "accepted", seconds=5)
    assert g.daemon.metric("otpgwd_marks_pending") == 0
    journals = g.redis.connection()
    assert not any(journals.zscore(j, vid[4:28]) for j in journals.keys("j{*"))
    assert [sms.to for sms in g.smsc.history()] == [to]
