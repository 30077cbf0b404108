"""processes: what a row of the benchmark starts, awaits, and asks the system about."""
import json
import os
import re
import shutil
import socket
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")
COUNTED = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")  # runs a program and counts its instructions
NOT_YET = "--instr-atstart=no"  # after COUNTED: nothing is counted until it is said


def cpu_of(pid):
    """User and system seconds of a process."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def rss_kb_of(pid):
    """Resident memory of a process in KiB."""
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))


def can_count():
    """Whether instructions can be counted here."""
    return bool(shutil.which("valgrind"))


def count(pid, state):
    """Counts the instructions of a program that was started with NOT_YET from now on ("on"), or no more ("off")."""
    subprocess.run(["callgrind_control", "-i", state, str(pid)], check=True, capture_output=True)


def text_of(path):
    with open(path, errors="replace") as f:
        return f.read()


def wait_for(test, what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if test():
            return
        time.sleep(0.01)
    raise SystemExit(f"bench: {what} did not come up")


def ran_all(argvs, watch, log=lambda: ""):
    """What loaders that run at the same time print, watched until the last of them has ended."""
    runs = [subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for argv in argvs]
    for i, run in enumerate(runs):
        watch.add(nth("loader", i), run.pid)
    results = []
    for run in runs:
        out, err = run.communicate()
        if run.returncode:
            raise SystemExit(f"bench: {os.path.basename(run.args[0])} failed: {err}{out}{log()}")
        results.append({**json.loads(out), "log": err})
    return results


def ran(argv, watch, log=lambda: ""):
    """What one loader prints, watched until it has ended."""
    return ran_all([argv], watch, log)[0]


def asked(path, commands):
    """The whole numbers that Redis answers to so many commands in one go, each a list of words; None for what is not there."""
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(path)
        s.sendall("".join(" ".join(words) + "\r\n" for words in commands).encode())
        with s.makefile("rb") as answers:
            lines = [answers.readline().decode().rstrip() for _ in commands]
    for line in lines:
        if not re.fullmatch(r":-?\d+|\$-1", line):
            raise SystemExit(f"bench: Redis answers {line}")
    return [int(line[1:]) if line[0] == ":" else None for line in lines]


def nth(name, i):
    """The first of several processes has the bare name."""
    return name if i == 0 else f"{name} {i + 1}"
