"""What may become of a link with a message on it: the message arrives once or is marked, the reason is told, and it goes on."""
import re
import time

import pytest
from machine import BUSY, patience, within
from rig import wait_until
from test_binds import all_bound, send, smscs

QUICK = "response_timeout_ms = 1500; enquire_interval_ms = 3000; enquire_timeout_ms = 1000; pdu_timeout_ms = 1000; bind_timeout_ms = 1000;"


def reasons(g):
    return re.findall(r'smsc=main bind=0 kind=\w+ old=bound new=closed reason="([^"]*)"', g.daemon.log())


def test_third_nack_in_a_minute_closes(fresh, number):
    g = fresh()
    c = g.daemon.client()
    for i in range(3):
        assert reasons(g) == []
        c.settled(c.do("OTP.SEND", number("999322")), "accepted", "delivered")
    wait_until(lambda: reasons(g) == ["third generic_nack in a minute"], what="the close")
    wait_until(g.daemon.ready, what="bound again")


def test_nack_of_nothing_waits_for_what_is_in_flight(fresh, number):
    """After it nothing is written; answers of the next two seconds still count, so nothing is sent twice."""
    g = fresh()
    g.smsc.restart("--resp-delay-ms", "1000")
    wait_until(g.daemon.ready, what="bound")
    c = g.daemon.client()
    early = c.many([("OTP.SEND", number()) for _ in range(5)])
    wait_until(lambda: g.smsc.account()["submits"] == 5, what="five in flight")
    lost = c.do("OTP.SEND", number("999348"))
    late = c.do("OTP.SEND", number())
    assert all(c.settled(vid, "accepted", "delivered")["possible_duplicate"] == "0" for vid in [*early, late])
    assert c.settled(lost, "accepted", "delivered")["possible_duplicate"] == "1"
    assert reasons(g)[-1] == "generic_nack: framing may be lost" and g.smsc.account()["violations"] == {}


def test_slow_is_not_dead(fresh, number):
    """Answers take longer than the patience of a probe: it is asked, lives, and no message is doubted."""
    g = fresh(smsc="response_timeout_ms = 5000; enquire_timeout_ms = 1000;")
    g.smsc.restart("--resp-delay-ms", "3500")
    wait_until(g.daemon.ready, what="bound")
    assert all(s["possible_duplicate"] == "0" for s in send(g, [number() for _ in range(3)]))
    assert reasons(g) == ["closed by peer"], "by the restart alone"


@pytest.mark.parametrize("options, told", [
    (("--bind-form", "silent"), "bind not answered"), (("--bind-form", "close"), "closed by peer"),
    (("--bind-form", "nack"), "bind_refused"), (("--refuse-bind", "0x58"), "bind_refused"),
    (("--refuse-bind", "0x0D", "--bind-form", "body"), "bind_refused"), (("--refuse-bind", "0x05"), "already_bound"),
    (("--connect", "close"), "closed by peer"), (("--connect", "reset"), "read"), (("--connect", "refuse"), "connect refused"),
    (("--connect", "silent"), "bind not answered"),
], ids=lambda v: "_".join(v).replace("--", "") if isinstance(v, tuple) else "")
def test_not_bound(fresh, options, told):
    g = fresh(smsc=QUICK)
    g.smsc.restart(*options)
    wait_until(lambda: smscs(g)["main"]["reason"] == told, 20, f"{told}: {smscs(g)['main']['reason']}")
    main = smscs(g)["main"]
    assert not main["bound"] and not g.daemon.ready() and (told != "already_bound" or main["next_try_s"] > 20)


def test_a_late_response_is_no_second_sms(fresh, number):
    """The answer comes after its time: counted, and the one resend is the last."""
    g = fresh(smsc="response_timeout_ms = 1000;")
    c = g.daemon.client()
    to = number("999325")
    c.settled(c.do("OTP.SEND", to), "accepted", "delivered")
    wait_until(lambda: g.daemon.metric('otpgwd_smpp_late_responses_total{smsc="main"}') == 1, what="the late one")
    assert len([s for s in g.smsc.history() if s.to == to]) <= 2


@pytest.mark.parametrize("late_ack", [(), ("--late-ack",)], ids=["prompt", "late_ack"])
@pytest.mark.parametrize("window", [10, 100])
def test_window_over_latency(fresh, number, window, late_ack):
    """20 ms to answer: the window is always full, also when the SMSC acknowledges TCP late."""
    g = fresh(smsc=f"window = {window}; rate = 10000.0;")
    g.smsc.restart("--resp-delay-ms", "20", *late_ack)
    all_bound(g)
    count = window * 30
    start = time.monotonic()
    taken = sum(isinstance(r, str) for r in g.daemon.client().many([("OTP.SEND", number()) for _ in range(count)]))
    assert taken == count or patience(1) > BUSY, "some were refused"
    wait_until(lambda: g.smsc.account()["submits"] >= taken, 30, "all of them")
    assert within(start, 3 * count / (window / 0.020) + 2)
    assert g.smsc.account()["window_max"] <= window
