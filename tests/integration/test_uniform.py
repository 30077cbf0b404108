"""tenants.uniform: whoever reads the errors of a front end learns neither how a verification ended, whose it is, nor what was counted."""
import os
import re

import pytest
from rig import wait_until, wrong
from test_nobody_is_hurt import OTHER_UID, TWO_TENANTS, another_user

OFTEN = ("# equal_window_s = 10;", "equal_window_s = 0;")
UNIFORM = ("# uniform = false;", "uniform = true;")
GONE = "EXPIRED the code has expired; request a new one"
MISTYPED = "EAEBx2c0fN1v1Qm5Z0l8kq3Jt7Y2bW9dHc4Xr6Lp8Ue0sVaGiMoK"
SHORT = 'hard_s = 3; ttl_s = 2; resends = 3; sends_short = [200, 600]; sends_long = [255, 86400]; waits_s = [0];'


def ended(g, client, number):
    """An id of each kind of end, by its name."""
    ids = {}
    for how in ("used", "exhausted", "cancelled", "expired"):
        to = number()
        vid = ids[how] = client.do("OTP.SEND", to, "SUBJECT", "s", "PURPOSE", "signup" if how == "expired" else "login")
        code = g.smsc.sms(to=to).code
        if how == "used":
            client.do("OTP.VERIFY", vid, code)
        if how == "cancelled":
            client.do("OTP.CANCEL", vid)
        for n in range(5 if how == "exhausted" else 0):
            assert str(client.fails("OTP.VERIFY", vid, wrong(code, n + 1))) == "INCORRECT the code is not right"
    wait_until(lambda: client.ask("OTP.STATUS", ids["expired"], "FIELD", "state") != "pending", 20, "the end of a life")
    return ids


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_ends_are_one(fresh, number):
    """Used, exhausted, cancelled, expired, unknown, mistyped, another tenant's: by each command one line, octet for octet."""
    g = fresh(replace=[OFTEN, UNIFORM, *TWO_TENANTS, ('name = "signup";', f'name = "signup"; {SHORT}')])
    client = g.daemon.client()
    ids = ended(g, client, number)
    with another_user(g) as stranger:
        ids["another's"] = stranger.do("OTP.SEND", number(), "SUBJECT", "s")
    store = g.redis.connection()
    before = set(store.scan_iter("o*"))
    ids["forgotten"] = client.do("OTP.SEND", number(), "SUBJECT", "s")
    store.delete(*set(store.scan_iter("o*")) - before)
    ids["mistyped"] = MISTYPED
    for words in (("OTP.VERIFY", None, "123456"), ("OTP.VERIFY", None, "1"), ("OTP.STATUS", None), ("OTP.STATUS", None, "FIELD", "state"),
                  ("OTP.STATUS", None, "FIELD", "none"), ("OTP.RESEND", None), ("OTP.CANCEL", None), ("OTP.REDIRECT", None, "081234567890", "SUBJECT", "s")):
        replies = {how: str(client.ask(*(w or vid for w in words))) for how, vid in ids.items()}
        assert set(replies.values()) == {GONE}, replies
        replies = {how: str(client.ask(*(w or vid for w in words), "SAY", "id")) for how, vid in ids.items()}
        assert set(replies.values()) == {"EXPIRED Waktu kode ini sudah habis. Minta kode baru."}, replies


def test_guesses_are_not_counted_out(fresh, number):
    g = fresh(replace=[OFTEN, UNIFORM])
    client, to = g.daemon.client(), number()
    vid = client.do("OTP.SEND", to, "SUBJECT", "s")
    code = g.smsc.sms(to=to).code
    assert client.status(vid)["attempts_left"] == ""
    assert client.do("OTP.STATUS", vid, "FIELD", "attempts_left") == ""
    assert str(client.fails("OTP.VERIFY", vid, "12")).startswith("INCORRECT reason=too_short want=6 the code")
    replies = [str(client.fails("OTP.VERIFY", vid, wrong(code, n))) for n in (1, 1, 2, 3)]
    assert set(replies) == {"INCORRECT the code is not right"}
    assert str(client.fails("OTP.VERIFY", vid, wrong(code, 4), "SAY", "en")) == "INCORRECT Wrong code. Please check the SMS again."
    assert str(client.fails("OTP.VERIFY", vid, wrong(code, 5))) == "INCORRECT the code is not right"
    assert str(client.fails("OTP.VERIFY", vid, code)) == GONE


