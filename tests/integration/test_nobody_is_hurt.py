"""A limit never hurts the person it protects; what certainly did not arrive costs nothing; one broken record is one id's matter."""
import contextlib
import json
import os
import re
import select
import time

import pytest
from machine import patience
from rig import Client, Error, wait_until, wrong

FULL = os.environ.get("OTPGWD_FULL") == "1"
ROOT_ONLY = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
OTHER_UID = 4242
SHIPPED = ""  # the limits of the sample
TWO_TENANTS = [('mode = "0660";', 'mode = "0666";'), ("tenants = (", f'tenants = ( {{ name = "other"; uid = [{OTHER_UID}]; }},')]
OFTEN = ("# equal_window_s = 10;", "equal_window_s = 0;")
KNOWN = ("# known = false;", "known = true;")


@contextlib.contextmanager
def another_user(g):
    """The socket knows who connected: the effective user of that moment."""
    os.chmod(g.dir, 0o711)
    os.seteuid(OTHER_UID)
    try:
        client = Client(g.daemon.api)
    finally:
        os.seteuid(0)
    yield client
    client.close()


def said(reply):
    return (reply.code, reply.fields.get("scope")) if isinstance(reply, Error) else reply


# --- guesses belong to the verification ---

@ROOT_ONLY
@pytest.mark.seconds(300)
def test_hostile_guesses_never_touch_the_owner(fresh):
    """Strangers at two tenants, all at once: the owner's live code verifies, and no more are judged than --check prints."""
    g = fresh(purpose=SHIPPED, replace=TWO_TENANTS)
    bound = int(re.search(r"at most (\d+) wrong codes", g.daemon.check()[1]).group(1))
    owner, hostile, right, refused = g.daemon.client(), 0, 0, 0
    rounds = 100 if FULL else 20
    with another_user(g) as stranger, contextlib.closing(g.daemon.client()) as neighbour:
        for round_ in range(rounds):
            to = f"628119{round_:07d}"
            vid = owner.do("OTP.SEND", to, "SUBJECT", "owner's session")
            code = g.smsc.sms(to=to).code
            for client in (stranger, neighbour):
                replies = client.many([("OTP.SEND", to, "SUBJECT", f"s{i}", "REQID", f"{round_}-{i}") for i in range(10)])
                ids = [r for r in replies if isinstance(r, str)]
                refused += len(replies) - len(ids)
                guesses = [("OTP.VERIFY", ids[n % len(ids)], f"{n:06d}") for n in range(50) if f"{n:06d}" != code]
                verdicts = client.many(guesses)
                judged = [v for v in verdicts if v == "OK" or v.code == "INCORRECT" and "repeated" not in v.fields]
                assert 0 < len(judged) <= bound
                hostile += len(guesses)
            assert owner.fails("OTP.VERIFY", vid, wrong(code)).fields["attempts_left"] == "4"
            right += owner.ask("OTP.VERIFY", vid, code) == "OK"
    assert right == rounds and hostile >= 99 * rounds and refused >= 10 * rounds


@ROOT_ONLY
def test_an_attacker_who_uses_up_every_limit(fresh, number):
    """The owner, known by a cookie, gets an SMS and gets in; the other tenant's people notice nothing."""
    g = fresh(purpose=SHIPPED, replace=[*TWO_TENANTS, KNOWN])
    c = g.daemon.client()
    to = number()
    ids = [c.do("OTP.SEND", to, "SUBJECT", f"stranger {i}") for i in range(5)]
    assert said(c.ask("OTP.SEND", to, "SUBJECT", "owner")) == ("RATELIMITED", "number")
    sent = {s.code for s in (g.smsc.sms(to=to) for _ in range(5))}
    for vid in ids:
        for guess in [f"{n:06d}" for n in range(20) if f"{n:06d}" not in sent][:5]:
            assert c.fails("OTP.VERIFY", vid, guess).code == "INCORRECT"
    assert said(c.ask("OTP.SEND", to, "SUBJECT", "owner")) == ("RATELIMITED", "guesses")
    assert c.fails("OTP.SEND", to, "KNOWN", "1").fields["arg"] == "SUBJECT", "strangers would share it"
    vid = c.do("OTP.SEND", to, "SUBJECT", "owner", "KNOWN", "1")
    sms = g.smsc.sms(to=to)
    assert c.fails("OTP.VERIFY", vid, wrong(sms.code)).fields["attempts_left"] == "4"
    assert c.do("OTP.VERIFY", vid, sms.code) == "OK"
    assert said(c.ask("OTP.SEND", to, "SUBJECT", "stranger 9")) == ("RATELIMITED", "guesses")
    with another_user(g) as other:
        vid = other.do("OTP.SEND", to, "SUBJECT", "somebody else")
        assert other.do("OTP.VERIFY", vid, g.smsc.sms(to=to).code) == "OK"
        assert other.fails("OTP.SEND", to, "SUBJECT", "x", "KNOWN", "1").fields["reason"] == "right"


