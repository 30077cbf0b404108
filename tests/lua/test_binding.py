"""A code that confirms something: verify compares what before the guess; issue puts a code for something else in its place."""
import pytest

from scripts import DEFAULTS, EXHAUSTED, EXPIRED, LETTERS, LIVE, SPENT, STOPPED, T0, TSEL, USED, VERIFIED, candidate, limits

APPROVED, WRONG, SHAPE, GONE, CONFLICT, BINDING = range(6)
CREATED, REPLAYED, LIVE_ONE, LIMITED = range(4)
BY_SENDS, BY_GUESSES, BY_WAIT, NONE_LEFT = range(4)
BOUND, TAG, OTHER = 6 + 32, b"pay Rp 1", b"pay Rp 2"
NEXT = b"second generation2"


@pytest.fixture
def bound(store):
    store.put(shape=BOUND, confirms=TAG)
    return store


def test_the_right_code_with_what_it_confirms(bound):
    assert bound.verify(confirms=TAG) == [APPROVED]
    assert bound.verify(confirms=TAG)[:2] == [GONE, USED]
    assert bound.record()["state"] == VERIFIED


@pytest.mark.parametrize("confirms", [None, OTHER, TAG[:7] + b"x", bytes(8)])
def test_another_binding_says_nothing_of_the_guess(bound, confirms):
    """The right code, a wrong one, one of another shape, and none: octet for octet the same, and all of them free."""
    rights, wrongs = bound.verify(confirms=confirms), bound.wrong(confirms=confirms)
    shapes = [bound.verify(candidates=b"", typed=n, confirms=confirms) for n in (0, 6, 40)]
    assert rights == wrongs == shapes[0] == shapes[1] == shapes[2] == [BINDING, 5, 0]
    got = bound.record()
    assert (got["wrong"], got["repeats"], got["tags"]) == (0, 5, bytes(18)) and not bound.r.exists(bound.n)
    assert bound.verify(confirms=TAG) == [APPROVED]


def test_a_binding_of_a_code_that_confirms_nothing(store):
    store.put()
    before = store.record()
    assert store.verify(confirms=TAG) == store.wrong(confirms=TAG) == [BINDING, 5, 0]
    assert store.record() == {**before, "repeats": 2}
    store.put(confirms=TAG)
    assert store.verify(confirms=TAG) == [BINDING, 5, 0], "the tag alone binds nothing"


def test_the_oracle_of_a_binding_has_an_end(bound):
    """From the 21st on each counts, whatever the guess is; then the code is dead, and nothing was learned of it."""
    assert [bound.verify(confirms=OTHER) for _ in range(20)] == [[BINDING, 5, 0]] * 20
    said = [bound.verify(confirms=OTHER) if i % 2 else bound.wrong(i, confirms=OTHER) for i in range(5)]
    assert said == [[BINDING, left, 0] for left in (4, 3, 2, 1)] + [[BINDING, 0, 30_000]]
    assert bound.record()["state"] == SPENT and len(bound.counters()[2]) == 5
    assert bound.verify(confirms=TAG)[:2] == [GONE, EXHAUSTED]


def test_what_is_counted_for_a_binding_tags_no_guess(bound):
    """Else the right code, given with another binding, would be free or told later."""
    for _ in range(21):
        bound.verify(confirms=OTHER)
    assert (bound.record()["wrong"], bound.record()["tags"]) == (1, bytes(18))
    assert bound.wrong(1, confirms=TAG) == [WRONG, 3, 0, 0]
    assert bound.verify(confirms=TAG) == [APPROVED]
    assert bound.counters() == ([], [], []) or bound.counters() is None, "success takes back all of its own"


def test_wrong_guesses_with_the_right_binding_are_judged_as_ever(bound):
    assert bound.wrong(1, confirms=TAG) == [WRONG, 4, 0, 0]
    assert bound.wrong(1, confirms=TAG) == [WRONG, 4, 1, 0]
    assert bound.verify(candidates=b"", typed=3, confirms=TAG) == [SHAPE, 0, 6, 4]
    assert bound.verify(confirms=TAG) == [APPROVED]


def test_letters_and_a_check_digit_confirm_too(store):
    store.put(shape=BOUND + 16 * LETTERS, confirms=TAG)
    assert store.verify(candidates=candidate(b"M" * 16, 6, 1), confirms=TAG)[0] == SHAPE
    assert store.verify(candidates=candidate(b"M" * 16, 6, 2), confirms=TAG) == [APPROVED]
    store.put(shape=BOUND, confirms=TAG, origin=32)
    assert store.wrong(confirms=OTHER) == [BINDING, 5, 0] and store.wrong(confirms=TAG)[:2] == [SHAPE, 3]


def test_a_verdict_is_replayed_before_the_binding_is_looked_at(bound):
    """The tag of the arguments has the binding in it."""
    assert bound.wrong(reqid=b"q", confirms=TAG) == bound.wrong(reqid=b"q", confirms=TAG) == [WRONG, 4, 0, 0]
    assert bound.verify(reqid=b"q", args=b"w" * 15, confirms=OTHER) == [CONFLICT]
    assert bound.verify(reqid=b"r", confirms=OTHER) == [BINDING, 4, 0]
    assert bound.verify(reqid=b"r", confirms=TAG) == [APPROVED], "it used up no REQID"


