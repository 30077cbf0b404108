"""n instances of the daemon, each in a folder of its own, on one Redis and one or two simulated SMSCs; and what is seen of them."""
import os
import re
import shutil
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "integration"))
from history import History  # noqa: E402
from redis_sets import Redis, make_redis  # noqa: E402
from rig import OTPGWD, Client, Daemon, Error, Smsc, wait_until  # noqa: E402,F401

NAMES = "abcdefgh"
SLOW_FSYNC = os.environ.get("SLOW_FSYNC", os.path.join(os.path.dirname(OTPGWD), "tests/chaos/slow_fsync.so"))


class ChaosRedis(Redis):
    """One server whose disk may be slow."""

    def __init__(self, folder, appendfsync="everysec", slow_fsync_ms=0):
        super().__init__(folder)
        self.argv[self.argv.index("everysec")] = appendfsync
        if slow_fsync_ms:
            assert os.path.exists(SLOW_FSYNC), f"{SLOW_FSYNC} is not built"
            self.argv = ["env", f"LD_PRELOAD={SLOW_FSYNC}", f"SLOW_FSYNC_MS={slow_fsync_ms}", *self.argv]

    def start(self):
        """Late in a long run it has much to read."""
        self.start_process(self.argv, os.path.join(self.dir, "redis.log"))
        wait_until(lambda: self.cli("PING") == "PONG" or not self.alive(), 180, "redis-server")
        assert self.alive(), self.log()[-2000:]


class Instance(Daemon):
    """One of several: the keys are the first one's, the name its own."""

    def __init__(self, world, name):
        folder = os.path.join(world.dir, name)
        os.mkdir(folder)
        super().__init__(folder, world.redis, world.smscs)
        self.world, self.name = world, name
        self.lives = 0
        if name != NAMES[0]:
            for key in ("index.key", "code-1.key"):
                shutil.copy(os.path.join(world.dir, NAMES[0], key), self.path(key))

    def configure(self, options):
        store = f"store: {{ lease_ms = {options['lease_ms']}; }};"
        replace = [("# store: { partitions = 256; lease_ms = 5000; write_version = 0; };", store), *options.get("replace", ())]
        if self.name != "a":
            replace.append(('instance = "a";', f'instance = "{self.name}";'))
        smsc = f"rate = {options['rate']:.1f}; window = {options['window']}; {options.get('smsc', '')}"
        self.write_conf(replace=replace, smsc=smsc, log_level=options.get("log_level", "info"))

    def launch(self, point=""):
        """Without waiting for it: it may stop at its point before it is ready."""
        self.lives += 1
        env = {k: v for k, v in os.environ.items() if k not in ("NOTIFY_SOCKET", "OTPGWD_PAUSE")}
        if point:
            env["OTPGWD_PAUSE"] = point
        self.start_process([*self.under, OTPGWD, "-c", self.path("conf")], self.log_path, env)

    def await_ready(self, seconds=30):
        def up():
            assert self.alive(), f"{self.name} ended with {self.proc.returncode}: {self.tail()}"
            try:
                return self.ready()
            except OSError:
                return False

        wait_until(up, seconds, f"{self.name} to be ready: {self.tail()}")

    def is_stopped(self):
        try:
            with open(f"/proc/{self.proc.pid}/stat") as f:
                return f.read().rpartition(")")[2].split()[0] in "Tt"
        except OSError:
            return False


class Phones(threading.Thread):
    """Reads what the simulators' phones show into the history, and tells those who ask."""

    def __init__(self, world):
        super().__init__(daemon=True)
        self.world, self.seen, self.rests = world, {}, {}
        self.lock = threading.Lock()
        self.hooks = []
        self.ended = False

    def run(self):
        while not self.ended:
            self.look()
            time.sleep(0.01)

    def look(self):
        with self.lock:
            for name, smsc in self.world.smscs.items():
                text = self.rests.get(name, "") + smsc.phone.read()
                *lines, self.rests[name] = text.split("\n")
                for line in lines:
                    self.take(name, line)

    def take(self, name, line):
        to, _, text = line.split(" ", 2)
        code = re.search(r"\b[0-9]{6}\b", text).group(0)
        self.seen.setdefault(to, []).append(code)
        self.world.history.add("sms", m=to, code=code, smsc=name)
        for hook in self.hooks:
            hook(to, code)

    def close(self):
        self.ended = True
        self.join()
        self.look()


class World:
    """`options`: instances, smscs, kind and redis_options of the Redis, lease_ms, window, rate (of each instance), smsc_options."""

    DEFAULTS = {"instances": 3, "smscs": 1, "kind": "", "redis_options": {}, "lease_ms": 5000, "window": 10, "rate": 60.0,
                "smsc_options": ("--receipts", "both", "--receipt-again", "--resp-delay-ms", "100"), "proxied": ()}

    def __init__(self, **options):
        self.options = {**self.DEFAULTS, **options}
        self.dir = tempfile.mkdtemp(prefix="otpgwd-chaos.")
        self.history = History(os.path.join(self.dir, "history.jsonl"))
        kind, redis_options = self.options["kind"], self.options["redis_options"]
        self.redis = make_redis(self.dir, kind, **redis_options) if kind else ChaosRedis(self.dir, **redis_options)
        self.smscs = {n: Smsc(self.dir, n, "--quiet", *self.options["smsc_options"]) for n in ["main", "second"][:self.options["smscs"]]}
        self.smsc = self.smscs["main"]
        self.instances = {}
        self.phones = Phones(self)
        try:
            self.begin()
        except BaseException:
            self.kill()
            raise

    def begin(self):
        self.redis.start()
        for smsc in self.smscs.values():
            smsc.start()
        for server in (self.redis, *self.smscs.values()):
            if ("redis" if server is self.redis else "smsc") in self.options["proxied"]:
                server.behind_a_proxy()
        for name in NAMES[:self.options["instances"]]:
            self.instances[name] = Instance(self, name)
            self.instances[name].configure(self.options)
        self.phones.start()

    @property
    def proxies(self):
        return [s.proxy for s in (self.redis, *self.smscs.values()) if s.proxy]

    def launch_all(self):
        for instance in self.instances.values():
            instance.launch()
        for instance in self.instances.values():
            instance.await_ready()

    def owed(self):
        """Entries of the journal."""
        r = self.redis.connection()
        try:
            return sum(r.zcard(key) for key in r.keys("j{*}"))
        finally:
            r.close()

    def await_quiet(self, seconds=60):
        wait_until(lambda: self.owed() == 0, seconds, "an empty journal")

    def settle(self, smsc=None):
        """What reached the simulator before is in the phone's file, and read, when this returns."""
        smsc = smsc or self.smsc
        smsc.account()
        smsc.account()  # the second is written a turn after the first: its phone is flushed
        self.phones.look()

    def complaints(self):
        return [line for i in self.instances.values() if os.path.exists(i.log_path) for line in i.complaints()]

    def stop(self):
        """All daemons, by themselves; the exit statuses."""
        live = [i for i in self.instances.values() if i.alive()]
        for i in live:
            i.signal(15)
        return {i.name: i.proc.wait(40) for i in live}

    def kill(self, keep=False):
        if self.phones.is_alive():
            self.phones.close()
        for process in (*self.instances.values(), *self.smscs.values()):
            process.kill()
        self.redis.close()
        for smsc in self.smscs.values():
            smsc.phone.close()
            if smsc.proxy:
                smsc.proxy.close()
        self.history.close()
        if not keep:
            shutil.rmtree(self.dir, ignore_errors=True)
