"""The scripts as the daemon calls them, and the record they share. The layout is written down a second time here, from
daemon/store/layout.h: a change on one side alone makes every test fail."""
import os
import re
import struct
import subprocess

import redis

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

T0 = 1_800_000_000_000  # some Redis time, in ms, on a whole second
LIVE, UNKNOWN, DENIED, EXPIRED, USED, EXHAUSTED, CANCELLED, UNREADABLE, RESERVED, REDIRECTED = range(10)
PENDING, VERIFIED, OVER, SPENT, STOPPED = range(5)
RESERVED_BIT, REDIRECTED_BIT = 64, 128  # of origin
QUEUED, SUBMITTED, DOUBT, ACCEPTED, FAILED, DELIVERED = range(6)
REFUSED, DEADLINE, POISON, TEMPLATE = 2, 1, 9, 11
ISSUE_CREATED, VERIFY_APPROVED = 7011, 9013  # answered as numbers
TSEL, XL = 700, 800  # tags of SMSCs

# The part that is kept of a verification that has ended; its limits, which are kept of some; the rest; the tail.
KEPT = struct.Struct("<BBIB3BHII6s8s4siH8B8sIHHII8s24s")
KEPT_FIELDS = ("version", "state", "ended", "wrong", "delivery", "reason", "flags", "smsc", "expires", "accepted", "created",
               "generation", "tenant", "sent", "wait", "guesses", "sends", "sends_max", "shape", "known", "origin", "kid",
               "prev_state", "prev_generation", "prev_ended", "purpose", "network", "submitted", "delivered", "error", "number")
REST = struct.Struct("<16sIii10s16sB18sBBB8s8s8HH8s2s8siBBBH")
REST_FIELDS = ("limits", "ttl", "deadline", "hard_end", "rest", "mac", "repeats", "tags", "returned", "taken_over", "claims",
               "owner", "args", "w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7", "template", "confirms", "ref", "reserve",
               "reserve_end", "redirects", "macs", "former", "sealed_len")
SINCE = ("expires", "sent", "deadline", "hard_end")  # ms since created
EVENTS = ("submitted", "accepted", "delivered", "ended")  # the same and one more; 0: has not happened
TOMBSTONE, TOMBSTONE_LIMITS, TOMBSTONE_REDIRECTED, FIXED = KEPT.size, KEPT.size + 16, KEPT.size + 60, KEPT.size + REST.size


def limits(sends_short=(5, 600), sends_long=(10, 86400), fails_short=(10, 3600), fails_long=(20, 86400)):
    return b"".join(bytes((count,)) + window.to_bytes(3, "little") for count, window in (sends_short, sends_long, fails_short, fails_long))


def member(name):
    """A tuple has 24 characters."""
    return name.ljust(24, b"-")


DIGITS, LETTERS = 0, 1
DEFAULTS = dict(version=1, kid=7, state=0, delivery=0, reason=0, wrong=0, guesses=5, sends=1, sends_max=4, claims=0, origin=0,
                flags=0, prev_state=255, known=0, shape=6, repeats=0, returned=0, tenant=b"ten1", ttl=300_000, wait=None, w0=30,
                w1=60, w2=120, w3=0, w4=0, w5=0, w6=0, w7=0, created=T0, expires=T0 + 330_000, purpose=0x1234, network=0,
                hard_end=T0 + 900_000, deadline=T0 + 60_000, sent=T0, submitted=0, accepted=0, delivered=0, ended=0,
                owner=b"me\0\0\0\0\0\0", smsc=0, error=bytes(8), args=b"a" * 8, taken_over=0, generation=b"first generation01",
                mac=b"M" * 16, prev_generation=bytes(8), prev_ended=0, limits=limits(), tags=bytes(18), number=b"N" * 24,
                template=0, confirms=bytes(8), ref=bytes(2), reserve=bytes(8), reserve_end=0, redirects=0, successor=b"", macs=0, former=0, sealed=b"S" * 56, tail=b"")
TUPLE = member(b"tuple")
NUMBER = b"r{3}number"
TENANT_KEY = NUMBER + DEFAULTS["tenant"].hex().encode()


def wait_of(v):
    waits = [v[f"w{i}"] for i in range(min(v["sends"], 8))]
    return next((w for w in reversed(waits) if w), 0)


def pack(**fields):
    """A record as it is while it goes on, or the tombstone of one whose state has ended. It is created before all that has happened."""
    v = {**DEFAULTS, **fields}
    if "created" not in fields:
        v["created"] = min(v[name] for name in ("created", *EVENTS) if v[name])
    created = v["created"]
    v["wait"] = (0 if v["returned"] else wait_of(v)) if v["wait"] is None else v["wait"]
    for name in SINCE:
        v[name] = v[name] - created
    for name in EVENTS:
        v[name] = v[name] and max(v[name] - created, 0) + 1
    v.update(created=created.to_bytes(6, "little"), rest=v["generation"][8:], generation=v["generation"][:8], sealed_len=len(v["sealed"]),
             args=v["args"][:8])
    raw = KEPT.pack(*(v[name] for name in KEPT_FIELDS))
    if v["state"] in (PENDING, *range(5, 256)):
        return raw + REST.pack(*(v[name] for name in REST_FIELDS)) + v["sealed"] + v["tail"]
    return raw + v["limits"] * (v["state"] == SPENT) + v["successor"]


