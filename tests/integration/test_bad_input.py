"""Each fault of a request has an error of its own; nothing is written and nothing is sent. The same for faults of the set-up."""
import base64
import os
import re

import pytest
from ids import well_formed
from rig import Gateway, wait_until

NUMBER = "6281277777777"


@pytest.fixture(scope="module")
def quiet():
    """A gateway at rest with one verification, so that a key or a submit more is seen."""
    g = Gateway(replace=[("# strict = false;", "strict = true;"), ("{brand}: payment code {code}.", "{brand}: {shop} code {code}."),
                         ("{brand}: kode pembayaran {code}. Berlaku {minutes} menit. JANGAN berikan kepada siapa pun, termasuk petugas kami.",
                          "{brand} {shop} {code}")])
    c = g.daemon.client()
    g.id = c.do("OTP.SEND", NUMBER)
    wait_until(lambda: c.status(g.id)["delivery"] == "delivered", what="delivered")
    wait_until(lambda: not g.redis.connection().keys("j*") and len(g.redis.connection().keys("l{*")) == len(g.redis.masters()), what="rest")
    yield g
    g.close()


def changed(vid, at, to):
    raw = bytearray(base64.urlsafe_b64decode(vid))
    raw[at] = to if to is not None else raw[at] ^ 1
    return base64.urlsafe_b64encode(raw).decode()


