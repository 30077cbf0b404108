"""Resends with a code of their own: valid from the grant, one of several, replacing others when its SMS was accepted."""
import pytest

from scripts import ACCEPTED, DEADLINE, DEFAULTS, DOUBT, FAILED, LIVE, QUEUED, T0, TSEL, VERIFIED, added, limits, macs, pack, unpack

OWN, CODES, KEEPS = 1, 16, 128
SAME, OVERLAP, REPLACE = {}, {"origin": CODES, "macs": KEEPS}, {"origin": CODES}
APPROVED, WRONG = 0, 1
A, B, C, D, E = (bytes((letter,)) * 16 for letter in b"ABCDE")
GRANTED, OVERTAKEN, RETURNED, MOVED = 0, 4, 3, 1


def begin(store, policy, **fields):
    """A verification whose first SMS had the code A."""
    store.issue(**{**policy, **fields}, mac=A, w0=1, w1=1, w2=1, sends_max=9, limits=limits(sends_short=(99, 600), sends_long=(99, 600)))


def another(store, mac, **how):
    store.now += 1000
    got = store.resend(added=added(mac), sealed=mac * 4, deadline=store.now + 60_000, **how)
    assert got[0] == GRANTED and unpack(got[1]) == store.record()
    return got


def unsent(store, mac, current=True):
    """Certainly no SMS came of the send with this code."""
    record = store.record()
    return store.unsent(code=mac[:8], deadline=record["deadline"] if current else 0, sent=record["sent"])


def accepted(store, mac, **how):
    return store.mark(ACCEPTED, smsc=TSEL, code=mac[:8], release=True, **how)


@pytest.mark.parametrize("policy", (OVERLAP, REPLACE), ids=("overlap", "replace"))
def test_a_new_code_is_valid_beside_the_old_until_its_sms_is_accepted(store, policy):
    begin(store, policy)
    another(store, B)
    assert macs(store.record()) == [B, A] and store.record()["sealed"] == B * 4
    assert store.wrong() == [WRONG, 4, 0, 0]
    before = store.r.get(store.o)
    for mac in (A, B):
        assert store.verify(mac=mac) == [APPROVED]
        store.r.set(store.o, before)


def test_replace_leaves_the_newest_accepted_alone(store):
    begin(store, REPLACE)
    another(store, B)
    assert accepted(store, B) == MOVED
    assert macs(store.record()) == [B] and len(store.r.get(store.o)) == len(pack(sealed=B * 4))
    assert store.verify(mac=A)[0] == WRONG and store.verify(mac=B) == [APPROVED]


def test_overlap_keeps_the_last_three(store):
    begin(store, OVERLAP)
    accepted(store, A)
    for mac, left in ((B, [B, A]), (C, [C, B, A]), (D, [D, C, B])):
        another(store, mac)
        accepted(store, mac)
        assert macs(store.record()) == left
    assert store.verify(mac=A)[:2] == [WRONG, 4]
    assert store.verify(mac=B) == [APPROVED] and store.record()["state"] == VERIFIED


@pytest.mark.parametrize("policy", (OVERLAP, REPLACE), ids=("overlap", "replace"))
def test_what_was_never_answered_stays_beside_the_old(store, policy):
    begin(store, policy)
    for mac in (B, C, D):
        another(store, mac)
        store.mark(DOUBT, unanswered=True, release=True)
    assert macs(store.record()) == [D, C, B, A]
    another(store, E)
    assert macs(store.record()) == [E, D, C, B, A], "none of them may be the only one that a person has"
    accepted(store, E)
    assert macs(store.record()) == ([E, D, C, B, A] if policy == OVERLAP else [E]), "of the accepted ones the last three"


def test_an_older_sms_that_is_accepted_later_replaces_only_what_is_older_still(store):
    begin(store, REPLACE)
    another(store, B)
    another(store, C)
    accepted(store, B)
    assert macs(store.record()) == [C, B], "the SMS with C is still on its way"
    accepted(store, C)
    accepted(store, B)
    assert macs(store.record()) == [C]


def test_an_accept_of_no_code_of_this_verification_changes_none(store):
    begin(store, REPLACE)
    another(store, B)
    accepted(store, E)
    store.mark(ACCEPTED, smsc=TSEL)
    assert macs(store.record()) == [B, A]


@pytest.mark.parametrize("policy", (OVERLAP, REPLACE), ids=("overlap", "replace"))
def test_a_resend_that_is_given_back_takes_its_code_away_and_leaves_the_old_alive(store, policy):
    begin(store, policy)
    accepted(store, A)
    another(store, B)
    assert unsent(store, B) == RETURNED
    record = store.record()
    assert macs(record) == [A] and record["sends"] == 1 and record["wait"] == 0 and record["returned"] == 1
    assert store.verify(mac=B)[0] == WRONG and store.verify(mac=A) == [APPROVED]


def test_a_code_goes_even_if_its_send_cannot_be_given_back(store):
    begin(store, REPLACE)
    for mac in (B, C, D, E):
        another(store, mac)
        got = unsent(store, mac)
    assert got == MOVED, "three are given back in the short window"
    assert macs(store.record()) == [A] and store.record()["sends"] == 2


def test_the_only_code_stays_although_its_send_is_given_back(store):
    begin(store, REPLACE)
    assert unsent(store, A) == RETURNED and macs(store.record()) == [A]


