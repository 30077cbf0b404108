"""REQID and the window of equal requests: one answer, one SMS."""



def test_same_reqid_same_answer_one_sms(gw, client, number):
    to, marker = number(), number()
    ids = {client.do("OTP.SEND", to, "REQID", f"r{to}") for _ in range(5)}
    client.do("OTP.SEND", marker)
    seen = [gw.smsc.sms().to]
    while seen[-1] != marker:
        seen.append(gw.smsc.sms().to)
    assert len(ids) == 1 and seen.count(to) == 1


def test_same_reqid_other_arguments_conflict(gw, client, number):
    to = number()
    vid = client.do("OTP.SEND", to, "REQID", f"c{to}")
    error = client.fails("OTP.SEND", to, "REQID", f"c{to}", "LANG", "en")
    assert error.code == "CONFLICT" and error.fields["id"] == vid


def test_equal_send_within_the_window(client, number):
    to = number()
    assert client.do("OTP.SEND", to) == client.do("OTP.SEND", to)


def test_verdict_is_replayed_for_its_reqid_only(gw, client, number):
    to = number()
    vid = client.do("OTP.SEND", to)
    code = gw.smsc.sms(to=to).code
    assert client.do("OTP.VERIFY", vid, code, "REQID", "v1") == "OK"
    assert client.do("OTP.VERIFY", vid, code, "REQID", "v1") == "OK"
    assert client.fails("OTP.VERIFY", vid, code, "REQID", "v2").code == "USED"
