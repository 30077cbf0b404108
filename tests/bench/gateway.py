"""gateway: a Redis, simulated SMSCs and one or several instances of the daemon, in a directory of their own, under load."""
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
import time

from limits import Watch
from processes import cpu_of, nth, ran_all, rss_kb_of, text_of, wait_for
from tap import Tap

HERE = os.path.dirname(os.path.abspath(__file__))
LOADER_WINDOW = 1000  # lives under way
UNCAPPED = 1000000    # smsc.rate, and what an open loop may offer
APART = 20000000      # between the first numbers of two loaders that run at the same time
# What happens in one run of a row and not in another is off: Redis rewrites its append-only file now and then, by a fork that takes
# a core, and keeps what was slow, which is anything on a busy machine.
REDIS = ("redis-server", "--port", "0", "--save", "", "--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0",
         "--slowlog-log-slower-than", "-1")


def sample_of(build):
    """The sample configuration of the tree that was built there; ours, if it is not beside it."""
    for conf in (os.path.join(build, "../../conf/otpgwd.conf"), os.path.join(HERE, "../../conf/otpgwd.conf")):
        if os.path.exists(conf):
            plans = os.path.join(os.path.dirname(os.path.abspath(conf)), "numbering")
            return text_of(conf).replace('# directory = "/usr/share/otpgwd/numbering";', f'directory = "{plans}";', 1)
    raise SystemExit("bench: there is no conf/otpgwd.conf")


def with_smscs(text, count):
    """The configuration with so many SMSCs like its one SMSC, and a route that shares the messages among all of them."""
    if count == 1:
        return text
    begin = text.index("smsc = (\n") + len("smsc = (\n")
    end = text.index("\n);", begin)
    one = text[begin:end]
    names = ["main", *[f"main{i}" for i in range(2, count + 1)]]
    text = text[:begin] + ",\n".join(one.replace('name = "main";', f'name = "{name}";', 1) for name in names) + text[end:]
    quoted = ", ".join(f'"{name}"' for name in names)
    route = f'{{ prefix = ""; smsc = [{quoted}]; weights = [{", ".join(["1"] * count)}]; }}'
    return text.replace('{ prefix = ""; smsc = ["main"]; }', route, 1)


def configured(text, changes, values):
    """The sample with each old text of `changes` replaced, and each key of `values`, which it shows as a default, set."""
    for old, new in changes:
        if old not in text:
            raise SystemExit(f"bench: the sample configuration has no {old}")
        text = text.replace(old, new, 1)
    for key, value in values.items():
        text, found = re.subn(rf"^(\s*)#\s*{key} = .*$", rf"\g<1>{key} = {value};", text, count=1, flags=re.M)
        if not found:
            raise SystemExit(f"bench: the sample configuration has no default of {key}")
    return text


class Instance:
    """One instance of the daemon, with a simulator of its own, whose phone is a FIFO."""

    def __init__(self, folder, name):
        self.name, self.daemon, self.smsc = name, None, None
        self.path = lambda what: os.path.join(folder, f"{name}.{what}")
        self.api, self.stats, self.phone = self.path("api"), self.path("stats"), self.path("phone")
        os.mkfifo(self.phone)
        self.phone_keep = os.open(self.phone, os.O_RDWR | os.O_NONBLOCK)

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

    def bound(self):
        if self.daemon.poll() is not None:
            raise SystemExit(text_of(self.path("log")))
        try:
            return b" 200 " in self.get("/readyz").split(b"\r\n", 1)[0]
        except OSError:
            return False