ID, FOREIGN, NO_KEY = "<id>", "<id of nobody>", "<id of an unknown key>"
MISTYPED, OTHER_CASE = "<id with another character>", "<id in other case>"
FAULTS = [
    # the shape of a request
    (["OTP.SEND"], "BADARG", "count"),
    (["OTP.VERIFY", ID], "BADARG", "count"),
    (["OTP.VERIFY"], "BADARG", "count"),
    (["OTP.STATUS"], "BADARG", "count"),
    (["OTP.CANCEL"], "BADARG", "count"),
    (["OTP.RESEND"], "BADARG", "count"),
    (["OTP.PROOF"], "BADARG", "count"),
    (["OTP.PROOF", ID], "BADARG", "SUBJECT"),
    (["OTP.PROOF", ID, "SUBJECT", "x"], "DENIED", "right"),
    (["OTP.PROOF", ID, "SUBJECT", "x", "REQID", "x"], "BADARG", "REQID"),
    (["OTP.CANCEL", ID, "REASON", "bored"], "BADARG", "REASON"),
    (["OTP.CANCEL", ID, "REASON", "left", "REASON", "left"], "BADARG", "REASON"),
    (["OTP.CANCEL", ID, "REASON"], "BADARG", "REASON"),
    (["OTP.VERIFY", ID, "123456", "REASON", "left"], "BADARG", "REASON"),
    (["OTP.SEND", NUMBER, "REQUID", "typing-error"], "BADARG", "REQUID"),
    (["OTP.VERIFY", ID, "123456", "TTL", "60"], "BADARG", "TTL"),
    (["OTP.RESEND", ID, "LANG", "en"], "BADARG", "LANG"),
    (["OTP.STATUS", ID, "REQID", "x"], "BADARG", "REQID"),
    (["OTP.SEND", NUMBER, "LANG", "id", "lang", "en"], "BADARG", "LANG"),
    (["OTP.VERIFY", ID, "123456", "REQID", "a", "REQID", "a"], "BADARG", "REQID"),
    (["OTP.SEND", NUMBER, "LANG"], "BADARG", "LANG"),
    (["OTP.SEND", NUMBER, "REQID", ""], "BADARG", "REQID"),
    (["OTP.SEND", NUMBER, "REQID", "x" * 129], "BADARG", "REQID"),
    (["OTP.SEND", NUMBER, "SUBJECT", "x" * 129], "BADARG", "SUBJECT"),
    (["OTP.SEND", NUMBER, "PURPOSE", "x" * 33], "BADARG", "PURPOSE"),
    (["OTP.SEND", NUMBER, "REPLY", "SOME"], "BADARG", "REPLY"),
    (["OTP.SEND", NUMBER, "SENDER", "twelve chars"], "BADARG", "SENDER"),
    (["OTP.SEND", NUMBER, "SENDER", "a\r\nb"], "BADARG", "SENDER"),
    (["OTP.STATUS", ID, "FIELD", "nosuch"], "BADARG", "FIELD"),
    # ranges
    (["OTP.SEND", NUMBER, "TTL", "0"], "BADARG", "TTL"),
    (["OTP.SEND", NUMBER, "TTL", "29"], "BADARG", "TTL"),
    (["OTP.SEND", NUMBER, "TTL", "601"], "BADARG", "TTL"),
    (["OTP.SEND", NUMBER, "TTL", "4294967596"], "BADARG", "TTL"),
    (["OTP.SEND", NUMBER, "TTL", "5m"], "BADARG", "TTL"),
    (["OTP.SEND", NUMBER, "LENGTH", "3"], "BADARG", "LENGTH"),
    (["OTP.SEND", NUMBER, "LENGTH", "11"], "BADARG", "LENGTH"),
    (["OTP.SEND", NUMBER, "LENGTH", "-6"], "BADARG", "LENGTH"),
    (["OTP.SEND", NUMBER, "LENGTH", "262"], "BADARG", "LENGTH"),
    # numbers
    (["OTP.SEND", "0812abc45678"], "BADNUMBER", "not_a_number"),
    (["OTP.SEND", ""], "BADNUMBER|BADARG", None),
    (["OTP.SEND", "0812"], "BADNUMBER", "too_short"),
    (["OTP.SEND", "08123456789012345"], "BADNUMBER", "too_long"),
    (["OTP.SEND", "8" * 4000], "BADNUMBER", None),
    (["OTP.SEND", "+14155550100"], "BADNUMBER", "country_not_served"),
    (["OTP.SEND", "0211234567"], "BADNUMBER", "not_mobile"),
    (["OTP.SEND", "0854 1234 5678"], "BADNUMBER", "unassigned_prefix"),
    # purpose, template, language, VAR
    (["OTP.SEND", NUMBER, "PURPOSE", "nosuch"], "BADARG", "PURPOSE"),
    (["OTP.SEND", NUMBER, "TEMPLATE", "nosuch"], "BADTEMPLATE", "unknown_template"),
    (["OTP.SEND", NUMBER, "LANG", "xx"], "BADTEMPLATE", "unknown_lang"),
    (["OTP.SEND", NUMBER, "VAR", "unused=1"], "BADTEMPLATE", "var_unused"),
    (["OTP.SEND", NUMBER, "VAR", "noequals"], "BADARG", "VAR"),
    (["OTP.SEND", NUMBER, "VAR", "=1"], "BADARG", "VAR"),
    (["OTP.SEND", NUMBER, "TEMPLATE", "payment", "LANG", "en"], "BADTEMPLATE", "var_missing"),
    (["OTP.SEND", NUMBER, "TEMPLATE", "payment", "LANG", "en", "VAR", "shop=a", "VAR", "shop=b"], "BADARG", "VAR"),
    (["OTP.SEND", NUMBER, "TEMPLATE", "payment", "LANG", "en", "VAR", "shop=" + "x" * 100], "BADTEMPLATE", "too_long"),
    (["OTP.SEND", NUMBER, "TEMPLATE", "payment", "LANG", "en", "VAR", "shop=\u4e2d"], "BADTEMPLATE", "too_long"),  # UCS-2: 70 characters
    (["OTP.SEND", NUMBER, "TEMPLATE", "payment", "LANG", "en", "VAR", "shop=http://x.example"], "BADTEMPLATE", "var_bad"),
    (["OTP.SEND", NUMBER, "TEMPLATE", "payment", "LANG", "en", "VAR", "shop=a\nb"], "BADTEMPLATE", "var_bad"),
    *[(["OTP.SEND", NUMBER, "TEMPLATE", "payment", "LANG", "en", "VAR", f"shop={value}"], "BADTEMPLATE", "var_bad")
      for value in ("bit.ly/x", "evil.com", "dr.Budi", "evil\uff0ecom", "evil\u3002com", "www.1", "45.33.32.156", "a\u202eb", "a\u2067b",
                    "a\u2028b", "a\u2029b", "a\u200bb", "a\u00adb", "a@b", "a:b", "\u2605", "a\tb")],
    (["OTP.SEND", NUMBER, "TEMPLATE", "payment", "LANG", "en", "VAR", b"shop=\xff"], "BADTEMPLATE", "var_bad"),
    # ids and codes
    (["OTP.VERIFY", ID, "12a456"], "INCORRECT", "alphabet"),
    (["OTP.VERIFY", ID, "123"], "INCORRECT", "too_short"),
    (["OTP.VERIFY", ID, "1" * 11], "INCORRECT", "too_long"),
    (["OTP.VERIFY", ID, ""], "INCORRECT", "too_short"),
    (["OTP.SEND", NUMBER, "KNOWN", "yes"], "BADARG", "KNOWN"),
    (["OTP.SEND", NUMBER, "KNOWN", "1"], "DENIED", "right"),
    (["OTP.SEND", NUMBER, "CODE", "493027"], "DENIED", "right"),
    (["OTP.SEND", NUMBER, "CODE", ""], "BADARG", "CODE"),
    (["OTP.SEND", NUMBER, "CODE", "1" * 11], "BADARG", "CODE"),
    (["OTP.RESEND", ID, "CODE", "493027"], "BADARG", None),
    (["OTP.VERIFY", "short", "123456"], "BADARG", "id"),
    (["OTP.VERIFY", FOREIGN, "123456"], "UNKNOWNID", None),
    (["OTP.STATUS", FOREIGN], "UNKNOWNID", None),
    (["OTP.CANCEL", FOREIGN], "UNKNOWNID", None),
    (["OTP.RESEND", FOREIGN], "UNKNOWNID", None),
    (["OTP.VERIFY", NO_KEY, "123456"], "UNKNOWNID", "key"),
    (["OTP.STATUS", NO_KEY], "UNKNOWNID", "key"),
    *[([*words[:1], vid, *words[1:]], "UNKNOWNID", "mistyped") for vid in (MISTYPED, OTHER_CASE)
      for words in (["OTP.VERIFY", "123456"], ["OTP.STATUS"], ["OTP.CANCEL"], ["OTP.RESEND"])],
    (["OTP.STATUS", "A" * 52], "BADARG", "id"),
    (["OTP.STATUS", "!" * 52], "BADARG", "id"),
]


