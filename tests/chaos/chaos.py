"""Kills instances under load and judges what became of every message.

The same seed is the same schedule: who lives how long, at which step it is killed, how long it stays away.
"""
import argparse
import os
import random
import sys
import threading
import time

from checker import judge
from clients import Load, ask_statuses
from weather import Weather
from world import NAMES, World

POINTS = {"c0": 40, "c1": 40, "c2": 60, "c3": 60, "c4": 40, "c5": 40, "c6": 12}  # a passing up to which to stop


class Life:
    """One planned life of an instance: killed after up_s, or at its point."""

    def __init__(self, rng):
        self.point = ""
        if rng.random() < 0.7:
            name = rng.choice(sorted(POINTS))
            self.point = f"{name}:{rng.randint(2, POINTS[name])}"
        self.up_s = rng.uniform(0.5, 3.0)
        self.stopped_s = rng.uniform(0, 0.05)
        self.away_s = rng.uniform(0, 0.6)


def schedule(kills, instances, seed):
    """name -> lives, `kills` in all."""
    rng = random.Random(f"{seed}/schedule")
    lives = {name: [] for name in NAMES[:instances]}
    for i in range(kills):
        lives[NAMES[i % instances]].append(Life(rng))
    return lives


class Reaper(threading.Thread):
    """Leads one instance through its lives."""

    def __init__(self, world, name, lives):
        super().__init__(daemon=True)
        self.world, self.instance, self.lives = world, world.instances[name], lives
        self.fault = None

    def run(self):
        try:
            for life in self.lives:
                self.live(life)
            self.instance.launch()
        except BaseException as e:  # told by the main thread
            self.fault = e

    def live(self, life):
        instance = self.instance
        instance.launch(life.point)
        end = time.monotonic() + life.up_s + (2 if life.point else 0)
        while time.monotonic() < end and not instance.is_stopped():
            if not instance.alive():
                raise AssertionError(f"{instance.name} ended by itself with {instance.proc.returncode}: {instance.tail()}")
            time.sleep(0.002)
        at_point = instance.is_stopped()
        if at_point:
            time.sleep(life.stopped_s)
        self.world.history.add("kill", at=instance.name, point=life.point if at_point else "")
        instance.kill()
        time.sleep(life.away_s)


def report(title, checks, verdict, world, seconds):
    """Prints what held; the folder stays if something did not."""
    failed = [what for what, holds in checks if not holds]
    print(f"{title}\n{verdict.line()}" if title else verdict.line())
    for what in failed:
        print(f"  not so: {what}")
    for what in [f"lost: {m}" for m in verdict.lost[:10]] + verdict.unexpected[:20] if failed else ():
        print(f"    {what}")
    world.kill(keep=bool(failed))
    if failed:
        print(f"  history and logs: {world.dir}")
    print(f"{len(checks) - len(failed)} passed, {len(failed)} failed in {seconds:.1f}s", flush=True)
    return 1 if failed else 0


def wait_for_all(world, load, last="a"):
    """No new message; what is owed goes out; codes get their verdicts; the gateway says what it knows of each."""
    load.stop()
    for instance in world.instances.values():
        instance.await_ready()
    world.await_quiet()
    world.settle()
    load.stop_verifying()
    unmarked = ask_statuses(world, last, 30)
    statuses = world.stop()
    for smsc in world.smscs.values():
        smsc.stop()
    world.phones.close()
    return statuses, unmarked


def run(args):
    begun = time.monotonic()
    proxied = args.between.split(",") if args.proxy else ()
    world = World(instances=args.instances, smscs=args.smscs, rate=args.rate, window=args.window, lease_ms=args.lease_ms,
                  redis_options={"appendfsync": args.appendfsync, "slow_fsync_ms": args.slow_fsync_ms}, proxied=proxied)
    try:
        weather = Weather(world, args.proxy, random.Random(f"{args.seed}/weather"))
        load = Load(world, args.rate * args.instances / 2, args.seed)
        reapers = [Reaper(world, name, lives) for name, lives in schedule(args.kills, args.instances, args.seed).items()]
        for reaper in reapers:
            reaper.start()
        load.start()
        for reaper in reapers:
            reaper.join()
        weather.close()
        faults = [r.fault for r in reapers if r.fault]
        statuses, unmarked = wait_for_all(world, load)
        records = world.history.records()
    except BaseException:
        world.kill(keep=True)
        print(f"history and logs: {world.dir}", file=sys.stderr)
        raise
    verdict = judge(records)
    kills = [r for r in records if r["what"] == "kill"]
    points = sorted({r["point"].split(":")[0] for r in kills if r["point"]})
    checks = [*verdict.checks(args.window), (f"every receipt is marked: {unmarked[:5]}", not unmarked)]
    checks += [(f"no reaper failed: {faults}", not faults), (f"{args.kills} kills: {len(kills)}", len(kills) == args.kills),
               (f"clean ends: {statuses}", all(s == 0 for s in statuses.values())),
               (f"no complaint in a log: {world.complaints()[:5]}", not world.complaints())]
    at = sum(bool(r["point"]) for r in kills)
    title = f"chaos: seed {args.seed}, {len(kills)} kills of {args.instances} instances, {at} of them at {' '.join(points)}"
    return report(title, checks, verdict, world, time.monotonic() - begun)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--kills", type=int, default=20)
    p.add_argument("--seed", default="1")
    p.add_argument("--instances", type=int, default=3)
    p.add_argument("--smscs", type=int, default=1)
    p.add_argument("--rate", type=float, default=60.0, help="messages a second that each instance may send; half of all is asked for")
    p.add_argument("--window", type=int, default=10)
    p.add_argument("--lease-ms", type=int, default=5000)
    p.add_argument("--appendfsync", default="everysec")
    p.add_argument("--slow-fsync-ms", type=int, default=0)
    p.add_argument("--proxy", default="", help="faults between: latency=50,jitter=20,pieces=1,reset=5000,hole=800")
    p.add_argument("--between", default="redis,smsc", help="which servers")
    return run(p.parse_args())


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    sys.exit(main())
