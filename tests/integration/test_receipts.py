"""Receipts of every kind meet their verification."""
import pytest
from rig import KEPT, wait_until


KINDS = ["text", "tlv", "both", "both --id dec", "text --id hex", "both --receipt-before-resp", "text --receipt-before-resp",
         "both --receipt-twice", "both --pieces", "both --receipt-delay-ms 100", "both --resp-delay-ms 50 --receipt-before-resp"]


@pytest.mark.parametrize("kind", KINDS)
def test_kinds(fresh, number, kind):
    g = fresh()
    g.smsc.restart("--receipts", *kind.split())
    wait_until(g.daemon.ready, what="bound")
    c = g.daemon.client()
    ids = c.many([("OTP.SEND", number()) for _ in range(20)])
    for vid in ids:
        c.settled(vid, "delivered")
    twice = 2 if "twice" in kind else 1
    wait_until(lambda: g.smsc.account()["receipt_ok"] == 20 * twice, what="receipts answered")
    account = g.smsc.account()
    assert account["receipts"] == 20 * twice and account["receipt_error"] == 0 and account["violations"] == {}
    count = {r: g.daemon.metric('otpgwd_receipts_total{result="%s"}' % r) for r in ("matched", "unmatched", "refused", "repeated")}
    assert count["matched"] + count["repeated"] == 20 * twice and count["matched"] >= 20, count
    assert count["unmatched"] == count["refused"] == 0, count
    assert g.daemon.step("delivered") == 20, "a receipt that comes twice counts once"


FATES = [("999101", "failed", "undeliverable"), ("999102", "failed", "expired"),
         ("999103", "failed", "rejected"), ("999104", "failed", None)]


@pytest.mark.parametrize("tail, state, reason", FATES)
def test_failures(gw, client, number, tail, state, reason):
    to = number(tail)
    vid = client.do("OTP.SEND", to)
    client.settled(vid, state)
    assert reason is None or client.status(vid)["reason"] == reason
    assert client.status(vid)["state"] == "pending"
    assert client.do("OTP.VERIFY", vid, gw.smsc.sms(to=to).code) == "OK", "the person is the proof, whatever the receipt says"


def test_no_receipt_at_all(gw, client, number):
    """What was accepted stays accepted."""
    to = number("999100")
    vid = client.do("OTP.SEND", to)
    client.settled(vid, "accepted")
    assert client.do("OTP.VERIFY", vid, gw.smsc.sms(to=to).code) == "OK"


def test_no_id_is_accepted(fresh, number):
    """A response without an id means accepted; sending again would be worse than no receipt."""
    g = fresh()
    g.smsc.restart("--id", "empty")
    wait_until(g.daemon.ready, what="bound")
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number())
    c.settled(vid, "accepted")
    assert g.smsc.account()["submits"] == 1


def test_receipts_after_a_new_start(fresh, number):
    """The daemon is killed between response and receipt."""
    g = fresh()
    g.smsc.restart("--receipts", "both", "--receipt-delay-ms", "1500")
    wait_until(g.daemon.ready, what="bound")
    vid = g.daemon.client().do("OTP.SEND", number())
    g.daemon.client().settled(vid, "accepted")
    g.daemon.kill()
    g.daemon.start()
    g.daemon.client().settled(vid, "delivered")


def test_receipts_wait_for_redis(fresh, number):
    """deliver_sm_resp only after the mark: what comes while Redis is away is refused, so that the SMSC comes again."""
    g = fresh(redis_options=KEPT)
    g.smsc.restart("--receipts", "both", "--receipt-delay-ms", "600")
    wait_until(g.daemon.ready, what="bound")
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number())
    c.settled(vid, "accepted")
    g.redis.kill()
    wait_until(lambda: g.smsc.account()["receipts"] == 1, what="the receipt")
    wait_until(lambda: sum(g.smsc.account()[k] for k in ("receipt_ok", "receipt_error")) == 1, what="its answer")
    assert g.smsc.account()["receipt_error"] == 1 and g.smsc.account()["receipt_ok"] == 0
    g.redis.start()
    wait_until(g.daemon.ready, 15, "ready")
    assert g.daemon.client().status(vid)["delivery"] == "accepted"


def test_how_long_receipts_are_awaited(fresh, number):
    """A day beyond any validity; so long lies in Redis whose the message id is."""
    g = fresh(receipts="none")
    c, redis = g.daemon.client(), g.redis.connection()
    c.settled(c.do("OTP.SEND", number()), "accepted")
    (key,) = redis.keys("m{*")
    assert 86400 + 590 < redis.ttl(key) <= 86400 + 600


def test_an_smsc_with_another_name_and_its_tag_keeps_its_receipts(fresh, number):
    """The tag stands for it in Redis: in the key of a receipt map, and in the partition that the key lies in."""
    g = fresh(replace=[('name = "main";', 'name = "main"; tag = 4711;')])
    g.smsc.restart("--receipts", "both", "--receipt-delay-ms", "1500")
    wait_until(g.daemon.ready, 20, "bound")
    c = g.daemon.client()
    ids = [c.do("OTP.SEND", number()) for _ in range(8)]
    for vid in ids:
        c.settled(vid, "accepted", "delivered")
    text = open(g.daemon.path("conf"), encoding="utf-8").read()
    with open(g.daemon.path("conf"), "w", encoding="utf-8") as f:
        f.write(text.replace('"main"', '"telco"'))
    g.daemon.reload()
    for vid in ids:
        assert c.settled(vid, "delivered")["smsc"] == "telco"
