"""resend: the same code once more, by the waits of the record and the limits of the number."""
import pytest

from scripts import CANCELLED, DEFAULTS, DENIED, EXHAUSTED, EXPIRED, FAILED, SPENT, STOPPED, T0, TSEL, TUPLE, \
    UNKNOWN, USED, VERIFIED, limits, pack, pack_counters, unpack

GRANTED, REPLAYED, WAIT, LIMITED, CONFLICT, GONE = range(6)


def test_the_waits_are_30_60_120_seconds_and_then_no_sends_are_left(store):
    store.issue()
    for wait in (30_000, 60_000, 120_000):
        store.now += wait - 1
        assert store.resend()[:2] == [WAIT, 1]
        store.now += 1
        assert store.resend()[0] == GRANTED
    assert store.record()["sends"] == 4
    store.now += 120_000 - 5000
    assert store.resend() == [WAIT, DEFAULTS["expires"] - store.now, 0], "no sends left"


def test_the_last_wait_given_repeats(store):
    store.put(sends=3, sends_max=9, w0=10, w1=20, w2=0)
    store.now += 19_999
    assert store.resend() == [WAIT, 1, 6]


def test_eight_waits_are_all_that_is_read(store):
    store.put(sends=9, sends_max=10, **{f"w{i}": 1 for i in range(8)})
    store.now += 1000
    assert store.resend()[0] == GRANTED


def test_a_granted_resend_is_queued_anew_with_the_same_code(store):
    store.put(delivery=FAILED, reason=2, claims=5, wrong=2, flags=1, accepted=T0 + 7, smsc=TSEL)
    store.now += 30_000
    outcome, raw = store.resend(deadline=T0 + 77_000)
    want = unpack(pack(delivery=0, reason=0, claims=0, wrong=2, flags=1, accepted=T0 + 7, sends=2, sent=T0 + 30_000,
                       smsc=TSEL, deadline=T0 + 77_000, owner=b"you\0\0\0\0\0", args=b"b" * 15))
    assert outcome == GRANTED and unpack(raw) == want and store.record() == want
    assert store.r.zscore(store.j, TUPLE) == store.now + 5000


def test_a_resend_may_bring_another_payload(store):
    store.put()
    store.now += 30_000
    _, raw = store.resend(sealed=b"T" * 370)
    assert unpack(raw)["sealed"] == store.record()["sealed"] == b"T" * 370
    assert store.record()["mac"] == DEFAULTS["mac"]


def test_the_record_lives_no_longer_for_a_resend(store):
    store.put()
    store.r.pexpire(store.o, 50_000)
    store.now += 30_000
    store.resend()
    assert 40_000 < store.r.pttl(store.o) <= 50_000


def test_a_resend_counts_as_a_send_of_the_number(store):
    store.issue(limits=limits(sends_short=(2, 600)))
    store.now += 30_000
    assert store.resend()[0] == GRANTED
    store.now += 60_000
    before = store.r.get(store.o)
    assert store.resend() == [LIMITED, 510_000]
    assert store.r.get(store.o) == before


def test_the_wait_of_the_verification_comes_before_the_limit_of_the_number(store):
    store.issue(limits=limits(sends_short=(1, 600)))
    assert store.resend() == [WAIT, 30_000, 3]


def test_a_resend_with_reqid_is_replayed_and_not_sent_again(store):
    store.put()
    store.now += 30_000
    assert store.resend(reqid=b"q", ident=b"1" * 52)[0] == GRANTED
    before = store.r.get(store.o)
    store.now += 60_000
    assert store.resend(reqid=b"q", ident=b"2" * 52) == [REPLAYED, b"1" * 52]
    assert store.resend(reqid=b"q", args=b"z" * 15) == [CONFLICT, b"1" * 52]
    assert store.r.get(store.o) == before


def test_a_refused_resend_leaves_its_reqid_free(store):
    store.put()
    assert store.resend(reqid=b"q")[0] == WAIT
    store.now += 30_000
    assert store.resend(reqid=b"q")[0] == GRANTED


