"""Receipts of every kind meet their verification."""
import pytest
from rig import wait_until


@pytest.fixture
def telco(gw):
    def bound(*options):
        gw.smsc.restart(*options)
        wait_until(lambda: gw.daemon.get("/readyz")[0] == 200, what="a bind")

    yield bound
    bound()


def delivery(client, vid, state):
    wait_until(lambda: client.status(vid)["delivery"] == state, what=f"{state}")


@pytest.mark.parametrize("options", [("--receipts", "text"), ("--receipts", "tlv"), ("--receipts", "both", "--id", "dec"),
                                     ("--receipts", "both", "--receipt-before-resp"), ("--receipts", "both", "--receipt-twice"),
                                     ("--receipts", "both", "--pieces")], ids=lambda o: " ".join(o[1:]))
def test_kinds(gw, client, number, telco, options):
    telco(*options)
    vid = client.do("OTP.SEND", number())
    delivery(client, vid, "delivered")
    account = gw.smsc.account()
    assert account["receipts"] == account["receipt_ok"] >= 1 and account["violations"] == {}


@pytest.mark.parametrize("tail, reason", [("999101", "undeliverable"), ("999102", "expired"), ("999103", "rejected")])
def test_failures(gw, client, number, tail, reason):
    vid = client.do("OTP.SEND", number(tail))
    delivery(client, vid, "failed")
    assert client.status(vid)["reason"] == reason


def test_accepted_is_not_delivered(gw, client, number):
    vid = client.do("OTP.SEND", number("999106"))
    wait_until(lambda: gw.daemon.metric('otpgwd_receipts_total{result="intermediate"}') >= 1, what="the receipt")
    assert client.status(vid)["delivery"] == "accepted"


def test_no_id_is_accepted(gw, client, number, telco):
    telco("--id", "empty")
    vid = client.do("OTP.SEND", number())
    delivery(client, vid, "accepted")
    assert gw.smsc.account()["submits"] == 1
