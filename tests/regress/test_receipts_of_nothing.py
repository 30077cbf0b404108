"""An SMSC that floods with receipts of nothing: it took all places where receipts wait, and those of the others were refused."""
import collections
import re
import socket

from rig import wait_until
from smpp_peer import BIND_TRX, DELIVER, RESP, Peer, cstring

PLACES = 10000


class Flooder(Peer):
    """The SMSC's end, once the daemon has bound to it."""

    def __init__(self, listener):
        self.sock = listener.accept()[0]
        self.sock.settimeout(30)
        self.data, self.sequence = b"", 0
        bind = self.read()
        assert bind.id == BIND_TRX
        self.answer(bind, body=cstring("flood"))

    def flood(self, count):
        """How its receipts were answered, by status."""
        head, tail = b"\0\1\1628120\0\1\1OTP\0\4" + bytes(8), b" stat:DELIVRD err:000"
        texts = [b"id:nothing%d" % i + tail for i in range(count)]
        self.sock.sendall(b"".join(self.pack(DELIVER, head + bytes([len(text)]) + text) for text in texts))
        came = collections.Counter()
        while sum(came.values()) < count:
            answer = self.read()
            assert answer, "the daemon closed"
            came[answer.status] += answer.id == DELIVER | RESP
        return came


def test_receipts_of_others_are_taken(fresh, number):
    g = fresh(smscs=2, receipts="text")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        with open(g.daemon.path("conf")) as f:
            text = f.read()
        with open(g.daemon.path("conf"), "w") as f:
            f.write(re.sub(rf"port = {g.smscs['second'].port};", f"port = {listener.getsockname()[1]};", text, count=1))
        g.daemon.reload()
        peer = Flooder(listener)
        came = peer.flood(PLACES + 2000)
        assert came[0] >= PLACES / 2 and came[0x64] > 0, came
        c = g.daemon.client()
        for vid in c.many([("OTP.SEND", number()) for _ in range(20)]):
            c.settled(vid, "delivered")
        last = 'otpgwd_receipts_total{smsc="second",result="unmatched"}'
        wait_until(lambda: peer.flood(100)[0] == 100, 20, "the oldest to give way")
        assert g.daemon.metric(last) >= 100, "accepted, not refused for ever"
        peer.close()
