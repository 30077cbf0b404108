"""SMSCs that are not like the book: slow in their order, silent behind enquire_link, with limits and answers of their own."""
import collections
import re

import pytest
from rig import wait_until
from test_reload import edit


def main(g):
    return g.daemon.json()["smscs"][0]


def scenario(g, *lines):
    path = g.smsc.path("scenario")
    with open(path, "w") as f:
        f.write("".join(f"{line}\n" for line in lines))
    return path


def ended(g):
    """Why sessions ended, but for those that a test ended itself."""
    reasons = re.findall(r'smsc=main bind=\d+ kind=\w+ old=bound new=closed reason="([^"]*)"', g.daemon.log())
    return [reason for reason in reasons if reason not in ("closed by peer", "read")]


# --- binds ---

@pytest.mark.parametrize("kind", ["binds = 2;", 'type = "pair";'], ids=["two binds", "pair"])
def test_a_bind_refused_beside_another_stops_nothing(fresh, number, kind):
    """0x0D for the second: that bind's limit. The first drops, and is back at once: no outage with the right password."""
    g = fresh()
    g.smsc.restart("--max-binds", "1", "--max-binds-status", "0x0D", "--receipts", "none")
    edit(g.daemon, ('name = "main";', f'name = "main"; {kind}'))
    g.daemon.reload()
    wait_until(lambda: any(b["reason"] == "bind_limit" for b in main(g)["binds"]), what="the refusal")
    assert main(g)["binds_effective"] == 1 and main(g)["binds_bound"] == 1
    assert any(b["next_try_s"] > 20 for b in main(g)["binds"])

    def dropped(times):
        g.smsc.drop()
        wait_until(lambda: g.smsc.account()["binds"] == 1 + times, 20, "bound again")
        wait_until(lambda: main(g)["binds_bound"] == 1, 20, "one is bound")

    drops = 0
    while not any(b["bound"] and b["type"] != "receiver" for b in main(g)["binds"]):  # of a pair, whichever came first
        drops += 1
        dropped(drops)
    c = g.daemon.client()
    c.settled(c.do("OTP.SEND", number()), "accepted")
    for i in range(4):
        dropped(drops + i + 1)
    assert "auth_failed" not in g.daemon.log()


@pytest.mark.parametrize("form", ["transmitter", "sequence"])
def test_a_bind_answered_with_other_fields_is_bound(fresh, number, form):
    g = fresh()
    g.smsc.restart("--bind-form", form)
    wait_until(g.daemon.ready, 20, "bound")
    c = g.daemon.client()
    c.settled(c.do("OTP.SEND", number()), "accepted")
    assert g.daemon.metric('otpgwd_smpp_decode_anomalies_total{smsc="main",kind="bind_answer"}') >= 1
    assert "bind answered with other fields smsc=main bind=0" in g.daemon.log()


def test_receipts_ahead_of_the_answer_to_the_bind_count(fresh, number):
    g = fresh()
    g.smsc.restart("--receipts", "both", "--receipts-to", "new", "--receipts-before-bind", "--bind-delay-ms", "300")
    wait_until(g.daemon.ready, 20, "bound")
    c = g.daemon.client()
    ids = [c.do("OTP.SEND", number()) for _ in range(5)]
    for vid in ids:
        c.settled(vid, "accepted")
    g.smsc.drop()
    for vid in ids:
        c.settled(vid, "delivered")
    account = g.smsc.account()
    assert account["receipt_ok"] == 5 and account["receipt_error"] == 0 and account["violations"] == {}, account


def test_hanging_up_instead_of_refusing_wakes_someone(fresh):
    g = fresh()
    g.daemon.stop()
    g.smsc.restart("--refuse-bind", "0x0E", "--refuse-close")
    g.daemon.start(bound=False)
    line = 'bind fails smsc=main bind=0 tries=3 state=binding host=127.0.0.1'
    wait_until(lambda: line in g.daemon.log(), 20, "the warning")
    wait_until(lambda: g.smsc.account()["binds_refused"] >= 8, 20, "further tries")
    assert g.daemon.log().count("bind fails") == 1, "and then seldom"
    assert "system_id, password, allowed addresses" in g.daemon.log()


def test_a_lost_smsc_wakes_someone(fresh):
    g = fresh()
    g.smsc.stop()
    wait_until(lambda: "bind fails smsc=main bind=0 tries=3 state=connecting" in g.daemon.log(), 20, "the warning")
    g.smsc.start()
    wait_until(g.daemon.ready, 20, "bound again")


