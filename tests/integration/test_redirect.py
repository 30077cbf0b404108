"""OTP.REDIRECT: the person corrects the number; the id stays, the old code is dead, the new one counts."""
import threading

import pytest
from rig import Error, wait_until

SIGNUP = ("PURPOSE", "signup", "SUBJECT", "applicant 7")
OWN = ("SUBJECT", "applicant 7")


@pytest.fixture
def pair(client, number):
    """Two numbers, and the id of a verification of the first."""
    first, second = number(), number()
    return first, second, client.do("OTP.SEND", first, *SIGNUP)


def code(gw, to):
    return gw.smsc.sms(to=to).code


def test_the_new_code_counts_under_the_same_id(gw, client, pair):
    first, second, vid = pair
    old = code(gw, first)
    assert client.do("OTP.REDIRECT", vid, second, *OWN) == vid
    new = code(gw, second)
    assert client.fails("OTP.VERIFY", vid, old if old != new else "0000").code == "INCORRECT"
    assert client.do("OTP.VERIFY", vid, new) == "OK"
    assert client.fails("OTP.VERIFY", vid, new).code == "USED"


def test_status_resend_and_cancel_follow(gw, client, pair):
    first, second, vid = pair
    client.do("OTP.REDIRECT", vid, second, *OWN)
    status = client.settled(vid, "delivered")
    assert status["id"] == vid and status["state"] == "pending" and status["number"].endswith(second[-3:])
    waits = client.fails("OTP.RESEND", vid)
    assert waits.code == "RATELIMITED" and waits.fields["id"] == vid
    assert client.do("OTP.CANCEL", vid) == "OK"
    assert client.status(vid)["state"] == "cancelled"
    assert client.fails("OTP.VERIFY", vid, "123456").code == "CANCELLED"


def test_a_repeated_redirect_sends_no_second_sms(gw, client, pair):
    first, second, vid = pair
    for how in ((), ("REPLY", "FULL"), ("REQID", "r" + second), ("REQID", "r" + second)):
        reply = client.do("OTP.REDIRECT", vid, second, *OWN, *how)
        assert vid in reply
    gw.smsc.sms(to=second)
    client.settled(vid, "delivered")
    assert [s.to for s in gw.smsc.history()].count(second) == 1
    conflict = client.fails("OTP.REDIRECT", vid, first, *OWN, "REQID", "r" + second)
    assert conflict.code == "CONFLICT" and conflict.fields == {"id": vid}
