"""A code that confirms an amount and a payee: VERIFY must say the same, and what it says of a code is nothing until it does."""
import pytest
from rig import wrong

OFTEN = 'guesses = 3; waits_s = [0]; sends_short = [255, 600]; sends_long = [255, 86400];'
AMOUNT, PAYEE = ("BIND", "amount=Rp 1.250.000"), ("BIND", "payee=Toko Maju")
PAYMENT = ("PURPOSE", "login", "SUBJECT", "session")
SHOWN = [("templates = (", "templates = (" + "".join(
    f'{{ name = "order"; lang = "{lang}"; text = "{{code}} pays {{amount}} to {{payee}}, {{note}}."; }},' for lang in ("id", "en")))]


@pytest.fixture
def g(fresh):
    return fresh(purpose=OFTEN, replace=SHOWN)


def send(g, c, to, *options):
    vid = c.do("OTP.SEND", to, *PAYMENT, *options)
    return vid, g.smsc.sms(to=to).code


def test_the_same_pairs_in_any_order(g, number):
    c = g.daemon.client()
    vid, code = send(g, c, number(), *AMOUNT, *PAYEE)
    assert c.do("OTP.VERIFY", vid, code, *PAYEE, *AMOUNT) == "OK"
    assert c.fails("OTP.VERIFY", vid, code, *AMOUNT, *PAYEE).code == "USED"
    assert c.fails("OTP.VERIFY", vid, code).code == "USED", "an ended id says how it ended"


OTHERS = [(), AMOUNT, PAYEE, (*AMOUNT, "BIND", "payee=Toko Mundur"), (*AMOUNT, "BIND", "payee=toko maju"), (*AMOUNT, "BIND", "payee=Toko Maju "),
          (*AMOUNT, *PAYEE, "BIND", "note=x"), ("BIND", "amount=Toko Maju", "BIND", "payee=Rp 1.250.000")]


@pytest.mark.parametrize("other", OTHERS, ids=lambda o: " ".join(o[1::2]) or "none")
def test_another_binding_is_told_free_and_alike_for_every_guess(g, number, other):
    """The attack: to learn whether a code is right without saying what it pays. All answers are the same, octet for octet."""
    c = g.daemon.client()
    vid, code = send(g, c, number(), *AMOUNT, *PAYEE)
    answers = {str(c.fails("OTP.VERIFY", vid, guess, *other)) for guess in (code, wrong(code), code[:5], code + "0", f"Your code is {code}", "hello")}
    assert answers == {"INCORRECT reason=binding attempts_left=3 the code was sent to confirm something else"}
    assert c.status(vid)["attempts_left"] == "3" and (g.daemon.step("binding"), g.daemon.step("wrong"), g.daemon.step("mistyped")) == (6, 0, 0)
    assert c.do("OTP.VERIFY", vid, code, *AMOUNT, *PAYEE) == "OK"


def test_a_code_that_confirms_nothing_confirms_no_payment(g, number):
    c = g.daemon.client()
    vid, code = send(g, c, number())
    assert c.fails("OTP.VERIFY", vid, code, *AMOUNT).fields["reason"] == "binding"
    assert c.do("OTP.VERIFY", vid, code) == "OK"


def test_who_tries_out_bindings_kills_the_code(g, number):
    c = g.daemon.client()
    vid, code = send(g, c, number(), *AMOUNT)
    said = c.many([("OTP.VERIFY", vid, code, "BIND", f"amount=Rp {n}") for n in range(30)])
    assert [r.fields["attempts_left"] for r in said[:23]] == ["3"] * 20 + ["2", "1", "0"]
    assert all(r.fields["reason"] == "binding" for r in said[:23]) and int(said[22].fields["retry_after"]) >= 0
    assert {r.code for r in said[23:]} == {"EXHAUSTED"}
    assert c.fails("OTP.VERIFY", vid, code, *AMOUNT).code == "EXHAUSTED"


def test_another_binding_takes_the_place_of_a_live_one(g, number):
    c, to = g.daemon.client(), number()
    first, old = send(g, c, to, *AMOUNT)
    assert c.fails("OTP.VERIFY", first, wrong(old), *AMOUNT).fields["attempts_left"] == "2"
    second, code = send(g, c, to, "BIND", "amount=Rp 2")
    assert second != first and c.fails("OTP.VERIFY", first, old, *AMOUNT).code == "EXPIRED"
    status = c.status(second)
    assert (status["sends"], status["attempts_left"], status["state"]) == ("2", "2", "pending")
    if old != code:
        assert c.fails("OTP.VERIFY", second, old, "BIND", "amount=Rp 2").fields["attempts_left"] == "1"
    assert c.do("OTP.VERIFY", second, code, "BIND", "amount=Rp 2") == "OK"


def test_the_same_binding_is_a_resend(g, number):
    c, to = g.daemon.client(), number()
    vid, code = send(g, c, to, *AMOUNT, *PAYEE)
    assert send(g, c, to, *PAYEE, *AMOUNT, "REQID", "again") == (vid, code)
    assert c.do("OTP.RESEND", vid) == vid and g.smsc.sms(to=to).code == code
    assert c.do("OTP.VERIFY", vid, code, *AMOUNT, *PAYEE) == "OK"


