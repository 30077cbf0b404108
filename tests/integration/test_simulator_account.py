"""The simulator's account: what it counts of a client, and above all what it holds against one; and its TLS."""
import json
import ssl
import struct
import subprocess
import time

import pytest
from process import text_of, wait_until
from smpp_peer import BIND_TRX, BIND_TX, DELIVER, ENQUIRE, NACK, RESP, SUBMIT, UNBIND, Peer, cstring
from test_simulator import number, peer, start  # noqa: F401


def violations(smsc):
    return smsc.account()["violations"]


def tlv(tag, value):
    return struct.pack(">HH", tag, len(value)) + value


BODY = Peer.submit_body


@pytest.mark.parametrize("breach, body", [
    ("field_length", BODY(service="TOOLNG")), ("field_length", BODY(source="123456789012345678901", source_type=(0, 0))),
    ("field_length", BODY(to="123456789012345678901")), ("field_length", BODY(length=200)), ("field_length", BODY(text=b"x" * 255)),
    ("field_length", BODY(more=b"\x02")), ("field_length", BODY(more=b"\x02\x0c\0\5\1")), ("field_length", BODY()[:30]),
    ("termination", b"x" * 40), ("termination", b"\0\5\0OTP"), ("validity", BODY(validity="12")),
    ("validity", BODY(validity="000000000500000X")), ("validity", BODY(validity="0000000005A0000R")),
    ("field_length", BODY(validity="000000000500000R0")),
    ("address", BODY(to="+62812123456")), ("address", BODY(to="")), ("address", BODY(to_type=(1, 0))), ("address", BODY(to_type=(7, 1))),
    ("address", BODY(to_type=(1, 2))), ("address", BODY(to="62812x")), ("address", BODY(to_type=(5, 0))),
    ("address", BODY(source="OTP", source_type=(1, 1))), ("address", BODY(source="OTP", source_type=(5, 1))),
    ("address", BODY(source="TWELVELETTER")), ("address", BODY(source="1234567890123456", source_type=(1, 1))),
    ("esm_class", BODY(esm=0x04)), ("esm_class", BODY(esm=0x20)), ("esm_class", BODY(esm=0x40, text=b"\x20ab")),
    ("reserved", BODY(priority=4)), ("reserved", BODY(registered=0x20)), ("reserved", BODY(registered=3)), ("reserved", BODY(replace=2)),
    ("payload", BODY(text=b"")), ("payload", BODY(more=tlv(0x424, b"more")))])
def test_submit_violations(start, peer, breach, body):
    smsc = start()
    p = peer(smsc)
    p.send(SUBMIT, body)
    p.sync()
    assert violations(smsc) == {breach: 1}


@pytest.mark.parametrize("good", [
    BODY(), BODY(source="12345", source_type=(3, 0)), BODY(source="628111", source_type=(1, 1)), BODY(source="", source_type=(0, 0)),
    BODY(validity="000000000500000R"), BODY(validity="261124120000000+"), BODY(esm=0x40, text=b"\5\0\3\1\2\1kode"), BODY(priority=3),
    BODY(registered=0x11), BODY(coding=8, text=b"\0k\0o"), BODY(text=b"", more=tlv(0x424, b"kode")), BODY(more=tlv(0x1400, b"x" * 300))])
def test_good_submits_are_no_violation(start, peer, good):
    smsc = start()
    p = peer(smsc)
    p.send(SUBMIT, good)
    assert p.read().status == 0 and violations(smsc) == {}


def before_bind(smsc, peer):
    p = peer(smsc, None)
    assert p.ask().status == 4


def bind_again(smsc, peer):
    assert peer(smsc).bind().status == 5


def bound_with(body):
    def run(smsc, peer):
        p = peer(smsc, None)
        p.send(BIND_TRX, body)
        p.read()
    return run


def raw(data):
    def run(smsc, peer):
        p = peer(smsc)
        p.sock.sendall(data)
        assert p.read() is None
    return run


def sends(*args, **fields):
    def run(smsc, peer):
        p = peer(smsc)
        p.send(*args, **fields)
        p.sync()
    return run


def told_something(p):
    """A message of the simulator's own, not answered yet."""
    p.submit(number("999359"))
    return next(pdu for pdu in (p.read(), p.read()) if pdu.id == DELIVER)


def wrong_answer(smsc, peer):
    """A deliver_sm answered as if it were something else, then once more."""
    p = peer(smsc)
    asked = told_something(p)
    p.send(ENQUIRE | RESP, sequence=asked.sequence)
    p.sync()


def answers_twice(smsc, peer):
    p = peer(smsc)
    asked = told_something(p)
    p.answer(asked)
    p.answer(asked)
    p.sync()


def answers_with_id(smsc, peer):
    p = peer(smsc)
    asked = told_something(p)
    p.answer(asked, body=b"id\0")
    p.sync()


