"""Reverse OTP: the person sends the SMS. OTP.REVERSE, a phone in the simulator, STATUS verified."""
import re

import pytest

from rig import Error

MO = 'mo = ["95000", "+6281100095000"]; mo_trusted = true;'
PHONE = "+6281298765432"


def opened(client, *options):
    flat = client.do("OTP.REVERSE", "SUBJECT", "applicant-1", "PURPOSE", "signup", *options)
    return dict(zip(flat[::2], flat[1::2]))


@pytest.fixture
def g(fresh):
    return fresh(smsc=MO)


def test_a_person_sends_the_token(g):
    client = g.daemon.client()
    v = opened(client)
    assert list(v) == ["id", "text", "to", "uri", "expires_at"]
    assert v["to"] == "95000"
    before = client.status(v["id"])
    assert before["state"] == "pending" and before["delivery"] == "" and before["number"] == ""
    assert g.smsc.mo(PHONE, v["to"], v["text"]) == 0
    after = client.status(v["id"])
    assert after["state"] == "verified" and after["number"] == "+62812****432", after
    assert g.smsc.history() == []
