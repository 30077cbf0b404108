"""The main job: SEND, the SMS, VERIFY right and wrong, once only, STATUS, RESEND, CANCEL, and how a code ends."""
import re
import time

import pytest
from machine import within
from rig import wait_until, wrong

FIELDS = ["id", "state", "delivery", "reason", "error", "smsc", "number", "purpose", "attempts_left", "sends", "sends_left",
          "resend_after", "possible_duplicate", "created_at", "accepted_at", "expires_at", "ended_at",
          "cancel_reason", "similar"]


def send(g, client, number, *options):
    to = number()
    vid = client.do("OTP.SEND", to, *options)
    return to, vid, g.smsc.sms(to=to)


def test_life_of_a_code(gw, client, number):
    to, vid, sms = send(gw, client, number, "PURPOSE", "login")
    assert re.fullmatch(r"[A-Za-z0-9_-]{52}", vid) and sms.sender == "OTP" and len(sms.code) == 6
    assert client.fails("OTP.VERIFY", vid, wrong(sms.code)).fields["attempts_left"] == "4"
    assert client.do("OTP.VERIFY", vid, sms.code) == "OK"
    assert client.fails("OTP.VERIFY", vid, sms.code).code == "USED"
    assert client.status(vid)["state"] == "verified"
    assert client.fails("OTP.RESEND", vid).code == "USED" and client.fails("OTP.CANCEL", vid).code == "USED"


def test_status_map(gw, client, number):
    to, vid, _ = send(gw, client, number)
    client.settled(vid, "delivered")
    status = client.status(vid)
    assert list(status) == FIELDS
    assert status["id"] == vid and status["state"] == "pending" and status["smsc"] == "main" and status["purpose"] == "login"
    assert status["attempts_left"] == "5" and status["sends"] == "1" and status["sends_left"] == "3"
    assert status["number"] == f"+62812****{to[-3:]}" and status["possible_duplicate"] == "0"
    assert abs(int(status["created_at"]) - time.time()) < 5
    assert int(status["expires_at"]) - int(status["accepted_at"]) in (299, 300, 301) and status["ended_at"] == ""
    assert client.do("OTP.STATUS", vid, "FIELD", "delivery") == "delivered"
    assert client.do("OTP.STATUS", vid, "field", "smsc") == "main"


def test_status_in_resp3_is_a_map(gw, client, number):
    _, vid, _ = send(gw, client, number)
    client.do("HELLO", "3")
    assert list(client.do("OTP.STATUS", vid)) == FIELDS


def test_reply_full(client, number):
    flat = client.do("OTP.SEND", number(), "REPLY", "FULL")
    assert flat[::2] == FIELDS and flat[flat.index("state") + 1] == "pending"


def test_a_code_may_be_typed_with_spaces(gw, client, number):
    _, vid, sms = send(gw, client, number)
    assert client.do("OTP.VERIFY", vid, f"{sms.code[:3]}-{sms.code[3:]} ") == "OK"


def test_texts_of_both_languages(gw, client, number):
    to, _, sms = send(gw, client, number)
    assert sms.text == f"OTP Gateway: kode Anda {sms.code}. Berlaku 5 menit. JANGAN berikan kepada siapa pun."
    to = number()
    client.do("OTP.SEND", "0" + to[2:], "LANG", "en", "LENGTH", "8", "TTL", "120", "SENDER", "Shop 24")
    sms = gw.smsc.sms(to=to)
    assert sms.sender == "Shop" and len(sms.code) == 8  # the phone's line parts at spaces
    assert f"your code is {sms.code}. Valid for 2 min." in sms.text
    to, _, sms = send(gw, client, number, "PURPOSE", "payment", "LANG", "en")
    assert "payment code" in sms.text


@pytest.mark.parametrize("spelling", ["+62 {0}-{1}-{2}", "0{0} {1} {2}", "62{0}{1}{2}", "0062{0}{1}{2}", "+62 0{0}{1}{2}", "6262{0}{1}{2}"])
def test_spellings_of_a_number(gw, client, number, spelling):
    to = number()
    client.do("OTP.SEND", spelling.format(to[2:5], to[5:9], to[9:]))
    assert gw.smsc.sms(to=to)


def test_vars(fresh, number):
    g = fresh(replace=[("{brand}: your code is", "{brand} {shop}: your code is")])
    to = number()
    g.daemon.client().do("OTP.SEND", to, "LANG", "en", "VAR", "shop=Toko Budi")
    assert g.smsc.sms(to=to).text.startswith("OTP Gateway Toko Budi: your code is ")


def test_letters(fresh, number):
    g = fresh(purpose='alphabet = "letters"; length = 8;')
    c = g.daemon.client()
    to = number()
    vid = c.do("OTP.SEND", to)
    c.settled(vid, "delivered")
    code = re.search(r"kode Anda ([0-9A-Z]{8})\.", g.smsc.phone.read()).group(1)
    assert c.do("OTP.VERIFY", vid, code.lower()) == "OK"


