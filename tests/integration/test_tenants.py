"""The peer's uid and groups decide who asks; nothing that a request says does."""
import json
import os

import pytest
from rig import Client, Error

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


def test_peer_of_no_tenant(fresh):
    g = with_tenants(fresh, 'tenants = ( { name = "web"; uid = [4242424]; } );\n')
    c = g.daemon.client()
    error = c.reply()
    assert error.code == "DENIED" and error.fields["reason"] == "peer"
    with pytest.raises(EOFError):
        c.reply()
    assert g.daemon.metric('otpgwd_clients_refused_total{reason="peer"}') == 1


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
