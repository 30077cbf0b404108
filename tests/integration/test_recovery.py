"""Nothing acknowledged is lost and nothing is doubled when the daemon dies, and when it is told to stop."""
import collections
import signal
import threading
import time

import pytest
from machine import BUSY, patience, within
from rig import KEPT, Error, wait_until


def lease(ms):
    return ("# store: { partitions = 256; lease_ms = 5000; write_version = 0; };", f"store: {{ lease_ms = {ms}; }};")


LONG = lease(60000)  # nothing runs out while a test looks


def send_all(daemon, numbers):
    return dict(zip(numbers, daemon.client().many([("OTP.SEND", to) for to in numbers])))


def times(g):
    """How often each number got an SMS."""
    return collections.Counter(s.to for s in g.smsc.history())


def owed(g):
    """The journal: a key for each partition with something in it."""
    return g.redis.connection().keys("j*")


def unbound(g):
    g.smsc.stop()
    wait_until(lambda: not g.daemon.ready(), what="no bind")


def once_each(g, ids, seconds=15):
    wait_until(lambda: {s.to for s in g.smsc.history()} >= set(ids), seconds, "every SMS")
    texts = [s.to for s in g.smsc.history()]
    assert sorted(texts) == sorted(ids), "each exactly once"


def verified(g, ids):
    c = g.daemon.client()
    codes = {s.to: s.code for s in g.smsc.history()}
    assert c.many([("OTP.VERIFY", ids[to], codes[to]) for to in ids]) == ["OK"] * len(ids)


def test_killed_with_a_full_queue(fresh, number):
    """No SMSC is bound: all of it waits. A new daemon sends each exactly once."""
    g = fresh()
    g.smsc.stop()
    wait_until(lambda: not g.daemon.ready(), what="no bind")
    c = g.daemon.client()
    numbers = [number() for _ in range(200)]
    ids = dict(zip(numbers, c.many([("OTP.SEND", to) for to in numbers])))
    g.daemon.kill()
    g.daemon.start(bound=False)
    g.smsc.start()
    once_each(g, ids)
    verified(g, ids)
    assert g.daemon.step("recovered") == 200
    wait_until(lambda: not owed(g), what="an empty journal")


@pytest.mark.parametrize("answers", (150, 300))
def test_killed_in_load(fresh, number, answers):
    """
    Acknowledged: at least once, and what goes twice has the same code. Twice only what was in the window, also while
    requests stand in line before Redis, since marks do not stand behind them; on a busy machine what was answered at the last
    moment, too: c4 of the matrix.
    """
    g = fresh(smsc="window = 20;")
    g.smsc.restart("--resp-delay-ms", "30")
    wait_until(g.daemon.ready, what="bound")
    c = g.daemon.client()
    numbers = [number() for _ in range(300)]
    ids = {}
    c.raw(b"".join(c.pack("OTP.SEND", to) for to in numbers))
    for to in numbers[:answers]:
        ids[to] = c.reply()
    g.daemon.kill()
    g.daemon.start()
    wait_until(lambda: {s.to for s in g.smsc.history()} >= set(ids), 20, "every acknowledged SMS")
    wait_until(lambda: not owed(g), 20, "an empty journal")
    texts = [(s.to, s.code) for s in g.smsc.history()]
    assert len({to for to, _ in texts}) == len(set(texts)), "one code a number"
    twice = len(texts) - len(set(texts))
    assert twice <= 20 or patience(1) > BUSY, "at most the window twice"
    verified(g, ids)


def test_a_killed_instance_takes_its_own_up_within_a_second(fresh, number):
    """With leases of a minute: it knows them for its own by the lock. What it accepts meanwhile is not taken for the past."""
    g = fresh(smsc="window = 10;", replace=[LONG])
    g.smsc.restart("--resp-delay-ms", "5000")
    wait_until(g.daemon.ready, what="bound")
    old = send_all(g.daemon, [number() for _ in range(100)])
    wait_until(lambda: g.daemon.step("submitted") == 10, what="a full window")
    g.daemon.kill()
    g.smsc.restart("--receipts", "both")
    first = times(g)
    g.daemon.start(bound=False)
    ready = time.monotonic()
    new = send_all(g.daemon, [number() for _ in range(50)])
    wait_until(lambda: set(times(g) - first) >= set(old), what="every old one again")
    assert within(ready, 1)
    wait_until(lambda: not owed(g), what="an empty journal")
    sent = times(g) - first
    assert all(sent[to] == 1 for to in old), "in this life each once"
    assert all(sent[to] == 1 for to in new) and sum(first.values()) <= 10
    assert g.daemon.step("recovered") == len(old)
    verified(g, {**old, **new})


def test_redis_away_at_the_start_after_a_kill(fresh, number):
    """It takes up its own when Redis comes."""
    g = fresh(replace=[LONG], redis_options=KEPT)
    unbound(g)
    ids = send_all(g.daemon, [number() for _ in range(50)])
    g.daemon.kill()
    g.redis.kill()
    g.smsc.start()
    g.daemon.start(bound=False)
    wait_until(lambda: g.daemon.metric('otpgwd_smpp_bound{smsc="main"}') == 1, what="bound")
    g.redis.restart()
    once_each(g, ids)
    verified(g, ids)


