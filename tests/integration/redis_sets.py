"""The Redis of a test: one server, a set watched by Sentinels, or a Cluster; started from redis-server itself in the test's folder.

REDIS_SERVER names the server (valkey-server and Redis 7 and 8 will do); its command line client lies beside it.
"""
import os
import random
import re
import secrets
import shutil
import socket
import subprocess
import time

import redis
from process import Process, text_of, wait_until
from proxy import Proxy

SERVER = os.environ.get("REDIS_SERVER", "redis-server")


def client_program():
    """redis-cli or valkey-cli, from the folder of the server."""
    folder = os.path.dirname(shutil.which(SERVER) or SERVER)
    names = [os.path.join(folder, n) for n in ("redis-cli", "valkey-cli")]
    return next((n for n in names if os.path.exists(n)), "redis-cli")


CLI = client_program()


def fields(text):
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)


class Redis(Process):
    """One server on a Unix socket. `lines` are of its configuration; `under` is what starts it; `env` goes to it."""

    def __init__(self, folder, lines=(), under=(), env=None):
        self.dir = folder
        self.under, self.env = list(under), env
        self.path = os.path.join(folder, "redis.sock")
        self.address = ["-s", self.path]
        self.proxy = None
        self.argv = [SERVER, "--port", "0", "--unixsocket", self.path, "--save", "", "--appendonly", "yes",
                     "--appendfsync", "everysec", "--maxmemory-policy", "noeviction", "--enable-debug-command", "local", "--dir", folder]
        for line in lines:
            name, *values = line.split(" ")
            self.argv += ["--" + name, *values]

    def launch(self):
        """Not waited for."""
        env = {**os.environ, **self.env} if self.env else None
        self.start_process([*self.under, *self.argv], os.path.join(self.dir, "redis.log"), env)

    def start(self):
        self.launch()
        wait_until(lambda: self.cli("PING") == "PONG" or not self.alive(), 20, "redis-server")
        assert self.alive(), self.log()[-2000:]

    def restart(self):
        self.kill()
        self.start()

    def masters(self):
        return [self]

    def monitor(self, out):
        """What it is told, written to a file."""
        return subprocess.Popen([CLI, *self.address, "MONITOR"], stdout=out)

    def cli(self, *words):
        """Asked once: empty if the server is away or closes the connection, and an error is its text."""
        run = subprocess.run([CLI, *self.address, *words], capture_output=True, text=True, timeout=60)
        return run.stdout.strip()

    def answer(self, *words, like):
        """Asked until the answer is like this: a server that was just resumed, demoted or started hangs up or answers with an error."""
        def said():
            assert self.alive(), f"{words[0]} is asked of a dead server"
            text = self.cli(*words)
            return (text,) if re.match(like, text) else None

        return wait_until(said, 20, f"an answer to {words[0]}")[0]

    def connection(self):
        return redis.Redis(unix_socket_path=self.path)

    def keys(self):
        """How many, but for those that tell when a library was used, which come by themselves."""
        return int(self.answer("EVAL", "return #redis.call('KEYS', '*') - #redis.call('KEYS', 'l{*')", "0", like=r"\d+$"))

    def log(self):
        return text_of(os.path.join(self.dir, "redis.log"))

    def info(self, section):
        """The fields of one section; a key that is missing is missing in the server's own answer."""
        return fields(self.answer("INFO", section, like="# "))

    def behind_a_proxy(self):
        self.proxy = Proxy(self.path, self.path + ".proxy")

    def conf(self):
        """Where the daemon finds it: settings of the group redis."""
        return f'socket = "{self.proxy.path if self.proxy else self.path}";'

    def close(self):
        self.kill()
        if self.proxy:
            self.proxy.close()


class Port:
    """Free, and below the range that outgoing connections take theirs from: it is still free at the restart of a server.

    A socket in the abstract namespace says to other runs of the tests that it is taken.
    """

    def __init__(self):
        while not self.take(random.SystemRandom().randrange(15000, 32000)):
            pass

    def take(self, number):
        self.number, self.claim = number, socket.socket(socket.AF_UNIX)
        try:
            self.claim.bind(f"\0otpgwd-test-port-{number}")
            with socket.socket() as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(("127.0.0.1", number))
            return True
        except OSError:
            self.release()
            return False

    def release(self):
        self.claim.close()


