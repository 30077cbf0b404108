"""Clients that mean harm or have gone wrong: bounded memory, a clear error, others served."""
import resource
import select
import socket

import pytest
from rig import wait_until

MIB_KB = 1024


def closed(client):
    """True if the daemon has ended the connection; replies before that are read."""
    try:
        while True:
            client.reply()
    except (EOFError, ConnectionError):
        return True


@pytest.mark.parametrize("data", [
    b"*100000000\r\n", b"*65\r\n", b"*1\r\n$4294967296\r\n", b"*2\r\n$4\r\nPING\r\n$4294967295\r\n", b"*1\r\n$4097\r\n", b"*1\r\n$-1\r\n", b"*-1\r\n",
    b"*01\r\n", b"*+1\r\n", b"*2\r\n+x\r\n", b"*1\r\n$4\r\nPINGxx", b"*1\r\n$99999999999999999999999\r\n", b"*1\r\n*1\r\n", b"*\r\n", b"PING \x01\r\n",
    b"PING 'open\r\n", b"x" * 5000, b"*64\r\n" + b"$4096\r\n" + b"x" * 4096 + b"\r\n" + (b"$4096\r\n" + b"y" * 4096 + b"\r\n") * 16,
], ids=lambda d: repr(d[:24]))
def test_a_protocol_error_ends_the_connection(gw, client, data):
    before = gw.daemon.rss_kb()
    client.raw(data)
    assert str(client.reply()).startswith("ERR Protocol error: ")
    assert closed(client)
    assert gw.daemon.rss_kb() - before < 4 * MIB_KB and gw.daemon.client().do("PING") == "PONG"


@pytest.mark.parametrize("data", [b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"Host: x\r\n", b"\x16\x03\x01\x02\x00\x01\x00"])
def test_another_protocol_executes_nothing(client, data):
    client.raw(data + b"\r\nPING\r\n")
    seen = []
    try:
        while True:
            seen.append(client.reply())
    except (EOFError, ConnectionError):
        pass
    assert "PONG" not in seen


def test_the_error_comes_after_the_answers_before_it(client):
    client.raw(client.pack("PING") + client.pack("ECHO", "x") + b"*x\r\n")
    assert client.reply() == "PONG" and client.reply() == "x" and str(client.reply()).startswith("ERR Protocol error")
    assert closed(client)


