"""tap: a proxy on a Unix socket between a daemon and Redis that keeps what the daemon said, and what can be read from that."""
import socket
import threading
import time

IDLE_S = 1.5  # of a daemon with nothing to do: what it says then it says by the clock, and not for a life


class Tap(threading.Thread):
    """Takes connections at `path`, passes them on to `target`, and appends what the clients said to the file `record`."""

    def __init__(self, path, target, record):
        super().__init__(daemon=True)
        self.target, self.record, self.lock = target, open(record, "wb"), threading.Lock()
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen(4)

    def run(self):
        while True:
            client, _ = self.server.accept()
            redis = socket.socket(socket.AF_UNIX)
            redis.connect(self.target)
            for a, b, keep in ((client, redis, self.keep), (redis, client, lambda data: b"")):
                threading.Thread(target=self.copy, args=(a, b, keep), daemon=True).start()

    def keep(self, data):
        """Records the whole commands, since a daemon has several connections. Returns what is left."""
        whole = octets_of(commands_of(data))
        with self.lock:
            self.record.write(whole)
            self.record.flush()
        return data[len(whole):]

    @staticmethod
    def copy(a, b, keep):
        rest = b""
        try:
            while data := a.recv(1 << 16):
                rest = keep(rest + data)
                b.sendall(data)
        except OSError:
            pass  # the daemon is gone


def commands_of(data):
    """The commands in `data`, each with the octets that say it: [(words, octets)]. A last one that is not whole is left out."""
    at, commands = 0, []
    while at < len(data):
        start, words = at, []
        if data[at:at + 1] != b"*":
            raise ValueError(f"no command begins at octet {at}")
        end = data.find(b"\r\n", at)
        if end < 0:
            break
        count, at = int(data[at + 1:end]), end + 2
        while len(words) < count:
            end = data.find(b"\r\n", at)
            if end < 0:
                return commands
            length = int(data[at + 1:end])
            at = end + 2 + length + 2
            if at > len(data):
                return commands
            words.append(data[end + 2:end + 2 + length])
        commands.append((words, data[start:at]))
    return commands


def kind_of(words):
    """The command in capitals, and the name of a function or script, or the first letter of a key: they do different things."""
    name = words[0].upper()
    if name in (b"FCALL", b"EVALSHA") and len(words) > 1:
        return name, words[1]
    return name, words[1][:1] if len(words) > 1 else b""


def without(commands, kinds):
    """Those of the commands that are of none of these kinds."""
    return [c for c in commands if kind_of(c[0]) not in kinds]


def kinds_of(commands):
    return {kind_of(words) for words, _ in commands}


def octets_of(commands):
    return b"".join(octets for _, octets in commands)


class Recording:
    """What a tapped daemon has said to Redis from one moment to the next: `start` is until now. record: the file of its tap."""

    def __init__(self, record):
        self.record, self.at, self.idle = record, 0, set()
        self.start = self.part()

    def be_idle(self):
        """Learns what the daemon says with nothing to do."""
        self.part()
        time.sleep(IDLE_S)
        self.idle = kinds_of(self.part())

    def part(self):
        """Since the last call. The daemon must have nothing under way."""
        with open(self.record, "rb") as f:
            f.seek(self.at)
            data = f.read()
        self.at += len(data)
        return commands_of(data)

    def caused(self):
        """As part, without what it says by the clock."""
        return without(self.part(), self.idle)
