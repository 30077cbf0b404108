"""OTP.REDIRECT together with what else a verification may have: own codes, codes per SMS, bindings, check digits, test numbers, marks of SMS."""
import re

import pytest

FREE = "sends_short = [255, 600]; sends_long = [255, 86400]; resends = 8; waits_s = [0];"
OWN = ("SUBJECT", "applicant 7")
SIGNUP = ("PURPOSE", "signup", *OWN)
MAY = ("# own_codes = false;", "own_codes = true;")
AMOUNT, OTHER = ("BIND", "amount=Rp 1"), ("BIND", "amount=Rp 2")


def typo(sms):
    """One wrong digit."""
    return sms[:2] + str((int(sms[2]) + 1) % 10) + sms[3:]


def signup(extra=""):
    return ('redirect = "until_verified";', f'redirect = "until_verified"; {FREE} {extra}')


def gateway(fresh, extra="", *replace, **how):
    return fresh(purpose="", replace=[signup(extra), *replace], **how)


def code(g, c, vid, to):
    sms = g.smsc.sms(to=to).code
    c.settled(vid, "accepted", "delivered")
    return sms


def test_a_code_of_the_caller_is_not_replaced_by_ours(fresh, number):
    g = gateway(fresh, "", MAY)
    c, first, second = g.daemon.client(), number(), number()
    vid = c.do("OTP.SEND", first, *SIGNUP, "CODE", "493027")
    assert code(g, c, vid, first) == "493027"
    refused = c.fails("OTP.REDIRECT", vid, second, *OWN)
    assert (refused.code, refused.fields) == ("DENIED", {"reason": "redirect"}) and "caller" in str(refused)
    assert c.fails("OTP.REDIRECT", vid, second, "SUBJECT", "x").code == "UNKNOWNID"
    assert c.do("OTP.VERIFY", vid, "493027") == "OK" and second not in [s.to for s in g.smsc.history()]


def test_a_code_of_the_caller_after_a_redirect(fresh, number):
    g = gateway(fresh, "", MAY)
    c, first, second, third = g.daemon.client(), number(), number(), number()
    vid = c.do("OTP.SEND", first, *SIGNUP)
    code(g, c, vid, first)
    assert c.do("OTP.REDIRECT", vid, second, *OWN) == vid
    code(g, c, vid, second)
    assert c.do("OTP.SEND", second, *SIGNUP, "CODE", "493027") == vid
    assert code(g, c, vid, second) == "493027"
    assert c.fails("OTP.REDIRECT", vid, third, *OWN).code == "DENIED"
    assert c.do("OTP.REDIRECT", vid, second, *OWN) == vid, "done before"
    assert c.do("OTP.RESEND", vid) == vid and code(g, c, vid, second) == "493027"
    assert c.do("OTP.VERIFY", vid, "493027") == "OK"


@pytest.mark.parametrize("policy", ("overlap", "replace"))
def test_codes_of_the_old_number_end(fresh, number, policy):
    g = gateway(fresh, f'resend = "{policy}"; guesses = 9;')
    c, first, second = g.daemon.client(), number(), number()
    vid = c.do("OTP.SEND", first, *SIGNUP)
    old = [code(g, c, vid, first)]
    for _ in range(2):
        c.do("OTP.RESEND", vid)
        old.append(code(g, c, vid, first))
    assert c.do("OTP.REDIRECT", vid, second, *OWN) == vid
    new = [code(g, c, vid, second)]
    for _ in range(2):
        c.do("OTP.RESEND", vid)
        new.append(code(g, c, vid, second))
    for o in old:
        assert c.fails("OTP.VERIFY", vid, o).code == "INCORRECT"
    if policy == "replace":
        assert c.fails("OTP.VERIFY", vid, new[0]).code == "INCORRECT"
        assert c.do("OTP.VERIFY", vid, new[2]) == "OK"
    else:
        assert c.do("OTP.VERIFY", vid, new[0]) == "OK"


@pytest.mark.parametrize("policy", ("same", "overlap"))
def test_the_successor_confirms_the_same(fresh, number, policy):
    g = gateway(fresh, f'resend = "{policy}";')
    c, first, second = g.daemon.client(), number(), number()
    vid = c.do("OTP.SEND", first, *SIGNUP, *AMOUNT)
    code(g, c, vid, first)
    assert c.do("OTP.REDIRECT", vid, second, *OWN) == vid
    new = code(g, c, vid, second)
    assert c.fails("OTP.VERIFY", vid, new).fields["reason"] == "binding"
    assert c.fails("OTP.VERIFY", vid, new, *OTHER).fields["reason"] == "binding"
    assert c.do("OTP.SEND", second, *SIGNUP, *AMOUNT, "REQID", "q") == vid, "the same binding is a resend"
    newer = code(g, c, vid, second)
    assert c.do("OTP.VERIFY", vid, newer, *AMOUNT) == "OK"


