"""10,000 lives with 1 % repeated by REQID: 10,000 SMS, receipts matched, verified."""
from rig import wait_until

LIVES = 10000


def test_ten_thousand(fresh):
    g = fresh()
    c = g.daemon.client(60)
    words = []
    for i in range(LIVES):
        words.append(("OTP.SEND", f"628120{i:07d}", "REQID", f"q{i}"))
        if i % 100 == 0:
            words.append(words[-1])
    replies = []
    for at in range(0, len(words), 500):
        c.raw(b"".join(c.pack(*w) for w in words[at:at + 500]))
        replies += [c.reply() for _ in words[at:at + 500]]
    ids = {w[1]: r for w, r in zip(words, replies)}
    assert all(isinstance(r, str) for r in replies), [r for r in replies if not isinstance(r, str)][:3]
    assert len(set(replies)) == LIVES
    wait_until(lambda: g.daemon.metric('otpgwd_verifications_total{step="delivered"}') == LIVES, 60, "10,000 receipts")
    sms = g.smsc.all_sms()
    assert len(sms) == LIVES
    for at in range(0, LIVES, 500):
        c.raw(b"".join(c.pack("OTP.VERIFY", ids[s.to], s.code) for s in sms[at:at + 500]))
        assert [c.reply() for _ in sms[at:at + 500]] == ["OK"] * 500
    account = g.smsc.account()
    assert account["submits"] == account["receipt_ok"] == LIVES and account["duplicates"] == account["receipt_error"] == 0
    assert account["violations"] == {} and account["window_max"] <= 100
    assert g.daemon.metric('otpgwd_receipts_total{result="unmatched"}') == 0
