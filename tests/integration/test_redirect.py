"""OTP.REDIRECT: the person corrects the number; the id stays, the old code is dead, the new one counts."""
import threading

import pytest
from rig import Error, wait_until

SIGNUP = ("PURPOSE", "signup", "SUBJECT", "applicant 7")
OWN = ("SUBJECT", "applicant 7")


@pytest.fixture
def pair(client, number):
    """Two numbers, and the id of a verification of the first."""
    first, second = number(), number()
    return first, second, client.do("OTP.SEND", first, *SIGNUP)


def code(gw, to, nth=1):
    """Of the nth SMS to this number."""
    def come():
        sms = [s for s in gw.smsc.history() if s.to == to]
        return sms[nth - 1] if len(sms) >= nth else None

    return wait_until(come, what=f"SMS {nth}").code


def test_the_new_code_counts_under_the_same_id(gw, client, pair):
    first, second, vid = pair
    old = code(gw, first)
    assert client.do("OTP.REDIRECT", vid, second, *OWN) == vid
    new = code(gw, second)
    assert client.fails("OTP.VERIFY", vid, old if old != new else "0000").code == "INCORRECT"
    assert client.do("OTP.VERIFY", vid, new) == "OK"
    assert client.fails("OTP.VERIFY", vid, new).code == "USED"


def test_status_resend_and_cancel_follow(gw, client, pair):
    first, second, vid = pair
    client.do("OTP.REDIRECT", vid, second, *OWN)
    status = client.settled(vid, "delivered")
    assert status["id"] == vid and status["state"] == "pending" and status["number"].endswith(second[-3:])
    waits = client.fails("OTP.RESEND", vid)
    assert waits.code == "RATELIMITED" and waits.fields["id"] == vid
    assert client.do("OTP.CANCEL", vid) == "OK"
    assert client.status(vid)["state"] == "cancelled"
    assert client.fails("OTP.VERIFY", vid, "123456").code == "CANCELLED"


def test_a_repeated_redirect_sends_no_second_sms(gw, client, pair):
    first, second, vid = pair
    for how in ((), ("REPLY", "FULL"), ("REQID", "r" + second), ("REQID", "r" + second)):
        reply = client.do("OTP.REDIRECT", vid, second, *OWN, *how)
        assert vid in reply
    code(gw, second)
    client.settled(vid, "delivered")
    assert [s.to for s in gw.smsc.history()].count(second) == 1
    for other in ((first, *OWN), (second, "SUBJECT", "another")):
        conflict = client.fails("OTP.REDIRECT", vid, *other, "REQID", "r" + second)
        assert conflict.code == "CONFLICT" and conflict.fields == {"id": vid}


@pytest.mark.parametrize("how,reason", [
    ("same", "same"), ("unreadable", "not_a_number"), ("abroad", "country_not_served")])
def test_a_number_that_is_none(gw, client, pair, how, reason):
    first, second, vid = pair
    to = {"same": first, "unreadable": "0812 x", "abroad": "+4915112345678"}[how]
    error = client.fails("OTP.REDIRECT", vid, to, *OWN)
    assert (error.code, error.fields["reason"]) == ("BADNUMBER", reason)
    unchanged(gw, client, pair)


def unchanged(gw, client, pair):
    """The first number and its code are as before, and nothing was sent to another."""
    first, second, vid = pair
    assert client.status(vid)["number"].endswith(first[-3:])
    assert client.do("OTP.VERIFY", vid, code(gw, first)) == "OK"
    assert second not in [s.to for s in gw.smsc.history()]


def keys(gw):
    return sorted(gw.redis.connection().keys())


def test_without_subject(gw, client, pair):
    error = client.fails("OTP.REDIRECT", pair[2], pair[1])
    assert (error.code, error.fields["arg"]) == ("BADARG", "SUBJECT")
    unchanged(gw, client, pair)


def test_options_that_it_has_not(gw, client, pair):
    for option in (("PURPOSE", "login"), ("TTL", "60"), ("KNOWN", "1"), ("VAR", "a=b"), ("LENGTH", "8")):
        assert client.fails("OTP.REDIRECT", pair[2], pair[1], *OWN, *option).fields["arg"] == option[0]
    assert client.fails("OTP.REDIRECT", pair[2]).code == "BADARG"
    unchanged(gw, client, pair)


