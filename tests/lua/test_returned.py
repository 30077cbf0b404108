"""unsent: a send of which it is certain that no SMS came of it costs nothing: wait, send and share are given back."""
import pytest

from scripts import ACCEPTED, DEADLINE, DELIVERED, DOUBT, FAILED, QUEUED, REFUSED, STOPPED, SUBMITTED, T0, TSEL, \
    TUPLE, counters, limits, member, pack_counters

MOVED, RETURNED, OVERTAKEN = 1, 3, 4
GRANTED, LIMITED = 0, 3
S0 = T0 // 1000
ME, YOU, NOBODY = b"me\0\0\0\0\0\0", b"you\0\0\0\0\0", bytes(8)


@pytest.mark.parametrize("reason", (REFUSED, DEADLINE))
def test_a_refused_send_gives_wait_send_and_share_back(store, reason):
    store.issue()
    store.now += 2000
    assert store.unsent(reason) == RETURNED
    got = store.record()
    assert (got["delivery"], got["reason"], got["sends"], got["returned"]) == (FAILED, reason, 0, 1)
    assert store.counters() == ([], [S0 + 2], [])
    assert store.r.zcard(store.j) == 0
    assert store.resend()[0] == GRANTED  # at once
    assert (store.record()["sends"], store.record()["returned"]) == (1, 0)
    assert store.counters() == ([S0 + 2], [S0 + 2], [])


def test_the_wait_after_it_is_that_of_the_send_before(store):
    store.issue()
    for sends in (1, 2):
        assert store.record()["sends"] == 1
        store.now += 30_000
        assert store.resend(deadline=store.now + 60_000)[0] == GRANTED
        assert store.unsent(deadline=store.now + 60_000, sent=store.now) == RETURNED
    store.now += 1
    assert store.resend()[0] == GRANTED and store.record()["sends"] == 2
    store.now += 59_999
    assert store.resend() == [2, 1, 2]


def test_an_older_send_given_back_later_brings_no_wait_back(store):
    store.put(sends=3, sent=T0)
    assert store.unsent() == RETURNED
    assert store.unsent(deadline=0) == OVERTAKEN
    assert (store.record()["wait"], store.record()["sends"]) == (0, 1) and store.resend()[0] == GRANTED


def test_once_per_send(store):
    store.issue()
    assert store.unsent() == RETURNED
    before = store.r.get(store.o), store.r.get(store.n)
    assert store.unsent() == 0
    assert (store.r.get(store.o), store.r.get(store.n)) == before


def test_three_times_in_the_short_window_of_the_number(store):
    store.issue()
    for i in range(3):
        store.now += 1000
        assert store.unsent(deadline=store.record()["deadline"], sent=store.record()["sent"]) == RETURNED
        assert store.resend(deadline=store.now + 60_000)[0] == GRANTED
    assert store.unsent(deadline=store.record()["deadline"]) == MOVED  # failed all the same
    got = store.record()
    assert (got["delivery"], got["sends"], got["returned"]) == (FAILED, 1, 0)
    assert store.resend() == [2, 30_000, 3]
    store.now += 30_000
    assert store.resend(deadline=store.now + 60_000)[0] == GRANTED
    store.now = T0 + 601_000
    store.put(sent=store.now, deadline=store.now + 60_000, expires=store.now + 90_000)
    assert store.unsent(deadline=store.now + 60_000) == RETURNED


def test_an_outage_leaves_the_numbers_share_alone(store):
    """Nine SENDs of nine people in three short windows, all refused: the tenth is taken."""
    for window in range(3):
        for who in range(3):
            store.o = b"o{3}%d%d" % (window, who)
            store.now = T0 + 601_000 * window + 1000 * who
            assert store.issue() == [GRANTED]
            assert store.unsent(deadline=store.record()["deadline"], sent=store.now) == RETURNED
    assert store.counters()[0] == []


