"""The crash matrix, row by row: kills at one step, and after each the state that the row promises.

Instance a is the victim, b lives. After every other kill a comes back itself, else b takes over what it owed.
A kill whose step was not reached as meant (the machine stood still) is made again and counted as missed.
"""
import argparse
import random
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

from checker import judge
from clients import Line, Numbers, ask_statuses
from world import Client, World, wait_until

WINDOW, LEASE_MS = 4, 1500
LATE_S = LEASE_MS / 1000 + 1 + 10  # a lease, a round over the partitions, and a machine that has other things to do
SEND_KEYS = 4  # a SEND with REQID writes: its record, the counters of its number, the memory of the REQID, and a lease


class Missed(Exception):
    """The state was not reached."""


class Burst(threading.Thread):
    """A pipeline of one backend, answered or cut off by the death of its instance."""

    def __init__(self, stage, at, op, batch):
        super().__init__(daemon=True)
        self.stage, self.what = stage, (at, op, batch)
        self.numbers = [ask["m"] for ask, _ in batch]
        self.start()

    def run(self):
        line = Line(self.stage.world)
        self.outcomes = line.exchange(*self.what)
        line.close()

    def result(self):
        """number -> outcome"""
        self.join(30)
        assert not self.is_alive(), "the backend hangs"
        return dict(zip(self.numbers, self.outcomes))


class Stage:
    """A victim, a survivor, and what a step needs done with them."""

    def __init__(self, rng, **options):
        self.rng, self.numbers = rng, Numbers()
        self.world = World(instances=2, lease_ms=LEASE_MS, window=WINDOW, rate=1000.0, **options)
        self.a, self.b = self.world.instances["a"], self.world.instances["b"]
        self.line = Line(self.world)
        self.turn = 0
        self.b.launch()
        self.b.await_ready()

    def arm(self, point=""):
        self.turn += 1
        self.a.stop()
        self.a.launch(point)
        self.a.await_ready()

    def sends(self, count):
        return [({"m": m, "reqid": "r" + m}, ("OTP.SEND", m, "REQID", "r" + m)) for m in (self.numbers() for _ in range(count))]

    def send(self, at, count):
        return Burst(self, at, "send", self.sends(count))

    def verifies(self, ids, mark="v"):
        return [({"m": m, "reqid": mark + m, "id": vid}, ("OTP.VERIFY", vid, self.world.phones.seen[m][0], "REQID", mark + m))
                for m, vid in ids.items()]

    def await_stop(self, burst, seconds=5):
        """The victim stands at its point; what had left it by then has arrived."""
        begun = time.monotonic()
        while not self.a.is_stopped():
            assert self.a.alive(), f"a ended with {self.a.proc.returncode}: {self.a.tail()}"
            if time.monotonic() - begun > seconds:
                raise Missed("its point was not passed")
            time.sleep(0.001)
        self.world.settle()
        if time.monotonic() - begun > LEASE_MS / 1000 * 0.6:
            raise Missed("it took so long that a lease may be over")
        return {m: self.out(m) for m in burst.numbers}

    def out(self, m):
        return len(self.world.phones.seen.get(m, ()))

    def kill(self, point):
        self.world.history.add("kill", at="a", point=point)
        self.killed_at = time.monotonic()
        self.a.kill()

    def ask_again(self, numbers, at="b"):
        batch = [({"m": m, "reqid": "r" + m}, ("OTP.SEND", m, "REQID", "r" + m)) for m in numbers]
        answers = dict(zip(numbers, self.line.exchange(at, "send", batch)))
        assert all("ok" in o for o in answers.values()), f"asked again: {answers}"
        return {m: o["ok"] for m, o in answers.items()}

    def recover(self):
        """What the dead owed is sent: by itself when it is back, or by the other."""
        if self.turn % 2:
            self.a.launch()
            self.a.await_ready()
        self.world.await_quiet(30)
        self.world.settle()

    def once(self, numbers, why):
        wrong = {m: self.out(m) for m in numbers if self.out(m) != 1}
        assert not wrong, f"{why}: not once: {wrong}"

    def once_or_twice(self, numbers, why, least=0):
        wrong = {m: self.out(m) for m in numbers if self.out(m) not in (1, 2)}
        assert not wrong, f"{why}: {wrong}"
        twice = sum(self.out(m) == 2 for m in numbers)
        assert least <= twice <= WINDOW, f"{why}: {twice} went out twice, the window is {WINDOW}"