def test_a_purpose_that_forbids_it(gw, client, number):
    """Pointing the code of a login at a phone of one's own."""
    first, second = number(), number()
    vid = client.do("OTP.SEND", first, "PURPOSE", "login", *OWN)
    before = keys(gw)
    error = client.fails("OTP.REDIRECT", vid, second, *OWN)
    assert (error.code, error.fields["reason"]) == ("DENIED", "redirect")
    assert set(keys(gw)) <= set(before)
    unchanged(gw, client, (first, second, vid))


def test_a_stranger_with_the_id_learns_nothing(gw, client, pair, number):
    """Another subject gets the answer of an id that there is not, whatever became of the verification."""
    first, second, vid = pair
    unknown = client.fails("OTP.REDIRECT", client.do("OTP.SEND", number(), *SIGNUP)[:28] + vid[28:], second, *OWN)
    assert unknown.code == "UNKNOWNID"

    def stranger():
        return str(client.fails("OTP.REDIRECT", vid, second, "SUBJECT", "applicant 8"))

    live = stranger()
    assert live.startswith("UNKNOWNID") and "reason" not in live
    sms = code(gw, first)
    assert client.do("OTP.VERIFY", vid, sms) == "OK"
    assert stranger() == live
    assert client.fails("OTP.REDIRECT", vid, second, *OWN).code == "USED"
    # a later verification of the same number takes the place
    client.do("OTP.SEND", first, *SIGNUP)
    assert stranger() == live
    assert client.fails("OTP.REDIRECT", vid, second, *OWN).code == "USED"
    assert second not in [s.to for s in gw.smsc.history()]


def test_a_verification_without_subject_has_no_owner(gw, client, number):
    first, second = number(), number()
    vid = client.do("OTP.SEND", first, "PURPOSE", "signup")
    assert client.fails("OTP.REDIRECT", vid, second, *OWN).code == "UNKNOWNID"


def test_attaching_to_a_live_verification(gw, client, pair, number):
    """Neither another's, whose subject differs and who gets a code of his own, nor one's own second one."""
    first, second, vid = pair
    theirs = client.do("OTP.SEND", second, "PURPOSE", "signup", "SUBJECT", "the owner")
    owner = code(gw, second)
    mine = client.do("OTP.SEND", second, *SIGNUP)
    code(gw, second, 2)
    error = client.fails("OTP.REDIRECT", vid, second, *OWN)
    assert (error.code, error.fields) == ("CONFLICT", {"reason": "live"})
    assert client.do("OTP.VERIFY", vid, code(gw, first)) == "OK"
    assert client.do("OTP.VERIFY", theirs, owner) == "OK"
    assert client.status(mine)["state"] == "pending"
    # a stranger who redirects to the owner's number has a code that only the owner gets
    third = number()
    attacker = client.do("OTP.SEND", third, "PURPOSE", "signup", "SUBJECT", "attacker")
    again = client.do("OTP.SEND", second, "PURPOSE", "signup", "SUBJECT", "the owner")
    owner = code(gw, second, 3)
    assert client.do("OTP.REDIRECT", attacker, second, "SUBJECT", "attacker") == attacker
    code(gw, second, 4)
    assert client.fails("OTP.VERIFY", attacker, owner).code == "INCORRECT"
    assert client.do("OTP.VERIFY", again, owner) == "OK"


def test_back_to_a_former_number(gw, client, pair, number):
    first, second, vid = pair
    client.do("OTP.REDIRECT", vid, second, *OWN)
    error = client.fails("OTP.REDIRECT", vid, first, *OWN)
    assert (error.code, error.fields["reason"]) == ("BADNUMBER", "former")
    third = number()
    client.do("OTP.REDIRECT", vid, third, *OWN)
    for former in (first, second):
        assert client.fails("OTP.REDIRECT", vid, former, *OWN).fields["reason"] == "former"
    assert client.do("OTP.VERIFY", vid, code(gw, third)) == "OK"


def test_a_third_time(gw, client, pair, number):
    first, second, vid = pair
    client.do("OTP.REDIRECT", vid, second, *OWN)
    third = number()
    client.do("OTP.REDIRECT", vid, third, *OWN)
    error = client.fails("OTP.REDIRECT", vid, number(), *OWN)
    assert error.code == "RATELIMITED" and error.fields["scope"] == "redirects" and error.fields["id"] == vid
    assert 0 < int(error.fields["retry_after"]) <= 600
    assert client.do("OTP.VERIFY", vid, code(gw, third)) == "OK"
    assert client.fails("OTP.REDIRECT", vid, number(), *OWN).code == "USED"


