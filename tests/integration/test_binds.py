"""Several binds of one account, their hosts and kinds; routes with shares, waits and senders; accounts that a reload changes."""
import re
import signal
import time

import pytest
from machine import within
from rig import wait_until


def smscs(g):
    return {s["name"]: s for s in g.daemon.json()["smscs"] if not s["leaving"]}


def all_bound(g, count=1):
    wait_until(lambda: all(s["binds_bound"] == count for s in smscs(g).values()), 20, f"{count} binds each: {smscs(g)}")


def edit(daemon, *pairs):
    with open(daemon.path("conf")) as f:
        text = f.read()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    with open(daemon.path("conf"), "w") as f:
        f.write(text)


def send(g, numbers, states=("accepted", "delivered")):
    c = g.daemon.client()
    ids = c.many([("OTP.SEND", to) for to in numbers])
    return [c.settled(vid, *states) for vid in ids]


def sessions(g, name="main"):
    return re.findall(rf"smsc={name} bind=(\d+) kind=(\w+) old=\w+ new=(\w+)", g.daemon.log())


# --- binds ---

def test_messages_use_all_binds(fresh, number):
    g = fresh(smsc="binds = 3; window = 1;", receipts="text")
    all_bound(g, 3)
    g.smsc.restart("--resp-delay-ms", "50", "--receipts", "text", "--receipts-to", "any")
    all_bound(g, 3)
    assert all(s["delivery"] == "delivered" for s in send(g, [number() for _ in range(30)], ("delivered",)))
    seen = g.smsc.account()
    assert seen["violations"] == {} and seen["submits"] == 30
    bound = [link for link in seen["links"] if link["submits"]]
    assert len(bound) == 3 and all(link["submits"] >= 5 for link in bound), "each has its share"


def test_transmitter_and_receiver(fresh, number):
    """Receipts come on the receiver; a lost half comes back alone."""
    g = fresh(smsc='type = "pair";', receipts="both")
    all_bound(g, 2)
    assert {b["type"] for b in smscs(g)["main"]["binds"]} == {"transmitter", "receiver"}
    for status in send(g, [number() for _ in range(5)], ("delivered",)):
        assert status["delivery"] == "delivered"
    seen = g.smsc.account()
    assert seen["violations"] == {} and g.daemon.ready()


def test_one_bind_too_many(fresh, number):
    """0x05 with another bind up: the telco allows fewer, and that is enough."""
    g = fresh()
    g.smsc.restart("--max-binds", "1")
    all_bound(g)
    edit(g.daemon, ('name = "main";', 'name = "main"; binds = 2;'))
    g.daemon.reload()
    wait_until(lambda: any(b["reason"] == "already_bound" for b in smscs(g)["main"]["binds"]), what="the refusal")
    main = smscs(g)["main"]
    assert main["binds_bound"] == 1 and main["binds_effective"] == 1 and main["state"] == "bound"
    assert [b["next_try_s"] > 20 for b in main["binds"] if b["state"] == "closed"] == [True]
    send(g, [number()])


def test_wrong_password_is_tried_once_for_all_binds(fresh):
    g = fresh(smsc="binds = 4;")
    g.daemon.expect = ["reason=auth_failed"]
    all_bound(g, 4)
    before = g.daemon.log().count("new=binding")
    g.smsc.restart("--refuse-bind", "0x0E")
    wait_until(lambda: "reason=auth_failed" in g.daemon.log(), what="the refusal")
    time.sleep(3)  # that no other bind tries cannot be awaited
    tries = g.daemon.log().count("new=binding") - before
    assert tries <= 4 + 2 and g.daemon.log().count("reason=auth_failed bind=") == 1, "all four at first, then one for all"
    g.daemon.stop()
    g.daemon.start(bound=False)
    wait_until(lambda: "reason=auth_failed" in g.daemon.log(), what="the refusal after a start")
    assert g.smsc.account()["binds_refused"] - tries <= 3
    wait_until(lambda: all(b["next_try_s"] > 40 for b in smscs(g)["main"]["binds"]), what="all binds wait for the account")


