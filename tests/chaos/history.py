"""What happened, in the order seen: JSON lines that are only ever added to.

ask     n, op (send, verify), m (the number), reqid, at (instance), id and right for a verify
reply   n, and one of ok (the id, or OK), error (the line), lost (why no answer came)
sms     m, code, smsc: read from the simulator's phone log
kill    at, point ("" at a random time, "c3:5" at the fifth passing of c3)
doubt   why: something else that leaves a window unanswered (a link drops, an instance pauses beyond its leases)
sample  rss_kb, descriptors (of a soak)
status  m, id, delivery, state, reason: what the gateway says at the end
"""
import json
import threading
import time


class History:
    def __init__(self, path):
        self.path = path
        self.file = open(path, "a", buffering=1)
        self.lock = threading.Lock()
        self.begun = time.monotonic()
        self.asked = 0

    def add(self, what, **fields):
        with self.lock:
            line = {"t": self.now(), "what": what, **fields}
            self.file.write(json.dumps(line) + "\n")

    def now(self):
        return round(time.monotonic() - self.begun, 6)

    def ask(self, op, at, m, reqid, **fields):
        """Its number, which the reply names."""
        with self.lock:
            self.asked += 1
            n = self.asked
        self.add("ask", n=n, op=op, at=at, m=m, reqid=reqid, **fields)
        return n

    def records(self):
        with self.lock:
            self.file.flush()
        return read(self.path)

    def close(self):
        self.file.close()


def read(path):
    with open(path) as f:
        return [json.loads(line) for line in f]
