"""Which codes are valid while SMS come late, come in another order, are refused or never answered, by purposes.resend."""
import pytest
from rig import wait_until, wrong

FREE = "sends_short = [255, 600]; sends_long = [255, 86400]; resends = 8; waits_s = [0];"


def policy(name):
    return f'{FREE} resend = "{name}";'


def send(g, c, to, *options):
    vid = c.do("OTP.SEND", to, "PURPOSE", "login", *options)
    return vid, g.smsc.sms(to=to).code


def again(g, c, vid, to):
    """The code of one more SMS, which the SMSC has accepted."""
    before = c.status(vid)["accepted_at"]
    assert before and c.do("OTP.RESEND", vid) == vid
    code = g.smsc.sms(to=to).code
    c.settled(vid, "accepted", "delivered")
    return code


def valid(c, vid, codes):
    """Which of the codes are valid: all but the last are tried as guesses, which cost nothing of what follows."""
    return [c.ask("OTP.VERIFY", vid, code) for code in codes]


def test_same_brings_the_same_code(fresh, number):
    g = fresh(purpose=policy("same"))
    c, to = g.daemon.client(), number()
    vid, code = send(g, c, to)
    c.settled(vid, "accepted", "delivered")
    assert [again(g, c, vid, to) for _ in range(3)] == [code] * 3
    assert c.do("OTP.VERIFY", vid, code) == "OK"


@pytest.mark.parametrize("held", range(4))
def test_overlap_keeps_the_last_three(fresh, number, held):
    g = fresh(purpose=policy("overlap"))
    c, to = g.daemon.client(), number()
    vid, code = send(g, c, to)
    c.settled(vid, "accepted", "delivered")
    codes = [code] + [again(g, c, vid, to) for _ in range(3)]
    assert len(set(codes)) == 4
    if held == 0:
        assert c.fails("OTP.VERIFY", vid, codes[0]).fields["attempts_left"] == "4", "only the last three"
    assert c.do("OTP.VERIFY", vid, codes[held or 3]) == "OK"


def test_replace_ends_the_former_when_the_new_one_was_accepted(fresh, number):
    g = fresh(purpose=policy("replace"))
    c, to = g.daemon.client(), number()
    vid, first = send(g, c, to)
    c.settled(vid, "accepted", "delivered")
    second = again(g, c, vid, to)
    assert c.fails("OTP.VERIFY", vid, first).fields["attempts_left"] == "4"
    assert c.do("OTP.VERIFY", vid, second) == "OK"


@pytest.mark.parametrize("name", ("overlap", "replace"))
def test_a_refused_resend_leaves_the_old_code_alive(fresh, number, name):
    g = fresh(purpose=policy(name))
    c, to = g.daemon.client(), number()
    vid, first = send(g, c, to)
    c.settled(vid, "accepted", "delivered")
    path = g.smsc.path("scenario")
    with open(path, "w") as f:
        f.write("every 1 submits: status:11\n")
    g.smsc.restart("--receipts", "both", "--scenario", path)
    wait_until(g.daemon.all_ready, what="the bind")
    assert c.do("OTP.RESEND", vid) == vid
    c.settled(vid, "failed")
    status = c.status(vid)
    assert (status["sends"], status["resend_after"]) == ("1", "0"), "it was given back"
    assert c.do("OTP.VERIFY", vid, first) == "OK"


@pytest.mark.parametrize("name", ("overlap", "replace"))
@pytest.mark.parametrize("held", (0, 1))
def test_one_that_was_never_answered_is_valid_beside_the_old(fresh, number, name, held):
    g = fresh(purpose=policy(name), smsc="response_timeout_ms = 300;", replace=[("# ambiguous = \"resend_once\";", "ambiguous = \"fail\";")])
    c, to = g.daemon.client(), number()
    vid, first = send(g, c, to)
    c.settled(vid, "accepted", "delivered")
    path = g.smsc.path("scenario")
    with open(path, "w") as f:
        f.write("at 1 submits: silent_taken\n")
    g.smsc.restart("--receipts", "none", "--scenario", path)
    wait_until(g.daemon.all_ready, what="the bind")
    assert c.do("OTP.RESEND", vid) == vid
    second = g.smsc.sms(to=to).code
    wait_until(lambda: c.status(vid)["delivery"] == "unknown", what="the end of its wait")
    assert second != first and c.do("OTP.VERIFY", vid, (first, second)[held]) == "OK"


def test_guesses_are_one_budget(fresh, number):
    g = fresh(purpose=policy("overlap"))
    c, to = g.daemon.client(), number()
    vid, code = send(g, c, to)
    c.settled(vid, "accepted", "delivered")
    for nth in range(1, 5):
        assert c.fails("OTP.VERIFY", vid, wrong(code, nth)).fields["attempts_left"] == str(5 - nth)
        if nth % 2:
            again(g, c, vid, to)
    assert c.fails("OTP.VERIFY", vid, wrong(code, 9)).fields["attempts_left"] == "0"
    assert c.fails("OTP.VERIFY", vid, code).code == "EXHAUSTED"
