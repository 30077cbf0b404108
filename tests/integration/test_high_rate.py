"""An SMSC whose contract allows more than any phone network takes."""
import pytest


@pytest.mark.parametrize("rate", ["1000000", "1000000.0", "123456.5"])
def test_a_million_a_second(fresh, number, rate):
    """Taken, shown as it was written, and used: nothing waits for the bucket."""
    g = fresh(smsc=f"rate = {rate}; window = 1000;")
    c = g.daemon.client()
    (smsc,) = g.daemon.json()["smscs"]
    assert smsc["rate"] == smsc["rate_now"] == int(float(rate)) and "e+" not in g.daemon.get("/status.json")[1]
    for vid in c.many([("OTP.SEND", number()) for _ in range(100)], batch=50):
        c.settled(vid, "accepted", "delivered")
    assert g.smsc.account()["violations"] == {}


def test_more_than_that_is_refused(fresh):
    g = fresh()
    g.daemon.write_conf(smsc="rate = 1000001.0;")
    code, text = g.daemon.check()
    assert code == 1 and "smsc[0].rate" in text and "1000000" in text, text
