"""Redis killed under load: what is lost is only what its class says, and the class was shown beforehand.

always     appendfsync always: nothing is lost
stalled    everysec on a disk whose fsync takes 1.5 s: losses are excused by the class "none", shown before the kill
failover   Sentinels, redis.ack = replica: the master killed, nothing is lost
"""
import argparse
import random
import sys
import threading
import time
import traceback

from chaos import report, wait_for_all
from checker import judge
from clients import Load
from world import World

WINDOW = 10
SLOW_MS = 1500


class Watch(threading.Thread):
    """What the instances show of Redis' durability, all the time."""

    def __init__(self, world):
        super().__init__(daemon=True)
        self.world, self.shown, self.ended = world, {}, False
        self.start()

    def run(self):
        while not self.ended:
            for name, instance in self.world.instances.items():
                try:
                    self.shown[name] = instance.json()["redis"]["durability"]
                except (OSError, ValueError, IndexError):
                    pass
            time.sleep(0.05)

    def close(self):
        self.ended = True
        self.join()


class Single:
    """One server: killed, away for a moment, back with what its file has."""

    def __init__(self, rng, world):
        self.rng, self.world, self.redis = rng, world, world.redis

    def kill(self):
        """In half of the cases an instance dies with it: what it held in memory is gone too."""
        names = [n for n in self.world.instances if self.rng.random() < 0.5]
        self.redis.kill()
        for name in names:
            self.world.history.add("kill", at=name, point="")
            self.world.instances[name].kill()
        time.sleep(self.rng.uniform(0.05, 0.5))
        self.redis.start()
        for name in names:
            self.world.instances[name].launch()


class Sentinels:
    """The master is killed; the Sentinels make another; the dead one comes back as its replica."""

    def __init__(self, rng, world):
        self.redis = world.redis

    def kill(self):
        dead = self.redis.kill_master()
        self.redis.await_failover(dead)
        dead.start()
        self.redis.await_replicas()


MODES = {
    "always": (Single, {"redis_options": {"appendfsync": "always"}}),
    "stalled": (Single, {"redis_options": {"appendfsync": "everysec", "slow_fsync_ms": SLOW_MS}}),
    "failover": (Sentinels, {"kind": "sentinel", "redis_options": {"lines": ["min-replicas-to-write 1"]},
                             "replace": [('# ack = "local";', 'ack = "replica";')]}),
}


def run_mode(mode, kills, seed):
    begun, rng = time.monotonic(), random.Random(f"{seed}/{mode}")
    how, options = MODES[mode]
    world = World(instances=2, window=WINDOW, rate=60.0, **options)
    shown_before, killed_at = [], []
    try:
        world.launch_all()
        watch, server = Watch(world), how(rng, world)
        load = Load(world, 60.0, seed)
        load.start()
        for _ in range(kills):
            # As long under load as a slow disk needs to show itself.
            time.sleep(rng.uniform(1.0, 2.0) + (2.5 * SLOW_MS / 1000 if mode == "stalled" else 0))
            shown_before.append(dict(watch.shown))
            for name in world.instances:  # each of them had a window, and marks that wait
                world.history.add("doubt", why="redis", at=name)
            killed_at.append(world.history.now())
            server.kill()
            for instance in world.instances.values():
                instance.await_ready()
        watch.close()
        ends, unmarked = wait_for_all(world, load)
        records = world.history.records()
    except BaseException:
        print(f"{mode}: history and logs: {world.dir}\n{traceback.format_exc()}", file=sys.stderr)
        world.kill(keep=True)
        return 1
    verdict = judge(records)
    title = f"{mode}: seed {seed}, {kills} kills of Redis, shown before: {sorted({c for s in shown_before for c in s.values()})}"
    if mode == "stalled":
        title += f"; {len(verdict.lost)} lost, {len(verdict.unexpected)} answers contradict"
        verdict = judge(records, excused=recent(records, [t for t, s in zip(killed_at, shown_before) if set(s.values()) == {"none"}]))
        title += f"; not announced: {len(verdict.lost)} and {len(verdict.unexpected)}"
    checks = [*verdict.checks(WINDOW), (f"clean ends: {ends}", all(s == 0 for s in ends.values()))]
    if mode != "stalled":
        checks.append((f"every receipt is marked: {unmarked[:5]}", not unmarked))
    return report(title, checks, verdict, world, time.monotonic() - begun)


def recent(records, killed_at):
    """Numbers that were asked for shortly before these moments: a write waits up to two seconds for a sync under way."""
    return {r["m"] for r in records if r["what"] in ("ask", "sms") and any(t - 2 - 2 * SLOW_MS / 1000 < r["t"] <= t + 1 for t in killed_at)}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--kills", type=int, default=10)
    p.add_argument("--seed", default="1")
    p.add_argument("--modes", default=",".join(MODES))
    args = p.parse_args()
    results = [run_mode(mode, args.kills, args.seed) for mode in args.modes.split(",")]
    return max(results)


if __name__ == "__main__":
    sys.exit(main())
