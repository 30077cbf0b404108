"""
README's server part and the recipes, typed as they are printed on a bare Debian with a systemd as PID 1. The tests of one
machine build upon each other, in the order of this file: what an operator does on the first day, and then later.
"""
import base64
import contextlib
import os
import re
import time

import pytest
import typed

CONF = "/etc/otpgwd/otpgwd.conf"
API = "/run/otpgwd/api.sock"
KEYS = 1000
BACKEND = f"sudo -u www-data redis-cli -s {API}"


@pytest.fixture
def up(machine):
    """The server as README leaves it; the tests before have made it."""
    if not getattr(machine, "installed", False):
        pytest.skip("README's server part did not end with an SMS")
    return machine


def until(machine, command, what, seconds=30):
    end = time.monotonic() + seconds
    while True:
        said = machine.type(command)
        if said.status == 0:
            return said.text
        assert time.monotonic() < end, f"{what}: {said.text[-2000:]}\n{journal(machine)}"
        time.sleep(0.2)


def journal(machine):
    return machine.as_root("journalctl --sync; journalctl -o cat -u otpgwd -n 20 2>&1 || true").text


def ask(machine, *words):
    return machine.type(" ".join((BACKEND, *words))).good().strip().splitlines()[-1].strip('"')


def send(machine, number):
    return ask(machine, "OTP.SEND", number, "PURPOSE login SUBJECT session-4711")


def sms_to(machine, number):
    """The code in the last SMS to this number."""
    text = until(machine, f"grep '^{number} ' phone", f"an SMS to {number}").splitlines()[-1]
    return re.search(r"kode Anda (\d{6})", text).group(1)


def proves(machine, number, vid=None):
    """From the request to the verdict: an SMS came, and its code is right."""
    vid = vid or send(machine, "0" + number[2:])
    assert ask(machine, "OTP.VERIFY", vid, sms_to(machine, number)) == "OK"


def kid(vid):
    return base64.urlsafe_b64decode(vid)[2]


def main_pid(machine):
    return machine.as_root("systemctl show -p MainPID --value otpgwd").good().split()[-1]


@pytest.mark.seconds(1200)
def test_readme_ends_with_an_sms(machine):
    """A Redis with nothing but an RDB was there before: it keeps every key, over a restart too."""
    machine.as_root("apt-get install -y --no-install-recommends redis-server redis-tools").good()
    machine.type(f"for i in $(seq {KEYS}); do echo SET key:$i $i; done | redis-cli > /dev/null; redis-cli SAVE").good()
    assert "no" in machine.type("redis-cli CONFIG GET appendonly").good().split()
    install, start, _ = typed.readme("Put it on a server")
    begun = time.monotonic()
    machine.type("set -v\n" + install, given="simulated\n", seconds=1000, MAKEFLAGS=f"-j{os.cpu_count()}").good()
    said = machine.type("set -v\n" + start)
    print(f"\ntyped in {time.monotonic() - begun:.0f} s")
    vid = said.good().strip().splitlines()[-1].strip('"')
    assert len(vid) == 52, said.text[-2000:]
    proves(machine, "6281234567890", vid)
    machine.installed = True
    assert "dbsize=1000" in machine.as_root("systemctl restart redis-server && echo dbsize=$(redis-cli DBSIZE | tr -dc 0-9)").good()
    proves(machine, "6281234567891")


def test_nothing_of_roots_in_the_build_folder(up):
    up.type("! find build -user root | grep .").good()


def test_monitoring_may_read(up):
    up.as_root("useradd -r prometheus").good()
    (group,) = set(re.findall(r"`(sudo usermod -aG otpgwd-stats prometheus)`", typed.read("README.md")))
    up.type(group).good()
    until(up, "sudo -u prometheus curl -sf --unix-socket /run/otpgwd/stats.sock http://localhost/readyz", "readyz")


def test_the_python_snippet(up):
    (snippet,) = typed.readme("Call it", "python")
    up.put("/home/op/snippet.py", snippet + "\nimport sys\nif len(sys.argv) == 2: print(send(sys.argv[1], 's', 'form-1'))\n"
           "else: print(verify(*sys.argv[1:]))\n", 0o644)
    run = "sudo -u www-data python3 /tmp/snippet.py"
    vid = up.type(f"cp ~/snippet.py /tmp/; {run} 081234567892").good().strip().splitlines()[-1]
    code = sms_to(up, "6281234567892")
    wrong = "000000" if code != "000000" else "111111"
    assert "INCORRECT attempts_left=4" in up.type(f"{run} {vid} {wrong}").good()
    assert up.type(f"{run} {vid} {code}").good().strip().endswith("OK")


