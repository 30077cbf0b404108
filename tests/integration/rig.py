"""The processes of an integration test: a private Redis, the simulated SMSC, the daemon, and clients of its socket.

Everything lives in one directory of the test; no fixed port, no fixed path; processes are ended by their own handle.
"""
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from machine import stretch
from process import Process, free_port, quick_disk, text_of, wait_until  # noqa: F401
from proxy import Proxy
from redis_sets import KEPT, Redis, make_redis  # noqa: F401

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OTPGWD = os.environ.get("OTPGWD", os.path.join(ROOT, "build/release/otpgwd"))
NEXT = os.path.join(ROOT, "build/next/otpgwd")  # the daemon of the next release: make FLAVOUR=next build/next/otpgwd
SMSC = os.environ.get("SMSC", os.path.join(ROOT, "build/release/tests/smsc/smsc"))


class Sms:
    def __init__(self, line):
        self.to, self.sender, self.text = line.rstrip("\n").split(" ", 2)
        self.code = re.search(r"\b[0-9]{4,10}\b", self.text).group(0)


class Smsc(Process):
    def __init__(self, folder, name="smsc", *options):
        self.path = lambda what: os.path.join(folder, f"{name}.{what}")
        self.options = list(options)
        self.own_port = 0
        self.proxy = None
        open(self.path("phone"), "w").close()
        self.phone = open(self.path("phone"))

    def start(self, *options):
        if os.path.exists(self.path("port")):
            os.unlink(self.path("port"))
        self.start_process([SMSC, "--port", str(self.own_port), "--port-file", self.path("port"), "--phone", self.path("phone"),
                            "--account", self.path("account"), "--system-id", "test", "--password", "canarypw",
                            "--phones", self.path("phones"), *(options or self.options)], self.path("log"))
        wait_until(lambda: os.path.exists(self.path("port")), what="the simulator")
        with open(self.path("port")) as f:
            self.own_port = int(f.read())

    def restart(self, *options):
        self.stop()
        self.start(*options)

    def behind_a_proxy(self):
        self.proxy = Proxy(("127.0.0.1", self.own_port))

    @property
    def port(self):
        """Where the daemon connects."""
        return self.proxy.port if self.proxy else self.own_port

    def sms(self, seconds=10, to=None):
        line = ""

        def more():
            nonlocal line
            while part := self.phone.readline():
                line += part
                if line.endswith("\n") and (not to or line.startswith(to + " ")):
                    return True
                line = "" if line.endswith("\n") else line
            return False

        wait_until(more, seconds, "an SMS")
        return Sms(line)

    def phones(self):
        """Phones that send to the daemon by this SMSC."""
        return Phones(self.path("phones"))

    def mo(self, number, to, text, **how):
        """A phone sends; the command_status with which the daemon answers."""
        with Phones(self.path("phones")) as phones:
            return phones.send((number, to, text), **how)[0][0]

    def all_sms(self):
        """What came since the last look."""
        return [Sms(line) for line in self.phone.readlines()]

    def history(self):
        """All that ever came; a line that is being written comes later."""
        return [Sms(line) for line in text_of(self.path("phone")).splitlines(True) if line.endswith("\n")]

    def drop(self):
        """All connections end; the SMSC itself stays."""
        self.signal(signal.SIGHUP)

    def account(self):
        if os.path.exists(self.path("account")):
            os.unlink(self.path("account"))
        if self.alive():
            self.signal(signal.SIGUSR1)
        wait_until(lambda: os.path.exists(self.path("account")), what="the account")
        with open(self.path("account")) as f:
            return json.load(f)


class Phones:
    """A connection on which the simulator is told what phones send: each message goes out at once and is answered."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(path)
        self.sock.settimeout(60)
        self.file = self.sock.makefile("rb")
        self.sent = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.sock.close()

    def send(self, *messages, kind="deliver", coding="gsm", esm=0, window=1000):
        """(from, to, text) each, at most so many unanswered; their answers in the same order: command_status, "lost" or
        "unbound", and microseconds."""
        first, answers, room = self.sent + 1, {}, threading.Semaphore(window)

        def write():
            for number, to, text in messages:
                room.acquire()
                self.sock.sendall(f"{kind} {coding} {esm} {number} {to} {text}\n".encode())

        threading.Thread(target=write, daemon=True).start()
        while len(answers) < len(messages):
            number, status, us = self.file.readline().decode().split()
            answers[int(number)] = (int(status) if status.isdigit() else status, int(us))
            room.release()
        self.sent += len(messages)
        return [answers[first + i] for i in range(len(messages))]


def tag_of(name):
    """What stands in Redis for the name of an SMSC or a purpose to which the configuration gives no tag."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=32).digest()[:2], "big") or 1


