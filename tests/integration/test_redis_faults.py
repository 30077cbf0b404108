"""Redis away: UNAVAILABLE at once, nothing acknowledged is lost, back without help."""
from rig import Error, wait_until


def test_killed_and_restarted(fresh, number):
    g = fresh()
    c = g.daemon.client()
    to = number()
    vid = c.do("OTP.SEND", to)
    code = g.smsc.sms(to=to).code
    g.redis.kill()
    error = c.fails("OTP.SEND", number())
    assert error.code == "UNAVAILABLE" and int(error.fields["retry_after"]) >= 1
    assert g.daemon.get("/readyz")[0] == 503 and c.do("PING") == "PONG"
    g.redis.start()
    wait_until(lambda: g.daemon.get("/readyz")[0] == 200, 15, "ready")
    assert c.do("OTP.VERIFY", vid, code) == "OK"


def test_paused(fresh, number):
    g = fresh()
    c = g.daemon.client()
    g.redis.pause()
    assert c.fails("OTP.SEND", number()).code == "UNAVAILABLE"
    g.redis.resume()
    wait_until(lambda: not isinstance(c.ask("OTP.SEND", number()), Error), 15, "a SEND")


def test_killed_in_load(fresh, number):
    g = fresh()
    c = g.daemon.client()
    sent = set()
    for i in range(400):
        to = number()
        if not isinstance(c.ask("OTP.SEND", to), Error):
            sent.add(to)
        if i == 150:
            g.redis.restart()
    seen = set()
    wait_until(lambda: seen.update(s.to for s in g.smsc.all_sms()) or sent <= seen, 20, "every acknowledged SMS")


def test_eviction_policy_is_warned_of(fresh):
    g = fresh()
    g.redis.cli("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    g.daemon.stop()
    g.daemon.start()
    assert "noeviction" in g.daemon.get("/readyz")[1] + g.daemon.log()
