"""
A bare Debian with a systemd as PID 1: namespaces of its own (pid, mount, network, uts, ipc, cgroup) over an overlay that is
thrown away. The base lies outside the tree and is kept: a minimal system, and the packages that "make deps" asks for as
files, so that a machine needs no network. OTPGWD_MACHINES names the folder of the bases (default: ~/.cache/otpgwd/machines).
What is real: units, credentials, socket activation, sandboxing, the address filter.
"""
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
BASES = os.environ.get("OTPGWD_MACHINES") or os.path.join(os.path.expanduser("~"), ".cache/otpgwd/machines")
MIRROR = "http://deb.debian.org/debian"
BARE = "systemd,systemd-sysv,dbus,sudo,ca-certificates,git,make,iproute2,procps"
USER = "op"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Becomes the machine, which ends with the tests: $1 the base, $2 $3 the overlay's layers, $4 its root, $5 the cgroup.
BOOT = r"""
echo $$ > "$5/cgroup.procs" || exit 77
exec setpriv --pdeathsig KILL unshare --pid --mount --net --uts --ipc --cgroup --fork --kill-child bash -ec '
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2,workdir=$3" "$4"
cd "$4"
: > etc/resolv.conf
printf "127.0.0.1 localhost\n127.0.1.1 otpbox\n" > etc/hosts
mount -t proc proc proc
mount -t sysfs sysfs sys
umount -R sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8
mknod -m 666 dev/urandom c 1 9
mknod -m 666 dev/tty c 5 0
mknod -m 600 dev/console c 1 3
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
for n in 0 1 2; do ln -s /proc/self/fd/$n dev/$(echo stdin stdout stderr | cut -d " " -f $((n + 1))); done
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mkdir -p old
pivot_root . old
umount -l /old
mount --make-rshared /
hostname otpbox
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=linux container=other LANG=C.UTF-8 \
	/lib/systemd/systemd --log-target=console --unit=multi-user.target --show-status=no
' x "$1" "$2" "$3" "$4"
"""


class Unavailable(Exception):
    """Such a machine cannot be had here; the text says why."""


def run(*argv, **more):
    return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **more)


def wanted(what, made):
    if made.returncode:
        raise Unavailable(f"{what}: {(made.stdout + made.stderr).strip()[-300:]}")
    return made


def packages():
    """What "make deps" installs."""
    made = run("make", "-s", "--no-print-directory", "--eval=list-packages: ; @echo $(PACKAGES)", "list-packages", cwd=ROOT)
    return wanted("make", made).stdout.split()


