"""Every way in which an SMSC writes a receipt or its id: the right verification, the right state, the right reason."""
import pytest
from rig import wait_until


@pytest.mark.parametrize("form, error", [("both", "069"), ("tlv", "n3:34")])
def test_the_networks_own_code(fresh, number, form, error):
    """The text's err, or without one what the network said."""
    g = fresh(receipts=form)
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number("999116"))
    status = c.settled(vid, "delivered", "failed")
    assert (status["reason"], status["error"]) == ("undeliverable", error), status


@pytest.mark.parametrize("fault", ["mo", "mo_data"])
def test_a_message_of_a_mobile(fresh, number, fault):
    """Answered ROK and counted; it is no receipt."""
    g = fresh()
    g.smsc.restart("--receipts", "both", "--fault", fault)
    wait_until(g.daemon.ready, what="bound")
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number())
    c.settled(vid, "delivered")
    wait_until(lambda: g.daemon.metric('otpgwd_smpp_mo_total{smsc="main"}') == 1, what="the message")
    assert g.smsc.account()["violations"] == {}


def test_standard_tlvs_are_not_unknown(fresh, number):
    """sc_interface_version comes with each bind; what is in no list is unknown still."""
    g = fresh(receipts="both")
    c = g.daemon.client()
    unknown = 'otpgwd_smpp_decode_anomalies_total{smsc="main",kind="tlv_unknown"}'
    c.settled(c.do("OTP.SEND", number()), "delivered")
    assert g.daemon.metric(unknown) == 0
    c.settled(c.do("OTP.SEND", number("999130")), "delivered")
    assert g.daemon.metric(unknown) == 1


HINTS = [("exact", "mixed", "hex_resp_dec_dlr"), ("exact", "dec-0x", "dec_resp_hex_dlr"), ("hex_resp_dec_dlr", "dec", "exact")]


@pytest.mark.parametrize("mode, spelling, would", HINTS)
def test_another_mode_is_hinted_at(fresh, number, mode, spelling, would):
    """Receipts that match nothing, but would in another msgid_mode: one line in the log, each is counted, none is taken."""
    g = fresh(smsc=f'msgid_mode = "{mode}"; rate = 1000.0;')
    g.smsc.restart("--receipts", "text", "--id", spelling)
    wait_until(g.daemon.ready, what="bound")
    c = g.daemon.client()
    ids = c.many([("OTP.SEND", number()) for _ in range(10)])
    hints = lambda: g.daemon.metric('otpgwd_smpp_msgid_hints_total{smsc="main",mode="%s"}' % would)
    assert hints() is not None, "it is there from the start"
    wait_until(lambda: hints() == 10, 40, "hints")
    assert all(c.status(vid)["delivery"] == "accepted" for vid in ids)
    assert g.daemon.log().count(f"smsc=main msgid_mode={mode} would_match={would}") == 1


MODES = [("hex_resp_dec_dlr", "mixed"), ("hex_resp_dec_dlr", "mixed-lower"), ("dec_resp_hex_dlr", "dec-hex"),
         ("auto", "mixed"), ("auto", "dec-hex"), ("auto", "hex"), ("auto", "dec"), ("auto", "zeros"), ("auto", "dec-zeros")]


@pytest.mark.parametrize("mode, spelling", MODES)
def test_ids_in_another_base(fresh, number, mode, spelling):
    """Responses and receipts disagree about ids; auto learns how from 20 receipts, before and after each one is right."""
    g = fresh(smsc=f'msgid_mode = "{mode}"; rate = 1000.0;')
    g.smsc.restart("--receipts", "text", "--id", spelling)
    wait_until(g.daemon.ready, what="bound")
    c = g.daemon.client()
    for count in (30, 10):
        ids = c.many([("OTP.SEND", number()) for _ in range(count)])
        for vid in ids:
            c.settled(vid, "delivered")
    assert g.daemon.metric('otpgwd_receipts_total{result="unmatched"}') == 0
    assert g.daemon.step("delivered") == 40 and g.daemon.step("failed") == 0
