"""Kannel's drive_smpp as SMSC: knows a transmitter and a receiver, no transceiver, and gives no message id."""
import os
import socket
import subprocess

import pytest
from process import Process, free_port
from rig import wait_until

DRIVE = "/usr/lib/kannel/test/drive_smpp"
CONF = """group = core
admin-port = {admin}
smsbox-port = {box}
admin-password = none

group = smsbox
bearerbox-host = 127.0.0.1
"""


class Drive(Process):
    """It also talks to a box of Kannel's, and ends if there is none: a socket that accepts and says nothing."""

    def __init__(self, folder, messages):
        self.box = socket.create_server(("127.0.0.1", 0))
        self.port = free_port()
        conf, self.log_path = os.path.join(folder, "drive.conf"), os.path.join(folder, "drive.log")
        with open(conf, "w") as f:
            f.write(CONF.format(admin=free_port(), box=self.box.getsockname()[1]))
        self.start_process([DRIVE, "-p", str(self.port), "-m", str(messages), "-c", conf], self.log_path)

    def log(self):
        with open(self.log_path) as f:
            return f.read()


@pytest.fixture
def drive(tmp_path):
    if not os.path.exists(DRIVE):
        pytest.skip("the package kannel-extras is not installed")
    smsc = Drive(str(tmp_path), 20)
    wait_until(lambda: smsc.alive() and listens(smsc.port), what="drive_smpp")
    yield smsc
    smsc.kill()
    smsc.box.close()


def listens(port):
    return f":{port:04X} 00000000:0000 0A" in subprocess.run(["cat", "/proc/net/tcp"], capture_output=True, text=True).stdout


def test_transmitter_and_receiver_without_ids(drive, gateway_of, number, tmp_path):
    """All is accepted though nothing can ever be told of it; 20 messages and enquire_links of its own are answered."""
    tap, daemon = gateway_of(drive.port, smsc='type = "pair";')
    client = daemon.client()
    ids = [client.do("OTP.SEND", number()) for _ in range(10)]
    wait_until(lambda: all(client.status(vid)["delivery"] == "accepted" for vid in ids), what="accepted")
    wait_until(lambda: tap.count("sent", 0x80000005) == 20, what="20 deliver_sm_resp")
    assert tap.count("sent", 0x80000015) >= 20 and tap.count("sent", 4) == 10
    assert "Unhandled" not in drive.log() and "unpacking failed" not in drive.log()
    found = tap.read(str(tmp_path / "pcap"))
    assert {int(pdu["command_id"], 16) for pdu in found} >= {1, 2, 4, 5, 0x15, 0x80000004, 0x80000005, 0x80000015}