def test_next_host_when_one_is_away(fresh, number):
    """Two hosts, two binds: one each; both on the second while the first is away."""
    g = fresh(smscs=2)
    both = f'hosts = ["127.0.0.1:{g.smsc.own_port}", "127.0.0.1:{g.smscs["second"].own_port}"]; binds = 2;'
    edit(g.daemon, (f'host = "127.0.0.1"; port = {g.smsc.own_port};', both), ('smsc = ["main","second"];', 'smsc = ["main"];'))
    g.daemon.reload()
    wait_until(lambda: {b["port"] for b in smscs(g)["main"]["binds"] if b["bound"]} == {s.own_port for s in g.smscs.values()},
               what="a bind on each")
    g.smsc.stop()
    wait_until(lambda: [b["port"] for b in smscs(g)["main"]["binds"] if b["bound"]] == 2 * [g.smscs["second"].own_port], 20,
               "both on the second")
    send(g, [number() for _ in range(5)])


def test_the_pause_counts_for_all_binds(fresh, number):
    """After 0x58 nothing is sent on any bind within the pause."""
    g = fresh(smsc="binds = 3; rate = 1000.0; throttle_pause_ms = 2000;")
    all_bound(g, 3)
    g.smsc.restart("--throttle", "100", "--throttle-depth", "20", "--throttle-pause-ms", "1900", "--throttle-grace-ms", "300")
    all_bound(g, 3)
    send(g, [number() for _ in range(150)])
    seen = g.smsc.account()
    assert seen["throttled"] >= 1 and seen["paused_submits"] == 0 and seen["violations"] == {}, seen
    assert smscs(g)["main"]["rate_now"] <= 500 and g.daemon.metric('otpgwd_smpp_throttled_total{smsc="main"}') >= 1


# --- links ---

def test_dead_peer_in_load(fresh, number):
    """No FIN, no answer: found within 15 s of the last sign, and the message goes to the other SMSC."""
    g = fresh(smscs=2)
    all_bound(g)
    start = time.monotonic()
    g.smsc.pause()
    c = g.daemon.client()
    numbers = [number() for _ in range(3)]
    ids = c.many([("OTP.SEND", to) for to in numbers])
    wait_until(lambda: not smscs(g)["main"]["bound"], 20, "the link given up")
    assert within(start, 16) and smscs(g)["main"]["reason"] == "enquire_link not answered"
    for vid in ids:
        assert c.settled(vid, "accepted", "delivered")["smsc"] == "second"
    g.smsc.resume()


@pytest.mark.seconds(90)
def test_dead_peer_idle(fresh):
    """With the timers as shipped."""
    g = fresh()
    g.smsc.pause()
    start = time.monotonic()
    wait_until(lambda: not smscs(g)["main"]["bound"], 60, "the link given up")
    assert within(start, 42)
    g.smsc.resume()


# --- routes ---

ROUTE = 'smsc = ["main","second"];'


def test_shares(fresh, number):
    g = fresh(smscs=2, replace=[(ROUTE, ROUTE + " weights = [3, 1];")])
    all_bound(g)
    for _ in range(8):  # a burst finds the first without room
        send(g, [number() for _ in range(5)])
    assert [s.account()["submits"] for s in g.smscs.values()] == [30, 10]


def test_the_sender_of_an_operator(fresh, number):
    g = fresh(replace=[('{ prefix = ""; smsc = ["main"]; }',
                        '{ prefix = ""; smsc = ["main"]; }, { prefix = "62812"; smsc = ["main"]; sender = "ACME"; }')])
    here, elsewhere = number(), number().replace("62812", "62813")
    send(g, [here, elsewhere])
    assert {s.to: s.sender for s in g.smsc.history()} == {here: "ACME", elsewhere: "OTP"}


