"""Whose receipt it is when an SMSC gives one id to several messages: the number tells, in whatever form it is written."""
import queue
import socket
import struct
import threading

import pytest
from rig import wait_until

SUBMIT, DELIVER, RESPONSE = 4, 5, 0x80000000
OURS = "6281100000000"  # the sender in some tests: a number too


class OneId:
    """An SMSC of one bind that answers every submit with the same id, and sends the receipts that a test asks for."""

    def __init__(self):
        self.answers, self.peer = queue.Queue(), None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                self.peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(self.peer,), daemon=True).start()

    def talk(self, peer):
        with peer, peer.makefile("rb") as pdus:
            while head := pdus.read(16):
                length, command, status, sequence = struct.unpack(">IIII", head)
                pdus.read(length - 16)
                if command == DELIVER | RESPONSE:
                    self.answers.put(status)
                answer = b"" if command in (0x15, 6) else b"77\0"
                if command < RESPONSE:
                    peer.sendall(struct.pack(">IIII", 16 + len(answer), command | RESPONSE, 0, sequence) + answer)

    def receipt(self, source, destination="OTP", state="DELIVRD", id="77"):
        """Sends it, and waits for its answer: ROK."""
        text = f"id:{id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:{state} err:000 text:".encode()
        body = b"\0\1\1" + source.encode() + b"\0\1\1" + destination.encode() + b"\0\4\0\0\0\0\0\0\0\0" + bytes([len(text)]) + text
        self.peer.sendall(struct.pack(">IIII", 16 + len(body), DELIVER, 0, 5) + body)
        assert self.answers.get(timeout=60) == 0


@pytest.fixture
def one_id(fresh):
    made = []

    def make(keys="", sender="OTP"):
        smsc, g = OneId(), fresh()
        made.append(smsc)
        g.daemon.run_with(smsc=keys, replace=[(f"port = {g.smsc.port};", f"port = {smsc.port};"),
                                              ('sender = "OTP";', f'sender = "{sender}";')])
        return smsc, g.daemon

    yield make
    for smsc in made:
        smsc.listener.close()


def accepted(client, *numbers):
    """One after the other, so that the id is the last one's."""
    ids = []
    for to in numbers:
        ids.append(client.do("OTP.SEND", to))
        client.settled(ids[-1], "accepted")
    return ids


def deliveries(client, ids):
    return [client.status(vid)["delivery"] for vid in ids]


def ending_in_seven(number):
    """A number whose last seven digits are a number without the rest: zeros in front of them would be a prefix."""
    return next(to for to in iter(number, None) if to[-7] != "0")


FORMS = {"E.164": lambda n: n, "plus": lambda n: "+" + n, "00": lambda n: "00" + n, "trunk": lambda n: "0" + n[2:], "national": lambda n: n[2:],
         "prefixed": lambda n: "9900" + n, "end": lambda n: n[-7:], "spaces": lambda n: f"+{n[:2]} {n[2:5]}-{n[5:]}",
         "another code": lambda n: "621" + n[2:]}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("swapped", [False, True], ids=["as usual", "swapped"])
def test_the_number_tells_whose_it_is(one_id, number, form, swapped):
    """Of two messages with one id each receipt is meant for one; the former one's has no way to it, and changes neither."""
    smsc, daemon = one_id(sender=OURS)
    client, (first, last) = daemon.client(), (ending_in_seven(number), ending_in_seven(number))
    ids = accepted(client, first, last)
    for to, states in ((first, ["accepted", "accepted"]), (last, ["accepted", "delivered"])):
        pair = (FORMS[form](to), OURS)
        smsc.receipt(*(pair[::-1] if swapped else pair))
        assert deliveries(client, ids) == states


@pytest.mark.parametrize("mode", ["auto", "exact", "hex_resp_dec_dlr"])
def test_in_every_mode(one_id, number, mode):
    smsc, daemon = one_id(f'msgid_mode = "{mode}";')
    client, (first, last) = daemon.client(), (number(), number())
    ids = accepted(client, first, last)
    id = "119" if mode == "hex_resp_dec_dlr" else "77"
    for to, states in ((first, ["accepted", "accepted"]), (last, ["accepted", "failed"])):
        smsc.receipt("0" + to[2:], state="UNDELIV", id=id)
        assert deliveries(client, ids) == states


@pytest.mark.parametrize("source", ["", "OTP", "12345", "62812****890"])
def test_a_receipt_that_tells_no_number(one_id, number, source):
    """Then the id is all that there is; the sender, to whom the receipt goes, is nobody's number."""
    smsc, daemon = one_id(sender=OURS)
    client = daemon.client()
    ids = accepted(client, number())
    smsc.receipt(source, destination=OURS)
    assert deliveries(client, ids) == ["delivered"]


def test_it_waits_for_the_message_that_it_means(one_id, number):
    """The id is given anew after the receipt came: it was early, not another's."""
    smsc, daemon = one_id()
    client, (first, last) = daemon.client(), (number(), number())
    ids = accepted(client, first)
    smsc.receipt(last)
    ids += [client.do("OTP.SEND", last)]
    wait_until(lambda: deliveries(client, ids) == ["accepted", "delivered"], what="the receipt finds it")


@pytest.mark.seconds(120)
def test_what_nobody_waits_for_is_unmatched(one_id, number):
    """An id that was never given, and one of another number: answered ROK, kept a minute, then counted; the log has no number."""
    smsc, daemon = one_id()
    client, to, other = daemon.client(), number(), number()
    ids = accepted(client, to)
    smsc.receipt(to, id="78")
    smsc.receipt(other)
    count = lambda result: daemon.metric(f'otpgwd_receipts_total{{smsc="main",result="{result}"}}')
    assert (count("early"), count("unmatched")) == (2, 0)
    wait_until(lambda: count("unmatched") == 2, 75, "the end of the minute")
    assert daemon.json()["smscs"][0]["receipts"] == {"matched": 0, "early": 2, "unmatched": 2, "intermediate": 0, "repeated": 0, "refused": 0}
    assert deliveries(client, ids) == ["accepted"]
    log = daemon.log()
    assert "reason=unknown_id" in log and "reason=other_number" in log and other not in log and to not in log