def test_limits_are_one_and_name_no_id(fresh, number):
    """A wait, no sends left, the limit of the number, wrong guesses: the same but for the time."""
    g = fresh(purpose="", replace=[OFTEN, UNIFORM])
    client, lines = g.daemon.client(), {}

    def limited(how, to, subject):
        error = client.fails("OTP.SEND", to, "SUBJECT", subject)
        assert list(error.fields) == ["retry_after", "scope"]
        lines[how] = re.sub(r"retry_after=\d+", "", str(error))

    to = number()
    client.do("OTP.SEND", to, "SUBJECT", "a")
    limited("wait", to, "a")
    for subject in "bcde":
        client.do("OTP.SEND", to, "SUBJECT", subject)
    limited("number", to, "f")
    to = number()
    for subject in "ab":
        vid = client.do("OTP.SEND", to, "SUBJECT", subject)
        code = g.smsc.sms(to=to).code
        for n in range(5):
            client.fails("OTP.VERIFY", vid, wrong(code, n + 1))
    limited("guesses", to, "c")
    assert set(lines.values()) == {"RATELIMITED  scope=verification too many requests; wait before the next"}, lines


def test_a_conflict_names_no_id(fresh, number):
    g = fresh(replace=[OFTEN, UNIFORM])
    client, to = g.daemon.client(), number()
    vid = client.do("OTP.SEND", to, "SUBJECT", "s", "REQID", "r")
    error = client.fails("OTP.SEND", to, "SUBJECT", "t", "REQID", "r")
    assert error.code == "CONFLICT" and vid not in str(error) and not error.fields


def test_what_goes_well_stays(fresh, number):
    g = fresh(replace=[OFTEN, UNIFORM])
    client, to = g.daemon.client(), number()
    vid = client.do("OTP.SEND", to, "SUBJECT", "s")
    assert client.status(vid)["state"] == "pending"
    assert client.do("OTP.VERIFY", vid, g.smsc.sms(to=to).code) == "OK"
    vid = client.do("OTP.SEND", number(), "SUBJECT", "s")
    assert client.do("OTP.CANCEL", vid) == "OK"
    assert str(client.fails("OTP.CANCEL", vid)) == GONE


def test_a_phone_that_sent_its_sms_is_seen(fresh, number):
    """STATUS is where that is told; every other end of such a verification is EXPIRED."""
    g = fresh(replace=[OFTEN, UNIFORM], smsc='mo = ["95000"]; mo_trusted = true;')
    client = g.daemon.client()

    def opened():
        flat = client.do("OTP.REVERSE", "SUBJECT", "s", "PURPOSE", "signup")
        return dict(zip(flat[::2], flat[1::2]))

    def status(v, lang="en"):
        flat = client.do("OTP.STATUS", v["id"], "SAY", lang)
        return dict(zip(flat[::2], flat[1::2]))

    sent, other = opened(), opened()
    assert status(sent)["say"] == "Please send the SMS from your phone. We are waiting for it."
    assert g.smsc.mo(number(), "95000", sent["text"]) == 0
    wait_until(lambda: status(sent)["state"] == "verified", 20, "the verdict")
    assert status(sent)["say"] == "Your number is confirmed. Please go on."
    client.do("OTP.CANCEL", other["id"])
    assert str(client.fails("OTP.STATUS", other["id"])) == GONE


def test_the_log_has_the_true_code(fresh, number):
    g = fresh(replace=[OFTEN, UNIFORM])
    client, to = g.daemon.client(), number()
    vid = client.do("OTP.SEND", to, "SUBJECT", "s")
    code = g.smsc.sms(to=to).code
    client.do("OTP.VERIFY", vid, code)
    client.fails("OTP.VERIFY", vid, code)
    wait_until(lambda: "outcome=USED" in g.daemon.log(), 10, "the line of the log")


def test_a_reload_turns_it_on_and_off(fresh, number):
    g = fresh(replace=[OFTEN])
    client = g.daemon.client()
    assert client.fails("OTP.STATUS", MISTYPED).code == "UNKNOWNID"
    g.daemon.write_conf(replace=[OFTEN, UNIFORM])
    g.daemon.reload()
    assert str(client.fails("OTP.STATUS", MISTYPED)) == GONE
