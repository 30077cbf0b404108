"""What the configuration says of an SMSC's messages, as octets on the wire: an SMSC that only takes notes."""
import re
import socket
import struct
import threading
import time

import pytest
from rig import wait_until

SUBMIT, RESPONSE = 4, 0x80000000


class Notes:
    """Takes any bind, answers everything with success, keeps the bodies of submits."""

    def __init__(self):
        self.submits = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(peer,), daemon=True).start()

    def talk(self, peer):
        with peer, peer.makefile("rb") as pdus:
            while head := pdus.read(16):
                length, command, _, sequence = struct.unpack(">IIII", head)
                body = pdus.read(length - 16)
                if command == SUBMIT:
                    self.submits.append(body)
                if command < RESPONSE:
                    status, answer = self.answer(command, body)
                    peer.sendall(struct.pack(">IIII", 16 + len(answer), command | RESPONSE, status, sequence) + answer)

    def answer(self, command, body):
        return 0, b"" if command in (0x15, 6) else b"1\0"


def fields_of(body):
    """Every field of a submit_sm by its name; the TLVs as a list."""
    rest, f = body, {}

    def text(name):
        nonlocal rest
        octets, _, rest = rest.partition(b"\0")
        f[name] = octets.decode("ascii")

    def numbers(*names):
        nonlocal rest
        f.update(zip(names, rest))
        rest = rest[len(names):]

    text("service_type")
    numbers("source_ton", "source_npi")
    text("source")
    numbers("dest_ton", "dest_npi")
    text("destination")
    numbers("esm_class", "protocol_id", "priority")
    text("schedule")
    text("validity")
    numbers("registered", "replace", "data_coding", "default_message", "length")
    f["octets"], rest = rest[:f["length"]], rest[f["length"]:]
    f["tlvs"] = []
    while rest:
        tag, length = struct.unpack(">HH", rest[:4])
        f["tlvs"].append((tag, rest[4:4 + length]))
        rest = rest[4 + length:]
    f["source_type"], f["dest_type"] = (f["source_ton"], f["source_npi"]), (f["dest_ton"], f["dest_npi"])
    return f


@pytest.fixture
def sent(fresh, number):
    """The fields of the submit that one SEND becomes, under these keys of the SMSC."""
    notes = []

    def send(keys="", sender="", text=None, rest=None):
        n = Notes()
        notes.append(n)
        g = fresh()
        replace = [(f"port = {g.smsc.port};", f"port = {n.port};")]
        if sender:
            replace.append(('sender = "OTP";', f'sender = "{sender}";'))
        if text:
            replace.append(('text = "{brand}: kode Anda {code}. Berlaku', f'text = "{text}{{brand}}: kode Anda {{code}}. Berlaku'))
        if rest:
            replace.append((" Berlaku {minutes} menit. JANGAN berikan kepada siapa pun.\"", rest))
        g.daemon.run_with(smsc=keys, replace=replace)
        to = number()
        g.daemon.client().do("OTP.SEND", to)
        wait_until(lambda: n.submits, what="a submit")
        f = fields_of(n.submits[0])
        assert f["destination"] == to and (f["esm_class"], f["replace"], f["default_message"], f["schedule"]) == (0, 0, 0, "")
        return f

    yield send
    for n in notes:
        n.listener.close()


def test_as_shipped(sent):
    f = sent()
    assert (f["source"], f["source_type"], f["dest_type"]) == ("OTP", (5, 0), (1, 1))
    assert (f["service_type"], f["protocol_id"], f["priority"], f["registered"], f["tlvs"]) == ("", 0, 0, 1, [])
    assert f["data_coding"] == 0 and re.fullmatch(rb"OTP Gateway: kode Anda \d{6}\. .*", f["octets"])
    assert f["validity"] == "000000000500000R"


def test_every_key(sent):
    f = sent('service_type = "OTP"; protocol_id = 65; priority = 3; receipts = false; validity = "none"; source_ton = 0; source_npi = 9;'
             'dest_ton = 2; dest_npi = 8; tlvs = ( { tag = 0x1400; value = "ab"; }, { tag = 0x1401; hex = "00ff"; }, { tag = 0x1402; } );')
    assert (f["source_type"], f["dest_type"], f["validity"]) == ((0, 9), (2, 8), "")
    assert (f["service_type"], f["protocol_id"], f["priority"], f["registered"]) == ("OTP", 65, 3, 0)
    assert f["tlvs"] == [(0x1400, b"ab"), (0x1401, b"\0\xff"), (0x1402, b"")]