@pytest.mark.parametrize("fields", [{"flags": 2}, {"state": STOPPED}, {"taken_over": 1}, {"returned": 1}, {"sends": 0}])
def test_what_may_have_arrived_or_was_ended_costs(store, fields):
    """Rerouted by a receipt, cancelled, taken over from an owner that may have submitted it."""
    store.put(**fields)
    store.r.set(store.n, pack_counters(sends=[S0]))
    before = {**store.record(), "delivery": 0, "reason": 0}
    assert store.unsent() in (0, MOVED)
    assert {**store.record(), "delivery": 0, "reason": 0} == before
    assert store.counters() == ([S0], [], [])


@pytest.mark.parametrize("delivery", (DOUBT, ACCEPTED, FAILED, DELIVERED))
def test_what_became_of_an_earlier_sms_stays(store, delivery):
    """The resend is refused while the SMS before is accepted late, delivered, or told to have failed: it alone is given back."""
    store.put(delivery=delivery, reason=4, sends=2, smsc=TSEL)
    store.r.set(store.n, pack_counters(sends=[S0 - 30, S0]))
    assert store.unsent() == OVERTAKEN
    got = store.record()
    assert (got["delivery"], got["reason"], got["sends"], got["returned"]) == (delivery, 4, 1, 1)
    assert store.counters() == ([S0 - 30], [S0], []) and store.r.zcard(store.j) == 0


def test_a_send_that_a_later_one_took_the_place_of_is_given_back(store):
    """In an outage: SEND, RESEND; the younger replaces the elder in the queue."""
    store.issue()
    store.now += 30_000
    assert store.resend(deadline=store.now + 60_000)[0] == GRANTED
    before = {**store.record(), "sends": 1, "wait": 30}
    assert store.unsent(deadline=0, sent=T0) == OVERTAKEN
    assert store.record() == before and store.r.zcard(store.j) == 1
    assert store.counters() == ([S0 + 30], [S0 + 30], [])
    assert store.unsent(deadline=store.now + 60_000, sent=store.now) == RETURNED
    assert store.counters()[0] == [] and store.record()["sends"] == 0


@pytest.mark.parametrize("delivery", (QUEUED, SUBMITTED))
def test_what_was_never_answered_for_is_given_back(store, delivery):
    store.put(delivery=delivery)
    assert store.unsent() == RETURNED


def test_a_plain_failure_gives_nothing_back(store):
    """A receipt; a submit without an answer."""
    store.issue()
    store.mark(FAILED, reason=REFUSED)
    assert store.counters() == ([S0], [], []) and store.record()["sends"] == 1


def test_the_failure_of_a_former_send_is_no_news_of_the_one_under_way(store):
    """Its mark waited for Redis while a resend was granted."""
    store.issue()
    store.now += 30_000
    assert store.resend(deadline=store.now + 60_000)[0] == GRANTED
    before = store.r.get(store.o), store.r.get(store.n), store.r.zscore(store.j, TUPLE)
    assert store.unsent() == 0
    assert (store.r.get(store.o), store.r.get(store.n), store.r.zscore(store.j, TUPLE)) == before


def test_an_equal_request_after_it_is_a_resend(store):
    store.issue()
    store.unsent()
    assert store.issue()[0] == 2  # live, to be sent again
    assert store.resend(args=b"a" * 15, window=10_000)[0] == GRANTED


def test_handed_back_and_late_it_is_given_back_by_who_finds_it(store):
    """A stop in an outage; nobody is there until the deadline."""
    store.n = b"r{3}" + TUPLE[:12] + b"ten1".hex().encode()  # the member begins with its number
    store.issue(owner=ME)
    assert store.release(owner=ME) == 1
    store.now += 60_000
    assert store.claim() == [1]
    got = store.record()
    assert (got["delivery"], got["reason"], got["sends"], got["returned"]) == (FAILED, DEADLINE, 0, 1)
    assert store.counters()[0] == []


