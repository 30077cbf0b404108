"""Each fault of a request has its own error; nothing is written and nothing is sent."""
import pytest

NUMBER = "6281277777777"
GOOD_ID = "A" * 52
FAULTS = [
    (["OTP.SEND"], "ERR|BADARG", None),
    (["OTP.SEND", NUMBER, "NOSUCH", "1"], "BADARG", "NOSUCH"),
    (["OTP.SEND", NUMBER, "LANG", "id", "LANG", "en"], "BADARG", "LANG"),
    (["OTP.SEND", NUMBER, "LANG"], "BADARG", "LANG"),
    (["OTP.SEND", NUMBER, "REQID", ""], "BADARG", "REQID"),
    (["OTP.SEND", NUMBER, "REQID", "x" * 129], "BADARG", "REQID"),
    (["OTP.SEND", NUMBER, "TTL", "0"], "BADARG", "TTL"),
    (["OTP.SEND", NUMBER, "TTL", "601"], "BADARG", "TTL"),
    (["OTP.SEND", NUMBER, "LENGTH", "3"], "BADARG", "LENGTH"),
    (["OTP.SEND", NUMBER, "LENGTH", "11"], "BADARG", "LENGTH"),
    (["OTP.SEND", NUMBER, "LENGTH", "-1"], "BADARG", "LENGTH"),
    (["OTP.SEND", NUMBER, "PURPOSE", "nosuch"], "BADARG", "PURPOSE"),
    (["OTP.SEND", NUMBER, "REPLY", "SOME"], "BADARG", "REPLY"),
    (["OTP.SEND", "0812abc45678"], "BADNUMBER", "not_a_number"),
    (["OTP.SEND", "0812"], "BADNUMBER", "too_short"),
    (["OTP.SEND", "08123456789012345"], "BADNUMBER", "too_long"),
    (["OTP.SEND", "+14155550100"], "BADNUMBER", "country_not_served"),
    (["OTP.SEND", "0211234567"], "BADNUMBER", "not_mobile"),
    (["OTP.SEND", NUMBER, "TEMPLATE", "nosuch"], "BADTEMPLATE", "unknown_template"),
    (["OTP.SEND", NUMBER, "LANG", "xx"], "BADTEMPLATE", "unknown_lang"),
    (["OTP.SEND", NUMBER, "VAR", "unused=1"], "BADTEMPLATE", "var_unused"),
    (["OTP.VERIFY", GOOD_ID, "12a456"], "BADARG|UNKNOWNID", None),
    (["OTP.VERIFY", "short", "123456"], "UNKNOWNID|BADARG", None),
    (["OTP.VERIFY", GOOD_ID, "123456"], "UNKNOWNID|BADARG", None),
    (["OTP.VERIFY", GOOD_ID], "ERR|BADARG", None),
    (["OTP.STATUS", GOOD_ID], "UNKNOWNID|BADARG", None),
    (["OTP.CANCEL", GOOD_ID], "UNKNOWNID|BADARG", None),
    (["OTP.RESEND", GOOD_ID], "UNKNOWNID|BADARG", None),
]


@pytest.mark.parametrize("words, codes, what", FAULTS, ids=lambda v: " ".join(v)[:40] if isinstance(v, list) else None)
def test_refused_and_nothing_written(gw, client, words, codes, what):
    keys, submits = gw.redis.keys(), gw.smsc.account()["submits"]
    error = client.fails(*words)
    assert error.code in codes.split("|"), error
    if what:
        assert (error.fields.get("arg") or error.fields["reason"]).upper() == what.upper(), error
    assert gw.redis.keys() == keys and gw.smsc.account()["submits"] == submits


def test_code_with_letters_does_not_cost_a_guess(gw, client, number):
    vid = client.do("OTP.SEND", number())
    assert client.fails("OTP.VERIFY", vid, "12x456").code == "BADARG"
    assert client.status(vid)["attempts_left"] == "5"


def test_no_control_character_comes_back(client):
    error = client.fails("OTP.SEND", NUMBER, "A\r\n+OK\r\n", "x")
    assert error.code == "BADARG" and client.do("PING") == "PONG"


def test_long_var_is_too_long_for_a_segment(fresh, number):
    g = fresh(replace=[("{brand}: your code is", "{brand} {shop}: your code is")])
    c = g.daemon.client()
    to = number()
    assert c.fails("OTP.SEND", to, "LANG", "en").fields["reason"] == "var_missing"
    assert c.fails("OTP.SEND", to, "LANG", "en", "VAR", "shop=" + "x" * 150).fields["reason"] in ("too_long", "var_bad")
    c.do("OTP.SEND", to, "LANG", "en", "VAR", "shop=Toko")
    assert "Toko" in g.smsc.sms(to=to).text
