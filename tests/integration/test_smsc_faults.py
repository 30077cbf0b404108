"""A telco that refuses, throttles, is silent, or dies: each acknowledged request is sent or reported failed, with no restart."""
import time

import pytest
from rig import wait_until


@pytest.mark.parametrize("tail", ["999305", "999302", "999303"])
def test_passing_trouble_is_overcome(gw, client, number, tail):
    """Throttled once; a response twice; a response that answers nothing first."""
    to = number(tail)
    vid = client.do("OTP.SEND", to)
    client.settled(vid, "accepted", "delivered")
    assert client.do("OTP.VERIFY", vid, gw.smsc.sms(to=to).code) == "OK"


def test_dropped_unanswered_goes_out_again(fresh, number):
    """Nobody knows whether it was taken: the same code once more, and the status says so."""
    g = fresh()
    c = g.daemon.client()
    to = number("999307")
    vid = c.do("OTP.SEND", to)
    assert c.settled(vid, "accepted", "delivered")["possible_duplicate"] == "1"
    codes = {s.code for s in g.smsc.history() if s.to == to}
    assert len(codes) == 1 and c.do("OTP.VERIFY", vid, codes.pop()) == "OK"


def test_dropped_unanswered_may_fail_instead(fresh, number):
    g = fresh(replace=[('# ambiguous = "resend_once";', 'ambiguous = "fail";')])
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number("999307"))
    status = c.settled(vid, "unknown", "failed")
    assert g.smsc.account()["submits"] == 1, status


def test_no_response_at_all(fresh, number):
    g = fresh(smsc="response_timeout_ms = 1000;")
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number("999300"))
    status = c.settled(vid, "unknown", "failed")
    assert status["possible_duplicate"] == "1" and g.smsc.account()["submits"] == 2
    assert c.settled(c.do("OTP.SEND", number()), "accepted", "delivered")


def test_killed_and_restarted_in_load(fresh, number):
    g = fresh()
    c = g.daemon.client()
    sent = {}
    for i in range(12):
        if i == 4:
            g.smsc.kill()
        if i == 8:
            g.smsc.start()
        numbers = [number() for _ in range(50)]
        sent.update(zip(numbers, c.many([("OTP.SEND", to) for to in numbers])))
    final = {to: c.settled(vid, "accepted", "delivered", "failed") for to, vid in sent.items()}
    assert {s.to for s in g.smsc.history()} == {to for to, s in final.items() if s["delivery"] != "failed"} == set(sent)
    texts = [(s.to, s.code) for s in g.smsc.history()]
    doubled = {to for to, _ in texts if texts.count((to, dict(texts)[to])) > 1}
    assert doubled <= {to for to, s in final.items() if s["possible_duplicate"] == "1"} and len(set(texts)) == len(sent)


def test_connection_dropped_in_load(fresh, number):
    g = fresh()
    g.smsc.restart("--drop-after", "100")
    wait_until(g.daemon.ready, what="bound")
    c = g.daemon.client()
    numbers = [number() for _ in range(400)]
    ids = c.many([("OTP.SEND", to) for to in numbers])
    for vid in ids:
        c.settled(vid, "accepted", "delivered")
    assert {s.to for s in g.smsc.history()} == set(numbers)
    assert g.daemon.metric('otpgwd_smpp_reconnects_total{smsc="main"}') >= 1


@pytest.mark.seconds(90)
def test_throttled_all_arrive(fresh, number):
    """The SMSC takes 200 a second; nothing is lost, and the rate comes down."""
    g = fresh(purpose="deadline_s = 60;")
    g.smsc.restart("--throttle", "200")
    wait_until(g.daemon.ready, what="bound")
    c = g.daemon.client()
    numbers = [number() for _ in range(400)]
    c.many([("OTP.SEND", to) for to in numbers])
    wait_until(lambda: g.smsc.account()["throttled"] > 0, what="a throttled submit")
    wait_until(lambda: g.daemon.json()["smscs"][0]["rate_now"] < 10000, what="a lower rate")
    wait_until(lambda: {s.to for s in g.smsc.history()} == set(numbers), 40, "all SMS")
    assert len(g.smsc.history()) == 400


def test_refused_bind_is_told_and_healed(fresh, number):
    """On a busy machine a third refusal comes before the SMSC is another: then the next try is a minute away."""
    g = fresh(purpose="deadline_s = 150;")
    g.daemon.expect = ["reason=auth_failed"]
    g.smsc.restart("--refuse-bind", "0x0D")
    wait_until(lambda: not g.daemon.ready() and g.smsc.account()["binds_refused"], what="refused")
    vid = g.daemon.client().do("OTP.SEND", number())
    assert not g.daemon.json()["smscs"][0]["bound"] and g.daemon.json()["smscs"][0]["reason"]
    assert "no SMSC is bound" in g.daemon.get("/readyz")[1]
    g.smsc.restart("--quiet")
    wait_until(g.daemon.ready, 20, "bound again")
    g.daemon.client().settled(vid, "accepted", "delivered")