def test_known_is_remembered_by_the_record(fresh, number):
    g = fresh(purpose="waits_s = [0]; sends_short = [1, 600];", replace=[OFTEN, KNOWN])
    c = g.daemon.client()
    to = number()
    stranger = c.do("OTP.SEND", to, "SUBJECT", "stranger")
    assert said(c.ask("OTP.RESEND", stranger)) == ("RATELIMITED", "number")
    vid = c.do("OTP.SEND", to, "SUBJECT", "owner", "KNOWN", "1", "REQID", "q")
    assert c.do("OTP.RESEND", vid) == c.do("OTP.SEND", to, "SUBJECT", "owner") == vid
    assert c.do("OTP.SEND", to, "SUBJECT", "owner", "REQID", "q") == vid, "KNOWN is no part of what a REQID stands for"


def test_a_live_one_becomes_known(fresh, number):
    """The page learns of the cookie late."""
    g = fresh(purpose="waits_s = [0]; sends_short = [2, 600];", replace=[OFTEN, KNOWN])
    c = g.daemon.client()
    to = number()
    vid = c.do("OTP.SEND", to, "SUBJECT", "owner")
    c.do("OTP.SEND", to, "SUBJECT", "stranger")
    assert said(c.ask("OTP.RESEND", vid)) == ("RATELIMITED", "number")
    assert c.do("OTP.SEND", to, "SUBJECT", "owner", "KNOWN", "1") == vid == c.do("OTP.RESEND", vid)


def test_a_subject_may_be_required(fresh, number):
    g = fresh(replace=[("# require_subject = false;", "require_subject = true;")])
    c = g.daemon.client()
    error = c.fails("OTP.SEND", number())
    assert error.code == "BADARG" and error.fields["arg"] == "SUBJECT"
    assert c.do("OTP.SEND", number(), "SUBJECT", "session")
    assert "advice: tenants.require_subject" not in g.daemon.check()[1]


def test_the_limit_of_a_number_over_all_tenants(fresh, number):
    g = fresh(purpose=SHIPPED, replace=[("# number_sends = [];", "number_sends = [2, 600];")])
    c = g.daemon.client()
    to = number()
    replies = [c.ask("OTP.SEND", to, "SUBJECT", f"s{i}") for i in range(3)]
    assert [said(r) if isinstance(r, Error) else "id" for r in replies] == ["id", "id", ("RATELIMITED", "number")]


def test_check_prints_the_bound_and_what_to_change(fresh):
    g = fresh(purpose=SHIPPED)
    code, out = g.daemon.check()
    assert code == 0 and "at most 59 wrong codes" in out and "odds 5.9e-05" in out and "warning" not in out
    assert "advice: tenants.require_subject" in out
    g.daemon.write_conf(purpose="length = 4;")
    code, out = g.daemon.check()
    assert code == 0 and "warning: these odds are above 1e-04; change purposes.length" in out


# --- only an SMS that may have arrived costs ---

def test_refused_by_every_smsc_costs_nothing(fresh, number):
    g = fresh(purpose=SHIPPED)
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number("9992011"), "SUBJECT", "s")
    for given_back in range(1, 4):
        status = c.settled(vid, "failed")
        assert (status["sends"], status["sends_left"], status["resend_after"]) == ("0", "4", "0")
        wait_until(lambda: g.daemon.step("returned") == given_back, what="given back")
        assert c.do("OTP.RESEND", vid) == vid, "at once"
    status = c.settled(vid, "failed")
    assert (status["sends"], g.daemon.step("returned")) == ("1", 3), "three times in the short window, then it counts"
    assert said(c.ask("OTP.RESEND", vid)) == ("RATELIMITED", "verification")