@pytest.mark.parametrize("sender, keys, kind", [("12345", "", (3, 0)), ("12345", "short_ton = 6;", (6, 0)), ("6281100000000", "", (1, 1)),
                                                ("ACME", "short_ton = 6;", (5, 0))])
def test_kinds_of_senders(sent, sender, keys, kind):
    f = sent(keys, sender=sender)
    assert (f["source"], f["source_type"]) == (sender, kind)


def test_validity_as_a_time(sent):
    """UTC; the code has 300 s."""
    before = int(time.time())
    f = sent('validity = "absolute";')
    assert re.fullmatch(r"\d{12}000\+", f["validity"])
    at = time.strptime("20" + f["validity"][:12], "%Y%m%d%H%M%S")
    left = int(time.mktime((*at[:8], 0)) - time.timezone) - before
    assert 240 <= left <= 360 + (int(time.time()) - before), left


@pytest.mark.parametrize("alphabet, data_coding, begin", [("gsm", 0, b"\0\x11"), ("gsm_dc1", 1, b"\0\x11"), ("ascii", 1, b"@_"),
                                                          ("latin1", 3, b"@_")])
def test_alphabets(sent, alphabet, data_coding, begin):
    f = sent(f'alphabet = "{alphabet}";', text="@_")
    assert f["data_coding"] == data_coding and f["octets"].startswith(begin + b"OTP Gateway"), f


def test_ucs2_for_what_the_alphabet_lacks(sent):
    """As long as it is one SMS so."""
    f = sent('alphabet = "ascii";', text="\u00e9", rest='."')
    assert f["data_coding"] == 8 and f["octets"].startswith("\u00e9OTP Gateway".encode("utf-16-be"))


def test_a_text_that_would_be_two_sms_there(fresh):
    """No SMSC gets it: the file is refused, before a code is lost on its way."""
    d = fresh().daemon
    d.stop()
    d.write_conf(smsc='alphabet = "ascii";', replace=[('"{brand}: kode Anda', '"\u00e9{brand}: kode Anda')])
    code, said = d.check()
    assert code and "templates[0].text" in said and "too_long" in said, said


RISKY = [("@", "U+0040 (@)"), ("$", "U+0024 ($)"), ("_", "U+005F (_)"), ("{{", "U+007B ({)"), ("}", "U+007D (})"), ("[", "U+005B ([)"),
         ("]", "U+005D (])"), ("^", "U+005E (^)"), ("|", "U+007C (|)"), ("~", "U+007E (~)"), ("\\\\", "U+005C (\\)"), ("\u20ac", "U+20AC"),
         ("#", "U+0023 (#)"), ("\u00e9", "U+00E9")]


def test_characters_that_some_smscs_change(fresh):
    """Field problem 12: told at load with purpose, language, the character and what would be right; the file is good all the same."""
    d = fresh().daemon
    d.stop()
    for character, told in RISKY:
        d.write_conf(smsc="", replace=[('text = "{brand}: kode Anda', f'text = "{character}{{brand}}: kode Anda')])
        code, said = d.check()
        lines = [line for line in said.splitlines() if "text_risky" in line]
        assert code == 0 and lines and all(f"character={told}: some SMSCs change it, sure are letters, digits" in line for line in lines), said
        assert re.search(r"purpose=login template=\S+ lang=id ", lines[0]) and not any("lang=en" in line for line in lines), lines
    d.write_conf(smsc="", replace=[('brand = "OTP Gateway"', 'brand = "OTP@Gateway"')])
    code, said = d.check()
    assert code == 0 and "purpose=login brand character=U+0040 (@)" in said, said
    d.write_conf(smsc="")
    assert "text_risky" not in d.check()[1], "what is shipped is sure"


def test_a_system_id_of_sixteen_is_a_warning(fresh):
    """The standard ends it at 15; real accounts have one more."""
    d = fresh().daemon
    d.stop()
    for system_id, warned in (("FIFTEEN_OCTETS_", False), ("SIXTEEN_OCTETS__", True)):
        d.write_conf(smsc="", replace=[])
        with open(d.path("conf")) as f:
            text = re.sub('system_id = "[^"]*"', f'system_id = "{system_id}"', f.read(), count=1)
        with open(d.path("conf"), "w") as f:
            f.write(text)
        code, said = d.check()
        assert code == 0 and ("system_id_long" in said) == warned, said
