"""SIGHUP: a good file counts at once, a bad one is refused whole and told, what is fixed stays."""
import os
import signal

import pytest
from rig import wait_until


def edit(daemon, *pairs):
    with open(daemon.path("conf")) as f:
        text = f.read()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    with open(daemon.path("conf"), "w") as f:
        f.write(text)


def english(g, number):
    to = number()
    g.daemon.client().do("OTP.SEND", to, "LANG", "en")
    return g.smsc.sms(to=to).text


def test_good_file_counts(fresh, number):
    g = fresh()
    c = g.daemon.client()
    edit(g.daemon, ("your code is", "the code is"), ('purposes = (', 'purposes = ( { name = "news"; template = "otp"; brand = "News"; },'))
    g.daemon.reload()
    assert "the code is" in english(g, number)
    to = number()
    assert c.do("OTP.SEND", to, "PURPOSE", "news") and g.smsc.sms(to=to).text.startswith("News: "), "an old connection too"


def test_rates_and_limits_follow(fresh, number):
    g = fresh()
    c = g.daemon.client()
    edit(g.daemon, ("sends_short = [255, 600]", "sends_short = [1, 600]"))
    g.daemon.reload()
    to = number()
    c.do("OTP.SEND", to)
    assert c.fails("OTP.SEND", to, "SUBJECT", "b").fields["scope"] == "number"
    edit(g.daemon, ("# rate = 0.0;", "rate = 1.0; burst = 1.0;"))
    g.daemon.reload()
    scopes = {r.fields["scope"] for r in c.many([("OTP.SEND", number()) for _ in range(5)]) if not isinstance(r, str)}
    assert scopes == {"tenant"}


def test_old_codes_live_on(fresh, number):
    """A reload between SEND and VERIFY; a key is added and becomes the current one."""
    g = fresh()
    c = g.daemon.client()
    to = number()
    vid = c.do("OTP.SEND", to)
    code = g.smsc.sms(to=to).code
    g.daemon.run("--genkey", g.daemon.path("code-2.key"))
    g.daemon.stop()
    edit(g.daemon, ("{ kid = 1;", f'{{ kid = 2; file = "{g.daemon.path("code-2.key")}"; }}, {{ kid = 1;'), ("current = 1;", "current = 2;"))
    g.daemon.start()
    c = g.daemon.client()
    new_to = number()
    new = c.do("OTP.SEND", new_to)
    g.daemon.reload()
    assert c.do("OTP.VERIFY", vid, code) == "OK" and c.do("OTP.VERIFY", new, g.smsc.sms(to=new_to).code) == "OK"


@pytest.mark.parametrize("pairs, told", [
    ([('default_lang = "id";', 'default_lang = "xx";')], "default_lang"),
    ([("# drain_s = 25;", "nosuch = 1;")], "nosuch"),
    ([("templates = (", "templates = = (")], "syntax"),
    ([("current = 1;", "current = 7;")], "keys.current"),
], ids=["value", "unknown key", "syntax", "key"])
def test_bad_file_is_refused_whole(fresh, number, pairs, told):
    g = fresh()
    g.daemon.expect = ["<3>app: "]
    c = g.daemon.client()
    edit(g.daemon, ("your code is", "the code is"), *pairs)
    g.daemon.reload(good=False)
    assert told in g.daemon.log() and "the former configuration" in g.daemon.log() + g.daemon.get("/readyz")[1]
    assert "your code is" in english(g, number) and c.do("PING") == "PONG"
    code, page = g.daemon.get("/readyz")
    assert code == 200 and "the last reload was refused" in page and g.daemon.json()["reload_refused"] is True
    edit(g.daemon, *[(new, old) for old, new in pairs])
    g.daemon.reload()
    assert "the code is" in english(g, number) and g.daemon.json()["reload_refused"] is False


