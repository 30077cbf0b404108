"""verify: a guess is judged once, counted for its verification and its number; cancel."""
import pytest

from scripts import CANCELLED, DEFAULTS, DENIED, EXHAUSTED, EXPIRED, LIVE, SPENT, STOPPED, T0, UNKNOWN, USED, \
    VERIFIED, limits

APPROVED, WRONG, LOCKED, GONE, CONFLICT = range(5)


def test_the_right_code_is_good_once(store):
    store.put()
    store.now += 1234
    assert store.verify() == [APPROVED, 0]
    got = store.record()
    assert (got["state"], got["ended"], got["wrong"]) == (VERIFIED, T0 + 1234, 0)
    assert store.verify()[:2] == [GONE, USED]
    assert store.record() == got


def test_the_verdict_touches_nothing_else_of_the_record(store):
    store.put()
    want = {**store.record(), "state": VERIFIED, "ended": T0}
    store.verify()
    assert store.record() == want


def test_five_wrong_guesses_spend_it_even_for_the_right_code(store):
    store.put()
    assert [store.wrong() for _ in range(5)] == [[WRONG, left] for left in (4, 3, 2, 1, 0)]
    assert (store.record()["state"], store.record()["wrong"]) == (SPENT, 5)
    assert store.verify()[:2] == [GONE, EXHAUSTED]


def test_the_last_guess_left_may_be_the_right_one(store):
    store.put()
    for _ in range(4):
        store.wrong()
    assert store.verify() == [APPROVED, 0]
    assert store.record()["wrong"] == 4


@pytest.mark.parametrize("octet", range(32))
def test_a_mac_that_differs_in_one_octet_is_wrong(store, octet):
    mac = bytearray(DEFAULTS["mac"])
    mac[octet] ^= 1
    store.put()
    assert store.verify(mac=bytes(mac)) == [WRONG, 4]


def test_a_verdict_keeps_the_life_of_the_record(store):
    store.put()
    store.r.pexpire(store.o, 50_000)
    store.wrong()
    assert 40_000 < store.r.pttl(store.o) <= 50_000
    store.verify()
    assert 40_000 < store.r.pttl(store.o) <= 50_000


@pytest.mark.parametrize("at,outcome", [(-1, [APPROVED, 0]), (0, [GONE, EXPIRED, 0])])
def test_a_code_is_good_until_the_ms_it_expires(store, at, outcome):
    store.put()
    store.now = DEFAULTS["expires"] + at
    assert store.verify() == outcome


def test_number_is_locked_over_all_its_verifications(store):
    for generation in (b"A" * 18, b"B" * 18):
        store.put(generation=generation, guesses=9)
        for _ in range(5):
            assert store.wrong(generation=generation)[0] == WRONG
    store.put(generation=b"C" * 18)
    assert store.verify(generation=b"C" * 18) == [LOCKED, 3_600_000]
    assert store.record()["wrong"] == 0


def test_the_lock_opens_when_the_first_guess_leaves_the_window(store):
    store.put(fails_short=2, expires=T0 + 9_000_000)
    store.wrong()
    store.now += 60_000
    store.wrong()
    store.now = T0 + 3_600_000 - 1
    assert store.verify() == [LOCKED, 1]
    store.now += 1
    assert store.verify() == [APPROVED, 0]


def test_the_long_window_locks_too(store):
    store.put(guesses=9, fails_short=9, fails_long=3, expires=T0 + 90_000_000)
    for _ in range(3):
        store.wrong()
        store.now += 3_600_000
    assert store.verify() == [LOCKED, 86_400_000 - 3 * 3_600_000]


def test_a_guess_while_locked_is_not_judged_and_not_counted(store):
    store.put(fails_short=1)
    store.wrong()
    before = store.r.get(store.o), store.r.get(store.n)
    assert store.wrong()[0] == LOCKED and store.verify()[0] == LOCKED
    assert (store.r.get(store.o), store.r.get(store.n)) == before


def test_success_forgets_the_wrong_guesses_but_not_the_sends(store):
    store.issue()
    for _ in range(3):
        store.wrong()
    store.verify()
    assert store.r.get(store.n) == b"\1" + (T0 // 1000).to_bytes(4, "little")
    assert 86_000 < store.r.ttl(store.n) <= 86_400


@pytest.mark.parametrize("fields,how,told", [
    ({}, {"tenant": b"ten2"}, DENIED),
    ({"state": VERIFIED}, {"tenant": b"ten2"}, DENIED),
    ({}, {"generation": b"another generation"}, UNKNOWN),
    ({"state": STOPPED}, {}, CANCELLED),
    ({"state": 2}, {}, EXPIRED),
    ({"version": 2}, {}, UNKNOWN),
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
    assert first == store.wrong(reqid=b"q") == [WRONG, 4]
    assert store.record()["wrong"] == 1
    assert store.verify(reqid=b"r") == store.verify(reqid=b"r") == [APPROVED, 0]
    assert 50_000 < store.r.pttl(b"k{3}:r") <= 60_000


def test_reqid_with_another_guess_conflicts(store):
    store.put()
    store.wrong(reqid=b"q")
    assert store.verify(reqid=b"q", args=b"x" * 15) == [CONFLICT]
    assert store.record()["state"] == 0


def test_exhausted_tells_how_long_the_number_is_limited(store):
    lims = limits(fails_short=(5, 3600))
    store.put()
    for _ in range(5):
        store.wrong(lims=lims)
    store.now += 600_000
    assert store.verify(lims=lims) == [GONE, EXHAUSTED, 3_000_000]


def test_cancel_ends_a_live_one_and_owes_no_sms_any_more(store):
    store.put(wrong=2)
    store.now += 99
    assert store.cancel() == LIVE
    got = store.record()
    assert (got["state"], got["ended"], got["wrong"]) == (STOPPED, T0 + 99, 2)
    assert store.r.zcard(store.j) == 0
    assert store.cancel() == CANCELLED and store.record() == got
    assert store.verify()[:2] == [GONE, CANCELLED]


@pytest.mark.parametrize("fields,how,told", [
    ({}, {"tenant": b"ten2"}, DENIED),
    ({}, {"generation": b"another generation"}, UNKNOWN),
    ({"state": VERIFIED}, {}, USED),
    ({"expires": T0}, {}, EXPIRED),
])
def test_cancel_leaves_alone_what_is_not_live(store, fields, how, told):
    store.put(**fields)
    before = store.r.get(store.o)
    assert store.cancel(**how) == told
    assert store.r.get(store.o) == before and store.r.zcard(store.j) == 1


def test_cancel_of_nothing_makes_no_immortal_stub(store):
    assert store.cancel() == UNKNOWN
    assert store.r.dbsize() == 0
