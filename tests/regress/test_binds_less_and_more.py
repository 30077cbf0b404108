"""A bind that a reload gave up, and the next one wanted again before its last answer: it stayed bound and sent nothing for ever."""
import re

from rig import wait_until


def reload_with(daemon, binds):
    with open(daemon.path("conf")) as f:
        text = f.read()
    with open(daemon.path("conf"), "w") as f:
        f.write(re.sub(r"binds = \d;", f"binds = {binds};", text, count=1))
    daemon.reload()


def test_it_sends_again(fresh, number):
    g = fresh(smsc="binds = 2; window = 1; enquire_interval_ms = 60000;")
    g.smsc.restart("--resp-delay-ms", "2000")
    wait_until(lambda: g.daemon.json()["smscs"][0]["binds_bound"] == 2, what="two binds")
    c = g.daemon.client()
    c.many([("OTP.SEND", number()) for _ in range(2)])
    wait_until(lambda: g.daemon.json()["smscs"][0]["window_used"] == 2, what="one in flight on each")
    reload_with(g.daemon, 1)
    reload_with(g.daemon, 2)
    wait_until(lambda: g.daemon.json()["smscs"][0]["window_used"] == 0, what="both answered")
    c.many([("OTP.SEND", number()) for _ in range(2)])
    wait_until(lambda: [b["window_used"] for b in g.daemon.json()["smscs"][0]["binds"]] == [1, 1], what="one in flight on each")
    assert g.smsc.account()["binds"] == 2
