"""At level debug one request is one line: who asked what, of which verification, what came of it, how long it took."""
import re

from rig import Error, wait_until

LINE = re.compile(r"<7>api: request client=(\d+) tenant=(\S+) command=(\S+) id=(\S+) outcome=([A-Z]+) us=(\d+)$")


def lines(g):
    found = [line for line in g.daemon.log().splitlines() if ": request " in line]
    matches = [LINE.search(line) for line in found]
    assert all(matches), found
    return [m.groups() for m in matches]


def test_each_request_is_one_line(fresh, number):
    g = fresh(log_level="debug")
    c, to, other = g.daemon.client(), number(), number()
    vid = c.do("OTP.SEND", to)
    code = g.smsc.sms(to=to).code
    wrong = str((int(code) + 1) % 10**len(code)).zfill(len(code))
    assert c.fails("OTP.RESEND", vid).code == "RATELIMITED" and c.fails("OTP.VERIFY", vid, wrong).code == "INCORRECT"
    assert c.do("OTP.VERIFY", vid, code) == "OK" and c.status(vid)["state"] == "verified"
    full = c.do("OTP.SEND", other, "REPLY", "FULL")
    second = dict(zip(full[::2], full[1::2]))["id"]
    assert c.do("OTP.CANCEL", second) == "OK"
    assert isinstance(c.ask("OTP.SEND", "nonsense"), Error) and c.do("OTP.CHECK", to) and c.do("PING") == "PONG"
    one, two = vid[28:36], second[28:36]
    found = lines(g)
    assert [f[1:5] for f in found] == [("web", *rest) for rest in (
        ("OTP.SEND", one, "OK"), ("OTP.RESEND", one, "RATELIMITED"), ("OTP.VERIFY", one, "INCORRECT"), ("OTP.VERIFY", one, "OK"),
        ("OTP.STATUS", one, "OK"), ("OTP.SEND", two, "OK"), ("OTP.CANCEL", two, "OK"), ("OTP.SEND", "-", "BADNUMBER"), ("OTP.CHECK", "-", "OK"))]
    assert len({f[0] for f in found}) == 1
    for secret in (to, other, code, vid, second):
        assert secret not in g.daemon.log()


def test_no_line_above_debug(fresh, number):
    g = fresh(log_level="info")
    assert g.daemon.client().do("OTP.SEND", number()) and lines(g) == []


STEP = re.compile(r"<7>path: (\S+) id=(\S+) (.*)$")


def steps(g, vid):
    return [m.group(1, 3) for line in g.daemon.log().splitlines() if (m := STEP.search(line)) and m.group(2) == vid[28:36]]


def test_each_step_of_a_message_is_one_line(fresh, number):
    """From the request to the receipt, found by the id: no code, no number."""
    g = fresh(log_level="debug", purpose="waits_s = [0];")
    c, to, refused = g.daemon.client(), number(), number("9992011")
    vid = c.do("OTP.SEND", to, "PURPOSE", "login")
    code = g.smsc.sms(to=to).code
    c.settled(vid, "delivered")
    wait_until(lambda: len(steps(g, vid)) == 5, what="every step")
    assert steps(g, vid) == [("created", "tenant=web purpose=login"), ("submitted", "smsc=main attempt=1"),
                             ("accepted", "smsc=main status=0x00000000"), ("marked", "delivery=accepted reason= moved=1"),
                             ("receipt", "smsc=main delivered=1 reason= moved=1")]
    assert c.do("OTP.RESEND", vid) == vid
    wait_until(lambda: [s for s, _ in steps(g, vid)[5:8]] == ["resent", "submitted", "accepted"], what="the resend")
    lost = c.do("OTP.SEND", refused)
    wait_until(lambda: len(steps(g, lost)) == 4, what="every step")
    assert steps(g, lost)[2:] == [("refused", "smsc=main status=0x0000000B"), ("marked", "delivery=failed reason=refused moved=1")]
    assert not any(secret in g.daemon.log() for secret in (to, refused, code, vid, lost))