@pytest.mark.parametrize("breach, run", [
    ("before_bind", before_bind), ("bind_again", bind_again), ("unknown_response", wrong_answer), ("unknown_response", answers_twice),
    ("field_length", answers_with_id),
    ("field_length", bound_with(cstring("a" * 16) + cstring("pw") + b"\0\x34\0\0\0")),
    ("field_length", bound_with(cstring("test") + cstring("ninechars") + b"\0\x34\0\0\0")),
    ("field_length", bound_with(cstring("test") + cstring("canarypw") + b"\0\x34\0\0\0more")),
    ("termination", bound_with(b"test")), ("reserved", bound_with(cstring("test") + cstring("canarypw") + b"\0\x50\0\0\0")),
    ("address", bound_with(cstring("test") + cstring("canarypw") + b"\0\x34\7\0\0")),
    ("unknown_response", sends(DELIVER | RESP, b"\0", sequence=77)), ("unknown_response", sends(NACK, status=3, sequence=77)),
    ("unknown_command", sends(0x77)), ("status", sends(ENQUIRE, status=1)), ("field_length", sends(ENQUIRE, b"\0")),
    ("command_length", raw(struct.pack(">IIII", 15, ENQUIRE, 0, 2))), ("command_length", raw(struct.pack(">IIII", 65537, ENQUIRE, 0, 2))),
    ("command_length", raw(b"\0\0\0\0"))])
def test_session_violations(start, peer, breach, run):
    smsc = start()
    run(smsc, peer)
    assert violations(smsc) == {breach: 1}


def test_sequence_order(start, peer):
    smsc = start()
    p = peer(smsc)
    p.send(ENQUIRE, sequence=9)
    p.send(ENQUIRE, sequence=9)
    p.read(), p.read()
    assert violations(smsc) == {"sequence": 2}
    p.sequence = 9
    p.sync()
    assert violations(smsc) == {"sequence": 2}
    p.send(ENQUIRE, sequence=0x7FFFFFFF)
    p.sequence = 0
    p.sync()
    assert violations(smsc) == {"sequence": 3}, "after the highest comes 1"


def test_missing_and_late_answers(start, peer):
    smsc = start("--answer-within-ms", 200)
    p = peer(smsc)
    asked = told_something(p)
    time.sleep(0.3)
    p.answer(asked)
    p.sync()
    assert violations(smsc) == {"response_missing": 1}, "it came, but late"
    p.submit(number("1999359"))
    wait_until(lambda: violations(smsc)["response_missing"] == 2, 10, "the one that never comes")
    assert [violations(smsc) for _ in range(3)] == [{"response_missing": 2}] * 3, "it is counted once"
    smsc = start()
    p = peer(smsc)
    p.answer(told_something(p))
    p.submit(number("1999359"))
    p.sync()
    assert violations(smsc) == {}, "one in time, and one that still has time"


def test_duplicates_are_same_destination_and_text(start, peer):
    smsc = start()
    p = peer(smsc)
    for to, text in (("62811111", b"1111"), ("62811111", b"1111"), ("62811111", b"2222"), ("62811112", b"1111"), ("62811111", b"1111")):
        p.ask(to, text=text)
    p.ask(number("999008"), text=b"1111")
    account = smsc.account()
    assert [account[k] for k in ("submits", "accepted", "distinct", "duplicates")] == [6, 5, 3, 2]
    assert len(smsc.history()) == 5


def test_window_of_each_connection(start, peer):
    smsc = start("--resp-delay-ms", 300)
    a, b = peer(smsc), peer(smsc)
    for p, count in ((a, 5), (b, 3)):
        p.sock.sendall(b"".join(p.pack(SUBMIT, p.submit_body()) for _ in range(count)))
    for p, count in ((a, 5), (b, 3)):
        assert all(p.read().status == 0 for _ in range(count))
    a.ask()
    account = smsc.account()
    assert [link["window_max"] for link in account["links"]] == [5, 3] and account["window_max"] == 5
    assert [link["submits"] for link in account["links"]] == [6, 3]
    b.submit(number("999302"))
    b.sync()
    assert b.read().id == SUBMIT | RESP
    assert smsc.account()["links"][1]["unanswered"] == 0, "an answer that comes twice frees one place"


def test_window_forgets_what_nobody_waits_for(start, peer):
    smsc = start("--forget-ms", 300)
    p = peer(smsc)
    for suffix in ("999300", "999324", "999327"):
        p.submit(number(suffix))
    p.sync()
    assert smsc.account()["links"][0]["unanswered"] == 3
    wait_until(lambda: smsc.account()["links"][0]["unanswered"] == 0, 10, "an empty window")
    assert smsc.account()["window_max"] == 3


def test_submits_in_the_pause(start, peer):
    """After 0x58 on one connection, a submit on another counts; not one that was on its way, nor after the pause."""
    smsc = start("--throttle-grace-ms", 150, "--throttle-pause-ms", 2000)
    a, b = peer(smsc), peer(smsc)
    assert a.ask(number("999305")).status == 0x58
    b.ask()
    on_its_way = smsc.account()["paused_submits"]
    time.sleep(0.25)
    b.ask()
    assert smsc.account()["paused_submits"] == on_its_way + 1
    time.sleep(1.9)
    b.ask()
    account = smsc.account()
    assert account["paused_submits"] == on_its_way + 1 and account["throttled"] == 1 and 150 < account["pause_min_ms"] < 10000