def test_another_binding_after_a_redirect(fresh, number):
    g = gateway(fresh, 'resend = "overlap";')
    c, first, second, third = g.daemon.client(), number(), number(), number()
    vid = c.do("OTP.SEND", first, *SIGNUP, *AMOUNT)
    code(g, c, vid, first)
    assert c.do("OTP.REDIRECT", vid, second, *OWN) == vid
    old = code(g, c, vid, second)
    new = c.do("OTP.SEND", second, *SIGNUP, *OTHER)
    assert new != vid
    latest = code(g, c, new, second)
    assert c.fails("OTP.VERIFY", vid, old, *AMOUNT).code == "EXPIRED"
    assert c.fails("OTP.REDIRECT", vid, third, *OWN).code == "EXPIRED"
    assert c.status(new)["sends"] == "2"
    assert c.do("OTP.REDIRECT", new, first, *OWN) == new
    last = code(g, c, new, first)
    assert c.do("OTP.VERIFY", new, last, *OTHER) == "OK"


def test_another_binding_and_a_code_of_the_caller(fresh, number):
    g = gateway(fresh, "", MAY)
    c, to = g.daemon.client(), number()
    vid = c.do("OTP.SEND", to, *SIGNUP, *AMOUNT, "CODE", "493027")
    assert code(g, c, vid, to) == "493027"
    again = c.do("OTP.SEND", to, *SIGNUP, *OTHER)
    assert again != vid
    ours = code(g, c, again, to)
    assert ours != "493027"
    assert c.do("OTP.SEND", to, *SIGNUP, *OTHER, "CODE", "580146") == again
    assert code(g, c, again, to) == "580146"
    assert c.do("OTP.VERIFY", again, "580146", *OTHER) == "OK"


def test_the_successor_has_a_check_digit(fresh, number):
    g = gateway(fresh, 'check_digit = true; resend = "overlap";')
    c, first, second = g.daemon.client(), number(), number()
    vid = c.do("OTP.SEND", first, *SIGNUP)
    code(g, c, vid, first)
    assert c.do("OTP.REDIRECT", vid, second, *OWN) == vid
    new = code(g, c, vid, second)
    assert c.fails("OTP.VERIFY", vid, typo(new)).fields["reason"] == "mistyped"
    c.do("OTP.RESEND", vid)
    newer = code(g, c, vid, second)
    assert c.fails("OTP.VERIFY", vid, typo(newer)).fields["reason"] == "mistyped"
    assert c.do("OTP.VERIFY", vid, new) == "OK"


def test_test_number_to_a_true_one_with_check_digit(fresh, number):
    tests = ("# require_subject = false;", 'tests = ( { numbers = ["6281100000000-6281100000099"]; code = "0000000"; outcome = "ok"; until = "2999-12-31"; } ); #')
    g = gateway(fresh, "check_digit = true;", tests)
    c, second = g.daemon.client(), number()
    vid = c.do("OTP.SEND", "081100000005", *SIGNUP)
    assert c.do("OTP.REDIRECT", vid, second, *OWN) == vid
    new = code(g, c, vid, second)
    assert len(new) == 7
    assert c.fails("OTP.VERIFY", vid, typo(new)).fields["reason"] == "mistyped"
    assert c.do("OTP.REDIRECT", vid, "081100000006", *OWN) == vid
    assert c.do("OTP.VERIFY", vid, "0000000") == "OK"


def test_the_mark_of_the_sms_differs(fresh, number):
    g = gateway(fresh, 'resend = "overlap";', ("templates = (", 'templates = ( { name = "r"; lang = "en"; text = "{code} is your code, {ref}."; }, { name = "r"; lang = "id"; text = "{code} kode, {ref}."; },'))
    c, first, second = g.daemon.client(), number(), number()
    vid = c.do("OTP.SEND", first, *SIGNUP, "TEMPLATE", "r")
    seen = []

    def look(to):
        sms = g.smsc.sms(to=to)
        status = c.settled(vid, "accepted", "delivered")
        ref = re.search(r", (..)\.$", sms.text).group(1)
        assert status["ref"] == ref
        seen.append(ref)
        return sms.code

    look(first)
    c.do("OTP.REDIRECT", vid, second, *OWN)
    look(second)
    for _ in range(3):
        c.do("OTP.RESEND", vid)
        last = look(second)
    assert len(set(seen[1:])) == 4
    assert c.do("OTP.VERIFY", vid, last) == "OK"


def test_two_instances(fresh, number):
    g = gateway(fresh, 'resend = "overlap";', MAY)
    b = g.join("b", purpose="", replace=[signup('resend = "overlap";'), MAY])
    c, d, first, second = g.daemon.client(), b.client(), number(), number()
    vid = c.do("OTP.SEND", first, *SIGNUP, *AMOUNT)
    code(g, c, vid, first)
    assert d.do("OTP.REDIRECT", vid, second, *OWN) == vid
    one = code(g, c, vid, second)
    assert c.do("OTP.RESEND", vid) == vid
    two = code(g, d, vid, second)
    new = d.do("OTP.SEND", second, *SIGNUP, *OTHER)
    three = code(g, c, new, second)
    assert c.fails("OTP.VERIFY", vid, two, *AMOUNT).code == "EXPIRED"
    assert d.do("OTP.VERIFY", new, three, *OTHER) == "OK"
    assert one
