"""The bound that --check prints: guessers play against the scripts in virtual time, and never pass it; the best one reaches it."""
import os
import random
import re
import subprocess
import threading

import pytest

from scripts import ROOT, Store, T0, connect, limits

CREATED, LIMITED = 0, 3
WRONG = 1
DAY = 86_400_000
OTPGWD = os.environ.get("OTPGWD", os.path.join(ROOT, "build/release/otpgwd"))
RUNS = 400 if os.environ.get("OTPGWD_FULL") else 25
KEYS = ("sends_short", "sends_long", "fails_short", "fails_long", "sends_known")
SHIPPED = dict(guesses=5, hard_s=600, sends_short=(5, 600), sends_long=(10, 86400), fails_short=(10, 3600), fails_long=(20, 86400),
               sends_known=(10, 600))
PURPOSES = {
    "as shipped": [SHIPPED, {**SHIPPED, "guesses": 3}],
    "three seconds beside a day": [SHIPPED, {**SHIPPED, "sends_short": (5, 3), "sends_long": (6, 30), "fails_short": (10, 3), "fails_long": (20, 30),
                                             "hard_s": 60}],
    "windows in the other order": [{**SHIPPED, "fails_short": (3, 86400), "fails_long": (20, 3600)}],
    "two guesses, lax sends": [{**SHIPPED, "guesses": 2, "sends_short": (30, 600), "sends_long": (60, 86400)}],
}