def wrong(code, nth=1):
    """The nth wrong guess at this code; an equal one would not be counted again."""
    return f"{(int(code) + nth) % 10**len(code):0{len(code)}d}"


class Error(Exception):
    def __init__(self, line):
        super().__init__(line)
        self.code = line.split(" ")[0]
        self.fields = dict(w.split("=", 1) for w in line.split(" ")[1:] if "=" in w)


class Client:
    """Speaks RESP with no library: what is sent and received is seen octet for octet."""

    def __init__(self, path, timeout=60):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(path)  # blocking: a full backlog is waited for
        self.sock.settimeout(timeout)
        self.file = self.sock.makefile("rb")

    def send(self, *words):
        self.raw(self.pack(*words))

    @staticmethod
    def pack(*words):
        out = [b"*%d\r\n" % len(words)]
        for word in words:
            word = word if isinstance(word, bytes) else str(word).encode()
            out.append(b"$%d\r\n%s\r\n" % (len(word), word))
        return b"".join(out)

    def raw(self, data):
        self.sock.sendall(data)

    def reply(self):
        line = self.file.readline()
        if not line:
            raise EOFError
        assert line.endswith(b"\r\n"), line
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            return Error(rest.decode())
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2].decode()
        if kind in b"*>":
            return [self.reply() for _ in range(int(rest))]
        if kind == b"%":
            return {self.reply(): self.reply() for _ in range(int(rest))}
        if kind == b"_":
            return None
        assert kind in b"+:", line
        return int(rest) if kind == b":" else rest.decode()

    def ask(self, *words):
        self.send(*words)
        return self.reply()

    def do(self, *words):
        reply = self.ask(*words)
        if isinstance(reply, Error):
            raise reply
        return reply

    def insist(self, *words):
        """Asked again while the store is away, as a client should: with a REQID it is one request."""
        def taken():
            reply = self.ask(*words)
            assert not isinstance(reply, Error) or reply.code == "UNAVAILABLE", reply
            return None if isinstance(reply, Error) else (reply,)

        return wait_until(taken, 20, f"an answer to {words[0]}")[0]

    def fails(self, *words):
        reply = self.ask(*words)
        assert isinstance(reply, Error), f"{words[0]} answered {reply!r}"
        return reply

    def status(self, vid):
        flat = self.do("OTP.STATUS", vid)
        return flat if isinstance(flat, dict) else dict(zip(flat[::2], flat[1::2]))

    def settled(self, vid, *deliveries, seconds=20):
        """The status of a verification, once its delivery is one of these; without any: once it is no longer owed."""
        def look():
            status = self.status(vid)
            there = status["delivery"] in deliveries if deliveries else status["delivery"] not in ("queued", "submitted")
            return status if there else None

        return wait_until(look, seconds, " or ".join(deliveries) or "an end")

    def many(self, requests, batch=500):
        """Pipelined: the replies in order."""
        replies = []
        for at in range(0, len(requests), batch):
            part = requests[at:at + batch]
            self.raw(b"".join(self.pack(*words) for words in part))
            replies += [self.reply() for _ in part]
        return replies

    def all_served(self, requests, seconds=60):
        """As many(); what a busy machine refuses (OVERLOADED) is asked again, as a client should."""
        replies, left = [None] * len(requests), list(range(len(requests)))

        def served():
            for i, reply in zip(left, self.many([requests[i] for i in left])):
                replies[i] = reply
            left[:] = [i for i in left if isinstance(replies[i], Error) and replies[i].code == "OVERLOADED"]
            return not left

        wait_until(served, seconds, "all to be served")
        return replies

    def close(self):
        self.file.close()
        self.sock.close()


class Manager:
    """The service manager's end of NOTIFY_SOCKET; always reading, since a sender waits for room."""

    def __init__(self, path):
        self.path = path
        self.states = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while data := self.socket.recv(4096):
            self.states += data.decode().split("\n")

    def take(self, word):
        """True if it was said since the last time that it was taken."""
        found = word in self.states
        if found:
            del self.states[:self.states.index(word) + 1]
        return found


