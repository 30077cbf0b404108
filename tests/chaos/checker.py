"""Judges a history: what was acknowledged and never sent, sent twice, or answered in contradiction.

A message is known by its number: each number is asked for once, by one REQID, as often as it takes to get an answer.
"""
from collections import Counter, defaultdict

RETRIED = ("UNAVAILABLE", "OVERLOADED")  # the answers that ask to come again
TOLD = ("failed", "unknown")  # the deliveries that say openly that nobody knows of an SMS


class Message:
    def __init__(self, number):
        self.number = number
        self.reqids, self.ids, self.codes = set(), [], []
        self.acknowledged = None  # (when, by whom) at first
        self.sent_at = []
        self.approved, self.verify_lost = set(), False
        self.status = None


class Verdict:
    def __init__(self):
        self.attempts = self.acknowledged = self.delivered = self.recovered = self.duplicated = 0
        self.lost, self.unexpected, self.told = [], [], []
        self.kills = self.doubts = 0

    def line(self):
        return (f"attempts {self.attempts} / acknowledged {self.acknowledged} / delivered {self.delivered} / lost {len(self.lost)}"
                f" / duplicated {self.duplicated} / recovered {self.recovered} / unexpected {len(self.unexpected)}")

    def checks(self, window):
        """(what must hold, whether it does)"""
        bound = window * (self.kills + self.doubts)
        return [("something was acknowledged", self.acknowledged > 0),
                ("nothing acknowledged is lost", not self.lost),
                (f"duplicated at most the window a kill: {self.duplicated} of {bound}", self.duplicated <= bound),
                ("no answer contradicts another", not self.unexpected)]


def judge(records, excused=()):
    """Of `excused` numbers anything may have been forgotten: it was announced."""
    v, messages, asks = Verdict(), {}, {}
    kills = defaultdict(list)

    def message(number):
        return messages.setdefault(number, Message(number))

    for r in records:
        what = r["what"]
        if what == "ask":
            asks[r["n"]] = r
            v.attempts += r["op"] == "send"
            if r["op"] == "send":
                message(r["m"]).reqids.add(r["reqid"])
        elif what == "reply":
            ask = asks.get(r["n"])
            if ask is None:
                v.unexpected.append(f"a reply to nothing: {r}")
            elif ask["op"] == "send":
                answered_send(v, message(ask["m"]), ask, r)
            else:
                answered_verify(v, message(ask["m"]), ask, r)
        elif what == "sms":
            message(r["m"]).codes.append(r["code"])
            message(r["m"]).sent_at.append(r["t"])
        elif what == "kill":
            v.kills += 1
            kills[r["at"]].append(r["t"])
        elif what == "doubt":
            v.doubts += 1
        elif what == "status":
            message(r["m"]).status = r
    for m in messages.values():
        count(v, m, kills)
    judge_ids(v, messages.values())
    v.lost = [m for m in v.lost if m not in excused]
    v.unexpected = [u for u in v.unexpected if u.split(":")[0] not in excused]
    return v


def answered_send(v, m, ask, r):
    if "ok" in r:
        m.ids.append(r["ok"])
        if m.acknowledged is None:
            m.acknowledged = (r["t"], ask["at"])
    elif "error" in r and r["error"].split(" ")[0] not in RETRIED:
        v.unexpected.append(f"{m.number}: SEND answered {r['error']}")


def answered_verify(v, m, ask, r):
    right = ask.get("right", True)
    word = r["error"].split(" ")[0] if "error" in r else ""
    if "ok" in r:
        if not right:
            v.unexpected.append(f"{m.number}: a wrong code was approved")
        m.approved.add(ask["reqid"])
        if len(m.approved) > 1:
            v.unexpected.append(f"{m.number}: one code approved twice")
    elif "lost" in r or word in RETRIED:
        m.verify_lost = True  # it may have been consumed
    elif word == "USED":
        if not m.approved and not m.verify_lost:
            v.unexpected.append(f"{m.number}: USED, and nobody had used it")
    elif right or word != "INCORRECT":
        v.unexpected.append(f"{m.number}: VERIFY answered {r['error']}")


def count(v, m, kills):
    times = len(m.codes)
    v.duplicated += max(0, times - 1)
    if times and not m.reqids:
        v.unexpected.append(f"{m.number}: an SMS that nobody asked for")
    if len(set(m.codes)) > 1:
        v.unexpected.append(f"{m.number}: another code in a duplicate")
    if len(set(m.ids)) > 1:
        v.unexpected.append(f"{m.number}: {len(set(m.ids))} ids for one REQID")
    if m.acknowledged is None:
        return
    v.acknowledged += 1
    when, who = m.acknowledged
    if times:
        v.delivered += 1
        v.recovered += any(when < t < min(m.sent_at) for t in kills[who])
        if m.status and "error" in m.status:
            v.unexpected.append(f"{m.number}: STATUS answered {m.status['error']}")
    elif m.status and m.status.get("delivery") in TOLD:
        v.told.append(m.number)
        v.unexpected.append(f"{m.number}: given up, {m.status.get('reason')}")
    else:
        v.lost.append(m.number)


def judge_ids(v, messages):
    owners = Counter(i for m in messages for i in set(m.ids))
    v.unexpected += [f"{i}: an id given to {n} messages" for i, n in owners.items() if n > 1]
