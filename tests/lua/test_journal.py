"""mark and claim: what became of a submit, and who may take what nobody finished."""
import itertools

import pytest

from scripts import ACCEPTED, DEADLINE, DEFAULTS, DELIVERED, DOUBT, FAILED, POISON, QUEUED, REFUSED, SPENT, STOPPED, \
    SUBMITTED, T0, TEMPLATE, TSEL, TUPLE, VERIFIED, XL, member, unpack

OTHER = b"another generation"
ME, YOU = DEFAULTS["owner"], b"you\0\0\0\0\0"


@pytest.fixture(autouse=True, params=(None, 0, 3), ids=("alone", "first", "last"))
def place(store, request):
    """A mark does the same alone and among others in one call."""
    store.place = request.param


# An unanswered submit may become anything that is known; all else moves to a higher rank only. Of what may have arrived
# only a receipt, which names its SMSC, tells that it failed.
@pytest.mark.parametrize("old,new", itertools.product(range(6), range(6)))
def test_delivery_moves_forward_only(store, old, new):
    store.put(delivery=old, reason=5)
    moves = (new > old or (old == DOUBT and new != DOUBT)) and not (old in (DOUBT, ACCEPTED) and new == FAILED)
    assert store.mark(new, reason=REFUSED) == moves
    got = store.record()
    assert (got["delivery"], got["reason"]) == ((new, REFUSED) if moves else (old, 5))


# A receipt names its SMSC, so it tells that an SMS which may have arrived has failed; before any accept it is about another.
@pytest.mark.parametrize("old,new", itertools.product(range(6), range(6)))
def test_a_receipt_moves_delivery_forward_only(store, old, new):
    store.put(delivery=old, reason=5, smsc=TSEL)
    moves = (new > old or (old == DOUBT and new != DOUBT)) and not (old in (QUEUED, SUBMITTED) and new == FAILED)
    assert store.mark(new, reason=REFUSED, smsc=TSEL) == moves
    got = store.record()
    assert (got["delivery"], got["reason"]) == ((new, REFUSED) if moves else (old, 5))


@pytest.mark.parametrize("at,expires", [(1000, T0 + 301_000), (599_999, T0 + 899_999), (600_001, T0 + 900_000)])
def test_the_code_lives_from_accept_but_never_past_its_hard_end(store, at, expires):
    store.put()
    store.now += at
    assert store.mark(ACCEPTED, smsc=TSEL) == 1
    got = store.record()
    assert (got["expires"], got["accepted"], got["smsc"]) == (expires, store.now, TSEL)


def test_a_second_accept_never_shortens_the_life_of_the_code(store):
    store.put(delivery=DELIVERED, accepted=T0 + 1, expires=T0 + 700_000)
    store.now += 10_000
    store.mark(ACCEPTED)
    assert store.record()["expires"] == T0 + 700_000
    store.now += 500_000
    store.mark(ACCEPTED)
    assert store.record()["expires"] == T0 + 810_000


def test_an_accept_that_comes_late_revives_nothing_that_ended(store):
    store.put(state=STOPPED)
    store.now += 100_000
    store.mark(ACCEPTED)
    assert (store.record()["state"], store.record()["expires"]) == (STOPPED, DEFAULTS["expires"])


def test_accept_touches_nothing_else_of_the_record(store):
    store.put()
    want = {**store.record(), "delivery": ACCEPTED, "accepted": T0, "expires": T0 + 300_000,
            "smsc": XL}
    store.mark(ACCEPTED, smsc=XL)
    assert store.record() == want


