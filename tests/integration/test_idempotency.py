"""REQID and the window of equal requests: one answer, one SMS."""
import pytest
from rig import wait_until


def count(g, client, number, to):
    """How many SMS the number got, once one that was asked for later is there."""
    marker = number()
    client.do("OTP.SEND", marker)
    wait_until(lambda: any(s.to == marker for s in g.smsc.history()), what="the marker's SMS")
    return sum(s.to == to for s in g.smsc.history())


def test_same_reqid_same_answer_one_sms(gw, client, number):
    to = number()
    ids = {client.do("OTP.SEND", to, "REQID", "r") for _ in range(5)}
    ids |= {gw.daemon.client().do("OTP.SEND", "+" + to, "reqid", "r")}
    assert len(ids) == 1 and count(gw, client, number, to) == 1
    assert client.do("OTP.SEND", to, "REQID", "r", "REPLY", "FULL")[1] in ids


def test_reqids_at_once(gw, client, number):
    """Both are on their way before the first was answered."""
    to = number()
    clients = [gw.daemon.client() for _ in range(20)]
    for c in clients:
        c.send("OTP.SEND", to, "REQID", "r")
    assert len({c.reply() for c in clients}) == 1 and count(gw, client, number, to) == 1


@pytest.mark.parametrize("other", [["LANG", "en"], ["PURPOSE", "signup"], ["SUBJECT", "s"], ["TTL", "60"], ["LENGTH", "7"], ["SENDER", "X"]])
def test_same_reqid_other_arguments_conflict(gw, client, number, other):
    to = number()
    vid = client.do("OTP.SEND", to, "REQID", "c")
    error = client.fails("OTP.SEND", to, "REQID", "c", *other)
    assert error.code == "CONFLICT" and error.fields["id"] == vid and count(gw, client, number, to) == 1


def test_a_reqid_belongs_to_its_number(client, number):
    assert client.do("OTP.SEND", number(), "REQID", "shared") != client.do("OTP.SEND", number(), "REQID", "shared")


def test_a_reqid_outlives_its_verification(gw, client, number):
    to = number()
    vid = client.do("OTP.SEND", to, "REQID", "r")
    assert client.do("OTP.VERIFY", vid, gw.smsc.sms(to=to).code) == "OK"
    assert client.do("OTP.SEND", to, "REQID", "r") == vid and count(gw, client, number, to) == 1


def test_a_reqid_outlives_the_daemon(fresh, number):
    g = fresh()
    to = number()
    c = g.daemon.client()
    vid = c.do("OTP.SEND", to, "REQID", "r")
    c.settled(vid, "delivered")
    g.daemon.kill()
    g.daemon.start()
    c = g.daemon.client()
    assert c.do("OTP.SEND", to, "REQID", "r") == vid and count(g, c, number, to) == 1


def test_equal_send_within_the_window(gw, client, number):
    to = number()
    assert client.do("OTP.SEND", to, "SUBJECT", "x") == client.do("OTP.SEND", to, "SUBJECT", "x")
    assert count(gw, client, number, to) == 1
    assert client.fails("OTP.SEND", to, "SUBJECT", "x", "LANG", "en").code == "RATELIMITED", "not equal: a resend, and too early"


def test_equal_send_after_the_window(fresh, number):
    g = fresh(purpose="waits_s = [1];", replace=[("# equal_window_s = 10;", "equal_window_s = 1;")])
    c = g.daemon.client()
    to = number()
    vid = c.do("OTP.SEND", to)
    first = g.smsc.sms(to=to).code
    wait_until(lambda: c.do("OTP.SEND", to) == vid and any(s.to == to for s in g.smsc.all_sms()), what="the second SMS")
    assert {s.code for s in g.smsc.history() if s.to == to} == {first}


def test_resend_with_reqid(fresh, number):
    g = fresh(purpose="waits_s = [0];")
    c = g.daemon.client()
    to = number()
    vid = c.do("OTP.SEND", to)
    for _ in range(3):
        assert c.do("OTP.RESEND", vid, "REQID", "again") == vid
    assert count(g, c, number, to) == 2


def test_a_verdict_is_replayed_for_its_reqid_only(gw, client, number):
    to = number()
    vid = client.do("OTP.SEND", to)
    code = gw.smsc.sms(to=to).code
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(3):
        assert client.fails("OTP.VERIFY", vid, wrong, "REQID", "v0").fields["attempts_left"] == "4"
    assert client.fails("OTP.VERIFY", vid, code, "REQID", "v0").code == "CONFLICT"
    for _ in range(3):
        assert client.do("OTP.VERIFY", vid, code, "REQID", "v1") == "OK"
    assert client.fails("OTP.VERIFY", vid, code, "REQID", "v2").code == "USED"
    assert client.fails("OTP.VERIFY", vid, code).code == "USED"
