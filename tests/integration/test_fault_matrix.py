"""What an SMSC may do that no other test of the daemon meets: a bind out of date, an answer to something else, receipts elsewhere."""
import socket
import time

import pytest
from machine import within
from rig import wait_until
from test_binds import all_bound, edit, send, smscs
from test_links import QUICK, reasons
from test_message_fields import SUBMIT, Notes, fields_of


def scenario(g, lines, *options):
    path = g.smsc.path("scenario")
    with open(path, "w") as f:
        f.write(lines)
    g.smsc.restart("--receipts", "both", "--scenario", path, *options)
    wait_until(g.daemon.ready, 20, "bound")


def metric(g, name, more=""):
    return g.daemon.metric(f'otpgwd_smpp_{name}{{smsc="main"{more}}}')


def reasons_of_bind(g):
    return {b["reason"] for b in smscs(g)["main"]["binds"]} - {""}


# --- statuses ---

def test_not_bound_says_the_smsc(fresh, number):
    """0x04: certainly not accepted. The bind is made anew, the other one works on, and no attempt is lost."""
    g = fresh(smsc="binds = 2;")
    scenario(g, "at 1 submits: status:4 for 4\n")
    all_bound(g, 2)
    c = g.daemon.client()
    status = c.settled(c.do("OTP.SEND", number()), "delivered")
    account = g.smsc.account()
    assert status["possible_duplicate"] == "0" and account["submits"] == 5 and account["binds"] > 2
    assert metric(g, "responses_total", ',class="session"') == 4 and account["violations"] == {}


def test_validity_refused_goes_without(fresh, number):
    """0x62: the same SMSC once more, without the field; the next ones never have it."""
    class Strict(Notes):
        def answer(self, command, body):
            refused = command == SUBMIT and fields_of(body)["validity"]
            return (0x62, b"") if refused else super().answer(command, body)

    g, notes = fresh(), Strict()
    g.daemon.expect = ["reason=validity_refused"]
    g.daemon.run_with(replace=[(f"port = {g.smsc.port};", f"port = {notes.port};")])
    send(g, [number()])
    send(g, [number()])
    assert [fields_of(body)["validity"] for body in notes.submits] == ["000000000500000R", "", ""]
    notes.listener.close()


def test_a_full_mailbox_is_one_numbers_matter(fresh, number):
    """Its second SMS goes to the other SMSC at once; other numbers go on by the first."""
    g = fresh(smscs=2)
    g.smsc.restart("--receipts", "both", "--queue-per-destination", "1")
    all_bound(g)
    c = g.daemon.client()
    full = number()
    sent = [c.settled(c.do("OTP.SEND", to, "SUBJECT", who), "accepted", "delivered")["smsc"]
            for to, who in ((full, "a"), (full, "b"), (full, "c"), (number(), "a"))]
    assert sent == ["main", "second", "second", "main"] and not smscs(g)["main"]["throttled"]
    assert metric(g, "responses_total", ',class="queue_full"') == 1, "the third is not even tried there"


@pytest.mark.parametrize("congestion, rate", [(95, 70), (85, 100), (10, 100)])
def test_congestion_is_heeded(fresh, number, congestion, rate):
    """congestion_state of SMPP 5.0: near the end of its room fewer, before that as before."""
    g = fresh(smsc="rate = 100.0;")
    g.smsc.restart("--congestion", str(congestion))
    all_bound(g)
    send(g, [number()])
    assert rate - 1 < smscs(g)["main"]["rate_now"] < rate + 3


# --- answers ---

@pytest.mark.parametrize("options", [("--resp-delay-ms", "5", "--resp-jitter-ms", "60"), ("--coalesce-ms", "60")],
                         ids=["jitter", "coalesced"])
def test_answers_in_any_order_and_together(fresh, number, options):
    g = fresh()
    g.smsc.restart("--receipts", "both", *options)
    all_bound(g)
    numbers = [number() for _ in range(200)]
    assert all(s["possible_duplicate"] == "0" for s in send(g, numbers, ("delivered",)))
    assert sorted(s.to for s in g.smsc.history()) == sorted(numbers) and g.smsc.account()["violations"] == {}


# --- receipts ---

@pytest.mark.parametrize("fault, keys", [("to:other", "binds = 2;"), ("to:new", ""), ("receipt_late:2000", ""),
                                         ("receipt_out_of_order", "")])
