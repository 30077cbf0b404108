"""The simulator itself, driven octet for octet: a fault that it does not make would leave a test of the daemon without an object."""
import contextlib
import os
import re
import select
import socket
import struct
import subprocess
import time

import pytest
from process import text_of, wait_until
from rig import SMSC, Smsc
from smpp_peer import (ALERT, BIND_RX, BIND_TRX, BIND_TX, DATA, DELIVER, ENQUIRE, NACK, OUTBIND, RESP, SUBMIT, UNBIND, Peer, cstring,
                       message)


@pytest.fixture
def start(tmp_path):
    """start(*options) -> the simulator; its peers are made with peer(...)."""
    with contextlib.ExitStack() as made:
        def run(*options):
            name = f"smsc{len(os.listdir(tmp_path))}"
            smsc = Smsc(str(tmp_path), name, *map(str, options))
            made.callback(smsc.phone.close)
            made.callback(lambda: ended(smsc))
            smsc.start(*map(str, options))
            return smsc

        yield run


def ended(smsc):
    assert smsc.stop() == 0, text_of(smsc.path("log"))


@pytest.fixture
def peer():
    with contextlib.ExitStack() as made:
        def run(smsc, *args, **options):
            p = Peer(smsc.port, *args, **options)
            made.callback(p.close)
            return p

        yield run


def help_text():
    return subprocess.run([SMSC, "--help"], capture_output=True, text=True, check=True).stdout


def help_rows(title):
    """The rows below a title: name and the rest."""
    part = help_text().split(title, 1)[1].split("\n", 1)[1]
    rows = []
    for line in part.splitlines():
        if not line.startswith("  "):
            break
        rows.append((line.split()[0], " ".join(line.split()[1:])))
    return rows


def suffixes():
    return [(digits, fault.split(",")[0]) for digits, fault in help_rows("Destinations choose") if "d" not in digits]


def number(suffix):
    return "628120000000"[:12 - len(suffix)] + suffix


# --- responses ---

ID = rb"[0-9A-F]{8,}\0"


@pytest.mark.parametrize("fault, command, status, body", [
    ("status:0x45", SUBMIT, 0x45, rb""), ("throttle", SUBMIT, 0x58, rb""), ("queue_full", SUBMIT, 0x14, rb""),
    ("error_nul", SUBMIT, 0x0B, rb"\0"), ("error_id", SUBMIT, 0x0B, ID), ("error_id:0x400", SUBMIT, 0x400, ID),
    ("error_tlvs", SUBMIT, 0x0B, ID + rb"\x00\x1d.*"), ("empty_id", SUBMIT, 0, rb"\0"), ("no_body", SUBMIT, 0, rb""),
    ("long_id", SUBMIT, 0, rb"[0-9A-F]{64}\0"), ("extra_tlvs", SUBMIT, 0, ID + rb"\x00\x1d\x00\x08no more\0\x20\x01.*"),
    ("bad_tlv", SUBMIT, 0, ID + rb"\x20\x01\xff\xffz"), ("no_nul", SUBMIT, 0, rb"[0-9A-F]{8,}"),
    ("congestion:85", SUBMIT, 0, ID + rb"\x04\x28\x00\x01U"), ("nack", NACK, 8, rb""), ("wrong_command", DATA, 0, ID)])
def test_response(start, peer, fault, command, status, body):
    p = peer(start("--fault", fault))
    answer = p.ask()
    assert (answer.id, answer.status) == (command | RESP, status) and re.fullmatch(body, answer.body, re.S), answer


@pytest.mark.parametrize("status", [1, 6, 0x0B, 0x14, 0x45, 0x58, 0x66, 0x99])
def test_each_status_by_suffix(start, peer, status):
    p = peer(start())
    assert p.ask(number(f"9990{status:02x}") if status % 16 < 10 else number(f"9992{status:03d}")).status == status
    assert p.ask(number(f"9992{status:03d}")).status == status
    assert p.ask().status == 0