@pytest.mark.seconds(300)
def test_rotating_a_code_key(up):
    """As the page says: what the old key made is verified until the page takes it away; then the new one does it all."""
    first, second, third = typed.page("man/otpgwd-cookbook.7", "Rotating a code key")
    old = send(up, "081234567893")
    typed.type_block(up, first).good()
    between = send(up, "081234567894")
    typed.type_block(up, second).good()
    proves(up, "6281234567893", old)
    proves(up, "6281234567894", between)
    new = send(up, "081234567895")
    assert [kid(v) for v in (old, between, new)] == [1, 1, 2]
    typed.type_block(up, third).good()
    proves(up, "6281234567895", new)
    proves(up, "6281234567896")


def test_another_password(up):
    (block,) = typed.page("man/otpgwd-cookbook.7", "Another password of an SMSC")
    before = main_pid(up)
    typed.type_block(up, block, given="another\n").good()
    assert main_pid(up) != before
    assert "another" in up.as_root("cat /run/credentials/otpgwd.service/otpgwd_smsc.password").good()
    proves(up, "6281234567897")


def test_check_sees_the_machine(up):
    """What lies there and nobody names, who cannot connect, and what the unit does not let through."""
    good = up.as_root(f"otpgwd --check -c {CONF}").good()
    assert f"{CONF}: good" in good and "warning: /etc" not in good and "cannot connect" not in good, good
    up.as_root("cp -p /etc/otpgwd/credentials/smsc.password /etc/otpgwd/credentials/old.password; useradd -r backend\n"
               f"sed 's/uid = .\"www-data\".;/uid = [\"www-data\", \"backend\"];/; s/host = \"127.0.0.1\"/host = \"203.0.113.7\"/' {CONF} > /etc/otpgwd/new.conf").good()
    said = up.as_root("otpgwd --check -c /etc/otpgwd/new.conf; rm /etc/otpgwd/credentials/old.password /etc/otpgwd/new.conf").good()
    assert "warning: /etc/otpgwd/credentials/old.password: no key of the configuration names this file" in said, said
    assert "warning: tenant web: user backend cannot connect to /run/otpgwd/api.sock" in said and "usermod -aG otpgwd backend" in said, said
    assert "user www-data cannot" not in said, said
    assert "warning: smsc main: 203.0.113.7 is outside" in said and "IPAddressAllow=203.0.113.7" in said, said


@contextlib.contextmanager
def edited(up, edit):
    """The configuration with a sed script's change, and then as it was; a service that failed by it runs again."""
    up.as_root(f"cp -p {CONF} /root/good && sed -i '{edit}' {CONF}").good()
    try:
        yield
    finally:
        up.as_root(f"cp -p /root/good {CONF}; ! systemctl -q is-failed otpgwd || systemctl restart otpgwd").good()


def complaints(up):
    lines = up.as_root("journalctl --sync; journalctl -o cat -u otpgwd -p err").good().splitlines()
    return [line for line in lines if line.startswith("app: ")]


FAULTS = [('s/^instance = .*/instance = "TOO_LONG_A_NAME";/', r"instance: found \"TOO_LONG_A_NAME\""),
          ('s/"index.key"/"nosuch.key"/', r"keys\.index: \S+/nosuch\.key: found no such file")]