def test_an_equal_send_after_a_refusal_is_sent_again(gw, client, number):
    to = number("9992011")
    vid = client.do("OTP.SEND", to, "SUBJECT", "s")
    client.settled(vid, "failed")
    before = gw.smsc.account()["submits"]
    assert client.do("OTP.SEND", to, "SUBJECT", "s") == vid
    wait_until(lambda: gw.smsc.account()["submits"] > before, what="one more submit")


def test_an_outage_uses_up_no_share(fresh, number):
    """Without one submit the deadline passes; then all five of the number's share are there."""
    g = fresh(purpose="deadline_s = 1;")
    c = g.daemon.client()
    to = number()
    g.smsc.stop()
    for i in range(3):
        vid = c.do("OTP.SEND", to, "SUBJECT", f"in the outage {i}")
        assert c.settled(vid, "failed")["reason"] == "deadline"
    wait_until(lambda: g.daemon.step("returned") == 3, what="given back")
    g.smsc.start()
    wait_until(g.daemon.ready, 20, "bound again")
    assert all(isinstance(c.ask("OTP.SEND", to, "SUBJECT", f"after it {i}"), str) for i in range(5))


def test_resends_in_an_outage_cost_nothing_either(fresh, number):
    """The younger takes the place of the elder in the queue: of three sends none was submitted."""
    g = fresh(purpose="waits_s = [0]; deadline_s = 1;")
    c = g.daemon.client()
    g.smsc.stop()
    vid = c.do("OTP.SEND", number(), "SUBJECT", "s")
    assert [c.do("OTP.RESEND", vid) for _ in range(2)] == [vid, vid]
    assert c.settled(vid, "failed")["reason"] == "deadline"
    wait_until(lambda: g.daemon.step("returned") == 3, what="given back")
    assert c.status(vid)["sends"] == "0" and not g.smsc.history()


def two_in_flight(fresh, number, *lines, more=(), **conf):
    """The first of two submits of one verification is refused, late; `lines` tell what becomes of the second."""
    g = fresh(purpose="waits_s = [0];", smsc="binds = 2; window = 1;", **conf)
    path = g.smsc.path("scenario")
    late_ms = round(2000 * min(2, patience(1)))  # the second is on its way when the first is refused, and not answered with it
    with open(path, "w") as f:
        f.write("\n".join(["at 1 submits: status:11", f"at 1 submits: set resp-delay-ms {late_ms}",
                           f"at 2 submits: set resp-delay-ms {2 * late_ms}", *lines, ""]))
    g.smsc.restart("--receipts", "both", "--scenario", path)
    wait_until(g.daemon.all_ready, 20, "bound again")
    c = g.daemon.client()
    to = number()
    vid = c.do("OTP.SEND", to, "SUBJECT", "s")
    wait_until(lambda: g.smsc.account()["submits"] == 1, what="the submit")
    assert c.do("OTP.SEND", to, "SUBJECT", "s", *more) == vid
    wait_until(lambda: g.daemon.json()["queue"]["taken"] == 0, what="both answers")
    store = g.redis.connection()
    wait_until(lambda: not any(store.zcard(k) for k in store.scan_iter("j*")), what="nothing owed")
    return g, c, vid


AT_ONCE = "at 2 submits: set resp-delay-ms 0"


@pytest.mark.parametrize("lines,sends", [([], "1"), ([AT_ONCE], "2")], ids=["younger on its way", "younger accepted"])
def test_a_refused_elder_fails_nothing(fresh, number, lines, sends):
    """One SMS comes. What is given back is the send that another one on its way has overtaken."""
    g, c, vid = two_in_flight(fresh, number, *lines, replace=[OFTEN])
    wait_until(lambda: c.status(vid)["sends"] == sends, what="the count")
    assert c.settled(vid, "delivered")["sends"] == sends
    assert (g.smsc.account()["submits"], len(g.smsc.history())) == (2, 1)


@pytest.mark.parametrize("more", [(), ("TTL", "30")], ids=["same", "shorter life"])
def test_both_refused_cost_nothing(fresh, number, more):
    """Also when the younger has the earlier deadline."""
    g, c, vid = two_in_flight(fresh, number, "at 2 submits: status:11", AT_ONCE, more=more, replace=[OFTEN])
    wait_until(lambda: g.daemon.step("returned") == 2, what="both given back")
    assert (c.settled(vid, "failed")["sends"], g.smsc.account()["submits"]) == ("0", 2)