def test_a_queued_sms_for_another_amount_is_not_sent(fresh, number):
    g = fresh(purpose=OFTEN, smsc="rate = 0.5;")
    c, to = g.daemon.client(), number()
    ids = [c.do("OTP.SEND", number(), "SUBJECT", str(i)) for i in range(2)]  # what the bucket lets through, and one that waits
    first = c.do("OTP.SEND", to, *PAYMENT, *AMOUNT)
    second = c.do("OTP.SEND", to, *PAYMENT, "BIND", "amount=Rp 2")
    code = g.smsc.sms(to=to, seconds=30).code
    assert first != second and len(ids) == 2
    assert c.do("OTP.VERIFY", second, code, "BIND", "amount=Rp 2") == "OK"
    c.do("OTP.SEND", last := number())
    g.smsc.sms(to=last, seconds=30)
    assert sum(s.to == to for s in g.smsc.history()) == 1


def test_waits_and_sends_are_those_of_a_resend(fresh, number):
    g = fresh(purpose="waits_s = [60]; resends = 1; sends_short = [255, 600];")
    c, to = g.daemon.client(), number()
    vid = c.do("OTP.SEND", to, "PURPOSE", "login", *AMOUNT)
    early = c.fails("OTP.SEND", to, "PURPOSE", "login", *PAYEE)
    assert (early.code, early.fields["scope"], early.fields["id"]) == ("RATELIMITED", "verification", vid)
    assert 55 <= int(early.fields["retry_after"]) <= 60 and c.status(vid)["state"] == "pending"


def test_no_sends_left_is_said(fresh, number):
    g = fresh(purpose="waits_s = [0]; resends = 1; sends_short = [255, 600];")
    c, to = g.daemon.client(), number()
    c.do("OTP.SEND", to, *AMOUNT)
    vid = c.do("OTP.SEND", to, *PAYEE)
    none = c.fails("OTP.SEND", to, *AMOUNT)
    assert (none.code, none.fields["id"]) == ("RATELIMITED", vid) and str(none).endswith("this verification has no sends left")


def test_it_may_stand_in_the_text(g, number):
    c, to = g.daemon.client(), number()
    order = (*PAYMENT, "TEMPLATE", "order", "VAR", "note=thanks")
    vid = c.do("OTP.SEND", to, *order, *AMOUNT, *PAYEE, "BIND", "unseen=1")
    sms = g.smsc.sms(to=to)
    assert sms.text == f"{sms.code} pays Rp 1.250.000 to Toko Maju, thanks."
    assert c.do("OTP.VERIFY", vid, sms.code, *AMOUNT, *PAYEE, "BIND", "unseen=1") == "OK"
    missing = c.fails("OTP.SEND", number(), *order, *AMOUNT)
    assert missing.fields["reason"] == "var_missing" and "payee" in str(missing)
    link = c.fails("OTP.SEND", number(), *order, *AMOUNT, "BIND", "payee=evil.com")
    assert link.fields["reason"] == "var_bad" and "BIND payee reads as a link" in str(link)


@pytest.mark.parametrize("pairs,said", [
    (("BIND", "amount"), "must be name=value"), (("BIND", "=1"), "must be name=value"), (("BIND", "amount="), "must be name=value"),
    (("BIND", "Amount=1"), "must be name=value"), (("BIND", "a b=1"), "must be name=value"), (("BIND", f"{'a' * 33}=1"), "must be name=value"),
    ((*AMOUNT, *AMOUNT), "a name is given twice"), (("BIND", "b=1", "BIND", "a=1", "BIND", "b=2"), "a name is given twice"),
    (("BIND", "a=1", "BIND", "b=1", "BIND", "c=1", "BIND", "d=1"), "at most 3"), (("BIND", "a=" + "x" * 200), "1 to 200"),
    (("TEMPLATE", "order", "VAR", "note=x", *AMOUNT, "BIND", "note=x"), "a VAR has this name"),
])
def test_what_binds_nothing_is_refused(g, number, pairs, said):
    c = g.daemon.client()
    error = c.fails("OTP.SEND", number(), *PAYMENT, *pairs)
    assert (error.code, error.fields["arg"]) == ("BADARG", "BIND") and said in str(error), error
    assert g.daemon.step("created") == 0
    if "VAR" not in said:
        vid, code = send(g, c, number(), *AMOUNT)
        error = c.fails("OTP.VERIFY", vid, code, *pairs)
        assert (error.code, error.fields["arg"]) == ("BADARG", "BIND")
        assert c.do("OTP.VERIFY", vid, code, *AMOUNT) == "OK"


def test_reqids_tell_bindings_apart(g, number):
    c, to = g.daemon.client(), number()
    vid, code = send(g, c, to, *AMOUNT, "REQID", "q")
    assert c.fails("OTP.SEND", to, *PAYMENT, *PAYEE, "REQID", "q").code == "CONFLICT"
    guess = wrong(code)
    assert c.fails("OTP.VERIFY", vid, guess, *AMOUNT, "REQID", "v").fields["attempts_left"] == "2"
    assert c.fails("OTP.VERIFY", vid, guess, *PAYEE, "REQID", "v").code == "CONFLICT"


def test_redis_learns_no_pair_and_no_equality(g, number):
    """Equal pairs of two verifications have different tags."""
    c, tags = g.daemon.client(), set()
    for to in (number(), number()):
        send(g, c, to, *AMOUNT, *PAYEE)
    r = g.redis.connection()
    for key in r.keys("o{*"):
        raw = r.get(key)
        assert b"1.250" not in raw and b"amount" not in raw and raw[218:226] != bytes(8)
        tags.add(raw[218:226])
    assert len(tags) == 2
