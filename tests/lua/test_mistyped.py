"""verify: a code with a check digit. A guess whose check digit is wrong is a typing error, and costs nothing."""
import pytest

from scripts import DENIED, EXHAUSTED, LETTERS, SPENT, T0, USED, VERIFIED, candidate

APPROVED, WRONG, SHAPE, GONE = range(4)
SHORT, LONG, ALPHABET, MISTYPED = range(4)
OWN, CHECK = 1, 32
RIGHT, MISS = 1 + 4, 1  # digits, with a right check digit and without


def guess(store, mac=b"W" * 16, alphabets=MISS, **how):
    return store.verify(typed=7, candidates=candidate(mac, 7, alphabets), **how)


def test_a_typing_error_is_told_and_costs_nothing(store):
    store.put(shape=7, origin=CHECK, wrong=2)
    before = store.r.get(store.o)
    assert [guess(store) for _ in range(50)] == [[SHAPE, MISTYPED, 7, 3]] * 50
    assert store.r.get(store.o) == before and not store.r.exists(store.n)


def test_a_guess_that_may_be_the_code_counts(store):
    store.put(shape=7, origin=CHECK)
    assert guess(store, alphabets=RIGHT) == [WRONG, 4, 0, 0]
    assert guess(store, alphabets=RIGHT) == [WRONG, 4, 1, 0]
    assert guess(store, b"M" * 16, RIGHT) == [APPROVED]


@pytest.mark.parametrize("origin,shape", [(0, 7), (OWN, 7), (OWN + CHECK, 7), (16, 7), (64, 7), (128, 7), (0, 7 + 16 * LETTERS)])
def test_the_record_alone_says_whether_a_code_has_one(store, origin, shape):
    store.put(shape=shape, origin=origin)
    assert guess(store, alphabets=2 if shape > 16 else MISS) == [WRONG, 4, 0, 0]


@pytest.mark.parametrize("origin", [CHECK, CHECK + 2, CHECK + 64, 254])
def test_other_bits_of_its_origin_change_nothing(store, origin):
    store.put(shape=7, origin=origin)
    assert guess(store)[:2] == [SHAPE, MISTYPED]


def test_letters_with_the_bit_of_a_check_digit_are_letters_still(store):
    store.put(shape=7 + 16 * LETTERS)
    assert guess(store, b"M" * 16, 4 + 1) == [SHAPE, ALPHABET, 7, 5], "digits alone"
    assert guess(store, b"M" * 16, 4 + 2) == [APPROVED]


def test_tenant_state_and_expiry_are_judged_first(store):
    store.put(shape=7, origin=CHECK, tenant=b"ten2")
    assert guess(store) == [GONE, DENIED, 0]
    store.put(shape=7, origin=CHECK, state=VERIFIED, ended=T0)
    assert guess(store) == [GONE, USED, 0]
    store.put(shape=7, origin=CHECK, state=SPENT, ended=T0)
    assert guess(store)[:2] == [GONE, EXHAUSTED]


def test_it_uses_up_no_reqid(store):
    store.put(shape=7, origin=CHECK)
    assert guess(store, reqid=b"q")[:2] == [SHAPE, MISTYPED]
    assert guess(store, b"M" * 16, RIGHT, reqid=b"q", args=b"w" * 15) == [APPROVED]


def test_a_resend_keeps_it(store):
    store.issue(shape=7, origin=CHECK)
    store.now += 30_000
    assert store.resend()[0] == 0 and store.record()["origin"] == CHECK
