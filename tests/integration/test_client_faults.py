"""Clients at fault, under load: nothing acknowledged is lost or doubled, others are served, all is normal again soon."""
import contextlib
import os
import resource
import socket
import subprocess
import threading
import time

import pytest
from rig import OTPGWD, Error, wait_until

MIB_KB = 1024
CROWD = [("# max_clients = 1000;", "max_clients = 12000;"), ("# max_clients_per_uid = 500;", "max_clients_per_uid = 12000;")]


@contextlib.contextmanager
def meanwhile(work):
    """`work` again and again in a thread, until the block ends."""
    done = threading.Event()

    def run():
        while not done.is_set():
            work()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(60)
    assert not thread.is_alive()


def sent_once(g, numbers, seconds=20):
    wait_until(lambda: {s.to for s in g.smsc.history()} >= set(numbers), seconds, "every SMS")
    assert all(sum(s.to == to for s in g.smsc.history()) == 1 for to in numbers)


def acknowledged(client, numbers):
    """Their ids. What is refused because Redis is slow, on a busy machine or as a Cluster, is asked again, as a client should."""
    ids = {}

    def all_taken():
        rest = [to for to in numbers if to not in ids]
        for to, reply in zip(rest, client.many([("OTP.SEND", to, "REQID", "r" + to) for to in rest])):
            if isinstance(reply, Error):
                assert reply.code in ("OVERLOADED", "UNAVAILABLE"), reply
            else:
                ids[to] = reply
        return len(ids) == len(numbers)

    wait_until(all_taken, 20, "ids")
    return ids


def test_slow_reader_and_slow_loris(story, number):
    """34: one asks and fetches nothing, others write an octet now and then. What was acknowledged, read or not, is sent once."""
    s = story()
    g = s.g
    before = g.daemon.rss_kb()
    slow, asked = g.daemon.client(timeout=0.5), 0
    with contextlib.suppress(ConnectionError, TimeoutError):
        while asked < 20000:
            slow.send("OTP.SEND", number(), "REPLY", "FULL")
            asked += 1
    assert 100 < asked < 20000, "somebody reads on for a client that fetches nothing"
    loris = [g.daemon.client() for _ in range(100)]
    octets = iter(b"*2\r\n$8\r\nOTP.SEND\r\n$4000\r\n" + b"6" * 1000)

    def drip():
        octet = bytes([next(octets)])
        for c in loris:
            with contextlib.suppress(ConnectionError):
                c.raw(octet)
        time.sleep(0.02)

    with meanwhile(drip):
        s.load.more(500)
        s.normal_within(5)
        wait_until(lambda: g.daemon.metric('otpgwd_connections_closed_total{reason="request_timeout"}') == 100, 15, "the loris gone")
    assert g.daemon.rss_kb() - before < 64 * MIB_KB
    first = slow.reply()
    assert first[0] == "id" and len(first[1]) == 52
    slow.close()
    s.normal_within(5)
    s.end(refusals=("OVERLOADED",))
    created = g.daemon.step("created") + g.daemon.step("resent")
    wait_until(lambda: len(g.smsc.history()) == created, what="each acknowledged SEND sent once")


def test_flood_huge_frames_and_idle_crowd(story):
    """35: ten thousand that say nothing, requests as large as they may be and larger, and more SENDs than are served."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    idle = min(10000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 500)
    s = story(replace=CROWD, log_level="info")
    g = s.g
    before = g.daemon.rss_kb()
    crowd = []
    for _ in range(idle):
        c = socket.socket(socket.AF_UNIX)
        c.connect(g.daemon.api)
        crowd.append(c)
    largest = b"*64\r\n" + (b"$250\r\n" + b"x" * 250 + b"\r\n") * 64

    def frames():
        c = g.daemon.client()
        c.raw(largest * 20)
        assert {str(c.reply())[:4] for _ in range(20)} == {"ERR "}
        c.raw(b"*2\r\n$4\r\nECHO\r\n$4294967295\r\n")
        assert str(c.reply()).startswith("ERR Protocol error")
        c.close()

    program = os.path.join(os.path.dirname(OTPGWD), "tests/bench/overload")
    flood = subprocess.Popen([program, g.daemon.api, "4", "50000000", "4000:5"], stdout=subprocess.DEVNULL)
    with meanwhile(frames):
        s.load.more(500)
        assert g.daemon.json()["clients"] >= idle
        flood.wait(60)
    assert g.daemon.rss_kb() - before < 64 * MIB_KB
    for c in crowd:
        c.close()
    s.normal_within(2)
    wait_until(lambda: g.daemon.json()["clients"] < 10, what="the crowd gone")
    s.end(refusals=("OVERLOADED", "UNAVAILABLE"), at_once=3)
    wait_until(lambda: len(g.smsc.history()) >= g.daemon.step("created"), what="each acknowledged SEND sent")
    assert len({sms.to for sms in g.smsc.history()}) == len(g.smsc.history()), "none twice"


def test_vanishes_and_asks_another_instance(story, number):
    """36: the connection is gone before the answer; the same REQID at the other instance gives the one verification."""
    s = story()
    g = s.g
    other = g.join("b")
    numbers = [number() for _ in range(200)]
    c = other.client()
    ids = []
    for to in numbers:
        gone = g.daemon.client()
        gone.send("OTP.SEND", to, "REQID", "r" + to)
        gone.close()
        ids.append(c.do("OTP.SEND", to, "REQID", "r" + to))
    assert len(set(ids)) == len(numbers)
    sent_once(g, numbers)
    assert [g.daemon.client().do("OTP.SEND", to, "REQID", "r" + to) for to in numbers] == ids, "either instance tells the same"
    codes = {sms.to: sms.code for sms in g.smsc.history()}
    assert c.many([("OTP.VERIFY", vid, codes[to]) for vid, to in zip(ids, numbers)]) == ["OK"] * len(numbers)
    s.normal_within(2)
    s.end(refusals=())
    sent_once(g, numbers)


def test_an_instance_vanishes_with_requests_in_flight(story, number):
    """36: the instance is gone before the answer; by REQID the other one has it, and the SMS goes out once, or twice at most
    where the dead one had written it."""
    s = story(load={"batch": 1})
    g = s.g
    other = g.join("b", replace=[("# store: { partitions = 256; lease_ms = 5000; write_version = 0; };", "store: { lease_ms = 1000; };")])
    s.load.stop()
    s.watch.stop()
    third = g.join("c", replace=[("# store: { partitions = 256; lease_ms = 5000; write_version = 0; };", "store: { lease_ms = 1000; };")])
    numbers = [number() for _ in range(300)]
    c = third.client()
    c.raw(b"".join(c.pack("OTP.SEND", to, "REQID", "r" + to) for to in numbers))
    c.reply()
    third.kill()
    g.daemons.remove(third)
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            c.reply()
    ids = acknowledged(other.client(), numbers)
    assert len(set(ids.values())) == len(numbers)
    wait_until(lambda: {sms.to for sms in g.smsc.history()} >= set(numbers), 15, "every SMS")
    twice = sum(sum(sms.to == to for sms in g.smsc.history()) - 1 for to in numbers)
    assert twice <= 100, "no more than the window of the dead one"
    s.normal_within(5)
