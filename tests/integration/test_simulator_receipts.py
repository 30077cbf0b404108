"""Receipts of the simulator: each form, dialect, way and spelling that a test of the daemon asks of it is really sent."""
import re
import time

import pytest
from smpp_peer import BIND_RX, BIND_TX, DATA, DELIVER, RESP, SUBMIT, message, tlvs
from test_simulator import help_rows, number, peer, start  # noqa: F401

TEXT = r"id:(?P<id>\w+) sub:001 dlvrd:001 submit date:\d{10} done date:\d{10} stat:DELIVRD err:000 text:"


def one(p, to="628121234567"):
    """Submits; the id of the response and the receipt, taken apart."""
    p.submit(to)
    pdus = [p.read(), p.read()]
    receipt = next(pdu for pdu in pdus if pdu.id in (DELIVER, DATA))
    p.answer(receipt)
    answer = next(pdu for pdu in pdus if pdu.id == SUBMIT | RESP)
    return answer.body.partition(b"\0")[0].decode(), message(receipt)


@pytest.mark.parametrize("form, text, with_tlvs", [("text", TEXT, False), ("tlv", "", True), ("both", TEXT, True)])
def test_forms(start, peer, form, text, with_tlvs):
    smsc = start("--receipts", form)
    given, m = one(peer(smsc))
    assert re.fullmatch(text, m.text) and (m.source, m.destination, m.esm) == ("628121234567", "OTP", 4)
    assert form == "tlv" or re.fullmatch(text, m.text)["id"] == given
    assert m.tlvs == ({0x1E: given.encode() + b"\0", 0x427: b"\2"} if with_tlvs else {})
    peer(smsc).ask(registered=0)
    assert smsc.account()["receipts"] == 1, "only who asks gets one"


def test_conflict(start, peer):
    _, m = one(peer(start()), number("999123"))
    assert m.tlvs[0x427] == b"\2" and "stat:UNDELIV" in m.text


DIALECTS = {
    "standard": TEXT, "d12": r".*date:\d{12} done date:\d{12} .*", "d14": r".*date:20\d{12} done.*", "tenths": r".*date:\d{12}3 done.*",
    "plus": r".*date:\d{12}\+07 done.*", "absolute": r".*date:\d{12}028\+ done.*", "no_sub": r"id:\w+ submit date:.*",
    "no_stat": r".*done date:\d{10} DELIVRD err:000.*", "err_nul": r".*err:nul.*", "err_word": ".*err:EC_12.*",
    "Text": r".*Text:Kode Anda", "capitals": r"ID:\w+ SUB:001 .*STAT:DELIVRD.*", "turned": r"stat:DELIVRD err:000 .*id:\w+ text:.*",
    "short": r"id:\w+ stat:DELIVRD", "misleading": r".*stat:DELIVRD err:000 text:id:0 stat:ENROUTE", "spaces": r"id: \w+  sub: 001.*",
    "no_text": r".*err:000",
}


def test_dialects(start, peer):
    p = peer(start("--receipts", "text"))
    rows = [(digits, fault.split(":")[1]) for digits, fault in help_rows("Destinations choose") if fault.startswith("dialect:")]
    assert [name for _, name in rows] == list(DIALECTS)
    for digits, name in rows:
        given, m = one(p, number(digits))
        assert re.fullmatch(DIALECTS[name], m.text) and given in m.text, (name, m.text)


@pytest.mark.parametrize("suffix, word, code", [
    ("999101", "UNDELIV", 5), ("999102", "EXPIRED", 3), ("999103", "REJECTD", 8), ("999104", "DELETED", 4), ("999105", "UNKNOWN", 7),
    ("999106", "ACCEPTD", 6), ("999107", "ENROUTE", 1), ("999108", "BUFFRED", 1), ("999109", "SCHEDLD", 0), ("999110", "FAILED", 5),
    ("999111", "SKIPPED", 9), ("999112", "ACKED", 1), ("999113", "STRANGE", 99), ("999117", "DELIVERED", 2), ("999118", "UNDELIVERABLE", 5),
    ("999119", "REJECTED", 8), ("999137", "ACCEPTED", 6)])
def test_states(start, peer, suffix, word, code):
    _, m = one(peer(start("--receipts", "both")), number(suffix))
    assert f" stat:{word} " in m.text and m.tlvs[0x427] == bytes([code])


