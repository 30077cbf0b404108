"""OTP.PROOF as another service checks it: npm jose with the keys that /jwks.json serves."""
import base64
import json
import os
import subprocess
import threading

import pytest
from rig import OTPGWD, Gateway, wait_until

ISSUER, SUBJECT = "https://otp.example", ("SUBJECT", "session 4711")
AUDIENCES = [("# proof_audiences = [];", 'proof_audiences = ["shop", "bank"];')]
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def serve(g, *kids, current):
    """Takes these keys by a reload; "current" signs."""
    for kid in kids:
        if not os.path.exists(g.daemon.path(f"{kid}.key")):
            subprocess.run([OTPGWD, "--genkey", g.daemon.path(f"{kid}.key")], check=True)
    keys = ", ".join(f'{{ kid = "{kid}"; file = "{g.daemon.path(f"{kid}.key")}"; }}' for kid in kids)
    g.daemon.write_conf(replace=AUDIENCES, append=f'\nproof = {{ issuer = "{ISSUER}"; current = "{current}"; keys = ( {keys} ); }};\n')
    g.daemon.reload()


def jwks(g):
    return json.loads(g.daemon.get("/jwks.json")[1])


@pytest.fixture
def g():
    made = Gateway(replace=AUDIENCES)
    serve(made, "one", current="one")
    yield made
    made.close()


@pytest.fixture
def verified(g, number):
    client = g.daemon.client()
    to = number()
    vid = client.do("OTP.SEND", to, *SUBJECT)
    assert client.do("OTP.VERIFY", vid, g.smsc.sms(to=to).code) == "OK"
    yield client, to, vid
    client.close()


@pytest.fixture
def checked(node):
    service = node("jose.mjs")

    def check(token, keys, **how):
        service.tell(json.dumps({"token": token, "jwks": keys, "issuer": ISSUER, "audience": "shop", **how}))
        return service.line()

    return check


def test_a_proof_is_accepted(g, verified, checked):
    client, to, vid = verified
    claims = checked(client.do("OTP.PROOF", vid, *SUBJECT), jwks(g))["claims"]
    assert (claims["sub"], claims["phone_number"], claims["phone_number_verified"], claims["amr"]) == ("session 4711", "+" + to, True, ["sms"])


def test_a_changed_octet_is_refused(g, verified, checked):
    """At every place of the token, the signature too."""
    client, _, vid = verified
    token, keys = client.do("OTP.PROOF", vid, *SUBJECT), jwks(g)
    for at, letter in enumerate(token):
        # The last character of the signature has 4 bits that say nothing, so it is changed in the two that do.
        other = "." if letter == "." else ALPHABET[ALPHABET.index(letter) ^ (32 if at == len(token) - 1 else 1)]
        changed = token[:at] + (other if other != "." else "A") + token[at + 1:]
        assert "error" in checked(changed, keys), at
    assert "claims" in checked(token, keys)


def test_another_audience_is_refused(g, verified, checked):
    client, _, vid = verified
    token = client.do("OTP.PROOF", vid, *SUBJECT, "AUD", "bank")
    assert checked(token, jwks(g)) == {"error": "ERR_JWT_CLAIM_VALIDATION_FAILED", "claim": "aud"}
    assert "claims" in checked(token, jwks(g), audience="bank")
    assert checked(token, jwks(g), audience="bank", issuer="https://other.example")["claim"] == "iss"


def test_its_end_is_kept(g, verified, checked):
    client, _, vid = verified
    token = client.do("OTP.PROOF", vid, *SUBJECT)
    end = checked(token, jwks(g))["claims"]["exp"]
    assert "claims" in checked(token, jwks(g), now=end - 1)
    assert checked(token, jwks(g), now=end)["error"] == "ERR_JWT_EXPIRED"


def test_a_key_of_another_daemon_is_refused(g, verified, checked):
    """Under the same kid."""
    client, _, vid = verified
    keys = jwks(g)
    os.unlink(g.daemon.path("one.key"))
    serve(g, "one", current="one")
    assert checked(client.do("OTP.PROOF", vid, *SUBJECT), keys)["error"] == "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"


@pytest.mark.seconds(120)
def test_keys_rotate_under_load_without_a_refused_proof(g, verified, checked):
    """Three times round: a key is served, then signs, then the one before goes. Who checks asks for the keys again only when a
    token names one that it does not know, as caches do."""
    client, _, vid = verified
    known, seen, faults, stop = jwks(g), {}, [], threading.Event()

    def ask():
        nonlocal known
        mine = g.daemon.client()
        while not stop.is_set():
            for token in mine.many([("OTP.PROOF", vid, *SUBJECT)] * 20):
                said = checked(token, known) if isinstance(token, str) else {"error": str(token)}
                if said.get("error") == "ERR_JWKS_NO_MATCHING_KEY":
                    known = jwks(g)
                    said = checked(token, known)
                if "claims" in said:
                    kid = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["kid"]
                    seen[kid] = seen.get(kid, 0) + 1
                else:
                    faults.append(said)
        mine.close()

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for before, after in (("one", "two"), ("two", "three"), ("three", "four")):
            wait_until(lambda: seen.get(before, 0) > 50 or faults, what=f"proofs by {before}")
            serve(g, before, after, current=before)
            serve(g, before, after, current=after)
            wait_until(lambda: seen.get(after, 0) > 50 or faults, what=f"proofs by {after}")
            serve(g, after, current=after)
    finally:
        stop.set()
        asking.join()
    print(f"proofs checked: {seen}")
    assert not faults and set(seen) == {"one", "two", "three", "four"}
