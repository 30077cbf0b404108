"""Backends that ask as backends do: with a REQID, in bursts, and again on another instance when no answer came."""
import collections
import random
import threading
import time

from checker import RETRIED
from world import Client, Error

REPLY_S = 3  # a backend's patience with one instance
PATIENCE_S = 60  # and with all of them, for one message
PAUSE_S = 0.05


class Line:
    """A caller's connections, one to each instance, opened when needed."""

    def __init__(self, world):
        self.world, self.open = world, {}

    def exchange(self, at, op, batch):
        """A pipeline: one outcome a request, as written into the history."""
        history = self.world.history
        asked = [history.ask(op, at, **what) for what, _ in batch]
        outcomes = []
        try:
            client = self.open.get(at) or Client(self.world.instances[at].api, REPLY_S)
            self.open[at] = client
            client.raw(b"".join(Client.pack(*words) for _, words in batch))
            for _ in batch:
                reply = client.reply()
                outcomes.append({"error": str(reply)} if isinstance(reply, Error) else {"ok": reply})
                history.add("reply", n=asked[len(outcomes) - 1], **outcomes[-1])
        except (OSError, EOFError, AssertionError) as e:
            self.drop(at)
            # Half a line is a reply cut off by a death; a whole one that makes no sense is a fault.
            whole = isinstance(e, AssertionError) and e.args[0].endswith(b"\r\n")
            why = {"error": "MALFORMED"} if whole else {"lost": type(e).__name__}
            for n in asked[len(outcomes):]:
                outcomes.append(why)
                history.add("reply", n=n, **why)
        return outcomes

    def drop(self, at):
        client = self.open.pop(at, None)
        if client:
            client.close()

    def close(self):
        for at in list(self.open):
            self.drop(at)


def again(outcome):
    return "lost" in outcome or outcome.get("error", "").split(" ")[0] in RETRIED


class Numbers:
    """Each number once, so that no limit of a number is met."""

    def __init__(self, begin=0):
        self.next, self.lock = begin, threading.Lock()

    def __call__(self):
        with self.lock:
            self.next += 1
            return f"62812{self.next:08d}"


