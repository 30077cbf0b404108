"""The scripts as the daemon calls them, and the record they share. The layout is written down a second time here, from
daemon/store/record.h: a change on one side alone makes every test fail."""
import os
import re
import struct
import subprocess

import redis

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPTS = ("issue", "resend", "verify", "cancel", "mark", "claim", "release")

T0 = 1_800_000_000_000  # some Redis time, in ms, on a whole second
LIVE, UNKNOWN, DENIED, EXPIRED, USED, EXHAUSTED, CANCELLED = range(7)
PENDING, VERIFIED, _, SPENT, STOPPED = range(5)
QUEUED, SUBMITTED, DOUBT, ACCEPTED, FAILED, DELIVERED = range(6)
REFUSED, DEADLINE, POISON = 2, 1, 9

RECORD = struct.Struct("<12B2Bxx4sI8I7q8s32s8s15sx18s8s6x32s352s")
FIELDS = ("version", "kid", "state", "delivery", "reason", "wrong", "guesses", "sends", "sends_max", "claims", "flags",
          "prev_state", "fails_short", "fails_long", "tenant", "ttl", "w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7",
          "created", "expires", "hard_end", "deadline", "sent", "accepted", "ended", "owner", "smsc", "error", "args",
          "generation", "prev_generation", "mac", "sealed")

DEFAULTS = dict(version=1, kid=7, state=0, delivery=0, reason=0, wrong=0, guesses=5, sends=1, sends_max=4, claims=0,
                flags=0, prev_state=255, fails_short=10, fails_long=20, tenant=b"ten1", ttl=300_000, w0=30_000,
                w1=60_000, w2=120_000, w3=0, w4=0, w5=0, w6=0, w7=0, created=T0, expires=T0 + 330_000,
                hard_end=T0 + 900_000, deadline=T0 + 60_000, sent=T0, accepted=0, ended=0, owner=b"me\0\0\0\0\0\0",
                smsc=bytes(32), error=bytes(8), args=b"a" * 15, generation=b"first generation01", mac=b"M" * 32,
                prev_generation=bytes(8), sealed=b"S" * 352)


def pack(**fields):
    values = {**DEFAULTS, **fields}
    return RECORD.pack(*(values[name] for name in FIELDS))


def unpack(raw):
    return dict(zip(FIELDS, RECORD.unpack(raw)))


def limits(sends_short=(5, 600), sends_long=(10, 86400), fails_short=(10, 3600), fails_long=(20, 86400)):
    return struct.pack("<8I", *sends_short, *sends_long, *fails_short, *fails_long)


def connect(path):
    return redis.Redis(unix_socket_path=path)


def embedded():
    """What embed.sh puts into the daemon, comments and all else taken out by it."""
    lua = os.path.join(ROOT, "daemon/store/lua")
    out = subprocess.run(["sh", "embed.sh"] + [f"{lua}/{name}.lua" for name in SCRIPTS], check=True, text=True,
                         cwd=os.path.join(ROOT, "daemon/store"), stdout=subprocess.PIPE).stdout
    return {name: bytes(int(n) for n in re.findall(r"\d+", body))
            for name, body in re.findall(r"lua_(\w+)\[\] = \{(.*?)\};", out, re.S)}


class Store:
    """One verification, "tuple", and the number it belongs to; `now` is the time the next script is told."""

    def __init__(self, r, sources):
        self.r = r
        self.now = T0
        self.o, self.n, self.j = b"o{3}:tuple", b"r{3}:number", b"j{3}"
        self.sha = {name: r.script_load(source) for name, source in sources.items()}

    def run(self, script, keys, *args):
        return self.r.evalsha(self.sha[script], len(keys), *keys, *args)

    def record(self):
        return unpack(self.r.get(self.o))

    def put(self, **fields):
        """A record as if an earlier script had left it; its life is long against any test's."""
        self.r.set(self.o, pack(**fields), px=8_100_000)
        self.r.zadd(self.j, {b"tuple": self.now})

    def issue(self, record=None, reqid=None, args=b"a" * 15, window=10_000, lims=None, lease=None, ident=b"i" * 52,
              **fields):
        if record is None:
            shift = self.now - T0
            times = {name: DEFAULTS[name] + shift for name in ("created", "expires", "hard_end", "deadline", "sent")}
            record = pack(args=args, **{**times, **fields})
        keys = [self.o, self.n, self.j] + ([b"k{3}:" + reqid] if reqid else [])
        return self.run("issue", keys, self.now, record, 8_100_000, lease or self.now + 5000, b"tuple", args, window,
                        lims or limits(), 86_400_000, ident)

    def resend(self, generation=DEFAULTS["generation"], tenant=b"ten1", reqid=None, args=b"b" * 15, window=0,
               lims=None, deadline=None, sealed=b"", owner=b"you\0\0\0\0\0", ident=b"i" * 52):
        keys = [self.o, self.n, self.j] + ([b"k{3}:" + reqid] if reqid else [])
        return self.run("resend", keys, self.now, generation, tenant, args, window, lims or limits(),
                        deadline or self.now + 60_000, self.now + 5000, b"tuple", sealed, owner, 86_400_000, ident)

    def verify(self, mac=b"M" * 32, generation=DEFAULTS["generation"], tenant=b"ten1", reqid=None, args=b"v" * 15,
               lims=None):
        keys = [self.o, self.n] + ([b"k{3}:" + reqid] if reqid else [])
        return self.run("verify", keys, self.now, generation, tenant, mac, lims or limits(), args, 60_000)

    def wrong(self, **how):
        return self.verify(mac=b"W" * 32, **how)

    def cancel(self, generation=DEFAULTS["generation"], tenant=b"ten1"):
        return self.run("cancel", [self.o, self.j], self.now, generation, tenant, b"tuple")

    def mark(self, delivery, reason=0, smsc=b"", error=b"", release=False, doubtful=False, reroute=False,
             generation=DEFAULTS["generation"]):
        return self.run("mark", [self.o, self.j], self.now, generation, delivery, reason, smsc and smsc.ljust(32, b"\0"),
                        error.ljust(8, b"\0"), int(release), int(doubtful), b"tuple", int(reroute))

    def claim(self, most=32, owner=b"you\0\0\0\0\0", mine=False):
        return self.run("claim", [self.j], self.now, self.now + 5000, most, b"o{3}:", owner, int(mine))

    def release(self, owner=b"you\0\0\0\0\0", wait=0):
        return self.run("release", [self.o, self.j], self.now + wait, b"tuple", owner)
