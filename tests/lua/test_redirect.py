"""reserve, redirect, freed: a corrected number. Another number and the old code wait while one is on its way."""
import threading

import pytest

from scripts import ACCEPTED, CANCELLED, DEFAULTS, DELIVERED, EXHAUSTED, EXPIRED, LIVE, OVER, PENDING, REDIRECTED, \
    REDIRECTED_BIT, RESERVED, RESERVED_BIT, SPENT, STOPPED, T0, TOMBSTONE_REDIRECTED, TSEL, TUPLE, UNKNOWN, UNREADABLE, USED, \
    VERIFIED, connect, pack, Store

TAKEN, HELD, NONE_LEFT, OWN_CODE, GONE = range(5)
ONE, TWO = b"number 1", b"number 2"
CREATED, ALIVE, ISSUE_REDIRECTED = 0, 2, 6
SEAL = bytes(range(60))


def test_a_reserve_keeps_everything_but_its_own_octets(store):
    store.put(origin=32)
    before = store.record()
    assert store.reserve() == [TAKEN]
    after = store.record()
    assert (after.pop("reserve"), after.pop("reserve_end"), after.pop("origin")) == (ONE, 5000, 32 + RESERVED_BIT)
    assert after == {name: value for name, value in before.items() if name in after}
    assert store.r.zscore(store.j, TUPLE) == T0 and store.r.pttl(store.o) > 8_000_000


def test_a_code_of_the_caller_is_not_for_another_number(store):
    store.put(origin=1)
    before = store.r.get(store.o)
    assert store.reserve() == [OWN_CODE] and store.r.get(store.o) == before


def test_another_number_waits_until_the_reserve_ends(store):
    store.put()
    assert store.reserve(ONE) == [TAKEN]
    store.now += 4999
    assert store.reserve(TWO) == [HELD, 1]
    store.now += 1
    assert store.reserve(TWO) == [TAKEN]
    assert store.reserve(ONE) == [HELD, 5000]


def test_the_same_number_takes_its_reserve_again(store):
    store.put()
    assert store.reserve(ONE) == store.reserve(ONE) == [TAKEN]
    store.now += 3000
    assert store.reserve(ONE) == [TAKEN]
    assert store.reserve(TWO) == [HELD, 5000]


def test_who_gives_back_frees_the_code_and_only_his_own(store):
    store.put()
    store.reserve(ONE)
    assert store.reserve(TWO, hold=0) == [TAKEN]
    assert store.reserve(TWO) == [HELD, 5000]
    assert store.reserve(ONE, hold=0) == [TAKEN]
    assert store.record()["origin"] == 0
    assert store.verify() == [0]


def test_while_reserved_neither_code_nor_resend_is_granted(store):
    store.put(sent=T0 - 100_000, created=T0 - 100_000)
    store.reserve()
    before = store.r.get(store.o)
    assert store.verify() == store.wrong() == [3, RESERVED, 5000]
    assert store.verify(typed=3, candidates=b"") == [3, RESERVED, 5000]
    assert store.resend() == [5, RESERVED, 5000]
    assert store.issue()[0] == ALIVE
    assert store.r.get(store.o) == before and store.counters() is None
    store.now += 5000
    assert store.resend()[0] == 0
    assert store.record()["reserve"] == ONE
    assert store.verify() == [0]


def test_a_verdict_that_was_given_before_is_repeated_while_reserved(store):
    store.put()
    assert store.wrong(reqid=b"q")[0] == 1
    store.reserve()
    assert store.wrong(reqid=b"q")[:2] == [1, 4]


def test_a_reserve_of_a_clock_that_was_set_back_holds_nothing(store):
    store.put()
    store.now += 3_600_000 - 3_500_000
    store.reserve()
    store.now -= 61_000 + 5000
    assert store.reserve(TWO) == [TAKEN]


def test_the_third_correction_is_refused(store):
    store.put(redirects=2)
    assert store.reserve() == [NONE_LEFT, DEFAULTS["expires"] - T0]
    assert store.record()["origin"] == 0
    store.put(redirects=1)
    assert store.reserve() == [TAKEN]


@pytest.mark.parametrize("state,told", [(VERIFIED, USED), (SPENT, EXHAUSTED), (STOPPED, CANCELLED)])
def test_what_has_ended_is_not_corrected(store, state, told):
    store.put(state=state, ended=T0)
    before = store.r.get(store.o)
    assert store.reserve()[:2] == [GONE, told]
    assert store.redirect()[0] == told
    assert store.r.get(store.o) == before


def test_others_and_the_expired_are_not_corrected(store):
    assert store.reserve() == [GONE, UNKNOWN, 0] and store.redirect() == [UNKNOWN, 0]
    store.put()
    assert store.reserve(tenant=b"ten2")[1] == 2 and store.redirect(tenant=b"ten2")[0] == 2
    assert store.reserve(generation=b"another generation")[1] == UNKNOWN
    store.now = DEFAULTS["expires"]
    assert store.reserve()[1] == EXPIRED and store.redirect()[0] == EXPIRED


