"""What client libraries and tools say before and around the first command."""
import re

import pytest


@pytest.mark.parametrize("version, kind", [("2", list), ("3", dict)])
def test_hello(client, version, kind):
    hello = client.do("HELLO", version, "AUTH", "default", "any", "SETNAME", "me")
    assert isinstance(hello, kind)
    hello = hello if kind is dict else dict(zip(hello[::2], hello[1::2]))
    assert list(hello) == ["server", "version", "proto", "id", "mode", "role", "modules"]
    assert hello["proto"] == int(version) and hello["mode"] == "standalone" and hello["role"] == "master" and hello["modules"] == []
    assert client.do("CLIENT", "GETNAME") == "me" and client.do("CLIENT", "ID") == hello["id"]


@pytest.mark.parametrize("words", [["HELLO", "4"], ["HELLO", "1"], ["HELLO", "x"]])
def test_other_versions_are_refused(client, words):
    assert client.fails(*words).code == "NOPROTO"
    assert client.do("CONFIG", "GET", "save") == ["save", ""], "still RESP2"


def test_hello_takes_effect_whole_or_not_at_all(client):
    assert client.fails("HELLO", "3", "AUTH", "somebody", "x", "SETNAME", "me").code == "WRONGPASS"
    assert client.fails("HELLO", "3", "SETNAME", "a b").code == "ERR"
    assert client.fails("HELLO", "3", "NOSUCH").code == "ERR"
    assert client.do("CLIENT", "GETNAME") in (None, "") and client.do("CONFIG", "GET", "save") == ["save", ""]


def test_null_in_resp3(client):
    client.do("HELLO", "3")
    client.send("CLIENT", "GETNAME")
    assert client.file.readline() in (b"_\r\n", b"$0\r\n")


@pytest.mark.parametrize("words, answer", [
    (["PING"], "PONG"), (["ping", "x"], "x"), (["ECHO", "x y"], "x y"), (["SELECT", "0"], "OK"), (["RESET"], "RESET"),
    (["AUTH", "any"], "OK"), (["AUTH", "default", "any"], "OK"),
    (["CLIENT", "SETNAME", "me"], "OK"), (["CLIENT", "SETINFO", "LIB-NAME", "x"], "OK"), (["CLIENT", "SETINFO", "LIB-VER", "1.2"], "OK"),
    (["CLIENT", "TRACKING", "on"], "OK"), (["CLIENT", "TRACKING", "ON", "REDIRECT", "0", "PREFIX", "a", "BCAST", "NOLOOP"], "OK"),
    (["CLIENT", "TRACKING", "OFF"], "OK"),
    (["CONFIG", "GET", "save"], ["save", ""]), (["CONFIG", "GET", "appendonly"], ["appendonly", "no"]),
    (["CONFIG", "GET", "save", "appendonly"], ["save", "", "appendonly", "no"]), (["CONFIG", "GET", "maxmemory"], []), (["QUIT"], "OK"),
])
def test_answers(client, words, answer):
    assert client.do(*words) == answer


@pytest.mark.parametrize("words, beginning", [
    (["SELECT", "1"], "ERR DB index is out of range"), (["AUTH", "root", "x"], "WRONGPASS "), (["CLIENT", "KILL", "1"], "ERR unknown subcommand"),
    (["CLIENT", "TRACKING"], "ERR unknown subcommand"), (["CLIENT", "TRACKING", "maybe"], "ERR syntax error"),
    (["CLIENT", "TRACKING", "ON", "PREFIX"], "ERR syntax error"), (["CLIENT", "TRACKING", "ON", "ALL"], "ERR syntax error"),
    (["CLIENT", "SETNAME", "a b"], "ERR Client names cannot contain spaces"),
    (["CONFIG", "SET", "save", "1"], "ERR "), (["ECHO"], "ERR wrong number of arguments for 'echo' command"),
    (["NOSUCH"], "ERR unknown command 'NOSUCH'"), (["get", "x"], "ERR unknown command 'get'"), (["MONITOR"], "ERR unknown command 'MONITOR'"),
    (["SLOWLOG", "GET"], "ERR unknown command 'SLOWLOG'"), (["EVAL", "return 1", "0"], "ERR unknown command 'EVAL'"),
    (["MULTI"], "DENIED reason=transaction"), (["EXEC"], "DENIED reason=transaction"), (["DISCARD"], "DENIED reason=transaction"),
])
def test_refusals(client, words, beginning):
    assert str(client.fails(*words)).startswith(beginning)
    if words[0] != "MULTI":
        assert client.do("PING") == "PONG"


def test_quit_closes(client):
    client.do("QUIT")
    with pytest.raises(EOFError):
        client.reply()


def test_client_list_tells_the_connection(client):
    client.do("CLIENT", "SETNAME", "teller")
    client.do("CLIENT", "SETINFO", "lib-name", "rig")
    for sub in ("INFO", "LIST"):
        text = client.do("CLIENT", sub)
        assert re.search(r"id=\d+ .*name=teller .*lib-name=rig", text)