def acknowledged(outcomes):
    """All of them, as the row says; if not, the machine stood still."""
    if not all("ok" in o for o in outcomes.values()):
        raise Missed("an answer had not left yet")


def c0(s):
    """Before the write: no answer, nothing exists; a retry is a first request."""
    k = s.rng.randint(1, 10)
    s.arm(f"c0:{k}")
    keys = s.world.redis.keys()
    burst = s.send("a", 10)
    s.await_stop(burst)
    s.kill(f"c0:{k}")
    outcomes, written = burst.result(), s.world.redis.keys() - keys
    assert all("lost" in outcomes[m] for m in burst.numbers[k - 1:]), "an answer before the write"
    assert written <= SEND_KEYS * (k - 1), "something was written"
    if written:
        raise Missed("the requests came in pieces, and the first were written")
    s.ask_again(burst.numbers)
    s.recover()
    s.once(burst.numbers, "asked anew")


def c1(s):
    """Written, not answered: out once after the lease; a retry gets the id that exists."""
    k = s.rng.randint(1, 10)
    s.arm(f"c1:{k}")
    burst = s.send("a", 10)
    s.await_stop(burst)
    s.kill(f"c1:{k}")
    outcomes = burst.result()
    paused = burst.numbers[k - 1]
    assert "lost" in outcomes[paused], "answered before its point"
    replayed = s.b.step("replayed")
    s.ask_again([paused])
    assert s.b.step("replayed") == replayed + 1, "the id that exists"
    s.ask_again([m for m, o in outcomes.items() if "lost" in o and m != paused])
    s.recover()
    s.once([paused], "written, unanswered")
    s.once_or_twice(burst.numbers, "those before it")


def c2(s):
    """Answered, not submitted: out once, late by at most the lease and a scan."""
    k = s.rng.randint(WINDOW + 1, 12)
    s.arm(f"c2:{k}")
    burst = s.send("a", 12)
    out = s.await_stop(burst)
    s.kill(f"c2:{k}")
    acknowledged(burst.result())
    unsent = [m for m, n in out.items() if n == 0]
    assert unsent, "nothing was left to submit"
    s.recover()
    s.once(unsent, "answered, unsubmitted")
    s.once_or_twice(burst.numbers, "those before it")
    assert time.monotonic() - s.killed_at < LATE_S


def c3(s):
    """Submitted, no response yet: not knowable; resent with the same code."""
    # The bind is the first flush and the first window at most four more: from the sixth on, answers have left.
    k = s.rng.randint(WINDOW + 2, WINDOW + 4)
    s.arm(f"c3:{k}")
    burst = s.send("a", 8 * WINDOW)
    out = s.await_stop(burst)
    s.kill(f"c3:{k}")
    acknowledged(burst.result())
    assert sum(out.values()) >= WINDOW, "a window had left"
    s.recover()
    s.once([m for m, n in out.items() if n == 0], "those behind it")
    s.once_or_twice(burst.numbers, "in doubt", least=1)


def c4(s):
    """Response read, not marked: as c3, for a round trip to Redis."""
    k = s.rng.randint(WINDOW + 1, 3 * WINDOW)
    s.arm(f"c4:{k}")
    burst = s.send("a", 4 * WINDOW)
    out = s.await_stop(burst)
    s.kill(f"c4:{k}")
    acknowledged(burst.result())
    s.recover()
    s.once([m for m, n in out.items() if n == 0], "those behind it")
    s.once_or_twice(burst.numbers, "response read", least=1)


