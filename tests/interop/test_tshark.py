"""tshark as the third opinion: all that we send and that the simulator sends is a whole PDU, with the fields that were asked."""
import os
import re
import shutil

import pytest
from rig import ROOT, Smsc, wait_until

pytestmark = pytest.mark.skipif(not shutil.which("tshark"), reason="the package tshark is not installed")

OPTIONS = """service_type = "OTP1"; system_type = "sys"; priority = 2; protocol_id = 65; dest_ton = 2; dest_npi = 1; source_ton = 5;
 source_npi = 9; validity = "%s"; alphabet = "%s"; enquire_interval_ms = 1000;
 tlvs = ( { tag = 0x1400; value = "12345"; }, { tag = 0x2001; hex = "0102"; } );"""


@pytest.fixture
def simulator(tmp_path):
    smsc = Smsc(str(tmp_path), "smsc", "--receipts", "both")
    smsc.start()
    yield smsc
    smsc.kill()
    smsc.phone.close()


def short_texts():
    """70 characters are all that fits in UCS-2."""
    with open(os.path.join(ROOT, "conf/otpgwd.conf")) as f:
        return [(text, 'text = "{brand}: {code}";') for text in re.findall(r'text = "[^"]*\{code\}[^"]*";', f.read())]


def number_of(value):
    return int(value, 16) if value.startswith("0x") else int(value)


def text_of(submit):
    return bytes.fromhex(submit["message"].replace(":", "")).decode("utf-16-be" if submit["data_coding"] == "0x08" else "ascii")


def sent(found, command):
    return [pdu for pdu in found if pdu["way"] == "sent" and number_of(pdu["command_id"]) == command]


@pytest.mark.parametrize("validity, alphabet, coding", [("relative", "gsm", 0), ("absolute", "latin1", 3), ("none", "ucs2", 8),
                                                        ("relative", "ascii", 1), ("relative", "gsm_dc1", 1)])
def test_a_submit_with_every_option(simulator, gateway_of, number, tmp_path, validity, alphabet, coding):
    tap, daemon = gateway_of(simulator.own_port, smsc=OPTIONS % (validity, alphabet), replace=short_texts())
    client, to = daemon.client(), number()
    vid = client.do("OTP.SEND", to)
    wait_until(lambda: client.status(vid)["delivery"] == "delivered", what="delivered")
    wait_until(lambda: tap.count("sent", 0x15), what="enquire_link")
    assert daemon.stop() == 0
    found = tap.read(str(tmp_path / "pcap"))
    (bind,), (submit,) = sent(found, 9), sent(found, 4)
    assert (bind["system_id"], bind["password"], bind["system_type"]) == ("test", "canarypw", "sys")
    told = {name: number_of(submit[name]) for name in ("source_addr_ton", "source_addr_npi", "dest_addr_ton", "dest_addr_npi", "priority_flag",
                                                       "protocol_id", "data_coding")}
    assert told == {"source_addr_ton": 5, "source_addr_npi": 9, "dest_addr_ton": 2, "dest_addr_npi": 1, "priority_flag": 2,
                    "protocol_id": 65, "data_coding": coding}, submit
    assert (submit["source_addr"], submit["destination_addr"], submit["service_type"]) == ("OTP", to, "OTP1")
    kinds = {"relative": {"validity_period_r"}, "absolute": {"validity_period"}, "none": set()}
    assert {name for name in submit if name.startswith("validity_period") and submit[name] != "0.000000000"} == kinds[validity], submit
    assert number_of(submit["regdel.receipt"]) == 1 and text_of(submit) == simulator.sms(to=to).text, submit
    assert submit["raw"].endswith(b"\x14\0\0\x05" + b"12345" + b"\x20\x01\0\x02\x01\x02") and len(submit["opt_param"]) == 2, submit
    assert sent(found, 6) and sent(found, 0x80000005), "unbind and deliver_sm_resp"


def test_every_other_pdu(simulator, gateway_of, number, tmp_path):
    """Receipts as data_sm and with 400 TLVs, enquire_links, unknown commands, an unbind; both ways are understood."""
    tap, daemon = gateway_of(simulator.own_port, smsc='type = "pair"; enquire_interval_ms = 1000;')
    client = daemon.client()
    for tail in ("999125", "999127", "999313", "999318", "999349", "999356", "999357", "999359", "999346"):
        client.do("OTP.SEND", number(tail))
        wait_until(daemon.ready, what="bound")
    wanted = (1, 2, 4, 0x80000000, 0x80000005, 0x80000006, 0x80000015, 0x80000103)
    wait_until(lambda: all(tap.count("sent", command) for command in wanted), 20, "one of each")
    found = tap.read(str(tmp_path / "pcap"), but=(0x77,))
    assert {number_of(pdu["command_id"]) for pdu in found if pdu["way"] == "sent"} >= set(wanted)


def test_a_standard_tlv_goes_out_as_written(simulator, gateway_of, number, tmp_path):
    tap, daemon = gateway_of(simulator.own_port, smsc='tlvs = ( { tag = 0x020C; hex = "0102"; } );')
    daemon.client().do("OTP.SEND", number())
    wait_until(lambda: tap.count("sent", 4), what="submit")
    (submit,) = sent(tap.read(str(tmp_path / "pcap")), 4)
    assert submit["raw"].endswith(b"\x02\x0c\0\x02\x01\x02")
