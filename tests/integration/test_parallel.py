"""One code, many who type it at once. OTPGWD_FULL=1: 10,000 codes instead of 300."""
import os

import pytest
from rig import wrong

CODES = 10000 if os.environ.get("OTPGWD_FULL") else 300


def race(clients, vid, codes):
    for i, code in enumerate(codes):
        clients[i % len(clients)].send("OTP.VERIFY", vid, code)
    return [clients[i % len(clients)].reply() for i in range(len(codes))]


@pytest.fixture
def crowd(gw):
    clients = [gw.daemon.client(30) for _ in range(32)]
    yield clients
    for c in clients:
        c.close()


@pytest.mark.seconds(900)
def test_32_right_answers_one_ok(gw, client, number, crowd):
    for at in range(0, CODES, 100):
        numbers = [number() for _ in range(100)]
        ids = dict(zip(numbers, client.many([("OTP.SEND", to) for to in numbers])))
        for _ in numbers:
            sms = gw.smsc.sms()
            while sms.to not in ids:
                sms = gw.smsc.sms()
            replies = race(crowd, ids[sms.to], [sms.code] * 32)
            assert replies.count("OK") == 1 and {r.code for r in replies if r != "OK"} == {"USED"}


def test_1000_wrong_answers_five_judged(gw, client, number, crowd):
    """And the right one after them is refused."""
    to = number()
    vid = client.do("OTP.SEND", to)
    code = gw.smsc.sms(to=to).code
    replies = race(crowd, vid, [f"{(int(code) + 1 + i) % 10**6:06d}" for i in range(1000)])
    judged = [r.fields["attempts_left"] for r in replies if r.code == "INCORRECT"]
    assert sorted(judged, reverse=True) == ["4", "3", "2", "1", "0"]
    assert sum(r.code == "EXHAUSTED" for r in replies) == 995
    assert client.fails("OTP.VERIFY", vid, code).code == "EXHAUSTED" and client.status(vid)["attempts_left"] == "0"


def test_right_and_wrong_at_once(gw, client, number, crowd):
    """At most five wrong ones are judged, at most one right one, and never one after the other's end."""
    for _ in range(20):
        to = number()
        vid = client.do("OTP.SEND", to)
        code = gw.smsc.sms(to=to).code
        guesses = [code if i % 4 == 3 else wrong(code, i + 1) for i in range(64)]  # equal wrong ones would count once
        replies = race(crowd, vid, guesses)
        incorrect = sum(r != "OK" and r.code == "INCORRECT" for r in replies)
        assert (replies.count("OK"), incorrect == 5) in ((1, False), (0, True))


def test_sends_of_one_number_at_once(gw, client, number, crowd):
    """Equal requests from 32 connections: one verification, one SMS."""
    for _ in range(10):
        to, marker = number(), number()
        for c in crowd:
            c.send("OTP.SEND", to)
        assert len({c.reply() for c in crowd}) == 1
        client.do("OTP.SEND", marker)
        while (sms := gw.smsc.sms()).to != marker:
            assert sms.to == to
        assert sum(s.to == to for s in gw.smsc.history()) == 1