@pytest.mark.parametrize("edit, told", FAULTS, ids=["value", "missing key"])
def test_not_valid_fails_at_once(up, edit, told):
    """One line with file, line and key; no start again, and clients are refused at once."""
    before = len(complaints(up))
    with edited(up, edit):
        begun = time.monotonic()
        assert up.as_root("systemctl restart otpgwd").status != 0
        until(up, "systemctl is-failed otpgwd", "failed")
        until(up, "! systemctl is-active otpgwd.socket otpgwd-stats.socket", "the sockets")
        print(f"\nfailed, sockets down: {time.monotonic() - begun:.1f} s")
        begun = time.monotonic()
        assert "onnect" in up.type(f"! timeout 10 {BACKEND} PING 2>&1").text
        print(f"a client is refused in {time.monotonic() - begun:.1f} s")
        shown = up.as_root("systemctl show -p NRestarts -p ExecMainStatus -p Result otpgwd; systemctl status otpgwd || true").good()
        assert "ExecMainStatus=78" in shown and "Result=exit-code" in shown and "NRestarts=0" in shown, shown
        assert re.search(rf"Status: \"{CONF}:\d+: {told}", shown), shown
        lines = complaints(up)[before:]
        assert len(lines) == 1 and re.match(rf"app: {CONF}:\d+: {told}", lines[0]), lines
    proves(up, "628123456791" + str(FAULTS.index((edit, told))))


METRIC = "curl -s --unix-socket /run/otpgwd/stats.sock http://localhost/metrics | grep '^otpgwd_config_last_reload_successful '"


def test_a_reload_with_a_fault_fails(up):
    """A fault of the file, and a change that needs a restart: systemctl reload says so, and the former file stays in force."""
    before = main_pid(up)
    for edit, told in (("1i nonsense = 1;", "nonsense"), ('s/^instance = .*/instance = "b";/', "needs a restart: instance")):
        with edited(up, edit):
            assert up.as_root("systemctl reload otpgwd").status != 0
            assert told in journal(up)
            assert main_pid(up) == before and ask(up, "PING") == "PONG"
            assert "successful 0" in up.as_root(METRIC).good()
        up.as_root("systemctl reload otpgwd").good()
        assert "successful 1" in up.as_root(METRIC).good()
    assert main_pid(up) == before
    proves(up, "6281234567920")


@pytest.mark.seconds(120)
def test_crashes_are_started_again(up):
    """Thirty crashes in a row, with clients that connect meanwhile: no limit of starts or triggers ends it."""
    waits = up.as_root(r'''
for i in $(seq 30); do
	until pid=$(systemctl show -p MainPID --value otpgwd); [ "$pid" -gt 1 ]; do sleep 0.01; done
	begun=$(date +%s%N)
	kill -9 $pid
	timeout 20 redis-cli -s /run/otpgwd/api.sock PING > /dev/null
	echo ms=$(( ($(date +%s%N) - begun) / 1000000 ))
done''', seconds=110).good()
    times = sorted(int(t) for t in re.findall(r"^ms=(\d+)", waits, re.M))
    assert len(times) == 30
    print(f"\nanswered after a crash: median {times[15]} ms, most {times[-1]} ms")
    assert up.as_root("systemctl is-active otpgwd otpgwd.socket otpgwd-stats.socket").status == 0
    proves(up, "6281234567930")


def test_a_redis_that_already_holds_data(up):
    """Its append-only file is turned on as the page says: it keeps every key."""
    (block,) = typed.page("man/otpgwd-cookbook.7", "A Redis that already holds data")
    typed.type_block(up, block).good()
    said = up.as_root("systemctl restart redis-server && until redis-cli PING | grep -q PONG; do sleep 0.1; done\n"
                      "redis-cli CONFIG GET appendonly; redis-cli CONFIG GET maxmemory-policy; echo dbsize=$(redis-cli DBSIZE | tr -dc 0-9)").good()
    assert f"dbsize={KEYS}" in said and "yes" in said.split() and "noeviction" in said.split(), said


def test_stopping(up):
    """The page's words stop it, for clients too; the service alone is started again by the next connect."""
    (block,) = typed.page("man/otpgwd-cookbook.7", "Stopping")
    up.as_root("systemctl stop otpgwd").good()
    assert ask(up, "PING") == "PONG"
    typed.type_block(up, block).good()
    assert "onnect" in up.type(f"! timeout 10 {BACKEND} PING 2>&1").text
    assert up.as_root("systemctl is-active otpgwd").status != 0
    up.as_root("systemctl start otpgwd").good()
    proves(up, "6281234567940")


def test_uninstall(up):
    up.type(typed.readme("Put it on a server")[2]).good()
    left = up.as_root("ls /usr/sbin/otpgwd /usr/lib/systemd/system/otpgwd* 2>/dev/null || true; ls /etc/otpgwd/credentials").good()
    assert "index.key" in left and "/" not in left, left
    up.type("! find build -user root | grep .").good()
