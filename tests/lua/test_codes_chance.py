"""Resends, accepts, refusals, receipts and guesses in any order, beside a small model of which codes a person may hold."""
import os
import random

import pytest

from scripts import ACCEPTED, DELIVERED, DOUBT, FAILED, TSEL, XL, added, limits, macs

WALKS, STEPS = (2000, 40) if os.environ.get("OTPGWD_FULL") == "1" else (60, 30)
SAME, OVERLAP, REPLACE = "same", "overlap", "replace"
FIELDS = {SAME: {}, OVERLAP: {"origin": 16, "macs": 128}, REPLACE: {"origin": 16}}
GRANTED = APPROVED = 0
OPEN, TAKEN, UNSENT, LOST = "open", "taken", "unsent", "lost"  # what became of a submit; open and lost ones may arrive


class Model:
    """The sends of one verification, oldest first: what became of each. A code is that of its send, or of the first."""

    def __init__(self, policy):
        self.policy, self.sends, self.wrong, self.guessed = policy, [OPEN], 0, set()

    def is_valid(self, i):
        """None: no SMS brought it, and it does not matter."""
        if self.policy == SAME:
            return True
        if self.sends[i + 1:].count(TAKEN) >= (3 if self.policy == OVERLAP else 1):
            return False
        return None if self.sends[i] == UNSENT else True


class Walk:
    def __init__(self, store, policy, seed):
        self.store, self.model, self.chance = store, Model(policy), random.Random(f"{policy} {seed}")
        store.r.flushall()
        self.codes = [self.mac(0)]
        store.issue(mac=self.codes[0], **FIELDS[policy], sends_max=255, w0=0, w1=0, w2=0, guesses=10, expires=store.now + 800_000,
                    limits=limits(*[(255, 600)] * 4))

    @staticmethod
    def mac(i):
        return bytes((i + 1, 200)) * 8

    def name(self, i):
        return b"" if self.model.policy == SAME else self.codes[i][:8]

    def resend(self):
        i = len(self.codes)
        if i == 14:
            return
        mac = self.mac(i if self.model.policy != SAME else 0)
        how = {} if self.model.policy == SAME else {"added": added(mac), "sealed": mac * 4}
        assert self.store.resend(deadline=self.store.now + 60_000 + i, **how)[0] == GRANTED
        self.codes.append(mac)
        self.model.sends.append(OPEN)
        if how:
            self.model.guessed.clear()

    def open_send(self, *fates):
        sends = [i for i, fate in enumerate(self.model.sends) if fate in fates]
        return self.chance.choice(sends) if sends else None

    def accept(self):
        """In any order, and perhaps twice: a mark whose answer was lost is sent again."""
        i = self.open_send(OPEN, LOST, TAKEN)
        if i is not None:
            self.store.mark(ACCEPTED, smsc=self.chance.choice((TSEL, XL)), release=self.chance.random() < 0.5, code=self.name(i))
            self.model.sends[i] = TAKEN

    def lose(self):
        i = self.open_send(OPEN)
        if i is not None:
            self.store.mark(DOUBT, reason=3, unanswered=True, release=True)
            self.model.sends[i] = LOST

    def refuse(self):
        """The last send by its deadline; an earlier one is overtaken."""
        i = self.open_send(OPEN)
        if i is None or i == 0:
            return
        last = i == len(self.codes) - 1
        self.store.unsent(deadline=self.store.record()["deadline"] if last else 0, sent=self.store.now, code=self.name(i))
        self.model.sends[i] = UNSENT

    def receipt(self):
        self.store.mark(self.chance.choice((DELIVERED, FAILED)), reason=5, smsc=self.chance.choice((TSEL, XL)))

    def guess_wrong(self):
        nth = 1 + self.chance.randrange(4)
        repeated = nth in self.model.guessed
        if not repeated and self.model.wrong == 8:
            return
        self.model.wrong += not repeated
        self.model.guessed.add(nth)
        assert self.store.wrong(nth) == [1, 10 - self.model.wrong, int(repeated), 0], "guesses are exact"

    def check(self):
        """Each code, as if it were guessed now."""
        before, counts = self.store.r.get(self.store.o), self.store.r.get(self.store.n)
        for i, mac in enumerate(self.codes):
            valid = self.model.is_valid(i)
            ok = valid is not None and self.store.verify(mac=mac)[0] == APPROVED
            self.store.r.set(self.store.o, before)
            self.store.r.set(self.store.n, counts)
            assert valid is None or ok == valid, (self.model.sends, i)
        assert len(macs(self.store.record())) <= len(self.codes)


@pytest.mark.seconds(900)
@pytest.mark.parametrize("policy", (SAME, OVERLAP, REPLACE))
def test_in_any_order_no_code_is_refused_that_a_person_may_hold(store, policy):
    fates = set()
    for seed in range(WALKS):
        walk = Walk(store, policy, seed)
        for _ in range(STEPS):
            store.now += walk.chance.randrange(1000)
            getattr(walk, walk.chance.choice(("resend", "resend", "accept", "accept", "lose", "refuse", "receipt", "guess_wrong")))()
            walk.check()
        fates.update(walk.model.sends)
    assert fates == {OPEN, TAKEN, UNSENT, LOST}