@pytest.mark.parametrize("pair, told", [
    (('instance = "a";', 'instance = "b";'), "instance"),
    (("# store: { partitions = 256;", "store: { partitions = 128;"), "store.partitions"),
    (("api.sock", "other.sock"), "api.socket"),
    pytest.param(("redis.sock", "other.sock"), "redis.socket", marks=pytest.mark.single("a set has no socket")),
], ids=lambda v: v if isinstance(v, str) else None)
def test_what_is_fixed_needs_a_restart(fresh, number, pair, told):
    g = fresh()
    g.daemon.expect = ["<3>app: "]
    edit(g.daemon, ("your code is", "the code is"), pair)
    g.daemon.reload(good=False)
    refusal = [line for line in g.daemon.log().splitlines() if "reload refused" in line]
    assert any(t in refusal[0] for t in told.split("|")) and "restart" in refusal[0]
    assert "your code is" in english(g, number)


def test_the_service_manager_is_told(fresh):
    g = fresh()
    g.daemon.reload()
    g.daemon.signal(signal.SIGHUP)
    g.daemon.await_state("RELOADING=1")
    g.daemon.await_state("READY=1")


def test_reloads_in_load(fresh, number):
    g = fresh()
    c = g.daemon.client()
    for _ in range(10):
        c.raw(b"".join(c.pack("OTP.SEND", number()) for _ in range(20)))
        g.daemon.reload()
        assert all(isinstance(c.reply(), str) for _ in range(20))


@pytest.mark.single("it is paused")
def test_a_tenant_goes_while_its_requests_wait_for_redis(fresh, number):
    """Its connections are closed; what they had asked comes to its end all the same."""
    g = fresh()
    c = g.daemon.client()
    to = number()
    c.do("OTP.SEND", to)
    g.redis.pause()
    c.send("OTP.SEND", number(), "REPLY", "FULL")
    c.send("OTP.SEND", to, "REQID", "again")
    wait_until(lambda: g.daemon.json()["overload"]["send_in_flight"] == 2, what="two on their way")
    edit(g.daemon, (f"uid = [{os.getuid()}]", "uid = [4242424]"))
    g.daemon.reload()
    g.redis.resume()
    wait_until(lambda: g.daemon.json()["overload"]["send_in_flight"] == 0, what="none on its way")
    wait_until(lambda: g.daemon.json()["queue"]["taken"] == 0, what="the queue")
    with pytest.raises(EOFError):
        c.reply()


def test_a_number_without_a_route_any_more(fresh, number):
    """What waits for its SMSC fails at once, what is in flight when it is refused; other numbers go on."""
    g = fresh()
    c = g.daemon.client()
    g.smsc.restart("--resp-delay-ms", "3000")
    wait_until(lambda: g.daemon.json()["smscs"][0]["bound"], what="bound")
    flies = c.do("OTP.SEND", number("9992008"))  # 0x08: it would be tried once more
    wait_until(lambda: g.daemon.json()["queue"]["in_flight"] == 1, what="in flight")
    edit(g.daemon, ('{ prefix = "";', '{ prefix = "6285";'))
    g.daemon.reload()
    states = lambda vid: tuple(c.status(vid)[key] for key in ("delivery", "reason"))
    wait_until(lambda: states(flies) == ("failed", "no_route"), 20, "its answer")
    assert c.fails("OTP.SEND", number()).fields["reason"] == "no_route"
    edit(g.daemon, ('{ prefix = "6285";', '{ prefix = "";'))
    g.daemon.reload()
    g.smsc.stop()
    wait_until(lambda: not g.daemon.json()["smscs"][0]["bound"], what="gone")
    waits, stays = c.do("OTP.SEND", number()), c.do("OTP.SEND", "62851" + number()[5:])
    edit(g.daemon, ('{ prefix = "";', '{ prefix = "6285";'))
    g.daemon.reload()
    wait_until(lambda: states(waits) == ("failed", "no_route"), what="it fails")
    assert c.status(stays)["delivery"] == "queued" and g.daemon.json()["queue"]["taken"] == 1
    g.smsc.start()
    c.settled(stays, "accepted", "delivered")