@pytest.mark.parametrize("fault,delivery,sms", [("drop_taken", "unknown", 1), ("drop", "unknown", 0), ("receipt_error", "failed", 1)])
def test_a_refused_elder_does_not_go_on_for_a_younger_that_ended(fresh, number, fault, delivery, sms):
    """The younger may have arrived, whatever is known of it: nothing is owed any more."""
    never = ('# ambiguous = "resend_once";', 'ambiguous = "fail";')
    g, c, vid = two_in_flight(fresh, number, f"at 2 submits: {fault}", AT_ONCE, replace=[OFTEN, never])
    c.settled(vid, delivery)
    assert (g.smsc.account()["submits"], len(g.smsc.history())) == (2, sms)


def test_what_was_cancelled_in_flight_is_not_tried_again(fresh, number):
    """The SMSC refuses it after the CANCEL: no other SMSC sends the dead code."""
    g = fresh(smscs=2)
    g.smscs["main"].restart("--receipts", "both", "--resp-delay-ms", "700")
    wait_until(g.daemon.all_ready, 20, "bound")
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number("9992008"), "SUBJECT", "s")
    wait_until(lambda: g.smscs["main"].account()["submits"] == 1, what="the submit")
    assert c.do("OTP.CANCEL", vid) == "OK"
    wait_until(lambda: g.daemon.json()["queue"]["in_flight"] == 0 and g.daemon.json()["queue"]["taken"] == 0, what="the refusal")
    assert g.smscs["second"].account()["submits"] == 0 and c.status(vid)["state"] == "cancelled"


def test_a_submit_without_an_answer_costs(fresh, number):
    g = fresh(purpose=SHIPPED, smsc="response_timeout_ms = 300;", replace=[('# ambiguous = "resend_once";', 'ambiguous = "fail";')])
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number("999300"), "SUBJECT", "s")
    status = c.settled(vid, "unknown")
    assert status["sends"] == "1" and said(c.ask("OTP.RESEND", vid)) == ("RATELIMITED", "verification")
    assert g.daemon.step("returned") == 0


def test_what_the_smsc_calls_a_duplicate_costs(fresh, number):
    """It may have it already."""
    g = fresh(purpose=SHIPPED)
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number("9992012"), "SUBJECT", "s")
    status = c.settled(vid, "failed")
    assert (status["reason"], status["sends"]) == ("rejected", "1")
    assert said(c.ask("OTP.RESEND", vid)) == ("RATELIMITED", "verification")
    assert g.daemon.step("returned") == 0


def test_no_sends_left_is_said(fresh, number):
    g = fresh(purpose="resends = 0;")
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number(), "SUBJECT", "s")
    error = c.fails("OTP.RESEND", vid)
    assert error.fields["scope"] == "verification" and "no sends left" in str(error)


def test_a_receipt_of_failure_costs(fresh, number):
    g = fresh(purpose=SHIPPED)
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number("999101"), "SUBJECT", "s")
    status = c.settled(vid, "failed")
    assert status["sends"] == "1" and said(c.ask("OTP.RESEND", vid)) == ("RATELIMITED", "verification")
    assert g.daemon.step("returned") == 0


def test_a_stop_in_an_outage_costs_nothing(fresh, number):
    """Handed back by the stop, it is late when the next start finds it."""
    g = fresh(purpose="deadline_s = 2;")
    c = g.daemon.client()
    g.smsc.stop()
    vid = c.do("OTP.SEND", number(), "SUBJECT", "s")
    g.daemon.stop()
    deadline = g.redis.connection()
    at = float(next(iter(deadline.zrange(next(deadline.scan_iter("j*")), 0, -1, withscores=True)))[1])
    wait_until(lambda: time.time() * 1000 > at + 2500, 10, "the deadline")
    g.smsc.start()
    g.daemon.start()
    status = g.daemon.client().settled(vid, "failed")
    assert (status["reason"], status["sends"]) == ("deadline", "0")


# --- what people type ---

