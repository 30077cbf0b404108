"""SMSC and Redis by name: what is corrected in the machine's files while the daemon runs counts, without a reload and by one."""
import os
import socket
import struct
import subprocess
import threading

import pytest
from rig import free_port, wait_until

FILES = ("hosts", "resolv.conf")
MOUNT = ["unshare", "--mount"]
OWN_FILES = (os.path.exists("/etc/resolv.conf") and os.getuid() == 0 and subprocess.run(MOUNT + ["true"], capture_output=True).returncode == 0)
pytestmark = [pytest.mark.skipif(not OWN_FILES, reason="only root can give the daemon files of its own in /etc"),
              pytest.mark.single("one Redis has the name")]


class Machine:
    """A daemon's own /etc/hosts and /etc/resolv.conf."""

    def __init__(self, g):
        self.g = g
        self.write("hosts", "127.0.0.1 localhost")
        self.write("resolv.conf", "nameserver 127.0.0.1:9")
        binds = " && ".join(f'mount --bind "{g.daemon.path(name)}" /etc/{name}' for name in FILES)
        g.daemon.under = [*MOUNT, "sh", "-c", f'{binds} && exec "$@"', "sh"]

    def write(self, name, text):
        with open(self.g.daemon.path(name), "w") as f:
            f.write(text + "\n")

    def start(self, *replace):
        self.g.daemon.run_with(bound=False, replace=replace)


class Nameserver:
    """Knows one address of IPv4, whatever the name."""

    def __init__(self, address):
        self.address = address
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.place = "127.0.0.1:%d" % self.sock.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            asked, peer = self.sock.recvfrom(512)
            known = asked[-3] == 1
            record = b"\xc0\x0c\0\x01\0\x01\0\0\0\0\0\x04" + socket.inet_aton(self.address) if known else b""
            head = asked[:2] + struct.pack(">HHHHH", 0x8400 | (0 if known else 3), 1, int(known), 0, 0)
            self.sock.sendto(head + asked[12:] + record, peer)


def smsc_by_name(g):
    return ('name = "main"; host = "127.0.0.1"', 'name = "main"; connect_timeout_ms = 1000; host = "smsc.otpgwd.test"')


def redis_by_name(g):
    port = free_port()
    assert g.redis.cli("CONFIG", "SET", "port", str(port)) == "OK"
    return (g.redis.conf(), f'host = "redis.otpgwd.test"; port = {port};')


def away(d):
    return not d.json()["redis"]["up"] and d.json()["redis"]["reason"]


def unresolved(d):
    (smsc,) = d.json()["smscs"]
    return not smsc["bound"] and smsc["reason"]


@pytest.mark.parametrize("reload", [False, True])
def test_hosts_corrected_while_running(fresh, number, reload):
    g = fresh()
    machine = Machine(g)
    machine.start(smsc_by_name(g), redis_by_name(g))
    d = g.daemon
    wait_until(lambda: unresolved(d), what="the SMSC's name not found: " + str(d.json()["smscs"]))
    wait_until(lambda: away(d), what="the name of Redis not found: " + str(d.json()["redis"]))
    machine.write("hosts", "127.0.0.1 smsc.otpgwd.test redis.otpgwd.test")
    if reload:
        d.reload()
    wait_until(d.ready, 20, "ready: " + d.tail())
    to = number()
    d.client().do("OTP.SEND", to)
    g.smsc.sms(to=to)


def test_nameserver_corrected_while_running(fresh, number):
    g = fresh()
    machine = Machine(g)
    machine.start(smsc_by_name(g), redis_by_name(g))
    d = g.daemon
    wait_until(lambda: unresolved(d) and away(d), what="names not found: " + d.tail())
    machine.write("resolv.conf", "nameserver " + Nameserver("127.0.0.1").place)
    wait_until(d.ready, 20, "ready: " + d.tail())
    to = number()
    d.client().do("OTP.SEND", to)
    g.smsc.sms(to=to)


def test_a_moved_smsc_is_found_at_its_new_address(fresh, number):
    """The name's old address is of no use any more; the next connection goes where the file says now."""
    g = fresh()
    machine = Machine(g)
    machine.write("hosts", "127.0.0.1 smsc.otpgwd.test")
    machine.start(smsc_by_name(g))
    d = g.daemon
    wait_until(d.ready, 20, "ready")
    machine.write("hosts", "127.0.0.2 smsc.otpgwd.test")
    g.smsc.drop()
    wait_until(lambda: not d.ready(), what="away from the former address")
    machine.write("hosts", "127.0.0.1 smsc.otpgwd.test")
    wait_until(d.ready, 20, "ready again")
