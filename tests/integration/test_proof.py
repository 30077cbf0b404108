"""OTP.PROOF: a verified id becomes a token for another service; what it says, who gets one, and who does not.

That a token is good is for a library that is not ours to say: interop/test_jose.py.
"""
import base64
import json
import os
import subprocess

import pytest
from rig import OTPGWD, ROOT

ROOT_ONLY = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
AUDIENCES = ("# proof_audiences = [];", 'proof_audiences = ["shop", "https://api.example/"];')
SUBJECT = ("SUBJECT", "session 4711")


def group(g, *kids, current=None, more=""):
    """The group "proof" with a key file for each kid."""
    for kid in kids:
        if not os.path.exists(g.daemon.path(f"proof-{kid}.key")):
            subprocess.run([OTPGWD, "--genkey", g.daemon.path(f"proof-{kid}.key")], check=True)
    keys = ", ".join(f'{{ kid = "{kid}"; file = "{g.daemon.path(f"proof-{kid}.key")}"; }}' for kid in kids)
    return f'\nproof = {{ issuer = "https://otp.example"; current = "{current or kids[-1]}"; keys = ( {keys} ); {more} }};\n'


@pytest.fixture
def proving(fresh):
    """A gateway whose tenant may have proofs, signed by the key "one"."""
    def make(*kids, replace=(), **options):
        g = fresh(replace=[AUDIENCES, *replace], **options)
        g.conf = {"replace": [AUDIENCES, *replace], **options}
        g.daemon.write_conf(append=group(g, *(kids or ("one",))), **g.conf)
        g.daemon.reload()
        return g

    return make


def verified(g, c, number, *options):
    to = number()
    vid = c.do("OTP.SEND", to, *options)
    assert c.do("OTP.VERIFY", vid, g.smsc.sms(to=to).code) == "OK"
    return to, vid


def part(text):
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def test_what_a_token_says(proving, number):
    g = proving()
    c = g.daemon.client()
    to, vid = verified(g, c, number, *SUBJECT, "PURPOSE", "login")
    status = c.status(vid)
    token = c.do("OTP.PROOF", vid, *SUBJECT)
    head, claims, _ = token.split(".")
    assert part(head) == {"alg": "EdDSA", "typ": "JWT", "kid": "one"}
    said = part(claims)
    assert {k: v for k, v in said.items() if k not in ("iat", "exp", "jti")} == {
        "iss": "https://otp.example", "sub": "session 4711", "aud": "shop", "amr": ["sms"], "phone_number": f"+{to}",
        "phone_number_verified": True, "purpose": "login", "auth_time": int(status["ended_at"])}
    assert said["exp"] - said["iat"] == 300 and 0 <= said["iat"] - said["auth_time"] <= 60 and len(said["jti"]) == 22
    other = part(c.do("OTP.PROOF", vid, *SUBJECT, "AUD", "https://api.example/").split(".")[1])
    assert other["aud"] == "https://api.example/" and other["jti"] != said["jti"]
    assert g.daemon.step("proved") == 2 and to not in g.daemon.log() and token not in g.daemon.log()


@pytest.mark.parametrize("subject", ['a"b\\c', "Siti \u00c5\u4e2d\U0001f600", "tab\there", "x" * 128])
def test_any_text_may_be_the_subject(proving, number, subject):
    g = proving()
    c = g.daemon.client()
    _, vid = verified(g, c, number, "SUBJECT", subject)
    assert part(c.do("OTP.PROOF", vid, "SUBJECT", subject).split(".")[1])["sub"] == subject


@pytest.mark.parametrize("subject", [b"\xff\xfe", b"nul\0nul", b"\xed\xa0\x80"])
def test_what_a_token_cannot_hold_is_no_subject_of_a_proof(proving, number, subject):
    g = proving()
    c = g.daemon.client()
    _, vid = verified(g, c, number, "SUBJECT", subject)
    error = c.fails("OTP.PROOF", vid, "SUBJECT", subject)
    assert (error.code, error.fields["arg"]) == ("BADARG", "SUBJECT") and "UTF-8" in str(error)


def denied(error, code, reason):
    assert (error.code, error.fields.get("reason")) == (code, reason), error
    return True


def test_only_what_was_verified_is_proved(proving, number):
    g = proving()
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number(), *SUBJECT)
    denied(c.fails("OTP.PROOF", vid, *SUBJECT), "DENIED", "unverified")
    c.do("OTP.CANCEL", vid, "REASON", "verified_elsewhere")
    denied(c.fails("OTP.PROOF", vid, *SUBJECT), "DENIED", "unverified")
    assert c.fails("OTP.PROOF", "A" * 52, *SUBJECT).fields["arg"] == "id"
    assert g.daemon.step("proved") == 0