def test_guesses_that_cost_nothing(gw, client, number):
    to = number()
    vid = client.do("OTP.SEND", to, "SUBJECT", "s")
    code = gw.smsc.sms(to=to).code
    for typed, reason in ((code[:5], "too_short"), (code + "1", "too_long"), ("12a456", "alphabet"), ("", "too_short"),
                          ("x" * 2000, "too_long"), (f"{code} or {wrong(code)}", "too_long")):
        error = client.fails("OTP.VERIFY", vid, typed)
        assert (error.code, error.fields["reason"], error.fields["want"], error.fields["attempts_left"]) == ("INCORRECT", reason, "6", "5")
    first = client.fails("OTP.VERIFY", vid, wrong(code))
    again = client.fails("OTP.VERIFY", vid, f"{wrong(code)[:3]} {wrong(code)[3:]}")
    assert first.fields == {"attempts_left": "4"} and again.fields == {"attempts_left": "4", "repeated": "1"}
    assert client.do("OTP.VERIFY", vid, f"OTP Gateway: kode Anda {code}. Berlaku 5 menit.") == "OK"
    used = client.fails("OTP.VERIFY", vid, code[:5])
    assert used.code == "USED" and 0 <= int(used.fields["ago"]) <= 60
    assert client.fails("OTP.RESEND", vid).fields.keys() == client.fails("OTP.CANCEL", vid).fields.keys() == {"ago"}


def test_a_guess_that_can_be_read_as_every_shape(gw, client, number):
    """Words of each length and alphabet stand before the code, and it is found."""
    to = number()
    vid = client.do("OTP.SEND", to, "SUBJECT", "s", "LENGTH", "10")
    code = gw.smsc.sms(to=to).code
    words = ["1" * n for n in range(4, 10)] + ["FAQTXWHKMN"[:n] for n in range(4, 11)]
    assert client.do("OTP.VERIFY", vid, " ".join([*words, code])) == "OK"
    assert "invariant" not in gw.daemon.log()


def test_a_guess_of_another_shape_is_no_conflict_of_its_reqid(gw, client, number):
    to = number()
    vid = client.do("OTP.SEND", to, "SUBJECT", "s")
    code = gw.smsc.sms(to=to).code
    assert client.fails("OTP.VERIFY", vid, code[:5], "REQID", "form token").fields["reason"] == "too_short"
    assert client.do("OTP.VERIFY", vid, code, "REQID", "form token") == "OK"


def test_the_text_fits_the_code_that_lives(fresh, number):
    """A code of ten lives; a text that would just fit with one of four is refused, and the live one can still be resent."""
    g = fresh(purpose="waits_s = [0];", replace=[OFTEN, ('"{brand}: your code is {code}. Valid for {minutes} min. Do NOT share it with anyone."',
                                                         '"{brand}: {shop} {code}"')])
    c = g.daemon.client()
    to = number()
    vid = c.do("OTP.SEND", to, "SUBJECT", "s", "LENGTH", "10")
    first = g.smsc.sms(to=to)
    room = 160 - len("OTP Gateway:  ") - 4
    error = c.fails("OTP.SEND", to, "SUBJECT", "s", "LENGTH", "4", "LANG", "en", "VAR", "shop=" + "x" * room)
    assert error.code == "BADTEMPLATE" and error.fields["reason"] == "too_long" and "10 characters" in str(error)
    assert c.do("OTP.RESEND", vid) == vid
    again = g.smsc.sms(to=to)
    assert again.code == first.code and len(first.code) == 10
    fits = c.do("OTP.SEND", to, "SUBJECT", "s", "LENGTH", "4", "LANG", "en", "VAR", "shop=" + "x" * (room - 6))
    assert fits == vid and g.smsc.sms(to=to).code == first.code
    assert c.do("OTP.VERIFY", vid, first.code) == "OK"


# --- content is not shape ---

BROKEN = {"another version": lambda raw: b"\x03" + raw[1:], "a changed octet": lambda raw: raw[:7] + b"\x77" + raw[8:],
          "cut short": lambda raw: raw[:100]}
TAIL = {"shorter": lambda raw: raw[:-1], "longer": lambda raw: raw + b"x"}  # a guess does not look at it


