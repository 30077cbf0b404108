"""delivery.ambiguous = "wait" keeps a place without an answer: an SMSC that was to leave waited for it, its successor with it."""
import re

from rig import wait_until


def test_it_leaves(fresh, number):
    g = fresh(smsc="response_timeout_ms = 500; enquire_interval_ms = 500;", replace=[('# ambiguous = "resend_once";', 'ambiguous = "wait";')])
    g.daemon.client().do("OTP.SEND", number("999320"))
    wait_until(lambda: g.daemon.metric('otpgwd_smpp_timeouts_total{smsc="main"}') == 1, what="no answer")
    assert g.daemon.json()["smscs"][0]["window_used"] == 1
    with open(g.daemon.path("conf")) as f:
        text = f.read()
    with open(g.daemon.path("conf"), "w") as f:
        f.write(re.sub('system_id = "test";', 'system_id = "test"; system_type = "new";', text, count=1))
    g.daemon.reload()
    wait_until(lambda: "smsc_removed smsc=main" in g.daemon.log(), 20, "the former self gone")
    wait_until(g.daemon.ready, what="the successor")
    assert g.smsc.account()["unbinds"] == 1
