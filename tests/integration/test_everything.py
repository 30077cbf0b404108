"""Everything at once: throttling, answers out of order, lost links, receipts early, late, twice, in hex and decimal.

Each message is delivered, or not with a reason; none is silently gone; none is sent a third time; no rule of SMPP is broken.
OTPGWD_FULL=1: 100,000 messages instead of 3,000.
"""
import collections
import os
import time

import pytest
from rig import Error, wait_until

FULL = os.environ.get("OTPGWD_FULL") == "1"
MESSAGES = 100000 if FULL else 3000
SECONDS = 1800 if FULL else 120
AT_ONCE = 1000  # not yet settled: so that deadlines are missed for faults alone, not for a queue of the test's own
RARE = 0.5 if FULL else 2
# At W of 1,000 submits each. late: beyond the response's time, out_of_order: within it.
MIX = (f"throttle={RARE} late:3000={RARE} silent_taken={RARE} silent={RARE} drop={RARE} drop_taken={RARE} nack={RARE} status:8=3 status:69=2 "
       "twice=3 out_of_order=50 receipt_early=50 receipt_late:2500=20 receipt_out_of_order=50 receipt_twice=30")
TIMEOUT_MS = 2000
IDS = {"main": "hex", "second": "mixed"}  # mixed: hex in the response, decimal in the receipt
ENDS = ("delivered", "failed", "unknown")


def numbers():
    """Two prefixes, a route each; none that the simulator takes for a fault of the destination."""
    made = 0
    for i in range(2 * MESSAGES):
        text = f"6281{2 + i % 2}{i:08d}"
        if "999" not in text[5:] and made < MESSAGES:
            made += 1
            yield text


class Run:
    def __init__(self, g):
        self.c = g.daemon.client(60)
        self.left = collections.deque(numbers())
        self.open, self.final, self.refused = {}, {}, collections.Counter()

    def send(self):
        batch = [self.left.popleft() for _ in range(min(200, AT_ONCE - len(self.open), len(self.left)))]
        for to, reply in zip(batch, self.c.many([("OTP.SEND", to) for to in batch])):
            if isinstance(reply, Error):
                self.refused[reply.code] += 1
                self.left.append(to)
            else:
                assert to not in self.open and to not in self.final, to
                self.open[to] = reply

    def statuses(self, ids):
        """(number, id, status) of each; whoever is refused meanwhile is left out and asked again."""
        for (to, vid), flat in zip(ids, self.c.many([("OTP.STATUS", vid) for _, vid in ids])):
            if isinstance(flat, Error):
                assert flat.code in ("OVERLOADED", "UNAVAILABLE"), flat
            else:
                yield to, vid, flat if isinstance(flat, dict) else dict(zip(flat[::2], flat[1::2]))

    def look(self):
        """What has come to an end; a message in doubt may still be delivered, so it is looked at again at the end."""
        for to, vid, status in self.statuses(list(self.open.items())):
            if status["delivery"] in ENDS:
                self.final[to] = (self.open.pop(to), status)

    def last_look(self):
        rest = {to: vid for to, (vid, _) in self.final.items()}

        def all_said():
            for to, vid, status in self.statuses(list(rest.items())):
                self.final[to] = (rest.pop(to), status)
            return not rest

        wait_until(all_said, 20, "every status")

    def go(self):
        while self.left or self.open:
            self.send()
            self.look()
            time.sleep(0.05)


def gateway(fresh):
    route = '{ prefix = ""; smsc = ["main","second"]; }'
    other = '{ prefix = "62813"; smsc = ["second","main"]; }'
    g = fresh(smscs=2, log_level="warn", replace=[(route, f"{route}, {other}")],
              purpose="sends_short = [1, 600]; sends_long = [1, 86400]; deadline_s = 60;",
              smsc=f'rate = 3000.0; window = 20; binds = 2; response_timeout_ms = {TIMEOUT_MS}; msgid_mode = "auto";')
    for seed, (name, smsc) in enumerate(g.smscs.items()):
        smsc.restart("--receipts", "both", "--receipt-again", "--id", IDS[name], "--seed", str(seed + 1), "--mix", MIX,
                     "--throttle-pause-ms", "0", "--forget-ms", str(TIMEOUT_MS - 100), "--quiet")
    wait_until(lambda: all(s["bound"] for s in g.daemon.json()["smscs"]), 20, "all bound")
    return g


@pytest.mark.seconds(SECONDS)
def test_everything(fresh):
    g = gateway(fresh)
    began = time.monotonic()
    run = Run(g)
    run.go()
    wait_until(lambda: g.daemon.json()["queue"]["taken"] == 0, 90, "an empty queue")
    wait_until(lambda: not g.redis.connection().keys("j*"), 20, "an empty journal")
    run.last_look()
    took = time.monotonic() - began
    states = collections.Counter(status["delivery"] for _, status in run.final.values())
    accounts = {name: smsc.account() for name, smsc in g.smscs.items()}
    print(f"{MESSAGES} in {took:.0f} s: {dict(states)}; refused {dict(run.refused)}; {g.daemon.json()['unanswered']}; "
          f"submits {[a['submits'] for a in accounts.values()]}; faults {[a['faults'] for a in accounts.values()]}")
    assert len(run.final) == MESSAGES and set(states) <= set(ENDS)
    for to, (_, status) in run.final.items():
        assert status["delivery"] == "delivered" or status["reason"], (to, status)
    assert states["delivered"] > 0.98 * MESSAGES, states
    count = collections.Counter(sms.to for smsc in g.smscs.values() for sms in smsc.history())
    assert max(count.values()) <= 2
    doubted = {to for to, (_, status) in run.final.items() if status["possible_duplicate"] == "1"}
    assert {to for to, n in count.items() if n == 2} <= doubted
    assert {to for to, (_, status) in run.final.items() if status["delivery"] == "delivered"} <= set(count)
    assert {name: account["violations"] for name, account in accounts.items()} == {"main": {}, "second": {}}
    made = set().union(*(account["faults"] for account in accounts.values()))
    wanted = {entry.split("=")[0].split(":")[0] for entry in MIX.split()}
    assert made >= wanted, wanted - made