@pytest.mark.parametrize("fields", [{"taken_over": 1}, {"delivery": DOUBT}, {"flags": 1}, {"flags": 2}])
def test_handed_back_and_late_it_costs_if_it_may_have_arrived(store, fields):
    store.n = b"r{3}" + TUPLE[:12] + b"ten1".hex().encode()
    store.put(owner=NOBODY, **fields)
    store.r.set(store.n, pack_counters(sends=[S0]))
    store.now += 60_000
    assert store.claim() == [1]
    assert store.record()["sends"] == 1 and store.counters() == ([S0], [], [])


def test_handed_back_and_late_the_limit_over_all_tenants_is_given_back(store):
    store.cap = (b"s{3}" + TUPLE[:12], 2, 600)
    store.issue(owner=ME)
    store.release(owner=ME)
    store.now += 60_000
    assert store.claim() == [1]
    assert counters(store.r.get(b"s{3}" + TUPLE[:12]))[0] == []


@pytest.mark.parametrize("sent,counted", [(T0 + 1, S0 + 1), (T0 - 1, S0 + 1), (T0 + 36_000_000, S0 + 1), (T0, S0)])
def test_the_share_is_given_back_whatever_the_clocks_say(store, sent, counted):
    """The request's second and the record's may differ by one; Redis' clock may have been set back."""
    store.put(sent=sent)
    store.r.set(store.n, pack_counters(sends=[S0 - 60, counted]))
    store.now += 1
    assert store.unsent(sent=sent) == RETURNED
    assert store.counters()[0] == [S0 - 60]


def test_left_behind_by_a_crash_and_late_it_costs(store):
    store.issue(owner=ME)
    store.now += 60_000
    assert store.claim() == [1]
    assert store.record()["sends"] == 1 and store.counters()[0] == [S0]


@pytest.mark.parametrize("handed,outcome", [(True, RETURNED), (False, MOVED)])
def test_after_a_take_over_it_counts_who_held_it_before(store, handed, outcome):
    store.issue(owner=ME)
    if handed:
        store.release(owner=ME)
    else:
        store.r.zadd(store.j, {TUPLE: store.now})
    assert len(store.claim(owner=YOU)) == 3
    assert store.record()["taken_over"] == (0 if handed else 1)
    assert store.unsent() == outcome


def test_known_devices_get_it_back_from_their_own_counters(store):
    store.issue(known=1)
    assert store.counters() is None and store.counters(known=True)[0] == [S0]
    assert store.unsent(known=1) == RETURNED
    assert store.counters() is None and store.counters(known=True) == ([], [S0], [])


def test_each_send_is_given_back_where_it_was_counted(store):
    """The first was asked for before the page knew of the cookie."""
    store.issue()
    store.now += 30_000
    assert store.resend(known=limits((10, 600), (0, 0)), deadline=store.now + 60_000)[0] == GRANTED
    assert store.unsent(deadline=0, sent=T0, known=0) == OVERTAKEN
    assert store.counters()[0] == [] and store.counters(known=True)[0] == [S0 + 30]


def test_the_limit_over_all_tenants_is_given_back_too(store):
    store.cap = (b"s{3}number", 2, 600)
    store.issue()
    assert store.unsent() == RETURNED
    assert counters(store.r.get(b"s{3}number"))[0] == []
    assert 86_000 < store.r.ttl(b"s{3}number") <= 86_400


def test_what_is_gone_is_not_made_anew(store):
    assert store.unsent() == 0
    assert store.r.dbsize() == 0


def test_of_a_test_number_nothing_is_taken_from_the_counters_over_all_tenants(store):
    """Its sends were not counted there, so a send of another tenant must not be forgotten for it."""
    store.cap = (b"s{3}:number", 2, 600)
    store.r.set(store.cap[0], pack_counters([S0]))
    for origin, left in ((2, [S0]), (2 + 1, [S0]), (1, []), (0, [])):
        store.r.set(store.cap[0], pack_counters([S0]))
        store.r.set(store.n, pack_counters([S0]))
        store.put(origin=origin)
        assert store.unsent() == RETURNED
        assert counters(store.r.get(store.cap[0]))[0] == left and store.counters()[0] == []
