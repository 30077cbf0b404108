"""The user of Redis that the manual page prints: it may do all that is needed, and nothing that is not."""
import os
import re

from rig import ROOT


def printed_rights():
    with open(os.path.join(ROOT, "man/otpgwd.8")) as f:
        text = f.read()
    line = re.search(r"^\.Dl ACL SETUSER otpgwd on >PASSWORD (.*(?:\n\.Dl \+.*)*)$", text, re.M).group(1)
    return line.replace("\n.Dl", "").split()


def test_rights_of_the_manual_page(fresh, number):
    g = fresh()
    rights = printed_rights()
    assert g.redis.cli("ACL", "SETUSER", "otpgwd", "on", ">canarypw", *rights) == "OK"
    g.daemon.run_with(replace=[('# user = "";', f'user = "otpgwd"; password_file = "{g.daemon.path("pw")}";')])
    c = g.daemon.client()
    to, other = number(), number()
    vid = c.do("OTP.SEND", to, "REQID", "r")
    code = g.smsc.sms(to=to).code
    c.settled(vid, "delivered")
    assert c.fails("OTP.VERIFY", vid, "000000" if code != "000000" else "111111").code == "INCORRECT"
    assert c.fails("OTP.RESEND", vid).code == "RATELIMITED" and c.do("OTP.VERIFY", vid, code, "REQID", "v") == "OK"
    assert c.do("OTP.CANCEL", c.do("OTP.SEND", other)) == "OK"
    g.daemon.kill()
    g.daemon.start()
    assert g.daemon.client().do("OTP.SEND", number())
    state = g.daemon.json()["redis"]
    assert state["durability"] == "process" and state["warning"] == state["refusing"] == ""
    assert g.daemon.metric('otpgwd_redis_errors_total{kind="NOPERM"}') == 0
    for words in (["FLUSHALL"], ["KEYS", "*"], ["CONFIG", "SET", "save", ""], ["DEL", "x"], ["MONITOR"], ["SHUTDOWN"]):
        assert "NOPERM" in g.redis.cli("ACL", "DRYRUN", "otpgwd", *words) or "has no permissions" in g.redis.cli("ACL", "DRYRUN", "otpgwd", *words)
