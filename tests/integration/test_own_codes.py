"""OTP.SEND n CODE c: identity systems that make their own codes get delivery, limits and a verdict."""
import pytest
from rig import wait_until, wrong

MAY = ("# own_codes = false;", "own_codes = true;")
FREE = "sends_short = [255, 600]; sends_long = [255, 86400]; resends = 8; waits_s = [0];"


@pytest.fixture
def idp(fresh):
    """A gateway whose tenant may give codes."""
    return lambda **how: fresh(**{"purpose": FREE, "replace": [MAY], **how})


def codes_of(g, c, vid, to, n):
    """Of the next n SMS, once the SMSC has accepted the last."""
    codes = [g.smsc.sms(to=to).code for _ in range(n)]
    c.settled(vid, "accepted", "delivered")
    return codes


def test_an_identity_systems_flow_end_to_end(idp, number):
    """Its code is sent, sent again, replaced by its next one, and verified; limits, states and errors are those of any code."""
    g = idp()
    c, to = g.daemon.client(), number()
    vid = c.do("OTP.SEND", to, "SUBJECT", "session 1", "CODE", "493027", "REQID", "first")
    assert codes_of(g, c, vid, to, 1) == ["493027"]
    assert c.do("OTP.SEND", to, "SUBJECT", "session 1", "CODE", "493027", "REQID", "first") == vid, "no second SMS"
    assert c.fails("OTP.SEND", to, "SUBJECT", "session 1", "CODE", "580146", "REQID", "first").code == "CONFLICT"
    assert c.do("OTP.RESEND", vid) == vid and codes_of(g, c, vid, to, 1) == ["493027"]
    assert c.do("OTP.SEND", to, "SUBJECT", "session 1", "CODE", "580146") == vid and codes_of(g, c, vid, to, 1) == ["580146"]
    assert c.do("OTP.RESEND", vid) == vid and codes_of(g, c, vid, to, 1) == ["580146"], "the last"
    assert c.do("OTP.SEND", to, "SUBJECT", "session 1") == vid and codes_of(g, c, vid, to, 1) == ["580146"], "a SEND without CODE too"
    assert c.status(vid)["sends"] == "5"
    assert c.fails("OTP.VERIFY", vid, "493027").fields["attempts_left"] == "4", "it was replaced"
    assert c.fails("OTP.VERIFY", vid, wrong("580146")).fields["attempts_left"] == "3"
    assert c.do("OTP.VERIFY", vid, "580146") == "OK" and c.fails("OTP.VERIFY", vid, "580146").code == "USED"
    assert len(g.smsc.history()) == 5
    answers = c.status(vid)
    assert not {"493027", "580146"} & set(answers.values())


def test_another_code_waits_like_any_resend(fresh, number):
    g = fresh(replace=[MAY])
    c, to = g.daemon.client(), number()
    vid = c.do("OTP.SEND", to, "CODE", "493027")
    refused = c.fails("OTP.SEND", to, "CODE", "580146")
    assert (refused.code, refused.fields["scope"], refused.fields["id"]) == ("RATELIMITED", "verification", vid)
    assert codes_of(g, c, vid, to, 1) == ["493027"] and c.do("OTP.VERIFY", vid, "493027") == "OK"


def test_it_replaces_a_code_of_ours(idp, number):
    g = idp()
    c, to = g.daemon.client(), number()
    vid = c.do("OTP.SEND", to)
    ours = codes_of(g, c, vid, to, 1)[0]
    assert c.do("OTP.SEND", to, "CODE", wrong(ours, 3)) == vid and codes_of(g, c, vid, to, 1) == [wrong(ours, 3)]
    assert c.fails("OTP.VERIFY", vid, ours).fields["attempts_left"] == "4"
    assert c.do("OTP.VERIFY", vid, wrong(ours, 3)) == "OK"


@pytest.mark.parametrize("options, text", [
    (("CODE", "49302"), "must be 6 digits"), (("CODE", "4930275"), "must be 6 digits"), (("CODE", "49302x"), "must be 6 digits"),
    (("CODE", ""), ""), (("CODE", "49 3027"), "must be 6 digits"), (("CODE", "\u0664930275"), "must be 6 digits"),
    (("CODE", "493027", "LENGTH", "7"), "must be 7 digits"), (("CODE", "493027", "CODE", "493028"), ""),
])
def test_of_another_form_it_is_refused(idp, number, options, text):
    g = idp()
    c, to = g.daemon.client(), number()
    refused = c.fails("OTP.SEND", to, *options)
    assert refused.code == "BADARG" and refused.fields["arg"] == "CODE" and text in str(refused)
    assert not g.smsc.all_sms() and not any(k[:1] in "orjke" and k[1:2] == "{" for k in g.redis.cli("KEYS", "*").split()), "nothing was written"


def test_of_letters(idp, number):
    g = idp(purpose=FREE + ' alphabet = "letters";')
    c, to = g.daemon.client(), number()
    assert "must be 6 of the characters 34679ACDEFGHJKMNPQRTUVWXY" in str(c.fails("OTP.SEND", to, "CODE", "ABCDEF"))
    vid = c.do("OTP.SEND", to, "CODE", "ACDEFG")
    wait_until(lambda: "ACDEFG" in g.smsc.phone.read(), what="the SMS")
    assert c.do("OTP.VERIFY", vid, "acdefg") == "OK"


def test_another_length_on_a_live_verification_is_refused(idp, number):
    g = idp()
    c, to = g.daemon.client(), number()
    vid = c.do("OTP.SEND", to, "CODE", "493027")
    assert codes_of(g, c, vid, to, 1) == ["493027"]
    refused = c.fails("OTP.SEND", to, "CODE", "4930275", "LENGTH", "7")
    assert refused.code == "BADARG" and "the live verification has codes of 6 digits" in str(refused)
    assert c.status(vid)["sends"] == "1" and c.do("OTP.VERIFY", vid, "493027") == "OK"


def test_weak_ones_are_taken_and_told_once(idp, number):
    """All equal, a run up, down and over 9: one warning for the tenant, without a code."""
    g = idp()
    c = g.daemon.client()
    for code in ("000000", "123456", "987654", "789012", "210987", "111111"):
        to = number()
        vid = c.do("OTP.SEND", to, "CODE", code)
        assert codes_of(g, c, vid, to, 1) == [code] and c.do("OTP.VERIFY", vid, code) == "OK"
    warnings = [line for line in g.daemon.log().splitlines() if "weak_code" in line]
    assert len(warnings) == 1 and "tenant=web" in warnings[0] and "000000" not in warnings[0]


def test_a_strong_one_is_not_told(idp, number):
    g = idp()
    assert g.daemon.client().do("OTP.SEND", number(), "CODE", "112233") and "weak_code" not in g.daemon.log()


def test_command_docs_show_it(client):
    docs = client.do("COMMAND", "DOCS", "OTP.SEND")
    assert "CODE" in str(docs)