@pytest.mark.parametrize("style, response, receipt", [
    ("hex", r"[0-9A-F]{8,}", lambda i: i), ("dec", r"\d+", lambda i: i), ("mixed", r"[0-9A-F]{8,}", lambda i: str(int(i, 16))),
    ("empty", r"", None), ("dec-hex", r"\d+", lambda i: f"{int(i):X}"), ("lower", r"[0-9a-f]+", lambda i: i),
    ("case", r"[0-9A-F]+", lambda i: i.lower()), ("zeros", r"[1-9A-F][0-9A-F]+", lambda i: i.zfill(24)),
    ("zeros-resp", r"0+[0-9A-F]+", lambda i: i.lstrip("0")), ("dec-zeros", r"\d+", lambda i: i.zfill(24)),
    ("mixed-lower", r"[0-9a-f]+", lambda i: str(int(i, 16))), ("long", r"[0-9A-F]{64}", lambda i: i),
    ("hex-0x", r"[0-9A-F]{8,}", lambda i: "0x" + i.lower()), ("dec-0x", r"\d+", lambda i: f"0x{int(i):X}")])
def test_ids(start, peer, style, response, receipt):
    given, m = one(peer(start("--receipts", "tlv", "--id", style)))
    assert re.fullmatch(response, given) and (receipt is None or m.id == receipt(given))
    p = peer(start("--receipts", "tlv", "--fault", f"id:{style}"))
    given, m = one(p)
    assert re.fullmatch(response, given) and (receipt is None or m.id == receipt(given))


def test_codings(start, peer):
    """data_coding and the octets; behind a user data header as well."""
    p = peer(start("--receipts", "text"))
    for suffix, coding, esm, read in [("999170", 8, 4, lambda b: b.decode("utf-16-be")), ("999171", 3, 4, lambda b: b.decode("latin1")),
                                      ("999172", 0, 0x44, lambda b: b.removeprefix(b"\5\0\3\7\1\1").decode())]:
        given, m = one(p, number(suffix))
        assert (m.esm, m.coding) == (esm, coding) and re.fullmatch(TEXT, read(m.octets))["id"] == given


def test_odd_states_and_two_ids(start, peer):
    p = peer(start("--receipts", "both"))
    for suffix, state in [("999173", b"\0"), ("999174", b"\0\2"), ("999175", b"\0\0\0\2")]:
        _, m = one(p, number(suffix))
        assert m.tlvs[0x427] == state and "stat:DELIVRD" in m.text
    given, m = one(p, number("999176"))
    assert m.id != given and re.fullmatch(TEXT, m.text)["id"] == given
    given, m = one(p, number("999177"))
    assert m.id == given and re.fullmatch(TEXT, m.text)["id"] != given
    given, m = one(p, number("999178"))
    assert 0x1E not in m.tlvs and "id: sub" in m.text and m.esm == 4


def test_a_window_of_one(start, peer):
    """The next receipt comes when the one before is answered; what a lost connection leaves behind comes on the next."""
    smsc = start("--receipts", "text", "--receipt-window", 1, "--fault", "receipt_unknowns:3")
    p = peer(smsc)
    p.submit()
    pdus = p.sync()
    given = next(pdu for pdu in pdus if pdu.id == SUBMIT | RESP).body[:-1].decode()
    told = []
    for _ in range(2):
        (receipt,) = [pdu for pdu in pdus if pdu.id == DELIVER]
        told.append(re.match(r"id:(\w+)", message(receipt).text)[1])
        p.answer(receipt)
        pdus = p.sync()
    p.close()
    told += [re.match(r"id:(\w+)", message(pdu).text)[1] for pdu in peer(smsc).receipts(1)]
    assert told[-1] == given and len(set(told)) == 3, "the third was on its way when the connection was lost"


def test_more_than_one(start, peer):
    p = peer(start("--receipts", "both"))

    def told(suffix, count):
        answer = p.ask(number(suffix))
        return answer.body[:-1].decode(), [message(pdu) for pdu in p.receipts(count)]

    given, (a, b) = told("999131", 2)
    assert a.id == b.id == given
    given, (a, b) = told("999132", 2)
    assert a.id != given and b.id == given
    _, (a, b) = told("999114", 2)
    assert (a.esm, a.tlvs[0x427], b.esm, b.tlvs[0x427]) == (0x20, b"\1", 4, b"\2")
    _, (a, b) = told("999115", 2)
    assert (a.tlvs[0x427], b.tlvs[0x427]) == (b"\2", b"\5")


