"""What the service manager sees: readiness, reload, stop, watchdog, sockets handed over; and what a process shows of itself."""
import os
import re
import shutil
import signal
import subprocess

import pytest
from rig import OTPGWD, Client, wait_until


def said(daemon, pattern):
    return any(re.fullmatch(pattern, line) for line in daemon.manager.states)


def test_reload_is_announced_with_its_time(gw):
    gw.daemon.manager.states.clear()
    gw.daemon.signal(signal.SIGHUP)
    wait_until(lambda: "READY=1" in gw.daemon.manager.states, what="READY=1")
    states = gw.daemon.manager.states
    at = states.index("RELOADING=1")
    assert re.fullmatch(r"MONOTONIC_USEC=\d+", states[at + 1]) and at < states.index("READY=1")


def test_status_follows_redis(fresh):
    g = fresh()
    wait_until(lambda: said(g.daemon, r"STATUS=redis up, durability process, 1 of 1 SMSCs bound"), what="the status")
    g.redis.kill()
    wait_until(lambda: said(g.daemon, r"STATUS=redis away, .*"), what="the status")


def test_stopping_is_announced(fresh):
    g = fresh()
    assert g.daemon.stop() == 0
    wait_until(lambda: "STOPPING=1" in g.daemon.manager.states, what="STOPPING=1")


def test_watchdog_is_fed_from_the_loop(fresh, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "200000")
    g = fresh()
    g.daemon.manager.states.clear()
    wait_until(lambda: g.daemon.manager.states.count("WATCHDOG=1") >= 3, what="three feedings")
    g.daemon.pause()
    wait_until(lambda: state_of(g.daemon) == "T", what="the stop")
    g.daemon.manager.states.clear()
    try:
        with pytest.raises(AssertionError):
            wait_until(lambda: "WATCHDOG=1" in g.daemon.manager.states, 1)
    finally:
        g.daemon.resume()


def state_of(daemon):
    with open(f"/proc/{daemon.proc.pid}/stat") as f:
        return f.read().rsplit(")", 1)[1].split()[0]


def test_sockets_are_taken_over(fresh, number):
    """As from socket units: the daemon starts at the first connect and uses the descriptors by their names."""
    g = fresh()
    g.daemon.stop()
    assert shutil.which("systemd-socket-activate"), "systemd is not installed"
    argv = ["systemd-socket-activate", f"--listen={g.daemon.api}", f"--listen={g.daemon.stats}", "--fdname=api:stats",
            OTPGWD, "-c", g.daemon.path("conf")]
    with open(g.daemon.log_path, "ab") as log:
        g.daemon.proc = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    wait_until(lambda: os.path.exists(g.daemon.api) and os.path.exists(g.daemon.stats), what="the sockets")
    client = Client(g.daemon.api)
    assert client.do("PING") == "PONG"
    wait_until(g.daemon.ready, what="ready")
    to = number()
    vid = client.do("OTP.SEND", to)
    assert client.do("OTP.VERIFY", vid, g.smsc.sms(to=to).code) == "OK"
    log = g.daemon.log()
    assert re.search(r"name=api .*inherited", log) and re.search(r"name=stats .*inherited", log)
    assert g.daemon.stop() == 0
    assert os.path.exists(g.daemon.api), "an inherited socket's file belongs to who made it"


def test_process_shows_no_secret(gw):
    pid = gw.daemon.proc.pid
    for name in ("environ", "cmdline"):
        with open(f"/proc/{pid}/{name}", "rb") as f:
            assert b"canarypw" not in f.read()
    with open(f"/proc/{pid}/limits") as f:
        assert re.search(r"Max core file size +0 +0 ", f.read())


def test_abort_leaves_no_core(fresh):
    g = fresh()
    g.daemon.signal(signal.SIGABRT)
    g.daemon.proc.wait(20)
    assert not [name for name in os.listdir(g.dir) + os.listdir(".") if name.startswith("core")]


def test_second_daemon_refuses_a_live_socket(gw):
    code, out = gw.daemon.run("-c", gw.daemon.path("conf"))
    assert code == 1 and f"held by a live process pid={gw.daemon.proc.pid}" in out
    assert gw.daemon.client().do("PING") == "PONG"
