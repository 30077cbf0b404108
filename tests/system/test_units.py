"""The unit files and the installation."""
import os
import re
import stat
import subprocess

import pytest
import redis
from rig import ROOT, wait_until

UNITS = os.path.join(ROOT, "systemd")


def run(*argv):
    return subprocess.run(argv, capture_output=True, text=True, timeout=120, cwd=ROOT)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """make install into an empty folder."""
    dest = tmp_path_factory.mktemp("root")
    made = run("make", "install", f"DESTDIR={dest}")
    assert made.returncode == 0, made.stdout + made.stderr
    return dest


def test_exposure_is_at_most_one():
    made = run("systemd-analyze", "security", "--offline=true", "--threshold=10", f"{UNITS}/otpgwd.service")
    assert made.returncode == 0, made.stdout[-2000:]


@pytest.mark.parametrize("path, mode", [
    ("usr/sbin/otpgwd", 0o755), ("etc/otpgwd/otpgwd.conf", 0o640), ("usr/lib/systemd/system/otpgwd.service", 0o644),
    ("usr/lib/systemd/system/otpgwd.socket", 0o644), ("usr/lib/systemd/system/otpgwd-stats.socket", 0o644),
    ("usr/lib/sysusers.d/otpgwd.conf", 0o644), ("usr/lib/tmpfiles.d/otpgwd.conf", 0o644),
    ("usr/share/man/man8/otpgwd.8", 0o644), ("usr/share/man/man5/otpgwd.conf.5", 0o644),
    ("usr/share/man/man7/otpgwd-protocol.7", 0o644), ("usr/share/man/man7/otpgwd-cookbook.7", 0o644),
    ("etc/otpgwd/credentials", 0o700), ("etc/redis/redis-otpgwd.conf", 0o644), ("usr/share/doc/otpgwd/README.md", 0o644),
    ("usr/share/otpgwd/numbering/ID.conf", 0o644), ("usr/share/otpgwd/numbering/US.conf", 0o644)])
def test_install(tree, path, mode):
    assert stat.S_IMODE(os.stat(tree / path).st_mode) == mode


def test_the_sample_finds_the_plans_where_they_are_installed(tmp_path):
    """As the unit's sandbox shows them: /usr is bound read-only."""
    for prefix, says in (("/usr", '# directory = "/usr/share/otpgwd/numbering";'), ("/usr/local", 'directory = "/usr/local/share/otpgwd/numbering";')):
        root = tmp_path / prefix.strip("/").replace("/", "-")
        assert run("make", "install", f"DESTDIR={root}", f"PREFIX={prefix}").returncode == 0
        assert f"\n\t{says}\n" in (root / "etc/otpgwd/otpgwd.conf").read_text()
        assert len(os.listdir(f"{root}{prefix}/share/otpgwd/numbering")) > 240
    (bound,) = value_of("otpgwd.service", "BindReadOnlyPaths")
    assert "/usr" in bound.split()


def test_install_keeps_an_edited_configuration(tree):
    conf = tree / "etc/otpgwd/otpgwd.conf"
    conf.write_text(conf.read_text() + "# edited\n")
    assert run("make", "install", f"DESTDIR={tree}").returncode == 0
    assert conf.read_text().endswith("# edited\n")


def built_files():
    folder = os.environ.get("OTPGWD_BUILD", os.path.join(ROOT, "build/release"))
    found = {}
    for at, _, names in os.walk(os.path.dirname(folder)):
        for name in names:
            st = os.stat(os.path.join(at, name))
            found[os.path.join(at, name)] = (st.st_uid, st.st_mtime_ns, st.st_ino)
    return found


def test_install_writes_nothing_into_the_build_folder(tree):
    """Other flags, as sudo has them, are no reason to build anew; and uninstall takes what install brought."""
    before = built_files()
    assert before
    for goal in ("install", "uninstall"):
        made = run("env", "CFLAGS=-DOTHER", "make", goal, f"DESTDIR={tree}")
        assert made.returncode == 0, made.stdout + made.stderr
        assert built_files() == before
    left = {os.path.relpath(os.path.join(at, name), tree) for at, _, names in os.walk(tree) for name in names}
    assert left == {"etc/otpgwd/otpgwd.conf", "etc/redis/redis-otpgwd.conf"}
    assert not [at for at, _, _ in os.walk(tree) if os.path.basename(at) in ("otpgwd", "numbering") and "/share/" in at], "empty folders"
    assert run("make", "install", f"DESTDIR={tree}").returncode == 0


@pytest.mark.skipif(os.getuid() != 0, reason="only root is kept from building")
def test_root_installs_only_what_was_built(tmp_path):
    made = run("make", "install", f"BUILD={tmp_path}/build", f"DESTDIR={tmp_path}/root")
    assert made.returncode != 0 and 'run "make" first' in made.stderr, made.stdout + made.stderr
    assert not os.path.exists(tmp_path / "build")