def download(base):
    """The packages as files, and the lists by which apt knows them."""
    names = packages()
    have = os.path.join(base, ".packages")
    if os.path.exists(have):
        with open(have) as f:
            if f.read().split() == names:
                return
    shutil.copy("/etc/resolv.conf", f"{base}/etc/resolv.conf")
    settings = [line for line in run("apt-config", "dump").stdout.splitlines() if line.startswith("Acquire::")]
    with open(f"{base}/etc/apt/apt.conf.d/90host", "w") as f:
        f.write("\n".join(settings) + "\n")
    env = {**os.environ, "PATH": PATH, "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    wanted("apt-get update", run("chroot", base, "apt-get", "update", "-q", env=env))
    wanted("apt-get install --download-only", run("chroot", base, "apt-get", "install", "-q", "-y", "--download-only",
                                                  "--no-install-recommends", *names, env=env))
    with open(have, "w") as f:
        f.write(" ".join(names))


def base_of(suite):
    """The folder of the base; made if it is not there. One process at a time."""
    if os.geteuid() != 0:
        raise Unavailable("needs root")
    for tool in ("debootstrap", "unshare", "nsenter", "setpriv", "chroot"):
        if not shutil.which(tool, path=PATH):
            raise Unavailable(f"{tool} is not installed")
    os.makedirs(BASES, exist_ok=True)
    base = os.path.join(BASES, suite)
    with open(f"{base}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(f"{base}/.done"):
            shutil.rmtree(base, ignore_errors=True)
            wanted(f"debootstrap of {suite}", run("debootstrap", "--variant=minbase", f"--include={BARE}", suite, base, MIRROR))
            wanted("useradd", run("chroot", base, "useradd", "-m", "-s", "/bin/bash", USER))
            with open(f"{base}/etc/sudoers.d/{USER}", "w") as f:
                f.write(f"{USER} ALL=(ALL) NOPASSWD: ALL\n")
            os.chmod(f"{base}/etc/sudoers.d/{USER}", 0o440)
            with open(f"{base}/etc/hostname", "w") as f:
                f.write("otpbox\n")
            with open(f"{base}/.done", "w"):
                pass
        download(base)
    return base


class Machine:
    def __init__(self, suite):
        self.base = base_of(suite)
        controllers = [c for c in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified") if os.path.exists(f"{c}/cgroup.controllers")]
        if not controllers:
            raise Unavailable("no cgroup2")
        self.work = tempfile.mkdtemp(prefix="otpgwd-machine.", dir="/var/tmp")
        self.group = f"{controllers[0]}/{os.path.basename(self.work)}"
        self.proc, self.init = None, None
        try:
            self.boot()
        except BaseException:
            self.close()
            raise

    def boot(self):
        for name in ("up", "wk", "root"):
            os.mkdir(f"{self.work}/{name}")
        try:
            os.mkdir(self.group)
        except OSError as e:
            raise Unavailable(f"no cgroup of its own: {e}") from e
        with open(f"{self.work}/console", "wb") as console:
            self.proc = subprocess.Popen(["bash", "-c", BOOT, "x", self.base, *(f"{self.work}/{n}" for n in ("up", "wk", "root")),
                                          self.group], stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        self.until(self.find_init, "systemd does not start")
        self.until(lambda: self.as_root("systemctl is-system-running").text.split()[-1] in ("running", "degraded"),
                   "systemd does not come up")

    def until(self, done, what, seconds=20):
        end = time.monotonic() + seconds
        while not done():
            if self.proc.poll() is not None or time.monotonic() > end:
                with open(f"{self.work}/console", errors="replace") as f:
                    raise Unavailable(f"{what}: {f.read()[-300:]}")
            time.sleep(0.1)

    def find_init(self):
        """The process of the machine's cgroup that is PID 1 inside and has become systemd."""
        for folder, _, _ in os.walk(self.group):
            with open(f"{folder}/cgroup.procs") as f:
                for pid in f.read().split():
                    try:
                        with open(f"/proc/{pid}/status") as status:
                            inside = [line.split()[-1] for line in status if line.startswith("NSpid:")]
                        if inside == ["1"] and os.readlink(f"/proc/{pid}/exe").endswith("/systemd"):
                            self.init = pid
                            return True
                    except OSError:
                        continue
        return False

    def type(self, text, user=USER, given="", seconds=300, **env):
        """Types text into a shell of the user, that ends with the first command that fails; "given" is what is typed when asked."""
        home = "/root" if user == "root" else f"/home/{user}"
        more = [f"{k}={v}" for k, v in env.items()]
        argv = ["nsenter", "-t", self.init, "-p", "-m", "-n", "-u", "-i", "-C", "-r", "-w", "env", "-i", f"PATH={PATH}", f"HOME={home}",
                f"USER={user}", "LANG=C.UTF-8", "TERM=dumb", "SYSTEMD_PAGER=cat", "SYSTEMD_COLORS=0", "DEBIAN_FRONTEND=noninteractive",
                *more, "setpriv", "--reuid", user, "--regid", user, "--init-groups",
                "bash", "-ec", f"cd {home}/otpgwd 2>/dev/null || cd {home}\n{text}"]
        # A file, not a pipe: what is left running in the background holds it. A group of its own, so that it can be ended.
        with tempfile.TemporaryFile("w+", errors="replace") as out:
            with subprocess.Popen(argv, stdin=subprocess.PIPE, text=True, stdout=out, stderr=out, start_new_session=True) as shell:
                try:
                    shell.communicate(given, timeout=seconds)
                except BaseException:
                    os.killpg(shell.pid, signal.SIGKILL)
                    raise
            out.seek(0)
            return Said(text, shell.returncode, out.read())

    def as_root(self, text, **more):
        return self.type(text, user="root", **more)

    def bring(self):
        """The checkout as it stands, to the user's home."""
        tar = f"{self.work}/tree.tar"
        names = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True).stdout
        there = b"\0".join(n for n in names.split(b"\0") if n and os.path.exists(os.path.join(ROOT.encode(), n)))
        subprocess.run(["tar", "-cf", tar, "--null", "-T", "-"], cwd=ROOT, input=there, check=True)
        folder = f"/proc/{self.init}/root/home/{USER}/otpgwd"
        os.mkdir(folder)
        subprocess.run(["tar", "-xf", tar, "-C", folder], check=True)
        os.remove(tar)
        assert self.as_root(f"chown -R {USER}:{USER} /home/{USER}/otpgwd").status == 0

    def put(self, path, text, mode=0o755):
        with open(f"/proc/{self.init}/root{path}", "w") as f:
            f.write(text)
        os.chmod(f"/proc/{self.init}/root{path}", mode)

    def close(self):
        if self.init:
            try:
                os.kill(int(self.init), 9)
            except ProcessLookupError:
                pass
        if self.proc:
            if not self.init:
                self.proc.kill()
            self.proc.wait(20)
        for folder, _, _ in os.walk(self.group, topdown=False):
            for _ in range(50):
                try:
                    os.rmdir(folder)
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.1)
        shutil.rmtree(self.work, ignore_errors=True)


class Said:
    """What a command answered: its status, and all that it wrote."""

    def __init__(self, command, status, text):
        self.command, self.status, self.text = command, status, text

    def good(self):
        assert self.status == 0, f"status {self.status} of:\n{self.command}\nIt said:\n{self.text[-4000:]}"
        return self.text
