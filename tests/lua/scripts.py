"""The scripts as the daemon calls them, and the record they share. The layout is written down a second time here, from
daemon/store/layout.h: a change on one side alone makes every test fail."""
import os
import re
import struct
import subprocess

import redis

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

T0 = 1_800_000_000_000  # some Redis time, in ms, on a whole second
LIVE, UNKNOWN, DENIED, EXPIRED, USED, EXHAUSTED, CANCELLED, UNREADABLE = range(8)
PENDING, VERIFIED, _, SPENT, STOPPED = range(5)
QUEUED, SUBMITTED, DOUBT, ACCEPTED, FAILED, DELIVERED = range(6)
REFUSED, DEADLINE, POISON = 2, 1, 9

RECORD = struct.Struct("<16B4sI8I7q8s32s8s15sB18s8sI2x16s20s18s2x370s")
FIELDS = ("version", "kid", "state", "delivery", "reason", "wrong", "guesses", "sends", "sends_max", "claims", "flags",
          "prev_state", "known", "shape", "repeats", "returned", "tenant", "ttl", "w0", "w1", "w2", "w3", "w4", "w5", "w6",
          "w7", "created", "expires", "hard_end", "deadline", "sent", "accepted", "ended", "owner", "smsc", "error", "args",
          "taken_over", "generation", "prev_generation", "prev_ended", "mac", "limits", "tags", "sealed")


def limits(sends_short=(5, 600), sends_long=(10, 86400), fails_short=(10, 3600), fails_long=(20, 86400)):
    return struct.pack("<BIBIBIBI", *sends_short, *sends_long, *fails_short, *fails_long)


DIGITS, LETTERS = 0, 1
DEFAULTS = dict(version=2, kid=7, state=0, delivery=0, reason=0, wrong=0, guesses=5, sends=1, sends_max=4, claims=0,
                flags=0, prev_state=255, known=0, shape=6, repeats=0, returned=0, tenant=b"ten1", ttl=300_000, w0=30_000,
                w1=60_000, w2=120_000, w3=0, w4=0, w5=0, w6=0, w7=0, created=T0, expires=T0 + 330_000,
                hard_end=T0 + 900_000, deadline=T0 + 60_000, sent=T0, accepted=0, ended=0, owner=b"me\0\0\0\0\0\0",
                smsc=bytes(32), error=bytes(8), args=b"a" * 15, taken_over=0, generation=b"first generation01",
                mac=b"M" * 16, prev_generation=bytes(8), prev_ended=0, limits=limits(), tags=bytes(18), sealed=b"S" * 370)
NUMBER = b"r{3}:number"
TENANT_KEY = NUMBER + DEFAULTS["tenant"].hex().encode()


def pack(**fields):
    values = {**DEFAULTS, **fields}
    return RECORD.pack(*(values[name] for name in FIELDS))


def unpack(raw):
    return dict(zip(FIELDS, RECORD.unpack(raw)))


def counters(raw):
    """Sends, those given back, and wrong guesses with their tags, as seconds; None: nothing is there."""
    if raw is None:
        return None
    n, m = raw[0], raw[1]
    seconds = [int.from_bytes(raw[i:i + 4], "little") for i in range(2, 2 + 4 * (n + m), 4)]
    fails = [(int.from_bytes(raw[i:i + 4], "little"), raw[i + 4:i + 6]) for i in range(2 + 4 * (n + m), len(raw), 6)]
    return seconds[:n], seconds[n:], fails


def pack_counters(sends=(), returned=(), fails=()):
    return bytes((len(sends), len(returned))) + b"".join(t.to_bytes(4, "little") for t in (*sends, *returned)) + \
        b"".join(t.to_bytes(4, "little") + tag for t, tag in fails)


def candidate(mac, length=6, alphabets=1):
    return bytes((length, alphabets)) + mac


def connect(path):
    return redis.Redis(unix_socket_path=path)