def test_only_within_ten_minutes(proving, number):
    g = proving()
    c, r = g.daemon.client(), g.redis.connection()
    _, vid = verified(g, c, number, *SUBJECT)
    key, = r.keys("o{*")
    raw = r.get(key)
    created = int.from_bytes(raw[20:26], "little")
    for ago, good in ((601_000, False), (590_000, True)):
        r.set(key, raw[:20] + (created - ago).to_bytes(6, "little") + raw[26:], keepttl=True)
        reply = c.ask("OTP.PROOF", vid, *SUBJECT)
        assert isinstance(reply, str) if good else denied(reply, "EXPIRED", "too_old")


def test_of_its_subject_alone(proving, number):
    g = proving()
    c = g.daemon.client()
    _, vid = verified(g, c, number, *SUBJECT)
    assert c.fails("OTP.PROOF", vid).fields["arg"] == "SUBJECT"
    for other in ("session 4712", "Session 4711", "session 4711 "):
        denied(c.fails("OTP.PROOF", vid, "SUBJECT", other), "DENIED", "subject")
    _, nobodys = verified(g, c, number)
    denied(c.fails("OTP.PROOF", nobodys, *SUBJECT), "DENIED", "subject")


def test_for_the_audiences_of_its_tenant_alone(proving, number):
    g = proving()
    c = g.daemon.client()
    _, vid = verified(g, c, number, *SUBJECT)
    for other in ("bank", "Shop", "shop ", "sho"):
        denied(c.fails("OTP.PROOF", vid, *SUBJECT, "AUD", other), "DENIED", "audience")
    g.daemon.write_conf(append=group(g, "one"))
    g.daemon.reload()
    denied(c.fails("OTP.PROOF", vid, *SUBJECT, "AUD", "shop"), "DENIED", "right")


@ROOT_ONLY
def test_the_id_of_another_tenant_is_no_proof(proving, number):
    """Not even with its subject and an audience of its own."""
    other = 'tenants = ( { name = "other"; uid = [4242]; proof_audiences = ["shop"]; },'
    g = proving(replace=[('mode = "0660";', 'mode = "0666";'), ("tenants = (", other)])
    c = g.daemon.client()
    _, vid = verified(g, c, number, *SUBJECT)
    os.chmod(g.dir, 0o711)
    os.seteuid(4242)
    try:
        stranger = g.daemon.client()
    finally:
        os.seteuid(0)
    denied(stranger.fails("OTP.PROOF", vid, *SUBJECT), "DENIED", "tenant")


def test_a_test_number_proves_nothing(proving):
    tests = ('# known = false;', 'tests = ( { numbers = ["6281100000000-6281100000099"]; code = "000000"; outcome = "ok"; until = "2099-01-01"; } );')
    g = proving(replace=[tests])
    c = g.daemon.client()
    vid = c.do("OTP.SEND", "6281100000007", *SUBJECT)
    assert c.do("OTP.VERIFY", vid, "000000") == "OK"
    denied(c.fails("OTP.PROOF", vid, *SUBJECT), "DENIED", "right")


@pytest.mark.parametrize("origin", [1, 2, 3, 1 + 32])
def test_what_the_caller_knew_proves_nothing(proving, number, origin):
    """The attack "proof of an own code": whatever was verified, who chose the code knew it without the phone."""
    g = proving()
    c, r = g.daemon.client(), g.redis.connection()
    _, vid = verified(g, c, number, *SUBJECT)
    key, = r.keys("o{*")
    raw = r.get(key)
    r.set(key, raw[:49] + bytes((origin,)) + raw[50:], keepttl=True)
    denied(c.fails("OTP.PROOF", vid, *SUBJECT), "DENIED", "right")
    assert g.daemon.step("proved") == 0


def test_without_a_key_there_is_no_proof(fresh, number):
    g = fresh(replace=[AUDIENCES])
    c = g.daemon.client()
    _, vid = verified(g, c, number, *SUBJECT)
    denied(c.fails("OTP.PROOF", vid, *SUBJECT), "BLOCKED", "no_proof_key")
    assert g.daemon.get("/jwks.json") == (200, '{"keys":[]}')


def test_the_public_keys_are_served(proving):
    g = proving("one", "two")
    code, text = g.daemon.get("/jwks.json")
    keys = json.loads(text)["keys"]
    assert code == 200 and [k["kid"] for k in keys] == ["one", "two"]
    for key in keys:
        assert {**key, "kid": "", "x": ""} == {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "", "x": ""}
        assert len(base64.urlsafe_b64decode(key["x"] + "=")) == 32
    assert keys[0]["x"] != keys[1]["x"] and g.daemon.get("/jwks.json", "HEAD")[0] == 200 and g.daemon.get("/jwks.json", "POST")[0] == 405
    with open(g.daemon.path("proof-one.key")) as f:
        secret = f.read().split()[1]
    assert bytes.fromhex(secret) != base64.urlsafe_b64decode(keys[0]["x"] + "=") and secret not in text + g.daemon.log()


