"""Test numbers: the daemon plays the SMSC, a person's phone never rings, and a page sees what a telco would have caused."""
import os
import time

import pytest
from rig import ROOT, Error, wait_until
from test_tenants import ROOT_ONLY, ask_as

FAR = "2999-12-31"
OVER = "2020-01-01"
OUTCOMES = ("ok", "late", "lost", "undeliverable", "refused", "throttled")


def group(numbers, outcome="ok", code="000000", until=FAR):
    return f'{{ numbers = ["{numbers}"]; code = "{code}"; outcome = "{outcome}"; until = "{until}"; }}'


def with_tests(*groups):
    """In the sample's only tenant."""
    return ("# require_subject = false;", f"tests = ( {', '.join(groups)} ); #")


def series(g, outcome):
    return g.daemon.metric('otpgwd_test_sends_total{outcome="%s"}' % outcome)


def nobody_was_sent_an_sms(g):
    """Neither the simulated SMSC nor the daemon's figures of SMSCs know of a submit."""
    assert g.smsc.account()["submits"] == 0 and not g.smsc.history()
    assert g.daemon.metric("otpgwd_smpp_submits_total") == 0


def test_each_outcome(fresh):
    """STATUS, answers and errors are those that test_each_fault.py and test_receipts.py see of a true SMSC."""
    g = fresh(replace=[with_tests(*(group(f"62811000000{i}0", o if o != "late" else "late:2") for i, o in enumerate(OUTCOMES))),
                       ("# deadline_s = 60;", "deadline_s = 3; #")])
    c = g.daemon.client()
    number = {o: f"0811-0000-00{i}0" for i, o in enumerate(OUTCOMES)}
    started = time.monotonic()
    ids = {o: c.do("OTP.SEND", number[o], "SUBJECT", "page") for o in OUTCOMES}
    status = {o: c.settled(ids[o], "accepted", "delivered", "failed") for o in OUTCOMES if o != "throttled"}
    assert all(status[o]["smsc"] == "test" and int(status[o]["accepted_at"]) for o in OUTCOMES[:4])
    assert all(0 < int(status[o]["resend_after"]) <= 30 for o in OUTCOMES[:4])

    refused = status["refused"]
    assert (refused["delivery"], refused["reason"], refused["error"]) == ("failed", "refused", "0x0000000B")
    wait_until(lambda: c.status(ids["refused"])["sends"] == "0", what="given back")
    assert c.do("OTP.RESEND", ids["refused"]) == ids["refused"], "at once"
    assert c.settled(ids["ok"], "delivered")["reason"] == ""
    undelivered = c.settled(ids["undeliverable"], "failed")
    assert (undelivered["reason"], undelivered["error"], undelivered["sends"]) == ("undeliverable", "001", "1")
    assert c.settled(ids["late"], "delivered") and time.monotonic() - started >= 2
    throttled = c.settled(ids["throttled"], "failed")
    assert (throttled["reason"], throttled["error"]) == ("deadline", "") and time.monotonic() - started >= 3
    assert c.status(ids["lost"])["delivery"] == "accepted"

    for outcome in OUTCOMES:
        wrong = c.fails("OTP.VERIFY", ids[outcome], "000001")
        assert (wrong.code, wrong.fields["attempts_left"]) == ("INCORRECT", "4")
        assert c.do("OTP.VERIFY", ids[outcome], "000 000") == "OK", "the person may have the code, whatever the telco says"
        assert c.fails("OTP.VERIFY", ids[outcome], "000000").code == "USED"
        assert series(g, outcome) == (2 if outcome == "refused" else 1)
    nobody_was_sent_an_sms(g)


@ROOT_ONLY
def test_other_tenants_sends_go_to_the_telco(fresh):
    """The same number is a test number of one tenant alone, and its test sends use up nothing of the others' limits."""
    g = fresh(replace=[with_tests(group("6281100000000")), ('mode = "0660";', 'mode = "0666";'), ("# equal_window_s = 10;", "equal_window_s = 0;"),
                       ("# number_sends = [];", "number_sends = [1, 600];"),
                       ("tenants = (", 'tenants = ( { name = "shop"; uid = [4242]; },')])
    os.chmod(g.dir, 0o711)
    c = g.daemon.client()
    played = [c.do("OTP.SEND", "6281100000000", "SUBJECT", f"s{i}") for i in range(3)]
    assert len(set(played)) == 3
    vid, limited = ask_as(g.daemon.api, 4242, 4242, ("OTP.SEND", "6281100000000", "SUBJECT", "a"), ("OTP.SEND", "6281100000000", "SUBJECT", "b"))
    sms = g.smsc.sms(to="6281100000000")
    assert sms.code != "000000" or ask_as(g.daemon.api, 4242, 4242, ("OTP.VERIFY", vid, sms.code)) == ["OK"]
    assert isinstance(limited, Error) and limited.fields["scope"] == "number"
    assert g.smsc.account()["submits"] == 1