def test_every_suffix_makes_its_fault(start, peer):
    smsc = start("--receipts", "both")
    made = {}
    for digits, fault in suffixes():
        p = peer(smsc)
        p.submit(number(digits))
        name = fault.split(":")[0]
        made[name] = made.get(name, 0) + 1
        wait_until(lambda: smsc.account()["faults"] == made, what=f"{digits} {fault}")
        p.close()
    once = [digits for digits, note in help_rows("Destinations choose") if note.endswith(", once")]
    assert len(once) > 20
    p = peer(smsc)
    for digits in once:
        p.submit(number(digits))
    answers = [pdu for pdu in p.sync() if pdu.id != DELIVER]
    assert [(a.id, a.status) for a in answers] == [(SUBMIT | RESP, 0)] * len(once), "the second time nothing happens"


def test_response_twice_and_stray(start, peer):
    p = peer(start())
    sequence = p.submit(number("999302"))
    assert [pdu.sequence for pdu in p.sync()] == [sequence, sequence]
    sequence = p.submit(number("999303"))
    assert [pdu.sequence for pdu in p.sync()] == [sequence ^ 0x40000000, sequence]
    sequence = p.submit(number("999327"))
    assert [pdu.sequence for pdu in p.sync()] == [sequence ^ 0x40000000]
    assert p.submit(number("999300")) and not p.sync()


def test_out_of_order_and_late(start, peer):
    smsc = start()
    p = peer(smsc)
    p.sock.sendall(p.pack(SUBMIT, p.submit_body(number("999326"))) + p.pack(SUBMIT, p.submit_body()))
    first, second = p.read(), p.read()
    assert (first.sequence, second.sequence) == (p.sequence, p.sequence - 1)
    began = time.monotonic()
    assert p.ask(number("999325")).status == 0 and time.monotonic() - began >= 2.99
    assert smsc.account()["violations"] == {}


def test_delay_fixed_and_jitter(start, peer):
    def delays(*options):
        p = peer(start(*options))
        found = []
        for _ in range(8):
            began = time.monotonic()
            p.ask()
            found.append(time.monotonic() - began)
        return found

    assert min(delays("--resp-delay-ms", 50)) >= 0.048
    assert max(delays("--resp-jitter-ms", 100, "--seed", 3)) >= 0.05


def test_coalesced_and_in_pieces(start, peer):
    """Together every 200 ms; or an octet at a time, each a segment of its own."""
    p = peer(start("--coalesce-ms", 300))

    def together():
        p.submit()
        early = select.select([p.sock], [], [], 0.02)[0]  # time enough for an answer of its own
        p.submit()
        answers = p.sock.recv(65536)
        while len(answers) < 60:
            early.append(p.sock)
            answers += p.sock.recv(65536)
        return not early

    assert any([together() for _ in range(4)])
    p = peer(start("--pieces"))
    assert p.ask().status == 0

    def parts():
        p.submit()
        octets, count = 0, 0
        while octets < 30:
            octets += len(p.sock.recv(65536))
            count += 1
        return count

    assert any(parts() > 1 for _ in range(20)), "whoever reads late finds them together"


def unacked(sock):
    return struct.unpack_from("I", sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), 24)[0]