def test_a_long_wait_sends_to_the_next(fresh, number):
    """Bound and well, but 5 a second: what would wait more than 3 s goes to the second."""
    g = fresh(smscs=2)
    edit(g.daemon, ("rate = 10000.0;", "rate = 5.0;"))
    g.daemon.reload()
    all_bound(g)
    start = time.monotonic()
    send(g, [number() for _ in range(60)])
    assert within(start, 9), "60 at 5 a second would take 12 s"
    first, second = [s.account()["submits"] for s in g.smscs.values()]
    assert second >= 20 and first >= 5, "and the first works on"


def test_a_route_that_is_away_delays_no_other(fresh, number):
    g = fresh(smscs=2, replace=[('{ prefix = ""; ' + ROUTE + " }",
                                 '{ prefix = ""; smsc = ["main"]; }, { prefix = "62813"; smsc = ["second"]; }')])
    g.smscs["second"].stop()
    wait_until(lambda: not smscs(g)["second"]["bound"], what="second away")
    c = g.daemon.client()
    waiting = [number().replace("62812", "62813") for _ in range(20)]
    ids = c.many([("OTP.SEND", to) for to in waiting])
    send(g, [number() for _ in range(50)])
    assert {c.status(vid)["delivery"] for vid in ids} == {"queued"}
    g.smscs["second"].start()
    wait_until(lambda: {s.to for s in g.smscs["second"].history()} == set(waiting), 20, "what waited")


def test_what_waits_for_another_smsc_delays_no_other(fresh, number):
    """The first refuses two numbers, for which only the second is left, and that is away: the route's others go on."""
    g = fresh(smscs=2)
    all_bound(g)
    g.smscs["second"].stop()
    wait_until(lambda: not smscs(g)["second"]["bound"], what="second away")
    c = g.daemon.client()
    refused = [number("9992011"), number("9992011")]
    ids = c.many([("OTP.SEND", to) for to in refused])
    wait_until(lambda: g.smsc.account()["submits"] == 2, what="both refused")
    send(g, [number() for _ in range(50)])
    assert {c.status(vid)["delivery"] for vid in ids} == {"queued"} and g.daemon.json()["queue"]["queued"] == 2
    g.smscs["second"].start()
    for vid in ids:
        assert c.settled(vid, "failed")["error"] == "0x0000000B"
    assert g.smscs["second"].account()["submits"] == 2


def test_a_resend_goes_another_way(fresh, number):
    """The SMS did not arrive by the first; while the second is away, the first is better than none."""
    g = fresh(smscs=2, receipts="none", purpose="sends_short = [255, 600]; sends_long = [255, 86400]; waits_s = [0];")
    all_bound(g)
    c = g.daemon.client()
    to = number()
    vid = c.do("OTP.SEND", to)
    assert c.settled(vid, "accepted")["smsc"] == "main"
    c.do("OTP.RESEND", vid)
    assert g.smscs["second"].sms(to=to).to == to
    g.smscs["second"].stop()
    wait_until(lambda: not smscs(g)["second"]["bound"], what="second away")
    to = number()
    vid = c.do("OTP.SEND", to)
    c.settled(vid, "accepted")
    c.do("OTP.RESEND", vid)
    wait_until(lambda: [s.to for s in g.smsc.history()].count(to) == 2, what="the second SMS by the first")


# --- reload ---

def test_an_smsc_comes_and_goes(fresh, number):
    """The others stay bound all the while; what waits for the one that goes is sent by another way."""
    g = fresh(smscs=2)
    all_bound(g)
    opened = len(sessions(g))
    with open(g.daemon.path("conf")) as f:
        text = f.read()
    group = re.search(r',(\{ name = "second".*?\})', text).group(1)
    edit(g.daemon, ("," + group, ""), (ROUTE, 'smsc = ["main"];'))
    g.daemon.reload()
    wait_until(lambda: [s["name"] for s in g.daemon.json()["smscs"]] == ["main"], what="second gone")
    assert g.smscs["second"].account()["unbinds"] == 1
    send(g, [number() for _ in range(3)])
    assert g.smsc.account()["binds"] == 1
    edit(g.daemon, ("smsc = ( {", "smsc = ( " + group + ", {"), ('smsc = ["main"];', 'smsc = ["second","main"];'))
    g.daemon.reload()
    wait_until(lambda: smscs(g)["second"]["bound"], what="second again")
    to = number()
    send(g, [to])
    assert g.smscs["second"].sms(to=to) and g.smsc.account()["binds"] == 1
    assert not [s for s in sessions(g)[opened:]], "main's session is the one of the start"