def test_an_early_failure_goes_out_once_more_and_tells_why(store):
    store.put(delivery=ACCEPTED, accepted=T0, smsc=XL, claims=5, flags=1)
    store.r.delete(store.j)
    store.now += 59_999
    want = {**store.record(), "delivery": QUEUED, "reason": REFUSED, "error": b"011".ljust(8, b"\0"), "claims": 0, "flags": 3}
    assert store.mark(FAILED, reason=REFUSED, error=b"011", smsc=XL, reroute=True) == 2
    assert store.record() == want and store.r.zscore(store.j, TUPLE) == store.now
    assert [unpack(rec) for rec in store.claim()[2::2]] == [want]
    assert store.mark(FAILED, reason=REFUSED, smsc=XL, reroute=True) == 0  # the same receipt again
    assert store.mark(ACCEPTED, smsc=XL, release=True) == 0  # the former accept, told again
    assert store.record()["delivery"] == QUEUED and store.r.zcard(store.j) == 1
    assert store.mark(ACCEPTED, smsc=TSEL, release=True) == 1 and store.r.zcard(store.j) == 0
    assert store.mark(FAILED, reason=REFUSED, smsc=XL, reroute=True) == 0  # and once more
    assert store.mark(FAILED, reason=REFUSED, smsc=TSEL, reroute=True) == 1 and store.record()["delivery"] == FAILED


@pytest.mark.parametrize("reroute", (False, True))
def test_the_failure_of_one_that_another_took_since_is_no_news(store, reroute):
    """SEND by one SMSC, RESEND by another: then the first tells that its SMS did not arrive."""
    store.put(delivery=ACCEPTED, accepted=T0, smsc=TSEL, sends=2)
    before = store.record()
    assert store.mark(FAILED, reason=REFUSED, smsc=XL, reroute=reroute) == 0
    assert store.record() == before
    assert store.mark(DELIVERED, smsc=XL) == 1


@pytest.mark.parametrize("how,fields", [("asked", {}), ("late", {"deadline": T0}), ("over", {"state": VERIFIED}),
                                        ("told", {"delivery": DELIVERED}), ("failed", {"delivery": FAILED})])
def test_no_other_failure_goes_out_once_more(store, how, fields):
    store.put(**{"delivery": ACCEPTED, "smsc": XL, **fields})
    store.r.delete(store.j)
    moves = fields.get("delivery", ACCEPTED) == ACCEPTED
    assert store.mark(FAILED, reason=REFUSED, smsc=XL, reroute=how != "asked") == moves
    assert store.record()["delivery"] == (FAILED if moves else fields["delivery"]) and not store.r.exists(store.j)


def test_a_resend_may_be_rerouted_again(store):
    store.put(delivery=ACCEPTED, sent=T0 - 60_000, smsc=XL)
    assert store.mark(FAILED, smsc=XL, reroute=True) == 2
    store.mark(ACCEPTED, smsc=TSEL)
    assert store.resend()[0] == 0
    store.mark(ACCEPTED, smsc=XL)
    assert store.mark(FAILED, smsc=XL, reroute=True) == 2


def test_failure_keeps_reason_and_the_telcos_error(store):
    store.put()
    want = {**store.record(), "delivery": FAILED, "reason": REFUSED, "error": b"0x0b".ljust(8, b"\0")}
    assert store.mark(FAILED, reason=REFUSED, error=b"0x0b") == 1
    assert store.record() == want


def test_a_receipt_of_an_sms_before_says_nothing_of_the_resend(store):
    """The first was accepted; while its resend is queued, a receipt tells that the first did not arrive."""
    store.put(delivery=QUEUED, sends=2, smsc=XL)
    assert store.mark(FAILED, reason=REFUSED, smsc=XL) == 0
    assert store.mark(ACCEPTED, smsc=TSEL) == 1 and store.record()["delivery"] == ACCEPTED
    store.put()
    assert store.mark(FAILED, reason=REFUSED, smsc=XL) == 1  # its own, ahead of the mark of its accept


def test_a_late_mark_keeps_the_error_of_the_one_before(store):
    store.put(delivery=DELIVERED, error=b"000".ljust(8, b"\0"))
    store.mark(ACCEPTED, error=b"999")
    assert store.record()["error"].rstrip(b"\0") == b"000"


@pytest.mark.parametrize("release", (False, True))
@pytest.mark.parametrize("delivery", (SUBMITTED, ACCEPTED, FAILED))
def test_release_and_only_release_takes_the_entry_out_of_the_journal(store, delivery, release):
    store.put()
    store.mark(delivery, release=release)
    assert store.r.zcard(store.j) == (0 if release else 1)