def test_reset_forgets_name_and_protocol(client):
    client.do("HELLO", "3", "SETNAME", "me")
    assert client.do("RESET") == "RESET" and client.do("CLIENT", "GETNAME") in (None, "")
    assert client.do("CONFIG", "GET", "save") == ["save", ""]


def test_info(client):
    info = dict(line.split(":", 1) for line in client.do("INFO").split("\r\n") if ":" in line)
    assert re.fullmatch(r"\d+\.\d+\.\d+", info["redis_version"]) and info["redis_mode"] == "standalone" and info["role"] == "master"
    assert info["loading"] == "0" and info["redis_up"] == "1" and info["smsc_bound"] == "1"
    assert "redis_version" in client.do("INFO", "server") and "role" not in client.do("INFO", "server")


def test_nothing_of_a_transaction_is_executed(gw, client, number):
    before = gw.smsc.account()["submits"]
    for words in (["MULTI"], ["OTP.SEND", number()], ["PING"], ["EXEC"]):
        assert client.fails(*words).code == "DENIED"
    assert client.do("PING") == "PONG" and gw.smsc.account()["submits"] == before


def test_command_table(client):
    names = {row[0].upper() for row in client.do("COMMAND")}
    assert {"OTP.SEND", "OTP.RESEND", "OTP.VERIFY", "OTP.STATUS", "OTP.CANCEL", "PING", "HELLO"} <= names
    assert client.do("COMMAND", "COUNT") == len(names) and {n.upper() for n in client.do("COMMAND", "LIST")} == names
    name, arity, flags, first, last, step = client.do("COMMAND", "INFO", "otp.send")[0][:6]
    assert name.upper() == "OTP.SEND" and arity == -2 and first == 0, "no argument of ours is a key"


def test_command_docs(client):
    docs = client.do("COMMAND", "DOCS")
    assert len(docs) == 2 * client.do("COMMAND", "COUNT")
    name, doc = client.do("COMMAND", "DOCS", "otp.verify")
    doc = dict(zip(doc[::2], doc[1::2]))
    assert {d[d.index("since") + 1] for d in docs[1::2]} == {"0.1.0"}, "the version of otpgwd, not one of Redis"
    assert name.upper() == "OTP.VERIFY" and doc["summary"] and [a[a.index("name") + 1] for a in doc["arguments"]][:2] == ["id", "code"]


@pytest.mark.parametrize("words, options", [
    (["OTP.SEND", "62812000001"], {"PURPOSE", "SUBJECT", "TEMPLATE", "LANG", "TTL", "LENGTH", "SENDER", "REQID", "VAR", "KNOWN", "CODE", "REPLY", "BIND", "SAY"}),
    (["OTP.RESEND", "ID"], {"REQID", "REPLY", "SAY"}), (["OTP.VERIFY", "ID", "1"], {"REQID", "BIND", "SAY"}), (["OTP.STATUS", "ID"], {"FIELD", "SAY"}),
    (["OTP.CANCEL", "ID"], {"REASON", "SAY"}), (["OTP.REDIRECT", "ID", "62812000001"], {"SUBJECT", "REQID", "REPLY", "SAY"}),
    (["OTP.PROOF", "ID"], {"SUBJECT", "AUD", "SAY"}),
    (["OTP.REVERSE"], {"PURPOSE", "SUBJECT", "LANG", "REQID", "NUMBER", "SAY"}),
    (["OTP.CHECK", "62812000001"], {"SAY"}),
])
def test_an_option_is_documented_and_allowed_alike(client, number, words, options):
    """COMMAND DOCS shows, and the refusal of an unknown option lists, what the command takes: all three are one row."""
    live = client.do("OTP.SEND", number()) if "ID" in words else ""
    _, doc = client.do("COMMAND", "DOCS", words[0])
    arguments = [dict(zip(a[::2], a[1::2])) for a in doc[doc.index("arguments") + 1]]
    assert {a["token"] for a in arguments if "token" in a} == options
    refusal = str(client.fails(*[live if w == "ID" else w for w in words], "NOSUCH", "1"))
    assert set(refusal.split(" allowed are ")[1].split()) == options
    for option in options:
        refusal = str(client.fails(*[live if w == "ID" else w for w in words], option))
        assert refusal == f"BADARG arg={option} has no value"


def test_inline(client):
    client.raw(b"\r\nping\nEcho 'a b'\r\n*0\r\nECHO \"c\\x41 d\"\n")
    assert [client.reply() for _ in range(3)] == ["PONG", "a b", "cA d"]


def test_replies_keep_the_order_of_requests(client, number):
    client.raw(client.pack("OTP.SEND", number()) + client.pack("PING", "1") + client.pack("OTP.STATUS", "x") + client.pack("PING", "2"))
    replies = [client.reply() for _ in range(4)]
    assert len(replies[0]) == 52 and replies[1] == "1" and replies[2].code == "BADARG" and replies[3] == "2"