class Set:
    """
    A private redis-server, and the gateway with its simulator, once per instance. build: where the loaders and simulators are;
    daemon: another build's, to be measured instead of this one's. kind: "single" or "cluster". tap: between the last instance and
    Redis is what keeps its commands in self.record. keep: Redis writes an append-only file. partitions: the journal's, of each of
    which the daemon asks once per second, whatever the load; 0: as in the sample. values: settings of the sample.
    """

    def __init__(self, build, daemon=None, tap=False, wrap=(), window=100, rate=UNCAPPED, instances=1, smscs=1, kind="single",
                 keep=True, partitions=0, **values):
        self.dir = tempfile.mkdtemp(prefix="otpgwd-bench.")
        self.build, self.measured, self.window, self.rate, self.wrapped = build, daemon or build, window, rate, bool(wrap)
        self.smscs, self.kind, self.partitions, self.procs, self.cluster = smscs, kind, partitions, [], None
        self.values = {"max_in_flight": 16384,
                       "send_target_ms": 60000,      # a closed loop chooses how long it waits: that is no overload
                       "command_timeout_ms": 20000,  # on a busy machine Redis may get no processor for a while: no outage either
                       "deadline_s": 60, **values}
        self.record = os.path.join(self.dir, "record")
        self.start_redis(keep)
        if tap:
            Tap(os.path.join(self.dir, "tap.sock"), self.redis_path, self.record).start()
        for name in ("index.key", "code-1.key"):
            subprocess.run([f"{self.measured}/otpgwd", "--genkey", os.path.join(self.dir, name)], check=True)
        with open(os.path.join(self.dir, "password"), "w", opener=lambda p, f: os.open(p, f, 0o600)) as f:
            f.write("bench\n")
        self.instances = []
        for i in range(instances):
            self.add_instance("abcdefgh"[i], wrap, "tap.sock" if tap and i == instances - 1 else "redis.sock")

    @property
    def daemon(self):
        return self.instances[0].daemon

    @property
    def daemons(self):
        return [i.daemon for i in self.instances]

    @property
    def smsc(self):
        return self.instances[0].smsc

    @property
    def phone_keep(self):
        return self.instances[0].phone_keep

    @property
    def api(self):
        return self.instances[0].api

    def start(self, argv, log):
        with open(os.path.join(self.dir, log), "wb") as out:
            proc = subprocess.Popen(argv, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        self.procs.append(proc)
        atexit.register(proc.kill)  # nothing for one that stop() has ended
        return proc

    def start_redis(self, keep):
        self.redis_path = os.path.join(self.dir, "redis.sock")
        if self.kind == "cluster":
            sys.path.append(os.path.join(HERE, "../integration"))
            from redis_sets import RedisCluster
            self.cluster = RedisCluster(self.dir, lines=["auto-aof-rewrite-percentage 0"])
            atexit.register(self.cluster.close)
            self.cluster.start()
            self.redis_servers = [n.proc for n in self.cluster.nodes]
            return
        self.redis_servers = [self.start([*REDIS, "--unixsocket", self.redis_path, "--appendonly", "yes" if keep else "no",
                                          "--dir", self.dir], "redis.log")]
        wait_for(lambda: os.path.exists(self.redis_path), "redis-server")

    @property
    def redis(self):
        return self.redis_servers[0]

    def add_instance(self, name, wrap, redis):
        i = Instance(self.dir, name)
        i.smsc = self.start([f"{self.build}/tests/smsc/smsc", "--port-file", i.path("port"), "--system-id", "bench", "--password",
                             "bench", "--receipts", "both", "--phone", i.phone], f"{name}.smsc.log")
        wait_for(lambda: os.path.exists(i.path("port")) and text_of(i.path("port")).strip(), "the simulator")
        with open(i.path("conf"), "w") as f:
            f.write(self.conf_of(i, os.path.join(self.dir, redis)))
        i.daemon = self.start([*wrap, f"{self.measured}/otpgwd", "-c", i.path("conf")], f"{name}.log")
        wait_for(i.bound, "otpgwd", 120 if wrap else 20)
        self.instances.append(i)

    def conf_of(self, instance, redis):
        """The sample with what this set needs."""
        in_dir = lambda name: os.path.join(self.dir, name)
        where = self.cluster.conf() if self.cluster else f'socket = "{redis}";'
        changes = [
            ('instance = "a";', f'instance = "{instance.name}";'),
            ("/run/otpgwd/api.sock", instance.api), ("/run/otpgwd/stats.sock", instance.stats),
            ('# lock = "/run/otpgwd-instance/lock";', f'lock = "{instance.path("lock")}";'),
            ('socket = "/run/redis-otpgwd/redis-server.sock";', where),
            ('"index.key"', f'"{in_dir("index.key")}"'), ('"code-1.key"', f'"{in_dir("code-1.key")}"'),
            ("port = 2775;", f"port = {text_of(instance.path('port')).strip()};"),
            ('system_id = "otpgwd";', f'system_id = "bench"; window = {self.window};'),
            ('"smsc.password"', f'"{in_dir("password")}"'), ("rate = 10.0;", f"rate = {self.rate}.0;"),
            ('uid = ["www-data"]', f"uid = [{os.getuid()}]")]
        if self.partitions:
            changes.append(("# store: { partitions = 256;", f"store: {{ partitions = {self.partitions};"))
        return with_smscs(configured(sample_of(self.measured), changes, self.values), self.smscs)

    def metric(self, line):
        return sum(i.metric(line) for i in self.instances)

    def cli(self, *words):
        """An answer of the one Redis."""
        return subprocess.run(["redis-cli", "-s", self.redis_path, *words], check=True, capture_output=True, text=True).stdout

    def watch(self):
        """What counts instructions is asked for no gauge: its answer would be counted too."""
        gauge = None if self.wrapped else lambda: self.instances[0].metric('otpgwd_smpp_window{smsc="main"}')
        pids = {nth("redis-server", n): p.pid for n, p in enumerate(self.redis_servers)}
        for n, i in enumerate(self.instances):
            pids.update({nth("otpgwd", n): i.daemon.pid, nth("simulator", n): i.smsc.pid})
        return Watch(gauge=gauge, **pids)

    def limit(self, watch, per_s, lives=0):
        return watch.limit(per_s=per_s, rate=self.rate, window=self.window, lives=lives)

    def load(self, lives, first=0, window=LOADER_WINDOW, only_sends=False, on=None):
        """So many lives, shared by the instances of `on` (all of them), one loader each; with what they were limited by."""
        on = on or self.instances
        argvs = [[f"{self.build}/tests/bench/load", i.api, i.phone, str(lives // len(on)), str(window), str(first + n * APART),
                  *(["sends"] if only_sends else [])] for n, i in enumerate(on)]
        with self.watch() as watch:
            outs = ran_all(argvs, watch, self.log)
        seconds = max(o["seconds"] for o in outs)
        return {"seconds": seconds, "again": sum(o["again"] for o in outs), "limit": self.limit(watch, lives / seconds, window)}

    def measured_lives(self, lives, first):
        """Whole lives until their receipts are in: their rate, and CPU per life, in us, of daemons, redis-servers, simulators."""
        kinds = [self.daemons, self.redis_servers, [i.smsc for i in self.instances]]
        sums = lambda: [sum(cpu_of(p.pid) for p in procs) for procs in kinds]
        before, had = sums(), self.metric('otpgwd_verifications_total{step="delivered"}')
        run = self.load(lives, first=first)
        self.settled(had + lives)
        cpu = [(now - then) / lives * 1e6 for now, then in zip(sums(), before)]
        return {"lives_per_s": lives / run["seconds"], **dict(zip(("daemon_cpu_us", "redis_cpu_us", "smsc_cpu_us"), cpu)),
                "again": run["again"], "limit": run["limit"]}

    def open_loop(self, connections, *phases, first=0):
        """The result of each phase; "sent" is how many per second the SMSC accepted in it, without its first second."""
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
        return rss_kb_of(self.daemon.pid)

    def log(self):
        return "".join(text_of(i.path("log"))[-2000:] for i in self.instances)

    def stop_daemons(self):
        for i in self.instances:
            if i.daemon.poll() is None:
                i.daemon.send_signal(signal.SIGTERM)
            i.daemon.wait(120)

    def stop(self):
        self.stop_daemons()
        for proc in reversed(self.procs):
            if proc.poll() is None:
                proc.send_signal(signal.SIGTERM)
                proc.wait(60)
        if self.cluster:
            self.cluster.close()
        for i in self.instances:
            os.close(i.phone_keep)
        shutil.rmtree(self.dir)