@pytest.mark.parametrize("words, codes, what", FAULTS, ids=[re.sub(r"[^ -~]", "?", " ".join(map(str, f[0])))[:80] for f in FAULTS])
def test_refused_and_nothing_written(quiet, words, codes, what):
    ids = {ID: quiet.id, FOREIGN: well_formed(changed(quiet.id, 30, None)), NO_KEY: well_formed(changed(quiet.id, 2, 99)),
           MISTYPED: changed(quiet.id, 30, None), OTHER_CASE: quiet.id[:4] + quiet.id[4:].swapcase()}
    client, r = quiet.daemon.client(), quiet.redis.connection()
    keys, submits, status = r.dbsize(), quiet.smsc.account()["submits"], client.status(quiet.id)
    error = client.fails(*(ids.get(w, w) for w in words))
    assert error.code in codes.split("|"), error
    if what:
        assert error.fields.get("arg" if error.code == "BADARG" else "reason") == what, error
    assert len(str(error)) <= 256 and not re.search(r"[\x00-\x1f]", str(error))
    assert r.dbsize() == keys and quiet.smsc.account()["submits"] == submits
    assert {**client.status(quiet.id), "resend_after": ""} == {**status, "resend_after": ""}


VALUES = [("a\u202eb", "VAR shop has U+202E, a direction control; right are letters, marks, digits, spaces and .,'-/&()"),
          ("a\u2028b", "VAR shop has U+2028, a line end;"), ("a\u200bb", "VAR shop has U+200B, an invisible character;"),
          ("a!", "VAR shop has U+0021, a symbol;"), ("\t", "VAR shop has U+0009, a control character;"),
          ("dr.Budi", "VAR shop reads as a link; put a space after each dot"), (b"\xff", "VAR shop has octets that are no UTF-8;")]