def c5(s):
    """Receipt read, not marked: it has no response, so the SMSC repeats it."""
    before = unanswered_receipts(s)
    k = s.rng.randint(1, 2 * WINDOW)
    s.arm(f"c5:{k}")
    burst = s.send("a", 3 * WINDOW)
    s.await_stop(burst)
    assert unanswered_receipts(s) > before, "a response to a receipt that is not marked"
    s.kill(f"c5:{k}")
    ids = {m: o["ok"] for m, o in burst.result().items() if "ok" in o}
    if len(ids) < len(burst.numbers):
        raise Missed("an answer had not left yet")
    s.recover()
    s.once_or_twice(burst.numbers, "receipt read")
    client = Client(s.b.api)
    wait_until(lambda: all(client.status(vid)["delivery"] == "delivered" for vid in ids.values()), 20, "every receipt marked")
    client.close()


def unanswered_receipts(s):
    account = s.world.smsc.account()
    return account["receipts"] - account["receipt_ok"] - account["receipt_error"]


def c6(s):
    """Consumed, not answered: a retry with its REQID gets the verdict, another finds it used."""
    k = s.rng.randint(1, 8)
    sent = s.send("b", 8)
    ids = {m: o["ok"] for m, o in sent.result().items()}
    wait_until(lambda: all(s.out(m) for m in ids), 10, "the codes")
    s.arm(f"c6:{k}")
    burst = Burst(s, "a", "verify", s.verifies(ids))
    s.await_stop(burst)
    s.kill(f"c6:{k}")
    outcomes, paused = burst.result(), burst.numbers[k - 1]
    assert "lost" in outcomes[paused], "answered before its point"
    # As a stranger first: the code is gone, though nobody was told yes.
    assert s.line.exchange("b", "verify", s.verifies({paused: ids[paused]}, "w"))[0].get("error", "").startswith("USED")
    unanswered = {m: ids[m] for m, o in outcomes.items() if "lost" in o}
    assert all(o == {"ok": "OK"} for o in s.line.exchange("b", "verify", s.verifies(unanswered))), "the verdict again"
    s.recover()
    s.once(ids, "verified")


def c7(s):
    """Redis dies during create or verify: UNAVAILABLE, and a retry tells what became of it. a and b live."""
    if not s.a.alive():
        s.arm()
    s.turn += 1
    verify = s.turn % 4 >= 2
    sent = s.send("b", 12) if verify else None
    if sent:
        ids = {m: o["ok"] for m, o in sent.result().items()}
        wait_until(lambda: all(s.out(m) for m in ids), 10, "the codes")
    frozen = s.rng.random() < 0.5
    if frozen:
        s.world.redis.pause()
    burst = Burst(s, "a", "verify", s.verifies(ids)) if verify else s.send("a", 12)
    time.sleep(s.rng.uniform(0, 0.02 if frozen else 0.006))
    s.world.history.add("kill", at="redis", point="")
    s.world.redis.kill()
    outcomes = burst.result()
    assert all("ok" in o or o.get("error", "").startswith("UNAVAILABLE") for o in outcomes.values()), f"answers: {outcomes}"
    s.world.redis.start()
    for instance in (s.a, s.b):
        instance.await_ready()
    refused = {m for m, o in outcomes.items() if "error" in o}
    if verify:
        again = {m: ids[m] for m in refused}
        assert all(o == {"ok": "OK"} for o in s.line.exchange("b", "verify", s.verifies(again))), "the verdict"
    else:
        s.ask_again(sorted(refused))
    s.world.await_quiet(30)
    s.world.settle()
    if not verify:
        s.once(refused, "UNAVAILABLE, asked again")
    s.once_or_twice(burst.numbers, "Redis died")


