"""Signals that ask for a reload faster than one is done: each was served before anything else, and no client was any more."""
import signal
import threading
import time

from rig import wait_until


def test_clients_are_served(fresh):
    g = fresh(log_level="info")
    done = threading.Event()

    def ask():
        while not done.is_set():
            g.daemon.signal(signal.SIGHUP)
            time.sleep(0.0002)  # or the kernel makes one of several

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    try:
        wait_until(lambda: g.daemon.log().count("app: reloaded") >= 20, what="reloads")
        c = g.daemon.client()
        for _ in range(50):
            assert c.do("PING") == "PONG"
    finally:
        done.set()
        asking.join()
    before = g.daemon.log().count("app: reloaded")
    g.daemon.signal(signal.SIGHUP)
    wait_until(lambda: g.daemon.log().count("app: reloaded") > before, what="one more")