LONG = [("x" * 68, "the text does not fit one SMS: it has 161 characters and one SMS takes 160 of the GSM alphabet"),
        ("x" * 195, "the text does not fit one SMS: it has 288 characters and one SMS takes 160 of the GSM alphabet"),
        ("\u4e2d" + "x" * 60, "the text does not fit one SMS: it has 154 characters and one SMS takes 70, since U+4E2D is not in the GSM alphabet")]


@pytest.mark.parametrize("value, said", LONG, ids=["GSM", "far", "UCS-2"])
def test_a_text_that_is_too_long_is_counted(quiet, value, said):
    """Its length, the most that is allowed, and the character for which that is so little."""
    error = quiet.daemon.client().fails("OTP.SEND", NUMBER, "TEMPLATE", "payment", "LANG", "en", "VAR", "shop=" + value)
    assert str(error) == "BADTEMPLATE reason=too_long " + said


@pytest.mark.parametrize("value, said", VALUES, ids=[repr(v)[1:-1] for v, _ in VALUES])
def test_a_bad_value_is_explained(quiet, value, said):
    value = value if isinstance(value, bytes) else value.encode()
    error = quiet.daemon.client().fails("OTP.SEND", NUMBER, "TEMPLATE", "payment", "LANG", "en", "VAR", b"shop=" + value)
    assert str(error).startswith("BADTEMPLATE reason=var_bad " + said), error


def test_a_good_value_is_sent(quiet, number):
    """A name's worth of text, of any script."""
    for value in ("Toko O'Neill & Co., Jl. Sudirman 12/3 (A-B)", "dr. Budi", "J.K. Rowling", "Rp 1.250.000", "Mun\u0303oz", "\u6771\u4eac"):
        to = number()
        quiet.daemon.client().do("OTP.SEND", to, "TEMPLATE", "payment", "LANG", "id", "VAR", "shop=" + value)
        assert value in quiet.smsc.sms(to=to).text


def test_a_value_of_another_kind(fresh, number):
    """templates.vars: an amount, a name, a word, and what is said of a value that is none."""
    text = "{brand}: kode pembayaran {code}. Berlaku {minutes} menit. JANGAN berikan kepada siapa pun, termasuk petugas kami.\";"
    g = fresh(replace=[(text, "{brand} {sum} {shop} {code}\"; vars = ( { name = \"sum\"; kind = \"amount\"; }, { name = \"shop\"; kind = \"name\"; } );")])
    ask = ("OTP.SEND", number(), "TEMPLATE", "payment", "LANG", "id")
    error = g.daemon.client().fails(*ask, "VAR", "sum=Rp 50.000", "VAR", "shop=Toko 24")
    assert str(error) == "BADTEMPLATE reason=var_bad VAR shop has U+0032, not of its kind; right are letters, marks, spaces and .,'-"
    error = g.daemon.client().fails(*ask, "VAR", "sum=gratis", "VAR", "shop=Budi")
    assert str(error).startswith("BADTEMPLATE reason=var_bad VAR sum has U+0069, not of its kind; right are digits, spaces and .,- with at most")
    g.daemon.client().do(*ask, "VAR", "sum=Rp 50.000", "VAR", "shop=Toko Budi")
    assert "Rp 50.000 Toko Budi " in g.smsc.sms().text


def test_no_control_character_comes_back(client):
    error = client.fails("OTP.SEND", NUMBER, "A\r\n+OK\r\n", "x")
    assert error.code == "BADARG" and client.do("PING") == "PONG"


