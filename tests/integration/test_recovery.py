"""Nothing acknowledged is lost and nothing is doubled when the daemon dies, and when it is told to stop."""
import threading
import time

from rig import Error, wait_until


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
    r = g.redis.connection()
    wait_until(lambda: not r.keys("j*"), what="an empty journal")


def test_killed_in_load(fresh, number):
    """Acknowledged: at least once. Twice only what was in the window, and then with the same code."""
    g = fresh(smsc="window = 20;")
    g.smsc.restart("--resp-delay-ms", "30")
    wait_until(g.daemon.ready, what="bound")
    c = g.daemon.client()
    numbers = [number() for _ in range(300)]
    ids = {}
    c.raw(b"".join(c.pack("OTP.SEND", to) for to in numbers))
    for to in numbers[:150]:
        ids[to] = c.reply()
    g.daemon.kill()
    g.daemon.start()
    wait_until(lambda: {s.to for s in g.smsc.history()} >= set(ids), 20, "every acknowledged SMS")
    wait_until(lambda: not g.redis.connection().keys("j*"), 20, "an empty journal")
    texts = [(s.to, s.code) for s in g.smsc.history()]
    assert len(texts) - len(set(texts)) <= 20 and len({to for to, _ in texts}) == len(set(texts)), "one code a number"
    verified(g, ids)


def test_another_instance_takes_over(fresh, number):
    """The dead one does not come back: its leases run out, and another instance sends."""
    g = fresh()
    g.smsc.stop()
    wait_until(lambda: not g.daemon.ready(), what="no bind")
    c = g.daemon.client()
    numbers = [number() for _ in range(50)]
    ids = dict(zip(numbers, c.many([("OTP.SEND", to) for to in numbers])))
    g.daemon.kill()
    g.smsc.start()
    g.daemon.run_with(replace=[('instance = "a";', 'instance = "b";'), ("# store: { partitions = 256; lease_ms = 5000; };",
                                                                       "store: { lease_ms = 5000; };")])
    once_each(g, ids, 20)
    verified(g, ids)


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
    assert g.daemon.stop() == 0 and time.monotonic() - start < 20
    thread.join(10)
    assert not thread.is_alive()
    g.daemon.start()
    wait_until(lambda: {s.to for s in g.smsc.history()} >= set(acknowledged), what="every acknowledged SMS")
    wait_until(lambda: not g.redis.connection().keys("j*"), 20, "an empty journal")
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


def test_sigterm_unbinds_and_says_so(fresh):
    g = fresh()
    assert g.daemon.stop() == 0 and g.smsc.account()["unbinds"] == 1
    assert g.daemon.manager.take("STOPPING=1")


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
