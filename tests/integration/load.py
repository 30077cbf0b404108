"""Requests without a pause while something is broken, and the four things that every fault must leave true.

Nothing acknowledged is lost; nothing is doubled beyond a bound; others are served, or refused at once; all is normal again
within a stated time, with no hand on the daemon.
"""
import collections
import threading
import time

from machine import patience, within
from rig import Error, wait_until

AT_ONCE = 2.5  # seconds: redis.command_timeout_ms, and some


class Load(threading.Thread):
    """SENDs, each with a REQID, which is asked again until it is acknowledged if `again`: as a client should."""

    def __init__(self, g, number, again=False, batch=20, pause=0.02):
        super().__init__(daemon=True)
        self.client, self.number, self.again = g.daemon.client(), number, again
        self.batch, self.pause = batch, pause
        self.acknowledged, self.errors, self.done, self.owed = {}, [], False, []
        self.failure = None

    def run(self):
        try:
            while not self.done or self.owed:
                self.turn()
                time.sleep(self.pause)
        except Exception as failure:  # told by stop(), in the test's own thread
            self.failure = failure

    def turn(self):
        size = self.batch if self.done else self.batch // 2
        numbers, self.owed = self.owed[:size], self.owed[size:]
        if not self.done:
            numbers += [self.number() for _ in range(self.batch - len(numbers))]
        for to, reply in zip(numbers, self.client.many([("OTP.SEND", to, "REQID", "r" + to) for to in numbers])):
            if isinstance(reply, Error):
                self.errors.append(reply)
                if self.again:
                    self.owed.append(to)
            else:
                assert to not in self.acknowledged, to
                self.acknowledged[to] = reply

    def more(self, n=50, seconds=20):
        want = len(self.acknowledged) + n
        wait_until(lambda: len(self.acknowledged) >= want or not self.is_alive(), seconds, "acknowledged requests")
        assert self.failure is None, self.failure

    def refused(self, n=1, seconds=10):
        want = len(self.errors) + n
        wait_until(lambda: len(self.errors) >= want, seconds, "refusals")

    def stop(self, seconds=30):
        self.done = True
        self.join(patience(seconds))
        assert not self.is_alive(), f"{len(self.owed)} requests were never acknowledged"
        assert self.failure is None, self.failure


class Watch(threading.Thread):
    """Another client, one request at a time: how long each answer took."""

    def __init__(self, g, vid):
        super().__init__(daemon=True)
        self.client, self.vid = g.daemon.client(30), vid
        self.slowest, self.slowest_idle = 0.0, 0.0  # the second as if the machine were idle
        self.served, self.codes, self.done = 0, set(), False
        self.failure = None

    def run(self):
        try:
            while not self.done:
                self.turn()
                time.sleep(0.01)
        except Exception as failure:  # told by stop()
            self.failure = failure

    def turn(self):
        start = time.monotonic()
        reply = self.client.ask("OTP.STATUS", self.vid)
        took = time.monotonic() - start
        self.slowest = max(self.slowest, took)
        self.slowest_idle = max(self.slowest_idle, took if took < AT_ONCE else took / patience(1))
        if isinstance(reply, Error):
            self.codes.add(reply.code)
        else:
            self.served += 1

    def stop(self):
        self.done = True
        self.join(60)
        assert not self.is_alive() and self.failure is None, self.failure


class Story:
    """A gateway under load, and what must hold at its end."""

    def __init__(self, g, number, again=True, **load):
        self.g, self.number, self.pid = g, number, g.daemon.proc.pid
        self.load = Load(g, number, again, **load)
        self.load.start()
        self.load.more()
        self.watch = Watch(g, next(iter(self.load.acknowledged.values())))
        self.watch.start()
        wait_until(lambda: self.watch.served or self.watch.failure, 20, "the first answer")

    def normal_within(self, seconds):
        """From now: ready, and a whole life of a new verification."""
        start = time.monotonic()
        c = self.g.daemon.client()
        to = self.number()
        wait_until(self.g.daemon.ready, seconds, "ready again")
        vid = wait_until(lambda: self.sent(c, to), seconds, "a SEND")
        wait_until(lambda: any(s.to == to for s in self.g.smsc.history()), seconds, "its SMS")
        code = next(s.code for s in self.g.smsc.history() if s.to == to)
        assert c.do("OTP.VERIFY", vid, code) == "OK"
        assert within(start, seconds)
        c.close()

    @staticmethod
    def sent(client, to):
        reply = client.ask("OTP.SEND", to, "REQID", "n" + to)
        return None if isinstance(reply, Error) else reply

    def give_up(self):
        """The test is over, one way or the other."""
        for thread in (self.load, self.watch):
            thread.done = True
        self.load.owed, self.load.again = [], False
        for thread in (self.load, self.watch):
            thread.join(60)

    def end(self, doubled=0, lost=0, forgotten=0, refusals=("UNAVAILABLE",), at_once=AT_ONCE, seconds=20):
        """All is acknowledged, sent and remembered; the journal is empty; the daemon is the one that began."""
        self.load.stop()
        self.watch.stop()
        missing = self.missing(lost, seconds)
        twice = {to: n for to, n in collections.Counter(s.to for s in self.g.smsc.history()).items() if n > 1}
        assert len(missing) <= lost, f"{len(missing)} of {len(self.load.acknowledged)} lost"
        assert sum(twice.values()) - len(twice) <= doubled, f"twice: {twice}"
        refused = collections.Counter([e.code for e in self.load.errors] + list(self.watch.codes))
        assert set(refused) <= set(refusals), refused
        assert self.watch.served and self.watch.slowest_idle < at_once, f"an answer took {self.watch.slowest:.2f} s"
        wait_until(lambda: not self.g.redis.connection().keys("j*"), seconds, "an empty journal")
        unknown = self.unknown(self.load.acknowledged.values())
        assert len(unknown) <= forgotten, f"{len(unknown)} of {len(self.load.acknowledged)} forgotten"
        assert self.g.daemon.alive() and self.g.daemon.proc.pid == self.pid

    def unknown(self, ids):
        """Those of the ids that Redis has forgotten. What the end of a flood still refuses is asked again."""
        rest, gone, c = list(ids), set(), self.g.daemon.client()

        def all_said():
            codes = [r.code if isinstance(r, Error) else "" for r in c.many([("OTP.STATUS", vid) for vid in rest], 100)]
            assert set(codes) <= {"", "UNKNOWNID", "OVERLOADED"}, codes
            gone.update(vid for vid, code in zip(rest, codes) if code == "UNKNOWNID")
            rest[:] = [vid for vid, code in zip(rest, codes) if code == "OVERLOADED"]
            return not rest

        wait_until(all_said, 20, "answers")
        c.close()
        return gone

    def missing(self, lost, seconds):
        acknowledged = set(self.load.acknowledged)

        def rest():
            return acknowledged - {s.to for s in self.g.smsc.history()}

        try:
            wait_until(lambda: len(rest()) <= lost, seconds, "an SMS for each acknowledged request")
        except AssertionError:
            pass
        return rest()
