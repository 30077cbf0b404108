"""Clients that mean harm: bounded memory, a clear error, others served."""
import pytest
from rig import Error, wait_until


@pytest.mark.parametrize("data", [b"*100000000\r\n", b"*1\r\n$4294967296\r\n", b"*1\r\n$-1\r\n", b"*-1\r\n", b"*01\r\n", b"*2\r\n+x\r\n"])
def test_protocol_error_then_close(gw, client, data):
    before = gw.daemon.rss_kb()
    client.raw(data)
    assert str(client.reply()).startswith("ERR Protocol error: ")
    with pytest.raises((EOFError, ConnectionError)):
        client.reply()
    assert gw.daemon.rss_kb() - before < 4096


def test_http_is_closed(client):
    client.raw(b"POST / HTTP/1.1\r\nHost: x\r\n\r\n")
    with pytest.raises((EOFError, ConnectionError)):
        while True:
            client.reply()


def test_half_requests(gw, client):
    before = gw.daemon.rss_kb()
    for _ in range(25):
        halves = [gw.daemon.client() for _ in range(400)]
        for h in halves:
            h.raw(b"*2\r\n$8\r\nOTP.SEND\r\n$4000\r\nxxxx")
        assert client.do("PING") == "PONG"
        for h in halves:
            h.close()
    assert gw.daemon.rss_kb() - before < 16384


def test_reader_that_stops(gw, client):
    before = gw.daemon.rss_kb()
    stuck = gw.daemon.client(1)
    data = stuck.pack("ECHO", b"x" * 4000) * 100
    with pytest.raises((TimeoutError, OSError)):
        for _ in range(1000):
            stuck.raw(data)
    assert client.do("PING") == "PONG" and gw.daemon.rss_kb() - before < 16384
    stuck.close()


def test_slow_request_is_closed(fresh):
    g = fresh(replace=[("# request_timeout_ms = 5000;", "request_timeout_ms = 300;")])
    c = g.daemon.client()
    c.raw(b"*2\r\n$4\r\n")
    with pytest.raises((EOFError, ConnectionError)):
        while not isinstance(c.reply(), Error):
            pass
        c.reply()


def test_too_many_clients(fresh):
    g = fresh(replace=[("# max_clients = 1000;", "max_clients = 3;")])
    held = [g.daemon.client() for _ in range(3)]
    assert [c.do("PING") for c in held] == ["PONG"] * 3
    assert "max number of clients reached" in str(g.daemon.client().reply())
    held[0].close()
    wait_until(lambda: g.daemon.client().ask("PING") == "PONG", what="a free place")
