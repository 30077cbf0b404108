"""A telco that refuses, is silent, or dies: every acknowledged request is sent or reported failed, with no restart."""
import pytest
from rig import wait_until


def settled(client, vid, *states):
    wait_until(lambda: client.status(vid)["delivery"] in states, 20, f"{states}: {client.status(vid)}")
    return client.status(vid)


@pytest.mark.parametrize("tail", ["9992011", "999033"])
def test_refused_destination_is_reported(gw, client, number, tail):
    vid = client.do("OTP.SEND", number(tail))
    assert settled(client, vid, "failed")["reason"] == "refused"


@pytest.mark.parametrize("tail", ["999304", "999305", "999302", "999303"])
def test_passing_trouble_is_overcome(gw, client, number, tail):
    to = number(tail)
    vid = client.do("OTP.SEND", to)
    settled(client, vid, "accepted", "delivered")
    assert client.do("OTP.VERIFY", vid, gw.smsc.sms(to=to).code) == "OK"


def test_smsc_killed_and_restarted_in_load(fresh, number):
    g = fresh()
    c = g.daemon.client()
    sent = {}
    for i in range(300):
        to = number()
        sent[to] = c.do("OTP.SEND", to)
        if i == 100:
            g.smsc.kill()
        if i == 200:
            g.smsc.start()
    for vid in sent.values():
        settled(c, vid, "accepted", "delivered", "failed")
    assert {s.to for s in g.smsc.all_sms()} == set(sent)


def test_refused_bind_is_told_and_healed(fresh):
    g = fresh()
    g.smsc.restart("--refuse-bind", "0x0E")
    wait_until(lambda: g.daemon.get("/readyz")[0] == 503, what="not ready")
    assert "main" in g.daemon.get("/status.json")[1]


def test_failover_to_the_second_smsc(fresh, number):
    g = fresh(smscs=2)
    wait_until(lambda: g.smscs["second"].account()["binds"] == 1, what="second bind")
    g.smsc.stop()
    to = number()
    g.daemon.client().do("OTP.SEND", to)
    assert g.smscs["second"].sms(to=to).to == to
