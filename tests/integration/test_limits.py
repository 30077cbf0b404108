"""Limits: the answer names the scope and when to come back; nothing is sent meanwhile."""
import pytest
from rig import Error, wait_until, wrong

OFTEN = [("# equal_window_s = 10;", "equal_window_s = 0;")]


def sends(client, to, n):
    return [client.ask("OTP.SEND", to, "SUBJECT", f"s{i}") for i in range(n)]


def test_five_sends_in_ten_minutes(fresh, number):
    """The shipped defaults."""
    g = fresh(purpose="")
    c = g.daemon.client()
    to = number()
    replies = sends(c, to, 8)
    assert all(isinstance(r, str) for r in replies[:5])
    assert {(r.code, r.fields["scope"]) for r in replies[5:]} == {("RATELIMITED", "number")}
    assert all(590 <= int(r.fields["retry_after"]) <= 601 for r in replies[5:])
    assert c.do("OTP.SEND", number()) and len(set(replies[:5])) == 5
    assert sum(s.to == to for s in g.smsc.history()) <= 5
    assert g.daemon.step("limited") == 3


def test_sends_in_a_day(fresh, number):
    g = fresh(purpose="sends_short = [255, 600]; sends_long = [2, 86400];")
    replies = sends(g.daemon.client(), number(), 3)
    assert replies[2].fields["scope"] == "number" and 86300 <= int(replies[2].fields["retry_after"]) <= 86401


def test_resends_count_for_the_number(fresh, number):
    g = fresh(purpose="waits_s = [0]; sends_short = [3, 600];", replace=OFTEN)
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number())
    assert [c.ask("OTP.RESEND", vid) for _ in range(2)] == [vid, vid]
    error = c.fails("OTP.RESEND", vid)
    assert error.code == "RATELIMITED" and error.fields["scope"] == "number"


def test_resends_of_a_verification(fresh, number):
    g = fresh(purpose="waits_s = [0]; resends = 1; sends_short = [255, 600]; sends_long = [255, 86400];", replace=OFTEN)
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number())
    assert c.do("OTP.RESEND", vid) == vid
    error = c.fails("OTP.RESEND", vid)
    assert error.code == "RATELIMITED" and error.fields["scope"] == "verification" and int(error.fields["retry_after"]) > 200


def test_strangers_lock_no_owner_out(fresh, number):
    """Two of them waste five guesses each: no new code for an hour, but the owner's live one goes on, and may be resent."""
    g = fresh(purpose="waits_s = [0];", replace=OFTEN)
    c = g.daemon.client()
    to = number()
    owner = c.do("OTP.SEND", to, "SUBJECT", "owner")
    code = g.smsc.sms(to=to).code
    for stranger in ("a", "b"):
        vid = c.do("OTP.SEND", to, "SUBJECT", stranger)
        theirs = g.smsc.sms(to=to).code
        for i in range(1, 6):
            assert c.fails("OTP.VERIFY", vid, wrong(theirs, i)).code == "INCORRECT"
    error = c.fails("OTP.SEND", to, "SUBJECT", "c")
    assert error.code == "RATELIMITED" and error.fields["scope"] == "guesses" and 3590 <= int(error.fields["retry_after"]) <= 3601
    exhausted = c.fails("OTP.VERIFY", vid, theirs)
    assert exhausted.code == "EXHAUSTED" and 3590 <= int(exhausted.fields["retry_after"]) <= 3601
    assert c.do("OTP.RESEND", owner) == owner
    assert c.fails("OTP.VERIFY", owner, wrong(code)).fields["attempts_left"] == "4"
    assert c.do("OTP.VERIFY", owner, code) == "OK"
    assert c.do("OTP.SEND", number())


def test_exhausted_says_when_to_come_back(fresh, number):
    """The end erases no wait: the next SMS of this person comes when a resend would have."""
    g = fresh(purpose="waits_s = [2];")
    c = g.daemon.client()
    to = number()
    vid = c.do("OTP.SEND", to)
    code = g.smsc.sms(to=to).code
    last = [c.fails("OTP.VERIFY", vid, wrong(code, i)) for i in range(1, 6)][-1]
    assert last.fields["attempts_left"] == "0" and int(last.fields["retry_after"]) <= 2
    error = c.fails("OTP.VERIFY", vid, code)
    assert error.code == "EXHAUSTED" and int(error.fields["retry_after"]) <= 2
    again = wait_until(lambda: isinstance(r := c.ask("OTP.SEND", to), str) and r, what="the wait")
    assert again != vid