def test_the_end_leaves_a_tombstone_with_the_successor(store):
    store.put(wrong=2, delivery=ACCEPTED, smsc=TSEL, origin=32)
    store.reserve()
    store.now += 1000
    assert store.redirect(successor=SEAL, ends=T0 + 700_000) == [LIVE, 0]
    raw, rec = store.r.get(store.o), store.record()
    assert len(raw) == TOMBSTONE_REDIRECTED <= 192
    assert (rec["state"], rec["successor"], rec["expires"], rec["ended"]) == (OVER, SEAL, T0 + 700_000, store.now)
    assert (rec["origin"], rec["wrong"], rec["delivery"], rec["number"]) == (32 + REDIRECTED_BIT, 2, ACCEPTED, DEFAULTS["number"])
    assert store.r.zscore(store.j, TUPLE) is None
    assert 8_100_000 < store.r.pttl(store.o) <= 8_200_000


def test_every_operation_names_the_successor(store):
    store.put()
    store.reserve()
    store.redirect()
    before = store.r.get(store.o)
    assert store.verify() == store.wrong() == [3, REDIRECTED, 0]
    assert store.resend() == [5, REDIRECTED, 0]
    assert store.cancel() == store.redirect() == [REDIRECTED, 0]
    assert store.reserve() == [GONE, REDIRECTED, 0]
    assert store.r.get(store.o) == before


def test_a_receipt_of_the_old_sms_stays_with_it(store):
    store.put(delivery=ACCEPTED, smsc=TSEL)
    store.reserve()
    store.redirect(successor=SEAL)
    assert store.mark(DELIVERED, smsc=TSEL) == 1
    rec = store.record()
    assert (rec["delivery"], rec["successor"], rec["expires"]) == (DELIVERED, SEAL, T0 + 900_000)


def test_an_accept_of_the_old_sms_changes_no_time(store):
    store.put()
    store.reserve()
    store.redirect(successor=SEAL)
    store.now += 2000
    assert store.mark(ACCEPTED, smsc=TSEL, release=True) == 1
    rec = store.record()
    assert (rec["delivery"], rec["expires"], rec["accepted"], rec["successor"]) == (ACCEPTED, T0 + 900_000, T0 + 2000, SEAL)
    assert store.unsent() == 0 and store.claim() == [0]


def test_without_the_reserve_nothing_ends(store):
    store.put()
    assert store.redirect(ONE)[0] == RESERVED
    store.reserve(ONE)
    store.now += 5000
    store.reserve(TWO)
    assert store.redirect(ONE) == [RESERVED, 5000]
    assert store.record()["state"] == PENDING
    assert store.redirect(TWO) == [LIVE, 0]


def test_its_own_reserve_may_have_ended(store):
    """A creator that was slow, or who settles what it left: nobody took the reserve in the meantime."""
    store.put()
    store.reserve()
    store.now += 20_000
    assert store.redirect() == [LIVE, 0]


def test_the_number_is_not_asked_again_while_the_successor_may_live(store):
    store.put(sent=T0 - 100_000, created=T0 - 100_000)
    store.reserve()
    store.redirect(ends=T0 + 700_000)
    raw = store.r.get(store.o)
    assert store.issue(generation=b"second generation2") == [ISSUE_REDIRECTED, raw]
    store.now = T0 + 700_000 - 1
    assert store.issue(generation=b"second generation2")[0] == ISSUE_REDIRECTED
    store.now += 1
    assert store.issue(generation=b"second generation2") == [CREATED]
    assert store.verify()[1] == EXPIRED


def test_a_freed_number_can_be_asked_again(store):
    store.put(sent=T0 - 100_000, created=T0 - 100_000)
    assert store.freed() == 0
    store.reserve()
    store.redirect()
    assert store.freed(b"another generation") == 0
    assert store.freed() == 1
    assert store.verify() == [3, REDIRECTED, 0]
    assert store.issue(generation=b"second generation2") == [CREATED]
    assert store.record()["prev_state"] == OVER
    assert store.freed(b"second generation2") == 0


def test_a_freed_number_stays_free_when_redis_clock_is_set_back(store):
    """Otherwise a SEND frees it and asks again without an end."""
    store.put(sent=T0 - 100_000, created=T0 - 100_000)
    store.reserve()
    store.redirect()
    store.freed()
    store.now = T0 - 200_000
    assert store.issue(generation=b"second generation2")[0] != ISSUE_REDIRECTED


def test_after_a_correction_the_number_waits_as_for_a_resend(store):
    store.put()
    store.reserve()
    store.redirect()
    store.freed()
    assert store.issue(generation=b"second generation2")[:2] == [3, 30_000]


@pytest.mark.parametrize("origin,successor", [(0, SEAL), (REDIRECTED_BIT, SEAL + b"x"), (REDIRECTED_BIT, SEAL[:-1])])
def test_a_tombstone_of_another_length_is_unreadable(store, origin, successor):
    raw = pack(state=OVER, ended=T0, origin=origin, successor=successor)
    store.r.set(store.o, raw, px=8_100_000)
    assert store.verify() == [3, UNREADABLE, 0] and store.cancel() == [UNREADABLE, 0] and store.reserve()[1] == UNREADABLE
    assert store.issue() == [5] and store.unsent() == 5 and store.freed() == 0
    assert store.r.get(store.o) == raw


def test_a_hundred_numbers_at_once_one_reserve(store, socket_path, library):
    store.put()
    taken, start = [], threading.Barrier(20)

    def work(nth):
        own = Store(connect(socket_path), library)
        start.wait()
        for i in range(5):
            tag = b"%08d" % (5 * nth + i)
            if own.reserve(tag) == [TAKEN]:
                taken.append(tag)

    threads = [threading.Thread(target=work, args=(nth,)) for nth in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(taken) == 1
    assert [store.redirect(b"%08d" % i)[0] for i in range(100)].count(LIVE) == 1