@pytest.mark.parametrize("how", BROKEN)
def test_an_unreadable_record_is_one_ids_matter(fresh, number, how):
    g = fresh()
    c, r = g.daemon.client(), g.redis.connection()
    to = number()
    vid = c.do("OTP.SEND", to, "SUBJECT", "s")
    code = g.smsc.sms(to=to).code
    c.settled(vid, "delivered")
    key = next(k for k in r.scan_iter("o*"))
    raw = r.get(key)
    r.set(key, BROKEN[how](raw), keepttl=True)
    connects = g.daemon.metric("otpgwd_redis_connects_total")
    others = [number() for _ in range(100)]
    requests = []
    for n in others:
        requests += [("OTP.SEND", n), ("OTP.VERIFY", vid, code), ("OTP.STATUS", vid), ("OTP.RESEND", vid), ("OTP.CANCEL", vid)]
    replies = c.many(requests)
    assert all(isinstance(reply, str) for reply in replies[::5]), "each of the others"
    for reply in (reply for i, reply in enumerate(replies) if i % 5):
        assert (reply.code, reply.fields["reason"]) == ("UNKNOWNID", "unreadable")
    refused = c.fails("OTP.SEND", to, "SUBJECT", "s")
    assert refused.code == "UNAVAILABLE" and "cannot be read" in str(refused), "no code takes its place"
    assert r.get(key) == BROKEN[how](raw)
    assert g.daemon.metric("otpgwd_redis_connects_total") == connects
    assert g.daemon.metric("otpgwd_redis_unreadable_total") >= 401 and "unreadable what=record" in g.daemon.log()
    r.set(key, raw, keepttl=True)
    assert c.do("OTP.VERIFY", vid, code) == "OK"


@pytest.mark.parametrize("how", [*BROKEN, *TAIL])
def test_what_is_owed_and_cannot_be_read_waits(fresh, number, how):
    """The journal keeps it, over a restart too; who can read it sends it."""
    g = fresh(purpose="ttl_s = 600; deadline_s = 300;")
    c, r = g.daemon.client(), g.redis.connection()
    g.smsc.stop()
    to = number()
    c.do("OTP.SEND", to, "SUBJECT", "s")
    key, journal = next(r.scan_iter("o*")), next(r.scan_iter("j*"))
    raw = r.get(key)
    g.daemon.kill()
    r.set(key, {**BROKEN, **TAIL}[how](raw), keepttl=True)
    g.smsc.start()
    g.daemon.start()
    r.zadd(journal, {m: 0 for m in r.zrange(journal, 0, -1)})
    wait_until(lambda: g.daemon.metric("otpgwd_redis_unreadable_total") > 0, what="somebody looked at it")
    assert r.zcard(journal) == 1 and not g.smsc.history()
    r.set(key, raw, keepttl=True)
    r.zadd(journal, {m: 0 for m in r.zrange(journal, 0, -1)})
    assert g.smsc.sms(to=to)


def test_a_payload_that_no_key_opens_waits(fresh, number):
    """Another instance may have the key: it is handed back until its deadline, and never thrown away."""
    g = fresh(purpose="ttl_s = 600; deadline_s = 300;")
    c, r = g.daemon.client(), g.redis.connection()
    g.smsc.stop()
    to = number()
    vid = c.do("OTP.SEND", to, "SUBJECT", "s")
    key, journal = next(r.scan_iter("o*")), next(r.scan_iter("j*"))
    raw = r.get(key)
    g.daemon.kill()
    last = len(raw.rstrip(b"\0")) - 1  # of what is sealed; padding may follow
    r.set(key, raw[:last] + bytes((raw[last] ^ 3,)) + raw[last + 1:], keepttl=True)
    g.smsc.start()
    g.daemon.start()
    r.zadd(journal, {m: 0 for m in r.zrange(journal, 0, -1)})
    wait_until(lambda: "unreadable what=payload" in g.daemon.log(), what="somebody looked at it")
    wait_until(lambda: r.get(key)[184:192] == bytes(8), what="handed back")
    client = g.daemon.client()
    assert r.zcard(journal) == 1 and client.status(vid)["delivery"] == "queued" and not g.smsc.history()
    assert client.fails("OTP.RESEND", vid).fields["reason"] == "unreadable"
    refused = client.fails("OTP.SEND", to, "SUBJECT", "s", "LANG", "en")
    assert refused.code == "UNAVAILABLE" and "cannot be read" in str(refused)
    changed = r.get(key)
    r.set(key, changed[:last] + raw[last:], keepttl=True)
    r.zadd(journal, {m: 0 for m in r.zrange(journal, 0, -1)})
    assert g.smsc.sms(to=to)


