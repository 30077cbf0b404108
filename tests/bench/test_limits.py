"""What limits.py says of shares, rates and windows; and that it sees a process that computes."""
import subprocess
import sys
import threading

import pytest
from limits import FULL, Watch, faults, judge


@pytest.mark.parametrize("shares, settings, kind, words", [
    ({"otpgwd": (0.97, 0.98), "redis-server": (0.5, 0.6)}, {}, "core", "otpgwd 97 %"),
    ({"otpgwd": (0.5, 0.98), "redis-server": (0.5, 0.6)}, {}, "machine", "otpgwd 50 % (ready for 98 %)"),
    ({"otpgwd": (0.9, 0.98), "load": (0.4, 0.99)}, {"per_s": 1000, "rate": 1000}, "core", "a core: otpgwd 90 %"),
    ({"otpgwd": (0.3, 0.4)}, {"per_s": 9990, "rate": 10000}, "rate", "smsc.rate, 10000"),
    ({"otpgwd": (0.3, 0.4)}, {"per_s": 5000, "rate": 10000, "window": 100, "window_used": 97}, "window", "window of the bind, 100"),
    ({"otpgwd": (0.3, 0.4)}, {"per_s": 5000, "rate": 10000, "window": 100, "window_used": 20, "lives": 50}, "loader", "50 under way"),
    ({"otpgwd": (0.3, 0.4)}, {"per_s": 5000, "rate": 10000, "idle": 0.02}, "machine", "all of whose cores are in use: otpgwd 30 %"),
    ({"otpgwd": (0.3, 0.4)}, {"per_s": 9990, "rate": 10000, "idle": 0.02}, "rate", "smsc.rate"),
])
def test_what_is_said(shares, settings, kind, words):
    limit = judge(shares, **settings)
    assert limit["kind"] == kind and words in limit["limit"], limit


def test_a_setting_is_a_fault_unless_the_row_is_about_it():
    rate, core = judge({"a": (0.1, 0.1)}, per_s=FULL * 100, rate=100), judge({"a": (1.0, 1.0)})
    assert faults({"1": core, "6": {**rate, "asked": True}}) == []
    assert faults({"1": judge({"a": (0.3, 1.0)})}) == []
    (told,) = faults({"1": rate})
    assert told.startswith("1: ") and "smsc.rate" in told


@pytest.mark.parametrize("code, busy", [("while True: pass", True), ("import time; time.sleep(600)", False)])
def test_a_process_that_computes_is_seen(code, busy):
    """Beside others it gets less of a core, but is ready for all of it."""
    child = subprocess.Popen([sys.executable, "-c", f"print('here', flush=True)\n{code}"], stdout=subprocess.PIPE)
    looks = threading.Semaphore(0)
    try:
        assert child.stdout.readline()
        with Watch(child=child.pid, gauge=lambda: looks.release() or 7) as w:
            for _ in range(3):
                looks.acquire()
    finally:
        child.kill()
        child.wait()
    assert busy or w.limit(window=8, window_used=1, idle=1)["kind"] == "loader"
    limit = w.limit(window=7)
    assert limit["kind"] in (("core", "machine") if busy else ("window",)), limit