def check(folder, purposes, known=False):
    """What --check prints of these purposes: the bound, and what of it is by known devices."""
    with open(os.path.join(ROOT, "conf/otpgwd.conf")) as f:
        text = f.read()
    for name in ("index.key", "code-1.key"):
        subprocess.run([OTPGWD, "--genkey", f"{folder}/{name}"], check=True)
    with open(os.open(f"{folder}/smsc.password", os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
        f.write("secret")
    for name in ("index.key", "code-1.key", "smsc.password"):
        text = text.replace(f'"{name}"', f'"{folder}/{name}"')
    rows = []
    for i, p in enumerate(purposes):
        rates = " ".join(f"{key} = [{p[key][0]}, {p[key][1]}];" for key in KEYS)
        rows.append(f'{{ name = "p{i}"; template = "otp"; brand = "B"; guesses = {p["guesses"]}; hard_s = {p["hard_s"]}; '
                    f'ttl_s = {min(300, p["hard_s"])}; {rates} }}')
    text = re.sub(r"(?ms)^purposes = \(.*?^\);", "purposes = ( " + ", ".join(rows) + " );", text)
    text = text.replace('default_purpose = "login"', 'default_purpose = "p0"').replace('uid = ["www-data"]', "uid = [4242]")
    text = text.replace('# directory = "/usr/share/otpgwd/numbering";', f'directory = "{ROOT}/conf/numbering";')
    text = text.replace("# known = false;", f"known = {str(known).lower()};")
    with open(f"{folder}/conf", "w") as f:
        f.write(text)
    out = subprocess.run([OTPGWD, "--check", "-c", f"{folder}/conf"], check=True, capture_output=True, text=True).stdout
    return tuple(int(n) for n in re.search(r"at most (\d+) wrong codes .* (\d+) by known devices", out).groups())


class Guesser:
    """Strangers at one number of one tenant: as many subjects as they like, and no code."""

    def __init__(self, store, tenant=b"tena"):
        self.store, self.tenant = store, tenant
        self.number = b"r{3}number" + tenant.hex().encode()
        self.open, self.judged, self.serial = [], [], 0

    def at(self, key):
        self.store.o, self.store.n = key, self.number
        return self.store

    def send(self, p, came=True, **fields):
        """A new subject asks; came: an SMS was sent. The key of the verification, or None."""
        self.serial += 1
        key = b"o{3}%s%06d" % (self.tenant, self.serial)
        now = self.store.now
        generation = b"%018d" % random.randrange(10**18)
        known = fields.get("known", 0)
        own = limits(p["sends_known"] if known else p["sends_short"], (0, 0) if known else p["sends_long"], p["fails_short"], p["fails_long"])
        got = self.at(key).issue(tenant=self.tenant, guesses=p["guesses"], limits=own, generation=generation, created=now, sent=now,
                                 expires=now + p["hard_s"] * 1000, hard_end=now + p["hard_s"] * 1000, deadline=now + 60_000, **fields)
        if got[0] != CREATED:
            return None
        if not came:
            self.at(key).unsent(deadline=now + 60_000, generation=generation, sent=now)
        return key, generation

    def stranger(self, p, came=True):
        made = self.send(p, came)
        if made:
            self.open.append(made)
        return made

    def guess(self, made, nth):
        verdict = self.at(made[0]).verify(mac=(nth % 65536).to_bytes(2, "big") + b"x" * 14, generation=made[1], tenant=self.tenant)
        if verdict[0] == WRONG and not verdict[2]:
            self.judged.append(self.store.now)
        return verdict

    def most_in_a_day(self):
        times, first, most = sorted(self.judged), 0, 0
        for i, t in enumerate(times):
            while times[first] <= t - DAY:
                first += 1
            most = max(most, i - first + 1)
        return most


def test_the_best_guesser_reaches_it_exactly(store, tmp_path):
    """Nineteen in the day without being stopped; then all that may be open at once, three of them given back."""
    bound, known = check(tmp_path, [SHIPPED])
    assert known == 0
    g, nth = Guesser(store), 0

    def use(count):
        nonlocal nth
        made = g.stranger(SHIPPED)
        for nth in range(nth, nth + count):
            assert g.guess(made, nth)[0] == WRONG

    for counts in ((5, 4), (5, 4), (1,)):
        for count in counts:
            use(count)
        store.now += 3_600_000
    last = [g.stranger(SHIPPED, came=False) for _ in range(3)] + [g.stranger(SHIPPED) for _ in range(5)]
    assert all(last) and not g.stranger(SHIPPED)
    for made in last:
        for nth in range(5):
            g.guess(made, nth)
    assert g.most_in_a_day() == bound
    store.now += 7_200_000
    assert not g.stranger(SHIPPED)


@pytest.mark.seconds(600)
@pytest.mark.parametrize("name", PURPOSES)
def test_no_guesser_passes_it(store, tmp_path, name):
    """At random: purposes of unlike windows, sends given back, the owner logging in between, by KNOWN too."""
    purposes = PURPOSES[name]
    bound, known = check(tmp_path, purposes, known=True)
    worst = 0
    for seed in range(RUNS):
        rng = random.Random(seed)
        store.r.flushall()
        store.now = T0 + seed
        g, nth = Guesser(store), 0
        eager = rng.random()
        for _ in range(rng.randrange(50, 250)):
            what = rng.random()
            if what < 0.35:
                g.stranger(rng.choice(purposes), came=rng.random() > 0.3)
            elif what < 0.35 + eager / 2 and g.open:
                made = rng.choice(g.open[-12:])
                for _ in range(rng.randrange(1, 6)):
                    nth += 1
                    g.guess(made, nth)
            elif what < 0.9:
                store.now += rng.choice((1, 999, 1000, 3000, 30_000, 599_999, 600_000, 3_600_000, 3_599_001))
            else:
                mine = g.send(rng.choice(purposes), known=rng.randrange(2))
                for i in range(rng.randrange(5) if mine else 0):
                    g.at(mine[0]).wrong(i, generation=mine[1], tenant=g.tenant)
                if mine:
                    g.at(mine[0]).verify(generation=mine[1], tenant=g.tenant)
        worst = max(worst, g.most_in_a_day())
    print(f"\n{name}: at most {worst} of {bound - known} in {RUNS} runs")
    assert 0 < worst <= bound - known


def test_in_parallel_no_more_are_judged(store, socket_path, library, tmp_path):
    bound, _ = check(tmp_path, [SHIPPED])
    guessers = []

    def play(i):
        own = Store(connect(socket_path), library)
        g = Guesser(own)
        g.serial = 1000 * i
        for nth in range(20):
            made = g.stranger(SHIPPED, came=nth % 2 == 1)
            for n in range(6):
                if made:
                    g.guess(made, n)
        guessers.append(g)
        own.r.close()

    threads = [threading.Thread(target=play, args=(i,)) for i in range(16)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(guessers) == 16
    assert 0 < sum(len(g.judged) for g in guessers) <= bound


@pytest.mark.seconds(300)
def test_ten_thousand_hostile_guesses_at_one_number(store, tmp_path):
    """1,000 subjects at two tenants; the owner, known to one of them, logs in 1,000 times in between."""
    bound, known = check(tmp_path, [SHIPPED], known=True)
    tenants = [Guesser(store, b"tena"), Guesser(store, b"tenb")]
    owner = Guesser(store, b"tena")
    owner.serial, hostile, logins, right, refused = 500_000, 0, 0, 0, 0
    for subject in range(1000):
        g = tenants[subject % 2]
        made = owner.send(SHIPPED, known=1)
        logins += made is not None
        if not g.stranger(SHIPPED):
            refused += 1
        for nth in range(10):
            target = g.open[-1 - nth % min(len(g.open), 8)]
            g.guess(target, 1000 * subject + nth)
            hostile += 1
        owner.at(made[0]).wrong(generation=made[1], tenant=b"tena")
        right += owner.at(made[0]).verify(generation=made[1], tenant=b"tena") == [0]
        store.now += 61_000
    assert (hostile, logins, right) == (10_000, 1000, 1000)
    assert refused > 900
    assert all(0 < g.most_in_a_day() <= bound - known for g in tenants)
