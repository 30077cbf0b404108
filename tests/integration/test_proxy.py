"""The fault proxy does what the tests that stand on it believe."""
import socket
import threading
import time

import pytest
from machine import within
from proxy import Proxy
from rig import wait_until


class Echo:
    """A server that answers with what it got."""

    def __init__(self, path=None):
        self.listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.listener.bind(path or ("127.0.0.1", 0))
        self.address = path or self.listener.getsockname()
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(s,), daemon=True).start()

    @staticmethod
    def serve(s):
        try:
            while data := s.recv(65536):
                s.sendall(data)
        except OSError:
            pass
        s.close()


@pytest.fixture(params=["tcp", "unix"])
def pair(request, tmp_path):
    unix = request.param == "unix"
    echo = Echo(str(tmp_path / "echo") if unix else None)
    proxy = Proxy(echo.address, str(tmp_path / "proxy") if unix else None)
    made = []

    def connect():
        s = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
        s.settimeout(60)
        s.connect(proxy.path or ("127.0.0.1", proxy.port))
        made.append(s)
        return s

    yield proxy, connect
    for s in made:
        s.close()
    proxy.close()
    echo.listener.close()


def read(s, n):
    data = b""
    while len(data) < n and (more := s.recv(n - len(data))):
        data += more
    return data


def test_passes_all_and_the_end(pair):
    _, connect = pair
    s = connect()
    big = bytes(range(256)) * 4096
    threading.Thread(target=lambda: (s.sendall(big), s.shutdown(socket.SHUT_WR)), daemon=True).start()
    assert read(s, len(big)) == big and s.recv(1) == b""


def test_latency_is_added_each_way_and_jitter_keeps_the_order(pair):
    proxy, connect = pair
    s = connect()
    proxy.latency(50, 20)
    start = time.monotonic()
    for i in range(20):
        s.sendall(b"%02d" % i)
    assert read(s, 40) == b"".join(b"%02d" % i for i in range(20))
    assert time.monotonic() - start >= 0.1 and within(start, 5)  # in flight together: 20 round trips would be 2 s and more
    proxy.heal()
    start = time.monotonic()
    s.sendall(b"x")
    assert s.recv(1) == b"x" and within(start, 0.1)


def test_pieces_arrive_one_by_one(pair):
    proxy, connect = pair
    s = connect()
    proxy.pieces()

    def parts():
        s.sendall(b"abcdefgh" * 100)
        found = []
        while sum(map(len, found)) < 800:
            found.append(s.recv(65536))
        assert b"".join(found) == b"abcdefgh" * 100
        return len(found)

    assert any(parts() > 20 for _ in range(20)), "whoever reads late finds them together"


@pytest.mark.parametrize("direction", ["reply", "request"])
def test_reset_at_an_octet(pair, direction):
    proxy, connect = pair
    s, other = connect(), connect()
    s.sendall(b"before")
    assert read(s, 6) == b"before"
    proxy.reset(5, direction)
    s.sendall(b"abcdefghij")
    got = b""
    try:
        while more := s.recv(100):
            got += more
    except ConnectionResetError:
        pass
    assert got == b"abcde" if direction == "reply" else b"abcde".startswith(got)
    assert proxy.resets == 1
    other.sendall(b"abcdefghij")
    assert read(other, 10) == b"abcdefghij"


def test_reset_is_a_reset_on_tcp(pair):
    proxy, connect = pair
    s = connect()
    s.sendall(b"x")
    assert s.recv(1) == b"x"
    proxy.drop()
    if proxy.port:
        with pytest.raises(ConnectionResetError):
            s.recv(1)
    else:
        assert s.recv(1) == b""


def test_black_hole_accepts_holds_and_heals(pair):
    proxy, connect = pair
    s = connect()
    s.sendall(b"x")
    assert s.recv(1) == b"x"
    proxy.black_hole()
    late = connect()
    for sock in (s, late):
        sock.sendall(b"held")
        sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            sock.recv(1)
        sock.settimeout(60)
    proxy.heal()
    assert read(s, 4) == b"held" and read(late, 4) == b"held"


def test_server_away(tmp_path):
    proxy = Proxy(str(tmp_path / "nobody"), str(tmp_path / "proxy"))
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(60)
    s.connect(proxy.path)
    assert s.recv(1) == b""
    wait_until(lambda: not proxy.links, what="no link left")
    s.close()
    proxy.close()
