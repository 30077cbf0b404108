"""What limits a number: per tenant, by the verification's own purpose, and never the live code of its owner."""
import pytest

from scripts import ACCEPTED, SPENT, STOPPED, T0, VERIFIED, counters, limits, member, pack, pack_counters

CREATED, ALIVE, LIMITED = 0, 2, 3
SENDS, GUESSES, WAIT = range(3)
GRANTED = 0
S0 = T0 // 1000
KNOWN = limits((10, 600), (0, 0))


# --- an end erases no wait ---

@pytest.mark.parametrize("state,expires", [(STOPPED, T0 + 330_000), (SPENT, T0 + 330_000), (0, T0 + 1000)])
def test_an_end_erases_no_wait(store, state, expires):
    """Cancelled, spent, expired: the next SEND waits what a resend would."""
    store.put(state=state, expires=expires, sends=2)
    store.now += 59_999
    assert store.issue(generation=b"g" * 18) == [LIMITED, 1, WAIT]
    store.now += 1
    assert store.issue(generation=b"g" * 18) == [CREATED]


def test_who_verified_has_shown_that_the_sms_came(store):
    store.put(state=VERIFIED)
    assert store.issue(generation=b"g" * 18) == [CREATED]


def test_send_and_cancel_in_a_loop_send_one_sms(store):
    outcomes = []
    for i in range(5):
        outcomes.append(store.issue(generation=b"generation %07d" % i)[0])
        store.cancel(generation=b"generation %07d" % i)
        store.now += 100
    assert outcomes == [CREATED] + [LIMITED] * 4


def test_other_subjects_do_not_wait(store):
    store.put(state=STOPPED)
    store.o = b"o{3}" + member(b"other")
    assert store.issue() == [CREATED]


# --- windows ---

def test_what_a_purpose_of_short_windows_does_is_remembered_for_the_others(store):
    three = limits((5, 3), (10, 3))
    for i in range(5):
        store.o = b"o{3}%d" % i
        assert store.issue(limits=three) == [CREATED]
        store.now += 1000
    store.now += 10_000
    store.o = b"o{3}three"
    assert store.issue(limits=three) == [CREATED]
    store.o = b"o{3}login"
    assert store.issue()[0::2] == [LIMITED, SENDS]


def test_a_short_and_a_long_window_may_stand_in_any_order(store):
    """fails_short = [3, 86400] is a day, whatever the long one is."""
    own = limits(fails_short=(3, 86400), fails_long=(20, 3600))
    store.r.set(store.n, pack_counters(fails=[(S0, b"st")] * 3))
    store.now += 7_200_000
    assert store.issue(limits=own) == [LIMITED, 86_400_000 - 7_200_000, GUESSES]


def test_no_window_is_shorter_than_it_says(store):
    """A time is kept in whole seconds, rounded up."""
    store.now += 1
    store.issue(limits=limits((1, 600), (1, 600)))
    store.o = b"o{3}" + member(b"other")
    store.now += 600_000
    assert store.issue(limits=limits((1, 600), (1, 600))) == [LIMITED, 999, SENDS]
    store.now += 999
    assert store.issue(limits=limits((1, 600), (1, 600))) == [CREATED]


def test_times_ahead_count_as_now(store):
    """Redis' clock was set back by ten hours."""
    store.r.set(store.n, pack_counters(sends=[S0 + 36_000] * 5, fails=[(S0 + 36_000, b"st")]))
    assert store.issue() == [LIMITED, 600_000, SENDS]
    store.now += 600_000
    store.r.set(store.n, pack_counters(sends=[S0 + 36_000] * 4))
    assert store.issue() == [CREATED]
    assert store.counters()[0] == [S0 + 600] * 5


def test_after_the_clock_was_set_back_the_waits_run_down(store):
    """Who asks again and again is let in after the window, not when the old time comes round."""
    store.r.set(store.n, pack_counters(sends=[S0 + 36_000] * 5, fails=[(S0 + 36_000, b"st")] * 10))
    assert store.issue() == [LIMITED, 3_600_000, GUESSES]
    store.now += 3_599_000
    assert store.issue() == [LIMITED, 1000, GUESSES]
    store.now += 1000
    assert store.issue() == [CREATED]
    store.put(state=STOPPED, sent=store.now + 36_000_000)
    assert store.issue(generation=b"g" * 18) == [LIMITED, 30_000, WAIT]
    store.now += 20_000
    assert store.issue(generation=b"g" * 18) == [LIMITED, 10_000, WAIT]
    store.put(sent=store.now + 36_000_000, expires=store.now + 90_000)
    assert store.issue()[0] == ALIVE, "an equal request is no replay of one that lies ahead"
    assert store.resend() == [2, 30_000, 3]
    store.now += 20_000
    assert store.resend() == [2, 10_000, 3]


