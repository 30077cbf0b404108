"""A process of a test: started, paused, killed and ended by its own handle, never by a name; and waiting for what it does."""
import os
import signal
import socket
import subprocess
import time

from machine import within


def wait_until(pred, seconds=10, what="condition"):
    """`seconds` are those of an idle machine."""
    start = time.monotonic()
    while True:
        value = pred()
        if value:
            return value
        assert within(start, seconds), f"waited {time.monotonic() - start:.0f} s for {what}"
        time.sleep(0.01)


def text_of(path):
    with open(path, errors="replace") as f:
        return f.read()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def quick_disk():
    """A file system in memory that has room, or None: on a disk that is busy a kill loses what `appendfsync everysec` promises."""
    try:
        room = os.statvfs("/dev/shm")
    except OSError:
        return None
    return "/dev/shm" if room.f_bavail * room.f_frsize > 1 << 30 and os.access("/dev/shm", os.W_OK) else None


class Process:
    proc = None

    def start_process(self, argv, log, env=None):
        with open(log, "ab") as out:
            self.proc = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env)

    def alive(self):
        return self.proc is not None and self.proc.poll() is None

    def signal(self, number):
        self.proc.send_signal(number)

    def kill(self):
        if self.alive():
            self.proc.kill()
            self.proc.wait(60)

    def stop(self, seconds=30):
        if self.alive():
            self.proc.send_signal(signal.SIGCONT)
            self.proc.terminate()
            wait_until(lambda: not self.alive(), seconds, "the end of " + self.proc.args[0])
        return self.proc.returncode if self.proc else None

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)