def test_an_ended_id_says_how_it_ended(store):
    store.put(shape=BOUND, confirms=TAG, state=STOPPED)
    assert store.verify(confirms=OTHER) == store.verify() == [GONE, 6, 0]


def test_a_resend_keeps_it(store):
    store.issue(shape=BOUND, confirms=TAG)
    store.now += 30_000
    assert store.resend()[0] == 0
    assert (store.record()["shape"], store.record()["confirms"]) == (BOUND, TAG)


# --- a code for something else takes its place ---

def replace(store, of=DEFAULTS["generation"], **fields):
    return store.issue(**{"generation": NEXT, "shape": BOUND, "confirms": OTHER, "args": b"c" * 15, "replaces": of, **fields})


def test_another_binding_is_a_new_verification_with_the_old_counts(store):
    store.issue(shape=BOUND, confirms=TAG)
    for i in range(3):
        store.wrong(i, confirms=TAG)
    store.now += 30_000
    assert replace(store, mac=b"N" * 16, w1=77) == [CREATED]
    got = store.record()
    assert (got["generation"], got["confirms"], got["mac"], got["created"]) == (NEXT, OTHER, b"N" * 16, store.now)
    assert (got["wrong"], got["sends"], got["wait"], got["tags"], got["repeats"]) == (3, 2, 77, bytes(18), 0)
    assert (got["prev_generation"], got["prev_state"]) == (DEFAULTS["generation"][:8], 2)
    assert len(store.counters()[0]) == 2 and store.r.zcard(store.j) == 1
    assert store.verify(confirms=TAG) == [GONE, EXPIRED, 0], "the old code is dead"
    assert store.wrong(9, generation=NEXT, confirms=OTHER) == [WRONG, 1, 0, 0]
    assert store.verify(mac=b"N" * 16, generation=NEXT, confirms=OTHER) == [APPROVED]


def test_it_waits_and_ends_as_a_resend_would(store):
    store.issue(shape=BOUND, confirms=TAG)
    store.now += 29_999
    before = store.record()
    assert replace(store) == [LIMITED, 1, BY_WAIT] and store.record() == before
    store.now += 1
    assert replace(store) == [CREATED]
    store.put(shape=BOUND, confirms=TAG, sends=4, sent=store.now - 600_000)
    assert replace(store) == [LIMITED, DEFAULTS["expires"] - store.now, NONE_LEFT]


def test_a_send_that_was_given_back_has_no_wait(store):
    store.put(shape=BOUND, confirms=TAG, returned=1, sends=0)
    assert replace(store) == [CREATED] and (store.record()["sends"], store.record()["returned"]) == (1, 0)


def test_limits_of_sends_hold_and_those_of_guesses_do_not(store):
    store.put(shape=BOUND, confirms=TAG, wrong=4)
    store.now += 60_000
    few = limits(sends_short=(2, 600), fails_short=(1, 3600))
    store.wrong(generation=b"another generation")
    store.put(shape=BOUND, confirms=TAG, wrong=1, guesses=5)
    store.wrong(1, confirms=TAG)
    assert replace(store, limits=few) == [CREATED], "it allows no more guesses than there were"
    store.now += 60_000
    assert replace(store, of=NEXT, generation=b"third generation 3", limits=few) == [CREATED]
    store.now += 120_000
    assert replace(store, of=b"third generation 3", limits=few)[::2] == [LIMITED, BY_SENDS]


def test_what_is_live_and_not_meant_stays(store):
    """Another request came first: its verification is answered, to be compared again."""
    store.put(shape=BOUND, confirms=TAG)
    raw = store.r.get(store.o)
    store.now += 60_000
    assert replace(store, of=NEXT) == [LIVE_ONE, raw] and store.r.get(store.o) == raw


@pytest.mark.parametrize("end", [lambda s: s.verify(confirms=TAG), lambda s: s.cancel(), lambda s: setattr(s, "now", DEFAULTS["expires"])])
def test_what_ended_in_between_is_followed_by_a_new_one(store, end):
    store.put(shape=BOUND, confirms=TAG, wrong=2)
    store.now += 60_000
    end(store)
    assert replace(store) == [CREATED] and (store.record()["wrong"], store.record()["sends"]) == (0, 1)


def test_two_at_once_are_one(store):
    store.put(shape=BOUND, confirms=TAG)
    store.now += 60_000
    assert replace(store) == [CREATED]
    assert replace(store, generation=b"third generation 3", window=0)[0] == LIVE_ONE
    assert replace(store, generation=b"third generation 3")[0] == REPLAYED, "the same request"


def test_a_mark_of_the_old_sms_changes_nothing(store):
    store.put(shape=BOUND, confirms=TAG)
    store.now += 60_000
    replace(store)
    before = store.record()
    assert store.mark(3, smsc=TSEL, release=True) == 0 and store.record() == before and store.r.zcard(store.j) == 1
    assert store.unsent() == 0 and store.record() == before


def test_reqid_is_remembered(store):
    store.put(shape=BOUND, confirms=TAG)
    store.now += 60_000
    assert replace(store, reqid=b"q", ident=b"n" * 52) == [CREATED]
    assert replace(store, reqid=b"q") == [REPLAYED, b"n" * 52]
    assert replace(store, reqid=b"q", args=b"d" * 15)[0] == 4
