"""The user of Redis that the manual page prints: it may do all that is needed, and nothing that is not."""
import os
import re

import pytest
from rig import ROOT, wait_until

WANTED = {"+config|get", "+info", "+function|list", "+function|delete"}  # without them the daemon works, and warns


def printed_rights():
    with open(os.path.join(ROOT, "man/otpgwd.8")) as f:
        text = f.read()
    line = re.search(r"^\.Dl ACL SETUSER otpgwd on >PASSWORD (.*(?:\n\.Dl \+.*)*)$", text, re.M).group(1)
    return line.replace("\n.Dl", "").split()


def test_rights_of_the_manual_page(fresh, number):
    g = fresh()
    rights = printed_rights()
    old = "otpgwd_" + "0" * 16
    assert g.redis.cli("FUNCTION", "LOAD", f"#!lua name={old}\nredis.register_function('{old}_f', function() return 1 end)") == old
    for node in g.redis.masters():
        key = wait_until(lambda n=node: n.cli("KEYS", "l{*"), what="the key of the own library").split(":")[0]
        assert node.cli("SET", f"{key}:{old}", "1") == "OK"
    assert g.redis.cli("ACL", "SETUSER", "otpgwd", "on", ">canarypw", *rights) == "OK"
    g.daemon.run_with(replace=[('# user = "";', f'user = "otpgwd"; password_file = "{g.daemon.path("pw")}";'),
                               ("# equal_window_s = 10;", "equal_window_s = 0;")],
                      purpose="waits_s = [0, 60]; resends = 2; sends_short = [255, 600]; sends_long = [255, 86400];")
    wait_until(lambda: old not in g.redis.cli("FUNCTION", "LIST"), what="the old library to be gone")
    c = g.daemon.client()
    to, other = number(), number()
    vid = c.do("OTP.SEND", to, "REQID", "r")
    code = g.smsc.sms(to=to).code
    c.settled(vid, "delivered")
    assert c.fails("OTP.VERIFY", vid, "000000" if code != "000000" else "111111").code == "INCORRECT"
    assert c.do("OTP.RESEND", vid) == vid and g.smsc.sms(to=to).code == code
    c.settled(vid, "delivered")
    assert c.fails("OTP.RESEND", vid).code == "RATELIMITED" and c.do("OTP.VERIFY", vid, code, "REQID", "v") == "OK"
    assert c.do("OTP.CANCEL", c.do("OTP.SEND", other)) == "OK"
    g.daemon.kill()
    g.daemon.start()
    assert g.daemon.client().do("OTP.SEND", number())
    state = g.daemon.json()["redis"]
    assert state["durability"] == "process" and state["warning"] == state["refusing"] == ""
    assert g.daemon.metric('otpgwd_redis_errors_total{kind="NOPERM"}') == 0
    for words in (["FLUSHALL"], ["KEYS", "*"], ["CONFIG", "SET", "save", ""], ["RENAME", "x", "y"], ["MONITOR"], ["SHUTDOWN"]):
        assert "NOPERM" in g.redis.cli("ACL", "DRYRUN", "otpgwd", *words) or "has no permissions" in g.redis.cli("ACL", "DRYRUN", "otpgwd", *words)


def named(d, right, log_from):
    """/readyz and the log name what is missing: 503, or a warning where an SMS goes out all the same."""
    word = re.escape(right) + r"(?![a-z|])"
    if right in WANTED:
        line, code = r"warning: redis: .*its user lacks .*" + word, 200
    else:
        line, code = r"redis: (refuses what is written|.*away): .*NOPERM, its user lacks .*" + word, 503
    wait_until(lambda: d.get("/readyz")[0] == code and re.search("^" + line, d.get("/readyz")[1], re.M), 20,
               f"{right} in {d.get('/readyz')}")
    wait_until(lambda: re.search(r"<4>redis: .*" + word, d.log()[log_from:]), what=f"{right} in {d.log()[log_from:]}")


def each_is_named(g, number, rights, options):
    """Taken away before the daemon starts, given back while it runs."""
    g.redis.cli("ACL", "SETUSER", "otpgwd", "on", ">canarypw", *printed_rights())
    d = g.daemon
    user = ('# user = "";', f'user = "otpgwd"; password_file = "{d.path("pw")}";')
    d.run_with(replace=[user, *options])
    for right in rights:
        d.stop()
        before = len(d.log())
        g.redis.cli("ACL", "SETUSER", "otpgwd", right.replace("+", "-"))
        d.start(bound=False)
        named(d, right, before)
        g.redis.cli("ACL", "SETUSER", "otpgwd", right)
        wait_until(lambda: d.ready() and d.json()["redis"]["warning"] == "", 20, f"well again with {right}: {d.get('/readyz')}")
    assert d.client().do("OTP.SEND", number())


@pytest.mark.seconds(180)
@pytest.mark.single("has a set of its own")
def test_each_right_is_named(fresh, number):
    rights = [r for r in printed_rights() if r.startswith("+") and r not in ("+asking", "+cluster|slots")]
    assert len(rights) > 15
    each_is_named(fresh(), number, [r for r in rights if r != "+wait"], [("# database = 0;", "database = 1;")])


@pytest.mark.seconds(120)
@pytest.mark.single("has sets of its own")
@pytest.mark.parametrize("kind, rights, options", [("sentinel", ["+wait"], [('# ack = "local";', 'ack = "replica";')]),
                                                   ("cluster", ["+asking", "+cluster|slots", "+get", "+fcall"], [])])
def test_each_right_beyond_one_redis_is_named(fresh, number, kind, rights, options):
    each_is_named(fresh(redis=kind), number, rights, options)


@pytest.mark.single("one Redis takes keys and commands away")
def test_rights_are_named_while_it_runs(fresh, number):
    g = fresh(redis_options={"lines": ["user gw on >canarypw ~other* &* +@all"]})
    d = g.daemon
    d.stop()
    d.write_conf(replace=[('# user = "";', f'user = "gw"; password_file = "{d.path("pw")}";')])
    d.start(bound=False)
    wait_until(lambda: re.search(r"NOPERM, its user lacks ~\*", d.get("/readyz")[1]), what=f"~* in {d.get('/readyz')}")
    g.redis.cli("ACL", "SETUSER", "gw", "~*")
    wait_until(d.ready, 20, "ready")
    g.redis.cli("ACL", "SETUSER", "gw", "-psetex")
    client = d.client()
    assert client.fails("OTP.SEND", number()).code == "UNAVAILABLE"
    wait_until(lambda: "redis: refuses what is written: NOPERM, its user lacks +psetex, which otpgwd(8) names" in d.get("/readyz")[1],
               what=f"+psetex in {d.get('/readyz')}")
    assert d.get("/readyz")[0] == 503 and d.json()["redis"]["lacks"] == "+psetex"
    g.redis.cli("ACL", "SETUSER", "gw", "+psetex", "-pexpireat", "-config|get")
    wait_until(lambda: "its user lacks +pexpireat" in d.get("/readyz")[1] and "its user lacks +config|get" in d.get("/readyz")[1], 20,
               f"what nobody needed meanwhile in {d.get('/readyz')}")
    g.redis.cli("ACL", "SETUSER", "gw", "+pexpireat", "+config|get")
    wait_until(d.ready, 20, "ready")
    assert client.do("OTP.SEND", number())
