"""A long wait at the first SMSC sent messages to the second although its breaker was open: each refused, each an attempt less."""
from rig import wait_until


def test_an_open_breaker_takes_nothing_while_another_is_well(fresh, number):
    g = fresh(smscs=2, smsc="window = 1;")
    with open(g.daemon.path("conf")) as f:
        text = f.read()
    with open(g.daemon.path("conf"), "w") as f:
        f.write(text.replace("rate = 10000.0;", "rate = 5.0;", 1))
    g.daemon.reload()
    g.smscs["second"].restart("--fault", "status:0x45")
    wait_until(lambda: all(s["bound"] for s in g.daemon.json()["smscs"]), what="bound")
    c = g.daemon.client()
    numbers = [number() for _ in range(60)]
    c.many([("OTP.SEND", to) for to in numbers])
    wait_until(lambda: len(g.smsc.history()) == 60, 30, "all by the first")
    assert 5 <= g.smscs["second"].account()["submits"] <= 7, "five open it, then one probe after 10 s"
