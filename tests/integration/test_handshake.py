"""What client libraries say before the first command."""
import pytest


def test_hello_3_answers_a_map(client):
    hello = client.do("HELLO", "3")
    assert hello["proto"] == 3 and hello["mode"] == "standalone" and hello["role"] == "master" and hello["modules"] == []


def test_hello_4_is_refused(client):
    assert client.fails("HELLO", "4").code == "NOPROTO"


@pytest.mark.parametrize("words, answer", [
    (["PING"], "PONG"), (["PING", "x"], "x"), (["ECHO", "x y"], "x y"), (["SELECT", "0"], "OK"),
    (["CLIENT", "SETNAME", "me"], "OK"), (["CLIENT", "SETINFO", "LIB-NAME", "x"], "OK"), (["CONFIG", "GET", "save"], ["save", ""]),
    (["CONFIG", "GET", "appendonly"], ["appendonly", "no"]), (["QUIT"], "OK"),
])
def test_answers(client, words, answer):
    assert client.do(*words) == answer


def test_info_names_a_redis_version(client):
    info = client.do("INFO")
    assert "redis_version:" in info and "redis_mode:standalone" in info and "role:master" in info


@pytest.mark.parametrize("word", ["MULTI", "EXEC", "GET", "MONITOR"])
def test_refused(client, word):
    assert client.fails(word)


def test_unknown_command_says_so_exactly(client):
    assert str(client.fails("NOSUCH")).startswith("ERR unknown command 'NOSUCH'")


def test_nothing_of_a_transaction_is_executed(gw, client, number):
    before = gw.smsc.account()["submits"]
    for words in (["MULTI"], ["OTP.SEND", number()], ["EXEC"]):
        client.fails(*words)
    assert gw.smsc.account()["submits"] == before


def test_command_docs_hold_every_otp_command(client):
    assert "otp.send" in str(client.do("COMMAND", "DOCS", "otp.send")).lower()
    assert client.do("COMMAND", "COUNT") == len(client.do("COMMAND"))