def test_after_each_end(gw, client, number):
    def opened():
        to = number()
        return to, client.do("OTP.SEND", to, *SIGNUP)

    _, vid = opened()
    client.do("OTP.CANCEL", vid)
    assert client.fails("OTP.REDIRECT", vid, number(), *OWN).code == "CANCELLED"
    to, vid = opened()
    right = int(code(gw, to))
    for nth in range(5):
        client.fails("OTP.VERIFY", vid, f"{(right + 1 + nth) % 10**6:06d}")
    assert client.fails("OTP.REDIRECT", vid, number(), *OWN).code == "EXHAUSTED"


def test_an_unknown_and_a_mistyped_id(gw, client, pair):
    vid = pair[2]
    assert client.fails("OTP.REDIRECT", "nonsense", pair[1], *OWN).code == "BADARG"
    swapped = vid[:-1] + ("A" if vid[-1] != "A" else "B")
    assert client.fails("OTP.REDIRECT", swapped, pair[1], *OWN).fields["reason"] == "mistyped"


def test_a_send_to_the_old_number(gw, client, pair, number):
    """Within the life of the successor it tells the id; when that has ended, the number can be asked again."""
    first, second, vid = pair
    client.do("OTP.REDIRECT", vid, second, *OWN)
    third = number()
    client.do("OTP.REDIRECT", vid, third, *OWN)
    for former in (first, second):
        error = client.fails("OTP.SEND", former, *SIGNUP)
        assert (error.code, error.fields) == ("CONFLICT", {"reason": "redirected", "id": vid})
    assert client.do("OTP.VERIFY", vid, code(gw, third)) == "OK"
    wait = client.fails("OTP.SEND", first, *SIGNUP)  # as a resend would wait
    assert wait.code == "RATELIMITED" and wait.fields["scope"] == "verification"
    assert client.do("OTP.SEND", first, "PURPOSE", "signup", "SUBJECT", "another") != vid


def test_a_send_to_the_new_number_is_a_resend_under_the_old_id(fresh, number):
    g = fresh(purpose="", replace=[('redirect = "until_verified";', 'redirect = "until_verified"; waits_s = [0];')])
    c, first, second = g.daemon.client(), number(), number()
    vid = c.do("OTP.SEND", first, *SIGNUP)
    c.do("OTP.REDIRECT", vid, second, *OWN)
    once = code(g, second)
    assert c.do("OTP.SEND", second, *SIGNUP, "REQID", "a" + second) == vid
    assert c.do("OTP.SEND", second, *SIGNUP, "REQID", "a" + second) == vid
    assert c.do("OTP.SEND", second, *SIGNUP) == vid
    assert c.do("OTP.SEND", second, *SIGNUP) == vid  # equal, within ten seconds
    assert code(g, second, 2) == once
    assert c.do("OTP.RESEND", vid, "REQID", "b" + second) == c.do("OTP.RESEND", vid, "REQID", "b" + second) == vid
    assert c.do("OTP.VERIFY", vid, once) == "OK"


def test_what_the_new_number_refuses_leaves_the_old_code_alive(fresh, number):
    g = fresh(replace=[('redirect = "until_verified";', 'redirect = "until_verified"; sends_short = [1, 600];')])
    c, first, second, third = g.daemon.client(), number(), number(), number()
    vid = c.do("OTP.SEND", first, *SIGNUP)
    c.do("OTP.SEND", second, "PURPOSE", "signup", "SUBJECT", "someone")
    error = c.fails("OTP.REDIRECT", vid, second, *OWN)
    assert (error.code, error.fields["scope"]) == ("RATELIMITED", "number")
    code(g, first)
    assert c.fails("OTP.VERIFY", vid, "12345").fields["reason"] == "too_short"  # not reserved any more
    assert c.do("OTP.REDIRECT", vid, third, *OWN) == vid
    assert c.do("OTP.VERIFY", vid, code(g, third)) == "OK"