# Of a daemon whose configuration, or a file that it names, is not valid: sysexits.h's EX_CONFIG.
CONFIG = 78
CONFS = [
    ([('default_lang = "id";', "default_lang = 7;")], ["default_lang", "found 7", "allowed 1-32 of"]),
    ([('default_lang = "id";', 'default_lang = "xx"; nosuch = 1;')], ["nosuch", "default_lang"]),
    ([("# max_pending = 1024;", "max_pending = 0;")], ["api.max_pending", "1"]),
    ([("rate = 10000.0;", "rate = -1.0;")], ["rate"]),
    ([('name = "payment";', 'name = "Pay ment";')], ["Pay ment"]),
    ([("{brand}: your code is {code}.", "{brand}: your code is gone.")], ["{code}"]),
    ([("Do NOT share it with anyone.", "Do NOT share it with anyone, " + "whoever they may be, " * 6)], ["160"]),
    ([("current = 1;", "current = 2;")], ["keys.current"]),
    ([("kid = 1;", "kid = 0;")], ["kid"]),
    ([("instance = ", "instance = = ")], ["conf:"]),
    ([('prefix = ""; smsc = [', 'prefix = ""; smsc = ["nosuch", ')], ["nosuch"]),
    ([('name = "signup";', 'name = "signup"; tag = 21387;')], ["purposes[1].tag", '"signup"', '"login"', "give one of them another"]),
]


@pytest.mark.parametrize("replace, told", CONFS, ids=[c[1][0] for c in CONFS])
def test_wrong_configuration(fresh, replace, told):
    g = fresh()
    g.daemon.stop()
    g.daemon.write_conf(replace=replace)
    for want, (code, text) in ((1, g.daemon.check()), (CONFIG, g.daemon.run())):
        assert code == want and all(t in text for t in told), text
        assert re.search(r"conf:\d+: ", text) or "keys.current" in told, "names file and line: " + text


def test_two_smscs_with_one_tag(fresh):
    """By chance, since the names of these two have one hash: one needs a tag."""
    g = fresh(smscs=2)
    equal = [('name = "main"', 'name = "smsc-114"'), ('name = "second"', 'name = "smsc-354"'), ('smsc = ["main","second"]', 'smsc = ["smsc-114", "smsc-354"]')]
    g.daemon.write_conf(replace=equal)
    code, text = g.daemon.check()
    assert code == 1 and all(t in text for t in ("smsc[1].tag: found 14326", '"smsc-114"', '"smsc-354"', "give one of them another")), text
    g.daemon.write_conf(replace=equal + [('name = "smsc-354"', 'name = "smsc-354"; tag = 1')])
    code, text = g.daemon.check()
    assert code == 0, text


def test_all_errors_are_told_at_once(fresh):
    g = fresh()
    g.daemon.write_conf(replace=[('mode = "0660";', 'mode = "0999";'), ("current = 1;", 'current = "x";'), ('plans = ["ID"];', 'plans = ["IN", "in"];')])
    code, text = g.daemon.check()
    assert code == 1 and all(k in text for k in ("api.mode", "keys.current", "numbering.plans")), text


def test_no_configuration_at_all(fresh):
    g = fresh()
    code, text = g.daemon.check("/nosuch/conf")
    assert code == 1 and "/nosuch/conf" in text
    assert g.daemon.run("-c", "/nosuch/conf")[0] == CONFIG and g.daemon.run("--nosuch")[0] == 2 and g.daemon.run("-c")[0] == 2