def embedded(folder=os.path.join(ROOT, "daemon/store/lua")):
    """The library that embed.sh puts into the daemon, comments and all else taken out by it."""
    out = subprocess.run(["sh", os.path.join(ROOT, "daemon/store/embed.sh"), folder], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    return bytes(int(n) for n in re.findall(r"\d+", re.search(r"\{(.*?)\};", out, re.S).group(1)))


def load(r, library):
    """Its name. Another client of this server may have loaded it."""
    name = library.split(b"\n")[0].split(b"=")[1].decode()
    try:
        r.execute_command("FUNCTION", "LOAD", library)
    except redis.ResponseError as error:
        assert "already exists" in str(error), error
    return name


class Store:
    """One verification, "tuple", and the number it belongs to; `now` is the time the next script is told."""

    def __init__(self, r, library):
        self.r = r
        self.now = T0
        self.o, self.n, self.j = b"o{3}:tuple", TENANT_KEY, b"j{3}"
        self.keep = 86_400  # the longest window of any purpose
        self.cap = ()  # key, count and window of the limit over all tenants
        self.library = load(r, library)

    def run(self, function, keys, *args):
        return self.r.fcall(f"{self.library}_{function}", len(keys), *keys, *args)

    def record(self):
        return unpack(self.r.get(self.o))

    def counters(self, known=False):
        return counters(self.r.get(self.n + b"k" * known))

    def put(self, **fields):
        """A record as if an earlier script had left it; its life is long against any test's."""
        self.r.set(self.o, pack(**fields), px=8_100_000)
        self.r.zadd(self.j, {b"tuple": self.now})

    def issue(self, record=None, reqid=None, args=b"a" * 15, window=10_000, lease=None, ident=b"i" * 52, **fields):
        if record is None:
            shift = self.now - T0
            times = {name: DEFAULTS[name] + shift for name in ("created", "expires", "hard_end", "deadline", "sent")}
            record = pack(args=args, **{**times, **fields})
        keys = [self.o, self.n, self.j] + ([b"k{3}:" + reqid] if reqid else [])
        return self.run("issue", keys, self.now, self.keep, args, window, 86_400_000, ident, lease or self.now + 5000,
                        b"tuple", record, 8_100_000, *self.cap)

    def resend(self, generation=DEFAULTS["generation"], tenant=b"ten1", reqid=None, args=b"b" * 15, window=0,
               deadline=None, sealed=b"", owner=b"you\0\0\0\0\0", ident=b"i" * 52, known=b""):
        keys = [self.o, self.n, self.j] + ([b"k{3}:" + reqid] if reqid else [])
        return self.run("resend", keys, self.now, self.keep, args, window, 86_400_000, ident, self.now + 5000, b"tuple",
                        generation, tenant, deadline or self.now + 60_000, sealed, owner, known, *self.cap)

    def verify(self, mac=b"M" * 16, generation=DEFAULTS["generation"], tenant=b"ten1", reqid=None, args=b"v" * 15,
               typed=6, candidates=None):
        keys = [self.o, self.n] + ([b"k{3}:" + reqid] if reqid else [])
        return self.run("verify", keys, self.now, generation, tenant, candidate(mac) if candidates is None else candidates,
                        typed, self.keep, args, 60_000)

    def wrong(self, nth=0, **how):
        """The nth wrong guess; equal ones are one guess."""
        return self.verify(mac=nth.to_bytes(2, "big") + b"W" * 14, **how)

    def cancel(self, generation=DEFAULTS["generation"], tenant=b"ten1"):
        return self.run("cancel", [self.o, self.j], self.now, generation, tenant, b"tuple")

    def mark(self, delivery, reason=0, smsc=b"", error=b"", release=False, unanswered=False, reroute=False,
             generation=DEFAULTS["generation"], deadline=0):
        return self.run("mark", [self.o, self.j], self.now, generation, delivery, reason, smsc and smsc.ljust(32, b"\0"),
                        error.ljust(8, b"\0"), int(release), int(unanswered), b"tuple", int(reroute), deadline)

    def unsent(self, reason=2, deadline=DEFAULTS["deadline"], generation=DEFAULTS["generation"], sent=T0, error=b"", known=0):
        """Certainly no SMS came of this send; deadline 0: another of the verification took its place or goes on."""
        return self.run("unsent", [self.o, self.j], self.now, generation, reason, error.ljust(8, b"\0"), b"tuple", deadline,
                        sent, known, self.keep, NUMBER, *self.cap[:1])

    def claim(self, most=32, owner=b"you\0\0\0\0\0", mine=False):
        """[removed, tuple, record, ...]; `unreadable` is how many were left as they are."""
        removed, self.unreadable, *taken = self.run(
            "claim", [self.j], self.now, self.now + 5000, most, b"o{3}:", owner, int(mine), self.keep, b"r{3}:",
            *[b"s{3}:"] * bool(self.cap))
        return [removed, *taken]

    def release(self, owner=b"you\0\0\0\0\0", wait=0, unsent=True, generation=DEFAULTS["generation"]):
        return self.run("release", [self.o, self.j], self.now + wait, b"tuple", owner, int(unsent), generation)
