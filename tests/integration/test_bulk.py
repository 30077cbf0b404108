"""10,000 lives with 1 % asked for twice by REQID: 10,000 SMS, receipts matched, verified; 0 unknown."""
import pytest
from rig import wait_until

LIVES = 10000


@pytest.mark.seconds(120)
def test_ten_thousand(fresh):
    g = fresh(log_level="info")
    c = g.daemon.client(60)
    requests = []
    for i in range(LIVES):
        requests.append(("OTP.SEND", f"628120{i:07d}", "REQID", f"q{i}"))
        if i % 100 == 0:
            requests.append(requests[-1])
    replies = c.all_served(requests)
    assert all(isinstance(r, str) for r in replies), [r for r in replies if not isinstance(r, str)][:3]
    ids = {words[1]: reply for words, reply in zip(requests, replies)}
    assert len(set(replies)) == LIVES
    wait_until(lambda: g.daemon.step("delivered") == LIVES, 60, "10,000 receipts")
    sms = g.smsc.all_sms()
    assert len(sms) == len({s.to for s in sms}) == LIVES
    assert c.all_served([("OTP.VERIFY", ids[s.to], s.code) for s in sms]) == ["OK"] * LIVES
    account = g.smsc.account()
    assert account["submits"] == account["accepted"] == account["receipts"] == account["receipt_ok"] == LIVES
    assert account["duplicates"] == account["receipt_error"] == 0 and account["violations"] == {} and account["window_max"] <= 100
    steps = {s: g.daemon.step(s) for s in ("created", "replayed", "submitted", "accepted", "delivered", "approved", "failed", "ambiguous")}
    assert steps == {"created": LIVES, "replayed": 100, "submitted": LIVES, "accepted": LIVES, "delivered": LIVES, "approved": LIVES,
                     "failed": 0, "ambiguous": 0}
    for result in ("unmatched", "refused", "repeated"):
        assert g.daemon.metric('otpgwd_receipts_total{result="%s"}' % result) == 0
    assert not g.redis.connection().keys("j*") and g.daemon.json()["queue"]["taken"] == 0