@pytest.mark.parametrize("raw", (b"", b"\1", b"\5\0abcd", b"\0\0abc", pack()))
def test_counters_that_cannot_be_read_count_as_none(store, raw):
    store.put()
    store.r.set(store.n, raw)
    assert store.verify() == [0]
    store.o = b"o{3}" + member(b"other")
    assert store.issue() == [CREATED]


# --- known devices ---

def test_known_devices_have_counters_of_their_own(store):
    store.r.set(store.n, pack_counters(sends=[S0] * 255, fails=[(S0, b"st")] * 255))
    before = store.r.get(store.n)
    assert store.issue()[0] == LIMITED
    assert store.issue(known=1, limits=KNOWN) == [CREATED]
    assert store.wrong()[:2] == [1, 4]
    assert store.counters(known=True) == ([S0], [], [(S0, b"fi")])
    store.now += 30_000
    assert store.resend()[0] == GRANTED  # the record remembers it
    assert store.verify() == [0]
    assert store.counters(known=True) == ([S0, S0 + 30], [], []) and store.r.get(store.n) == before


def test_of_known_devices_ten_in_ten_minutes(store):
    for i in range(10):
        store.o = b"o{3}%d" % i
        assert store.issue(known=1, limits=KNOWN) == [CREATED]
    store.o = b"o{3}more"
    assert store.issue(known=1, limits=KNOWN) == [LIMITED, 600_000, SENDS]
    assert store.issue() == [CREATED]  # and the number's own are as they were


def test_a_live_one_becomes_that_of_a_known_device(store):
    store.issue()
    store.r.set(store.n, pack_counters(sends=[S0] * 10))
    store.now += 30_000
    assert store.resend()[0] == 3
    assert store.resend(known=KNOWN)[0] == GRANTED
    assert (store.record()["known"], store.record()["limits"]) == (1, KNOWN)
    store.now += 60_000
    assert store.resend()[0] == GRANTED
    assert store.counters(known=True)[0] == [S0 + 30, S0 + 90]


def test_no_live_one_becomes_known_beyond_the_guesses_of_known_devices(store):
    store.issue()
    store.r.set(store.n + b"k", pack_counters(fails=[(S0, b"st")] * 10))
    store.now += 30_000
    assert store.resend(known=KNOWN)[0] == GRANTED
    assert store.record()["known"] == 0 and store.counters()[0] == [S0, S0 + 30]


# --- the limit of a number over all tenants ---

def test_a_number_over_all_tenants(store):
    store.cap = (b"s{3}number", 3, 600)
    tenants = [b"tena", b"tenb", b"tenc", b"tend"]
    for i, tenant in enumerate(tenants):
        store.o, store.n = b"o{3}" + tenant, b"r{3}number" + tenant.hex().encode()
        assert store.issue(tenant=tenant) == ([CREATED] if i < 3 else [LIMITED, 600_000, SENDS])
    assert counters(store.r.get(b"s{3}number")) == ([S0] * 3, [], [])
    store.o, store.n = b"o{3}tena", b"r{3}number" + tenants[0].hex().encode()
    store.now += 30_000
    assert store.resend(tenant=b"tena") == [3, 570_000]
    store.now = T0 + 600_000
    store.put(tenant=b"tena", expires=T0 + 700_000)
    assert store.resend(tenant=b"tena")[0] == GRANTED


def test_after_the_clock_was_set_back_the_limit_of_all_tenants_runs_down(store):
    store.cap = (b"s{3}number", 1, 600)
    store.r.set(b"s{3}number", pack_counters(sends=[S0 + 36_000]))
    assert store.issue() == [LIMITED, 600_000, SENDS]
    store.now += 599_000
    assert store.issue() == [LIMITED, 1000, SENDS]


def test_beside_it_the_limits_of_the_purpose_hold(store):
    store.cap = (b"s{3}number", 200, 600)
    store.r.set(store.n, pack_counters(sends=[S0] * 5))
    assert store.issue() == [LIMITED, 600_000, SENDS]
    store.o = b"o{3}live"
    store.put()
    store.now += 30_000
    assert store.resend() == [3, 570_000]


def test_tenants_neither_limit_nor_learn_of_each_other(store):
    store.r.set(store.n, pack_counters(sends=[S0] * 255, fails=[(S0, b"st")] * 255))
    store.o, store.n = b"o{3}other tenant", b"r{3}number" + b"tenb".hex().encode()
    assert store.issue(tenant=b"tenb") == [CREATED]


def test_a_wrong_guess_limits_nobody_while_the_code_lives(store):
    store.issue(guesses=10)
    store.mark(ACCEPTED)
    for i in range(9):
        assert store.wrong(i)[0] == 1
    store.now += 30_000
    assert store.issue(args=b"z" * 15)[0] == ALIVE and store.resend()[0] == GRANTED
    assert store.verify() == [0]