@pytest.mark.parametrize("deadline,moves", [(0, 1), (DEFAULTS["deadline"], 1), (DEFAULTS["deadline"] - 1, 0)])
def test_a_failure_of_another_send_is_none_of_this_one(store, deadline, moves):
    """Its resend was granted meanwhile, and is owed."""
    store.put()
    assert store.mark(FAILED, reason=REFUSED, release=True, deadline=deadline) == moves
    assert store.record()["delivery"] == (FAILED if moves else QUEUED) and store.r.zcard(store.j) == 1 - moves


def test_a_mark_that_moves_nothing_still_releases(store):
    store.put(delivery=DELIVERED)
    assert store.mark(ACCEPTED, release=True) == 0
    assert store.r.zcard(store.j) == 0


def test_doubt_is_remembered_whatever_comes_after(store):
    store.put()
    store.mark(DOUBT, unanswered=True)
    store.mark(ACCEPTED)
    assert store.record()["flags"] == 1


@pytest.mark.parametrize("delivery", (SUBMITTED, ACCEPTED, FAILED, DELIVERED))
def test_a_mark_keeps_the_life_of_the_record(store, delivery):
    store.put()
    store.r.pexpire(store.o, 50_000)
    assert store.mark(delivery, unanswered=True) == 1
    assert 40_000 < store.r.pttl(store.o) <= 50_000


@pytest.mark.parametrize("delivery", range(6))
def test_a_mark_on_a_vanished_record_makes_no_immortal_stub(store, delivery):
    store.r.zadd(store.j, {TUPLE: T0})
    assert store.mark(delivery, unanswered=True) == 0
    assert store.r.zcard(store.j) == 1
    assert store.mark(delivery, unanswered=True, release=True) == 0
    assert store.r.dbsize() == 0


def test_another_generation_is_untouched_and_keeps_its_entry(store):
    store.put()
    before = store.r.get(store.o)
    assert store.mark(FAILED, reason=REFUSED, release=True, unanswered=True, generation=OTHER) == 0
    assert store.r.get(store.o) == before and store.r.zcard(store.j) == 1


# --- claim ---

def fill(store, count, due=0, **fields):
    names = [member(b"tuple%02d" % i) for i in range(count)]
    for name in names:
        store.o = b"o{3}" + name
        store.put(**fields)
        store.r.zrem(store.j, TUPLE)
        store.r.zadd(store.j, {name: store.now + due})
    return names


def test_a_lease_is_taken_when_it_ran_out_and_not_before(store):
    fill(store, 1, due=5000)
    store.now += 4999
    assert store.claim() == [0]
    store.now += 1
    removed, name, raw = store.claim()
    assert (removed, name) == (0, member(b"tuple00"))
    assert store.r.zscore(store.j, name) == store.now + 5000
    assert store.claim() == [0]


def test_the_claim_is_counted_and_the_owner_changes(store):
    fill(store, 1)
    want = {**store.record(), "claims": 1, "owner": YOU, "taken_over": 1}
    _, _, raw = store.claim(owner=YOU)
    assert store.record() == want
    assert {**unpack(raw), "claims": 1, "owner": YOU, "taken_over": 1} == want
    assert store.r.pttl(store.o) > 8_000_000


def test_no_more_than_asked_for_and_the_oldest_first(store):
    names = fill(store, 5)
    store.r.zadd(store.j, {names[3]: T0 - 1})
    assert store.claim(most=2)[1::2] == [names[3], names[0]]
    assert store.claim(most=9)[1::2] == [names[1], names[2], names[4]]


def test_the_sixth_claim_is_poison(store):
    fill(store, 1, deadline=T0 + 900_000)
    for _ in range(5):
        assert len(store.claim()) == 3
        store.now += 5000
    assert store.claim() == [1]
    assert (store.record()["delivery"], store.record()["reason"]) == (FAILED, POISON)
    assert store.r.zcard(store.j) == 0


