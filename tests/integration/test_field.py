"""What went wrong at others with real SMSCs: a test for each that has none elsewhere; tests/README.md maps them all."""
import time

from rig import wait_until


def restart(g, *options):
    g.smsc.restart("--receipts", "both", *options)
    wait_until(g.daemon.ready, 20, "bound again")


def test_slow_answers_are_no_silence(fresh, number):
    """Each answer takes most of its time, and the queue many times that: a message's clock starts when it is written."""
    g = fresh(smsc="window = 10; response_timeout_ms = 4000;", purpose="deadline_s = 60;")
    restart(g, "--resp-delay-ms", "1000")
    c = g.daemon.client()
    numbers = [number() for _ in range(80)]
    for vid in c.many([("OTP.SEND", to) for to in numbers]):
        c.settled(vid, "delivered", seconds=40)
    account = g.smsc.account()
    assert account["submits"] == 80 and account["duplicates"] == 0 and account["window_max"] == 10
    assert g.daemon.step("ambiguous") == 0 and account["violations"] == {}


def test_a_throttled_message_goes_first(fresh, number):
    """
    Back to the head: what was asked for later arrives later. Its receipt, after the throttling, finds it. Each is asked for when the
    one before it has its answer: of requests in flight together, the nodes of a Cluster say which comes first.
    """
    g = fresh(smsc="window = 1;")
    c = g.daemon.client()
    numbers = [number("999305"), *(number() for _ in range(4))]
    for vid in [c.do("OTP.SEND", to) for to in numbers]:
        c.settled(vid, "delivered")
    assert [sms.to for sms in g.smsc.history()] == numbers
    account = g.smsc.account()
    assert account["throttled"] == 1 and account["paused_submits"] == 0 and account["submits"] == 6


def test_unknown_tlvs_are_passed_over(fresh, number):
    g = fresh()
    restart(g, "--fault", "extra_tlvs", "--fault", "receipt_vendor")
    c = g.daemon.client()
    for vid in c.many([("OTP.SEND", number()) for _ in range(5)]):
        c.settled(vid, "delivered")
    assert g.smsc.account()["connections"] == 1 and g.smsc.account()["receipt_error"] == 0


def test_the_same_id_at_another_smsc(fresh, number):
    """Both count their ids alike: a receipt of one says nothing of the other's message."""
    g = fresh(smscs=2, replace=[('{ prefix = ""; smsc = ["main","second"]; }',
                                 '{ prefix = ""; smsc = ["main"]; }, { prefix = "62812"; smsc = ["second"]; }')])
    for smsc, receipts in zip(g.smscs.values(), ("none", "both")):
        smsc.restart("--receipts", receipts, "--id", "dec")
    wait_until(lambda: all(s["bound"] for s in g.daemon.json()["smscs"]), 20, "both bound")
    c = g.daemon.client()
    one = c.do("OTP.SEND", number().replace("62812", "62813"))
    c.settled(one, "accepted")
    two = c.do("OTP.SEND", number())
    c.settled(two, "delivered")
    assert c.status(one)["delivery"] == "accepted" and c.status(two)["smsc"] == "second"
    assert [s.account()["submits"] for s in g.smscs.values()] == [1, 1]


def test_a_ghost_of_the_old_bind(fresh):
    """After a cut the telco counts the old bind for a minute: its refusal is not taken for a bind, nor answered with haste."""
    g = fresh()
    restart(g, "--max-binds", "1", "--ghost-ms", "60000")
    g.smsc.drop()
    wait_until(lambda: g.smsc.account()["binds_refused"] == 1, 20, "refused")
    wait_until(lambda: g.daemon.json()["smscs"][0]["next_try_s"] > 0, what="the next try")
    smsc = g.daemon.json()["smscs"][0]
    assert not smsc["bound"] and 10 < smsc["next_try_s"] <= 120 and not g.daemon.ready()
    assert g.smsc.account()["binds_refused"] == 1


def test_no_burst_after_a_rest(fresh, number):
    """The bucket holds a tenth of a second: an idle minute buys nothing."""
    g = fresh(smsc="rate = 20.0;", purpose="deadline_s = 60;")
    time.sleep(1.5)  # the rest itself: a deep bucket would fill
    start = time.monotonic()
    g.daemon.client().many([("OTP.SEND", number()) for _ in range(61)])
    wait_until(lambda: len(g.smsc.history()) == 61, 30, "all SMS")
    assert time.monotonic() - start > 59 / 20 - 0.1, "61 at 20 a second, two of them at once"
