"""issue: what a SEND becomes: a new verification, a replay, a resend of the live one, or a refusal."""
import pytest

from scripts import CANCELLED, DEFAULTS, EXHAUSTED, EXPIRED, SPENT, STOPPED, T0, TUPLE, UNKNOWN, USED, VERIFIED, \
    counters, limits, pack, unpack

CREATED, REPLAYED, ALIVE, LIMITED, CONFLICT, UNREADABLE = range(6)
SENDS, GUESSES, WAIT = range(3)  # what limits


def test_a_first_request_writes_record_lease_and_count(store):
    assert store.issue() == [CREATED]
    assert store.r.get(store.o) == pack()
    assert store.r.zrange(store.j, 0, -1, withscores=True) == [(TUPLE, T0 + 5000)]
    assert 8_000_000 < store.r.pttl(store.o) <= 8_100_000
    assert 86_300 < store.r.ttl(store.n) <= 86_400


def test_one_send_of_a_number_is_its_second_as_text(store):
    """Redis keeps it as a number, beside which its allocator needs no room for a text."""
    store.now += 1
    store.issue()
    assert store.r.get(store.n) == b"%d" % (T0 // 1000 + 1) and store.r.object("encoding", store.n) == b"int"
    store.put(state=VERIFIED, ended=store.now)
    assert store.issue() == [CREATED]
    assert counters(store.r.get(store.n)) == ([T0 // 1000 + 1] * 2, [], []) and len(store.r.get(store.n)) == 10


def test_what_has_ended_is_followed_by_one_send_alone(store):
    store.keep = 600
    store.issue()
    store.put(state=VERIFIED, ended=store.now)
    store.now += 600_001
    assert store.issue() == [CREATED]
    assert store.r.get(store.n) == b"%d" % (T0 // 1000 + 601) and store.r.object("encoding", store.n) == b"int"


@pytest.mark.parametrize("value", [b"", b"x", b"18000000x0", b"0x18000000", b"1e90000000", b" 180000000", b"-180000000", b"1800000000\0",
                                   b"180000000", b"\1\0", b"\2\0" + bytes(9)])
def test_counters_that_cannot_be_read_count_as_empty(store, value):
    store.r.set(store.n, value)
    assert store.issue(limits=limits(sends_short=(1, 600))) == [CREATED]
    assert counters(store.r.get(store.n)) == ([T0 // 1000], [], [])


@pytest.mark.parametrize("value", [b"1800000000", b"\1\0" + (T0 // 1000).to_bytes(4, "little")])
def test_a_send_counts_in_either_form(store, value):
    store.r.set(store.n, value)
    assert store.issue(limits=limits(sends_short=(1, 600))) == [LIMITED, 600_000, SENDS]


@pytest.mark.parametrize("kind", ["list", "hash"])
def test_what_has_another_type_is_overwritten(store, kind):
    """As what is not there: EXISTS says that something is, and MGET that it is no text."""
    for key in (store.o, store.n):
        store.r.rpush(key, b"x") if kind == "list" else store.r.hset(key, b"x", b"y")
    assert store.issue() == [CREATED]
    assert store.r.get(store.o) == pack() and counters(store.r.get(store.n)) == ([T0 // 1000], [], [])


def test_without_reqid_no_reqid_is_remembered(store):
    store.issue()
    assert store.r.keys(b"k*") == []


def test_the_same_reqid_gives_the_same_id_and_writes_nothing(store):
    store.issue(reqid=b"q", ident=b"1" * 52)
    before = store.r.get(store.o), store.r.get(store.n)
    store.now += 3_600_000
    assert store.issue(reqid=b"q", ident=b"2" * 52) == [REPLAYED, b"1" * 52]
    assert (store.r.get(store.o), store.r.get(store.n)) == before
    assert 86_000_000 < store.r.pttl(b"k{3}q") <= 86_400_000


def test_the_same_reqid_with_other_arguments_conflicts(store):
    store.issue(reqid=b"q", ident=b"1" * 52)
    assert store.issue(reqid=b"q", args=b"z" * 15) == [CONFLICT, b"1" * 52]
    assert store.record()["args"] == b"a" * 8


@pytest.mark.parametrize("after,outcome", [(0, REPLAYED), (9_999, REPLAYED), (10_000, ALIVE)])
def test_an_equal_request_is_a_replay_within_its_window_only(store, after, outcome):
    store.issue()
    store.now += after
    assert store.issue() == [outcome, pack()]


def test_within_the_window_unequal_requests_meet_the_live_one(store):
    store.issue()
    assert store.issue(args=b"z" * 15) == [ALIVE, pack()]


def test_a_new_reqid_does_not_take_an_equal_request_for_its_own(store):
    store.issue()
    assert store.issue(reqid=b"q") == [ALIVE, pack()]


@pytest.mark.parametrize("at,outcome", [(-1, ALIVE), (0, CREATED)])
def test_the_tuple_is_free_again_at_the_ms_of_expiry(store, at, outcome):
    store.issue()
    store.now = DEFAULTS["expires"] + at
    assert store.issue(generation=b"g" * 18)[0] == outcome


@pytest.mark.parametrize("state,told", [(0, EXPIRED), (VERIFIED, USED), (SPENT, EXHAUSTED), (STOPPED, CANCELLED)])
def test_the_generation_before_tells_how_it_ended(store, state, told):
    store.put(state=state, ended=T0 + 1000)
    store.now += 400_000
    assert store.issue(generation=b"second generation2") == [CREATED]
    assert store.record()["prev_generation"] == DEFAULTS["generation"][:8]
    assert store.verify()[:2] == [3, told]
    assert store.verify(generation=b"second generation2") == [0]
    assert store.verify(generation=b"no such generation")[:2] == [3, UNKNOWN]


def test_a_new_generation_changes_nothing_but_the_memory_of_the_former(store):
    store.put(state=VERIFIED, ended=T0 - 5000)
    new = pack(generation=b"second generation2", sealed=bytes(range(37)) * 10)
    assert store.issue(record=new) == [CREATED]
    want = unpack(new)
    want.update(prev_state=VERIFIED, prev_generation=DEFAULTS["generation"][:8], prev_ended=T0 // 1000 - 5)
    assert store.record() == want


def sends(store, count, every=0, **how):
    for _ in range(count):
        store.r.delete(store.o)
        assert store.issue(**how) == [CREATED]
        store.now += every
    store.r.delete(store.o)


def test_short_window_refuses_the_sixth_until_the_first_leaves(store):
    sends(store, 5, every=10_000)
    assert store.issue() == [LIMITED, T0 + 600_000 - store.now, SENDS]
    assert not store.r.exists(store.o) and store.r.zcard(store.j) == 1
    store.now = T0 + 600_000 - 1
    assert store.issue() == [LIMITED, 1, SENDS]
    store.now += 1
    assert store.issue() == [CREATED]


def test_long_window_refuses_the_eleventh(store):
    sends(store, 10, every=600_000)
    assert store.issue() == [LIMITED, T0 + 86_400_000 - store.now, SENDS]
    store.now = T0 + 86_400_000
    assert store.issue() == [CREATED]


def test_the_longer_wait_is_told(store):
    lims = limits(sends_short=(2, 600), sends_long=(2, 1200))
    sends(store, 2, limits=lims)
    assert store.issue(limits=lims) == [LIMITED, 1_200_000, SENDS]


def test_wrong_guesses_limit_what_may_be_opened(store):
    lims = limits(fails_short=(3, 3600))
    store.put(guesses=10)
    for i in range(3):
        store.wrong(i)
    store.r.delete(store.o)
    assert store.issue(limits=lims) == [LIMITED, 3_600_000, GUESSES]
    store.now += 3_600_000
    assert store.issue(limits=lims) == [CREATED]


def test_a_refused_request_is_not_counted(store):
    sends(store, 5)
    before = store.r.get(store.n)
    store.issue()
    assert store.r.get(store.n) == before


def test_a_reqid_of_a_refused_request_may_be_tried_again(store):
    sends(store, 5)
    assert store.issue(reqid=b"q")[0] == LIMITED
    store.now = T0 + 600_000
    assert store.issue(reqid=b"q") == [CREATED]


def test_255_sends_are_remembered(store):
    lims = limits(sends_short=(255, 600), sends_long=(255, 600))
    sends(store, 255, limits=lims)
    assert store.issue(limits=lims)[0] == LIMITED


@pytest.mark.parametrize("raw", (b"\0" * 10, pack()[:-1], pack() + b"x", pack(version=0), pack(version=2), pack(state=5)))
def test_what_cannot_be_read_is_never_overwritten(store, raw):
    store.r.set(store.o, raw)
    assert store.issue() == [UNREADABLE]
    assert store.r.get(store.o) == raw and store.r.keys() == [store.o]


def test_the_common_path_costs_four_commands_and_reqid_one_more(store):
    def calls(**how):
        store.r.config_resetstat()
        assert store.issue(**how) == [CREATED]
        stats = store.r.info("commandstats")
        return sum(s["calls"] for name, s in stats.items() if name.split("_")[1].split("|")[0] in
                   ("get", "mget", "set", "setrange", "zadd", "zrem", "pttl", "expire", "time", "exists"))

    assert calls() <= 4
    store.r.flushall()
    assert calls(reqid=b"q") <= 5