@pytest.mark.parametrize("fields", ({"deadline": T0 + 5000}, {"hard_end": T0 + 5000}))
def test_past_its_deadline_it_has_failed(store, fields):
    fill(store, 1, **fields)
    store.now += 4999
    assert len(store.claim()) == 3
    store.now += 1
    store.r.zadd(store.j, {member(b"tuple00"): T0})
    assert store.claim() == [1]
    assert (store.record()["delivery"], store.record()["reason"]) == (FAILED, DEADLINE)
    assert store.r.zcard(store.j) == 0 and store.r.pttl(store.o) > 8_000_000


@pytest.mark.parametrize("fields", [{"state": s} for s in (VERIFIED, SPENT, STOPPED)] +
                         [{"delivery": d} for d in (ACCEPTED, DELIVERED)])
def test_what_needs_no_sms_any_more_leaves_the_journal_as_it_is(store, fields):
    fill(store, 1, **fields)
    before = store.r.get(store.o)
    assert store.claim() == [1]
    assert store.r.get(store.o) == before and store.r.zcard(store.j) == 0


@pytest.mark.parametrize("delivery", (QUEUED, SUBMITTED, DOUBT))
def test_what_was_never_answered_is_sent_again(store, delivery):
    fill(store, 1, delivery=delivery)
    assert len(store.claim()) == 3


def test_a_resend_is_owed_whatever_a_receipt_tells_of_the_sms_before(store):
    store.put(delivery=ACCEPTED, sent=T0 - 60_000)
    assert store.resend()[0] == 0
    assert store.mark(FAILED, reason=REFUSED) == 1
    store.now += 5000
    assert len(store.claim()) == 3


def test_an_entry_without_record_goes_and_leaves_no_stub(store):
    store.r.zadd(store.j, {b"nobody": T0})
    assert store.claim() == [1]
    assert store.r.dbsize() == 0


def test_removed_ones_are_counted_beside_those_taken(store):
    fill(store, 3)
    store.r.zadd(store.j, {b"nobody": T0, b"no one": T0})
    got = store.claim()
    assert got[0] == 2 and len(got) == 7


# An owner is who, and which life.
FORMER, NOW, STRANGER = b"instan07", b"instan08", b"stranger"


def leased(store, **owners):
    """Entries with a lease of 5 s, by name."""
    store.r.delete(store.j)
    for name, owner in owners.items():
        store.o = b"o{3}" + name.encode()
        store.put(owner=owner)
        store.r.zrem(store.j, TUPLE)
        store.r.zadd(store.j, {name: T0 + 5000})


def test_after_a_restart_an_instance_takes_what_its_former_lives_held_and_nothing_else(store):
    """What this life holds is in flight; what another instance holds is that one's until its lease runs out."""
    leased(store, old=FORMER, older=b"instanzz", mine=NOW, theirs=STRANGER)
    assert store.claim(owner=NOW) == [0]
    assert sorted(store.claim(owner=NOW, mine=True)[1::2]) == [b"old", b"older"]
    assert {store.r.zscore(store.j, name) for name in (b"mine", b"theirs")} == {T0 + 5000}


def test_without_room_it_falls_due_for_whoever_has_some_and_no_claim_is_counted(store):
    leased(store, old=FORMER)
    assert store.claim(most=0, owner=NOW, mine=True) == [0]
    assert store.r.zscore(store.j, b"old") == store.now
    assert (store.record()["claims"], store.record()["owner"]) == (0, FORMER)
    _, name, _ = store.claim(owner=STRANGER)
    assert (name, store.record()["owner"]) == (b"old", STRANGER)
    assert store.claim(owner=NOW, mine=True) == [0]


def test_once_taken_it_is_of_this_life_however_often_it_is_asked_again(store):
    leased(store, old=FORMER)
    assert len(store.claim(owner=NOW, mine=True)) == 3
    assert store.claim(owner=NOW, mine=True) == [0]
    assert store.record()["claims"] == 1


def test_a_restart_takes_no_more_than_asked_for(store):
    leased(store, a=FORMER, b=FORMER, c=FORMER)
    assert store.claim(most=2, owner=NOW, mine=True)[1::2] == [b"a", b"b"]
    assert store.claim(most=2, owner=NOW)[1::2] == [b"c"]


def test_a_leased_entry_without_record_is_left_to_its_end(store):
    store.r.zadd(store.j, {b"nobody": T0 + 5000})
    assert store.claim(owner=NOW, mine=True) == [0]
    assert store.r.zscore(store.j, b"nobody") == T0 + 5000