class Load:
    """`rate` messages a second from `workers` backends, until `stop`; a share of the codes is verified."""

    def __init__(self, world, rate, seed=0, workers=8, verify=0.3):
        self.world, self.verify_share = world, verify
        self.numbers = Numbers()
        self.ids, self.owed_verifies = {}, {}  # number -> id; number -> code, until it is acknowledged
        self.to_verify = collections.deque()
        self.lock = threading.Lock()
        self.ended = self.verifying_ended = False
        world.phones.hooks.append(self.on_sms)
        interval = workers / rate
        self.senders = [threading.Thread(target=self.send_on, args=(random.Random(f"{seed}/sender/{i}"), interval), daemon=True)
                        for i in range(workers)]
        self.verifiers = [threading.Thread(target=self.verify_on, args=(random.Random(f"{seed}/verifier/{i}"),), daemon=True)
                          for i in range(2)]

    def start(self):
        for thread in (*self.senders, *self.verifiers):
            thread.start()

    def stop(self):
        """No new message; every message under way gets its answer, and every code its verdict."""
        self.ended = True
        for thread in self.senders:
            thread.join(PATIENCE_S + 30)
        assert not any(t.is_alive() for t in self.senders), "a backend hangs"

    def stop_verifying(self):
        self.verifying_ended = True
        for thread in self.verifiers:
            thread.join(PATIENCE_S + 30)
        assert not any(t.is_alive() for t in self.verifiers), "a backend hangs"

    def on_sms(self, number, code):
        with self.lock:
            if int(number[-4:]) * 7919 % 1000 >= self.verify_share * 1000:
                return
            if number in self.ids:
                self.queue_verify(number, code)
            else:
                self.owed_verifies[number] = code

    def queue_verify(self, number, code):
        if self.ids[number]:
            self.to_verify.append((number, self.ids[number], code))
            self.ids[number] = None  # one verify a number

    def acknowledged(self, number, vid):
        with self.lock:
            if number not in self.ids:
                self.ids[number] = vid
                if number in self.owed_verifies:
                    self.queue_verify(number, self.owed_verifies.pop(number))

    def send_on(self, rng, interval):
        line, due = Line(self.world), time.monotonic() + rng.random() * interval
        while not self.ended:
            count = rng.randint(1, 4)
            due = max(due + interval * count, time.monotonic() - 2)
            self.send([self.numbers() for _ in range(count)], line, rng)
            while not self.ended and time.monotonic() < due:
                time.sleep(0.005)
        line.close()

    def send(self, numbers, line, rng):
        """Each at one instance after the other, until it has its answer."""
        end = time.monotonic() + PATIENCE_S
        left, at = numbers, None
        while left and time.monotonic() < end:
            at = self.another(at, rng)
            batch = [({"m": m, "reqid": "r" + m}, ("OTP.SEND", m, "REQID", "r" + m)) for m in left]
            outcomes = line.exchange(at, "send", batch)
            for m, outcome in zip(left, outcomes):
                if "ok" in outcome:
                    self.acknowledged(m, outcome["ok"])
            left = [m for m, outcome in zip(left, outcomes) if again(outcome)]
            if left:
                time.sleep(PAUSE_S)

    def another(self, at, rng):
        return rng.choice([n for n in self.world.instances if n != at] or [at])

    def verify_on(self, rng):
        line = Line(self.world)
        while not (self.verifying_ended and not self.to_verify):
            try:
                number, vid, code = self.to_verify.popleft()
            except IndexError:
                time.sleep(0.01)
                continue
            self.verify(line, rng, ("v" + number, number, vid, code))
            if rng.random() < 0.1:
                self.verify(line, rng, ("w" + number, number, vid, code))  # another request for the same code
        line.close()

    def verify(self, line, rng, what):
        reqid, number, vid, code = what
        end, at = time.monotonic() + PATIENCE_S, None
        while time.monotonic() < end:
            at = self.another(at, rng)
            ask = {"m": number, "reqid": reqid, "id": vid}
            if not again(line.exchange(at, "verify", [(ask, ("OTP.VERIFY", vid, code, "REQID", reqid))])[0]):
                return
            time.sleep(PAUSE_S)


def acknowledged(records):
    """number -> id, the first that was given."""
    asks = {r["n"]: r["m"] for r in records if r["what"] == "ask" and r["op"] == "send"}
    ids = {}
    for r in records:
        if r["what"] == "reply" and "ok" in r and r["n"] in asks:
            ids.setdefault(asks[r["n"]], r["ok"])
    return ids


def statuses(client, ids):
    """number -> what the gateway says of its id."""
    found = {}
    for m, reply in zip(ids, client.many([("OTP.STATUS", vid) for vid in ids.values()])):
        if isinstance(reply, Error):
            found[m] = {"error": str(reply)}
        else:
            fields = reply if isinstance(reply, dict) else dict(zip(reply[::2], reply[1::2]))
            found[m] = {k: fields[k] for k in ("delivery", "state", "reason")}
    return found


def owed_a_mark(fields):
    """A code that was used is owed nothing more: what a crash left unmarked of it is dropped."""
    return fields.get("delivery") in ("queued", "submitted", "unknown", "accepted") and fields["state"] != "verified"


def ask_statuses(world, at, seconds=0):
    """Of every acknowledged message, into the history; those whose receipt is not marked after so many seconds are returned."""
    ids = acknowledged(world.history.records())
    client = Client(world.instances[at].api, 30)
    found = statuses(client, ids)
    end = time.monotonic() + seconds
    while (left := [m for m in ids if owed_a_mark(found[m])]) and time.monotonic() < end:
        time.sleep(0.2)
        found.update(statuses(client, {m: ids[m] for m in left}))
    for m, fields in found.items():
        world.history.add("status", m=m, id=ids[m], **fields)
    client.close()
    return left
