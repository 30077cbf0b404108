"""A receipt that says early that an SMS did not arrive: once more, by another SMSC, if the operator wishes so."""
import pytest
from rig import tag_of, wait_until

REROUTE = [("# reroute_on_failed_receipt = false;", "reroute_on_failed_receipt = true;")]
FAULTS = ("state:UNDELIV", "receipt_twice")


@pytest.fixture
def refusing(fresh):
    """A gateway whose first SMSC accepts everything, and says at once, twice, that it did not arrive."""
    def make(smscs=2, replace=REROUTE):
        g = fresh(smscs=smscs, replace=replace)
        g.smsc.restart("--receipts", "both", *(word for fault in FAULTS for word in ("--fault", fault)))
        wait_until(lambda: all(row["bound"] for row in g.daemon.json()["smscs"]), 20, "all bound")
        return g
    return make


def steps(g, *names):
    return [g.daemon.metric(f'otpgwd_verifications_total{{step="{name}"}}') for name in names]


def test_once_more_by_the_other_with_the_same_code(refusing, number):
    g, to = refusing(), number()
    c = g.daemon.client()
    vid = c.do("OTP.SEND", to)
    said = c.settled(vid, "delivered")
    assert said["smsc"] == "second" and said["sends"] == "1"
    first, second = (smsc.all_sms() for smsc in g.smscs.values())
    assert [sms.text for sms in first] == [sms.text for sms in second] and len(second) == 1
    assert steps(g, "rerouted", "failed", "delivered") == [1, 0, 1]
    assert "rerouted smsc=main reason=undeliverable" in g.daemon.log()
    # What the first says of its own SMS is no news any more; of the second's it is, for another hour.
    redis = g.redis.connection()
    (key,) = redis.keys("m{*")
    assert b"}%d:" % tag_of("second") in key and 3_500_000 < redis.pttl(key) <= 3_600_000
    assert c.do("OTP.VERIFY", vid, second[0].code)


@pytest.mark.parametrize("tail, reason", [("999101", "undeliverable"), ("999102", "expired"), ("999103", "rejected")])
def test_what_no_smsc_delivers_fails(fresh, number, tail, reason):
    """The other says the same, and that ends it."""
    g = fresh(smscs=2, replace=REROUTE)
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number(tail))
    assert c.settled(vid, "failed")["reason"] == reason
    assert [len(smsc.all_sms()) for smsc in g.smscs.values()] == [1, 1] and steps(g, "rerouted", "failed") == [1, 1]


def test_without_another_smsc_it_fails(refusing, number):
    g = refusing(smscs=1)
    c = g.daemon.client()
    said = c.settled(c.do("OTP.SEND", number()), "failed")
    assert said["reason"] == "undeliverable" and len(g.smsc.all_sms()) == 1


@pytest.mark.parametrize("tail", ["999104", "999105"])
def test_other_failures_are_final(fresh, number, tail):
    g = fresh(smscs=2, replace=REROUTE)
    c = g.daemon.client()
    c.settled(c.do("OTP.SEND", number(tail)), "failed")
    assert g.smscs["second"].all_sms() == [] and steps(g, "rerouted", "failed") == [0, 1]


def test_nobody_who_did_not_ask_pays_twice(refusing, number):
    g = refusing(replace=())
    c = g.daemon.client()
    assert c.settled(c.do("OTP.SEND", number()), "failed")["reason"] == "undeliverable"
    assert g.smscs["second"].all_sms() == [] and steps(g, "rerouted", "failed") == [0, 1]


def test_the_other_dies_before_it_was_sent(refusing, number):
    """A claim like any other: what an instance leaves, the next one sends, and not by the SMSC that failed."""
    g = refusing()
    g.smscs["second"].stop()
    wait_until(lambda: not g.daemon.json()["smscs"][1]["bound"], what="second away")
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number())
    wait_until(lambda: steps(g, "recovered") == [1], what="rerouted")
    assert c.status(vid)["delivery"] == "queued"
    g.daemon.kill()
    g.smscs["second"].start()
    g.daemon.start()
    c = g.daemon.client()
    assert c.settled(vid, "delivered")["smsc"] == "second"
    assert [len(smsc.all_sms()) for smsc in g.smscs.values()] == [1, 1]


def test_a_late_failure_of_the_first_does_not_undo_a_resend(fresh, number):
    """SEND by the first, RESEND by the second, which took it: the first's failure costs no third SMS, and is no failure."""
    g = fresh(smscs=2, replace=REROUTE, receipts="none", purpose="waits_s = [0];")
    g.smsc.restart("--receipts", "both", "--fault", "state:UNDELIV", "--receipt-delay-ms", "3000")
    wait_until(lambda: all(row["bound"] for row in g.daemon.json()["smscs"]), 20, "all bound")
    c, to = g.daemon.client(), number()
    vid = c.do("OTP.SEND", to)
    c.settled(vid, "accepted")
    c.do("OTP.RESEND", vid)
    wait_until(lambda: c.status(vid)["smsc"] == "second", what="the second took it")
    wait_until(lambda: sum(g.daemon.json()["smscs"][0]["receipts"].values()) == 1, what="the first's receipt")
    assert c.status(vid)["delivery"] == "accepted" and steps(g, "rerouted", "failed") == [0, 0]
    assert [len(smsc.all_sms()) for smsc in g.smscs.values()] == [1, 1]


def test_a_refusal_that_passes_does_not_send_it_back(refusing, number):
    """The second asks for another try: that is its own, though the first, which failed, is there and takes everything."""
    g = refusing()
    path = g.smsc.path("scenario")
    with open(path, "w") as f:
        f.write("at 1 submits: status:0x08\n")
    g.smscs["second"].restart("--receipts", "both", "--scenario", path)
    wait_until(lambda: all(row["bound"] for row in g.daemon.json()["smscs"]), 20, "all bound")
    c = g.daemon.client()
    said = c.settled(c.do("OTP.SEND", number()), "delivered")
    assert said["smsc"] == "second" and [len(smsc.all_sms()) for smsc in g.smscs.values()] == [1, 1]