def test_odd_pdus(start, peer):
    p = peer(start("--receipts", "both"))
    given, m = one(p, number("999124"))
    assert m.text.startswith("id:" + given) and 0x424 in m.tlvs
    given, m = one(p, number("999125"))
    assert m.text.startswith("id:" + given) and m.id == given
    assert one(p, number("999126"))[1].esm == 0
    assert len(one(p, number("999127"))[1].tlvs) == 402
    given, m = one(p, number("999128"))
    assert m.tlvs[0x1E] == given.encode() + b"   "
    assert {0x1403, 0x2001, 0x3177} < set(one(p, number("999130"))[1].tlvs)
    assert one(p, number("999116"))[1].tlvs[0x423] == b"\3\0\x22"
    p.submit(number("999129"))
    assert p.read().id == SUBMIT | RESP
    with pytest.raises(AssertionError):
        tlvs(p.read().body[-6:])


def test_data_sm_is_one(start, peer):
    p = peer(start("--receipts", "both"))
    p.ask(number("999125"))
    assert [pdu.id for pdu in p.receipts(1)] == [DATA]


def test_before_the_response(start, peer):
    p = peer(start("--receipts", "both"))
    p.submit(number("999306"))
    assert [p.read().id, p.read().id] == [DELIVER, SUBMIT | RESP]
    p = peer(start("--receipts", "both", "--receipt-before-resp"))
    p.submit()
    assert [p.read().id, p.read().id] == [DELIVER, SUBMIT | RESP]


def test_later_and_out_of_order(start, peer):
    p = peer(start("--receipts", "both", "--receipt-delay-ms", 100))
    began = time.monotonic()
    p.sock.sendall(p.pack(SUBMIT, p.submit_body(number("999133"))) + p.pack(SUBMIT, p.submit_body()))
    late, soon = p.read(), p.read()
    told = [message(pdu).id for pdu in p.receipts(2)]
    assert told == [soon.body[:-1].decode(), late.body[:-1].decode()] and time.monotonic() - began >= 0.29


def test_to_the_receiver(start, peer):
    smsc = start("--receipts", "both")
    sender, receiver = peer(smsc, BIND_TX), peer(smsc, BIND_RX)
    sender.ask()
    assert [pdu.id for pdu in receiver.receipts(1)] == [DELIVER] and not sender.sync()
    assert receiver.ask().status == 4, "a receiver may not submit"
    assert smsc.account()["violations"] == {"receiver_submits": 1}
    assert smsc.account()["bind_kinds"] == {"transmitter": 1, "receiver": 1}


def test_to_which_bind(start, peer):
    smsc = start("--receipts", "both", "--receipts-to", "receiver")
    both, receiver = peer(smsc), peer(smsc, BIND_RX)
    both.ask()
    receiver.receipts(1)
    smsc = start("--receipts", "both", "--receipts-to", "any", "--seed", 1)
    a, b = peer(smsc), peer(smsc)
    for _ in range(20):
        a.submit()
    a.sync(), b.sync()
    smsc = start("--receipts", "both")
    a, b = peer(smsc), peer(smsc)
    for here, there in ((a, b), (b, a)):
        here.ask(number("999135"))
        there.receipts(1)
    a.ask(number("999136"))
    assert not a.sync() and not b.sync()
    assert len(peer(smsc).receipts(1)) == 1


def test_to_any_is_spread(start, peer):
    smsc = start("--receipts", "both", "--receipts-to", "any", "--seed", 1)
    a, b = peer(smsc), peer(smsc)
    for _ in range(40):
        a.submit()
    mine = [pdu for pdu in a.sync() if pdu.id == DELIVER]
    others = b.sync()
    assert len(mine) + len(others) == 40 and len(mine) > 5 and len(others) > 5


def test_kept_for_the_next_bind(start, peer):
    """No receiver is there: the receipt waits for one; an unanswered one is repeated, as is a refused one."""
    smsc = start("--receipts", "both", "--receipt-again", "--receipt-delay-ms", 100)
    p = peer(smsc, BIND_TX)
    given = p.ask().body[:-1].decode()
    p.close()
    p = peer(smsc, BIND_RX)
    first = p.read()
    assert message(first).id == given
    p.close()
    p = peer(smsc, BIND_RX)
    second = p.read()
    assert message(second).id == given
    p.answer(second, status=0x64)
    assert message(p.receipts(1)[0]).id == given
    p.sync()
    account = smsc.account()
    assert (account["receipts"], account["receipt_ok"], account["receipt_error"]) == (3, 1, 1)