def test_wrong_smsc_password_wakes_someone(fresh, number):
    """An error line, the reason in the status, and no hammering: most SMSCs lock an account that does."""
    g = fresh()
    g.daemon.expect = ["bind refused smsc=main status=0x0000000E reason=auth_failed"]
    g.smsc.restart("--refuse-bind", "0x0E")
    wait_until(lambda: any(e in g.daemon.log() for e in g.daemon.expect), what="the error line")
    state = g.daemon.json()["smscs"][0]
    assert "auth" in state["reason"] and state["next_try_s"] > 10
    assert g.smsc.account()["binds_refused"] == 3


def test_silent_smsc(fresh, number):
    """Takes binds and never answers submits: the wait ends, and the link is given up."""
    g = fresh(smsc="response_timeout_ms = 1000;")
    g.smsc.restart("--silent")
    wait_until(g.daemon.ready, what="bound")
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number())
    c.settled(vid, "unknown", "failed")
    assert g.daemon.metric('otpgwd_smpp_timeouts_total{smsc="main"}') >= 1
    g.smsc.restart()
    wait_until(g.daemon.ready, what="bound again")
    c.settled(c.do("OTP.SEND", number()), "accepted", "delivered")


def test_paused_smsc_is_noticed(fresh, number):
    """A black hole: enquire_link finds it out, and the messages go out once it is back."""
    g = fresh(smsc="enquire_interval_ms = 1000; enquire_timeout_ms = 1000; response_timeout_ms = 1500;")
    c = g.daemon.client()
    g.smsc.pause()
    wait_until(lambda: not g.daemon.ready(), 15, "the link given up")
    g.smsc.resume()
    wait_until(g.daemon.ready, 20, "bound again")
    assert c.settled(c.do("OTP.SEND", number()), "accepted", "delivered")


def test_failover_when_one_is_not_bound(fresh, number):
    g = fresh(smscs=2)
    second = g.smscs["second"]
    wait_until(lambda: all(s["bound"] for s in g.daemon.json()["smscs"]), what="both bound")
    c = g.daemon.client()
    to = number()
    assert c.settled(c.do("OTP.SEND", to), "delivered")["smsc"] == "main" and g.smsc.sms(to=to)
    g.smsc.stop()
    wait_until(lambda: not g.daemon.json()["smscs"][0]["bound"], what="main away")
    to = number()
    vid = c.do("OTP.SEND", to)
    assert second.sms(to=to).to == to and c.settled(vid, "delivered")["smsc"] == "second" and g.daemon.ready()
    g.smsc.start()
    wait_until(lambda: g.daemon.json()["smscs"][0]["bound"], what="main again")
    to = number()
    c.do("OTP.SEND", to)
    assert g.smsc.sms(to=to)


def test_refused_here_accepted_there(fresh, number):
    g = fresh(smscs=2)
    wait_until(lambda: all(s["bound"] for s in g.daemon.json()["smscs"]), what="both bound")
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number("9992011"))
    assert c.settled(vid, "failed")["reason"] == "refused"
    assert [s.account()["submits"] for s in g.smscs.values()] == [1, 1], "one other route is tried, and no more"


def test_routes_by_prefix(fresh, number):
    g = fresh(smscs=2, replace=[('{ prefix = ""; smsc = ["main","second"]; }',
                                 '{ prefix = ""; smsc = ["main"]; }, { prefix = "62812"; smsc = ["second"]; }')])
    wait_until(lambda: all(s["bound"] for s in g.daemon.json()["smscs"]), what="both bound")
    c = g.daemon.client()
    first, second = number().replace("62812", "62813"), number()
    c.do("OTP.SEND", first)
    c.do("OTP.SEND", second)
    assert g.smsc.sms().to == first and g.smscs["second"].sms().to == second


def test_the_contract_is_kept(fresh, number):
    """Rate and window as configured."""
    g = fresh(smsc="rate = 50.0; window = 4;")
    g.smsc.restart("--resp-delay-ms", "20")
    wait_until(g.daemon.ready, what="bound")
    start = time.monotonic()
    numbers = [number() for _ in range(120)]
    g.daemon.client().many([("OTP.SEND", to) for to in numbers])
    wait_until(lambda: len(g.smsc.history()) == 120, what="all SMS")
    assert time.monotonic() - start > 1, "120 at 50 a second, the first 50 at once at most"
    assert g.smsc.account()["window_max"] <= 4 and g.smsc.account()["violations"] == {}
