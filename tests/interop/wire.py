"""A tap between the daemon and an SMSC, and tshark's opinion of what passed: one packet of a capture for each PDU."""
import json
import shutil
import socket
import struct
import subprocess
import threading
import time

import pytest

PORT = 2775  # in the capture only
CHUNK = 32000


class Link:
    """Both ways of one connection; kept whole PDU by PDU."""

    def __init__(self, index):
        self.index, self.rest, self.next = index, {"sent": b"", "got": b""}, {"sent": 1, "got": 1}

    def pdus(self, way, data):
        self.rest[way] += data
        while len(self.rest[way]) >= 16:
            length = max(16, struct.unpack(">I", self.rest[way][:4])[0])
            if len(self.rest[way]) < length:
                return
            yield self.rest[way][:length]
            self.rest[way] = self.rest[way][length:]

    def packet(self, way, data):
        """IP and TCP as if it had been captured; tshark does not look at the sums."""
        ports = (40000 + self.index, PORT) if way == "sent" else (PORT, 40000 + self.index)
        other = "got" if way == "sent" else "sent"
        tcp = struct.pack(">HHIIBBHHH", *ports, self.next[way], self.next[other], 0x50, 0x18, 65535, 0, 0)
        self.next[way] += len(data)
        hosts = (b"\x7f\0\0\1", b"\x7f\0\0\2")
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(data), 0, 0, 64, 6, 0, *(hosts if way == "sent" else hosts[::-1]))
        return ip + tcp + data


class Tap:
    """To the daemon an SMSC: a port. What passes is kept in the order in which it passed."""

    def __init__(self, to):
        self.to, self.packets, self.links, self.lock, self.socks = to, [], 0, threading.Lock(), []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                near.close()
                continue
            self.links += 1
            link = Link(self.links)
            self.socks += [near, far]
            for way, source, sink in (("sent", near, far), ("got", far, near)):
                threading.Thread(target=self.carry, args=(link, way, source, sink), daemon=True).start()

    def carry(self, link, way, source, sink):
        try:
            while data := source.recv(65536):
                with self.lock:
                    now = time.time()
                    self.packets += [(now, way, pdu, link.packet(way, pdu)) for pdu in link.pdus(way, data)]
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            sink.close()

    def count(self, way, command):
        with self.lock:
            return sum(1 for _, w, pdu, _ in self.packets if w == way and struct.unpack(">I", pdu[4:8])[0] == command)

    def close(self):
        self.listener.close()
        for sock in self.socks:
            sock.close()

    def read(self, path, but=()):
        """What tshark makes of each PDU, `way` and `raw` added; none may be malformed. `but`: commands that nobody knows."""
        if not shutil.which("tshark"):
            pytest.skip("the package tshark is not installed; all but its opinion was good")
        with self.lock:
            packets = [packet for packet in self.packets if struct.unpack(">I", packet[2][4:8])[0] not in but]
        with open(path, "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 101))
            for at, _, _, packet in packets:
                f.write(struct.pack("<IIII", int(at), int(at % 1 * 1e6), len(packet), len(packet)) + packet)
        run = subprocess.run(["tshark", "-n", "-r", path, "-d", f"tcp.port=={PORT},smpp", "-o", "tcp.desegment_tcp_streams:FALSE",
                              "-T", "json", "--no-duplicate-keys"], capture_output=True, text=True, timeout=30)
        assert run.returncode == 0, run.stderr
        frames = [frame["_source"]["layers"] for frame in json.loads(run.stdout)]
        assert len(frames) == len(packets)
        found = []
        for (_, way, pdu, _), layers in zip(packets, frames):
            text = json.dumps(layers)
            assert "smpp" in layers, f"no SMPP to tshark: {pdu.hex()} {text}"
            assert "_ws.malformed" not in text, f"malformed to tshark: {pdu.hex()} {text}"
            assert "_ws.unreassembled" not in text, f"cut to tshark: {pdu.hex()}"
            found.append({**flat(layers["smpp"]), "way": way, "raw": pdu})
        return found


def flat(tree):
    """The fields by their own names: headings of parts go. Several values of one field: a list."""
    found = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            found.update(flat(value))
        else:
            found[name.removeprefix("smpp.")] = value
    return found