def test_wrong_codes_exhaust(gw, client, number):
    _, vid, sms = send(gw, client, number)
    replies = [client.fails("OTP.VERIFY", vid, wrong(sms.code, i)) for i in range(1, 6)]
    assert [(r.code, r.fields["attempts_left"]) for r in replies] == [("INCORRECT", str(n)) for n in (4, 3, 2, 1, 0)]
    assert ["retry_after" in r.fields for r in replies] == [False] * 4 + [True]
    assert client.fails("OTP.VERIFY", vid, sms.code).code == "EXHAUSTED"
    assert client.status(vid)["state"] == "exhausted"


def test_cancel_kills_the_code(gw, client, number):
    to, vid, sms = send(gw, client, number)
    assert client.do("OTP.CANCEL", vid) == "OK"
    assert client.fails("OTP.VERIFY", vid, sms.code).code == "CANCELLED"
    assert client.do("OTP.CANCEL", vid) == "OK" and client.status(vid)["state"] == "cancelled"
    assert client.do("OTP.SEND", to, "SUBJECT", "again") != vid


def test_resend_waits(gw, client, number):
    _, vid, _ = send(gw, client, number)
    error = client.fails("OTP.RESEND", vid, "REQID", "soon")
    assert error.code == "RATELIMITED" and 25 <= int(error.fields["retry_after"]) <= 30
    assert error.fields["scope"] == "verification" and error.fields["id"] == vid


def test_resend_brings_the_same_code(fresh, number):
    g = fresh(purpose="waits_s = [1, 2]; resends = 2;", replace=[("# equal_window_s = 10;", "equal_window_s = 0;")])
    c = g.daemon.client()
    to, vid, first = send(g, c, number)
    c.fails("OTP.VERIFY", vid, wrong(first.code))

    def resend(words, longest):
        reply = c.ask(*words)
        assert isinstance(reply, str) or int(reply.fields["retry_after"]) <= longest
        return reply if isinstance(reply, str) else None

    assert wait_until(lambda: resend(["OTP.RESEND", vid], 1), what="the first wait") == vid
    assert g.smsc.sms(to=to).code == first.code
    assert wait_until(lambda: resend(["OTP.SEND", to, "LANG", "en"], 2), what="the second wait") == vid
    again = g.smsc.sms(to=to)
    assert again.code == first.code and "your code is" in again.text
    status = c.status(vid)
    assert (status["sends"], status["sends_left"], status["attempts_left"]) == ("3", "0", "4")
    assert c.fails("OTP.RESEND", vid).code == "RATELIMITED"
    assert c.do("OTP.VERIFY", vid, first.code) == "OK"


def test_ttl_ends_a_code(fresh, number):
    g = fresh(purpose="ttl_s = 2; hard_s = 60;")
    c = g.daemon.client()
    _, vid, sms = send(g, c, number)
    assert "Berlaku 1 menit" in sms.text
    wait_until(lambda: c.status(vid)["state"] == "expired", 5, "expired")
    assert c.fails("OTP.VERIFY", vid, sms.code).code == "EXPIRED"
    assert c.fails("OTP.RESEND", vid).code == "EXPIRED"
    new = c.do("OTP.SEND", sms.to, "SUBJECT", "x")
    assert new != vid and c.do("OTP.VERIFY", new, g.smsc.sms(to=sms.to).code) == "OK"


def test_a_new_code_ends_the_old_id(fresh, number):
    """The same person asks again after the end: the former id still says how it ended."""
    g = fresh(purpose="ttl_s = 30;")
    c = g.daemon.client()
    to, vid, sms = send(g, c, number)
    assert c.do("OTP.VERIFY", vid, sms.code) == "OK"
    second = c.do("OTP.SEND", to, "LANG", "en")
    assert second != vid and g.smsc.sms(to=to).code
    assert c.fails("OTP.VERIFY", vid, sms.code).code == "USED"
    assert c.status(second)["state"] == "pending"


def test_the_deadline_of_a_message(fresh, number):
    """Nothing is sent once it is too late to be of use: the status says why."""
    g = fresh(purpose="deadline_s = 1;")
    c = g.daemon.client()
    g.smsc.stop()
    wait_until(lambda: not g.daemon.ready(), what="no bind")
    vid = c.do("OTP.SEND", number())
    c.settled(vid, "failed")
    assert c.status(vid)["reason"] == "deadline"
    g.smsc.start()
    wait_until(g.daemon.ready, what="bound again")
    marker = number()
    c.do("OTP.SEND", marker)
    assert g.smsc.sms().to == marker


def test_half_the_life_of_the_code_is_a_deadline_too(fresh, number):
    g = fresh(purpose="ttl_s = 6; deadline_s = 60;")
    g.smsc.stop()
    wait_until(lambda: not g.daemon.ready(), what="no bind")
    c = g.daemon.client()
    start = time.monotonic()
    vid = c.do("OTP.SEND", number())
    c.settled(vid, "failed")
    assert c.status(vid)["reason"] == "deadline" and time.monotonic() - start > 2 and within(start, 5)


def test_an_accepted_message_is_owed_no_more(gw, client, number):
    """Its lease goes with the SMSC's answer, long before it would run out (5 s)."""
    to = number()
    vid = client.do("OTP.SEND", to)
    gw.smsc.sms(to=to)
    client.settled(vid, "accepted", "delivered")
    journals = gw.redis.connection()
    assert not any(journals.zscore(j, vid[4:28]) for j in journals.keys("j{*"))