class Node(Redis):
    """A member of a set: on a port of loopback, with a configuration file that it may rewrite."""

    def __init__(self, folder, name, *lines, program=()):
        super().__init__(os.path.join(folder, name))
        os.mkdir(self.dir)
        self.name, self.ports = name, [Port(), Port()]
        self.port, self.bus = (p.number for p in self.ports)
        self.address = ["-h", "127.0.0.1", "-p", str(self.port)]
        self.lines = lines
        self.file = os.path.join(self.dir, "redis.conf")
        self.argv = [SERVER, self.file, *program]

    def write(self, *lines):
        with open(self.file, "w") as f:
            f.write("\n".join([f"port {self.port}", "bind 127.0.0.1", "protected-mode no", f"dir {self.dir}", *self.lines, *lines, ""]))

    def connection(self):
        return redis.Redis(host="127.0.0.1", port=self.port)

    def close(self):
        super().close()
        for p in self.ports:
            p.release()

    @property
    def at(self):
        return f"127.0.0.1:{self.port}"


DATA = ["save \"\"", "appendonly yes", "appendfsync everysec", "maxmemory-policy noeviction", "repl-diskless-sync-delay 0",
        "repl-ping-replica-period 1", "enable-debug-command yes"]


class Set:
    """What a test does with a Redis, done with all of its servers."""

    nodes = ()
    sentinels = ()
    proxy = None

    def masters(self):
        raise NotImplementedError

    def alive(self):
        return all(n.alive() for n in self.nodes)

    def kill(self):
        for n in self.nodes:
            n.signal(9) if n.alive() else None
        for n in self.nodes:
            n.kill()

    def restart(self):
        self.kill()
        self.start()

    def pause(self):
        for n in self.nodes:
            n.pause()

    def resume(self):
        for n in self.nodes:
            n.resume()

    def cli(self, *words):
        """Said to every master; one answer if all say the same."""
        answers = [n.cli(*words) for n in self.masters()]
        return answers[0] if len(set(answers)) == 1 else "\n".join(answers)

    def keys(self):
        return sum(n.keys() for n in self.masters())

    def log(self):
        return "".join(n.log() for n in self.nodes)

    def close(self):
        for n in (*self.sentinels, *self.nodes):
            n.close()