def test_nothing_reaches_a_bind(fresh):
    """Sends, resends and SENDs of a live one, of every outcome, under load, with a real SMSC that is bound and fast."""
    g = fresh(purpose="waits_s = [0]; deadline_s = 2;", replace=[("# equal_window_s = 10;", "equal_window_s = 0;"),
              with_tests(*(group(f"62811000{i}0000-62811000{i}9999", o if o != "late" else "late:1") for i, o in enumerate(OUTCOMES)))])
    c = g.daemon.client()
    numbers = [f"62811000{i}{n:04d}" for i in range(len(OUTCOMES)) for n in range(100)]
    ids = c.all_served([("OTP.SEND", to, "SUBJECT", "s") for to in numbers])
    assert all(isinstance(i, str) for i in ids)
    assert c.all_served([("OTP.RESEND", i) for i in ids]) == ids
    assert c.all_served([("OTP.SEND", to, "SUBJECT", "s") for to in numbers]) == ids
    for i in ids:
        c.settled(i)
    assert c.many([("OTP.VERIFY", i, "000000") for i in ids]) == ["OK"] * len(ids)
    assert sum(series(g, o) for o in OUTCOMES) >= 2 * len(ids)
    nobody_was_sent_an_sms(g)
    assert g.daemon.metric("otpgwd_invariants_broken_total") == 0


def test_the_number_has_no_limits_and_the_verification_has(fresh):
    """A page that is tested every minute must not lock itself out; what a person would meet holds."""
    g = fresh(purpose="", replace=[with_tests(group("6281100000000"))])
    c = g.daemon.client()
    ids = [c.do("OTP.SEND", "6281100000000", "SUBJECT", f"s{i}") for i in range(12)]
    assert len(set(ids)) == 12
    wait = c.fails("OTP.RESEND", ids[0])
    assert (wait.code, wait.fields["scope"]) == ("RATELIMITED", "verification")
    for vid in ids[:4]:
        assert [c.fails("OTP.VERIFY", vid, f"00000{n}").code for n in range(1, 6)] == ["INCORRECT"] * 5
        assert c.fails("OTP.VERIFY", vid, "000000").code == "EXHAUSTED"
    assert c.do("OTP.SEND", "6281100000000", "SUBJECT", "after 20 wrong guesses")


def test_they_crowd_nobody_out(fresh, number):
    """Messages that wait for their deadline hold an eighth of the queue at most, and other people's go on."""
    g = fresh(replace=[with_tests(group("6281100000000", "throttled")), ("# queue: { max = 10000; };", "queue: { max = 80; };")])
    c = g.daemon.client()
    replies = c.many([("OTP.SEND", "6281100000000", "SUBJECT", f"s{i}") for i in range(60)])
    refused = [r for r in replies if isinstance(r, Error)]
    assert {r.code for r in refused} == {"OVERLOADED"} and 49 <= len(refused) <= 59, len(refused)
    to = number()
    vid = c.do("OTP.SEND", to, "SUBJECT", "s")
    assert c.do("OTP.VERIFY", vid, g.smsc.sms(to=to).code) == "OK"


def test_a_code_that_the_purpose_cannot_make(fresh):
    g = fresh(replace=[with_tests(group("6281100000000"))])
    c = g.daemon.client()
    error = c.fails("OTP.SEND", "6281100000000", "LENGTH", "8", "SUBJECT", "s")
    assert (error.code, error.fields["arg"]) == ("BADARG", "LENGTH") and "has 6 characters and cannot be one of 8 digits" in str(error)
    assert not g.redis.connection().dbsize() or not g.redis.connection().keys("o*"), "nothing was written"
    assert c.do("OTP.SEND", "6281100000000", "LENGTH", "6", "SUBJECT", "s")
    g.daemon.run_with(purpose="length = 8;", replace=[with_tests(group("6281100000000", code="00000000"), group("6281100000001"))])
    c = g.daemon.client()
    error = c.fails("OTP.SEND", "6281100000001", "SUBJECT", "s")
    assert (error.code, error.fields["arg"]) == ("BADARG", "PURPOSE")
    assert c.do("OTP.SEND", "6281100000000", "SUBJECT", "t")
    nobody_was_sent_an_sms(g)


@pytest.mark.parametrize("same", (True, False), ids=("the same configuration", "one that knows of no test numbers"))
def test_after_a_crash_whoever_claims_it_plays_it(fresh, same):
    """A throttled message waits while its daemon is killed; the SMSC is bound all the time."""
    conf = [with_tests(group("6281100000000", "throttled")), ("# deadline_s = 60;", "deadline_s = 10; #")]
    g = fresh(replace=conf)
    vid = g.daemon.client().do("OTP.SEND", "6281100000000", "SUBJECT", "s")
    g.daemon.kill()
    g.daemon.run_with(replace=conf if same else conf[1:])
    c = g.daemon.client()
    status = c.settled(vid, "failed", "accepted", "delivered")
    assert (status["delivery"], status["reason"]) == ("failed", "deadline")
    assert g.daemon.step("recovered") == 1
    assert c.do("OTP.VERIFY", vid, "000000") == "OK"
    nobody_was_sent_an_sms(g)


