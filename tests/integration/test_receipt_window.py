"""An SMSC that sends its next receipt when the one before was answered: receipts of nothing hold no other up."""
from rig import wait_until

UNKNOWN = 300


def test_receipts_of_nothing_are_answered_at_once(fresh, number):
    """
    They wait a minute for their message. All are answered before the first of them is given up, so none of the answers
    waited for that; those that came before are not looked up four times before the next one comes.
    """
    g = fresh()
    g.smsc.restart("--receipts", "text", "--receipt-window", "1", "--fault", f"receipt_unknowns:{UNKNOWN}")
    wait_until(g.daemon.ready, what="bound")
    c = g.daemon.client()
    count = lambda result: g.daemon.metric(f'otpgwd_receipts_total{{smsc="main",result="{result}"}}')
    vid = c.do("OTP.SEND", number())
    c.settled(vid, "delivered", seconds=50)
    assert (count("early"), count("matched"), count("unmatched"), count("refused")) == (UNKNOWN, 1, 0, 0)
    wait_until(lambda: g.smsc.account()["receipt_ok"] == UNKNOWN + 1, what="answers")
    assert g.smsc.account()["receipt_error"] == 0 and g.smsc.account()["violations"] == {}
