"""Codes with a check digit: what a person typed wrong is told, and costs nothing. OTPGWD_FULL=1: 10,000 codes instead of 150."""
import os
import re

import pytest
from rig import Error

CODES = 10000 if os.environ.get("OTPGWD_FULL") else 150
SHIPPED = 'name = "login";'
CHECKED = [(SHIPPED, SHIPPED + " check_digit = true;")]
BATCH = 25


def typing_errors(code):
    """Every single wrong digit, and every swap of neighbours that changes the code."""
    wrong = {code[:i] + digit + code[i + 1:] for i in range(len(code)) for digit in "0123456789"}
    swaps = {code[:i] + code[i + 1] + code[i] + code[i + 2:] for i in range(len(code) - 1)}
    return sorted((wrong | swaps) - {code})


def codes_of(g, client, number, count, *options):
    """(id, code) of so many new verifications."""
    ids = dict(zip(numbers := [number() for _ in range(count)], client.all_served([("OTP.SEND", to, *options) for to in numbers])))
    made = []
    while len(made) < count:
        sms = g.smsc.sms()
        made.append((ids[sms.to], sms.code))
    return made


@pytest.mark.seconds(3600 if os.environ.get("OTPGWD_FULL") else 120)
def test_every_wrong_digit_and_every_swap_is_told_and_free(fresh, number):
    g = fresh(replace=CHECKED, log_level="info")
    c, told = g.daemon.client(), 0
    for _ in range(0, CODES, BATCH):
        made = codes_of(g, c, number, BATCH)
        assert {len(code) for _, code in made} == {7}, "six random digits and the check digit"
        for vid, code in made:
            typed = typing_errors(code)
            replies = c.all_served([("OTP.VERIFY", vid, t) for t in typed])
            assert {str(r) for r in replies} == {"INCORRECT reason=mistyped want=7 attempts_left=5 a digit was mistyped; nothing was counted"}
            told += len(typed)
        assert c.all_served([("OTP.VERIFY", vid, code) for vid, code in made]) == ["OK"] * BATCH
    print(f"{CODES} codes, {told} typing errors told")
    assert told >= 63 * CODES and g.daemon.step("mistyped") == told and g.daemon.step("wrong") == 0


def test_its_shape_is_that_which_is_shown(fresh, number):
    g = fresh(replace=CHECKED)
    c = g.daemon.client()
    (vid, code), = codes_of(g, c, number, 1, "LENGTH", "9")
    assert len(code) == 10, "LENGTH counts the random digits"
    short = c.fails("OTP.VERIFY", vid, code[:-1])
    assert (short.fields["reason"], short.fields["want"], short.fields["attempts_left"]) == ("too_short", "10", "5")
    assert c.fails("OTP.VERIFY", vid, code[:-1] + "A").fields["reason"] == "alphabet"
    assert c.do("OTP.VERIFY", vid, f"Your code is {code}.") == "OK", "pasted whole"
    again = c.fails("OTP.VERIFY", vid, typing_errors(code)[0])
    assert again.code == "USED", "an ended id says how it ended"


@pytest.mark.parametrize("length,good", [("3", False), ("4", True), ("9", True), ("10", False)])
def test_length_leaves_room_for_the_check_digit(fresh, number, length, good):
    g = fresh(replace=CHECKED)
    reply = g.daemon.client().ask("OTP.SEND", number(), "LENGTH", length)
    if good:
        assert len(g.smsc.sms().code) == int(length) + 1 and not isinstance(reply, Error)
    else:
        assert (reply.code, reply.fields["arg"]) == ("BADARG", "LENGTH") and "at most 9" in str(reply)
        assert g.daemon.step("created") == 0 and not g.smsc.history()


def test_a_reload_changes_no_live_verification(fresh, number):
    """Neither one that has a check digit nor one that has none."""
    g = fresh()
    c = g.daemon.client()
    (plain, plain_code), = codes_of(g, c, number, 1)
    g.daemon.write_conf(replace=CHECKED)
    g.daemon.reload()
    (checked, code), = codes_of(g, c, number, 1)
    g.daemon.write_conf()
    g.daemon.reload()
    assert (len(plain_code), len(code)) == (6, 7)
    assert c.fails("OTP.VERIFY", checked, typing_errors(code)[0]).fields["reason"] == "mistyped"
    assert "reason" not in c.fails("OTP.VERIFY", plain, typing_errors(plain_code)[0]).fields
    assert c.do("OTP.VERIFY", checked, code) == c.do("OTP.VERIFY", plain, plain_code) == "OK"


def test_a_resend_sends_the_same_checked_code(fresh, number):
    g = fresh(replace=CHECKED, purpose="waits_s = [0]; sends_short = [255, 600];")
    c = g.daemon.client()
    (vid, code), = codes_of(g, c, number, 1)
    assert c.do("OTP.RESEND", vid) == vid and g.smsc.sms().code == code
    assert c.fails("OTP.VERIFY", vid, typing_errors(code)[0]).fields["reason"] == "mistyped"


@pytest.mark.parametrize("keys,fault", [
    ('check_digit = true; alphabet = "letters";', 'purposes[0].check_digit: found true with letters, allowed only with alphabet = "digits"'),
    ("check_digit = true; length = 10;", "purposes[0].length: found 10, allowed at most 9 with check_digit, which adds one"),
])
def test_what_cannot_have_one_is_a_fault_at_load(fresh, keys, fault):
    g = fresh()
    g.daemon.write_conf(replace=[(SHIPPED, f"{SHIPPED} {keys}")])
    code, said = g.daemon.check()
    assert code and re.search(re.escape(fault), said), said
    g.daemon.expect.append("reload refused")
    g.daemon.expect.append(fault)
    g.daemon.reload(good=False)


def test_a_text_that_fits_only_without_it_is_a_fault_at_load(fresh):
    text = "{code} " + "x" * 153
    other = [('name = "signup";\n\t\ttemplate = "otp";', 'name = "signup"; template = "long"; check_digit = true;'),
             ("templates = (", "templates = (" + "".join(f'{{ name = "long"; lang = "{lang}"; text = "{text}"; }},' for lang in ("id", "en")))]
    g = fresh()
    g.daemon.write_conf(replace=other)
    code, said = g.daemon.check()
    assert code and "161" in said, said
    g.daemon.write_conf(replace=[(old, new.replace("x" * 153, "x" * 152)) for old, new in other])
    assert g.daemon.check()[0] == 0, g.daemon.check()[1]
