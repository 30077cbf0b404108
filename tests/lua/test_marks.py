"""Several marks in one call: each is answered by itself, and one that cannot be done holds no other back."""
import itertools

import pytest
import redis

from scripts import ACCEPTED, DELIVERED, FAILED, QUEUED, SPENT, SUBMITTED, T0, member, unpack

REFUSED = -1


def records(store, *fields):
    """The keys of records with a lease, each of a partition of its own."""
    keys = []
    for i, each in enumerate(fields):
        store.o, store.j = b"o{%d}" % i + member(b"tuple%d" % i), b"j{%d}" % i
        store.put(**each)
        keys.append((store.o, store.j))
    return keys


def deliveries(store, keys):
    return [unpack(store.r.get(record))["delivery"] for record, _ in keys]


@pytest.mark.parametrize("count", range(2, 9))
def test_each_has_its_own_answer(store, count):
    keys = records(store, *[{}, {"delivery": DELIVERED}, {"version": 2}, {"delivery": ACCEPTED, "smsc": 1}] * 2)[:count]
    assert store.mark_each([(*key, ACCEPTED) for key in keys]) == ([1, 0, 5, 0] * 2)[:count]
    assert deliveries(store, keys) == ([ACCEPTED, DELIVERED, QUEUED, ACCEPTED] * 2)[:count]
    assert [store.r.zcard(journal) for _, journal in keys] == ([0, 0, 1, 0] * 2)[:count]


@pytest.mark.parametrize("broken", range(4))
def test_one_that_is_refused_holds_no_other_back(store, broken):
    """Its journal has another type."""
    keys = records(store, {}, {}, {}, {})
    store.r.delete(keys[broken][1])
    store.r.set(keys[broken][1], b"no journal")
    got = store.mark_each([(*key, DELIVERED) for key in keys])
    assert got == [REFUSED if i == broken else 1 for i in range(4)]
    for i, (record, journal) in enumerate(keys):
        if i != broken:
            assert unpack(store.r.get(record))["delivery"] == DELIVERED and store.r.zcard(journal) == 0


def test_alone_it_is_refused_with_an_error(store):
    [key] = records(store, {})
    store.r.delete(key[1])
    store.r.set(key[1], b"no journal")
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        store.mark_each([(*key, DELIVERED)])


def test_they_are_done_in_their_order(store):
    """An accept and its receipt come in one turn."""
    [key] = records(store, {})
    assert store.mark_each([(*key, SUBMITTED), (*key, ACCEPTED), (*key, DELIVERED), (*key, ACCEPTED)]) == [1, 1, 1, 0]
    assert deliveries(store, [key]) == [DELIVERED]
    record = unpack(store.r.get(key[0]))
    assert record["accepted"] == T0


@pytest.mark.parametrize("states", itertools.permutations((FAILED, ACCEPTED, DELIVERED), 2))
def test_two_of_one_record_are_as_two_calls(store, states):
    [key] = records(store, {"delivery": ACCEPTED, "smsc": 700})
    apart = [store.mark_each([(*key, state)]) for state in states]
    alone = store.r.get(key[0])
    [key] = records(store, {"delivery": ACCEPTED, "smsc": 700})
    assert store.mark_each([(*key, state) for state in states]) == apart
    assert store.r.get(key[0]) == alone


def test_a_record_that_has_ended_keeps_its_end(store):
    keys = records(store, {"state": SPENT}, {})
    assert store.mark_each([(*key, DELIVERED) for key in keys]) == [1, 1]
    assert [unpack(store.r.get(record))["state"] for record, _ in keys] == [SPENT, 0]
