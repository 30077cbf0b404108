"""A burst of SENDs far beyond what the SMSC takes, and a kill -9 in the middle of it: which messages went out twice."""
import collections
import contextlib
import math
import os
import threading
import time

from machine import BUSY, patience
from rig import Gateway, wait_until

CAPACITY = 300  # SMS a second: what a full window gives, as the SMSC's answers take their time
SENDS, CONNECTIONS = 5000, 4  # of one burst, written at once: far more than ten times what goes out in a second
LIMITS = "sends_short = [255, 600]; sends_long = [255, 86400];"
CALM = 200  # requests, one after the other: of their round trips the 95th percentile


class Connection(threading.Thread):
    """Writes its part of a burst at once and notes who was acknowledged, until the daemon is gone."""

    def __init__(self, daemon, numbers):
        super().__init__(daemon=True)
        self.client, self.numbers, self.replies, self.lines = daemon.client(), numbers, b"", 0
        self.writer = threading.Thread(target=self.write, daemon=True)

    def write(self):
        with contextlib.suppress(OSError):
            self.client.raw(b"".join(self.client.pack("OTP.SEND", to) for to in self.numbers))

    def run(self):
        self.writer.start()
        with contextlib.suppress(OSError):
            while data := self.client.sock.recv(1 << 20):
                self.replies += data
                self.lines += data.count(b"\n")
        self.writer.join()
        self.client.close()

    def answers(self):
        """The first octet of each whole reply: `$` for an id, `-` for a refusal."""
        lines = self.replies.split(b"\r\n")[:-1]
        heads = [i for i, line in enumerate(lines) if line[:1] in (b"$", b"-")]
        return [lines[i][:1] for i in heads if lines[i][:1] == b"-" or i + 1 < len(lines)]

    def acknowledged(self):
        return [to for to, reply in zip(self.numbers, self.answers()) if reply == b"$"]


class Kill:
    """
    What one kill left. On a busy machine Redis waits for the processor with the marks of some messages read and those of later
    ones not, which it then drops with the connection: there it may be what a whole window was answered meanwhile, too.
    """

    def __init__(self, twice, lost, rate, unanswered, calm_s, window):
        self.twice, self.lost, self.rate, self.unanswered = twice, lost, rate, unanswered
        self.bound = window + math.ceil(rate * calm_s)
        self.holds = twice <= self.bound or (twice <= self.bound + window and patience(1) > BUSY)

    def __str__(self):
        return f"{self.twice} twice of {self.bound}, {self.rate:.0f} SMS a second, {self.unanswered} SENDs unanswered"


class Target:
    """A gateway whose SMSC answers so late that a full window is CAPACITY a second."""

    def __init__(self, window, kind="", first=10000000):
        self.window, self.first = window, first
        self.gateway = Gateway(receipts="none", redis=kind, smsc=f"window = {window};", purpose=LIMITS, log_level="info")
        self.daemon, self.smsc = self.gateway.daemon, self.gateway.smsc
        mean_ms = 1000 * window // CAPACITY
        self.slow = ("--receipts", "none", "--resp-delay-ms", str(mean_ms * 4 // 5), "--resp-jitter-ms", str(mean_ms * 2 // 5))
        self.answer_slowly()
        self.calm_s = self.calm()

    def close(self):
        self.gateway.close()

    def answer_slowly(self):
        self.smsc.restart(*self.slow)
        wait_until(self.daemon.all_ready, 20, "bound again")

    def calm(self):
        """A round trip to Redis while nothing else is asked, in seconds."""
        c = self.daemon.client()
        vid, took = c.do("OTP.SEND", self.numbers(1)[0]), []
        c.settled(vid, "accepted")
        for _ in range(CALM):
            start = time.monotonic()
            c.do("OTP.STATUS", vid)
            took.append(time.monotonic() - start)
        c.close()
        return sorted(took)[CALM * 95 // 100]

    def numbers(self, n):
        """Of the prefix 812, none that is a fault of the simulator."""
        found = []
        while len(found) < n:
            self.first += 1
            if self.first // 1000 % 1000 != 999:
                found.append(f"62812{self.first}")
        return found

    def owed(self):
        r = self.gateway.redis.connection()
        try:
            return sum(r.zcard(key) for key in r.keys("j*"))
        finally:
            r.close()

    def sent(self, since):
        """How often each number got an SMS, in what the phone's file holds behind this octet."""
        with open(self.smsc.path("phone")) as f:
            f.seek(since)
            return collections.Counter(line.split(" ", 1)[0] for line in f)

    def fill(self):
        """The window of a new bind opens as it is answered: until it is full, and with more to come."""
        since = os.path.getsize(self.smsc.path("phone"))
        numbers = self.numbers(5 * self.window)
        assert all(isinstance(reply, str) for reply in self.daemon.client().many([("OTP.SEND", to) for to in numbers]))
        wait_until(lambda: sum(self.sent(since).values()) >= 4 * self.window, 20, "a full window")
        return since, numbers

    def kill(self, share):
        """In a burst, when about this share of it is answered."""
        begin, numbers = self.fill()
        since = os.path.getsize(self.smsc.path("phone"))
        parts = [Connection(self.daemon, self.numbers(SENDS)) for _ in range(CONNECTIONS)]
        for part in parts:
            part.start()
        start = time.monotonic()
        wait_until(lambda: sum(part.lines for part in parts) >= share * SENDS * CONNECTIONS, 60, "answers")
        self.daemon.kill()
        took = time.monotonic() - start
        for part in parts:
            part.join()
        self.smsc.restart("--receipts", "none")  # which answers at once: what is owed is soon sent
        before = sum(self.sent(since).values())
        self.daemon.start()
        wait_until(lambda: not self.owed(), 60, "an empty journal")
        self.answer_slowly()
        sent = self.sent(begin)
        owed = numbers + [to for part in parts for to in part.acknowledged()]
        unanswered = SENDS * CONNECTIONS - sum(len(part.answers()) for part in parts)
        return Kill(sum(n - 1 for n in sent.values()), [to for to in owed if to not in sent], before / took,
                    unanswered, self.calm_s, self.window)
