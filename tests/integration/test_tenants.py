"""The peer's uid and groups decide who asks; nothing that a request says does."""
import json
import os
import select
import signal
import socket
import subprocess
import sys

import pytest
from rig import Client, Error, wait_until

ROOT_ONLY = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
TENANTS = '''tenants = (
	{ name = "web"; uid = [%d]; },
	{ name = "app"; uid = [4242]; },
	{ name = "batch"; gid = [4343]; purposes = ["signup"]; rate = 1.0; burst = 1.0; }
);
'''


def with_tenants(fresh, tenants):
    g = fresh(replace=[('mode = "0660";', 'mode = "0666";')])
    g.daemon.stop()
    conf = g.daemon.path("conf")
    with open(conf) as f:
        text = f.read()
    with open(conf, "w") as f:
        f.write(text[:text.index("tenants = (")] + tenants)
    os.chmod(g.dir, 0o711)
    g.daemon.start()
    return g


def ask_as(path, uid, gid, *requests):
    """Another process, of other credentials, asks; its replies come through a pipe."""
    near, far = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
            client = Client(path)
            replies = []
            for words in requests:
                try:
                    reply = client.ask(*words)
                except (BrokenPipeError, ConnectionError, EOFError):
                    reply = client.reply()
                replies.append(["error", str(reply)] if isinstance(reply, Error) else reply)
            os.write(far, json.dumps(replies).encode())
        finally:
            os._exit(0)
    os.close(far)
    with os.fdopen(near, "rb") as f:
        data = f.read()
    os.waitpid(child, 0)
    return [Error(r[1]) if isinstance(r, list) and r[0] == "error" else r for r in json.loads(data)]


NOBODYS = 'tenants = ( { name = "web"; uid = [4242424]; } );\n'


def denied():
    return f"DENIED reason=peer uid={os.getuid()} this user belongs to no tenant"


def test_peer_of_no_tenant(fresh):
    g = with_tenants(fresh, NOBODYS)
    c = g.daemon.client()
    error = c.fails("PING")
    assert str(error) == denied() and error.fields["reason"] == "peer" and error.fields["uid"] == str(os.getuid())
    with pytest.raises(EOFError):
        c.reply()
    silent = g.daemon.client()
    assert str(silent.reply()) == denied(), "also who asks nothing is told"
    with pytest.raises(EOFError):
        silent.reply()
    assert g.daemon.metric('otpgwd_clients_refused_total{reason="peer"}') == 2
    wait_until(lambda: g.daemon.log().count(f"<4>api: peer refused uid={os.getuid()} pid={os.getpid()}\n") == 2, what="who it was")


# As a program in C that does not think of SIGPIPE: two requests, each with its own write, then it reads.
WRITES_TWICE = """
import signal, socket, sys
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b"*2\\r\\n$5\\r\\nHELLO\\r\\n$1\\r\\n3\\r\\n")
if not s.recv(1, socket.MSG_PEEK):
    sys.exit("closed without an answer")
s.sendall(b"*3\\r\\n$6\\r\\nCLIENT\\r\\n$7\\r\\nSETNAME\\r\\n$1\\r\\nx\\r\\n")
while part := s.recv(1000):
    sys.stdout.write(part.decode())
"""