@pytest.mark.parametrize("spoil, told", [
    (lambda p: os.chmod(p, 0o644), "mode 0644"), (lambda p: os.chmod(p, 0o440), "mode 0440"), (os.unlink, "no such file"),
    (lambda p: open(p, "w").close(), "no key"), (lambda p: open(p, "w").write("rubbish\n"), "no key"),
    (lambda p: (os.unlink(p), os.mkdir(p)), "regular file"),
], ids=["world-readable", "group-readable", "missing", "empty", "rubbish", "directory"])
def test_a_key_that_cannot_be_used(fresh, spoil, told):
    g = fresh()
    g.daemon.stop()
    path = g.daemon.path("code-1.key")
    with open(path) as f:
        key = f.read().strip()
    spoil(path)
    for want, (code, text) in ((1, g.daemon.check()), (CONFIG, g.daemon.run())):
        assert code == want and told in text and key not in text, text
        assert re.search(r"conf:\d+: keys\.codes\[0\]\.file: \S+/code-1\.key: found ", text), "names file, line and key: " + text


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file to somebody else")
def test_a_key_of_somebody_else(fresh):
    g = fresh()
    os.chown(g.daemon.path("code-1.key"), 4242, 4242)
    code, text = g.daemon.check()
    assert code == 1 and "code-1.key" in text and "owner 4242" in text


def test_genkey_never_overwrites(fresh):
    g = fresh()
    code, text = g.daemon.run("--genkey", g.daemon.path("code-1.key"))
    assert code == 1 and "exists" in text
    assert g.daemon.run("--genkey", "/nosuch/key")[0] == 1
    assert os.stat(g.daemon.path("code-1.key")).st_mode & 0o777 in (0o600, 0o400)


def test_socket_path_in_use_by_a_live_daemon(fresh):
    g = fresh()
    g.daemon.write_conf(replace=[(f'lock = "{g.daemon.path("lock")}"', f'lock = "{g.daemon.path("another")}"')])
    code, text = g.daemon.run()
    assert code == 1 and g.daemon.api in text and "in use" in text
    assert g.daemon.client().do("PING") == "PONG" and g.daemon.ready()


def test_a_second_daemon_of_one_lock(fresh):
    """It is refused before it touches anything; a check needs no lock."""
    g = fresh()
    lock = g.daemon.path("lock")
    code, text = g.daemon.run()
    assert code == 1 and f"lock held by a live process path={lock} pid={g.daemon.proc.pid}" in text
    assert "listening" not in text
    assert g.daemon.check()[0] == 0
    assert g.daemon.client().do("PING") == "PONG" and g.daemon.ready()


def test_a_lock_that_is_something_else(fresh):
    """A key, or a password in a file shorter than a lock's line: what stands there is not ours to overwrite."""
    g = fresh()
    g.daemon.stop()
    lock = g.daemon.path("lock")
    for other in (g.daemon.path("index.key"), g.daemon.path("pw")):
        g.daemon.write_conf(replace=[(f'lock = "{lock}"', f'lock = "{other}"')])
        before = open(other, "rb").read()
        code, text = g.daemon.run()
        assert code == CONFIG and f"lock not taken path={other}: it is no lock file" in text and "empty or does not exist" in text, text
        assert open(other, "rb").read() == before
    g.daemon.write_conf(replace=[(f'lock = "{lock}"', 'lock = "/nosuch/lock"')])
    code, text = g.daemon.run()
    assert code == 78 and "lock not taken path=/nosuch/lock: it cannot be opened: No such file" in text


def test_socket_path_left_by_a_dead_daemon(fresh):
    g = fresh()
    g.daemon.kill()
    assert os.path.exists(g.daemon.api)
    g.daemon.start()
    assert g.daemon.client().do("PING") == "PONG"


def test_socket_path_that_is_a_file(fresh):
    g = fresh()
    g.daemon.stop()
    with open(g.daemon.api, "w") as f:
        f.write("precious")
    code, text = g.daemon.run()
    assert code == 78 and g.daemon.api in text
    with open(g.daemon.api) as f:
        assert f.read() == "precious"
    os.unlink(g.daemon.api)


def test_eviction_policy_is_warned_of(fresh):
    g = fresh()
    g.redis.cli("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    g.daemon.stop()
    g.daemon.start()
    code, text = g.daemon.get("/readyz")
    assert code == 200 and "warning: redis: maxmemory-policy is allkeys-lru, must be noeviction" in text
    assert "noeviction" in g.daemon.json()["redis"]["warning"]