def test_the_queued_sms_is_dropped(fresh, number):
    g = fresh()
    c, first, second = g.daemon.client(), number(), number()
    g.smsc.stop()
    wait_until(lambda: not g.daemon.ready(), what="no bind")
    vid = c.do("OTP.SEND", first, *SIGNUP)
    c.do("OTP.REDIRECT", vid, second, *OWN)
    g.smsc.start()
    assert c.do("OTP.VERIFY", vid, code(g, second)) == "OK"
    wait_until(lambda: g.daemon.json()["queue"]["taken"] == 0, what="an empty queue")
    assert [s.to for s in g.smsc.history()] == [second]
    assert not g.redis.connection().keys("j*")


def test_receipts_of_the_old_sms_do_not_move_the_new(fresh, number):
    """The first number is undeliverable, which is told late: what became of the second one's SMS stays."""
    g = fresh()
    g.smsc.restart("--receipts", "both", "--receipt-delay-ms", "300")
    wait_until(g.daemon.ready, what="bound")
    c, first, second = g.daemon.client(), number("999101"), number()
    vid = c.do("OTP.SEND", first, *SIGNUP)
    code(g, first)
    c.do("OTP.REDIRECT", vid, second, *OWN)
    code(g, second)
    assert c.settled(vid, "delivered", "failed")["delivery"] == "delivered"