def test_a_refused_peer_reads_why(fresh):
    """Whoever writes before it reads, and writes again, lives and has its answer; the log has a bounded number of lines."""
    g = with_tenants(fresh, NOBODYS)
    for _ in range(6):
        wave = [subprocess.Popen([sys.executable, "-c", WRITES_TWICE, g.daemon.api], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                for _ in range(10)]
        for child in wave:
            said = child.communicate(timeout=30)
            assert (child.returncode, *said) == (0, "-" + denied() + "\n", ""), "killed by a signal" if child.returncode == -signal.SIGPIPE else said
    assert g.daemon.metric('otpgwd_clients_refused_total{reason="peer"}') == 60
    assert 10 <= g.daemon.log().count("<4>api: peer refused uid=") <= 30


@ROOT_ONLY
def test_refused_peers_hold_no_place(fresh):
    """A crowd that may not ask anything, and does not go: tenants have all of their places, and the daemon its descriptors."""
    g = with_tenants(fresh, TENANTS % os.getuid())
    fds = lambda: len(os.listdir(f"/proc/{g.daemon.proc.pid}/fd"))
    before = fds()
    os.setegid(5555)
    os.seteuid(5555)
    try:
        crowd = [socket.socket(socket.AF_UNIX) for _ in range(100)]
        for s in crowd:
            s.connect(g.daemon.api)
    finally:
        os.seteuid(0)
        os.setegid(0)
    wait_until(lambda: g.daemon.metric('otpgwd_clients_refused_total{reason="peer"}') == 100, what="100 refusals")
    assert fds() <= before + 16 + 1, "16 refused peers, and this look at the metrics"
    assert g.daemon.json()["clients"] == 0
    wait_until(lambda: len(select.select(crowd, [], [], 0)[0]) == 100, what="an answer for each")
    for s in crowd:
        assert s.recv(1000).startswith(b"-DENIED reason=peer uid=5555 ") and s.recv(1000) == b""
    wait_until(lambda: fds() <= before, what="none of them left, though none closed")
    assert g.daemon.client().do("PING") == "PONG"


@ROOT_ONLY
def test_a_foreign_uid_is_refused(fresh, number):
    g = with_tenants(fresh, TENANTS % os.getuid())
    (error,) = ask_as(g.daemon.api, 5555, 5555, ["OTP.SEND", number()])
    assert error.code == "DENIED" and error.fields["reason"] == "peer"
    assert g.smsc.account()["submits"] == 0 and g.redis.keys() == 0


@ROOT_ONLY
def test_the_id_of_another_tenant(fresh, number):
    g = with_tenants(fresh, TENANTS % os.getuid())
    c = g.daemon.client()
    to = number()
    vid = c.do("OTP.SEND", to)
    code = g.smsc.sms(to=to).code
    keys = g.redis.keys()
    replies = ask_as(g.daemon.api, 4242, 4242, ["OTP.STATUS", vid], ["OTP.VERIFY", vid, code], ["OTP.VERIFY", vid, "000000"],
                     ["OTP.CANCEL", vid], ["OTP.RESEND", vid], ["OTP.SEND", to, "REQID", "x"])
    assert [(r.code, r.fields["reason"]) for r in replies[:5]] == [("DENIED", "tenant")] * 5
    assert isinstance(replies[5], str) and replies[5] != vid, "the same number, but a verification of its own"
    assert c.do("OTP.SEND", to, "SUBJECT", "z", "REQID", "x") not in (vid, replies[5]), "a REQID belongs to its tenant"
    assert g.redis.keys() > keys and c.status(vid)["attempts_left"] == "5"
    assert c.do("OTP.VERIFY", vid, code) == "OK"
    sends = {t["name"]: t["sends"] for t in g.daemon.json()["tenants"]}
    assert sends == {"web": 2, "app": 1, "batch": 0}


@ROOT_ONLY
def test_a_tenant_by_its_group(fresh, number):
    g = with_tenants(fresh, TENANTS % os.getuid())
    replies = ask_as(g.daemon.api, 7777, 4343, ["OTP.SEND", number()], ["OTP.SEND", number(), "PURPOSE", "signup"],
                     ["OTP.SEND", number(), "PURPOSE", "signup"])
    assert replies[0].code == "DENIED" and replies[0].fields["reason"] == "purpose"
    assert len(replies[1]) == 52
    assert replies[2].code == "RATELIMITED" and replies[2].fields["scope"] == "tenant"
    assert g.daemon.client().do("OTP.SEND", number()), "another tenant's rate is its own"


@ROOT_ONLY
def test_client_list_shows_the_own_uid_alone(fresh):
    g = with_tenants(fresh, TENANTS % os.getuid())
    c = g.daemon.client()
    c.do("CLIENT", "SETNAME", "mine")
    (text,) = ask_as(g.daemon.api, 4242, 4242, ["CLIENT", "LIST"])
    assert "mine" not in text and "uid=4242" in text


def test_purpose_closed_to_tenant(fresh, number):
    g = fresh(replace=[("# purposes = [];", 'purposes = ["login"]; #')])
    c = g.daemon.client()
    error = c.fails("OTP.SEND", number(), "PURPOSE", "payment")
    assert error.code == "DENIED" and error.fields["reason"] == "purpose"
    assert c.do("OTP.SEND", number(), "PURPOSE", "login")