def test_corrected_to_and_from_a_test_number(fresh, number):
    """The corrected number decides: what was played to nobody becomes a true SMS with a code of its own, and the reverse."""
    g = fresh(replace=[with_tests(group("6281100000000", "undeliverable"), group("6281100000001"))])
    c = g.daemon.client()
    vid = c.do("OTP.SEND", "6281100000000", "PURPOSE", "signup", "SUBJECT", "a")
    c.settled(vid, "failed")
    to = number()
    assert c.do("OTP.REDIRECT", vid, to, "SUBJECT", "a") == vid
    code = g.smsc.sms(to=to).code
    assert code == "000000" or c.fails("OTP.VERIFY", vid, "000000").code == "INCORRECT"
    assert c.do("OTP.VERIFY", vid, code) == "OK"
    vid = c.do("OTP.SEND", number(), "PURPOSE", "signup", "SUBJECT", "b")
    assert c.do("OTP.REDIRECT", vid, "6281100000001", "SUBJECT", "b") == vid
    assert c.settled(vid, "delivered")["smsc"] == "test"
    assert c.do("OTP.VERIFY", vid, "000000") == "OK"
    assert not [s for s in g.smsc.history() if s.to.startswith("6281100000")]


def test_a_group_that_is_over(fresh):
    """A reload one day too late must not be refused: it is an ordinary number then, and the operator is told."""
    g = fresh(replace=[with_tests(group("6281100000000", until=OVER), group("6281100000001-6281100000010"))])
    c = g.daemon.client()
    assert f"<4>tenants: test_numbers_over tenant=web count=1 outcome=ok until={OVER}: they are" in g.daemon.log()
    assert f"<6>tenants: test_numbers tenant=web count=10 outcome=ok until={FAR}\n" in g.daemon.log()
    assert "62811000000" not in g.daemon.log(), "a number in a log"
    code, said = g.daemon.check()
    assert code == 0 and f"warning: tenant web: the test numbers 6281100000000 ended with {OVER}" in said
    assert f"tests: tenant web: 6281100000001-6281100000010 are never sent an SMS until {FAR}, ok is played" in said
    vid = c.do("OTP.SEND", "6281100000000", "SUBJECT", "s")
    sms = g.smsc.sms(to="6281100000000")
    assert sms.code == "000000" or c.fails("OTP.VERIFY", vid, "000000").code == "INCORRECT"
    assert c.do("OTP.VERIFY", vid, sms.code) == "OK"


def test_a_reload_makes_and_ends_them(fresh):
    g = fresh()
    c = g.daemon.client()
    c.do("OTP.SEND", "6281100000000", "SUBJECT", "before")
    g.smsc.sms(to="6281100000000")
    g.daemon.write_conf(replace=[with_tests(group("6281100000000"))])
    g.daemon.reload()
    vid = c.do("OTP.SEND", "6281100000000", "SUBJECT", "during")
    assert c.do("OTP.VERIFY", vid, "000000") == "OK"
    played = c.do("OTP.SEND", "6281100000000", "SUBJECT", "played to its end")
    g.daemon.write_conf()
    g.daemon.reload()
    assert g.smsc.account()["submits"] == 1
    assert c.do("OTP.VERIFY", played, "000000") == "OK"
    c.do("OTP.SEND", "6281100000000", "SUBJECT", "after")
    assert g.smsc.sms(to="6281100000000").code


BAD = {
    "no end": ('{ numbers = ["6281100000000"]; code = "000000"; outcome = "ok"; }', "tests[0].until: found nothing"),
    "no such day": (group("6281100000000", until="2027-02-30"), 'tests[0].until: found "2027-02-30", allowed the last day'),
    "an unknown outcome": (group("6281100000000", "perhaps"), 'tests[0].outcome: found "perhaps", allowed ok, late:SECONDS'),
    "no number": (group("08110000"), 'tests[0].numbers: found "08110000", which is neither a number'),
    "too many": (group("6281100000000-6281100010000"), "which has more than 10000 numbers"),
    "overlap": (group("6281100000000-6281100000009") + "," + group("6281100000009"), 'tests[1].numbers: found "6281100000009", allowed none'),
    "not served": (group("4915112345678"), "allowed numbers of a country in numbering"),
    "a code of no purpose": (group("6281100000000", code="00000"), 'tests[0].code: found "00000", allowed a code with the length'),
}


@pytest.mark.parametrize("groups, says", BAD.values(), ids=BAD)
def test_what_the_configuration_may_not_say(gw, groups, says, tmp_path):
    with open(os.path.join(ROOT, "conf/otpgwd.conf")) as f:
        text = f.read()
    for old, new in (("# require_subject = false;", f"tests = ( {groups} ); #"), ('uid = ["www-data"]', "uid = [33]"),
                     ('# directory = "/usr/share/otpgwd/numbering";', f'directory = "{ROOT}/conf/numbering";')):
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "t.conf"
    path.write_text(text)
    code, said = gw.daemon.check(str(path))
    assert code != 0 and says in said, said