def l1(s):
    """The link drops with a window unanswered: as c3, and nobody died."""
    if not s.a.alive():
        s.arm()
    burst = s.send("a", 12)
    acknowledged(burst.result())
    first = burst.numbers[:WINDOW]
    wait_until(lambda: (s.world.settle(), all(s.out(m) for m in first))[1], 5, "a window")
    out = {m: s.out(m) for m in burst.numbers}
    if sum(out.values()) == len(out):
        raise Missed("all was sent")
    s.world.history.add("doubt", why="link")
    s.world.smsc.drop()
    s.world.await_quiet(30)
    s.world.settle()
    assert s.a.alive()
    s.once_or_twice(burst.numbers, "in doubt", least=1)


def l2(s):
    """Paused beyond the lease, then on: no submit after the end of a lease."""
    if not s.a.alive():
        s.arm()
    burst = s.send("a", 12)
    acknowledged(burst.result())
    s.world.history.add("doubt", why="pause")
    s.a.pause()
    s.world.settle()
    out = {m: s.out(m) for m in burst.numbers}
    if sum(out.values()) == len(out):
        raise Missed("all was sent")
    s.world.await_quiet(30)
    s.world.settle()
    s.once([m for m, n in out.items() if n == 0], "the other sent them")
    s.a.resume()
    s.a.await_ready()
    wait_until(lambda: s.a.json()["queue"]["taken"] == 0, 20, "the paused one to be done")
    s.world.await_quiet(30)
    s.world.settle()
    s.once([m for m, n in out.items() if n == 0], "after it went on")
    s.once_or_twice(burst.numbers, "in doubt")


STEPS = {"c0": (c0, "none", 50), "c1": (c1, "none", 50), "c2": (c2, "none", 150), "c3": (c3, "none", 80), "c4": (c4, "none", 80),
         "c5": (c5, "both", 10), "c6": (c6, "none", 10), "c7": (c7, "none", 50), "l1": (l1, "none", 200), "l2": (l2, "none", 200)}


def run_step(name, kills, seed):
    """(what failed or "", a line to print)"""
    step, receipts, delay_ms = STEPS[name]
    begun = time.monotonic()
    options = ("--receipts", receipts, "--resp-delay-ms", str(delay_ms), *(("--receipt-again",) if name == "c5" else ()))
    s = Stage(random.Random(f"{seed}/{name}"), smsc_options=options)
    done, missed, fault = 0, 0, ""
    try:
        while done < kills and missed <= kills + 3:
            try:
                step(s)
                done += 1
            except Missed:
                missed += 1
                s.a.kill()
                s.world.history.add("kill", at="a", point="")
                s.world.await_quiet(30)
        if done < kills:
            fault = f"{missed} kills missed their step"
        if s.a.is_stopped():
            s.a.kill()
        s.world.settle()
        ask_statuses(s.world, "b")
    except BaseException as e:
        fault = f"{type(e).__name__}: {e}" if isinstance(e, AssertionError) else traceback.format_exc()
    verdict = judge(s.world.history.records())
    broken = [what for what, holds in verdict.checks(WINDOW) if not holds]
    fault = fault or "; ".join(broken + verdict.unexpected[:3]) or "; ".join(s.world.complaints()[:3] if name != "c7" else ())
    s.world.kill(keep=bool(fault))
    line = f"{name}: {done} kills, {missed} missed, {time.monotonic() - begun:.0f} s: {verdict.line()}"
    return fault, line + (f"\n  not so: {fault}\n  history and logs: {s.world.dir}" if fault else "")


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--kills", type=int, default=50, help="at each step")
    p.add_argument("--seed", default="1")
    p.add_argument("--steps", default=",".join(STEPS))
    p.add_argument("--jobs", type=int, default=3, help="steps at a time")
    args = p.parse_args()
    begun, failed = time.monotonic(), 0
    names = args.steps.split(",")
    with ThreadPoolExecutor(args.jobs) as pool:
        for fault, line in pool.map(lambda name: run_step(name, args.kills, args.seed), names):
            print(line, flush=True)
            failed += bool(fault)
    print(f"{len(names) - failed} passed, {failed} failed in {time.monotonic() - begun:.1f}s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