def unpack(raw):
    """Every field of a record; of a tombstone those that it keeps."""
    v = dict(zip(KEPT_FIELDS, KEPT.unpack(raw[:TOMBSTONE])))
    if len(raw) == TOMBSTONE_LIMITS:
        v["limits"] = raw[TOMBSTONE:]
    elif len(raw) == TOMBSTONE_REDIRECTED:
        v["successor"] = raw[TOMBSTONE:]
    elif len(raw) > TOMBSTONE:
        v.update(zip(REST_FIELDS, REST.unpack(raw[TOMBSTONE:FIXED])))
        end = FIXED + v.pop("sealed_len")
        v.update(sealed=raw[FIXED:end], tail=raw[end:], generation=v["generation"] + v.pop("rest"))
    v["created"] = int.from_bytes(v["created"], "little")
    for name in SINCE:
        if name in v:
            v[name] += v["created"]
    for name in EVENTS:
        v[name] = v[name] and v["created"] + v[name] - 1
    return v


def packed(spec, *values):
    """The packed arguments of a function: "t" a time, digits a number of so many octets, "s" octets."""
    return b"".join(v if kind == "s" else max(v, 0).to_bytes(6 if kind == "t" else int(kind), "little")
                    for kind, v in zip(spec, values, strict=True))


def counters(raw):
    """Sends, those given back, and wrong guesses with their tags, as seconds; None: nothing is there."""
    if raw is None:
        return None
    if len(raw) == 10 and raw.isdigit():
        return [int(raw)], [], []
    n, m = raw[0], raw[1]
    seconds = [int.from_bytes(raw[i:i + 4], "little") for i in range(2, 2 + 4 * (n + m), 4)]
    fails = [(int.from_bytes(raw[i:i + 4], "little"), raw[i + 4:i + 6]) for i in range(2 + 4 * (n + m), len(raw), 6)]
    return seconds[:n], seconds[n:], fails


