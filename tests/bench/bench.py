#!/usr/bin/python3
"""bench: ratios in one run: the gateway against the ceilings of Redis and of SMPP, and its CPU per OTP life.

usage: bench.py BUILD [--lives N] [--overload SECONDS] [--out DIR]

Rows are those of the testing page: 1 Redis ceiling, 2 SMPP ceiling, 4 CPU per OTP, 6 overload. Nothing here is a gate on absolute
time: the machine is shared. Instruction counts come from callgrind where valgrind is installed. Each row says what it was limited
by; one that a setting of the benchmark held up, though it is not about that setting, makes the run fail.
"""
import argparse
import atexit
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from limits import Watch, faults

HERE = os.path.dirname(os.path.abspath(__file__))
TICK = os.sysconf("SC_CLK_TCK")
LOADER_WINDOW = 1000  # lives under way
UNCAPPED = 1000000    # smsc.rate, and what an open loop may offer


def cpu_of(pid):
    """User and system seconds of a process."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def wait_for(test, what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if test():
            return
        time.sleep(0.01)
    raise SystemExit(f"bench: {what} did not come up")


def ran(argv, watch, log=lambda: ""):
    """What a loader prints, watched to its end."""
    run = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    watch.add("loader", run.pid)
    out, err = run.communicate()
    if run.returncode:
        raise SystemExit(f"bench: {os.path.basename(argv[0])} failed: {err}{out}{log()}")
    return {**json.loads(out), "log": err}


class Tap(threading.Thread):
    """A proxy on a Unix socket that keeps what the client said."""

    def __init__(self, path, target, record):
        super().__init__(daemon=True)
        self.target, self.record = target, open(record, "wb")
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen(4)

    def run(self):
        while True:
            client, _ = self.server.accept()
            redis = socket.socket(socket.AF_UNIX)
            redis.connect(self.target)
            for a, b, keep in ((client, redis, self.record), (redis, client, None)):
                threading.Thread(target=self.copy, args=(a, b, keep), daemon=True).start()

    @staticmethod
    def copy(a, b, keep):
        try:
            while data := a.recv(1 << 16):
                if keep:
                    keep.write(data)
                    keep.flush()
                b.sendall(data)
        except OSError:
            pass  # the daemon is gone


class Set:
    """A private redis-server, the simulator and the gateway, in a directory of their own."""

    def __init__(self, build, tap=False, wrap=(), window=100, rate=UNCAPPED, target_ms=60000, deadline_s=60):
        self.dir = tempfile.mkdtemp(prefix="otpgwd-bench.")
        self.build, self.window, self.rate, self.wrapped = build, window, rate, bool(wrap)
        self.procs = []
        at = lambda name: os.path.join(self.dir, name)
        self.api, self.stats, self.phone, self.record = at("api.sock"), at("stats.sock"), at("phone"), at("record")
        os.mkfifo(self.phone)
        self.phone_keep = os.open(self.phone, os.O_RDWR | os.O_NONBLOCK)
        self.redis = self.start(["redis-server", "--port", "0", "--unixsocket", at("redis.sock"), "--save", "",
                                 "--appendonly", "yes", "--appendfsync", "everysec", "--dir", self.dir], "redis.log")
        wait_for(lambda: os.path.exists(at("redis.sock")), "redis-server")
        self.redis_path = at("redis.sock")
        if tap:
            Tap(at("tap.sock"), self.redis_path, self.record).start()
        self.smsc = self.start([f"{build}/tests/smsc/smsc", "--port-file", at("port"), "--system-id", "bench", "--password",
                                "bench", "--receipts", "both", "--phone", self.phone], "smsc.log")
        wait_for(lambda: os.path.exists(at("port")) and open(at("port")).read().strip(), "the simulator")
        self.write_conf(at, "tap.sock" if tap else "redis.sock", window, rate=rate, target_ms=target_ms, deadline_s=deadline_s)
        self.daemon = self.start([*wrap, f"{build}/otpgwd", "-c", at("conf")], "daemon.log")
        wait_for(self.bound, "otpgwd", 120 if wrap else 20)

    def start(self, argv, log):
        out = open(os.path.join(self.dir, log), "wb")
        proc = subprocess.Popen(argv, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        self.procs.append(proc)
        atexit.register(proc.kill)  # nothing for one that stop() has ended
        return proc

    def write_conf(self, at, redis, window, **o):
        with open(os.path.join(HERE, "../../conf/otpgwd.conf")) as f:
            text = f.read()
        for name in ("index.key", "code-1.key"):
            subprocess.run([f"{self.build}/otpgwd", "--genkey", at(name)], check=True)
            text = text.replace(f'"{name}"', f'"{at(name)}"')
        with open(at("password"), "w", opener=lambda p, f: os.open(p, f, 0o600)) as f:
            f.write("bench\n")
        port = open(at("port")).read().strip()
        for old, new in (("/run/otpgwd/api.sock", self.api), ("/run/otpgwd/stats.sock", self.stats),
                         ('# lock = "/run/otpgwd-instance/lock";', f'lock = "{at("lock")}";'),
                         ("/run/redis-otpgwd/redis-server.sock", at(redis)), ("port = 2775;", f"port = {port};"),
                         ('system_id = "otpgwd";', f'system_id = "bench"; window = {window};'),
                         ('"smsc.password"', f'"{at("password")}"'), ("rate = 10.0;", f"rate = {o['rate']}.0;"), ("# deadline_s = 60;", f"deadline_s = {o['deadline_s']};"),
                         ('uid = ["www-data"]', f"uid = [{os.getuid()}]")):
            if old not in text:
                raise SystemExit(f"bench: the sample configuration has no {old}")
            text = text.replace(old, new, 1)
        text = re.sub(r'^\s*#\s*max_in_flight.*$', "\tmax_in_flight = 16384;", text, count=1, flags=re.M)
        # A closed loop chooses how long it waits: that is no overload.
        text = re.sub(r'^\s*#\s*send_target_ms.*$', f"\tsend_target_ms = {o['target_ms']};", text, count=1, flags=re.M)
        # On a machine that others keep busy Redis, or the tap before it, may get no processor for a while: no outage either.
        text = re.sub(r'^\s*#\s*command_timeout_ms.*$', "\tcommand_timeout_ms = 20000;", text, count=1, flags=re.M)
        with open(at("conf"), "w") as f:
            f.write(text)

    def bound(self):
        if self.daemon.poll() is not None:
            raise SystemExit(open(os.path.join(self.dir, "daemon.log")).read())
        try:
            return b" 200 " in self.get("/readyz").split(b"\r\n", 1)[0]
        except OSError:
            return False

    def get(self, path):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(5)
            s.connect(self.stats)
            s.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            data = b""
            while chunk := s.recv(65536):
                data += chunk
        return data

    def metric(self, line):
        m = re.search(rb"^" + re.escape(line.encode()) + rb" (\S+)$", self.get("/metrics"), re.M)
        return float(m.group(1)) if m else 0.0

    def watch(self):
        """What counts instructions is asked for no gauge: its answer would be counted too."""
        gauge = None if self.wrapped else lambda: self.metric('otpgwd_smpp_window{smsc="main"}')
        return Watch(gauge=gauge, otpgwd=self.daemon.pid,
                     **{"redis-server": self.redis.pid, "simulator": self.smsc.pid})

    def limit(self, watch, per_s, lives=0):
        return watch.limit(per_s=per_s, rate=self.rate, window=self.window, lives=lives)

    def load(self, lives, first=0, window=LOADER_WINDOW):
        """Whole lives; with what they were limited by."""
        argv = [f"{self.build}/tests/bench/load", self.api, self.phone, str(lives), str(window), str(first)]
        with self.watch() as watch:
            out = ran(argv, watch, lambda: self.log())
        return {**out, "limit": self.limit(watch, lives / out["seconds"], window)}

    def open_loop(self, connections, *phases, first=0):
        """The result of each phase; "sent" is how many a second the SMSC accepted in it, but for its first second."""
        argv = [f"{self.build}/tests/bench/overload", self.api, str(connections), str(first), *[f"{r:.0f}:{s}" for r, s in phases]]
        run = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        end, sent, limits = time.monotonic(), [], []
        for _, seconds in phases:
            looks = []
            time.sleep(max(0, end + min(1, seconds / 2) - time.monotonic()))
            with self.watch() as watch:
                watch.add("loader", run.pid)
                looks.append((time.monotonic(), self.metric('otpgwd_verifications_total{step="accepted"}')))
                time.sleep(max(0, end + seconds - 0.1 - time.monotonic()))
                looks.append((time.monotonic(), self.metric('otpgwd_verifications_total{step="accepted"}')))
            sent.append((looks[1][1] - looks[0][1]) / (looks[1][0] - looks[0][0]))
            limits.append(self.limit(watch, sent[-1]))
            end += seconds
        out, err = run.communicate()
        if run.returncode:
            raise SystemExit(f"bench: overload failed: {err}{self.log()}")
        return [{**phase, "sent": n, "limit": limit} for phase, n, limit in zip(json.loads(out)["phases"], sent, limits)]

    def settled(self, lives):
        wait_for(lambda: self.metric('otpgwd_verifications_total{step="delivered"}') >= lives, "all receipts", 60)

    def rss(self):
        with open(f"/proc/{self.daemon.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))

    def log(self):
        return open(os.path.join(self.dir, "daemon.log")).read()[-2000:]

    def stop(self):
        for proc in reversed(self.procs):
            if proc.poll() is None:
                proc.send_signal(signal.SIGTERM)
                proc.wait(60)
        os.close(self.phone_keep)
        shutil.rmtree(self.dir)


def redis_ceiling(build, lives, rows):
    """Row 1: the commands of so many lives, recorded, then sent straight to an emptied Redis."""
    s = Set(build, tap=True)
    s.load(lives)
    s.settled(lives)
    cli = lambda *a: subprocess.run(["redis-cli", "-s", s.redis_path, *a], check=True, capture_output=True)
    s.daemon.send_signal(signal.SIGTERM)
    s.daemon.wait()
    cli("FLUSHALL")
    before = cpu_of(s.redis.pid)
    with Watch(**{"redis-server": s.redis.pid}) as watch:
        replay = ran([f"{build}/tests/bench/replay", s.redis_path, s.record, "1000"], watch)
    rows["ceiling"] = {"lives_per_s": lives / replay["seconds"], "commands": replay["commands"],
                       "redis_cpu_us": (cpu_of(s.redis.pid) - before) / lives * 1e6, "limit": watch.limit()}
    s.stop()


def whole_lives(build, lives, rows):
    """Rows 1 and 4: through the daemon, with receipts; CPU of each process."""
    s = Set(build)
    s.load(1000)
    before = [cpu_of(p.pid) for p in (s.daemon, s.redis, s.smsc)]
    run = s.load(lives, first=1000)
    s.settled(lives + 1000)
    daemon, redis, smsc = [(cpu_of(p.pid) - b) / lives * 1e6 for p, b in zip((s.daemon, s.redis, s.smsc), before)]
    rows["life"] = {"lives_per_s": lives / run["seconds"], "daemon_cpu_us": daemon, "redis_cpu_us": redis, "smsc_cpu_us": smsc,
                    "again": run["again"], "limit": run["limit"]}
    s.stop()


def smpp_run(build, name, count, window, *options, wrap=()):
    """flood or pool against a simulator of its own."""
    with tempfile.TemporaryDirectory(prefix="otpgwd-bench.") as d:
        port_file = os.path.join(d, "port")
        smsc = subprocess.Popen([f"{build}/tests/smsc/smsc", "--port-file", port_file, "--system-id", "bench",
                                 "--password", "bench", "--quiet", *options], stdout=subprocess.DEVNULL)
        wait_for(lambda: os.path.exists(port_file) and open(port_file).read().strip(), "the simulator")
        with Watch(simulator=smsc.pid) as watch:
            out = ran([*wrap, f"{build}/tests/bench/{name}", open(port_file).read().strip(), "bench", "bench", str(count), str(window)],
                      watch)
        smsc.send_signal(signal.SIGTERM)
        smsc.wait()
        return {**out, "limit": {**watch.limit(window=window, window_used=window), "asked": True}}


def smpp_both(build, count, window, *options):
    """Pool and flooder in turn, three times; the fastest of each: others on the machine only slow them down."""
    runs = [{name: smpp_run(build, name, count, window, *options) for name in ("flood", "pool")} for _ in range(3)]
    return {name: min((run[name] for run in runs), key=lambda r: r["seconds"]) for name in ("flood", "pool")}


def smpp_latency(build, rows):
    """Row 2: an SMSC that takes its time: what the window allows, by the pool and by the flooder."""
    rows["latency"] = []
    for ack in ((), ("--late-ack",)):
        for delay_ms in (10, 20):
            for window in (10, 100):
                count = window * 100
                allowed = window / (delay_ms / 1000)
                runs = smpp_both(build, count, window, "--resp-delay-ms", str(delay_ms), *ack)
                rows["latency"].append({"what": f"{delay_ms} ms, window {window}{', late acks' if ack else ''}",
                                        **{name: count / run["seconds"] / allowed for name, run in runs.items()}})


def smpp_ceiling(build, count, rows):
    """Row 2: pool and session without Redis against a minimal flooder, the same simulator, one bind, window 100."""
    out = smpp_both(build, count, 100)
    rows["smpp"] = {"flood_per_s": count / out["flood"]["seconds"], "pool_per_s": count / out["pool"]["seconds"],
                    "pool_cpu_us": out["pool"]["cpu"] / count * 1e6, "flood_cpu_us": out["flood"]["cpu"] / count * 1e6,
                    "limits": {name: run["limit"] for name, run in out.items()}}
    if shutil.which("valgrind"):
        wrap = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
        logs = [smpp_run(build, "pool", n, 100, wrap=wrap)["log"] for n in (4000, 8000)]
        few, many = [int(re.search(r"Collected : (\d+)", log).group(1)) for log in logs]
        rows["smpp"]["instructions"] = (many - few) / 4000


def instructions(build, lives, rows):
    """Row 4: instructions per life by callgrind: the difference of two runs, so that start and stop do not count."""
    if not shutil.which("valgrind"):
        return
    counts = []
    for n in (lives // 2, lives):
        s = Set(build, wrap=("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"))
        s.load(n, window=16)
        s.settled(n)
        s.daemon.send_signal(signal.SIGTERM)
        s.daemon.wait()
        log = open(os.path.join(s.dir, "daemon.log")).read()
        counts.append(int(re.search(r"Collected : (\d+)", log).group(1)))
        s.stop()
    rows["instructions_per_life"] = (counts[1] - counts[0]) / (lives - lives // 2)


def drain_phone(s, stop):
    """The phone is a FIFO: somebody must read it."""
    while not stop.is_set():
        try:
            if not os.read(s.phone_keep, 1 << 16):
                return
        except BlockingIOError:
            time.sleep(0.01)


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
        s = Set(build, target_ms=50, **options)
        stop = threading.Event()
        reader = threading.Thread(target=drain_phone, args=(s, stop))
        reader.start()
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
        stop.set()
        reader.join()
        s.stop()


def limits_of(rows):
    """What each measured rate was limited by. The SMPP rows are about a window, always full: 100, or as their name says."""
    smpp = rows["smpp"]["limits"]
    return {"1 whole lives, and 4": rows["life"]["limit"], "1 straight to Redis": rows["ceiling"]["limit"], "2 flooder": smpp["flood"],
            "2 pool and session": smpp["pool"],
            "2 SMSC that takes its time": {"kind": "window", "limit": "window and time to answer, as the row says", "asked": True},
            **{f"6 {name}": o["limit"] for name, o in rows["overload"].items()}}


def table(rows):
    life, ceiling, smpp = rows["life"], rows["ceiling"], rows["smpp"]
    lines = [
        ("1", "whole lives through the daemon, per second", f"{life['lives_per_s']:.0f}"),
        ("1", "the same commands straight to Redis, lives per second", f"{ceiling['lives_per_s']:.0f}"),
        ("1", "daemon / Redis ceiling", f"{life['lives_per_s'] / ceiling['lives_per_s']:.2f}"),
        ("1", "Redis commands per life", f"{ceiling['commands'] / rows['lives']:.1f}"),
        ("2", "minimal flooder, window 100, submits per second", f"{smpp['flood_per_s']:.0f}"),
        ("2", "pool and session, window 100, submits per second", f"{smpp['pool_per_s']:.0f}"),
        ("2", "pool / flooder", f"{smpp['pool_per_s'] / smpp['flood_per_s']:.2f}"),
        ("2", "CPU per submit with its response, us", f"{smpp['pool_cpu_us']:.2f}"),
        ("4", "CPU of the daemon per life, us", f"{life['daemon_cpu_us']:.1f}"),
        ("4", "CPU of redis-server per life, us", f"{life['redis_cpu_us']:.1f}"),
        ("4", "daemon / redis-server", f"{life['daemon_cpu_us'] / life['redis_cpu_us']:.2f}"),
    ]
    if life["again"]:
        lines.append(("1", "requests answered OVERLOADED and asked again", f"{life['again']}"))
    if "instructions" in smpp:
        lines.append(("2", "instructions per submit with its response", f"{smpp['instructions']:.0f}"))
    lines += [("2", f"rate, SMSC of {o['what']}: pool, flooder, of 1", f"{o['pool']:.2f} {o['flood']:.2f}") for o in rows["latency"]]
    for name, o in rows["overload"].items():
        lines += [("6", f"{name}: capacity, SENDs per second", f"{o['capacity']:.0f}"),
                  ("6", f"{name}: goodput at 2 x capacity / capacity", f"{o['goodput']:.2f}"),
                  ("6", f"{name}: p99 of accepted at 0.8 and at 2 x, ms", f"{o['calm_p99_ms']:.1f} {o['accepted_p99_ms']:.1f}"),
                  ("6", f"{name}: p99 of a refusal, ms", f"{o['refused_p99_ms']:.1f}"),
                  ("6", f"{name}: last refusal after the load fell, s", f"{o['recovery_s']:.2f}"),
                  ("6", f"{name}: resident memory before and after, KiB", "{} {}".format(*o["rss_kb"]))]
    lines += [(row.split()[0], f"limit: {row[2:]}", limit["limit"]) for row, limit in limits_of(rows).items()]
    if "instructions_per_life" in rows:
        lines.append(("4", "instructions of the daemon per life", f"{rows['instructions_per_life']:.0f}"))
    return lines


def picture(lines, path):
    """Bars of the ratios; 1 is the ceiling."""
    ratios = [(what, float(v)) for _, what, v in lines if " / " in what]
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" width="640" height="%d" font-family="sans-serif" font-size="13">'
             % (40 + 40 * len(ratios))]
    for i, (what, value) in enumerate(ratios):
        y = 20 + 40 * i
        parts.append(f'<text x="10" y="{y + 14}">{what}</text><rect x="220" y="{y}" width="{min(value, 2) * 180:.0f}" '
                     f'height="20" fill="#3a7"/><text x="{226 + min(value, 2) * 180:.0f}" y="{y + 14}">{value:.2f}</text>')
    parts.append(f'<line x1="400" x2="400" y1="10" y2="{30 + 40 * len(ratios)}" stroke="#999"/></svg>')
    with open(path, "w") as f:
        f.write("\n".join(parts) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--lives", type=int, default=20000)
    parser.add_argument("--overload", type=int, default=30, metavar="SECONDS")
    parser.add_argument("--out", default=None)
    args = parser.parse_args()
    rows = {"lives": args.lives}
    redis_ceiling(args.build, args.lives, rows)
    whole_lives(args.build, args.lives, rows)
    smpp_ceiling(args.build, 10 * args.lives, rows)
    smpp_latency(args.build, rows)
    overload(args.build, args.overload, rows)
    instructions(args.build, 1000, rows)
    lines = table(rows)
    lines.sort(key=lambda line: line[0])
    for row, what, value in lines:
        print(f"{row}  {what:<55} {value:>10}")
    out = args.out or os.path.join(args.build, "bench")
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "bench.json"), "w") as f:
        json.dump(rows, f, indent=1)
    picture(lines, os.path.join(out, "bench.svg"))
    print(f"written: {out}/bench.json, {out}/bench.svg")
    wrong = faults(limits_of(rows))
    for fault in wrong:
        print(f"fault of the benchmark: {fault}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
