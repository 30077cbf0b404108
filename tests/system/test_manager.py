"""What the service manager sees: readiness, reload, stop, watchdog, sockets handed over; and what a process shows of itself."""
import os
import re
import shutil
import signal
import subprocess
import time

import pytest
from rig import OTPGWD, Client, Manager, wait_until


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
    assert code == 1 and f"held by a live process path=" in out
    assert gw.daemon.client().do("PING") == "PONG"


CONFIG = 78  # sysexits.h's EX_CONFIG; the unit says RestartPreventExitStatus=78


def ended(g, manager):
    """Status, log and states of a start that ends by itself."""
    run = subprocess.run([OTPGWD, "-c", g.daemon.path("conf")], capture_output=True, text=True, timeout=20,
                         env={**os.environ, "NOTIFY_SOCKET": manager.path})
    wait_until(lambda: any(s.startswith("STATUS=") for s in manager.states), what="a status")
    return run.returncode, run.stderr.splitlines(), [s for s in manager.states if s.startswith("STATUS=")]


@pytest.mark.parametrize("old, new, at", [
    ('"code-1.key"', '"nosuch.key"', r"keys\.codes\[0\]\.file: \S+nosuch\.key: found no such file"),
    ("mode = \"0660\";", "mode = \"0999\";", r"api\.mode: found \"0999\""),
    ("/redis.sock", "/x.sock\"; host = \"127.0.0.1:6379", r"redis\.host: found \"127\.0\.0\.1:6379\", allowed .*the port is redis\.port"),
], ids=["key file", "value", "host with port"])
def test_not_valid_is_one_line_and_status_78(fresh, old, new, at):
    """One fault is one line of the log, with file, line and key; the unit's status says the same."""
    g = fresh()
    g.daemon.stop()
    with open(g.daemon.path("conf")) as f:
        text = re.sub(r'"[^"]*/code-1\.key"', '"code-1.key"', f.read())
    assert old in text
    text = text.replace(old, new, 1)
    os.makedirs(g.daemon.path("credentials"), mode=0o700)
    shutil.copy(g.daemon.path("code-1.key"), g.daemon.path("credentials"))
    with open(g.daemon.path("conf"), "w") as f:
        f.write(text)
    status, lines, told = ended(g, Manager(g.daemon.path("notify-end")))
    place = rf"{g.daemon.path('conf')}:\d+: "
    assert status == CONFIG
    wrong = [line for line in lines if re.search(rf"<3>app: {place}{at}", line)]
    assert len(wrong) == 1 and re.fullmatch(rf"STATUS={place}{at}.*", told[0]), (lines, told)
    others = [line for line in lines if line.startswith("<3>") and line not in wrong]
    assert not others or "host" in at, others


@pytest.mark.parametrize("what", ["lock", "api.sock", "stats.sock"])
@pytest.mark.parametrize("path, why", [("/nonexistent/{}", "No such file or directory"), ("{file}/{}", "Not a directory"), ("{file}", "is ")],
                         ids=["no folder", "below a file", "another file"])
def test_a_path_at_which_nothing_can_be(fresh, what, path, why):
    """Only another configuration helps: status 78 and one line, not a start every 100 ms."""
    g = fresh()
    g.daemon.stop()
    file = g.daemon.path("conf")
    with open(file) as f:
        before = f.read()
    at = path.format(what, file=file)
    other = before.replace(f'"{g.daemon.path(what)}"', f'"{at}"')
    assert other != before
    with open(g.daemon.path("other"), "w") as f:
        f.write(other)
    status, text = g.daemon.run("-c", g.daemon.path("other"))
    (line,) = [line for line in text.splitlines() if line.startswith("<3>")]
    assert status == CONFIG and at in line and why in line
    with open(file) as f:
        assert f.read() == before


def test_another_failure_is_no_configuration(gw):
    """What may pass by itself is started again: the lock of a live process."""
    assert gw.daemon.run("-c", gw.daemon.path("conf"))[0] == 1


def test_reloads_are_metrics(fresh):
    g = fresh()
    good, when = "otpgwd_config_last_reload_successful", "otpgwd_config_last_reload_timestamp_seconds"
    begun = g.daemon.metric(when)
    assert g.daemon.metric(good) == 1 and abs(begun - time.time()) < 60
    g.daemon.expect = ["<3>app: "]
    with open(g.daemon.path("conf")) as f:
        text = f.read()
    with open(g.daemon.path("conf"), "w") as f:
        f.write("nonsense = 1;\n" + text)
    g.daemon.signal(signal.SIGHUP)
    wait_until(lambda: g.daemon.metric(good) == 0, what="a refused reload")
    with open(g.daemon.path("conf"), "w") as f:
        f.write(text)
    g.daemon.signal(signal.SIGHUP)
    wait_until(lambda: g.daemon.metric(good) == 1, what="a good reload")
    assert g.daemon.metric(when) >= begun


def test_a_reload_is_asked_for_and_answered(fresh, monkeypatch, tmp_path):
    """As ExecReload does: the exit status is the daemon's verdict."""
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    g = fresh()

    def reload():
        return g.daemon.run("--reload", str(g.daemon.proc.pid))

    with open(g.daemon.path("conf")) as f:
        text = f.read()
    assert reload() == (0, "")
    g.daemon.expect = ["<3>app: "]
    for wrong in ("nonsense = 1;\n" + text, text.replace('instance = "a"', 'instance = "b"')):
        assert wrong != text
        with open(g.daemon.path("conf"), "w") as f:
            f.write(wrong)
        assert reload()[0] == 1
        assert g.daemon.metric("otpgwd_config_last_reload_successful") == 0
    assert "needs a restart: instance" in g.daemon.log()
    with open(g.daemon.path("conf"), "w") as f:
        f.write(text)
    assert reload() == (0, "")
    assert g.daemon.metric("otpgwd_config_last_reload_successful") == 1
    g.daemon.kill()
    status, said = g.daemon.run("--reload", "4194304")
    assert status == 1 and "No such process" in said
    assert g.daemon.run("--reload", "x")[0] == 2 and g.daemon.run("--reload", "1")[0] == 2
