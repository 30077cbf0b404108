"""The functions of reverse verifications: open, confirm, and the count of tokens per source."""
import itertools

import pytest

from scripts import CANCELLED, DEFAULTS, T0, TUPLE, USED, VERIFIED, pack, packed, unpack

OPENED, REPLAYED, CONFLICT, TAKEN, UNREADABLE = range(5)
DONE, REPEATED, NUMBER, ENDED = range(4)
REVERSE = 4  # ORIGIN_REVERSE
GENERATION = DEFAULTS["generation"]
NOBODY, HERS, HIS = bytes(24), b"H" * 24, b"B" * 24
ONCE = b"k{3}:reqid"


def fresh(store, **fields):
    end = store.now + 600_000
    return pack(**{**dict(origin=REVERSE, number=NOBODY, shape=0, guesses=0, sends=0, sends_max=0, w0=0, created=store.now, sent=store.now,
                          expires=end, hard_end=end, deadline=end, sealed=b"", mac=bytes(16), owner=bytes(8)), **fields})


def reverse(store, reqid=False, args=b"a" * 15, record=None, **fields):
    keys = [store.o] + [ONCE] * reqid
    return store.run("reverse", keys, packed("ts", store.now, args), record or fresh(store, **fields), 7_800_000,
                     *[86_400_000, b"i" * 52 + b"1800000600000"] * reqid)


def confirm(store, number=HERS, generation=GENERATION, smsc=700):
    return store.run("confirm", [store.o], packed("t2ss", store.now, smsc, generation, number))


SENT = itertools.count(1)


def source(store, count=3, window=3600, right=False, sent=None):
    """Each message is another, unless the test says which."""
    sent = next(SENT) if sent is None else sent
    return store.run("source", [b"w{5}:number"], packed("t141s", store.now, count, window, right, sent.to_bytes(8, "little")))


def test_it_is_opened_without_a_lease_or_a_count(store):
    assert reverse(store) == [OPENED]
    assert store.r.keys() == [store.o]
    assert 7_000_000 < store.r.pttl(store.o) <= 7_800_000


def test_the_number_that_sends_is_kept(store):
    reverse(store)
    store.now += 5000
    assert confirm(store) == DONE
    v = store.record()
    assert (v["state"], v["number"], v["smsc"], v["origin"], v["ended"]) == (VERIFIED, HERS, 700, REVERSE, T0 + 5000)
    assert store.r.pttl(store.o) > 7_000_000


def test_a_repeated_message_changes_nothing(store):
    reverse(store)
    confirm(store)
    before = store.r.get(store.o)
    store.now += 1000
    assert confirm(store, smsc=800) == REPEATED
    assert confirm(store, HIS) == NUMBER
    assert store.r.get(store.o) == before


def test_another_number_than_the_given_one(store):
    reverse(store, number=HERS)
    before = store.r.get(store.o)
    assert confirm(store, HIS) == NUMBER
    assert store.r.get(store.o) == before
    assert confirm(store, HERS) == DONE


def test_it_ends_with_its_life(store):
    reverse(store)
    store.now += 599_999
    before = store.r.get(store.o)
    store.now += 1
    assert confirm(store) == ENDED
    assert store.r.get(store.o) == before
    store.now -= 1
    assert confirm(store) == DONE


def test_a_cancelled_one_is_not_verified(store):
    reverse(store)
    assert store.cancel() == [0, 0]
    assert confirm(store) == ENDED
    assert store.verify()[1] == CANCELLED


@pytest.mark.parametrize("generation", [b"another" + GENERATION[7:], GENERATION[:10] + b"another!"])
def test_of_another_generation(store, generation):
    reverse(store)
    before = store.r.get(store.o)
    assert confirm(store, generation=generation) == ENDED
    assert store.r.get(store.o) == before


def test_none_and_one_that_is_no_reverse(store):
    assert confirm(store) == ENDED
    store.put()
    assert confirm(store) == ENDED
    store.r.set(store.o, b"unreadable")
    assert confirm(store) == ENDED and reverse(store) == [UNREADABLE]


def test_a_code_is_of_no_use(store):
    reverse(store)
    before = store.r.get(store.o)
    shape = store.verify()
    assert shape[0] == 2 and shape[2] == 0, "no length is wanted, since there is no code"
    assert store.verify(mac=bytes(16))[0] == 2, "the record's MAC is zeros"
    assert store.r.get(store.o) == before


def test_verified_it_is_used(store):
    reverse(store)
    confirm(store)
    store.now += 3000
    assert store.verify() == [3, USED, 3000]


def test_a_live_one_is_never_overwritten(store):
    reverse(store)
    before = store.r.get(store.o)
    assert reverse(store, args=b"b" * 15) == [TAKEN]
    assert store.r.get(store.o) == before


def test_an_ended_one_is_and_told(store):
    reverse(store)
    confirm(store)
    store.now += 60_000
    assert reverse(store, generation=b"second generation1") == [OPENED]
    v = store.record()
    assert (v["prev_state"], v["prev_generation"], v["prev_ended"]) == (VERIFIED, GENERATION[:8], T0 // 1000)
    assert v["number"] == NOBODY
    assert store.verify()[:2] == [3, USED]
    assert confirm(store) == ENDED and confirm(store, generation=b"second generation1") == DONE


def test_a_reqid(store):
    assert reverse(store, reqid=True) == [OPENED]
    before = store.r.get(store.o)
    assert reverse(store, reqid=True) == [REPLAYED, b"i" * 52 + b"1800000600000"]
    assert reverse(store, reqid=True, args=b"b" * 15) == [CONFLICT, b"i" * 52 + b"1800000600000"]
    assert store.r.get(store.o) == before
    confirm(store)
    assert reverse(store, reqid=True)[0] == REPLAYED
    assert unpack(store.r.get(store.o))["state"] == VERIFIED


def test_wrong_tokens_are_limited_in_a_sliding_window(store):
    assert [source(store) for _ in range(4)] == [1, 1, 1, 0]
    store.now += 3_599_000
    assert source(store) == 0
    store.now += 1000
    assert [source(store) for _ in range(4)] == [1, 1, 1, 0]


def test_a_right_token_is_given_back(store):
    for n in range(20):
        assert source(store, sent=n) == 1
        source(store, right=True, sent=n)
    assert not store.r.exists(b"w{5}:number")
    assert [source(store, sent=n) for n in range(4)] == [1, 1, 1, 0]
    source(store, right=True, sent=1)
    source(store, right=True, sent=1)
    source(store, right=True, sent=9)
    assert [source(store), source(store)] == [1, 0]


def test_what_was_sent_before_has_its_place(store):
    """As an SMSC repeats it while Redis is slow: also where no place is left."""
    assert [source(store, sent=n) for n in (1, 1, 2, 1, 3, 3, 2)] == [1] * 7
    assert [source(store, sent=n) for n in (4, 1, 2, 3, 4)] == [0, 1, 1, 1, 0]
    store.now += 3_600_000
    assert [source(store, sent=n) for n in (4, 4, 5, 6, 7)] == [1, 1, 1, 1, 0]


@pytest.mark.parametrize("octets", [b"x", b"1800000000", bytes(35), b"\xff" * 24])
def test_a_count_that_was_changed(store, octets):
    store.r.set(b"w{5}:number", octets)
    assert source(store) == 1


def test_giving_back_nothing(store):
    source(store, right=True)
    assert not store.r.exists(b"w{5}:number")


def test_the_count_ends_with_its_window(store):
    source(store)
    assert 3_500_000 < store.r.pttl(b"w{5}:number") <= 3_600_000
    assert TUPLE not in store.r.get(b"w{5}:number")