def test_queued_for_the_one_that_goes(fresh, number):
    g = fresh(smscs=2, replace=[(ROUTE, 'smsc = ["second"];')])
    all_bound(g)
    g.smscs["second"].restart("--throttle", "0.001")
    wait_until(lambda: smscs(g)["second"]["bound"], what="second again")
    c = g.daemon.client()
    numbers = [number() for _ in range(20)]
    ids = c.many([("OTP.SEND", to) for to in numbers])
    wait_until(lambda: smscs(g)["second"]["throttled"], what="a pause")
    with open(g.daemon.path("conf")) as f:
        group = re.search(r',(\{ name = "second".*?\})', f.read()).group(1)
    edit(g.daemon, ("," + group, ""), ('smsc = ["second"];', 'smsc = ["main"];'))
    g.daemon.reload()
    for vid in ids:
        assert c.settled(vid, "accepted", "delivered")["state"] == "pending"
    assert len({s.to for s in g.smsc.history()} | {s.to for s in g.smscs["second"].history()}) == 20


def test_another_account_binds_anew(fresh, number):
    """A new password: the old session is unbound first, the new one needs no restart."""
    g = fresh(smscs=2)
    all_bound(g)
    before = len(sessions(g, "second"))
    edit(g.daemon, ('system_id = "test";', 'system_id = "test"; system_type = "new";'))
    g.daemon.reload()
    wait_until(lambda: "smsc_removed smsc=main" in g.daemon.log() and smscs(g)["main"]["bound"], what="main anew")
    assert [s for _, _, s in sessions(g)] == ["connecting", "binding", "bound", "unbinding", "closed", "connecting", "binding", "bound"]
    assert len(sessions(g, "second")) == before, "the other one did not move"
    send(g, [number()])


def test_a_pause_outlives_another_way_to_the_account(fresh, number):
    g = fresh(smsc="throttle_pause_ms = 30000;")
    g.smsc.restart("--throttle", "0.001")
    all_bound(g)
    g.daemon.client().many([("OTP.SEND", number()) for _ in range(5)])
    wait_until(lambda: smscs(g)["main"]["throttled"], what="the pause")
    edit(g.daemon, ('system_id = "test";', 'system_id = "test"; system_type = "new";'))
    g.daemon.reload()
    wait_until(lambda: "smsc_removed smsc=main" in g.daemon.log() and smscs(g)["main"]["bound"], what="main anew")
    main = smscs(g)["main"]
    assert main["throttled"] and main["pause_ms"] > 10000 and main["rate_now"] < main["rate"]


def test_rate_and_window_need_no_new_session(fresh, number):
    g = fresh()
    before = len(sessions(g))
    edit(g.daemon, ("rate = 10000.0; window = 100;", "rate = 40.0; window = 3; binds = 2;"))
    g.daemon.reload()
    all_bound(g, 2)
    main = smscs(g)["main"]
    assert main["rate"] == 40 and main["window"] == 3
    assert [n for n, _, _ in sessions(g)[before:]] == ["1", "1", "1"], "the first bind did not move"
    edit(g.daemon, ("binds = 2;", "binds = 1;"))
    g.daemon.reload()
    wait_until(lambda: len(smscs(g)["main"]["binds"]) == 1, what="one bind less")
    send(g, [number()])
    assert g.smsc.account()["unbinds"] == 1


def test_a_stop_unbinds_them_all(fresh):
    g = fresh(smsc="binds = 3;")
    all_bound(g, 3)
    g.daemon.signal(signal.SIGTERM)
    wait_until(lambda: not g.daemon.alive(), 20, "the end")
    assert g.smsc.account()["unbinds"] == 3
