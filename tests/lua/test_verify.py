"""verify: a guess is judged once, counted for its verification and its number; cancel."""
import pytest

from scripts import ACCEPTED, CANCELLED, DEFAULTS, DENIED, EXHAUSTED, EXPIRED, LETTERS, LIVE, SPENT, STOPPED, T0, \
    TSEL, UNKNOWN, UNREADABLE, USED, VERIFIED, candidate, limits

APPROVED, WRONG, SHAPE, GONE, CONFLICT, BINDING, BROKEN = range(7)
SHORT, LONG, ALPHABET = range(3)
HOUR = 3_600_000


def test_the_right_code_is_good_once(store):
    store.put()
    store.now += 1234
    assert store.verify() == [APPROVED]
    got = store.record()
    assert (got["state"], got["ended"], got["wrong"]) == (VERIFIED, T0 + 1234, 0)
    assert store.verify()[:2] == [GONE, USED]
    assert store.record() == got


def test_the_verdict_touches_nothing_else_of_the_record(store):
    store.put()
    whole = store.record()
    store.verify()
    got = store.record()
    assert got == {**{name: whole[name] for name in got}, "state": VERIFIED, "ended": T0, "generation": whole["generation"][:8]}


@pytest.mark.parametrize("end,octets", [(lambda store: store.verify(), 108), (lambda store: store.cancel(), 108),
                                        (lambda store: [store.wrong(i) for i in range(5)], 124)])
def test_what_has_ended_is_a_tombstone(store, end, octets):
    """It keeps what is still answered: the payload, the MAC, the lease and the waits are gone."""
    store.put(delivery=ACCEPTED, accepted=T0 + 1, smsc=TSEL, flags=1, sends=2, error=b"000".ljust(8, b"\0"))
    store.now += 9
    end(store)
    got = store.record()
    assert store.r.strlen(store.o) == octets <= 192
    assert (got["delivery"], got["accepted"], got["smsc"], got["flags"], got["sends"], got["sends_max"], got["wait"], got["sent"],
            got["ended"], got["created"], got["expires"], got["purpose"], got["error"], got["number"]) == (
        ACCEPTED, T0 + 1, TSEL, 1, 2, 4, 60, T0, T0 + 9, T0, DEFAULTS["expires"], DEFAULTS["purpose"], b"000".ljust(8, b"\0"),
        DEFAULTS["number"])


def test_five_wrong_guesses_spend_it_even_for_the_right_code(store):
    store.put()
    assert [store.wrong(i) for i in range(5)] == [[WRONG, left, 0, 0] for left in (4, 3, 2, 1)] + [[WRONG, 0, 0, 30_000]]
    assert (store.record()["state"], store.record()["wrong"]) == (SPENT, 5)
    assert store.verify()[:2] == [GONE, EXHAUSTED]


def test_the_last_guess_left_may_be_the_right_one(store):
    store.put()
    for i in range(4):
        store.wrong(i)
    assert store.verify() == [APPROVED]
    assert store.record()["wrong"] == 4


@pytest.mark.parametrize("octet", range(16))
def test_a_mac_that_differs_in_one_octet_is_wrong(store, octet):
    mac = bytearray(DEFAULTS["mac"])
    mac[octet] ^= 1
    store.put()
    assert store.verify(mac=bytes(mac)) == [WRONG, 4, 0, 0]


def test_a_verdict_keeps_the_life_of_the_record(store):
    store.put()
    store.r.pexpire(store.o, 50_000)
    store.wrong()
    assert 40_000 < store.r.pttl(store.o) <= 50_000
    store.verify()
    assert 40_000 < store.r.pttl(store.o) <= 50_000


@pytest.mark.parametrize("at,outcome", [(-1, [APPROVED]), (0, [GONE, EXPIRED, 0])])
def test_a_code_is_good_until_the_ms_it_expires(store, at, outcome):
    store.put()
    store.now = DEFAULTS["expires"] + at
    assert store.verify() == outcome


def test_no_failure_of_others_refuses_a_live_id(store):
    """Two strangers waste five guesses each, then many more: the owner's right code is right."""
    for stranger in range(20):
        store.put(generation=b"stranger %09d" % stranger)
        for i in range(5):
            assert store.wrong(i, generation=b"stranger %09d" % stranger)[0] == WRONG
    store.put(generation=b"the owner's own id")
    assert store.wrong(generation=b"the owner's own id")[:2] == [WRONG, 4]
    assert store.verify(generation=b"the owner's own id") == [APPROVED]


