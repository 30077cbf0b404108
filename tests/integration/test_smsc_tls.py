"""TLS to the SMSC: what is trusted is bound, anything else is not, and the reason is told. No key in any output."""
import re
import socket
import subprocess

import pytest
from rig import wait_until
from test_binds import edit, send, smscs


@pytest.fixture(scope="module")
def certs(tmp_path_factory):
    """An authority, certificates of hers for 127.0.0.1, smsc.test (one that ended), a client; and one that nobody trusts."""
    folder = tmp_path_factory.mktemp("certs")
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    def signed(name, by="good", san=None, *dates):
        openssl("req", *new_key, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        with open(folder / "ext", "w") as f:
            f.write(f"subjectAltName={san}\n" if san else "basicConstraints=CA:FALSE\n")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{by}.pem", "-CAkey", f"{by}.key", "-CAcreateserial", *(dates or ("-days", "30")),
                "-extfile", "ext", "-out", f"{name}.pem")

    for name in ("good", "bad"):
        openssl("req", "-x509", *new_key, "-days", "30", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
    signed("address", san="IP:127.0.0.1")
    signed("named", san="DNS:smsc.test")
    signed("client")
    signed("stranger", by="bad")
    signed("untrusted", by="bad", san="IP:127.0.0.1")
    # OpenSSL 3.5 refuses an end before the start, and before 3.4 x509 knows no other way to one that is over.
    dated = b"-not_after" in subprocess.run(["openssl", "x509", "-help"], capture_output=True).stderr
    signed("ended", "good", "IP:127.0.0.1",
           *(("-not_before", "20200101000000Z", "-not_after", "20200201000000Z") if dated else ("-days", "-1")))
    for key in folder.glob("*.key"):
        key.chmod(0o600)
    return lambda name: str(folder / name)


def serve(g, certs, name, *more):
    g.smsc.restart("--tls-cert", certs(f"{name}.pem"), "--tls-key", certs(f"{name}.key"), "--receipts", "both", *more)


def tls(certs, ca="good", more=""):
    return f'reconnect_min_ms = 10; reconnect_max_ms = 20; tls: {{ ca = "{certs(ca + ".pem")}"; {more} }};'


def speak_tls(g, text):
    edit(g.daemon, ("reconnect_min_ms = 50; reconnect_max_ms = 500;", text))
    g.daemon.reload()


def reason(g, text):
    wait_until(lambda: smscs(g)["main"]["reason"] == text, 10, text + ": " + str(smscs(g)["main"]))
    assert f'reason="{text}"' in g.daemon.log() and not g.daemon.ready()
    assert g.smsc.account()["binds"] == 0


def no_key_told(g, certs, *names):
    told = g.daemon.log() + g.daemon.get("/metrics")[1] + g.daemon.get("/status.json")[1]
    for name in names:
        with open(certs(name + ".key")) as f:
            assert f.read().splitlines()[1] not in told


def test_bound_and_sent(fresh, number, certs):
    g = fresh()
    serve(g, certs, "address")
    speak_tls(g, tls(certs))
    wait_until(g.daemon.ready, what="bound")
    assert all(s["delivery"] == "delivered" for s in send(g, [number() for _ in range(50)], ("delivered",)))
    (bind,) = smscs(g)["main"]["binds"]
    month = 30 * 86400
    assert abs(bind["tls_certificate_until"] - bind["since"] - month) < 600
    series = 'otpgwd_smpp_bind_certificate_seconds{smsc="main",bind="0",type="transceiver"}'
    assert abs(g.daemon.metric(series) - month) < 600
    assert {link["tls"] for link in g.smsc.account()["links"]} - {""} == {"TLSv1.3"} and g.smsc.account()["violations"] == {}
    no_key_told(g, certs, "address")


def test_one_octet_at_a_time(fresh, number, certs):
    g = fresh()
    serve(g, certs, "address", "--pieces")
    speak_tls(g, tls(certs))
    wait_until(g.daemon.ready, what="bound")
    send(g, [number() for _ in range(5)], ("delivered",))


def test_client_certificate(fresh, number, certs):
    g = fresh()
    serve(g, certs, "address", "--tls-client-ca", certs("good.pem"))
    speak_tls(g, tls(certs, more=f'certificate = "{certs("client.pem")}"; key_file = "{certs("client.key")}";'))
    wait_until(g.daemon.ready, what="bound")
    send(g, [number()])
    no_key_told(g, certs, "client")


def test_name_of_its_own(fresh, number, certs):
    g = fresh()
    serve(g, certs, "named")
    speak_tls(g, tls(certs, more='server_name = "smsc.test";'))
    wait_until(g.daemon.ready, what="bound")
    send(g, [number()])


@pytest.mark.parametrize("served, ca, more, told", [
    ("untrusted", "good", "", "tls: issuer not trusted"),
    ("address", "bad", "", "tls: issuer not trusted"),
    ("named", "good", "", "tls: certificate is for another name"),
    ("address", "good", 'server_name = "other.test";', "tls: certificate is for another name"),
    ("ended", "good", "", "tls: certificate expired"),
])
def test_not_trusted_is_not_bound(fresh, certs, served, ca, more, told):
    g = fresh()
    serve(g, certs, served)
    speak_tls(g, tls(certs, ca, more))
    reason(g, told)
    wait_until(lambda: re.search(rf'bind fails smsc=main bind=0 tries=3 state=connecting .*reason="{told}"', g.daemon.log()), 20,
               "a warning")


@pytest.mark.parametrize("client", ["", "stranger"])
def test_the_smsc_does_not_trust_us(fresh, certs, client):
    g = fresh()
    serve(g, certs, "address", "--tls-client-ca", certs("good.pem"))
    mine = f'certificate = "{certs(client + ".pem")}"; key_file = "{certs(client + ".key")}";' if client else ""
    speak_tls(g, tls(certs, more=mine))
    told = ("tls: peer refused our certificate",) if client else ("tls: peer wants a client certificate", "tls: broken")
    wait_until(lambda: smscs(g)["main"]["reason"] in told, 10, str(told))
    assert g.smsc.account()["binds"] == 0


def test_no_tls_on_one_side(fresh, certs):
    g = fresh()
    speak_tls(g, tls(certs))
    # The SMSC reads the hello as a PDU of a wrong length and closes; it answers nothing that could be read.
    wait_until(lambda: smscs(g)["main"]["reason"].startswith("tls: "), 10, "the reason")
    serve(g, certs, "address")
    wait_until(g.daemon.ready, 10, what="bound once it does")


def test_silence_in_the_handshake(fresh, certs):
    g = fresh()
    g.smsc.stop()
    with socket.create_server(("127.0.0.1", g.smsc.own_port)):
        speak_tls(g, "connect_timeout_ms = 1000; " + tls(certs))
        wait_until(lambda: smscs(g)["main"]["reason"] == "tls: handshake timeout", 20, "the timeout")


def test_what_cannot_be_used_is_told_and_refused(fresh, certs):
    g = fresh()
    g.daemon.expect = ["<3>smpp: tls smsc=main", "<3>app: "]
    with open(g.daemon.path("conf")) as f:
        good = f.read()
    for more, told in [('certificate = "%s"; key_file = "%s";' % (certs("client.pem"), certs("stranger.key")), "does not fit"),
                       ('certificate = "%s"; key_file = "%s";' % (certs("client.pem"), g.daemon.path("pw")), "no key in PEM"),
                       ('certificate = "%s"; key_file = "%s";' % (g.daemon.path("pw"), certs("client.key")), "the certificate file"),
                       ('certificate = "%s";' % certs("client.pem"), "key_file")]:
        edit(g.daemon, ("reconnect_min_ms = 50; reconnect_max_ms = 500;", tls(certs, more=more)))
        code, text = g.daemon.check()
        assert code != 0 and told in text
        g.daemon.reload(good=False)
        assert told in g.daemon.log()
        with open(g.daemon.path("conf"), "w") as f:
            f.write(good)
    assert g.daemon.ready(), "the former configuration serves on"
    no_key_told(g, certs, "stranger", "client")


def test_a_renewed_certificate_needs_no_restart(fresh, number, certs):
    """A reload reads ours anew; the session that is bound stays."""
    g = fresh()
    serve(g, certs, "address")
    speak_tls(g, tls(certs))
    wait_until(g.daemon.ready, what="bound")
    g.daemon.reload()
    send(g, [number()])
    assert g.smsc.account()["binds"] == 1