@pytest.mark.parametrize("field", ({"taken_over": 1}, {"flags": 2}))
def test_a_code_stays_that_another_process_or_smsc_may_have_sent(store, field):
    begin(store, REPLACE)
    another(store, B)
    store.put(**{**store.record(), **field})
    unsent(store, B)
    assert macs(store.record()) == [B, A]


def test_an_overtaken_code_is_taken_away_and_the_newest_stays(store):
    """Two sends at once: the older is not submitted any more; or the newer fails while the older is on its way, whose
    process would send the payload of the newer if it had to send once more."""
    begin(store, REPLACE)
    another(store, B)
    another(store, C)
    assert unsent(store, B, current=False) == OVERTAKEN
    assert macs(store.record()) == [C, A]
    assert unsent(store, C, current=False) == OVERTAKEN
    assert macs(store.record()) == [C, A]


def test_a_claim_past_the_deadline_takes_the_code_of_what_was_handed_back_unsent(store):
    begin(store, REPLACE)
    another(store, B)
    assert store.release(unsent=True) == 1
    store.now = store.record()["deadline"]
    assert store.claim() == [1]
    record = store.record()
    assert macs(record) == [A] and (record["delivery"], record["reason"], record["returned"]) == (FAILED, DEADLINE, 1)


def test_a_crash_between_submit_and_accept_leaves_both_valid(store):
    begin(store, REPLACE)
    another(store, B)
    store.now += 5000
    assert unpack(store.claim(owner=b"heir\0\0\0\0")[2])["mac"] == B
    store.now = store.record()["deadline"]
    assert store.claim() == [1] and store.record()["delivery"] == FAILED
    assert macs(store.record()) == [B, A]


def test_the_same_code_again_goes_with_its_last_send_alone(store):
    begin(store, REPLACE, origin=CODES | OWN)
    another(store, A)
    assert macs(store.record()) == [A, A]
    unsent(store, A)
    assert macs(store.record()) == [A]
    another(store, A)
    accepted(store, A)
    assert macs(store.record()) == [A]


def test_kept_tags_of_wrong_guesses_are_emptied_when_a_code_is_added(store):
    begin(store, OVERLAP)
    assert store.wrong(1)[1:3] == [4, 0] and store.wrong(1)[1:3] == [4, 1]
    another(store, B)
    assert store.record()["tags"] == bytes(18) and store.record()["wrong"] == 1
    assert store.wrong(1)[1:3] == [3, 0] and store.wrong(1)[1:3] == [3, 1]


def test_macs_of_all_codes_come_before_the_tags(store):
    """A guess whose tag is that of a wrong one may be the code before the newest."""
    begin(store, OVERLAP)
    another(store, B)
    assert store.verify(mac=A[:2] + b"x" * 14)[:3] == [WRONG, 4, 0]
    assert store.verify(mac=A) == [APPROVED]


def test_all_codes_share_one_budget_of_guesses_and_end_together(store):
    begin(store, OVERLAP, guesses=3)
    store.wrong(1)
    another(store, B)
    store.wrong(2)
    another(store, C)
    assert store.wrong(3)[:2] == [WRONG, 0]
    for mac in (A, B, C):
        assert store.verify(mac=mac)[0] != APPROVED


def test_a_verified_former_code_forgets_the_wrong_guesses_too(store):
    begin(store, OVERLAP)
    store.wrong(1)
    another(store, B)
    assert store.verify(mac=A) == [APPROVED] and store.counters()[2] == []


def test_a_callers_code_replaces_and_marks_the_record(store):
    begin(store, OVERLAP)
    store.now += 1000
    assert store.resend(added=added(B, own=True), sealed=B * 4)[0] == GRANTED
    assert store.record()["origin"] == OWN | CODES and store.record()["macs"] == 2 and macs(store.record()) == [B, A]
    accepted(store, B)
    assert macs(store.record()) == [B]


def test_a_known_device_and_a_code_in_one_resend(store):
    begin(store, REPLACE)
    store.now += 1000
    known = limits(sends_short=(7, 700))
    assert store.resend(added=added(B), sealed=B * 4, known=known)[0] == GRANTED
    record = store.record()
    assert macs(record) == [B, A] and record["known"] == 1 and record["limits"] == known


def test_refs_of_a_verification_are_all_different(store):
    begin(store, SAME, ref=b"K7")
    seen = [store.record()["ref"]]
    for _ in range(8):
        store.now += 1000
        assert store.resend()[0] == GRANTED
        seen.append(store.record()["ref"])
    assert len(set(seen)) == 9 and all(set(ref) <= set(b"34679ACDEFGHJKMNPQRTUVWXY") for ref in seen)


def test_a_text_with_or_without_ref_begins_or_ends_it(store):
    begin(store, SAME)
    store.now += 1000
    store.resend(added=added(ref=b"K7"), sealed=b"T" * 56)
    assert store.record()["ref"] == b"K7" and macs(store.record()) == [A]
    store.now += 1000
    store.resend(added=added(ref=b"K7"), sealed=b"T" * 56)
    assert store.record()["ref"] not in (b"K7", bytes(2))
    store.now += 1000
    store.resend(added=added(), sealed=b"T" * 56)
    assert store.record()["ref"] == bytes(2)


def test_with_the_same_code_the_record_grows_by_nothing(store):
    begin(store, SAME)
    before = len(store.r.get(store.o))
    store.now += 1000
    store.resend()
    assert len(store.r.get(store.o)) == before
