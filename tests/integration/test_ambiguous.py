"""Submits without an answer: sent once more at most, or given up, as configured; an answer that comes late still counts."""
import collections

import pytest
from rig import wait_until

TIMEOUT = "response_timeout_ms = 700;"  # a submit is given up after three times that
ANSWER_LATE = "999325"    # taken, answered after 3 s, once
SILENT_ONCE = "999320"    # not taken, no response, once
TAKEN_ONCE = "999321"     # taken with its receipt, no response, once


def policy(name):
    return [('# ambiguous = "resend_once";', f'ambiguous = "{name}";')]


def event(g, name):
    return g.daemon.metric('otpgwd_unanswered_total{event="%s"}' % name)


def copies(g, to):
    return sum(s.to == to for smsc in g.smscs.values() for s in smsc.history())


def test_resend_once_no_answer(fresh, number):
    g = fresh(smsc=TIMEOUT)
    c = g.daemon.client()
    to = number(SILENT_ONCE)
    vid = c.do("OTP.SEND", to)
    assert c.settled(vid, "accepted", "delivered")["possible_duplicate"] == "1"
    assert copies(g, to) == 1 and g.smsc.account()["submits"] == 2 and event(g, "resent") == 1
    assert "possible_duplicate smsc=main" in g.daemon.log() and g.daemon.json()["unanswered"]["resent"] == 1


def test_never_a_second_resend(fresh, number):
    """Eight copies were seen in the field: two submits at most, though none is ever answered."""
    g = fresh(smsc="response_timeout_ms = 1000;")
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number("999300"))
    wait_until(lambda: event(g, "unknown") == 1, what="nothing more is tried")
    status = c.settled(vid, "unknown")
    assert status["reason"] == "ambiguous" and status["possible_duplicate"] == "1"
    c.settled(c.do("OTP.SEND", number()), "delivered")
    assert g.smsc.account()["submits"] == 3 and event(g, "resent") == 1


def test_fail_sends_no_second(fresh, number):
    g = fresh(smsc=TIMEOUT, replace=policy("fail"))
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number(SILENT_ONCE))
    assert c.settled(vid, "unknown")["reason"] == "ambiguous"
    c.settled(c.do("OTP.SEND", number()), "delivered")
    assert g.smsc.account()["submits"] == 2 and event(g, "resent") == 0 and event(g, "unknown") == 1


def test_fail_and_a_late_answer(fresh, number):
    """Given up, then accepted after all: the receipt finds it."""
    g = fresh(smsc=TIMEOUT, replace=policy("fail"))
    c = g.daemon.client()
    to = number(ANSWER_LATE)
    vid = c.do("OTP.SEND", to)
    c.settled(vid, "unknown")
    assert c.settled(vid, "delivered")["possible_duplicate"] == "1"
    assert copies(g, to) == 1 and event(g, "late_ok") == 1


def test_wait_keeps_the_place(fresh, number):
    """A window of one: nothing goes past the message that waits, and the end of the session ends it."""
    g = fresh(smsc="response_timeout_ms = 1000; window = 1;", replace=policy("wait"))
    c = g.daemon.client()
    first = c.do("OTP.SEND", number(SILENT_ONCE))
    wait_until(lambda: g.daemon.metric('otpgwd_smpp_timeouts_total{smsc="main"}') == 1, what="the time over")
    second = c.do("OTP.SEND", number())
    assert g.daemon.json()["smscs"][0]["window_used"] == 1 and g.smsc.account()["submits"] == 1
    assert c.status(first)["delivery"] in ("queued", "submitted")
    g.smsc.drop()
    assert c.settled(first, "unknown")["reason"] == "ambiguous"
    c.settled(second, "delivered")
    assert g.smsc.account()["submits"] == 2


def test_wait_takes_a_late_answer(fresh, number):
    g = fresh(smsc=TIMEOUT, replace=policy("wait"))
    c = g.daemon.client()
    to = number(ANSWER_LATE)
    vid = c.do("OTP.SEND", to)
    assert c.settled(vid, "delivered")["possible_duplicate"] == "0"
    assert copies(g, to) == 1 and g.daemon.metric('otpgwd_smpp_timeouts_total{smsc="main"}') == 1


def test_a_late_answer_cancels_what_is_not_yet_written(fresh, number):
    """One message in two seconds: the resend waits its turn behind another, and the answer is quicker."""
    g = fresh(smsc="response_timeout_ms = 700; rate = 0.25;", purpose="deadline_s = 60;")
    c = g.daemon.client()
    late, other = number(ANSWER_LATE), number()
    vid = c.do("OTP.SEND", late)
    wait_until(lambda: g.smsc.account()["submits"] == 1, what="the first submit")
    c.do("OTP.SEND", other)
    assert c.settled(vid, "delivered")["possible_duplicate"] == "1"
    wait_until(lambda: g.daemon.json()["queue"]["taken"] == 0, 20, "an empty queue")
    assert copies(g, late) == 1 and g.smsc.account()["submits"] == 2
    assert (event(g, "resent"), event(g, "late_ok"), event(g, "cancelled_resend")) == (1, 1, 1)
    assert g.daemon.json()["unanswered"]["unknown"] == 0


