"""What a status does to the message and to the SMSC: one row of the policy's table after the other, through the daemon."""
import pytest
from rig import wait_until


def submits(g):
    return tuple(s.account()["submits"] for s in g.smscs.values())


def unfit(g, smsc=0):
    return g.daemon.json()["smscs"][smsc]["unfit"]


ROWS = [("transient", 0x08, 1), ("transient", 0x64, 1), ("transient", 0xFF, 1), ("vague", 0x45, 0), ("destination", 0x0B, 0),
        ("destination", 0x33, 0), ("profile", 0x0A, 0), ("profile", 0x104, 0), ("expiry", 0x62, 1), ("forbidden", 0x66, 0),
        ("forbidden", 0x101, 0), ("protocol", 0x02, 0), ("vendor", 0x3E7, 0), ("vendor", 0x22, 0)]


@pytest.mark.parametrize("kind, code, again", ROWS)
def test_another_smsc_is_asked(fresh, number, kind, code, again):
    """Both refuse. With nobody left, what may pass is tried once more where it began; the status is the reason."""
    g = fresh(smscs=2)
    g.daemon.expect = ["reason=validity_refused"]
    c = g.daemon.client()
    status = c.settled(c.do("OTP.SEND", number("9992%03d" % code)), "failed")
    assert (status["reason"], status["error"]) == ("refused", "0x%08X" % code)
    assert submits(g) == (1 + again, 1)
    series = 'otpgwd_smpp_responses_total{smsc="%s",class="%s",status="0x%08X"}'
    assert [g.daemon.metric(series % (smsc, kind, code)) for smsc in g.smscs] == [1 + again, 1]


def test_a_full_queue(fresh, number):
    """The other SMSC at once; the first again only when that number has cooled down."""
    g = fresh(smscs=2)
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number("9992020"))
    wait_until(lambda: submits(g) == (1, 1), what="both asked")
    assert c.status(vid)["delivery"] == "queued"
    g.smscs["main"].restart("--fault", "queue_full")
    wait_until(lambda: g.daemon.json()["smscs"][0]["bound"], what="bound")
    for _ in range(2):
        c.settled(c.do("OTP.SEND", number()), "accepted", "delivered")
    wait_until(lambda: g.daemon.json()["smscs"][0]["throttled"], what="two numbers: it is the SMSC")


def test_a_duplicate_goes_to_no_other(fresh, number):
    g = fresh(smscs=2)
    c = g.daemon.client()
    status = c.settled(c.do("OTP.SEND", number("9992012")), "failed")
    assert (status["reason"], status["error"]) == ("rejected", "0x0000000C")
    assert submits(g) == (1, 0)


@pytest.mark.parametrize("code, again", [(0x08, 1), (0x45, 0), (0x0B, 0), (0x0A, 0), (0x66, 0), (0x02, 0), (0x3E7, 0), (0x0C, 0), (0x62, 1)])
def test_the_same_smsc_once_more_or_not(fresh, number, code, again):
    """There is no other. 0x62: without its validity_period."""
    g = fresh()
    g.daemon.expect = ["reason=validity_refused"]
    c = g.daemon.client()
    c.settled(c.do("OTP.SEND", number("9992%03d" % code)), "failed")
    assert submits(g) == (1 + again,)
    assert g.daemon.json()["smscs"][0]["validity_refused"] is (code == 0x62)


def one_refuses(fresh, status, **overrides):
    """The first SMSC of the route refuses everything so, the second takes it."""
    g = fresh(smscs=2, **overrides)
    g.smscs["main"].restart("--fault", "status:%s" % status)
    wait_until(lambda: all(s["bound"] for s in g.daemon.json()["smscs"]), what="bound")
    return g, g.daemon.client()


def test_a_status_may_mean_something_else(fresh, number):
    """Here 0x3E7 is the account's credit: out of service at once, until the operator says that it was paid."""
    g, c = one_refuses(fresh, "0x3E7", smsc='statuses = ( { code = 0x3E7; class = "account"; } );')
    g.daemon.expect = ["reason=credit"]
    for _ in range(3):
        c.settled(c.do("OTP.SEND", number()), "accepted", "delivered")
    assert unfit(g, 0) == "credit" and unfit(g, 1) == "" and g.daemon.metric('otpgwd_smpp_fit{smsc="main"}') == 0
    assert submits(g) == (1, 3)
    g.daemon.reload()
    assert unfit(g, 0) == ""
    c.settled(c.do("OTP.SEND", number()), "accepted", "delivered")
    assert submits(g) == (2, 4)


def test_no_credit_costs_no_attempt(fresh, number):
    """Two SMSCs at most refuse a message; those without credit do not count."""
    g = fresh(smscs=3, smsc='statuses = ( { code = 0x3E7; class = "account"; } );')
    g.daemon.expect = ["reason=credit"]
    for name in ("main", "second"):
        g.smscs[name].restart("--fault", "status:0x3E7")
    wait_until(lambda: all(s["bound"] for s in g.daemon.json()["smscs"]), what="bound")
    c = g.daemon.client()
    c.settled(c.do("OTP.SEND", number()), "accepted", "delivered")
    assert submits(g) == (1, 1, 1)


def test_two_refusals_are_enough(fresh, number):
    g = fresh(smscs=3)
    c = g.daemon.client()
    c.settled(c.do("OTP.SEND", number("999045")), "failed")
    assert submits(g) == (1, 1, 0)


@pytest.mark.parametrize("code, reason", [(0x0A, "profile_fault"), (0x66, "forbidden")])
def test_five_in_a_row_are_the_accounts_fault(fresh, number, code, reason):
    g = fresh(smscs=2)
    g.daemon.expect = ["reason=" + reason]
    c = g.daemon.client()
    for i in range(5):
        assert unfit(g, 0) == ""
        c.settled(c.do("OTP.SEND", number("9992%03d" % code)), "failed")
    assert unfit(g, 0) == unfit(g, 1) == reason
    assert sum(reason in line for line in g.daemon.log().splitlines()) == 2, "told once for each SMSC"


def test_a_breaker_lets_one_message_probe(fresh, number):
    """Ten seconds after it opened one message goes; that fails, and for twenty more all go elsewhere."""
    g, c = one_refuses(fresh, "0x45")
    for _ in range(8):
        c.settled(c.do("OTP.SEND", number()), "accepted", "delivered")
    assert unfit(g, 0) == "breaker_open" and submits(g) == (5, 8)
    wait_until(lambda: unfit(g, 0) == "breaker_half_open", 15, "half open")
    for _ in range(3):
        c.settled(c.do("OTP.SEND", number()), "accepted", "delivered")
    assert unfit(g, 0) == "breaker_open" and submits(g) == (6, 11)
    assert g.daemon.json()["smscs"][0]["unfit_ms"] > 10000