def test_send_and_cancel_in_a_loop_send_one_sms(gw, client, number):
    to = number()
    replies = []
    for _ in range(5):
        replies.append(client.ask("OTP.SEND", to))
        if isinstance(replies[-1], str):
            assert client.do("OTP.CANCEL", replies[-1]) == "OK"
    refused = replies[1:]
    assert isinstance(replies[0], str)
    assert {(r.code, r.fields["scope"]) for r in refused} == {("RATELIMITED", "verification")}
    assert all(25 <= int(r.fields["retry_after"]) <= 30 for r in refused)


def test_a_right_guess_takes_back_its_own_wrong_ones_only(fresh, number):
    """An owner's logins give strangers no new guesses."""
    g = fresh()
    c = g.daemon.client()
    to = number()
    stranger = c.do("OTP.SEND", to, "SUBJECT", "stranger")
    code = g.smsc.sms(to=to).code
    for i in range(1, 6):
        c.fails("OTP.VERIFY", stranger, wrong(code, i))
    for login in range(2):
        vid = c.do("OTP.SEND", to, "SUBJECT", f"owner {login}")
        code = g.smsc.sms(to=to).code
        for i in range(1, 5):
            c.fails("OTP.VERIFY", vid, wrong(code, i))
        assert c.do("OTP.VERIFY", vid, code) == "OK"
    vid = c.do("OTP.SEND", to, "SUBJECT", "stranger 2")
    code = g.smsc.sms(to=to).code
    for i in range(1, 6):
        c.fails("OTP.VERIFY", vid, wrong(code, i))
    assert c.fails("OTP.SEND", to, "SUBJECT", "stranger 3").fields["scope"] == "guesses"


def test_a_right_guess_clears_the_wrong_ones(gw, client, number):
    to = number()
    for subject in range(3):
        vid = client.do("OTP.SEND", to, "SUBJECT", subject)
        code = gw.smsc.sms(to=to).code
        for i in range(1, 5):
            client.fails("OTP.VERIFY", vid, wrong(code, i))
        assert client.do("OTP.VERIFY", vid, code) == "OK"


def test_payments_have_three_guesses(gw, client, number):
    to = number()
    vid = client.do("OTP.SEND", to, "PURPOSE", "payment")
    code = gw.smsc.sms(to=to).code
    assert [client.fails("OTP.VERIFY", vid, wrong(code, i)).fields["attempts_left"] for i in (1, 2, 3)] == ["2", "1", "0"]
    assert client.fails("OTP.VERIFY", vid, code).code == "EXHAUSTED"


def test_subject_separates_people(gw, client, number):
    to = number()
    ids, codes = [], []
    for subject in ("ani", "budi"):
        ids.append(client.do("OTP.SEND", to, "SUBJECT", subject))
        codes.append(gw.smsc.sms(to=to).code)
    assert ids[0] != ids[1]
    if codes[0] != codes[1]:
        assert client.fails("OTP.VERIFY", ids[0], codes[1]).code == "INCORRECT"
    assert [client.do("OTP.VERIFY", i, code) for i, code in zip(ids, codes)] == ["OK", "OK"]


@pytest.mark.parametrize("scope, replace", [
    ("tenant", [("# rate = 0.0;", "rate = 1.0; burst = 2.0;")]),
    ("global", [("# global_rate = 0.0;", "global_rate = 1.0; global_burst = 2.0;")]),
])
def test_rates(fresh, number, scope, replace):
    g = fresh(replace=replace)
    replies = g.daemon.client().many([("OTP.SEND", number()) for _ in range(10)])
    limited = [r for r in replies if isinstance(r, Error)]
    assert 7 <= len(limited) <= 8
    assert {(r.code, r.fields["scope"]) for r in limited} == {("RATELIMITED", scope)}
    assert {r.fields["retry_after"] for r in limited} <= {"1", "2"}


def test_a_full_queue_is_told(fresh, number):
    """What cannot be sent is not accepted; of the last two places one is left for another connection, one for another tenant."""
    g = fresh(replace=[("# queue: { max = 10000; };", "queue: { max = 5; };")])
    g.smsc.stop()
    replies = g.daemon.client().many([("OTP.SEND", number()) for _ in range(20)])
    refused = [r for r in replies if isinstance(r, Error)]
    assert len(refused) == 17 and {r.code for r in refused} == {"OVERLOADED"} and all(int(r.fields["retry_after"]) >= 1 for r in refused)
    assert g.daemon.client().do("OTP.SEND", number()) and g.daemon.client().fails("OTP.SEND", number()).code == "OVERLOADED"
    g.smsc.start()