def test_a_transmitter_alone(fresh, number):
    """For accounts that may not receive: no receipt is asked for, what the SMSC accepted stays accepted."""
    g = fresh(smsc='type = "transmitter"; address_range = "628*"; addr_ton = 1; addr_npi = 1;', receipts="both")
    c = g.daemon.client()
    c.settled(c.do("OTP.SEND", number()), "accepted")
    account = g.smsc.account()
    assert account["violations"] == {} and account["pdu_kinds"].get("bind_transmitter") == 1, account
    assert {b["type"] for b in main(g)["binds"]} == {"transmitter"}


# --- slow and silent ---

@pytest.mark.seconds(300)
def test_eight_a_second_in_order(fresh, number):
    """300 at once, a window of 100, all timers at their defaults; then it is quick, then slow with a full window."""
    g = fresh(smsc="window = 100;", purpose="deadline_s = 120;")
    quick, slow = ("set serial-ms 0", "set resp-delay-ms 200"), ("set serial-ms 125", "set resp-delay-ms 0")
    path = scenario(g, *(f"at {n} submits: {what}" for n, pair in ((301, quick), (700, slow), (1000, quick)) for what in pair))
    g.smsc.restart("--receipts", "none", "--serial-ms", "125", "--scenario", path)
    wait_until(g.daemon.ready, 20, "bound")
    c = g.daemon.client()
    numbers = []

    def burst(n):
        to = [number() for _ in range(n)]
        ids = c.many([("OTP.SEND", one) for one in to])
        assert all(isinstance(vid, str) for vid in ids), ids
        numbers.extend(to)
        return ids

    def width():
        return main(g)["binds"][0]["window_now"]

    for vid in burst(300):
        c.settled(vid, "accepted", seconds=90)
    assert 10 < width() <= 70, "no more than it answers in time"
    for vid in burst(350):
        c.settled(vid, "accepted")
    wait_until(lambda: width() == 100, what="it grows again")
    for vid in burst(300):
        c.settled(vid, "accepted", seconds=120)
    assert width() < 100, "and shrinks"
    burst_ids = burst(400)
    for vid in burst_ids:
        c.settled(vid, "accepted", seconds=60)
    wait_until(lambda: width() == 100, what="and grows")
    count = collections.Counter(sms.to for sms in g.smsc.history())
    assert set(count) == set(numbers) and set(count.values()) == {1}, "each message once"
    assert ended(g) == [] and g.smsc.account()["connections"] == 1
    assert g.daemon.metric('otpgwd_smpp_fit{smsc="main"}') == 1


def test_one_that_swallows_every_submit_is_left(fresh, number):
    """It answers enquire_link all the time. The breaker opens, the session ends, the other SMSC takes the messages."""
    g = fresh(smscs=2, smsc="response_timeout_ms = 1000; window = 10;", purpose="deadline_s = 60;")
    g.smscs["main"].restart("--silent")
    g.smscs["second"].restart("--receipts", "none")
    wait_until(lambda: all(s["bound"] for s in g.daemon.json()["smscs"]), 20, "both bound")
    c = g.daemon.client()
    ids = c.many([("OTP.SEND", number()) for _ in range(30)])
    for vid in ids:
        assert c.settled(vid, "accepted", seconds=40)["smsc"] == "second"
    assert "submits not answered" in ended(g)
    assert 'unfit smsc=main reason=breaker_open cause="submits not answered"' in g.daemon.log()


def test_wait_does_not_fill_the_window_for_ever(fresh, number):
    """Answers that are lost: with ambiguous = "wait" the session is bound anew, and the rest goes on."""
    g = fresh(smsc="response_timeout_ms = 500; window = 4;", replace=[('# ambiguous = "resend_once";', 'ambiguous = "wait";')])
    g.smsc.restart("--receipts", "none", "--scenario", scenario(g, "at 1 submits: silent_taken", "at 2 submits: silent_taken"))
    wait_until(g.daemon.ready, 20, "bound")
    c = g.daemon.client()
    first = [c.do("OTP.SEND", number()) for _ in range(2)]
    rest = [c.do("OTP.SEND", number()) for _ in range(4)]
    for vid in rest:
        c.settled(vid, "accepted")
    for vid in first:
        c.settled(vid, "unknown")
    assert ended(g) == ["half of the window without answers"]


def test_an_enquire_link_answered_not_bound_ends_the_session(fresh, number):
    g = fresh(smsc="enquire_interval_ms = 500;")
    g.smsc.restart("--enquire-status", "4")
    wait_until(lambda: "enquire_link refused" in ended(g), 20, f"the end: {ended(g)}")
    assert "enquire_link refused smsc=main bind=0 status=0x00000004" in g.daemon.log()
    g.smsc.restart()
    wait_until(g.daemon.ready, 20, "bound again")