@pytest.mark.seconds(120)
def test_ten_thousand_half_requests(fresh):
    """All at once; each has begun a request and never ends it. They are closed in time, and others are served."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    n = min(10000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 300)
    g = fresh(replace=[("# max_clients = 1000;", "max_clients = 12000;"), ("# max_clients_per_uid = 500;", "max_clients_per_uid = 12000;")])
    c = g.daemon.client()
    before = g.daemon.rss_kb()
    halves = []
    for i in range(n):
        s = socket.socket(socket.AF_UNIX)
        s.connect(g.daemon.api)
        s.sendall(b"*2\r\n$8\r\nOTP.SEND\r\n$4000\r\n" + b"x" * 1000)
        halves.append(s)
        if i % 1000 == 0:
            assert c.do("PING") == "PONG"
    assert c.do("ECHO", "served") == "served" and g.daemon.ready()
    assert g.daemon.rss_kb() - before < 64 * MIB_KB
    wait_until(lambda: g.daemon.json()["clients"] == 1, 30, "the halves to be closed")
    assert g.daemon.metric('otpgwd_connections_closed_total{reason="request_timeout"}') == n
    for s in halves:
        s.close()
    assert c.do("PING") == "PONG"


def test_a_reader_that_stops(gw, client):
    """Its requests are no longer read, or it is closed; what it does not fetch is bounded."""
    before = gw.daemon.rss_kb()
    stuck = [gw.daemon.client() for _ in range(8)]
    data = stuck[0].pack("ECHO", b"x" * 4000) * 100
    for s in stuck:
        s.sock.setblocking(False)
        written = 0
        try:
            while written < 32 << 20 and select.select([], [s.sock], [], 0.3)[1]:
                written += s.sock.send(data)
        except ConnectionError:
            pass
        assert written < 32 << 20, "somebody goes on reading for it"
    assert client.do("PING") == "PONG" and gw.daemon.rss_kb() - before < 64 * MIB_KB
    for s in stuck:
        s.close()


def test_requests_without_end_are_answered_in_order(client):
    """More than 1,024 in one go: reading pauses, nothing is lost."""
    n = 20000
    replies = client.many([("ECHO", i) for i in range(n)], batch=2000)
    assert replies == [str(i) for i in range(n)]


def test_one_octet_at_a_time(client, number):
    for octet in client.pack("OTP.SEND", number()) + b"ping\r\n":
        client.raw(bytes([octet]))
    assert len(client.reply()) == 52 and client.reply() == "PONG"


def test_a_slow_request_is_closed(fresh):
    g = fresh(replace=[("# request_timeout_ms = 5000;", "request_timeout_ms = 300;")])
    c = g.daemon.client()
    c.raw(b"*2\r\n$4\r\n")
    assert str(c.reply()).startswith("ERR Protocol error: ") and closed(c)
    idle = g.daemon.client()
    assert idle.do("PING") == "PONG" and g.daemon.metric('otpgwd_connections_closed_total{reason="request_timeout"}') == 1


def test_vanished_with_requests_in_flight(gw, client, number):
    """The caller is gone before the answer: what it asked for is done once all the same."""
    numbers = [number() for _ in range(50)]
    for to in numbers:
        c = gw.daemon.client()
        c.raw(c.pack("OTP.SEND", to, "REQID", "r"))
        c.close()
    ids = [client.do("OTP.SEND", to, "REQID", "r") for to in numbers]
    assert len(set(ids)) == 50
    wait_until(lambda: {s.to for s in gw.smsc.history()} >= set(numbers), what="every SMS")
    assert all(sum(s.to == to for s in gw.smsc.history()) == 1 for to in numbers)


def test_too_many_clients(fresh):
    g = fresh(replace=[("# max_clients = 1000;", "max_clients = 3;")])
    held = [g.daemon.client() for _ in range(3)]
    assert [c.do("PING") for c in held] == ["PONG"] * 3
    over = g.daemon.client()
    assert str(over.reply()) == "ERR max number of clients reached" and closed(over)
    assert g.daemon.metric('otpgwd_clients_refused_total{reason="total"}') == 1
    held[0].close()
    wait_until(lambda: g.daemon.json()["clients"] == 2, what="a free place")
    assert g.daemon.client().do("PING") == "PONG"


def test_out_of_descriptors(fresh, number):
    """EMFILE: told, others served, and well again."""
    g = fresh()
    g.daemon.stop()
    g.daemon.under = ["prlimit", "--nofile=64:64"]
    g.daemon.start()
    c = g.daemon.client()
    assert c.do("PING") == "PONG"
    crowd = [g.daemon.client() for _ in range(100)]
    monitor = socket.socket(socket.AF_UNIX)
    monitor.connect(g.daemon.stats)
    monitor.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
    assert c.do("ECHO", "served") == "served" and len(c.do("OTP.SEND", number())) == 52
    assert "max number of clients reached" in str(crowd[-1].reply())
    for x in crowd:
        x.close()
    monitor.settimeout(60)
    assert b" 200 OK" in monitor.recv(1000), "monitoring waited, and gets its answer"
    assert "[warn]" not in g.daemon.log(), "the event library asked again and again"
    wait_until(lambda: g.daemon.json()["clients"] == 1, what="the crowd gone")
    assert g.daemon.client().do("PING") == "PONG" and g.daemon.alive()
    assert g.daemon.metric('otpgwd_clients_refused_total{reason="descriptors"}') > 0


def test_monitoring_takes_no_descriptor_of_the_clients(fresh):
    """256 idle connections to the stats socket: the oldest are closed, clients and monitoring are served."""
    g = fresh()
    g.daemon.stop()
    g.daemon.under = ["prlimit", "--nofile=160:160"]  # on a Cluster each node has connections too
    g.daemon.start()
    idle = []
    for i in range(256):
        s = socket.socket(socket.AF_UNIX)
        s.connect(g.daemon.stats)
        if i % 2:
            s.sendall(b"GET /metrics HTT")
        idle.append(s)
    clients = [g.daemon.client() for _ in range(60)]
    assert [c.do("PING") for c in clients] == ["PONG"] * 60
    assert g.daemon.get("/healthz")[0] == 200
    assert g.daemon.metric('otpgwd_clients_refused_total{reason="descriptors"}') == 0
    ended = select.select(idle, [], [], 0)[0]
    assert 256 - 16 <= len(ended) and idle[0] in ended and idle[-1] not in ended, len(ended)
    for s in idle:
        s.close()


def test_a_monitor_asks_again_on_its_connection(gw):
    monitor = socket.socket(socket.AF_UNIX)
    monitor.connect(gw.daemon.stats)
    monitor.settimeout(60)
    for _ in range(3):
        monitor.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        data = b""
        while not data.endswith(b"ok\n"):
            data += monitor.recv(1000)
        assert data.startswith(b"HTTP/1.1 200 ")
    monitor.close()
