"""What OTP.CANCEL says of the person: kept, shown, counted."""
import pytest

REASONS = ("other_method", "left", "verified_elsewhere")


def counted(g):
    return {reason: g.daemon.metric('otpgwd_cancelled_total{reason="%s"}' % reason) for reason in ("none", *REASONS)}


@pytest.fixture
def before(gw):
    return counted(gw), gw.daemon.step("cancelled")


@pytest.mark.parametrize("reason", [None, *REASONS, "LEFT"])
def test_a_reason_is_kept_shown_and_counted_once(gw, client, number, before, reason):
    given = ("REASON", reason) if reason else ()
    vid = client.do("OTP.SEND", number())
    assert client.status(vid)["cancel_reason"] == ""
    assert client.do("OTP.CANCEL", vid, *given) == "OK"
    assert client.do("OTP.CANCEL", vid, "REASON", "left" if reason != "left" else "other_method") == client.do("OTP.CANCEL", vid) == "OK"
    status = client.status(vid)
    assert (status["state"], status["cancel_reason"]) == ("cancelled", (reason or "").lower())
    counts, steps = before
    assert counted(gw) == {**counts, (reason or "none").lower(): counts[(reason or "none").lower()] + 1}
    assert gw.daemon.step("cancelled") == steps + 1


def test_an_unknown_reason_names_the_three(gw, client, number, before):
    vid = client.do("OTP.SEND", number())
    error = client.fails("OTP.CANCEL", vid, "REASON", "bored")
    assert error.code == "BADARG" and error.fields["arg"] == "REASON" and "other_method, left or verified_elsewhere" in str(error)
    assert client.status(vid)["state"] == "pending" and counted(gw) == before[0]


def test_a_verified_one_keeps_its_end(gw, client, number, before):
    vid = client.do("OTP.SEND", to := number())
    client.do("OTP.VERIFY", vid, gw.smsc.sms(to=to).code)
    assert client.fails("OTP.CANCEL", vid, "REASON", "left").code == "USED"
    assert client.status(vid)["cancel_reason"] == "" and counted(gw) == before[0]
