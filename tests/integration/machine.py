"""How busy the machine is. A bound of time in a test is what the product takes on a machine of its own; on a busy one it is longer.

Only a bound that is about to fail asks: a test that passes is not slower for it, and on an idle machine the bounds are as written.
"""
import os
import time

WORK_S = 0.03  # of processor time: several turns of the scheduler
MOST = 6       # what takes longer than that hangs
BUSY = 1.5

least = 1      # as a daemon's settings were stretched


def slowness():
    """How many times longer work takes than on an idle machine: a little work now, and the load of the last minute."""
    wall, processor = time.monotonic(), time.thread_time()
    while time.thread_time() - processor < WORK_S:
        pass
    now = (time.monotonic() - wall) / WORK_S
    return max(1, now, os.getloadavg()[0] / len(os.sched_getaffinity(0)))


def patience(seconds):
    """As long on this machine as `seconds` on an idle one: each of the processes that pass work on waits for its turn."""
    return seconds * max(least, min(MOST, 2 * slowness() - 1))


def stretch():
    """By how much a daemon that starts now waits longer for its Redis: what is waited for by a test is stretched at least as much."""
    global least
    least = 1
    busy = patience(1)
    least = busy if busy > BUSY else 1
    return least


def within(start, seconds):
    """True if less than so many seconds have passed since `start` of time.monotonic()."""
    took = time.monotonic() - start
    return took < seconds or took < patience(seconds)