FAULTS = [
    (lambda d: {"current": "three"}, 'proof.current: found "three", allowed a kid of proof.keys'),
    (lambda d: {"keys": '{ kid = "a"; file = "%s"; }, { kid = "a"; file = "%s"; }' % (d("proof-a.key"), d("proof-b.key"))}, "second time"),
    (lambda d: {"keys": '{ kid = "a"; file = "%s"; }, { kid = "b"; file = "%s"; }' % (d("proof-a.key"), d("proof-a.key"))}, "the file of another key"),
    (lambda d: {"keys": '{ kid = "a"; file = "%s"; }' % d("code-1.key")}, "the file of another key"),
    (lambda d: {"keys": '{ kid = "a"; file = "%s"; }' % d("index.key")}, "the file of another key"),
    (lambda d: {"keys": ""}, "proof.keys"),
    (lambda d: {"keys": '{ kid = "a"; file = "%s"; }' % d("no-such.key")}, "no such file"),
    (lambda d: {"keys": '{ kid = "a"; file = "%s"; }' % d("pw")}, "allowed the one line that otpgwd --genkey writes"),
    (lambda d: {"keys": '{ kid = "A b"; file = "%s"; }' % d("proof-a.key")}, "kid"),
    (lambda d: {"issuer": ""}, "issuer"),
    (lambda d: {"issuer": "caf\u00e9"}, "printable ASCII"),
    (lambda d: {"more": "ttl_s = 29;"}, "ttl_s"),
    (lambda d: {"keys": ", ".join('{ kid = "k%d"; file = "/k%d"; }' % (i, i) for i in range(9)), "current": "k1"}, "allowed 1 to 8"),
]


@pytest.mark.parametrize("change,told", FAULTS, ids=[told for _, told in FAULTS])
def test_a_wrong_group_is_refused_whole(proving, change, told):
    g = proving("a", "b")
    v = {"issuer": "x", "current": "a", "keys": '{ kid = "a"; file = "%s"; }' % g.daemon.path("proof-a.key"), "more": "", **change(g.daemon.path)}
    g.daemon.write_conf(append=f'\nproof = {{ issuer = "{v["issuer"]}"; current = "{v["current"]}"; keys = ( {v["keys"]} ); {v["more"]} }};\n', **g.conf)
    code, said = g.daemon.check()
    assert code and told in said, said
    g.daemon.expect = ["<3>app: "]
    g.daemon.reload(good=False)
    assert [k["kid"] for k in json.loads(g.daemon.get("/jwks.json")[1])["keys"]] == ["a", "b"]


def test_the_sample_shows_a_group_that_is_good(fresh):
    """What is commented out there, without the sign of a comment."""
    with open(os.path.join(ROOT, "conf/otpgwd.conf")) as f:
        shown, = (line[2:] for line in f if line.startswith("# proof: {"))
    g = fresh(replace=[AUDIENCES])
    subprocess.run([OTPGWD, "--genkey", g.daemon.path("proof-1.key")], check=True)
    g.daemon.write_conf(replace=[AUDIENCES], append="\n" + shown.replace('"proof-1.key"', f'"{g.daemon.path("proof-1.key")}"'))
    assert g.daemon.check()[0] == 0, g.daemon.check()[1]


def test_the_corrected_number_is_the_one_that_is_proved(proving, number):
    g = proving()
    c, first, second = g.daemon.client(), number(), number()
    vid = c.do("OTP.SEND", first, "PURPOSE", "signup", *SUBJECT, "BIND", "account=7")
    assert c.do("OTP.REDIRECT", vid, second, *SUBJECT) == vid
    code = g.smsc.sms(to=second).code
    assert c.fails("OTP.VERIFY", vid, code).fields["reason"] == "binding", "what it confirms is that of the SEND"
    assert c.do("OTP.VERIFY", vid, code, "BIND", "account=7") == "OK"
    assert part(c.do("OTP.PROOF", vid, *SUBJECT).split(".")[1])["phone_number"] == f"+{second}"
    denied(c.fails("OTP.PROOF", vid, "SUBJECT", "another"), "DENIED", "subject")


def test_the_phone_that_sent_the_token_is_proved(proving, number):
    """Of a reverse verification; its SUBJECT is checked as any other."""
    g = proving(smsc='mo = ["95000"]; mo_trusted = true;')
    c, phone = g.daemon.client(), number()
    flat = c.do("OTP.REVERSE", *SUBJECT, "PURPOSE", "signup")
    v = flat if isinstance(flat, dict) else dict(zip(flat[::2], flat[1::2]))
    denied(c.fails("OTP.PROOF", v["id"], *SUBJECT), "DENIED", "unverified")
    assert g.smsc.mo(phone, v["to"], v["text"]) == 0
    assert part(c.do("OTP.PROOF", v["id"], *SUBJECT).split(".")[1])["phone_number"] == f"+{phone}"
    denied(c.fails("OTP.PROOF", v["id"], "SUBJECT", "another"), "DENIED", "subject")
