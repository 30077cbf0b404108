"""Hours in minutes: one daemon that stays alive under load while links drop, Redis restarts and the SMSC goes away.

Its memory and descriptors are sampled every few seconds: after the warm-up the line through the samples must be flat.
"""
import argparse
import os
import random
import sys
import threading
import time

from chaos import report, wait_for_all
from checker import judge
from clients import Load
from world import World

WINDOW, RATE = 40, 200.0  # a response takes 100 ms: the window alone lets 400 a second pass
SETTLING_KB = 400  # what an allocator may still spread by, however long the run: the longer, the flatter


class Sampler(threading.Thread):
    def __init__(self, instance, every_s):
        super().__init__(daemon=True)
        self.instance, self.every_s = instance, every_s
        self.samples, self.ended = [], threading.Event()
        self.begun = time.monotonic()
        self.start()

    def run(self):
        while not self.ended.wait(self.every_s):
            self.take()

    def take(self):
        descriptors = len(os.listdir(f"/proc/{self.instance.proc.pid}/fd"))
        self.samples.append((time.monotonic() - self.begun, self.instance.rss_kb(), descriptors))
        self.instance.world.history.add("sample", rss_kb=self.samples[-1][1], descriptors=descriptors)

    def close(self):
        self.ended.set()
        self.join()


def slope(points):
    """Of the line with the least squares: y a unit of x."""
    n = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


class Faults:
    """One after the other, in an order that the seed decides."""

    def __init__(self, world, rng):
        self.world, self.rng = world, rng
        self.done = {}

    def one(self):
        name = self.rng.choice(["drop", "drop", "smsc", "redis", "redis_pause"])
        self.world.history.add("doubt", why=name)
        getattr(self, name)()
        self.done[name] = self.done.get(name, 0) + 1

    def drop(self):
        self.world.smsc.drop()

    def smsc(self):
        smsc = self.world.smsc
        smsc.stop()
        time.sleep(self.rng.uniform(0.1, 1.0))
        smsc.start()

    def redis(self):
        self.world.redis.kill()
        time.sleep(self.rng.uniform(0.1, 1.0))
        self.world.redis.start()

    def redis_pause(self):
        self.world.redis.pause()
        time.sleep(self.rng.uniform(0.1, 2.0))
        self.world.redis.resume()


def flat_checks(samples, warm_s):
    """(what must hold, whether it does), from the samples after the warm-up."""
    warm = [s for s in samples if s[0] >= warm_s]
    kb_a_second = slope([(t, kb) for t, kb, _ in warm])
    grown_kb = kb_a_second * (warm[-1][0] - warm[0][0])
    half = len(warm) // 2
    first, second = ([d for _, _, d in part] for part in (warm[:half], warm[half:]))
    print(f"memory {warm[0][1]} -> {warm[-1][1]} KB, {kb_a_second * 60:+.1f} KB a minute over {len(warm)} samples; "
          f"descriptors {min(first + second)}..{max(first + second)}")
    return [(f"memory is flat: {kb_a_second * 60:+.1f} KB a minute, {grown_kb:+.0f} KB in all", grown_kb <= SETTLING_KB),
            (f"descriptors are constant: {max(first)} then {max(second)}", max(second) <= max(first) + 1)]


def run(args):
    begun, rng = time.monotonic(), random.Random(f"{args.seed}/soak")
    warm_s = max(10.0, args.duration * 0.2)
    world = World(instances=1, window=WINDOW, rate=RATE * 2)
    try:
        world.launch_all()
        load, faults = Load(world, RATE, args.seed), Faults(world, rng)
        load.start()
        sampler = Sampler(world.instances["a"], args.every)
        end = begun + args.duration
        while time.monotonic() < end:
            time.sleep(min(rng.uniform(2, 10), max(0.0, end - time.monotonic())))
            if not args.calm:
                faults.one()
        load.stop()
        sampler.close()
        ends, unmarked = wait_for_all(world, load)
        records = world.history.records()
    except BaseException:
        world.kill(keep=True)
        print(f"history and logs: {world.dir}", file=sys.stderr)
        raise
    verdict = judge(records)
    checks = [*verdict.checks(WINDOW), *flat_checks(sampler.samples, warm_s),
              (f"lived through it and ended by itself: {ends}", ends == {"a": 0} and world.instances["a"].lives == 1)]
    title = f"soak: {args.duration:.0f} s, {RATE:.0f} messages a second, faults {faults.done}, receipts unmarked {len(unmarked)}"
    return report(title, checks, verdict, world, time.monotonic() - begun)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("duration", type=float, help="seconds")
    p.add_argument("--every", type=float, default=5.0, help="seconds between two samples")
    p.add_argument("--seed", default="1")
    p.add_argument("--calm", action="store_true", help="load without a fault")
    return run(p.parse_args())


if __name__ == "__main__":
    sys.exit(main())