def test_what_is_missing_has_the_compiler(tmp_path):
    """No compiler, or no library: the hint is whole."""
    for missing in ({"CC": "nosuch-cc"}, {"PKG_CONFIG_LIBDIR": str(tmp_path), "PKG_CONFIG_PATH": ""}):
        made = run("env", *(f"{k}={v}" for k, v in missing.items()), "make", "-e", "headers", f"BUILD={tmp_path}/build")
        assert made.returncode != 0, made.stdout
        hint = next(line for line in made.stderr.splitlines() if "apt-get install" in line).split()
        assert {"gcc", "libc6-dev", "pkg-config", "libhiredis-dev"} <= set(hint)


def value_of(unit, key):
    with open(f"{UNITS}/{unit}") as f:
        return re.findall(rf"^{key}=(.*)$", f.read(), re.M)


def test_a_wrong_configuration_is_no_crash():
    """Status 78 is not started again, and takes the sockets with it; a crash is, in 100 ms, as often as it takes."""
    service = "otpgwd.service"
    assert value_of(service, "RestartPreventExitStatus") == ["78"]
    assert value_of(service, "Restart") == ["always"] and value_of(service, "RestartSec") == ["100ms"]
    assert value_of(service, "StartLimitIntervalSec") == ["0"]
    (after,) = value_of(service, "ExecStopPost")
    assert "78" in after and "IGNORE_CHROOT=1" in after and "stop otpgwd.socket otpgwd-stats.socket" in after
    for unit in ("otpgwd.socket", "otpgwd-stats.socket"):
        assert value_of(unit, "TriggerLimitIntervalSec") == ["0"]


def test_a_reload_waits_for_the_daemon():
    """What it refuses fails systemctl reload: a fault of the file, and a change that needs a restart."""
    assert value_of("otpgwd.service", "ExecReload") == ["/usr/sbin/otpgwd --reload $MAINPID"]


def test_credentials_are_a_folder():
    """Whatever lies in it is loaded; the folder is made by tmpfiles.d and by make install."""
    assert value_of("otpgwd.service", "LoadCredential") == ["otpgwd:/etc/otpgwd/credentials"]
    with open(f"{UNITS}/tmpfiles.d/otpgwd.conf") as f:
        assert "\nd /etc/otpgwd/credentials 0700 root root -\n" in f.read()


def answers(r):
    try:
        return r.ping()
    except redis.RedisError:
        return False


def test_the_redis_of_its_own(tmp_path):
    """The shipped configuration, with its paths moved: a Unix socket, an append-only file, nothing evicted; durable."""
    with open(os.path.join(ROOT, "conf/redis-otpgwd.conf")) as f:
        text = f.read()
    with open(os.path.join(ROOT, "conf/otpgwd.conf")) as f:
        assert re.search(r"^unixsocket (\S+)$", text, re.M).group(1) in f.read()
    text = text.replace("/run/redis-otpgwd", str(tmp_path)).replace("/var/lib/redis", str(tmp_path)).replace("supervised systemd\n", "")
    (tmp_path / "redis.conf").write_text(text)
    with subprocess.Popen(["redis-server", tmp_path / "redis.conf"], stdout=subprocess.DEVNULL, cwd=tmp_path) as server:
        try:
            path = str(tmp_path / "redis-server.sock")
            wait_until(lambda: os.path.exists(path) and stat.S_IMODE(os.stat(path).st_mode) == 0o770, what="the socket of mode 0770")
            r = redis.Redis(unix_socket_path=path, decode_responses=True)
            wait_until(lambda: answers(r), what="Redis")
            said = r.config_get("*")
            want = {"port": "0", "appendonly": "yes", "maxmemory-policy": "noeviction", "save": ""}
            assert {k: said[k] for k in want} == want
            r.set("a", 1)
            assert os.path.isdir(tmp_path / "otpgwd-aof")
        finally:
            server.terminate()


def test_units_name_the_sockets_of_the_sample():
    with open(os.path.join(ROOT, "conf/otpgwd.conf")) as f:
        conf = f.read()
    for unit, name in (("otpgwd.socket", "api"), ("otpgwd-stats.socket", "stats")):
        with open(os.path.join(UNITS, unit)) as f:
            text = f.read()
        assert f"FileDescriptorName={name}\n" in text
        assert re.search(r"ListenStream=(\S+)", text).group(1) in conf


def test_tmpfiles_and_sysusers_are_read(tmp_path):
    assert run("systemd-sysusers", "--dry-run", f"{UNITS}/sysusers.d/otpgwd.conf").returncode == 0


def test_the_lock_lies_where_restarts_leave_it():
    """In a directory of the service's own that is kept, and not in that of the activated sockets, which are the manager's."""
    with open(f"{UNITS}/otpgwd.service") as f:
        unit = f.read()
    folders = re.findall(r"^RuntimeDirectory=(.*)$", unit, re.M)
    assert len(folders) == 1 and folders[0] != "otpgwd"
    assert "RuntimeDirectoryPreserve=yes\n" in unit and "RuntimeDirectoryMode=0700\n" in unit
    with open(os.path.join(ROOT, "conf/otpgwd.conf")) as f:
        assert f'# lock = "/run/{folders[0]}/lock";' in f.read()