@pytest.mark.parametrize("after,outcome", [(9_999, REPLAYED), (10_000, WAIT)])
def test_an_equal_send_that_met_a_live_one_is_a_replay_within_its_window(store, after, outcome):
    store.put(args=b"b" * 15)
    store.now += after
    assert store.resend(window=10_000)[0] == outcome


@pytest.mark.parametrize("fields,how,told", [
    ({}, {"tenant": b"ten2"}, DENIED),
    ({}, {"generation": b"another generation"}, UNKNOWN),
    ({"state": VERIFIED}, {}, USED),
    ({"state": STOPPED}, {}, CANCELLED),
    ({"state": SPENT}, {}, EXHAUSTED),
    ({"expires": T0 + 30_000}, {}, EXPIRED),
])
def test_what_has_ended_is_not_sent_again(store, fields, how, told):
    store.put(**fields)
    store.r.zrem(store.j, TUPLE)
    before = store.r.get(store.o)
    store.now += 30_000
    assert store.resend(**how)[:2] == [GONE, told]
    assert store.r.get(store.o) == before and store.r.zcard(store.j) == 0


def test_a_resend_of_nothing_leaves_nothing_behind(store):
    assert store.resend()[:2] == [GONE, UNKNOWN]
    assert store.r.dbsize() == 0


def test_exhausted_tells_when_the_number_may_be_sent_to_again(store):
    store.put(limits=limits(fails_short=(5, 3600)))
    for i in range(5):
        store.wrong(i)
    store.now += 1000
    assert store.resend() == [GONE, EXHAUSTED, 3_599_000]


def test_wrong_guesses_of_others_refuse_no_resend(store):
    store.r.set(store.n, pack_counters(fails=[(T0 // 1000, b"st")] * 40))
    store.put()
    store.now += 30_000
    assert store.resend()[0] == GRANTED
    assert len(store.counters()[2]) == 40


def test_a_resend_is_judged_by_the_limits_that_it_was_opened_with(store):
    store.put(limits=limits(sends_short=(1, 3), sends_long=(1, 3)))
    store.r.set(store.n, pack_counters(sends=[T0 // 1000]))
    store.now += 30_000
    assert store.resend()[0] == GRANTED
    assert store.counters()[0] == [T0 // 1000, T0 // 1000 + 30]  # remembered for purposes of longer windows


def test_a_send_that_lies_ahead_counts_as_now(store):
    """Redis' clock was set back by ten hours."""
    store.put(sent=T0 + 36_000_000)
    assert store.resend() == [WAIT, 30_000, 3]


def test_a_clock_that_was_set_back_behind_the_creation_lets_the_wait_run_down(store):
    store.put()
    store.now -= 600_000
    assert store.resend() == [WAIT, 30_000, 3] and store.record()["sent"] == store.now
    store.now += 20_000
    assert store.resend() == [WAIT, 10_000, 3]
    store.now += 10_000
    assert store.resend()[0] == GRANTED
    got = store.record()
    assert (got["sent"], got["deadline"], got["created"]) == (store.now, store.now + 60_000, T0), "the deadline names the send"
    store.now += 59_999
    assert len(store.claim()) == 3
    store.now += 1
    store.r.zadd(store.j, {TUPLE: store.now})
    assert store.claim() == [1]


def test_an_exhausted_id_is_told_of_when_its_successor_has_ended(store):
    store.put(guesses=1)
    assert store.wrong() == [1, 0, 0, 30_000]
    store.now += 3_600_000
    assert store.issue(generation=b"second generation2") == [0]
    for end in (lambda: store.cancel(generation=b"second generation2"), lambda: None):
        end()
        assert store.verify() == [3, EXHAUSTED, 0] and store.resend() == [GONE, EXHAUSTED, 0]


def test_after_a_take_over_a_resend_is_a_send_of_its_own(store):
    store.put(taken_over=1)
    store.now += 30_000
    assert store.resend()[0] == GRANTED and store.record()["taken_over"] == 0