def test_another_instance_takes_over(fresh, number):
    """
    The dead one does not come back: its leases run out, and another instance sends, not before. Having its name does not
    make another host's instance the same one.
    """
    g = fresh(replace=[lease(2000)])
    unbound(g)
    ids = send_all(g.daemon, [number() for _ in range(50)])
    g.daemon.kill()
    killed = time.monotonic()
    g.smsc.start()
    b = g.join("b", replace=[lease(2000), ('instance = "b";', 'instance = "a";')])
    wait_until(g.smsc.history, what="the first")
    assert time.monotonic() - killed > 0.9, "a lease has at least half of its time left"
    once_each(g, ids, 20)
    assert b.step("recovered") == len(ids)


def test_three_instances_share_the_work(fresh, number):
    """Each has accepted some and dies with it or lives; those that live send all, each its part, none twice."""
    narrow = {"smsc": "window = 5;", "replace": [lease(3000)],
              "purpose": "sends_short = [255, 600]; sends_long = [255, 86400]; deadline_s = 300;"}
    g = fresh(**narrow)
    daemons = [g.daemon, g.join("b", **narrow), g.join("c", **narrow)]
    g.smsc.stop()
    for d in daemons:
        wait_until(lambda: not d.ready(), what="no bind")
    parts = [send_all(d, [number() for _ in range(n)]) for d, n in zip(daemons, (400, 50, 50))]
    g.daemon.kill()
    g.smsc.start("--resp-delay-ms", "20")
    ids = {to: vid for part in parts for to, vid in part.items()}
    once_each(g, ids, 30)
    recovered = [d.step("recovered") for d in daemons[1:]]
    assert sum(recovered) == 400 and all(recovered), "both took of the dead one's"
    assert all(d.step("accepted") >= 50 for d in daemons[1:])
    codes = {s.to: s.code for s in g.smsc.history()}
    assert daemons[1].client().many([("OTP.VERIFY", ids[to], codes[to]) for to in ids]) == ["OK"] * len(ids)


def test_a_stop_hands_over_to_a_living_instance(fresh, number):
    """At once, and not when the lease of a minute runs out; what was written is waited for and not handed over."""
    g = fresh(smsc="window = 1;", replace=[LONG])
    g.smsc.restart("--resp-delay-ms", "200")
    wait_until(g.daemon.ready, what="bound")
    b = g.join("b", smsc="window = 50;", replace=[LONG])
    ids = send_all(g.daemon, [number() for _ in range(50)])
    assert g.daemon.stop() == 0
    once_each(g, ids)
    wait_until(lambda: not owed(g), what="an empty journal")
    assert b.step("recovered") == b.step("accepted") > 40


def test_paused_beyond_its_lease(fresh, number):
    """
    l2: another instance has taken all of it. When the first goes on, it puts nothing on the wire that it held queued: only
    what was in its window went out twice.
    """
    window = 5
    g = fresh(smsc=f"window = {window};", replace=[lease(2000)])
    g.smsc.restart("--resp-delay-ms", "1000")
    wait_until(g.daemon.ready, what="bound")
    ids = send_all(g.daemon, [number() for _ in range(200)])
    g.daemon.pause()
    queued = len(ids) - len(g.smsc.history())
    assert queued > 100
    g.join("b", smsc="window = 100;", replace=[lease(2000)])
    wait_until(lambda: set(times(g)) >= set(ids), 30, "every SMS")
    wait_until(lambda: not owed(g), what="an empty journal")
    g.daemon.resume()
    wait_until(lambda: g.daemon.json()["queue"]["taken"] == 0, what="an empty queue")
    to = number()
    assert g.daemon.client().insist("OTP.SEND", to, "REQID", "r"), "Redis is away until the first has connected again"
    assert g.smsc.sms(to=to).to == to
    count = times(g)
    assert all(count[n] >= 1 for n in ids) and sum(count[n] - 1 for n in ids) <= window
    assert g.daemon.step("lease_lost") >= queued - 2 * window


def test_a_lease_is_renewed_while_it_is_held(fresh, number):
    """The shortest lease: what waits for the window longer than that stays here, though another instance looks for work."""
    g = fresh(smsc="window = 1;", replace=[lease(1000)])
    g.smsc.restart("--resp-delay-ms", "100")
    wait_until(g.daemon.ready, what="bound")
    b = g.join("b", replace=[lease(1000)])
    ids = send_all(g.daemon, [number() for _ in range(30)])
    once_each(g, ids)
    lost = g.daemon.step("lease_lost")
    assert lost <= 10 and b.step("recovered") <= lost, "none, but for a machine that stands still"


