"""Redis away: UNAVAILABLE at once, nothing acknowledged is lost, back without a hand on it."""
import re
import threading
import time

import pytest
from rig import Error, free_port, wait_until


class Load(threading.Thread):
    """SENDs without a pause until stopped: what was acknowledged, and what was refused."""

    def __init__(self, g, number):
        super().__init__(daemon=True)
        self.client, self.number = g.daemon.client(), number
        self.acknowledged, self.errors, self.done = {}, [], False

    def run(self):
        while not self.done:
            numbers = [self.number() for _ in range(20)]
            for to, reply in zip(numbers, self.client.many([("OTP.SEND", to) for to in numbers])):
                if isinstance(reply, Error):
                    self.errors.append(reply)
                else:
                    self.acknowledged[to] = reply
            time.sleep(0.02)

    def more(self, n=50):
        want = len(self.acknowledged) + n
        wait_until(lambda: len(self.acknowledged) >= want, 20, "acknowledged requests")

    def stop(self):
        self.done = True
        self.join(20)
        assert not self.is_alive()


@pytest.fixture
def loaded(fresh, number):
    def make(**options):
        g = fresh(**options)
        load = Load(g, number)
        load.start()
        load.more()
        return g, load

    return make


def all_sent(g, load, seconds=20):
    wait_until(lambda: set(load.acknowledged) <= {s.to for s in g.smsc.history()}, seconds, "an SMS for each acknowledged request")


def test_killed_and_restarted(fresh, number):
    g = fresh()
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


def test_killed_in_load(loaded):
    g, load = loaded()
    pid = g.daemon.proc.pid
    for _ in range(3):
        refused = len(load.errors)
        g.redis.kill()
        wait_until(lambda: len(load.errors) > refused, what="a refusal")
        g.redis.start()
        load.more()
    load.stop()
    assert {e.code for e in load.errors} == {"UNAVAILABLE"}
    all_sent(g, load)
    assert g.daemon.proc.pid == pid and g.daemon.alive()


def test_paused_beyond_the_timeout(loaded, number):
    g, load = loaded()
    g.redis.pause()
    wait_until(lambda: load.errors, what="a refusal")
    start = time.monotonic()
    assert g.daemon.client().fails("OTP.SEND", number()).code == "UNAVAILABLE" and time.monotonic() - start < 2
    g.redis.resume()
    load.more()
    load.stop()
    assert {e.code for e in load.errors} == {"UNAVAILABLE"}
    all_sent(g, load)


def test_scripts_flushed_in_load(loaded):
    g, load = loaded()
    for _ in range(10):
        g.redis.cli("SCRIPT", "FLUSH")
        load.more(20)
    load.stop()
    assert load.errors == []
    all_sent(g, load)


def test_data_gone(loaded, number):
    """FLUSHALL: what was live is unknown, what comes is served, nothing is left behind without an end of its life."""
    g, load = loaded()
    load.stop()
    all_sent(g, load)
    old = next(iter(load.acknowledged.values()))
    g.redis.cli("FLUSHALL")
    c = g.daemon.client()
    assert c.fails("OTP.STATUS", old).code == "UNKNOWNID" and c.fails("OTP.VERIFY", old, "123456").code == "UNKNOWNID"
    to = number()
    vid = c.do("OTP.SEND", to)
    assert c.do("OTP.VERIFY", vid, g.smsc.sms(to=to).code) == "OK"
    r = g.redis.connection()
    assert [k for k in r.keys("*") if r.ttl(k) == -1 and not k.startswith(b"j")] == []


def test_data_gone_in_load(loaded):
    g, load = loaded()
    g.redis.cli("FLUSHALL")
    load.more()
    load.stop()
    assert load.errors == []


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
    wait_until(lambda: client.status(vid)["delivery"] == "accepted", 5, "the mark")
    assert g.daemon.metric("otpgwd_marks_pending") == 0
    journals = g.redis.connection()
    assert not any(journals.zscore(j, vid[4:28]) for j in journals.keys("j{*"))
    assert [sms.to for sms in g.smsc.history()] == [to]
