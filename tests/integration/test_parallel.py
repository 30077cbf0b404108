"""One code, many who type it at once."""
CODES = 300


def race(gw, vid, codes):
    clients = [gw.daemon.client() for _ in range(32)]
    for i, code in enumerate(codes):
        clients[i % 32].send("OTP.VERIFY", vid, code)
    replies = [clients[i % 32].reply() for i in range(len(codes))]
    for c in clients:
        c.close()
    return replies


def test_32_right_answers_one_ok(gw, client, number):
    for _ in range(CODES):
        to = number()
        vid = client.do("OTP.SEND", to)
        replies = race(gw, vid, [gw.smsc.sms(to=to).code] * 32)
        assert replies.count("OK") == 1 and {r.code for r in replies if r != "OK"} == {"USED"}


def test_1000_wrong_answers_five_judged(gw, client, number):
    to = number()
    vid = client.do("OTP.SEND", to)
    code = gw.smsc.sms(to=to).code
    replies = race(gw, vid, [f"{(int(code) + 1 + i) % 10**6:06d}" for i in range(1000)])
    judged = [r for r in replies if r.code == "INCORRECT" or r.fields.get("attempts_left")]
    assert len(judged) in (4, 5) and all(r.code in ("INCORRECT", "EXHAUSTED") for r in replies)
    assert gw.daemon.client().status(vid)["attempts_left"] == "0"