def test_receipts_elsewhere_and_later(fresh, number, fault, keys):
    """On another bind than the submit's, on the next connection, long after, out of order."""
    g = fresh(smsc=keys)
    g.smsc.restart("--receipts", "both", "--fault", fault)
    all_bound(g, 2 if keys else 1)
    c = g.daemon.client()
    ids = c.many([("OTP.SEND", number()) for _ in range(10)])
    if fault == "to:new":
        for vid in ids:
            c.settled(vid, "accepted")
        g.smsc.drop()
    for vid in ids:
        c.settled(vid, "delivered")
    assert g.daemon.metric('otpgwd_receipts_total{result="unmatched"}') == 0


# --- binds and links ---

def test_a_slow_bind_is_a_bind(fresh, number):
    g = fresh(smsc="bind_timeout_ms = 3000;")
    g.smsc.restart("--bind-delay-ms", "1000")
    all_bound(g)
    send(g, [number()])
    assert g.smsc.account()["binds"] == 1


def test_a_bind_answered_too_late(fresh):
    g = fresh(smsc=QUICK)
    g.smsc.restart("--bind-delay-ms", "2500")
    wait_until(lambda: reasons_of_bind(g) == {"bind not answered"}, 20, f"{reasons_of_bind(g)}")
    assert not g.daemon.ready()


def test_bind_failed_three_times_is_the_password(fresh):
    """0x0D at most SMSCs is an address that is not allowed, or a wrong password: the third time it is told as such."""
    g = fresh()
    g.daemon.expect = ["reason=auth_failed"]
    g.smsc.restart("--refuse-bind", "0x0D")
    wait_until(lambda: smscs(g)["main"]["reason"] == "auth_failed", 20, str(smscs(g)["main"]))
    assert g.smsc.account()["binds_refused"] == 3 and smscs(g)["main"]["next_try_s"] > 30


def test_refused_a_few_times_then_bound(fresh, number):
    g = fresh()
    g.smsc.restart("--refuse-bind", "0x08", "--bind-count", "3")
    all_bound(g)
    assert g.smsc.account()["binds_refused"] == 3
    send(g, [number()])


def test_enquire_link_never_answered(fresh):
    """Idle, and the SMSC reads but does not say that it lives."""
    g = fresh(smsc=QUICK)
    g.smsc.restart("--no-enquire-resp")
    wait_until(lambda: "enquire_link not answered" in reasons(g), 20, f"{reasons(g)}")
    all_bound(g)


def test_nothing_heard_at_all(fresh):
    """The net below all others: the probe alone would wait a minute."""
    g = fresh(smsc="enquire_interval_ms = 500; enquire_timeout_ms = 60000; inactivity_ms = 1500;")
    g.smsc.pause()
    wait_until(lambda: reasons(g) == ["inactivity"], 20, f"{reasons(g)}")
    g.smsc.resume()
    all_bound(g)


def test_unbind_never_answered(fresh):
    """A stop waits for it, but not for ever."""
    g = fresh()
    g.smsc.restart("--no-unbind-resp")
    all_bound(g)
    start = time.monotonic()
    assert g.daemon.stop(20) == 0 and within(start, 10)
    assert g.smsc.account()["unbinds"] == 1


def test_connect_never_answered(fresh):
    """A port whose queue is full takes no connection and refuses none."""
    g = fresh()
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port, waiting = full.getsockname()[1], []
        for _ in range(4):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(("127.0.0.1", port))
        edit(g.daemon, (f"port = {g.smsc.own_port};", f"port = {port}; connect_timeout_ms = 700;"))
        g.daemon.reload()
        wait_until(lambda: reasons_of_bind(g) == {"connect timeout"}, 20, f"{smscs(g)}")
        for s in waiting:
            s.close()


@pytest.mark.seconds(90)
def test_a_name_that_nobody_knows(fresh, number):
    """Told as the reason; another host of the list is as good; all else goes on meanwhile."""
    g = fresh()
    here = f'host = "127.0.0.1"; port = {g.smsc.own_port};'
    edit(g.daemon, (here, 'host = "smsc.invalid"; port = 2775;'))
    g.daemon.reload()
    wait_until(lambda: reasons_of_bind(g) == {"name not resolved"}, 40, f"{smscs(g)}")
    assert "no SMSC is bound" in g.daemon.get("/readyz")[1]
    vid = g.daemon.client().do("OTP.SEND", number())
    edit(g.daemon, ('host = "smsc.invalid"; port = 2775;', f'hosts = ["smsc.invalid:2775", "127.0.0.1:{g.smsc.own_port}"];'))
    g.daemon.reload()
    wait_until(g.daemon.ready, 40, "bound by the second host")
    g.daemon.client().settled(vid, "accepted", "delivered")
