"""limits: which resource a row was limited by, judged from what was seen while it ran.

A process that computes nearly all of the time is limited by its core; one that is ready to, but waits for a processor, by the
machine, which others keep busy. If none is, something else held the row up: a rate or a window that somebody set. In a benchmark
of what the code can do that is a fault of the benchmark, unless the row is about that setting.
"""
import os
import threading
import time

BUSY = 0.85  # of the time on a processor, or ready for one
FULL = 0.9   # of a window, on average; of a rate
IDLE = 0.1   # of all processors: less is none
EVERY_S = 0.05
LOOK_EVERY = 10  # of those: asking the daemon for its gauges costs it something


def schedule_of(pid):
    """Seconds on a processor, and ready but waiting for one, of all threads of a process; is one ready now; None: it is gone."""
    on, ready, now = 0, 0, False
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/schedstat") as f:
                times = f.read().split()
            with open(f"/proc/{pid}/task/{thread}/stat") as f:
                now = now or f.read().rsplit(")", 1)[1].split()[0] == "R"
            on, ready = on + int(times[0]), ready + int(times[1])
    except (OSError, IndexError):
        return None
    return on / 1e9, ready / 1e9, now


def machine():
    """Ticks of all processors: idle, and all."""
    with open("/proc/stat") as f:
        ticks = [int(n) for n in f.readline().split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)


class Seen:
    """One process, from the first look at it to the last."""

    def __init__(self, pid):
        self.pid, self.first, self.last, self.looks, self.ready = pid, None, None, 0, 0

    def look(self):
        now = schedule_of(self.pid)
        if now:
            self.last = (time.monotonic(), *now)
            self.first = self.first or self.last
            self.looks, self.ready = self.looks + 1, self.ready + now[2]

    def shares(self):
        """Of the time: on a processor, and that with the waiting for one, which the system counts only when it is over."""
        if not self.first or self.last[0] <= self.first[0]:
            return 0.0, 0.0
        on, ready = self.last[1] - self.first[1], self.last[2] - self.first[2]
        seconds = self.last[0] - self.first[0]
        return on / seconds, max((on + ready) / seconds, self.ready / self.looks)


class Watch:
    """with Watch(otpgwd=pid, ...) as w: the row; w.add("load", pid) for what starts in it; then w.limit(...)."""

    def __init__(self, gauge=None, **pids):
        """gauge: a function that says how much of a window is in use."""
        self.seen = {name: Seen(pid) for name, pid in pids.items()}
        self.gauge, self.used = gauge, []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.began = machine()
        self.look()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        self.look()
        idle, ticks = (now - before for now, before in zip(machine(), self.began))
        self.idle = idle / max(ticks, 1)

    def add(self, name, pid):
        self.seen[name] = Seen(pid)
        self.seen[name].look()

    def look(self):
        for one in list(self.seen.values()):
            one.look()

    def run(self):
        turns = 0
        while not self.stop.wait(EVERY_S):
            turns += 1
            self.look()
            if self.gauge and turns % LOOK_EVERY == 0:
                try:
                    self.used.append(self.gauge())
                except OSError:
                    pass

    def shares(self):
        return {name: one.shares() for name, one in self.seen.items()}

    def limit(self, **settings):
        """As judge: window_used is what the gauge said on average, unless it is known."""
        seen = sum(self.used) / len(self.used) if self.used else 0
        return judge(self.shares(), **{"window_used": seen, "idle": self.idle, **settings})


def told(name, on, wants):
    return f"{name} {100 * on:.0f} %" + (f" (ready for {100 * wants:.0f} %)" if wants - on > 0.1 else "")


def judge(shares, per_s=0.0, rate=0.0, window=0, window_used=0.0, lives=0, idle=1.0):
    """
    {"limit": text, "kind": "core" | "machine" | "rate" | "window" | "loader"}. shares: of each process, as Seen.shares. per_s,
    rate: what was submitted, and smsc.rate; window, window_used: of the bind; lives: what the loader keeps under way, 0 if it
    waits for nothing; idle: the part of the time in which the machine had a processor free.
    """
    busy = sorted(((wants, on, name) for name, (on, wants) in shares.items() if wants >= BUSY), reverse=True)
    full = [(wants, on, name) for wants, on, name in busy if on >= BUSY]
    if full:
        return {"kind": "core", "limit": "a core: " + ", ".join(told(name, on, wants) for wants, on, name in full)}
    if busy:
        names = ", ".join(told(name, on, wants) for wants, on, name in busy)
        return {"kind": "machine", "limit": f"the machine, which others use too: {names}"}
    if rate and per_s >= FULL * rate:
        return {"kind": "rate", "limit": f"smsc.rate, {rate:.0f}"}
    if window and window_used >= FULL * window:
        return {"kind": "window", "limit": f"the window of the bind, {window}"}
    most = ", ".join(told(name, on, wants) for name, (on, wants) in sorted(shares.items(), key=lambda s: -s[1][1]))
    if idle <= IDLE:
        return {"kind": "machine", "limit": f"the machine, all of whose cores are in use: {most}"}
    return {"kind": "loader", "limit": f"the loader{f', {lives} under way' if lives else ''}: no core is full ({most})"}


def faults(limits):
    """Of {row: limit}: those that a setting of the benchmark held up, though the row does not ask for it."""
    return [f"{row}: limited by {limit['limit']}" for row, limit in limits.items()
            if limit["kind"] not in ("core", "machine") and not limit.get("asked")]
