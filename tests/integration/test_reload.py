"""SIGHUP: a good file counts at once, a bad one is refused whole; --check tells every fault."""
import os
import subprocess

from rig import OTPGWD, wait_until


def edit(daemon, old, new):
    with open(daemon.path("conf")) as f:
        text = f.read()
    assert old in text
    with open(daemon.path("conf"), "w") as f:
        f.write(text.replace(old, new, 1))


def test_good_file_counts(fresh, number):
    g = fresh()
    edit(g.daemon, "your code is", "the code is")
    g.daemon.reload()
    g.daemon.await_state("READY=1")
    to = number()
    g.daemon.client().do("OTP.SEND", to, "LANG", "en")
    assert "the code is" in g.smsc.sms(to=to).text


def test_bad_file_is_refused_whole(fresh, number):
    g = fresh()
    edit(g.daemon, "your code is", "the code is")
    edit(g.daemon, 'default_lang = "id";', 'default_lang = "xx"; nosuch = 1;')
    code, text = g.daemon.check()
    assert code == 1 and "nosuch" in text and "default_lang" in text
    g.daemon.reload()
    wait_until(lambda: "nosuch" in g.daemon.log(), what="the refusal in the log")
    to = number()
    g.daemon.client().do("OTP.SEND", to, "LANG", "en")
    assert "your code is" in g.smsc.sms(to=to).text


def test_sigterm_ends_with_0_and_unbinds(fresh):
    g = fresh()
    assert g.daemon.stop() == 0 and g.smsc.account()["unbinds"] == 1


def test_socket_in_use_by_a_live_daemon(fresh):
    g = fresh()
    run = subprocess.run([OTPGWD, "-c", g.daemon.path("conf")], capture_output=True, text=True, timeout=20)
    assert run.returncode == 1 and g.daemon.path("api.sock") in run.stderr
    assert g.daemon.client().do("PING") == "PONG"


def test_world_readable_key(fresh):
    g = fresh()
    os.chmod(g.daemon.path("code-1.key"), 0o644)
    code, text = g.daemon.check()
    assert code == 1 and "code-1.key" in text