# --- handed back ---

def test_handed_back_it_is_due_and_the_claim_forgotten(store):
    store.put(owner=b"me\0\0\0\0\0\0")
    store.claim()
    assert store.record()["claims"] == 1 and store.r.zscore(store.j, TUPLE) == T0 + 5000
    assert store.release(wait=700) == 1
    assert store.record()["claims"] == 0 and store.r.zscore(store.j, TUPLE) == T0 + 700
    assert store.record()["owner"] == bytes(8)
    assert store.release() == 0 and store.r.zscore(store.j, TUPLE) == T0 + 700


def test_what_may_have_been_submitted_keeps_its_owner(store):
    """So that who claims it next gives no send back that may have arrived."""
    store.put(owner=b"you\0\0\0\0\0")
    assert store.release(unsent=False) == 1 and store.record()["owner"] == b"you\0\0\0\0\0"
    assert len(store.claim(owner=b"other\0\0\0")) == 3 and store.record()["taken_over"] == 1


def test_stops_without_end_make_no_poison(store):
    store.put()
    for _ in range(20):
        assert store.claim()[0] == 0
        assert store.release() == 1
    assert store.record()["delivery"] == QUEUED


def test_only_its_holder_hands_it_back(store):
    """A stop after a pause beyond the lease: another has it since, and keeps it."""
    store.put()
    store.claim(owner=b"other\0\0\0")
    assert store.release() == 0
    assert store.record()["claims"] == 1 and store.r.zscore(store.j, TUPLE) == T0 + 5000


def test_a_new_verification_is_not_handed_back_for_the_one_before(store):
    """One waits here, cancelled by another instance; the person's next is in flight when this one stops."""
    store.put(owner=b"you\0\0\0\0\0", generation=OTHER.ljust(18, b"x"))
    before = store.r.get(store.o)
    assert store.release() == 0
    assert store.r.get(store.o) == before


def test_what_is_gone_is_not_handed_back(store):
    assert store.release() == 0 and store.r.dbsize() == 0
    store.put(owner=b"you\0\0\0\0\0")
    store.r.zrem(store.j, TUPLE)
    store.release()
    assert store.r.zcard(store.j) == 0


# --- handed back with a reason ---

@pytest.mark.parametrize("delivery", (QUEUED, DOUBT, FAILED))
def test_a_queued_message_tells_why_it_was_handed_back(store, delivery):
    store.put(delivery=delivery, owner=YOU)
    assert store.release(reason=TEMPLATE) == 1
    assert store.record()["reason"] == (TEMPLATE if delivery == QUEUED else 0)
    assert store.release(owner=bytes(8)) == 1  # by a process that says nothing
    assert store.record()["reason"] == (TEMPLATE if delivery == QUEUED else 0)


def test_without_its_text_until_the_deadline_it_fails_with_that_reason(store):
    store.put(deadline=T0 + 60_000, owner=YOU)
    assert store.release(reason=TEMPLATE) == 1
    store.now += 60_000
    assert store.claim() == [1]
    record = store.record()
    assert (record["delivery"], record["reason"], store.r.zcard(store.j)) == (FAILED, TEMPLATE, 0)
    assert record["returned"] == 1 and record["sends"] == DEFAULTS["sends"] - 1  # certainly no SMS came of it


def test_who_has_the_text_sends_it_and_the_reason_is_gone(store):
    store.put(owner=YOU)
    assert store.release(reason=TEMPLATE) == 1 and store.record()["reason"] == TEMPLATE
    assert len(store.claim()) == 3
    assert store.mark(ACCEPTED, smsc=TSEL, release=True) == 1
    assert (store.record()["delivery"], store.record()["reason"]) == (ACCEPTED, 0)


def test_a_reason_of_an_earlier_sms_is_not_that_of_the_deadline(store):
    store.put(delivery=FAILED, reason=TEMPLATE, deadline=T0 + 60_000)
    store.now += 60_000
    assert store.claim() == [1]
    assert store.record()["reason"] == DEADLINE
