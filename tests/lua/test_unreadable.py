"""A value that cannot be read is content: its id gets its answer, its journal entry stays, and nothing overwrites it."""
import pytest

from scripts import ACCEPTED, DEFAULTS, FAILED, FIXED, SPENT, T0, TSEL, TUPLE, UNREADABLE, VERIFIED, member, pack

BROKEN = {"other version": pack(version=2), "short": pack()[:100], "short tombstone": pack(state=SPENT)[:-1],
          "long tombstone": pack(state=VERIFIED) + b"x", "empty": b"", "ended": pack(state=VERIFIED) + pack()[108:],
          "state": pack(state=5), "delivery": pack(delivery=6), "reason": pack(reason=12)}
TAIL = {"short": pack()[:-1], "long": pack() + b"x", "without the MAC it tells of": pack(more_macs=1)}


@pytest.fixture(params=BROKEN.values(), ids=BROKEN.keys())
def broken(store, request):
    store.r.set(store.o, request.param, px=8_100_000)
    store.r.zadd(store.j, {TUPLE: T0})
    yield request.param
    assert store.r.get(store.o) == request.param and store.r.pttl(store.o) > 8_000_000
    assert store.r.zscore(store.j, TUPLE) is not None
    assert sorted(store.r.keys()) == [store.j, store.o]


def test_every_operation_answers_and_leaves_it(store, broken):
    assert store.issue() == [5] and store.issue(reqid=b"q") == [5]
    assert store.resend() == [5, UNREADABLE, 0]
    assert store.verify() == store.wrong() == [3, UNREADABLE, 0]
    assert store.cancel() == [UNREADABLE, 0]
    assert store.mark(ACCEPTED, release=True) == store.mark(FAILED, release=True) == store.unsent() == 5
    store.place = 2
    assert store.mark(ACCEPTED, release=True) == store.mark(FAILED, release=True) == 5
    assert store.release(owner=DEFAULTS["owner"]) == 0


def test_a_claim_leaves_it_and_goes_on_to_the_next(store, broken):
    o = store.o
    store.o = b"o{3}" + member(b"other")
    store.r.set(store.o, pack())
    store.r.zadd(store.j, {member(b"other"): T0 + 1})
    store.now += 10
    assert store.claim(most=1) == [0] and store.unreadable == 1
    assert store.claim(most=1)[1] == member(b"other") and store.unreadable == 0
    assert store.claim(most=1) == [0] and store.unreadable == 0, "it is not looked at again at once"
    assert store.claim(mine=True, most=0) == [0]
    store.now += 60_000  # and it is looked at again, for whoever can read it
    store.r.zrem(store.j, member(b"other"))
    store.r.delete(store.o)
    assert store.claim() == [0] and store.unreadable == 1
    store.o = o


@pytest.mark.parametrize("raw", TAIL.values(), ids=TAIL.keys())
def test_a_damaged_tail_is_seen_by_all_that_read_it(store, raw):
    """The payload is there: a guess, a mark and a stop do without it."""
    def put():
        store.r.set(store.o, raw, px=8_100_000)
        store.r.zadd(store.j, {TUPLE: store.now})
    put()
    assert store.issue() == [5] and store.resend() == [5, UNREADABLE, 0]
    assert store.claim() == [0] and store.unreadable == 1
    assert store.r.get(store.o) == raw and store.r.zscore(store.j, TUPLE) > store.now
    assert store.mark(ACCEPTED, smsc=TSEL) == 1
    assert store.verify() == [0] and store.record()["state"] == VERIFIED
    put()
    assert store.cancel() == [0, 0]


def test_who_can_read_it_has_it(store):
    store.put(version=2)
    assert store.claim() == [0] and store.unreadable == 1
    store.r.set(store.o, pack(deadline=T0 + 900_000))
    store.now += 60_000
    assert store.claim()[1] == TUPLE


@pytest.mark.parametrize("at", range(FIXED))
def test_no_changed_octet_ends_a_script(store, at):
    """Whatever the octet means, each script returns what its reader knows."""
    raw = bytearray(pack())
    for value in (raw[at] ^ 0xFF, raw[at] ^ 0x80):
        raw[at] = value
        for job in (store.verify, store.wrong, store.cancel, store.issue, store.resend, store.unsent,
                    lambda: store.mark(ACCEPTED, smsc=TSEL, release=True), store.claim, store.release):
            store.r.set(store.o, bytes(raw), px=8_100_000)
            store.r.zadd(store.j, {TUPLE: T0})
            got = job()
            assert isinstance(got, int) or isinstance(got[0], int)