class Daemon(Process):
    """`expect` holds what error lines of the log a test means to cause: any other one fails the test."""

    def __init__(self, folder, redis, smscs):
        self.expect = []
        self.binary = OTPGWD
        self.under = []  # what starts the daemon: ["prlimit", "--nofile=64:64"]
        self.dir = folder
        self.redis = redis
        self.smscs = smscs
        self.redis_timeout_ms = 0
        self.path = lambda name: os.path.join(folder, name)
        self.api, self.stats, self.log_path = self.path("api.sock"), self.path("stats.sock"), self.path("daemon.log")
        for key in ("index.key", "code-1.key"):
            subprocess.run([OTPGWD, "--genkey", self.path(key)], check=True)
        with open(os.open(self.path("pw"), os.O_CREAT | os.O_WRONLY, 0o600), "w") as f:
            f.write("canarypw\n")

    def write_conf(self, replace=(), **o):
        """The shipped sample, with paths of this folder; `replace` holds (old, new) pairs that must be found."""
        with open(os.path.join(ROOT, "conf/otpgwd.conf")) as f:
            text = f.read()
        groups = ",".join(self.smsc_group(s, name, o.get("smsc", "")) for name, s in self.smscs.items())
        text = re.sub(r"\nsmsc = \(.*?\n\);", lambda _: f"\nsmsc = ( {groups} );", text, count=1, flags=re.S)
        timeout = "# command_timeout_ms = 1000;"
        if timeout not in dict(replace):
            self.redis_timeout_ms = self.redis_timeout_ms or round(1000 * stretch())  # fixed: a reload could not change it
            replace = [*replace, (timeout, f"command_timeout_ms = {self.redis_timeout_ms};")]
        limits = o.get("purpose", "sends_short = [255, 600]; sends_long = [255, 86400];")
        pairs = [("/run/otpgwd/api.sock", self.api), ("/run/otpgwd/stats.sock", self.stats),
                 ('socket = "/run/redis-otpgwd/redis-server.sock";', self.redis.conf()), ('"index.key"', f'"{self.path("index.key")}"'),
                 ('"code-1.key"', f'"{self.path("code-1.key")}"'), ('uid = ["www-data"]', f"uid = [{os.getuid()}]"),
                 ('# lock = "/run/otpgwd-instance/lock";', f'lock = "{self.path("lock")}";'),
                 ('# directory = "/usr/share/otpgwd/numbering";', f'directory = "{os.path.join(ROOT, "conf/numbering")}";'),
                 ('# log_level = "info";', f'log_level = "{o.get("log_level", "debug")}";'),
                 ('brand = "OTP Gateway";', f'brand = "OTP Gateway"; {limits}'),
                 ('smsc = ["main"];', "smsc = [" + ",".join(f'"{n}"' for n in self.smscs) + "];"), *replace]
        for old, new in pairs:
            assert old in text, f"the sample configuration has no {old}"
            text = text.replace(old, new.replace("{folder}", self.dir), 1)
        with open(self.path("conf"), "w") as f:
            f.write(text + o.get("append", ""))

    def smsc_group(self, smsc, name, extra):
        rate = "" if re.search(r"\brate\b", extra) else "rate = 10000.0;"
        window = "" if "window" in extra else "window = 100;"
        return (f'{{ name = "{name}"; host = "127.0.0.1"; port = {smsc.port}; system_id = "test"; sender = "OTP"; {rate} {window}'
                f' password_file = "{self.path("pw")}"; reconnect_min_ms = 50; reconnect_max_ms = 500; {extra} }}')

    def run_with(self, bound=True, **overrides):
        self.stop()
        self.write_conf(**overrides)
        return self.start(bound)

    def run(self, *options):
        """In the foreground, to its end."""
        run = subprocess.run([OTPGWD, *(options or ("-c", self.path("conf")))], capture_output=True, text=True, timeout=60)
        return run.returncode, run.stdout + run.stderr

    def start(self, bound=True):
        self.manager = Manager(self.path(f"notify-{time.monotonic_ns()}"))
        self.start_process([*self.under, self.binary, "-c", self.path("conf")], self.log_path, {**os.environ, "NOTIFY_SOCKET": self.manager.path})
        self.await_state("READY=1")
        if bound:
            wait_until(self.all_ready, 20, what="ready: " + self.tail())
        return self

    def await_state(self, word):
        def said():
            assert self.alive(), f"the daemon ended with {self.proc.returncode}: {self.tail()}"
            return self.manager.take(word)

        wait_until(said, 20, word)

    def check(self, path=None):
        return self.run("--check", "-c", path or self.path("conf"))

    def reload(self, good=True):
        """A good file is in force when this returns, a bad one refused."""
        refused = self.log().count("reload refused")
        self.manager.states.clear()
        self.signal(signal.SIGHUP)
        self.await_state("READY=1")
        assert (self.log().count("reload refused") == refused) is good, self.tail()

    def log(self):
        return text_of(self.log_path)

    def complaints(self):
        """Reports of a sanitizer, and error lines that no test asked for."""
        lines = self.log().splitlines()
        reports = [line for line in lines if "Sanitizer" in line or "runtime error:" in line]
        return reports + [line for line in lines if line.startswith("<3>") and not any(e in line for e in self.expect)]

    def tail(self):
        return self.log()[-2000:] if os.path.exists(self.log_path) else ""

    def get(self, path, method="GET"):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(60)
            s.connect(self.stats)
            s.sendall(f"{method} {path} HTTP/1.0\r\n\r\n".encode())
            data = b""
            while chunk := s.recv(65536):
                data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]), body.decode()

    def metric(self, series):
        """The sum of all series of this name with these labels, whatever further labels they have."""
        name, _, labels = series.rstrip("}").partition("{")
        wanted = set(re.findall(r'\w+="[^"]*"', labels))
        found = re.findall("^" + re.escape(name) + r"(?:\{(.*)\})? (\S+)$", self.get("/metrics")[1], re.M)
        return sum(float(value) for have, value in found if wanted <= set(re.findall(r'\w+="[^"]*"', have)))

    def json(self):
        return json.loads(self.get("/status.json")[1])

    def ready(self):
        return self.get("/readyz")[0] == 200

    def all_ready(self):
        """Routes count on their order: the first SMSC is not to be passed over because it was slower to bind."""
        running = [name for name, s in self.smscs.items() if isinstance(s, Smsc) and s.alive()]
        return self.ready() and all(row["bound"] for row in self.json()["smscs"] if row["name"] in running)

    def step(self, name):
        return self.metric('otpgwd_verifications_total{step="%s"}' % name)

    def client(self, timeout=60):
        return Client(self.api, timeout)

    def rss_kb(self):
        with open(f"/proc/{self.proc.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


class Gateway:
    """A running set: redis, smsc, daemon; `proxied` names those that the daemon reaches through a fault proxy.

    `redis` is the kind of Redis and `redis_options` its make; without it OTPGWD_REDIS chooses, but only one Redis has a proxy.
    """

    def __init__(self, receipts="both", smscs=1, proxied=(), redis="", redis_options=None, **overrides):
        self.dir = tempfile.mkdtemp(prefix="otpgwd-test.", dir=quick_disk())
        self.redis = make_redis(self.dir, "single" if "redis" in proxied else redis, **(redis_options or {}))
        self.redis.start()
        names = ["main", "second", "third"][:smscs]
        self.smscs = {n: Smsc(self.dir, n, "--receipts", receipts) for n in names}
        for s in self.smscs.values():
            s.start()
        self.smsc = self.smscs["main"]
        for name in proxied:
            getattr(self, name).behind_a_proxy()
        self.daemon = Daemon(self.dir, self.redis, self.smscs)
        self.daemons = [self.daemon]
        try:
            self.daemon.run_with(**overrides)
        except BaseException:
            self.kill()
            raise

    def join(self, name, replace=(), **overrides):
        """One more instance on the same Redis and SMSCs, with the same keys."""
        os.mkdir(os.path.join(self.dir, name))
        daemon = Daemon(os.path.join(self.dir, name), self.redis, self.smscs)
        for key in ("index.key", "code-1.key"):
            shutil.copy(self.daemon.path(key), daemon.path(key))
        self.daemons.append(daemon)
        return daemon.run_with(replace=[('instance = "a";', f'instance = "{name}";'), *replace], **overrides)

    def kill(self):
        for process in (*self.daemons, *self.smscs.values()):
            process.kill()
        self.redis.close()
        for smsc in self.smscs.values():
            smsc.phone.close()
            if smsc.proxy:
                smsc.proxy.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def close(self):
        """Each daemon ends by itself, with 0 and without a complaint in its log."""
        try:
            for daemon in self.daemons:
                was_up = daemon.alive()
                code = daemon.stop(40)
                complaints = daemon.complaints()
                assert not complaints, "\n".join(complaints[:20])
                assert not was_up or code == 0, f"the daemon ended with {code}: {daemon.tail()}"
        finally:
            self.kill()
