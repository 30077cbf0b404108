"""Kills the daemon in bursts of ten times the capacity: at windows of 10 and 100, on one Redis and on a Cluster of three.

A message goes out twice only if it was in the window without an answer, or if it was accepted so lately that a calm Redis would
not have heard of it either.
"""
import argparse
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))
from burst import Target  # noqa: E402


def run(kind, window, kills, rng):
    """Whether the bound held at each kill, and nothing was lost."""
    begun, target = time.monotonic(), Target(window, kind)
    try:
        seen = [target.kill(rng.uniform(0.02, 0.5)) for _ in range(kills)]
    finally:
        target.close()
    above, wrong, lost = [k for k in seen if k.twice > k.bound], [k for k in seen if not k.holds], [to for k in seen for to in k.lost]
    print(f"bursts: {kind}, window {window}, {kills} kills: at most {max(k.twice for k in seen)} twice, on average "
          f"{sum(k.twice for k in seen) / kills:.1f}; calm round trip {1000 * target.calm_s:.1f} ms, lost {len(lost)}, "
          f"above the bound {len(above)}, in {time.monotonic() - begun:.0f} s", flush=True)
    for kill in above:
        print(f"  {'busy machine' if kill.holds else 'not so'}: {kill}", flush=True)
    return not wrong and not lost and in_the_middle(seen)


def in_the_middle(seen):
    late = sum(not k.unanswered for k in seen)
    if late:
        print(f"  not so: {late} of the bursts were over before the kill", flush=True)
    return not late


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--kills", type=int, default=50)
    p.add_argument("--seed", default="1")
    p.add_argument("--redis", default="single,cluster")
    p.add_argument("--windows", default="10,100")
    args = p.parse_args()
    rng = random.Random(f"{args.seed}/bursts")
    held = [run(kind, int(window), args.kills, rng) for kind in args.redis.split(",") for window in args.windows.split(",")]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
