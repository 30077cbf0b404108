"""scale: row 8, what a life or a SEND costs with more of something: live verifications, instances, SMSCs, nodes of Redis."""
import os
import re
import subprocess
import tempfile

from counted import counting_redis, daemon_per_life
from figures import Line, info_field
from gateway import Set, configured, sample_of, with_smscs
from open_rows import Drained
from processes import can_count, cpu_of, wait_for
from tap import Recording

LIVE_AIM = 1.1
SENDS = 20000   # whose CPU is measured at each number of live verifications
COUNTED = 1000  # whose instructions are counted
SMSCS = (256, 128, 64, 32)


def accepted(said, count):
    """Whether a check of the configuration complains of no list of so many, whatever else it misses."""
    return not re.search(rf"\bfound {count}\b.*\ballowed\b", said)


def most_smscs(build):
    """The largest number of SMSCs that the daemon accepts, of those that are tried."""
    with tempfile.TemporaryDirectory(prefix="otpgwd-bench.") as d:
        conf = os.path.join(d, "conf")
        for count in SMSCS:
            with open(conf, "w") as f:
                f.write(with_smscs(configured(sample_of(build), [('uid = ["www-data"]', "uid = [0]")], {}), count))
            said = subprocess.run([f"{build}/otpgwd", "--check", "-c", conf], capture_output=True, text=True)
            if accepted(said.stdout + said.stderr, count):
                return count
    return 1


def lives_on(build, lives, **options):
    """Whole lives on such a set, after some that warm it; the cheapest of two, since others on the machine only add."""
    runs = []
    for _ in range(2):
        s = Set(build, **options)
        warm = 1000 * len(s.instances)
        s.load(warm)
        s.settled(warm)
        runs.append(s.measured_lives(lives, first=warm))
        s.stop()
    return min(runs, key=lambda r: r["redis_cpu_us"] + r["daemon_cpu_us"])


def run(build, lives, rows):
    """The rows that are quick enough for every run."""
    most = most_smscs(build)
    sets = {"1 instance": {}, "4 instances": {"instances": 4}, f"{most} SMSCs": {"smscs": most}, "Cluster of 3 nodes": {"kind": "cluster"}}
    rows["scale"] = {"smscs": most, "sets": {name: lives_on(build, lives, **options) for name, options in sets.items()}}
    if can_count():
        rows["scale"]["instructions"] = {n: daemon_per_life(build, 600, smscs=n) for n in (1, most)}


def saved(s):
    """The data set in a file, while Redis goes on."""
    s.cli("BGSAVE")
    wait_for(lambda: info_field(s.cli("INFO", "persistence"), "rdb_bgsave_in_progress") == 0, "the saved data set", 600)


def sends_at(build, live, rows):
    """
    CPU per SEND with so many live, and instructions of redis-server per SEND: the data set saved, read by a redis-server under
    callgrind, and sent the commands of some more SENDs, which a second instance has said through a tap.
    """
    s = Set(build, keep=False, instances=2, tap=True, window=1000, ttl_s=600)
    first, second = s.instances
    with Drained(second):  # which may take over what the first one has no processor for
        s.load(live, only_sends=True, on=[first])
        before = [cpu_of(p.pid) for p in (s.redis, first.daemon)]
        run = s.load(SENDS, first=live, only_sends=True, on=[first])
        s.settled(live + SENDS)
    redis, daemon = [(cpu_of(p.pid) - b) / SENDS * 1e6 for p, b in zip((s.redis, first.daemon), before)]
    out = {"redis_cpu_us": redis, "daemon_cpu_us": daemon, "rss_kb": s.rss(), "limit": run["limit"]}
    if can_count():
        saved(s)
        recording = Recording(s.record)
        recording.be_idle()
        s.load(COUNTED, first=live + SENDS, only_sends=True, window=16, on=[second])
        s.settled(live + SENDS + COUNTED)
        commands = recording.caused()
        s.stop_daemons()
        s.redis.terminate()
        s.redis.wait()
        out["instructions"] = counting_redis(s.dir, commands, f"{build}/tests/bench/replay", lately=True) / COUNTED
    rows["live"][live] = out
    s.stop()


def run_live(build, counts, rows):
    rows["live"] = {}
    for live in counts:
        sends_at(build, live, rows)


def limits(rows):
    """A loader waits for the SMS and the receipts of all; with several instances all cores are in use."""
    return {f"8 {name}": o["limit"] for name, o in rows["scale"]["sets"].items()}


def limits_live(rows):
    return {f"8 {live:,} live": o["limit"] for live, o in rows["live"].items()}


def lines(rows):
    sets, out = rows["scale"]["sets"], []
    one = sets["1 instance"]
    for name, o in sets.items():
        out += [Line("8", f"{name}: whole lives", o["lives_per_s"], "lives/s"),
                Line("8", f"{name}: CPU of redis-server per life", o["redis_cpu_us"], "us"),
                Line("8", f"{name}: CPU of the daemon per life", o["daemon_cpu_us"], "us")]
        if o is not one:
            both = lambda run: run["redis_cpu_us"] + run["daemon_cpu_us"]
            out.append(Line("8", f"{name}: CPU of both per life / with 1 instance", both(o) / both(one)))
    if "instructions" in rows["scale"]:
        few, most = rows["scale"]["instructions"].values()
        n = rows["scale"]["smscs"]
        out += [Line("8", "1 SMSC: instructions of the daemon per life", few, "instructions"),
                Line("8", f"{n} SMSCs: instructions of the daemon per life", most, "instructions"),
                Line("8", f"instructions of the daemon per life, {n} SMSCs / 1", most / few, "", ("<=", 1.1), exact=True)]
    return out


def lines_live(rows):
    live, out = rows["live"], []
    few, most = min(live), max(live)
    for n, o in live.items():
        out += [Line("8", f"{n:,} live: CPU of redis-server per SEND", o["redis_cpu_us"], "us"),
                Line("8", f"{n:,} live: CPU of the daemon per SEND", o["daemon_cpu_us"], "us"),
                Line("8", f"{n:,} live: resident memory of the daemon", o["rss_kb"], "KiB")]
        if "instructions" in o:
            out.append(Line("8", f"{n:,} live: instructions of redis-server per SEND", o["instructions"], "instructions"))
    ratio = lambda key: live[most][key] / live[few][key]
    out += [Line("8", f"CPU of redis-server per SEND, {most:,} / {few:,} live", ratio("redis_cpu_us"), "", ("<=", LIVE_AIM)),
            Line("8", f"resident memory of the daemon, {most:,} / {few:,} live", ratio("rss_kb"), "", ("<=", LIVE_AIM))]
    if "instructions" in live[few]:
        out.append(Line("8", f"instructions of redis-server per SEND, {most:,} / {few:,} live", ratio("instructions"), "",
                        ("<=", LIVE_AIM), exact=True))
    return out