class RedisSentinel(Set):
    """A master, two replicas of it, three Sentinels that agree by two."""

    MASTER = "mymaster"

    def __init__(self, folder, down_after_ms=1000, failover_timeout_ms=5000, lines=()):
        self.dir = folder
        self.nodes = [Node(folder, f"node-{i}", *DATA, *lines) for i in range(3)]
        self.sentinels = [Node(folder, f"sentinel-{i}", program=["--sentinel"]) for i in range(3)]
        first, *replicas = self.nodes
        for n in self.nodes:
            n.write(*([] if n is first else [f"replicaof 127.0.0.1 {first.port}"]))
        ids = {s: secrets.token_hex(20) for s in self.sentinels}
        for s in self.sentinels:
            set_up = [f"sentinel myid {ids[s]}", f"sentinel monitor {self.MASTER} 127.0.0.1 {first.port} 2",
                      f"sentinel down-after-milliseconds {self.MASTER} {down_after_ms}",
                      f"sentinel failover-timeout {self.MASTER} {failover_timeout_ms}", f"sentinel parallel-syncs {self.MASTER} 2"]
            set_up += [f"sentinel known-replica {self.MASTER} 127.0.0.1 {r.port}" for r in replicas]
            set_up += [f"sentinel known-sentinel {self.MASTER} 127.0.0.1 {o.port} {ids[o]}" for o in self.sentinels if o is not s]
            s.write(*set_up)

    def conf(self):
        return f'sentinels = [{", ".join(chr(34) + s.at + chr(34) for s in self.sentinels)}]; master = "{self.MASTER}";'

    def start(self):
        """The master first, and until the Sentinels believe in it: after a kill of all there is no failover to be won."""
        first = self.master if any(s.alive() for s in self.sentinels) else self.nodes[0]
        if not first.alive():
            first.start()
        for s in self.sentinels:
            if not s.alive():
                s.start()
        wait_until(lambda: all("down" not in self.seen(s)["flags"] for s in self.sentinels), 20, "Sentinels that see the master")
        for n in self.nodes:
            if not n.alive():
                n.start()
        self.await_replicas()

    def await_replicas(self, count=2):
        """All replicas follow the one master, and every Sentinel could lead a failover."""
        def whole():
            repl = self.master.info("replication")
            online = sum("state=online" in v for k, v in repl.items() if k.startswith("slave"))
            return repl["role"] == "master" and online >= count and all(
                s.cli("SENTINEL", "CKQUORUM", self.MASTER).startswith("OK") for s in self.sentinels if s.alive())

        wait_until(whole, 30, "replicas")

    def seen(self, sentinel):
        flat = sentinel.answer("SENTINEL", "MASTER", self.MASTER, like="name").splitlines()
        return dict(zip(flat[::2], flat[1::2]))

    @property
    def master(self):
        """Whom the Sentinels name."""
        sentinel = next(s for s in self.sentinels if s.alive())
        port = sentinel.answer("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.MASTER, like=r"\S+\s+\d+$").split()[1]
        return next(n for n in self.nodes if str(n.port) == port)

    def replicas(self):
        return [n for n in self.nodes if n is not self.master]

    def masters(self):
        return [self.master]

    def connection(self):
        return self.master.connection()

    def kill_master(self):
        """The one that was killed: `start` brings it back."""
        dead = self.master
        dead.kill()
        return dead

    def await_failover(self, old, seconds=30):
        wait_until(lambda: self.master is not old and self.master.info("replication")["role"] == "master", seconds, "a new master")

    def failover(self):
        """Ordered, with the master alive; done when this returns."""
        old = self.master
        sentinel = self.sentinels[0]
        wait_until(lambda: sentinel.cli("SENTINEL", "FAILOVER", self.MASTER) == "OK", 20, "a failover begun")
        self.await_failover(old)
        return old


class ClusterConnection(redis.RedisCluster):
    """Keys are looked for on all masters."""

    def keys(self, pattern="*", **_):
        found = self.execute_command("KEYS", pattern, target_nodes=redis.RedisCluster.PRIMARIES)
        return sum(found.values(), []) if isinstance(found, dict) else found

    def dbsize(self, **_):
        return super().dbsize(target_nodes=redis.RedisCluster.PRIMARIES)


class RedisCluster(Set):
    """Three masters with a third of the slots each; `replicas` of each if asked for."""

    SLOTS = 16384

    def __init__(self, folder, replicas=0, node_timeout_ms=2000, lines=()):
        self.dir = folder
        self.replicas_each = replicas
        self.nodes = []
        for i in range(3 + 3 * replicas):
            n = Node(folder, f"node-{i}", *DATA, *lines, "cluster-enabled yes", f"cluster-node-timeout {node_timeout_ms}",
                     "cluster-replica-validity-factor 0", "cluster-migration-barrier 1000", "cluster-allow-replica-migration no")
            n.write(f"cluster-port {n.bus}")
            self.nodes.append(n)
        self.formed = False

    def conf(self):
        return f'cluster = [{", ".join(chr(34) + n.at + chr(34) for n in self.nodes[:3])}];'

    def start(self):
        for n in self.nodes:
            if not n.alive():
                n.start()
        if not self.formed:
            self.form()
        self.await_ok()

    def form(self):
        first, *others = self.nodes
        for i, n in enumerate(self.nodes[:3]):
            assert n.cli("CLUSTER", "ADDSLOTSRANGE", str(i * self.SLOTS // 3), str((i + 1) * self.SLOTS // 3 - 1)) == "OK"
            n.cli("CLUSTER", "SET-CONFIG-EPOCH", str(i + 1))
        for n in others:
            assert n.cli("CLUSTER", "MEET", "127.0.0.1", str(first.port), str(first.bus)) == "OK"
        wait_until(lambda: all(n.cluster_nodes == len(self.nodes) for n in map(self.look, self.nodes)), 30, "nodes that know each other")
        for i, n in enumerate(self.nodes[3:]):
            master = self.nodes[i % 3]
            wait_until(lambda: n.cli("CLUSTER", "REPLICATE", self.id(master)) == "OK", 10, "a replica")
        self.formed = True

    class look:
        """What a node says of the cluster."""

        def __init__(self, node):
            info = fields(node.answer("CLUSTER", "INFO", like="cluster_"))
            self.state = info["cluster_state"]
            self.cluster_nodes = int(info["cluster_known_nodes"])

    def await_ok(self, nodes=None):
        """Every node calls the cluster whole; replicas are in step."""
        def ok():
            for n in nodes or self.nodes:
                if self.look(n).state != "ok":
                    return False
                repl = n.info("replication")
                if repl["role"] == "slave" and repl["master_link_status"] != "up":
                    return False
            return True

        wait_until(ok, 30, "cluster_state:ok")

    def id(self, node):
        return node.answer("CLUSTER", "MYID", like="[0-9a-f]{40}$")

    def masters(self):
        if not self.replicas_each:
            return self.nodes
        return [n for n in self.nodes if n.alive() and n.info("replication")["role"] == "master"]

    def connection(self):
        node = self.masters()[0]
        return ClusterConnection(host="127.0.0.1", port=node.port)

    def replica_of(self, master):
        return next(n for n in self.nodes if n.alive() and n.info("replication").get("master_port") == str(master.port))

    def failover(self, master):
        """Ordered by its replica, with the master alive; the replica is the master when this returns. An order lapses after 5 s."""
        replica = self.replica_of(master)
        ordered = 0

        def done():
            nonlocal ordered
            if replica.info("replication")["role"] == "master":
                return True
            if time.monotonic() - ordered > 6:
                assert replica.cli("CLUSTER", "FAILOVER") == "OK"
                ordered = time.monotonic()
            return False

        wait_until(done, 40, "a promoted replica")
        return replica

    def await_master(self, replica, seconds=30):
        wait_until(lambda: replica.info("replication")["role"] == "master", seconds, "a promoted replica")

    def busy_slots(self, master):
        """Those of its slots that hold keys."""
        slots = {redis.crc.key_slot(k) for k in master.connection().scan_iter(count=1000)}
        return sorted(slots)

    def half_move(self, slots, source, target):
        """Both serve the slots from now on: the one what it still has, the other what is asked with ASKING."""
        have, get = source.connection(), target.connection()
        old, new = (c.execute_command("CLUSTER MYID") for c in (have, get))
        for slot in slots:
            get.execute_command("CLUSTER SETSLOT", slot, "IMPORTING", old)
            have.execute_command("CLUSTER SETSLOT", slot, "MIGRATING", new)

    @staticmethod
    def move_keys(slot, source, target):
        have = source.connection()
        while keys := have.execute_command("CLUSTER GETKEYSINSLOT", slot, 10):
            have.execute_command("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)

    def move(self, slots, source, target):
        """Resharding: slot by slot and key by key, as the cluster's own tool does it."""
        new, told = self.id(target), [n.connection() for n in (target, source, *(m for m in self.masters() if m not in (source, target)))]
        for slot in slots:
            self.half_move([slot], source, target)
            self.move_keys(slot, source, target)
            for node in told:
                node.execute_command("CLUSTER SETSLOT", slot, "NODE", new)


# Make of a Redis that a kill may take nothing from. With everysec a write waits for the fsync that is under way, and on a busy
# machine that is long enough for a kill to fall into it.
KEPT = {"lines": ["appendfsync always"]}


def make_redis(folder, kind="", **options):
    """
    `kind` or OTPGWD_REDIS: single, sentinel, cluster. A test that names no kind means no failover: its Sentinels are patient, so
    that none begins when the master is started again on a busy machine.
    """
    kinds = {"single": Redis, "sentinel": RedisSentinel, "cluster": RedisCluster}
    of_env = os.environ.get("OTPGWD_REDIS", "single")
    if not kind and of_env == "sentinel":
        options.setdefault("down_after_ms", 30000)
    return kinds[kind or of_env](folder, **options)
