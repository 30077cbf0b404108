"""Every way in which an SMSC writes a receipt or its id: the right verification, the right state, the right reason."""
import pytest
from rig import wait_until


DIALECTS = ["999%d" % n for n in range(150, 167)]
FORMS = ["999120", "999121", "999122", "999124", "999125", "999126", "999127", "999128", "999129", "999130", "999131", "999132", "999133",
         "999173", "999174", "999175", "999176", "999177"]
SPELLINGS = ["999143", "999144", "999145", "999146", "999147"]


@pytest.mark.parametrize("tail", DIALECTS + FORMS + SPELLINGS)
def test_it_is_delivered(gw, client, number, tail):
    """999150 on: the grammar's dialects; 999120 on: TLVs, data_sm, no esm_class, 400 TLVs; 999173 on: message_state 0
    and of 2 and 4 octets, two ids; 999143 on: case, zeros and 0x of ids."""
    refused = gw.daemon.metric('otpgwd_receipts_total{result="refused"}')
    vid = client.do("OTP.SEND", number(tail))
    status = client.settled(vid, "delivered", "failed")
    assert status["delivery"] == "delivered" and status["reason"] == status["error"] == "", status
    assert gw.daemon.metric('otpgwd_receipts_total{result="refused"}') == refused


FATES = [("999101", "undeliverable", "069"), ("999102", "expired", "069"), ("999103", "rejected", "069"), ("999104", "deleted", "069"),
         ("999105", "unknown", "069"), ("999110", "undeliverable", "069"), ("999111", "undeliverable", "069")]


@pytest.mark.parametrize("tail, reason, error", FATES)
def test_it_failed(gw, client, number, tail, reason, error):
    vid = client.do("OTP.SEND", number(tail))
    status = client.settled(vid, "delivered", "failed")
    assert (status["delivery"], status["reason"], status["error"]) == ("failed", reason, error), status


@pytest.mark.parametrize("tail", ["999106", "999107", "999108", "999109", "999112", "999113"])
def test_it_is_on_its_way(gw, client, number, tail):
    """ACCEPTD, ENROUTE, BUFFRED, SCHEDLD, ACKED and words that nobody knows tell nothing final."""
    before = gw.daemon.metric('otpgwd_receipts_total{result="intermediate"}')
    vid = client.do("OTP.SEND", number(tail))
    wait_until(lambda: gw.daemon.metric('otpgwd_receipts_total{result="intermediate"}') > before, what="the receipt")
    assert client.settled(vid, "accepted", "delivered", "failed")["delivery"] == "accepted"


def test_what_the_text_alone_tells(fresh, number):
    """Without TLVs: states in full words, texts in UCS-2, in latin1 and behind a user data header."""
    g = fresh(receipts="text")
    c = g.daemon.client()
    want = {"999117": "delivered", "999118": "undeliverable", "999119": "rejected", "999170": "delivered", "999171": "delivered",
            "999172": "delivered"}
    ids = {tail: c.do("OTP.SEND", number(tail)) for tail in want}
    vague = c.do("OTP.SEND", number("999137"))
    got = {tail: c.settled(vid, "delivered", "failed") for tail, vid in ids.items()}
    assert {tail: s["reason"] or s["delivery"] for tail, s in got.items()} == want
    wait_until(lambda: g.daemon.metric('otpgwd_receipts_total{result="intermediate"}') == 1, what="ACCEPTED")
    assert c.status(vague)["delivery"] == "accepted"
    assert g.daemon.metric("otpgwd_smpp_decode_anomalies_total") == 0 and g.daemon.metric("otpgwd_smpp_mo_total") == 0


def test_an_intermediate_one_first(gw, client, number):
    before = gw.daemon.metric('otpgwd_receipts_total{result="intermediate"}')
    vid = client.do("OTP.SEND", number("999114"))
    client.settled(vid, "delivered")
    assert gw.daemon.metric('otpgwd_receipts_total{result="intermediate"}') == before + 1


def test_delivered_stays_delivered(gw, client, number):
    """The opposite state comes after it."""
    before = gw.daemon.metric('otpgwd_receipts_total{result="repeated"}')
    vid = client.do("OTP.SEND", number("999115"))
    wait_until(lambda: gw.daemon.metric('otpgwd_receipts_total{result="repeated"}') > before, what="the second receipt")
    assert client.status(vid)["delivery"] == "delivered"


def test_what_contradicts_itself(gw, client, number):
    """TLVs win over the text, and it is counted."""
    series = 'otpgwd_smpp_decode_anomalies_total{kind="receipt_conflict"}'
    before = gw.daemon.metric(series)
    vid = client.do("OTP.SEND", number("999123"))
    assert client.settled(vid, "delivered", "failed")["delivery"] == "delivered"
    assert gw.daemon.metric(series) == before + 1


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


def test_a_receipt_that_cannot_be_read(fresh, number):
    """It has no id: answered ROK, an anomaly of its own, and no message of a person."""
    g = fresh(receipts="text")
    c = g.daemon.client()
    vid = c.do("OTP.SEND", number("999178"))
    unreadable = 'otpgwd_smpp_decode_anomalies_total{smsc="main",kind="receipt_unreadable"}'
    wait_until(lambda: g.daemon.metric(unreadable) == 1, what="the receipt")
    wait_until(lambda: g.smsc.account()["receipt_ok"] == 1, what="its answer")
    assert g.daemon.metric('otpgwd_smpp_mo_total{smsc="main"}') == 0
    assert c.settled(vid, "accepted", "delivered", "failed")["delivery"] == "accepted"


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
