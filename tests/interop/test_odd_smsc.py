"""SMSCs that we did not write, and their oddities: npm `smpp` made to answer as odd telcos do, Net::SMPP with one id for all."""
import shutil
import subprocess

import pytest
from rig import wait_until


def settled(client, vid, state):
    wait_until(lambda: client.status(vid)["delivery"] == state, what=state)
    return client.status(vid)


@pytest.fixture
def odd(node, gateway_of):
    script = node("odd_smsc.js")
    tap, daemon = gateway_of(script.line()["port"])
    return script, tap, daemon


@pytest.fixture
def perl(node, gateway_of):
    if not shutil.which("perl") or subprocess.run(["perl", "-MNet::SMPP", "-e1"], capture_output=True).returncode:
        pytest.skip("the package libnet-smpp-perl is not installed")
    script = node("perl_smsc.pl", by="perl")
    tap, daemon = gateway_of(script.line()["port"])
    return script, tap, daemon


def test_statuses_that_no_standard_has(odd, number, tmp_path):
    """0x400, 0x94, and an error that brings an id: the message failed for that reason, and the bind lives on."""
    _, tap, daemon = odd
    client = daemon.client()
    for tail, error in (("990400", "0x00000400"), ("990148", "0x00000094"), ("990011", "0x0000000B")):
        status = settled(client, client.do("OTP.SEND", number(tail)), "failed")
        assert (status["reason"], status["error"]) == ("refused", error)
    settled(client, client.do("OTP.SEND", number()), "delivered")
    assert tap.links == 1, "no bind was lost"
    assert len([pdu for pdu in tap.read(str(tmp_path / "pcap")) if pdu["way"] == "got"]) >= 6


def test_receipts_in_its_own_spelling(odd, number):
    """Id in another case and without its zeros, keys and dates of its own, no TLV that we know, and three that nobody does."""
    script, tap, daemon = odd
    client = daemon.client()
    good, bad = number(), number("990069")
    ids = [client.do("OTP.SEND", to) for to in (good, bad)]
    settled(client, ids[0], "delivered")
    status = settled(client, ids[1], "failed")
    assert (status["reason"], status["error"]) == ("undeliverable", "69")
    assert {(line["to"], line["receipt"]) for line in (script.line(), script.line())} == {(good, 0), (bad, 0)}
    assert tap.links == 1


def test_one_id_for_all_messages(perl, number, tmp_path):
    """The id names the message that had it last: receipts to its number touch that one, others none; every code still works."""
    script, tap, daemon = perl
    client = daemon.client()
    numbers = [number() for _ in range(5)]
    ids = [client.do("OTP.SEND", to) for to in numbers]
    codes = {}
    for _ in numbers:
        sms = script.line()
        codes[sms["to"]] = sms["text"].split("kode Anda ")[1][:6]
    for vid in ids:
        settled(client, vid, "accepted")
    states = lambda: [client.status(vid)["delivery"] for vid in ids]
    for to in (number(), numbers[1], "0" + numbers[1][2:]):
        script.tell(f"receipt {to} DELIVRD")
        assert script.line() == {"answered": 0}
    assert states() == ["accepted"] * 5
    script.tell(f"receipt 0{numbers[-1][2:]} DELIVRD")
    assert script.line() == {"answered": 0}
    assert states() == ["accepted"] * 4 + ["delivered"]
    for vid, to in zip(ids, numbers):
        assert client.do("OTP.VERIFY", vid, codes[to]) == "OK"
    assert tap.links == 1
    tap.read(str(tmp_path / "pcap"))