def test_a_message_that_kills_is_given_up(fresh, number):
    """Poison: after five claims it is failed, and the gateway lives on."""
    g = fresh(smsc="window = 1; response_timeout_ms = 60000;")
    g.smsc.restart("--silent")
    wait_until(g.daemon.ready, what="bound")
    vid = g.daemon.client().do("OTP.SEND", number())
    for claims in range(6):
        wait_until(lambda: g.daemon.step("submitted") == 1, what=f"submit {claims}")
        g.daemon.kill()
        g.daemon.start()
    c = g.daemon.client()
    c.settled(vid, "failed")
    assert c.status(vid)["reason"] == "poison" and g.smsc.account()["submits"] == 6
    assert g.daemon.step("submitted") == 0 and not owed(g)


def test_sigterm_in_load(fresh, number):
    """Every answer is kept: lost 0, twice 0."""
    g = fresh()
    acknowledged = {}
    client = g.daemon.client()

    def ask():
        try:
            while True:
                numbers = [number() for _ in range(20)]
                client.raw(b"".join(client.pack("OTP.SEND", to) for to in numbers))
                for to in numbers:
                    reply = client.reply()
                    if not isinstance(reply, Error):
                        acknowledged[to] = reply
        except (EOFError, OSError):
            pass

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    wait_until(lambda: len(acknowledged) > 200, what="load")
    start = time.monotonic()
    assert g.daemon.stop() == 0 and within(start, 20)
    thread.join(60)
    assert not thread.is_alive()
    g.daemon.start()
    wait_until(lambda: {s.to for s in g.smsc.history()} >= set(acknowledged), what="every acknowledged SMS")
    wait_until(lambda: not owed(g), 20, "an empty journal")
    numbers = [s.to for s in g.smsc.history()]
    assert len(numbers) == len(set(numbers)), "none twice"
    verified(g, acknowledged)


def test_sigterm_with_a_queue_that_cannot_go(fresh, number):
    g = fresh()
    g.smsc.stop()
    wait_until(lambda: not g.daemon.ready(), what="no bind")
    numbers = [number() for _ in range(50)]
    ids = dict(zip(numbers, g.daemon.client().many([("OTP.SEND", to) for to in numbers])))
    assert g.daemon.stop(40) == 0
    g.smsc.start()
    g.daemon.start()
    once_each(g, ids)


def test_sigterm_waits_for_responses(fresh, number):
    """What was written is answered for, and not sent again by the next life."""
    g = fresh(smsc="window = 50;", replace=[LONG])
    g.smsc.restart("--resp-delay-ms", "1000")
    wait_until(g.daemon.ready, what="bound")
    ids = send_all(g.daemon, [number() for _ in range(50)])
    wait_until(lambda: g.daemon.step("submitted") == 50, what="submits")
    assert g.daemon.stop() == 0
    assert not owed(g), "all marked"
    g.daemon.start()
    c = g.daemon.client()
    assert {c.status(vid)["delivery"] for vid in ids.values()} <= {"accepted", "delivered"}
    once_each(g, ids)
    assert g.daemon.step("recovered") == 0


def test_a_stop_ends_in_time_whoever_delays_it(fresh, number):
    """A client that never reads its answers and an SMSC that never answers: together drain_s, and not each."""
    g = fresh(smsc="response_timeout_ms = 60000;", replace=[("# drain_s = 25;", "drain_s = 4;")])
    g.smsc.restart("--silent")
    wait_until(g.daemon.ready, what="bound")
    vid = g.daemon.client().do("OTP.SEND", number())
    wait_until(lambda: g.daemon.step("submitted") == 1, what="a submit")
    deaf = g.daemon.client()
    deaf.raw(deaf.pack("PING", "x" * 1000) * 500)
    begun = time.monotonic()
    assert g.daemon.stop() == 0
    assert time.monotonic() - begun > 3.5 and within(begun, 5.5)
    g.smsc.restart()
    g.daemon.start()
    assert g.daemon.client().status(vid)["delivery"] == "unknown" and not g.smsc.history(), "a stop sends nothing twice"
    assert not owed(g)


def test_sigterm_unbinds_and_says_so(fresh):
    g = fresh()
    assert g.daemon.stop() == 0 and g.smsc.account()["unbinds"] == 1
    wait_until(lambda: g.daemon.manager.take("STOPPING=1"), what="STOPPING=1")


def test_told_to_stop_again_and_again(fresh):
    """The second time it stops at once; none ends it half way."""
    g = fresh()
    for _ in range(5):
        while g.daemon.alive():
            g.daemon.signal(signal.SIGTERM)
        assert g.daemon.proc.returncode == 0
        g.daemon.start()


def test_verify_consumed_before_the_reply(fresh, number):
    """Killed after the verdict was written: with a REQID it is replayed, without it the code is used."""
    g = fresh()
    c = g.daemon.client()
    to = number()
    vid = c.do("OTP.SEND", to)
    code = g.smsc.sms(to=to).code
    c.send("OTP.VERIFY", vid, code, "REQID", "v")
    wait_until(lambda: g.daemon.step("approved") == 1, what="the verdict")
    g.daemon.kill()
    g.daemon.start()
    c = g.daemon.client()
    assert c.do("OTP.VERIFY", vid, code, "REQID", "v") == "OK" and c.fails("OTP.VERIFY", vid, code).code == "USED"
