"""The n-th allocation of a daemon fails: armed by a file that the daemon maps too (nomem.c), so at a chosen moment."""
import mmap
import os
import re
import struct
import subprocess
import time

FULL = bool(os.environ.get("OTPGWD_FULL"))
# libconfig 1.5 looks at no allocation of its own: not one may fail.
SPARED = os.environ.get("NOMEM_SPARE", "libconfig.:")
LIBRARY = os.path.join(os.environ["OTPGWD_BUILD"], "tests/nomem/nomem.so")


class Fault:
    """struct control of nomem.c: seen, from, run, failed."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "nomem")
        with open(self.path, "wb") as f:
            f.write(bytes(32))
        with open(self.path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 32)

    def under(self):
        """What starts the daemon."""
        return ["env", f"LD_PRELOAD={os.environ.get('NOMEM_BEFORE', '')}{LIBRARY}", f"NOMEM_CONTROL={self.path}", f"NOMEM_SPARE={SPARED}"]

    def arm(self, n, run=1):
        self.map[8:16] = bytes(8)
        self.map[24:32] = self.map[0:8] = bytes(8)
        self.map[16:24] = struct.pack("Q", run)
        self.map[8:16] = struct.pack("Q", n)

    def disarm(self):
        """How many allocations failed."""
        self.map[8:16] = bytes(8)
        return self.failed

    @property
    def seen(self):
        return struct.unpack("Q", self.map[0:8])[0]

    @property
    def failed(self):
        return struct.unpack("Q", self.map[24:32])[0]

    def settle(self, seconds=2.0):
        """Until the daemon allocates no more."""
        end, last, since = time.monotonic() + seconds, -1, time.monotonic()
        while time.monotonic() < end:
            if self.seen != last:
                last, since = self.seen, time.monotonic()
            elif time.monotonic() - since > 0.03:
                return
            time.sleep(0.002)

    def trace(self):
        """Where the last allocation failed, by function and line."""
        try:
            with open(self.path + ".trace") as f:
                last = f.read().rsplit("--- ", 1)[-1]
        except OSError:
            return "no allocation failed"
        return re.sub(r"(\S*otpgwd)\(\+(0x[0-9a-f]+)\)", self.line, last)

    @staticmethod
    def line(match):
        run = subprocess.run(["addr2line", "-sfe", match[1], match[2]], capture_output=True, text=True)
        return run.stdout.replace("\n", " ") or match[0]


def steps(count, few):
    """Which n to walk: all of them, or `few` spread over them; the first ones always."""
    if FULL or count <= few:
        return list(range(1, count + 1))
    return sorted({1 + i * (count - 1) // (few - 1) for i in range(few)})