@pytest.mark.parametrize("receipts", ["first", "second"])
def test_both_ids_lead_home(fresh, number, receipts):
    """The resend was written before the late answer: a receipt of either SMS finds the verification."""
    g = fresh(smsc=TIMEOUT)
    none = "set receipts none"
    lines = {"first": f"at 2 submits: {none}\n", "second": "at 1 submits: no_receipt\n"}[receipts]
    path = g.smsc.path("scenario")
    with open(path, "w") as f:
        f.write(lines)
    g.smsc.restart("--receipts", "both", "--receipt-delay-ms", "1500", "--scenario", path)
    wait_until(g.daemon.ready, 20, "bound again")
    c = g.daemon.client()
    to = number(ANSWER_LATE)
    vid = c.do("OTP.SEND", to)
    c.settled(vid, "accepted", "delivered")
    wait_until(lambda: event(g, "late_ok") == 1, what="the late answer")
    assert c.settled(vid, "delivered")["possible_duplicate"] == "1"
    assert copies(g, to) == 2 and event(g, "cancelled_resend") == 0


def test_late_error_is_no_news(fresh, number):
    """Refused, but only after the resend was accepted: the message stands."""
    g = fresh(smsc=TIMEOUT)
    path = g.smsc.path("scenario")
    with open(path, "w") as f:
        f.write("at 1 submits: status:8\nat 1 submits: set resp-delay-ms 3000\nat 2 submits: set resp-delay-ms 0\n")
    g.smsc.restart("--receipts", "both", "--scenario", path)
    wait_until(g.daemon.ready, 20, "bound again")
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number())
    c.settled(vid, "accepted", "delivered")
    wait_until(lambda: event(g, "late_error") == 1, what="the late error")
    assert c.settled(vid, "delivered")["possible_duplicate"] == "1" and event(g, "late_ok") == 0


def test_a_resend_that_misses_its_deadline_is_unknown(fresh, number):
    """Nobody knows whether the first arrived: that is not "failed"."""
    g = fresh(smsc="response_timeout_ms = 700; rate = 0.1;", purpose="deadline_s = 5;")
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number(TAKEN_ONCE))
    wait_until(lambda: event(g, "resent") == 1, what="a resend that waits")
    wait_until(lambda: event(g, "unknown") == 1, what="its deadline")
    status = c.status(vid)
    assert status["delivery"] == "unknown" and status["reason"] == "ambiguous", status
    assert g.smsc.account()["submits"] == 1


def test_another_smsc_is_preferred(fresh, number):
    g = fresh(smscs=2, smsc=TIMEOUT)
    wait_until(lambda: all(s["bound"] for s in g.daemon.json()["smscs"]), what="both bound")
    c = g.daemon.client()
    to = number(SILENT_ONCE)
    vid = c.do("OTP.SEND", to)
    wait_until(lambda: event(g, "resent") == 1, what="the resend")
    wait_until(lambda: [s.account()["submits"] for s in g.smscs.values()] == [1, 1], what="it went to the second")
    assert c.settled(vid, "unknown")["possible_duplicate"] == "1"


def test_another_bind_of_the_same_if_the_first_is_closed(fresh, number):
    g = fresh(smscs=2, smsc=TIMEOUT + " binds = 2;")
    wait_until(lambda: g.smsc.account()["binds"] == 2, what="two binds")
    c = g.daemon.client()
    to = number("999307")
    vid = c.do("OTP.SEND", to)
    assert c.settled(vid, "delivered")["smsc"] == "main"
    assert [s.account()["submits"] for s in g.smscs.values()] == [2, 0] and copies(g, to) == 1


def test_a_full_window_in_doubt(fresh, number):
    """The link drops with 100 unanswered: each goes out once more, none a third time, none is lost."""
    g = fresh(smsc="window = 100;")
    g.smsc.restart("--receipts", "both", "--drop-after", "400", "--drop-unanswered", "99",
                   "--resp-delay-ms", "20")
    wait_until(g.daemon.ready, 20, "bound")
    c = g.daemon.client()
    numbers = [number() for _ in range(600)]  # with answers that take a while the window is whole after some hundred
    ids = c.many([("OTP.SEND", to) for to in numbers])
    final = {to: c.settled(vid, "delivered") for to, vid in zip(numbers, ids)}
    count = collections.Counter(s.to for s in g.smsc.history())
    assert set(count) == set(numbers) and max(count.values()) <= 2
    doubted = {to for to, s in final.items() if s["possible_duplicate"] == "1"}
    assert {to for to, n in count.items() if n == 2} <= doubted and len(doubted) == event(g, "resent") <= 100
    assert event(g, "resent") > 0 and event(g, "unknown") == 0