def test_binds_by_kind_and_time(start, peer):
    smsc = start("--refuse-bind", 0x0D, "--bind-count", 1)
    peer(smsc, None).bind()
    time.sleep(0.2)
    peer(smsc, BIND_TX), peer(smsc, BIND_TRX)
    account = smsc.account()
    assert account["bind_kinds"] == {"transmitter": 1, "transceiver": 2} and account["binds_per_minute"] == [3]
    first, second, third = account["bind_at_ms"]
    assert 190 <= second - first < 20000 and third >= second
    assert [link["kind"] for link in account["links"]] == ["", "transmitter", "transceiver"]


def test_pdus_by_kind(start, peer):
    smsc = start("--receipts", "both")
    p = peer(smsc)
    p.ask()
    p.receipts(1)
    p.send(ENQUIRE)
    p.send(0x103)
    p.send(UNBIND)
    while p.read().id != UNBIND | RESP:
        pass
    account = smsc.account()
    assert account["pdu_kinds"] == {"bind_transceiver": 1, "submit_sm": 1, "deliver_sm_resp": 1, "enquire_link": 1, "data_sm": 1,
                                    "unbind": 1}
    assert account["pdus"] == 6
    smsc.stop()
    assert json.loads(text_of(smsc.path("account")))["submits"] == 1, "written at the end too"


# --- TLS ---

@pytest.fixture(scope="module")
def certs(tmp_path_factory):
    """A CA, a server's and a client's certificate; another CA that nobody trusts."""
    folder = tmp_path_factory.mktemp("certs")

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    def ca(name):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", f"/CN={name}",
                "-keyout", f"{name}.key", "-out", f"{name}.pem")

    def signed(name, by):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key",
                "-out", f"{name}.csr")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{by}.pem", "-CAkey", f"{by}.key", "-CAcreateserial", "-days", "30",
                "-out", f"{name}.pem")

    ca("good"), ca("bad")
    signed("smsc.test", "good"), signed("client", "good"), signed("stranger", "bad")
    return lambda name: str(folder / name)


def wrapped(certs, client=None, **o):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certs(o.get("ca", "good.pem")))
    context.maximum_version = o.get("newest", ssl.TLSVersion.MAXIMUM_SUPPORTED)
    context.check_hostname = False
    if client:
        context.load_cert_chain(certs(client + ".pem"), certs(client + ".key"))
    return lambda sock: context.wrap_socket(sock)


def test_tls(start, peer, certs):
    smsc = start("--tls-cert", certs("smsc.test.pem"), "--tls-key", certs("smsc.test.key"), "--receipts", "both")
    p = peer(smsc, wrap=wrapped(certs))
    p.sock.sendall(b"".join(p.pack(SUBMIT, p.submit_body()) for _ in range(2000)))
    found = [p.read() for _ in range(4000)]
    assert sum(pdu.id == SUBMIT | RESP for pdu in found) == 2000
    assert peer(smsc, wrap=wrapped(certs, newest=ssl.TLSVersion.TLSv1_2)).ask().status == 0
    with pytest.raises(ssl.SSLCertVerificationError):
        peer(smsc, wrap=wrapped(certs, ca="bad.pem"))
    plain = peer(smsc, None)
    plain.send(ENQUIRE)
    assert not plain.silence(5)[1], "no TLS, no service"
    wait_until(lambda: smsc.account()["tls_failed"] == 2, what="both refusals")
    assert [link["tls"] for link in smsc.account()["links"]][:2] == ["TLSv1.3", "TLSv1.2"]


def test_tls_client_certificate(start, peer, certs):
    smsc = start("--tls-cert", certs("smsc.test.pem"), "--tls-key", certs("smsc.test.key"), "--tls-client-ca", certs("good.pem"))
    assert peer(smsc, wrap=wrapped(certs, "client")).ask().status == 0
    for stranger in (None, "stranger"):
        with pytest.raises((ssl.SSLError, ConnectionError, AssertionError)):
            peer(smsc, wrap=wrapped(certs, stranger)).ask()
    wait_until(lambda: smsc.account()["tls_failed"] == 2, what="both refusals")
    account = smsc.account()
    assert account["links"][0]["peer"] == "client" and account["binds"] == 1


def test_tls_faults_work_as_without(start, peer, certs):
    smsc = start("--tls-cert", certs("smsc.test.pem"), "--tls-key", certs("smsc.test.key"), "--pieces")
    p = peer(smsc, wrap=wrapped(certs))
    assert p.ask(number("999317")).body.endswith(b"\0")
    p.submit(number("999307"))
    with pytest.raises((ssl.SSLError, AssertionError)):
        assert p.read() is not None
    p = peer(smsc, wrap=wrapped(certs))
    p.submit(number("999344"))
    assert p.silence(0.3) == (b"", True)
