"""The unit files and the installation."""
import os
import re
import stat
import subprocess

import pytest
from rig import ROOT

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
    ("usr/share/man/man7/otpgwd-protocol.7", 0o644), ("usr/share/doc/otpgwd/README.md", 0o644)])
def test_install(tree, path, mode):
    assert stat.S_IMODE(os.stat(tree / path).st_mode) == mode


def test_install_keeps_an_edited_configuration(tree):
    conf = tree / "etc/otpgwd/otpgwd.conf"
    conf.write_text(conf.read_text() + "# edited\n")
    assert run("make", "install", f"DESTDIR={tree}").returncode == 0
    assert conf.read_text().endswith("# edited\n")


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
