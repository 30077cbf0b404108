"""The main job: SEND, the SMS, VERIFY right and wrong, once only, STATUS, CANCEL, RESEND."""
from rig import wait_until


def test_life_of_a_code(gw, client, number):
    to = number()
    vid = client.do("OTP.SEND", to, "PURPOSE", "login")
    sms = gw.smsc.sms(to=to)
    assert len(vid) == 52 and sms.sender == "OTP" and len(sms.code) == 6
    wrong = f"{(int(sms.code) + 1) % 10**6:06d}"
    assert client.fails("OTP.VERIFY", vid, wrong).fields["attempts_left"] == "4"
    assert client.do("OTP.VERIFY", vid, sms.code) == "OK"
    assert client.fails("OTP.VERIFY", vid, sms.code).code == "USED"
    assert client.status(vid)["state"] == "verified"


def test_a_code_may_be_typed_with_spaces(gw, client, number):
    to = number()
    vid = client.do("OTP.SEND", to)
    code = gw.smsc.sms(to=to).code
    assert client.do("OTP.VERIFY", vid, f"{code[:3]}-{code[3:]} ") == "OK"


def test_local_number_language_and_length(gw, client, number):
    to = number()
    client.do("OTP.SEND", "0" + to[2:], "LANG", "en", "LENGTH", "8")
    sms = gw.smsc.sms(to=to)
    assert "your code is" in sms.text and len(sms.code) == 8


def test_wrong_codes_exhaust(gw, client, number):
    to = number()
    vid = client.do("OTP.SEND", to)
    code = gw.smsc.sms(to=to).code
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    lefts = [client.fails("OTP.VERIFY", vid, wrong).fields.get("attempts_left") for _ in range(4)]
    assert lefts == ["4", "3", "2", "1"]
    client.fails("OTP.VERIFY", vid, wrong)
    assert client.fails("OTP.VERIFY", vid, code).code == "EXHAUSTED"


def test_cancel_kills_the_code(gw, client, number):
    to = number()
    vid = client.do("OTP.SEND", to)
    code = gw.smsc.sms(to=to).code
    assert client.do("OTP.CANCEL", vid) == "OK"
    assert client.fails("OTP.VERIFY", vid, code).code == "CANCELLED"


def test_status_follows_the_receipt_and_masks_the_number(gw, client, number):
    to = number()
    vid = client.do("OTP.SEND", to)
    wait_until(lambda: client.status(vid)["delivery"] == "delivered", what="delivered")
    assert to not in str(client.status(vid))
    assert client.do("OTP.STATUS", vid, "FIELD", "smsc") == "main"


def test_resend_waits(gw, client, number):
    vid = client.do("OTP.SEND", number())
    error = client.fails("OTP.RESEND", vid)
    assert error.code == "RATELIMITED" and 25 <= int(error.fields["retry_after"]) <= 30
    assert error.fields["scope"] == "verification"
