"""An upgrade and a rollback under load, by the rule of otpgwd(8): this release, and the one after it, which may write another
version of the record. Two instances on one Redis; SENDs and VERIFYs of right codes go to both all the time."""
import collections
import os
import random
import threading
import time

import pytest
from machine import patience
from rig import NEXT, OTPGWD, Error, Sms, wait_until

HELD = 40  # verifications that wait for their code to be typed, sent by one version and judged by another


class Lives(threading.Thread):
    """SENDs through one instance, and the right code through one of the two; what one cannot answer is asked of the other."""

    def __init__(self, g, number):
        super().__init__(daemon=True)
        self.g, self.number = g, number
        self.sent, self.verified, self.done, self.failure = {}, 0, False, None
        self.held = collections.deque()
        self.clients = {}
        self.phone, self.line, self.codes = open(g.smsc.path("phone"), encoding="utf-8"), "", {}

    def run(self):
        try:
            while not self.done or self.held:
                self.turn()
        except BaseException as failure:  # told by more() and stop(), in the test's own thread
            self.failure = failure

    def turn(self):
        new = [] if self.done else [self.number() for _ in range(20)]
        self.sent.update(zip(new, self.ask([("OTP.SEND", to, "REQID", "s" + to) for to in new])))
        self.held.extend(new)
        due = [self.held.popleft() for _ in range(len(self.held) - (0 if self.done else HELD))]
        guesses = [("OTP.VERIFY", self.sent[to], str(int(self.code(to)[0]) ^ 1) + self.code(to)[1:], "REQID", "w" + to) for to in due[::3]]
        for reply in self.ask(guesses, "INCORRECT"):
            assert reply.fields["attempts_left"] == "4", "a wrong one counts once, whichever version wrote and judges"
        replies = self.ask([("OTP.VERIFY", self.sent[to], self.code(to), "REQID", "v" + to) for to in due])
        assert set(replies) <= {"OK"}, f"right codes were answered {replies}"
        assert set(self.ask([("OTP.STATUS", self.sent[to], "FIELD", "state") for to in due[::4]])) <= {"verified"}
        self.ask([("OTP.VERIFY", self.sent[to], self.code(to)) for to in due[1::4]], "USED")
        self.verified += len(due)
        time.sleep(0.02)

    def ask(self, requests, error=None):
        """The replies. A refusal that says so is asked again, as a client should; any other is a fault, but for `error`, which is
        what all are answered."""
        replies, left, end = {}, list(requests), time.monotonic() + patience(30)
        while left:
            assert time.monotonic() < end, f"no answer to {left}"
            for request, reply in zip(list(left), self.ask_one(random.choice(self.g.daemons), left)):
                assert error is None or isinstance(reply, Error), f"{request} was answered {reply}"
                if isinstance(reply, Error) and reply.code != error:
                    assert reply.code in ("UNAVAILABLE", "OVERLOADED"), f"{request} was answered {reply}"
                    continue
                replies[request] = reply
                left.remove(request)
        return [replies[request] for request in requests]

    def ask_one(self, daemon, requests):
        """Those replies that came before the connection ended."""
        replies = []
        try:
            if daemon not in self.clients:
                self.clients[daemon] = daemon.client()
            c = self.clients[daemon]
            c.raw(b"".join(c.pack(*words) for words in requests))
            for _ in requests:
                replies.append(c.reply())
        except (OSError, EOFError):
            self.clients.pop(daemon, None)
            time.sleep(0.01)
        return replies

    def code(self, to):
        def came():
            for line in self.phone:
                self.line += line
                if self.line.endswith("\n"):
                    sms = Sms(self.line)
                    self.codes[sms.to], self.line = sms.code, ""
            return self.codes.get(to)

        return wait_until(came, 20, f"the SMS to {to}")

    def more(self, n=60):
        """As many lives begin, and as many end, so all that was held before has been judged."""
        want = self.verified + n + HELD
        wait_until(lambda: self.verified >= want or self.failure, 40, "lives")
        assert self.failure is None, self.failure

    def stop(self):
        self.done = True
        self.join(patience(40))
        assert not self.is_alive() and self.failure is None, self.failure


@pytest.fixture
def lives(fresh, number):
    """Two instances of this release under load."""
    assert os.path.exists(NEXT), "make next"
    g = fresh(redis_options={})
    g.join("b")
    load = Lives(g, number)
    load.start()
    load.more()
    yield g, load
    load.done = True
    load.join(60)
    load.phone.close()


def runs(daemon, binary):
    assert daemon.stop(40) == 0
    daemon.binary = binary
    daemon.start()


def writes(g, version):
    """On all instances, by a reload."""
    for daemon in g.daemons:
        with open(daemon.path("conf"), encoding="utf-8") as f:
            lines = [line for line in f.read().splitlines() if not line.startswith("store: {")]
        with open(daemon.path("conf"), "w", encoding="utf-8") as f:
            f.write("\n".join([*lines, f"store: {{ write_version = {version}; }};"]) + "\n")
        daemon.reload()
        assert daemon.json()["redis"]["write_version"] == version


def versions(g):
    """How many records of each version are in Redis."""
    c = g.redis.connection()
    found = collections.Counter(c.getrange(key, 0, 0) for key in c.keys("o{*"))
    c.close()
    return {ord(version): n for version, n in found.items() if version}


def lives_end(g, version):
    """The records of this version have ended, and their time is over: here at once, for those that were verified."""
    c = g.redis.connection()
    for key in c.keys("o{*"):
        if c.getrange(key, 0, 0) == bytes([version]):
            c.pexpire(key, 1)
    c.close()
    wait_until(lambda: version not in versions(g), what="the end of the records")


@pytest.mark.seconds(180)
@pytest.mark.parametrize("step", ["tried and given up", "switched on and off"])
def test_an_upgrade_and_a_rollback(lives, step):
    g, load = lives
    a, b = g.daemons
    now = a.json()["redis"]["write_version"]
    for daemon in (a, b):
        runs(daemon, NEXT)
        load.more()
        assert daemon.json()["redis"]["write_version"] == now
    assert set(versions(g)) == {now}, "the next release writes the version of this one"
    if step == "switched on and off":
        writes(g, now + 1)
        load.more()
        assert set(versions(g)) == {now, now + 1}
        writes(g, now)
        load.more()
        lives_end(g, now + 1)
    for daemon in (b, a):
        runs(daemon, OTPGWD)
        load.more()
    load.stop()
    came = collections.Counter(s.to for s in g.smsc.history())
    assert not set(load.sent) - set(came), "each acknowledged SEND reached the SMSC"
    assert load.verified == len(load.sent)
    for daemon in (a, b):
        assert daemon.metric("otpgwd_redis_unreadable_total") == 0
        assert daemon.log().count("unreadable what=") == 0


def test_a_version_that_is_not_known_is_refused(fresh):
    g = fresh()
    known = g.daemon.json()["redis"]["write_version"]
    g.daemon.write_conf(append=f"store: {{ write_version = {known + 1}; }};")
    code, text = g.daemon.check()
    assert code == 1 and f"store.write_version: found {known + 1}, allowed {known}..{known}" in text
    g.daemon.expect = ["reload refused", "store.write_version: found"]
    g.daemon.reload(good=False)
    assert g.daemon.ready()
