"""open_rows: rows in which SENDs have their moments, whatever became of those before: 3 added latency, 6 overload."""
import os
import threading
import time

from figures import Line
from gateway import UNCAPPED, Set
from processes import ran

LATENCY_S = 5
SHARES = (10, 50)  # of the capacity, in percent


def drain_phone(instance, stop):
    """The phone is a FIFO: somebody must read it."""
    while not stop.is_set():
        try:
            if not os.read(instance.phone_keep, 1 << 16):
                return
        except BlockingIOError:
            time.sleep(0.01)


class Drained:
    """with Drained(instance): its phone is read by nobody else. Of a set: of its first instance."""

    def __init__(self, instance):
        self.stop = threading.Event()
        self.reader = threading.Thread(target=drain_phone, args=(instance, self.stop))

    def __enter__(self):
        self.reader.start()

    def __exit__(self, *_):
        self.stop.set()
        self.reader.join()


def capacity_of(s):
    """
    The highest rate, in steps of a quarter, of which nearly all is accepted; the first number not used by it; what the next
    step was limited by. A step that failed with no core full is tried again: something else on the machine was in its way.
    """
    rate, first, best, tries = 800, 0, 0, 0
    while rate < UNCAPPED:
        (phase,) = s.open_loop(8, (rate, 2), first=first)
        first += phase["offered"]
        tries += 1
        if phase["accepted"] >= 0.98 * phase["offered"]:
            best, rate, tries = rate, rate * 1.25, 0
        elif phase["limit"]["kind"] == "core" or tries == 3:
            return best, first, phase["limit"]
    return best, first, {"kind": "rate", "limit": f"what the loader offers at most, {UNCAPPED}"}


def overload(build, seconds, rows):
    """Row 6: an open loop at twice the capacity, set by the telco's rate, and by this machine: Redis, the daemon, the loader."""
    rows["overload"] = {}
    for name, options in (("telco", {"rate": 1000, "deadline_s": 2}), ("machine", {"window": 1000})):
        s = Set(build, send_target_ms=50, **options)
        with Drained(s):
            s.open_loop(8, (500, 2), first=90000000)
            capacity, first, limit = (1000, 0, None) if name == "telco" else capacity_of(s)
            rss = [s.rss()]
            before, during, after = s.open_loop(8, (0.8 * capacity, 5), (2 * capacity, seconds), (0.8 * capacity, 5), first=first)
            rss.append(s.rss())
            rows["overload"][name] = {
                "capacity": capacity, "goodput": during["sent"] / capacity,
                "calm_p99_ms": before["accepted_p99_ms"], "accepted_p99_ms": during["accepted_p99_ms"],
                "refused_p99_ms": during["refused_p99_ms"], "recovery_s": after["last_refused_s"], "rss_kb": rss,
                "limit": limit or {**during["limit"], "asked": True}}
        s.stop()


def capacity_alone(build):
    """On a set of its own, which refuses what would be late, as that of row 6 does."""
    s = Set(build, window=1000, send_target_ms=50)
    with Drained(s):
        found = capacity_of(s)
    s.stop()
    return found


def latency(build, rows):
    """Row 3: at a tenth and at half of the capacity, which row 6 has found in the same run, or else is looked for."""
    s = Set(build, window=1000)
    known = rows.get("overload", {}).get("machine")
    capacity = known["capacity"] if known else capacity_alone(build)[0]
    first = 0
    with Drained(s):
        s.open_loop(8, (500, 2), first=90000000)
    rows["latency"] = {"capacity": capacity, "at": {}}
    for share in SHARES:
        rate = capacity * share / 100
        with s.watch() as watch:
            out = ran([f"{build}/tests/bench/latency", s.api, s.instances[0].phone, s.redis_path, str(first), f"{rate:.0f}",
                       str(LATENCY_S)], watch, s.log)
        first += out["offered"]
        rows["latency"]["at"][share] = {**out, "limit": {**s.limit(watch, rate), "kind": "rate", "asked": True}}
    s.stop()


def limits_latency(rows):
    """The rate is set by the row; beside it, what was busiest."""
    return {f"3 at {share} %": {**o["limit"], "limit": f"the rate of the row; else {o['limit']['limit']}"}
            for share, o in rows["latency"]["at"].items()}


def limits_overload(rows):
    return {f"6 {name}": o["limit"] for name, o in rows["overload"].items()}


def lines_latency(rows):
    out = [Line("3", "capacity", rows["latency"]["capacity"], "SENDs/s")]
    for share, o in rows["latency"]["at"].items():
        for p in ("p50", "p99"):
            out += [Line("3", f"at {share} %: SEND written to submit_sm, {p}", o[f"submit_{p}_ms"], "ms"),
                    Line("3", f"at {share} %: bare round trip to Redis, {p}", o[f"ping_{p}_ms"], "ms")]
        if o["refused"]:
            out.append(Line("3", f"at {share} %: SENDs refused", o["refused"], "requests"))
    return out


def lines_overload(rows):
    out = []
    for name, o in rows["overload"].items():
        out += [Line("6", f"{name}: capacity", o["capacity"], "SENDs/s"),
                Line("6", f"{name}: goodput at 2 x capacity / capacity", o["goodput"]),
                Line("6", f"{name}: p99 of accepted at 0.8 x capacity", o["calm_p99_ms"], "ms"),
                Line("6", f"{name}: p99 of accepted at 2 x capacity", o["accepted_p99_ms"], "ms"),
                Line("6", f"{name}: p99 of a refusal", o["refused_p99_ms"], "ms"),
                Line("6", f"{name}: last refusal after the load fell", o["recovery_s"], "s"),
                Line("6", f"{name}: resident memory before", o["rss_kb"][0], "KiB"),
                Line("6", f"{name}: resident memory after", o["rss_kb"][1], "KiB")]
    return out