def test_success_takes_back_its_own_wrong_guesses_and_no_others(store):
    store.put(generation=b"stranger 123456789")
    for i in range(3):
        store.wrong(i, generation=b"stranger 123456789")
    store.now += 1000
    store.put()
    store.wrong(1)
    store.wrong(2)
    assert len(store.counters()[2]) == 5
    store.now += 1000
    assert store.verify() == [APPROVED]
    assert store.counters() == ([], [], [(T0 // 1000, b"st")] * 3)


def test_success_keeps_the_sends(store):
    store.issue()
    store.wrong()
    store.verify()
    assert store.counters() == ([T0 // 1000], [], [])
    assert 86_300 < store.r.ttl(store.n) <= 86_400


# --- a guess that cannot be the code, and one that was made before ---

@pytest.mark.parametrize("typed,reason", [(0, SHORT), (5, SHORT), (7, LONG), (255, LONG), (6, ALPHABET)])
def test_a_guess_of_another_shape_is_told_and_costs_nothing(store, typed, reason):
    store.put(wrong=2)
    before = store.r.get(store.o)
    assert store.verify(candidates=b"", typed=typed) == [SHAPE, reason, 6, 3]
    assert store.r.get(store.o) == before and not store.r.exists(store.n)


@pytest.mark.parametrize("shape,alphabets,judged", [(6, 1, True), (6, 2, False), (6, 3, True), (6 + 16 * LETTERS, 1, False),
                                                    (6 + 16 * LETTERS, 2, True), (6 + 16 * LETTERS, 3, True)])
def test_the_candidate_of_the_codes_own_shape_is_judged(store, shape, alphabets, judged):
    store.put(shape=shape)
    others = candidate(b"M" * 16, 5, 3) + candidate(b"M" * 16, 7, 3)
    got = store.verify(candidates=others + candidate(b"M" * 16, 6, alphabets), typed=40)
    assert got == ([APPROVED] if judged else [SHAPE, LONG, 6, 5])


def test_an_ended_id_says_how_it_ended_whatever_was_typed(store):
    store.put(state=VERIFIED, ended=T0)
    store.now += 42_999
    assert store.verify(candidates=b"", typed=3) == [GONE, USED, 42_999]
    store.put(tenant=b"ten2")
    assert store.verify(candidates=b"", typed=3) == [GONE, DENIED, 0]
    store.put(state=VERIFIED, ended=T0 + 36_000_000)  # Redis' clock was set back
    assert store.verify() == [GONE, USED, 0]


def test_the_same_wrong_guess_counts_once(store):
    store.put()
    assert store.wrong(1) == [WRONG, 4, 0, 0]
    assert store.wrong(2) == [WRONG, 3, 0, 0]
    fails = store.counters()
    assert store.wrong(1) == store.wrong(2) == [WRONG, 3, 1, 0]
    assert (store.record()["wrong"], store.record()["repeats"]) == (2, 2) and store.counters() == fails
    assert store.verify() == [APPROVED]


def test_a_right_code_that_is_tagged_like_a_wrong_one_is_right(store):
    store.put()
    assert store.verify(mac=b"MM" + b"x" * 14) == [WRONG, 4, 0, 0]
    assert store.verify() == [APPROVED]


def test_after_twenty_answers_of_that_kind_each_counts(store):
    store.put()
    store.wrong()
    assert [store.wrong() for _ in range(20)] == [[WRONG, 4, 1, 0]] * 20
    assert [store.wrong()[1] for _ in range(4)] == [3, 2, 1, 0]
    assert store.verify()[:2] == [GONE, EXHAUSTED]


def test_ten_guesses_fit_their_tags(store):
    store.put(guesses=10)
    assert [store.wrong(i)[1] for i in range(10)] == list(range(9, -1, -1))
    assert store.record()["wrong"] == 10


def test_nine_tags_leave_the_rest_of_the_record_alone(store):
    store.put(guesses=11)
    before = store.record()
    for i in range(10):
        store.wrong(i)
    assert store.record() == {**before, "wrong": 10, "tags": b"".join(i.to_bytes(2, "big") for i in range(9))}


# --- what the last guess and the end tell ---

def test_the_last_guess_tells_when_a_new_code_may_be_asked_for(store):
    store.put(guesses=2, limits=limits(fails_short=(2, 3600)))
    store.now += 60_000
    store.wrong(1)
    assert store.wrong(2) == [WRONG, 0, 0, HOUR]
    store.now += 600_000
    assert store.verify() == [GONE, EXHAUSTED, HOUR - 600_000]


def test_the_wait_of_the_next_sms_counts_too(store):
    store.put(guesses=1, sends=2)
    store.now += 10_000
    assert store.wrong() == [WRONG, 0, 0, 50_000]


def test_each_verification_is_judged_by_the_limits_of_its_own_purpose(store):
    """Beside it, a purpose with windows of 3 s: it neither prunes nor shortens what others remember."""
    three = limits((5, 3), (10, 3), (10, 3), (20, 3))
    store.put(generation=b"stranger 123456789", guesses=10, limits=three)
    for i in range(10):
        store.wrong(i, generation=b"stranger 123456789")
    store.now += 4000
    store.o = b"o{3}of three seconds"
    assert store.issue(limits=three) == [0]
    store.o = b"o{3}login"
    assert store.issue() == [3, HOUR - 4000, 1]
    assert len(store.counters()[2]) == 10


@pytest.mark.parametrize("fields,how,told", [
    ({}, {"tenant": b"ten2"}, DENIED),
    ({"state": VERIFIED}, {"tenant": b"ten2"}, DENIED),
    ({}, {"generation": b"another generation"}, UNKNOWN),
    ({"state": STOPPED}, {}, CANCELLED),
    ({"state": 2}, {}, EXPIRED),
    ({"version": 2}, {}, UNREADABLE),
    ({"version": 0}, {}, UNREADABLE),
])
def test_what_cannot_be_verified_says_why_and_counts_nothing(store, fields, how, told):
    store.put(**fields)
    before = store.r.get(store.o)
    assert store.verify(**how) == [GONE, told, 0] == store.wrong(**how)
    assert store.r.get(store.o) == before and not store.r.exists(store.n)


def test_nothing_is_left_behind_where_nothing_was(store):
    assert store.verify(reqid=b"q") == [GONE, UNKNOWN, 0]
    assert store.r.dbsize() == 0


def test_reqid_replays_the_verdict_without_judging_again(store):
    store.put()
    first = store.wrong(reqid=b"q")
    assert first == store.wrong(reqid=b"q") == [WRONG, 4, 0, 0]
    assert store.record()["wrong"] == 1
    assert store.verify(reqid=b"r") == store.verify(reqid=b"r") == [APPROVED]
    assert 50_000 < store.r.pttl(b"k{3}r") <= 60_000


def test_reqid_with_another_guess_conflicts(store):
    store.put()
    store.wrong(reqid=b"q")
    assert store.verify(reqid=b"q", args=b"x" * 15) == [CONFLICT]
    assert store.record()["state"] == 0


def test_reqid_replays_the_last_guess_with_its_wait(store):
    store.put(guesses=1)
    assert store.wrong(reqid=b"q") == [WRONG, 0, 0, 30_000]
    store.now += 10_000
    assert store.wrong(reqid=b"q") == [WRONG, 0, 0, 20_000]


def test_a_guess_of_another_shape_uses_up_no_reqid(store):
    """The page sends its token again with the corrected code."""
    store.put()
    assert store.verify(candidates=b"", typed=5, reqid=b"q")[0] == SHAPE
    assert store.verify(reqid=b"q", args=b"w" * 15) == [APPROVED]


def test_a_verdict_that_cannot_be_read_is_no_verdict(store):
    store.put()
    store.r.set(b"k{3}q", b"v" * 15 + b"\x07\0")
    assert store.verify(reqid=b"q") == [BROKEN]
    assert store.record()["state"] == 0


@pytest.mark.parametrize("state", (VERIFIED, 2, SPENT, STOPPED))
def test_each_end_is_final(store, state):
    """otp/lifecycle.h: a verification has moves from PENDING only."""
    store.put(state=state, ended=T0 + 1)
    store.verify()
    store.wrong()
    store.cancel()
    store.resend()
    for delivery in range(6):
        store.mark(delivery, smsc=TSEL, reroute=True)
    store.claim()
    assert (store.record()["state"], store.record()["ended"], store.record()["wrong"]) == (state, T0 + 1, 0)


def test_cancel_ends_a_live_one_and_owes_no_sms_any_more(store):
    store.put(wrong=2)
    store.now += 99
    assert store.cancel() == [LIVE, 0]
    got = store.record()
    assert (got["state"], got["ended"], got["wrong"]) == (STOPPED, T0 + 99, 2)
    assert store.r.zcard(store.j) == 0
    assert store.cancel() == [CANCELLED, 0] and store.record() == got
    assert store.verify()[:2] == [GONE, CANCELLED]


@pytest.mark.parametrize("why", range(4))
@pytest.mark.parametrize("flags", range(4))
def test_why_it_was_cancelled_is_kept_and_final(store, why, flags):
    """The bits of flags that were there stay; neither a second CANCEL nor a late mark changes the reason."""
    store.put(flags=flags, wrong=1)
    whole = store.record()
    assert store.cancel(why=why) == [LIVE, 0]
    got = store.record()
    assert got == {**{name: whole[name] for name in got}, "state": STOPPED, "ended": T0, "flags": flags + 4 * why,
                   "generation": whole["generation"][:8]}
    assert store.cancel(why=(why + 1) % 4) == [CANCELLED, 0] and store.record() == got
    store.mark(ACCEPTED, smsc=TSEL, unanswered=True)
    store.mark(4, smsc=TSEL, reroute=True)
    assert store.record()["flags"] == (flags | 1) + 4 * why and store.record()["state"] == STOPPED


@pytest.mark.parametrize("fields,how,told", [
    ({}, {"tenant": b"ten2"}, DENIED),
    ({}, {"generation": b"another generation"}, UNKNOWN),
    ({"expires": T0}, {}, EXPIRED),
    ({"version": 0}, {}, UNREADABLE),
])
def test_cancel_leaves_alone_what_is_not_live(store, fields, how, told):
    store.put(**fields)
    before = store.r.get(store.o)
    assert store.cancel(**how) == [told, 0]
    assert store.r.get(store.o) == before and store.r.zcard(store.j) == 1


def test_cancel_of_nothing_makes_no_immortal_stub(store):
    assert store.cancel() == [UNKNOWN, 0]
    assert store.r.dbsize() == 0


def test_cancel_says_since_when_it_is_used(store):
    store.put(state=VERIFIED, ended=T0 - 7000)
    assert store.cancel() == [USED, 7000]
