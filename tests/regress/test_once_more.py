"""A passing refusal while the route's other SMSC is away: the message waited for that one, and for its deadline, instead of 2 s."""
from rig import wait_until


def scenario(g, name, *lines):
    with open(g.daemon.path(f"{name}.scenario"), "w") as f:
        f.write("\n".join(lines) + "\n")
    g.smscs[name].restart("--scenario", g.daemon.path(f"{name}.scenario"))


def submits(g):
    return tuple(s.account()["submits"] for s in g.smscs.values())


def test_the_same_smsc_while_the_other_is_away(fresh, number):
    g = fresh(smscs=2)
    scenario(g, "main", "at 1 submits: status:8")
    g.smscs["second"].stop()
    wait_until(lambda: [s["bound"] for s in g.daemon.json()["smscs"]] == [True, False], what="second away")
    c = g.daemon.client()
    assert c.settled(c.do("OTP.SEND", number()))["delivery"] == "accepted"
    assert g.smsc.account()["submits"] == 2


def test_the_same_smsc_when_two_had_it(fresh, number):
    """Of three: the third gets nothing, the first is asked once more."""
    g = fresh(smscs=3)
    c = g.daemon.client()
    assert c.settled(c.do("OTP.SEND", number("9992008")))["error"] == "0x00000008"
    assert submits(g) == (2, 1, 0)


def test_not_after_its_deadline(fresh, number):
    """A full mailbox cools down for 30 s: with less time left the message has failed, and why is known."""
    g = fresh(replace=[("# deadline_s = 60;", "deadline_s = 25;")])
    c = g.daemon.client()
    status = c.settled(c.do("OTP.SEND", number("9992020")), seconds=10)
    assert (status["delivery"], status["reason"], status["error"]) == ("failed", "refused", "0x00000014")


def test_a_submit_without_an_answer_is_an_attempt(fresh, number):
    g = fresh(smscs=2, smsc="response_timeout_ms = 2000;")
    scenario(g, "main", "at 1 submits: silent", "at 2 submits: status:8 for 10")
    scenario(g, "second", "at 1 submits: status:8 for 10")
    wait_until(lambda: all(s["bound"] for s in g.daemon.json()["smscs"]), what="bound")
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number())
    wait_until(lambda: g.daemon.metric('otpgwd_unanswered_total{event="unknown"}') == 1, 20, "given up")
    assert c.status(vid)["delivery"] == "unknown" and submits(g) == (2, 1)