def test_late_acknowledgement(start, peer):
    """How long a segment of ours stays unacknowledged: the kernel's own delay is 40 ms."""
    def times(*options):
        p = peer(start("--resp-delay-ms", 300, *options))
        found = []
        for _ in range(4):
            began = time.monotonic()
            p.submit()
            while unacked(p.sock):
                time.sleep(0.001)
            found.append(time.monotonic() - began)
            p.read()
        return sorted(found)[len(found) // 2]

    # The kernel may acknowledge one at once whatever it was asked for.
    assert times("--late-ack") >= 0.02 > times()


# --- the connection ---

def test_connect(start, peer):
    with pytest.raises(ConnectionRefusedError):
        peer(start("--connect", "refuse"), None)
    for how in ("close", "reset"):
        smsc = start("--connect", how, "--connect-count", 1)
        assert peer(smsc, None).silence(5) == (b"", False)
        assert peer(smsc).ask().status == 0
    p = peer(start("--connect", "silent"), None)
    p.send(BIND_TRX, cstring("test") + cstring("canarypw") + b"\0\x34\0\0\0")
    assert p.silence(0.3) == (b"", True)


def test_refused_for_a_while(start):
    smsc = start("--connect", "refuse", "--refuse-ms", 1500)

    def taken():
        with contextlib.suppress(ConnectionRefusedError):
            return Peer(smsc.port)

    assert taken() is None
    wait_until(taken, 10, "a connection").close()


@pytest.mark.parametrize("form, command, body", [("usual", BIND_TRX, b""), ("no_body", BIND_TRX, b""), ("body", BIND_TRX, b"SMSC\0"),
                                                 ("nack", NACK, b"")])
@pytest.mark.parametrize("status", [0x05, 0x0D, 0x0E, 0x58])
def test_bind_refused(start, peer, form, command, body, status):
    smsc = start("--refuse-bind", status, "--bind-form", form, "--bind-count", 1)
    answer = peer(smsc, None).bind()
    assert (answer.id, answer.status, answer.body) == (command | RESP, status, body)
    assert peer(smsc).ask().status == 0
    account = smsc.account()
    assert (account["binds_refused"], account["binds"]) == (1, 1) and account["violations"] == {}


def test_bind_otherwise(start, peer):
    assert peer(start("--bind-form", "close"), None).bind() is None
    p = peer(start("--bind-form", "no_body"), None)
    assert p.bind() == (BIND_TRX | RESP, 0, 1, b"") and p.ask().status == 0
    p = peer(start("--bind-form", "silent"), None)
    p.send(BIND_TRX, cstring("test") + cstring("canarypw") + b"\0\x34\0\0\0")
    assert p.silence(0.3) == (b"", True)
    began = time.monotonic()
    p = peer(start("--bind-delay-ms", 400))
    assert time.monotonic() - began >= 0.39 and p.ask().status == 0
    assert peer(start(), None).bind(password="wrong").status == 0x0E


def test_too_many_binds_and_ghosts(start, peer):
    """A bind that went without unbind still counts for a while; one that said so does not."""
    smsc = start("--max-binds", 2, "--ghost-ms", 4000)
    first, second = peer(smsc), peer(smsc)
    assert peer(smsc, None).bind().status == 5
    first.send(UNBIND)
    assert first.read().id == UNBIND | RESP
    third = peer(smsc)
    second.close()
    wait_until(lambda: sum(link["ended"] for link in smsc.account()["links"]) >= 1, what="the end of it")
    assert peer(smsc, None).bind().status == 5
    wait_until(lambda: peer(smsc, None).bind().status == 0, 10, "the ghost's end")
    assert third.ask().status == 0


@pytest.mark.parametrize("suffix, left", [("999307", False), ("999340", False), ("999341", False), ("999342", False), ("999343", False),
                                          ("999344", True), ("999345", True)])
def test_links_end(start, peer, suffix, left):
    """Closed, closed after it was accepted, reset, all closed, FIN; half-open and mute: nothing comes, and it stays open."""
    smsc = start()
    other, p = peer(smsc), peer(smsc)
    p.submit(number(suffix))
    assert p.silence(0.5 if left else 5) == (b"", left)
    assert (other.silence(0.2)[1]) is (suffix != "999342")
    if left:
        p.send(ENQUIRE)
        assert p.silence(0.3) == (b"", True)
    wait_until(lambda: smsc.account()["submits"] == 1)
    assert smsc.account()["accepted"] == (suffix == "999340")


def test_half_open_takes_no_more(start, peer):
    """The peer's writes pile up: nobody reads them."""
    p = peer(start())
    p.submit(number("999344"))
    p.silence(0.2)
    p.sock.settimeout(1)
    with pytest.raises(TimeoutError):
        for _ in range(100000):
            p.sock.sendall(p.pack(SUBMIT, p.submit_body()) * 100)


@pytest.mark.parametrize("suffix, length", [("999350", 0), ("999351", 12), ("999352", 15), ("999353", 65537), ("999354", 0xFFFFFFFF)])
def test_command_length(start, peer, suffix, length):
    p = peer(start())
    p.submit(number(suffix))
    got, is_open = p.silence(5)
    assert struct.unpack(">II", got[:8]) == (length, DELIVER) and is_open


def test_half_a_pdu(start, peer):
    p = peer(start())
    p.submit(number("999355"))
    got, is_open = p.silence(5)
    assert struct.unpack(">I", got[:4]) == (64,) and len(got) == 13 and is_open


@pytest.mark.parametrize("suffix", ["999350", "999355"])
def test_no_receipt_completes_what_is_half(start, peer, suffix):
    """It would be read as the rest of a PDU with sequence 0. It waits for another link."""
    smsc = start("--receipts", "both", "--receipts-to", "any", "--receipt-delay-ms", 300)
    p = peer(smsc)
    p.ask()
    p.submit(number(suffix))
    assert p.silence(5)[0] and p.silence(1) == (b"", True)
    assert [pdu.id for pdu in peer(smsc).receipts(1)] == [DELIVER]


def test_unbind_in_flight(start, peer):
    smsc = start("--resp-delay-ms", 50)
    p = peer(smsc)
    sequence = p.submit(number("999346"))
    asked, answer = p.read(), p.read()
    assert (asked.id, answer.id, answer.sequence) == (UNBIND, SUBMIT | RESP, sequence)
    p.answer(asked)
    assert p.read() is None
    p = peer(smsc)
    p.sock.sendall(p.pack(SUBMIT, p.submit_body()) + p.pack(SUBMIT, p.submit_body(number("999347"))))
    asked = p.read()
    assert asked.id == UNBIND and p.silence(0.3) == (b"", True), "what is in flight is not answered"
    p.answer(asked)
    assert p.read() is None and smsc.account()["violations"] == {}


def test_pdus_nobody_asked_for(start, peer):
    smsc = start()
    p = peer(smsc)
    for suffix, command, status in (("999349", 0x77, 0), ("999357", ALERT, 0), ("999358", OUTBIND, 0), ("999359", DELIVER, 0),
                                    ("999360", DATA, 0), ("999348", NACK, 2)):
        p.submit(number(suffix))
        pdu = p.read()
        assert (pdu.id, pdu.status) == (command, status)
        if command in (DELIVER, DATA):
            assert message(pdu).text == "STOP" and message(pdu).esm == 0
            p.answer(pdu)
        elif command == 0x77:
            p.send(NACK, status=3, sequence=pdu.sequence)
        elif command == NACK:
            assert pdu.sequence == 0
        p.sync()
    account = smsc.account()
    assert account["violations"] == {} and (account["mo_ok"], account["nacks"]) == (2, 1)


def test_enquire_link(start, peer):
    smsc = start("--enquire-ms", 50)
    p = peer(smsc)
    for _ in range(3):
        asked = p.read()
        assert asked.id == ENQUIRE
        p.answer(asked)
    p.sync()
    assert smsc.account()["enquiries_answered"] >= 3
    p = peer(start())
    p.submit(number("999356"))
    flood = [p.read() for _ in range(1000)]
    assert {pdu.id for pdu in flood} == {ENQUIRE} and p.read().id == SUBMIT | RESP
    smsc = start("--no-enquire-resp", "--no-unbind-resp")
    p = peer(smsc)
    p.send(ENQUIRE)
    p.send(UNBIND)
    assert p.silence(0.3) == (b"", True) and p.ask().status == 0


def test_outbind_calls_the_client(start):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        start("--outbind", listener.getsockname()[1])
        listener.settimeout(60)
        sock = listener.accept()[0]
        assert sock.recv(100)[4:8] == struct.pack(">I", OUTBIND)
        sock.close()


def test_dropped_with_answers_missing(start, peer):
    smsc = start("--drop-after", 5, "--drop-unanswered", 2)
    p = peer(smsc)
    assert p.ask().status == p.ask().status == 0
    for _ in range(3):
        p.submit()
    assert p.read() is None
    assert smsc.account()["accepted"] == 2 and peer(smsc).ask().status == 0


def test_token_bucket(start, peer):
    """It refills with time, and no faster."""
    smsc = start("--throttle", 20, "--throttle-depth", 5)
    p = peer(smsc)
    began = time.monotonic()
    good = 0
    while time.monotonic() - began < 1:
        good += p.ask().status == 0
    most = 5 + 20 * (time.monotonic() - began) + 1
    assert 10 <= good <= most and smsc.account()["throttled"] > good


def test_queue_full_per_destination(start, peer):
    p = peer(start("--queue-per-destination", 2))
    assert [p.ask().status for _ in range(4)] == [0, 0, 0x14, 0x14]
    assert p.ask("628129999").status == 0


# --- scripts ---

MIX = "throttle=50 drop=2 status:0x0B=20 empty_id=100 receipt_twice=50"


def story(peer, smsc, count=1500):
    """What became of each submit; a dropped connection is made anew."""
    p, fates = peer(smsc), []
    for _ in range(count):
        p.submit()
        answer = p.read()
        fates.append((answer.status, len(answer.body)) if answer else "dropped")
        if not answer:
            p = peer(smsc)
    return fates


def test_mix_is_reproducible(start, peer):
    one, two = start("--mix", MIX, "--seed", 7), start("--mix", MIX, "--seed", 7)
    fates = story(peer, one)
    assert fates == story(peer, two) != story(peer, start("--mix", MIX, "--seed", 8))
    made = one.account()["faults"]
    assert made == two.account()["faults"] and set(made) == {"throttle", "drop", "status", "empty_id", "receipt_twice"}
    assert 40 < made["throttle"] < 120 and 100 < made["empty_id"] < 210 and fates.count("dropped") == made["drop"]


def test_scenario(start, peer, tmp_path):
    script = tmp_path / "story"
    script.write_text("# what happens when\nseed 3\nat 2 submits: throttle\nat 4 submits: status:0x45 for 2\n"
                      "every 7 submits: queue_full\nat 9 submits: set id dec\nat 10 submits: set no-enquire-resp\n")
    p = peer(start("--scenario", script))
    answers = [p.ask() for _ in range(10)]
    assert [a.status for a in answers] == [0, 0x58, 0, 0x45, 0x45, 0, 0x14, 0, 0, 0]
    assert not answers[7].body[:-1].isdigit() and answers[8].body[:-1].isdigit()
    p.send(ENQUIRE)
    assert p.silence(0.2) == (b"", True)


def test_scenario_refuses_connections(start, peer, tmp_path):
    script = tmp_path / "story"
    script.write_text("at 2 submits: set connect refuse\n")
    smsc = start("--scenario", script)
    p = peer(smsc)
    p.ask()
    peer(smsc)
    p.ask()
    with pytest.raises(ConnectionRefusedError):
        peer(smsc)


@pytest.mark.parametrize("options", [["--fault", "nosuch"], ["--fault", "state:NOSUCH"], ["--fault", "late:soon"], ["--mix", "late"],
                                     ["--mix", "late=600 drop=500"], ["--nosuch"], ["--id", "roman"], ["--throttle", "x"],
                                     ["--scenario", "/nonexistent"], ["--port"], ["--tls-cert", "/nonexistent"]])
def test_wrong_words_are_refused(options):
    run = subprocess.run([SMSC, *options], capture_output=True, text=True, timeout=60)
    assert run.returncode == 2 and run.stderr


def test_wrong_scenario_is_refused(tmp_path):
    for line in ("at 0 submits: drop", "at x submits: drop", "at 3 submits", "at 3 submits: drop for", "when 3 submits: drop"):
        (tmp_path / "story").write_text(line + "\n")
        run = subprocess.run([SMSC, "--scenario", str(tmp_path / "story")], capture_output=True, text=True, timeout=60)
        assert run.returncode == 2, line


def test_help_names_everything():
    text = help_text()
    for word in ("--scenario", "--mix", "--tls-client-ca", "receipt_early", "9992ddd", "999354", "every N submits", "dialect:err_nul"):
        assert word in text
    assert not [line for line in text.splitlines() if len(line) > 160]