def test_counters_and_other_values_that_cannot_be_read(fresh, number):
    """A number's counters, a REQID's answer, a verdict, a receipt's map: none of them costs anybody else the connection."""
    g = fresh()
    c, r = g.daemon.client(), g.redis.connection()
    to = number()
    vid = c.do("OTP.SEND", to, "SUBJECT", "s", "REQID", "q")
    code = g.smsc.sms(to=to).code
    c.settled(vid, "delivered")
    for key in list(r.scan_iter("[rkm]*")):
        r.set(key, b"\xff\xff\xff", keepttl=True)
    connects = g.daemon.metric("otpgwd_redis_connects_total")
    assert c.fails("OTP.SEND", to, "SUBJECT", "s", "REQID", "q").code in ("CONFLICT", "UNAVAILABLE")
    assert c.do("OTP.SEND", to, "SUBJECT", "t")
    assert c.do("OTP.VERIFY", vid, code, "REQID", "v") == "OK"
    for key in list(r.scan_iter("k*")):
        r.set(key, r.get(key)[:15] + b"\x09", keepttl=True)
    assert c.fails("OTP.VERIFY", vid, code, "REQID", "v").code == "UNAVAILABLE"
    assert g.daemon.metric("otpgwd_redis_connects_total") == connects


# --- many numbers, few guesses at each ---

@pytest.mark.seconds(240)
def test_ten_thousand_numbers_guessed_at(fresh):
    """Three wrong guesses at each: no limit of a number sees them, but the share of wrong codes does."""
    count = 10_000 if FULL else 1000
    g = fresh(log_level="info", purpose=SHIPPED)
    c = g.daemon.client(60)
    numbers = [f"628118{i:07d}" for i in range(count)]
    ids = c.many([("OTP.SEND", n, "SUBJECT", "s") for n in numbers])
    codes = {}
    wait_until(lambda: codes.update((s.to, s.code) for s in g.smsc.all_sms()) or len(codes) == count, 60, "every SMS")
    guesses = [("OTP.VERIFY", vid, wrong(codes[n], nth)) for n, vid in zip(numbers[1:], ids[1:]) for nth in (1, 2, 3)]
    verdicts = c.many(guesses)
    assert {v.code for v in verdicts} == {"INCORRECT"}
    wait_until(lambda: g.daemon.metric("otpgwd_guessing_alarms_total") == 2, 20, "told, of the tenant and of all")
    assert "guessing_unusual tenant=web" in g.daemon.log() and "guessing_unusual tenant=*" in g.daemon.log()
    assert c.do("OTP.VERIFY", ids[0], codes[numbers[0]]) == "OK", "a right code is right"
    wait_until(lambda: g.daemon.metric("otpgwd_guessing_unusual") == 0, 40, "over")


def test_a_few_mistakes_are_no_attack(gw, client, number):
    before = gw.daemon.metric("otpgwd_guessing_alarms_total")
    for _ in range(10):
        to = number()
        vid = client.do("OTP.SEND", to, "SUBJECT", "s")
        client.fails("OTP.VERIFY", vid, wrong(gw.smsc.sms(to=to).code))
    assert json.loads(gw.daemon.get("/status.json")[1])["guessing"]["wrong"] >= 1
    assert gw.daemon.metric("otpgwd_guessing_alarms_total") == before


def test_slow_answers_wrong_codes_late_and_right_ones_at_once(fresh, number):
    g = fresh(log_level="info", purpose="guesses = 10;", replace=[('# guessing = "warn";', 'guessing = "slow";')])
    c, other = g.daemon.client(60), g.daemon.client()
    made = []
    for _ in range(13):
        to = number()
        made.append((c.do("OTP.SEND", to, "SUBJECT", "s"), g.smsc.sms(to=to).code))
    c.many([("OTP.VERIFY", vid, wrong(code, nth)) for vid, code in made for nth in range(1, 10)])
    wait_until(lambda: g.daemon.metric("otpgwd_guessing_unusual") == 1, 20, "told")
    began = time.monotonic()
    c.send("OTP.VERIFY", made[1][0], wrong(made[1][1], 10))
    assert other.do("OTP.VERIFY", *made[0]) == "OK"
    assert not select.select([c.sock], [], [], 0)[0], "a right one is answered before the wrong one"
    assert c.reply().fields["attempts_left"] == "0" and time.monotonic() - began >= 1