def second(ms):
    """A second of a counter as text, rounded up."""
    return b"%010d" % -(-ms // 1000)


def pack_counters(sends=(), returned=(), fails=()):
    if len(sends) == 1 and not returned and not fails:
        return b"%010d" % sends[0]
    return bytes((len(sends), len(returned))) + b"".join(t.to_bytes(4, "little") for t in (*sends, *returned)) + \
        b"".join(t.to_bytes(4, "little") + tag for t, tag in fails)


def added(mac=None, ref=bytes(2), own=False):
    """What a resend adds: a code, if there is one, and the two characters that name the SMS."""
    return bytes((bool(mac) + 2 * own,)) + ref + (mac or bytes(16))


def macs(record):
    """Of all valid codes, newest first."""
    return [record["tail"][i:i + 16] for i in range(0, 17 * (record["macs"] % 128), 17)] or [record["mac"]]


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
        self.o, self.n, self.j = b"o{3}" + TUPLE, TENANT_KEY, b"j{3}"
        self.keep = 86_400  # the longest window of any purpose
        self.cap = ()  # key, count and window of the limit over all tenants
        self.place = None  # of a mark among four in one call; None: it is alone
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
        self.r.zadd(self.j, {self.o.partition(b"}")[2]: self.now})

    def issue(self, record=None, reqid=None, args=b"a" * 15, window=10_000, lease=None, ident=b"i" * 52, replaces=b"", **fields):
        if record is None:
            shift = self.now - T0
            times = {name: DEFAULTS[name] + shift for name in ("created", "expires", "hard_end", "deadline", "sent")}
            record = pack(args=args, **{**times, **fields})
        number = self.n + b"k" * (unpack(record)["known"] == 1)
        fields = packed("st4ss", second(self.now), self.now, window, replaces[:8], args)
        got = self.run("issue", self.send_keys(reqid, number), fields, self.keep, lease or self.now + 5000, record,
                       8_100_000, *self.once(reqid, ident))
        return [0] if got == ISSUE_CREATED else got

    def send_keys(self, reqid, number=None):
        return [self.o, number or self.n, self.j] + ([b"k{3}" + reqid] if reqid else [])

    def once(self, reqid, ident):
        """What is remembered with a REQID, and the limit over all tenants."""
        return ((86_400_000, ident) if reqid else (b"", b"") if self.cap else ()) + tuple(self.cap)

    def resend(self, generation=DEFAULTS["generation"], tenant=b"ten1", reqid=None, args=b"b" * 15, window=0,
               deadline=None, sealed=b"", owner=b"you\0\0\0\0\0", ident=b"i" * 52, known=b"", added=b""):
        fields = packed("st4tssss", second(self.now), self.now, window, deadline or self.now + 60_000, tenant, owner, generation, args)
        return self.run("resend", self.send_keys(reqid), fields, self.keep, self.now + 5000, sealed, known + added,
                        *self.once(reqid, ident))

    def verify(self, mac=b"M" * 16, generation=DEFAULTS["generation"], tenant=b"ten1", reqid=None, args=b"v" * 15,
               typed=6, candidates=None, confirms=None):
        keys = [self.o, self.n] + ([b"k{3}" + reqid] if reqid else [])
        fields = packed("t4s1sss", self.now, self.keep, tenant, typed, generation, args,
                        candidate(mac) if candidates is None else candidates)
        words = ([60_000] if reqid else [b""]) + [confirms] if confirms else [60_000] * bool(reqid)
        got = self.run("verify", keys, fields, *words)
        return [0] if got == VERIFY_APPROVED else got

    def wrong(self, nth=0, **how):
        """The nth wrong guess; equal ones are one guess."""
        return self.verify(mac=nth.to_bytes(2, "big") + b"W" * 14, **how)

    def reserve(self, tag=b"number 1", hold=5000, generation=DEFAULTS["generation"], tenant=b"ten1"):
        return self.run("reserve", [self.o], packed("t4sss", self.now, hold, tenant, tag, generation))

    def redirect(self, tag=b"number 1", ends=T0 + 900_000, successor=b"X" * 60, px=8_200_000, generation=DEFAULTS["generation"],
                 tenant=b"ten1"):
        return self.run("redirect", [self.o, self.j], packed("ttsss", self.now, ends, tenant, tag, generation), successor, px)

    def freed(self, generation=DEFAULTS["generation"]):
        return self.run("freed", [self.o], generation[:8])

    def cancel(self, generation=DEFAULTS["generation"], tenant=b"ten1", why=0):
        return self.run("cancel", [self.o, self.j], packed("tss1", self.now, tenant, generation, why))

    def mark(self, delivery, reason=0, smsc=0, error=b"", release=False, unanswered=False, reroute=False,
             generation=DEFAULTS["generation"], deadline=0, code=b""):
        asks = release + 2 * unanswered + 4 * reroute
        def fields(journal):
            return packed("tt1121ss", self.now, deadline, delivery, reason, smsc, asks + 8 * journal, generation[:8], error.ljust(8, b"\0")) + code
        journals = [self.j] * bool(release or reroute)
        if self.place is None:
            return self.run("mark", [self.o] + journals, fields(2 * len(journals)))
        before, behind = self.place, 3 - self.place
        keys = [b"o{3}" + member(b"nobody")] * 4 + journals + [b"j{4}"]
        keys[before] = self.o
        got = self.run("mark", keys, fields(len(keys)) * before + fields(5 * len(journals)) + fields(len(keys)) * behind)
        assert got[:before] + got[before + 1:] == [0] * 3
        return got[before]

    def mark_each(self, marks):
        """Several in one call: record, journal, and the delivery to which it moves; each ends its lease."""
        fields = [packed("tt1121ss", self.now, 0, delivery, 0, TSEL, 1 + 8 * (len(marks) + i), DEFAULTS["generation"][:8], bytes(8))
                  for i, (_, _, delivery) in enumerate(marks, 1)]
        return self.run("mark", [record for record, _, _ in marks] + [journal for _, journal, _ in marks], b"".join(fields))

    def unsent(self, reason=2, deadline=DEFAULTS["deadline"], generation=DEFAULTS["generation"], sent=T0, error=b"", known=0,
               code=b""):
        """Certainly no SMS came of this send; deadline 0: another of the verification took its place or goes on."""
        return self.run("unsent", [self.o, self.j], packed("ttt11sss", self.now, sent, deadline, known, reason, generation[:8],
                        error.ljust(8, b"\0"), code), self.keep, NUMBER, *self.cap[:1])

    def claim(self, most=32, owner=b"you\0\0\0\0\0", mine=False):
        """[removed, tuple, record, ...]; `unreadable` is how many were left as they are."""
        removed, self.unreadable, *taken = self.run(
            "claim", [self.j], self.now, self.now + 5000, most, b"o{3}", owner, int(mine), self.keep, b"r{3}",
            *[b"s{3}"] * bool(self.cap))
        return [removed, *taken]

    def release(self, owner=b"you\0\0\0\0\0", wait=0, unsent=True, generation=DEFAULTS["generation"], reason=0):
        return self.run("release", [self.o, self.j], self.now + wait, packed("s11s", owner, unsent, reason, generation[:8]))
