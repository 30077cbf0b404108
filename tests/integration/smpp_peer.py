"""A raw SMPP client for tests of the simulator itself: struct.pack and nothing of ours, octet for octet."""
import socket
import struct
from typing import NamedTuple

BIND_RX, BIND_TX, SUBMIT, DELIVER, UNBIND, BIND_TRX, OUTBIND, ENQUIRE, ALERT, DATA = 1, 2, 4, 5, 6, 9, 0xB, 0x15, 0x102, 0x103
NACK = RESP = 0x80000000


class Pdu(NamedTuple):
    id: int
    status: int
    sequence: int
    body: bytes


def cstring(text):
    return text.encode() + b"\0"


def tlvs(data):
    found = {}
    while data:
        tag, length = struct.unpack(">HH", data[:4])
        assert len(data) >= 4 + length, data
        found[tag] = data[4:4 + length]
        data = data[4 + length:]
    return found


class Message(NamedTuple):
    """A deliver_sm or data_sm, taken apart."""
    source: str
    destination: str
    esm: int
    text: str
    tlvs: dict
    coding: int
    octets: bytes  # of the text

    @property
    def id(self):
        return self.tlvs[0x1E].rstrip(b"\0 ").decode()


def message(pdu, whole=True):
    body = pdu.body

    def text():
        nonlocal body
        value, _, body = body.partition(b"\0")
        return value.decode()

    def octet():
        nonlocal body
        value, body = body[0], body[1:]
        return value

    text(), octet(), octet()
    source = text()
    octet(), octet()
    destination = text()
    esm = octet()
    if pdu.id == DATA:
        octet()
        coding, short = octet(), b""
    else:
        coding, body = body[6], body[8:]
        length = octet()
        short, body = body[:length], body[length:]
    rest = tlvs(body) if whole else {}
    octets = short or rest.get(0x424, b"")
    return Message(source, destination, esm, octets.decode(), rest, coding, octets)


class Peer:
    def __init__(self, port, bind=BIND_TRX, wrap=None):
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.settimeout(60)
        if wrap:
            self.sock = wrap(self.sock)
        self.data = b""
        self.sequence = 0
        if bind:
            answer = self.bind(bind)
            assert answer.status == 0 and answer.id == bind | RESP, answer

    def pack(self, command, body=b"", status=0, sequence=None):
        if sequence is None:
            self.sequence += 1
            sequence = self.sequence
        return struct.pack(">IIII", 16 + len(body), command, status, sequence) + body

    def send(self, *args, **fields):
        self.sock.sendall(self.pack(*args, **fields))
        return self.sequence

    def bind(self, kind=BIND_TRX, password="canarypw", version=0x34):
        self.send(kind, cstring("test") + cstring(password) + cstring("") + bytes([version, 0, 0]) + cstring(""))
        return self.read()

    @staticmethod
    def submit_body(to="628121234567", text=b"kode 123456", **o):
        """Every field may be replaced by what must not be there."""
        validity = o.get("validity", "")
        return (cstring(o.get("service", "")) + bytes(o.get("source_type", (5, 0))) + cstring(o.get("source", "OTP"))
                + bytes(o.get("to_type", (1, 1))) + cstring(to) + bytes([o.get("esm", 0), 0, o.get("priority", 0)]) + cstring("")
                + cstring(validity) + bytes([o.get("registered", 1), o.get("replace", 0), o.get("coding", 0), 0])
                + bytes([o.get("length", len(text))]) + text + o.get("more", b""))

    def submit(self, to="628121234567", **o):
        return self.send(SUBMIT, self.submit_body(to, **o))

    def read(self):
        """None: the peer closed, or reset."""
        while len(self.data) < 16 or len(self.data) < struct.unpack(">I", self.data[:4])[0]:
            try:
                more = self.sock.recv(65536)
            except ConnectionResetError:
                return None
            if not more:
                return None
            self.data += more
        length, *head = struct.unpack(">IIII", self.data[:16])
        assert length >= 16, length
        body, self.data = self.data[16:length], self.data[length:]
        return Pdu(*head, body)

    def ask(self, to="628121234567", **o):
        """A submit and its answer."""
        sequence = self.submit(to, **o)
        answer = self.read()
        assert answer and answer.sequence == sequence, answer
        return answer

    def answer(self, pdu, status=0, body=None):
        if body is None:
            body = b"\0" if pdu.id in (DELIVER, DATA) and not status else b""
        self.sock.sendall(self.pack(pdu.id | RESP, body, status, pdu.sequence))

    def receipts(self, count):
        """So many deliver_sm or data_sm, answered."""
        found = []
        while len(found) < count:
            pdu = self.read()
            assert pdu, "the connection ended"
            if pdu.id in (DELIVER, DATA):
                found.append(pdu)
                self.answer(pdu)
        return found

    def sync(self):
        """Whatever was sent has been read and its answers are written when this returns; what came is returned."""
        came = []
        for _ in range(2):  # a turn of the simulator answers enquire_link ahead of its submits
            sequence = self.send(ENQUIRE)
            while (pdu := self.read()) and (pdu.id, pdu.sequence) != (ENQUIRE | RESP, sequence):
                came.append(pdu)
            assert pdu, "the connection ended"
        return came

    def silence(self, seconds):
        """What comes in this time, unparsed; b"" with open True: nothing."""
        self.sock.settimeout(seconds)
        try:
            got, is_open = self.sock.recv(65536), True
            is_open = bool(got)
        except socket.timeout:
            got, is_open = b"", True
        except ConnectionResetError:
            got, is_open = b"", False
        self.sock.settimeout(60)
        return self.data + got, is_open

    def close(self):
        self.sock.close()
