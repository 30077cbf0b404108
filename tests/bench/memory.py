"""memory: row 5, resident memory of the daemon, and what a verification occupies in Redis and for how long."""
import resource
import socket
import time

from figures import Line, info_field, kept_after, octet_hours
from gateway import Set
from processes import asked

CONNECTIONS = 10000
COUNT = 20000       # verifications whose octets are measured: a fixed number, since the tables of Redis grow by doubling
SAMPLE = 400        # keys of each kind that are looked at
UNDER_WAY = 100     # SENDs while live ones are added
ENDED_MS = 120000   # two minutes after it was verified
AIMS = {"record live": 460, "record ended": 250, "live": 770, "ended": 560, "hours": 2880}
KINDS = {"o": "record", "r": "counters", "m": "receipt map"}  # first letter of its keys


def used(gateway):
    """Octets that Redis occupies, without the buffers of its clients."""
    said = gateway.cli("INFO", "memory")
    return info_field(said, "used_memory") - info_field(said, "mem_clients_normal")


class Keys:
    """What so many verifications have added to Redis: octets of each kind of key, with what the tables of keys and times take."""

    def __init__(self, gateway, count, before):
        self.gateway, self.count = gateway, count
        self.total = (used(gateway) - before) / count
        names = gateway.cli("--scan").split()
        self.kinds = {kind: [n for n in names if n.startswith(kind)] for kind in sorted({n[0] for n in names})}
        self.looked_at = {kind: self.look(names[-SAMPLE:]) for kind, names in self.kinds.items()}
        alone = sum(self.mean(kind) * len(names) for kind, names in self.kinds.items())
        self.beside = max(0, (self.total * count - alone) / max(1, sum(map(len, self.kinds.values()))))

    def look(self, names):
        octets = asked(self.gateway.redis_path, [["MEMORY", "USAGE", name, "SAMPLES", "0"] for name in names])
        left = asked(self.gateway.redis_path, [["PTTL", name] for name in names])
        return [(size or 0, ms) for size, ms in zip(octets, left)]

    def mean(self, kind):
        found = self.looked_at[kind]
        return sum(octets for octets, _ in found) / len(found)

    def per_verification(self):
        """Of each kind [(octets, ms left)], weighted so that their sum is that of one verification."""
        out = {}
        for kind, found in self.looked_at.items():
            weight = len(self.kinds[kind]) / self.count / len(found)
            out[kind] = [((octets + self.beside) * weight, left) for octets, left in found]
        return out


def octets(build, count, rows):
    """Live: sent, the receipt is in. Ended: verified too; what has no more than two minutes left by then is gone after them."""
    for state in ("live", "ended"):
        s = Set(build, keep=False)
        s.load(count // 10, only_sends=True)
        s.settled(count // 10)
        s.cli("FLUSHALL")
        before = used(s)
        s.load(count, first=count, only_sends=state == "live")
        s.settled(count // 10 + count)
        per = Keys(s, count, before).per_verification()
        everything = [key for keys in per.values() for key in keys]
        rows["memory"][state] = {"octets": kept_after(everything, ENDED_MS if state == "ended" else 0), "hours": octet_hours(everything),
                                 "kinds": {KINDS.get(kind, kind): kept_after(keys, 0) for kind, keys in per.items()}}
        s.stop()


def idle_and_connections(build, rows):
    """The descriptors of the daemon and of this process are raised to their hard limit by what starts it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(CONNECTIONS, hard - 500)
    s = Set(build, max_clients=count + 100, max_clients_per_uid=count + 100)
    rows["memory"]["rss_idle_kb"] = s.rss()
    clients = []
    for _ in range(count):
        client = socket.socket(socket.AF_UNIX)
        client.connect(s.api)
        clients.append(client)
    for client in clients:
        client.sendall(b"*1\r\n$4\r\nPING\r\n")
    for client in clients:
        if not client.recv(64).startswith(b"+PONG"):
            raise SystemExit("bench: a connection was not served")
    rows["memory"]["rss_connections_kb"], rows["memory"]["connections"] = s.rss(), count
    for client in clients:
        client.close()
    s.stop()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def live_rss(build, live, rows):
    """
    With a tenth of them and with all. What is under way takes about 5 KiB each, which the daemon uses again, and a busy machine has
    more under way than a quiet one; so few are, and what is added is of those that are live.
    """
    s = Set(build, keep=False, ttl_s=600, window=UNDER_WAY)
    few = live // 10
    s.load(few, window=UNDER_WAY, only_sends=True)
    s.settled(few)
    rss = [s.rss()]
    began = time.monotonic()
    run = s.load(live - few, first=few, window=UNDER_WAY, only_sends=True)
    s.settled(live)
    rss.append(s.rss())
    rows["memory"].update(live_count=live, rss_before_live_kb=rss[0], rss_live_kb=rss[1], live_s=time.monotonic() - began,
                          limit=run["limit"])
    s.stop()


def run(build, live, rows):
    rows["memory"] = {}
    idle_and_connections(build, rows)
    octets(build, COUNT, rows)
    live_rss(build, live, rows)


def limits(rows):
    return {"5 SENDs until all are live": rows["memory"]["limit"]}


def lines(rows):
    m = rows["memory"]
    live, ended = m["live"], m["ended"]
    rss = lambda what, key: Line("5", f"resident memory of the daemon, {what}", m[key], "KiB")
    out = [rss("idle", "rss_idle_kb"), rss(f"{m['connections']:,} connections", "rss_connections_kb"),
           rss(f"{m['live_count'] // 10:,} live verifications", "rss_before_live_kb"), rss(f"{m['live_count']:,} live verifications", "rss_live_kb"),
           Line("5", "resident memory of the daemon, all live / a tenth of them", m["rss_live_kb"] / m["rss_before_live_kb"], "", ("<=", 1.1)),
           Line("5", "Redis, key of the record, live", live["kinds"]["record"], "octets", ("<=", AIMS["record live"]), exact=True),
           Line("5", "Redis, key of the record, verified", ended["kinds"]["record"], "octets", ("<=", AIMS["record ended"]), exact=True),
           Line("5", "Redis, a verification with map and counters, live", live["octets"], "octets", ("<=", AIMS["live"]), exact=True),
           Line("5", "Redis, the same 2 minutes after it was verified", ended["octets"], "octets", ("<=", AIMS["ended"]), exact=True)]
    out += [Line("5", f"Redis, {kind}, live", octets, "octets") for kind, octets in live["kinds"].items() if kind != "record"]
    return out + [Line("5", "Redis, octets x hours of a verified life", ended["hours"], "octets x h", ("<=", AIMS["hours"]), exact=True),
                  Line("5", "Redis, octets x hours of one never verified", live["hours"], "octets x h")]
