#!/usr/bin/python3
"""peer: one-time codes through the gateway beside plain messages through Kannel, in one run and with one simulator.

usage: peer.py BUILD [--messages N] [--connections N]

Kannel does less for a message (no code, no hash, no verification) and is given what helps it: spool store without
journal, receipts in memory and with no URL to call, logs at errors only, a window of 100 submits, keep-alive
connections. The gateway runs whole lives: SEND, submit, receipt recorded, VERIFY. Both are timed from the first request
until all receipts are back. Kannel is looked for, never installed.
"""
import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from figures import Line, shown
from gateway import Set
from limits import Watch, faults
from processes import cpu_of, ran, wait_for

TEXT = "123456%20is%20your%20OTP%20code.%20Valid%205%20minutes.%20Do%20not%20share%20it."
BEARERBOX = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = bench
status-password = bench
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
log-level = 3
log-file = {dir}/bearerbox.log
store-type = spool
store-location = {dir}/spool
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = sim
host = 127.0.0.1
port = {smpp}
transceiver-mode = true
smsc-username = bench
smsc-password = bench
system-type = ""
max-pending-submits = 100

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {http}
sendsms-interface = 127.0.0.1
log-level = 3
log-file = {dir}/smsbox.log

group = sendsms-user
username = bench
password = bench
max-messages = 1
"""


def free_ports(n):
    held = [socket.socket() for _ in range(n)]
    for s in held:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


class Kannel:
    """bearerbox, smsbox and the simulator, in a directory of their own."""

    def __init__(self, build):
        self.build = build
        self.dir = tempfile.mkdtemp(prefix="otpgwd-peer.")
        os.mkdir(self.path("spool"))
        self.procs = []
        self.smsc = self.start(f"{build}/tests/smsc/smsc", "--port-file", self.path("port"), "--system-id", "bench",
                               "--password", "bench", "--receipts", "both", "--phone", "/dev/null")
        wait_for(lambda: os.path.exists(self.path("port")) and open(self.path("port")).read().strip(), "the simulator")
        self.admin, box, self.http = free_ports(3)
        with open(self.path("conf"), "w") as f:
            f.write(BEARERBOX.format(admin=self.admin, box=box, http=self.http, dir=self.dir,
                                     smpp=open(self.path("port")).read().strip()))
        self.bearerbox = self.start("/usr/sbin/bearerbox", self.path("conf"))
        wait_for(lambda: self.online() and self.listens(box), "bearerbox")
        self.smsbox = self.start("/usr/sbin/smsbox", self.path("conf"))
        wait_for(lambda: self.listens(self.http), "smsbox")

    def path(self, name):
        return os.path.join(self.dir, name)

    def start(self, *argv):
        out = open(self.path(f"{os.path.basename(argv[0])}.out"), "wb")
        self.procs.append(subprocess.Popen(argv, stdout=out, stderr=out, stdin=subprocess.DEVNULL))
        return self.procs[-1]

    @staticmethod
    def listens(port):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0

    def status(self):
        try:
            url = f"http://127.0.0.1:{self.admin}/status.txt?password=bench"
            return urllib.request.urlopen(url, timeout=5).read().decode()
        except OSError:
            return ""

    def online(self):
        return re.search(r"^\s*sim.*\(online", self.status(), re.M)

    def receipts(self):
        return int(re.search(r"DLR: received (\d+)", self.status()).group(1))

    def load(self, count, first, connections):
        """Seconds from the first request to the last receipt."""
        want = self.receipts() + count
        # 3: what the telco reports in the end; 31 would count a receipt of Kannel's own for each submit too
        target = f"/cgi-bin/sendsms?username=bench&password=bench&from=OTP&to=%s&dlr-mask=3&text={TEXT}"
        start = time.monotonic()
        with Watch(bearerbox=self.bearerbox.pid, smsbox=self.smsbox.pid, simulator=self.smsc.pid) as watch:
            ran([f"{self.build}/tests/bench/http_load", str(self.http), str(connections), str(count), str(first), target], watch)
            self.await_receipts(want)
        return {"seconds": time.monotonic() - start, "limit": watch.limit(lives=connections)}

    def await_receipts(self, want):
        """Asks seldom, since each answer costs bearerbox CPU."""
        end = time.monotonic() + 120
        while self.receipts() < want:
            if time.monotonic() > end:
                raise SystemExit(f"peer: Kannel has {self.receipts()} receipts of {want}")
            time.sleep(0.05)

    def stop(self):
        for proc in reversed(self.procs):
            if proc.poll() is None:
                proc.send_signal(signal.SIGTERM)
                try:
                    proc.wait(20)
                except subprocess.TimeoutExpired:
                    proc.kill()
                    proc.wait()
        shutil.rmtree(self.dir)


def side(procs, count, load):
    before = [cpu_of(p.pid) for p in procs]
    run = load()
    return {"per_s": count / run["seconds"], "limit": run["limit"], "cpu_us": [(cpu_of(p.pid) - b) / count * 1e6 for p, b in zip(procs, before)]}


def kannel(build, count, connections):
    k = Kannel(build)
    try:
        k.load(500, 0, min(connections, 50))
        return side((k.bearerbox, k.smsbox), count, lambda: k.load(count, 500, connections))
    finally:
        k.stop()


def gateway(build, count):
    s = Set(build)
    try:
        s.load(500)
        s.settled(500)

        def load():
            start = time.monotonic()
            run = s.load(count, first=500)
            s.settled(count + 500)
            return {"seconds": time.monotonic() - start, "limit": run["limit"]}

        return side((s.daemon, s.redis), count, load)
    finally:
        s.stop()


def ratios(ours, theirs):
    """Rate, and CPU per message with redis-server's and smsbox's."""
    return (Line("7", "rate, otpgwd / Kannel", ours["per_s"] / theirs["per_s"], "", (">=", 10)),
            Line("7", "CPU per message, otpgwd with redis-server / Kannel", sum(ours["cpu_us"]) / sum(theirs["cpu_us"]), "", ("<=", 1 / 12)))


def table(ours, theirs):
    def row(what, a, b, ratio=""):
        print(f"{what:<44} {a:>12} {b:>12} {ratio:>8}")

    row("", "otpgwd", "Kannel", "ratio")
    rate, cpu = ratios(ours, theirs)
    row("messages per second, until all receipts", f"{ours['per_s']:.0f}", f"{theirs['per_s']:.0f}", f"{rate.value:.1f}")
    row("CPU per message, us", f"{sum(ours['cpu_us']):.1f}", f"{sum(theirs['cpu_us']):.1f}", f"{cpu.value:.3f}")
    row("  daemon | bearerbox", f"{ours['cpu_us'][0]:.1f}", f"{theirs['cpu_us'][0]:.1f}")
    row("  redis-server | smsbox", f"{ours['cpu_us'][1]:.1f}", f"{theirs['cpu_us'][1]:.1f}")
    print(f"limit of otpgwd: {ours['limit']['limit']}")
    print(f"limit of Kannel: {theirs['limit']['limit']}")
    for line in (rate, cpu):
        print(f"{line.what}: {shown(line)}")
    print("to disk: otpgwd: Redis' append-only file, written before each reply, synced every second")
    print("         Kannel: a file in the spool for each message and receipt until it is answered, never synced; its list of")
    print("         awaited receipts is in memory only")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # an exit ends what was started
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--messages", type=int, default=20000)
    parser.add_argument("--connections", type=int, default=50)
    args = parser.parse_args()
    if not os.path.exists("/usr/sbin/bearerbox"):
        raise SystemExit("peer: Kannel is not installed (apt-get install kannel)")
    theirs = kannel(args.build, args.messages, args.connections)
    ours = gateway(args.build, args.messages)
    table(ours, theirs)
    out = os.path.join(args.build, "bench")
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "peer.json"), "w") as f:
        json.dump({"messages": args.messages, "otpgwd": ours, "kannel": theirs}, f, indent=1)
    wrong = faults({"otpgwd": ours["limit"]})
    for fault in wrong:
        print(f"fault of the benchmark: {fault}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
