"""An SMSC that we did not write: the npm package `smpp`."""
import pytest
from rig import Daemon, Redis, wait_until


class NpmSmsc:
    """Just what Daemon needs of an SMSC: a port."""

    def __init__(self, script):
        self.script = script
        self.port = script.line()["port"]


@pytest.fixture
def npm(node, tmp_path):
    """A gateway whose telco is smsc.js."""
    redis = Redis(str(tmp_path))
    redis.start()
    smsc = NpmSmsc(node("smsc.js"))
    daemon = Daemon(str(tmp_path), redis, {"main": smsc})
    with open(daemon.path("pw"), "w") as f:
        f.write("secret\n")
    try:
        daemon.run_with(smsc="", replace=[('system_id = "test"', 'system_id = "otpgw"')])
        yield smsc, daemon
        assert daemon.stop() == 0 and not daemon.complaints()
    finally:
        daemon.kill()
        redis.kill()


def test_send_verify_and_receipt(npm, number):
    smsc, daemon = npm
    client, to = daemon.client(), number()
    vid = client.do("OTP.SEND", to, "PURPOSE", "login", "LANG", "en")
    sms = smsc.script.line()
    assert sms["to"] == to and sms["from"] == "OTP" and sms["registered"] == 1 and sms["validity"]
    code = sms["text"].split("code is ")[1][:6]
    assert smsc.script.line() == {"receipt": 0}
    wait_until(lambda: client.status(vid)["delivery"] == "delivered", what="the receipt")
    assert client.fails("OTP.VERIFY", vid, "000000" if code != "000000" else "111111").code == "INCORRECT"
    assert client.do("OTP.VERIFY", vid, code) == "OK"
    assert client.fails("OTP.VERIFY", vid, code).code == "USED"


def test_refusal_is_reported(npm, number):
    _, daemon = npm
    client = daemon.client()
    vid = client.do("OTP.SEND", number("45"))
    wait_until(lambda: client.status(vid)["delivery"] == "failed", what="the failure")
    assert client.status(vid)["reason"] == "refused" and client.status(vid)["error"] == "0x00000045"


def test_a_wrong_password_is_told(node, tmp_path):
    redis = Redis(str(tmp_path))
    redis.start()
    daemon = Daemon(str(tmp_path), redis, {"main": NpmSmsc(node("smsc.js"))})
    daemon.expect.append("auth")
    try:
        daemon.run_with(bound=False)
        wait_until(lambda: daemon.json()["smscs"][0]["reason"] == "auth_failed", what="auth_failed")
    finally:
        daemon.kill()
        redis.kill()
