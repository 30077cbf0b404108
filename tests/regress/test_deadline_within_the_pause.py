"""A pause short enough to be waited for, but not by this message: its deadline passed while another SMSC stood idle."""
from rig import wait_until


def test_it_goes_to_the_other(fresh, number):
    g = fresh(smscs=2, smsc="throttle_pause_ms = 2900;", replace=[("# deadline_s = 60;", "deadline_s = 2;")])
    g.smscs["main"].restart("--throttle", "0.001")
    wait_until(lambda: all(s["bound"] for s in g.daemon.json()["smscs"]), what="bound")
    c = g.daemon.client()
    vids = [c.do("OTP.SEND", number()) for _ in range(3)]
    for vid in vids:
        c.settled(vid, "accepted", "delivered")
    assert g.smscs["second"].account()["submits"] == 3 and g.daemon.json()["smscs"][0]["throttled"]