@pytest.mark.seconds(120)
def test_a_hundred_at_once_one_successor_one_sms(fresh, number):
    g = fresh()
    c, first = g.daemon.client(), number()
    vid = c.do("OTP.SEND", first, *SIGNUP)
    code(g, first)
    numbers = [number() for _ in range(100)]
    replies, start = [None] * 100, threading.Barrier(20)

    def ask(nth):
        own = g.daemon.client()
        start.wait()
        for i in range(nth, 100, 20):
            own.send("OTP.REDIRECT", vid, numbers[i], *OWN)
        for i in range(nth, 100, 20):
            replies[i] = own.reply()

    threads = [threading.Thread(target=ask, args=(nth,)) for nth in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {r.code for r in replies if isinstance(r, Error)} <= {"CONFLICT", "RATELIMITED"}
    # Who asked when the first was done has corrected it a second time; nobody a third time.
    done = [n for n, r in zip(numbers, replies) if r == vid]
    assert 1 <= len(done) <= 2
    sms = {to: code(g, to) for to in done}
    right = [to for to in done if c.status(vid)["number"].endswith(to[-3:])]
    assert len(right) == 1
    c.settled(vid, "delivered")
    assert sorted(s.to for s in g.smsc.history()) == sorted([first, *done])
    assert c.do("OTP.VERIFY", vid, sms[right[0]]) == "OK"


def near(to):
    """Another digit in the middle."""
    return to[:7] + str((int(to[7]) + 1) % 10) + to[8:]


def subject(number):
    """Of the test's own, because what a subject asked for is remembered for an hour."""
    return ("PURPOSE", "signup", "SUBJECT", "person " + number)


def test_a_second_number_one_edit_away_is_told(gw, client, number):
    first = number()
    who = subject(first)
    vid = client.do("OTP.SEND", first, *who)
    assert client.status(vid)["similar"] == "0"
    second = client.do("OTP.SEND", near(first), *who)
    status = client.status(second)
    assert status["similar"] == "1"
    assert first[-6:] not in str(status) and client.do("OTP.STATUS", second, "FIELD", "similar") == "1"
    # the same for one digit more or less, and for neighbours that changed places
    assert client.status(client.do("OTP.SEND", near(first) + "7", *who))["similar"] == "1"
    far = number()
    assert client.status(client.do("OTP.SEND", far, *who))["similar"] == "0"


def test_who_has_verified_the_first_has_two_numbers(gw, client, number):
    first = number()
    who = subject(first)
    vid = client.do("OTP.SEND", first, *who)
    assert client.do("OTP.VERIFY", vid, code(gw, first)) == "OK"
    assert client.status(client.do("OTP.SEND", near(first), *who))["similar"] == "0"


def test_similar_is_of_one_subject_and_of_purposes_that_have_it(gw, client, number):
    first = number()
    who = subject(first)
    client.do("OTP.SEND", first, *who)
    for other in (("PURPOSE", "signup", "SUBJECT", "person 0"), ("PURPOSE", "signup"), ("PURPOSE", "login", *who[2:])):
        assert client.status(client.do("OTP.SEND", near(first), *other))["similar"] == "0"
    assert client.status(client.do("OTP.SEND", near(first), *who))["similar"] == "1"


def test_a_redirect_to_a_number_one_edit_away_is_told(gw, client, number):
    first = number()
    who = subject(first)
    vid = client.do("OTP.SEND", first, *who)
    client.do("OTP.REDIRECT", vid, near(first), *who[2:])
    assert client.status(vid)["similar"] == "1"
    # its successor is what the next number is compared with; once that is verified, nothing is
    assert client.do("OTP.VERIFY", vid, code(gw, near(first))) == "OK"
    assert client.status(client.do("OTP.SEND", near(near(first)), *who))["similar"] == "0"


def test_the_number_before_stands_sealed_for_an_hour(gw, client, number):
    first = number()
    r = gw.redis.connection()
    before = set(r.keys("n*"))
    client.do("OTP.SEND", first, *subject(first))
    (key,) = set(r.keys("n*")) - before
    value = r.get(key)
    assert len(value) == 93 and first.encode() not in value and bytes.fromhex(first + "f" * (len(first) % 2)) not in value
    assert 3_590 < r.ttl(key) <= 3_600
    # a changed octet is no number before, and no error
    r.set(key, value[:40] + bytes((value[40] ^ 1,)) + value[41:], keepttl=True)
    assert client.status(client.do("OTP.SEND", near(first), *subject(first)))["similar"] == "0"


def test_sentences(client, pair):
    first, second, vid = pair
    error = client.fails("OTP.REDIRECT", vid, first, *OWN, "SAY", "en")
    assert error.fields == {"reason": "same"} and str(error).endswith("Please look for the SMS, or enter another number.")
    client.do("OTP.REDIRECT", vid, second, *OWN)
    error = client.fails("OTP.SEND", first, *SIGNUP, "SAY", "en")
    assert error.fields["id"] == vid and str(error).endswith("Please go on with the new one.")


def test_check_warns_of_a_login_whose_number_may_be_corrected(fresh):
    g = fresh()
    assert "lets an attacker" not in g.daemon.check()[1]
    g.daemon.run_with(replace=[('name = "login";', 'name = "login"; redirect = "until_verified";')])
    status, said = g.daemon.check()
    assert status == 0 and 'warning: purpose login: redirect = "until_verified"' in said


def test_to_a_number_that_another_verification_had(fresh, number):
    """Which is free when the successor of that has ended, and not before."""
    g = fresh(replace=[('redirect = "until_verified";', 'redirect = "until_verified"; waits_s = [0];')])
    c, first, second, third = g.daemon.client(), number(), number(), number()
    one = c.do("OTP.SEND", first, *SIGNUP)
    c.do("OTP.REDIRECT", one, second, *OWN)
    two = c.do("OTP.SEND", third, *SIGNUP)
    error = c.fails("OTP.REDIRECT", two, first, *OWN)
    assert (error.code, error.fields) == ("CONFLICT", {"reason": "live"})
    assert c.do("OTP.VERIFY", one, code(g, second)) == "OK"
    assert c.do("OTP.REDIRECT", two, first, *OWN) == two
    assert c.do("OTP.VERIFY", two, code(g, first, 2)) == "OK"
    assert c.fails("OTP.VERIFY", one, "123456").code in ("USED", "EXPIRED")


def test_a_changed_octet_of_the_successor_is_unreadable(gw, client, pair):
    """Who can write in Redis cannot point the id at a verification of his choice."""
    first, second, vid = pair
    client.do("OTP.REDIRECT", vid, second, *OWN)
    r = gw.redis.connection()
    (key,) = [k for k in r.keys("o{*}*") if k.endswith(vid[4:28].encode())]
    r.setrange(key, 167, bytes((r.get(key)[167] ^ 1,)))
    for words in (("OTP.VERIFY", vid, "123456"), ("OTP.STATUS", vid), ("OTP.RESEND", vid), ("OTP.CANCEL", vid),
                  ("OTP.REDIRECT", vid, first, *OWN)):
        error = client.fails(*words)
        assert (error.code, error.fields) == ("UNKNOWNID", {"reason": "unreadable"})
    assert client.fails("OTP.SEND", first, *SIGNUP).code == "UNAVAILABLE"
