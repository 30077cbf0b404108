"""What the lights say is so: /readyz, STATUS= and the log tell whether an SMS would go out now, and what stands in the way."""
import re
import subprocess

import pytest
from rig import Error, wait_until


def readyz(d):
    code, text = d.get("/readyz")
    return code, text.splitlines()


def not_ready(d, cause, seconds=20):
    """503 with this line, the same in STATUS= and once in the log."""
    wait_until(lambda: readyz(d)[0] == 503 and any(re.fullmatch(cause, line) for line in readyz(d)[1]), seconds,
               f"{cause} in {readyz(d)}")
    wait_until(lambda: any(re.search("; not ready: .*" + cause, s) for s in d.manager.states if s.startswith("STATUS=")), 10,
               f"{cause} in STATUS=: {d.manager.states[-3:]}")
    wait_until(lambda: re.search('<4>app: not ready cause="[^"]*' + cause, d.log()), 10, "the log: " + d.tail())


def ready_again(d, seconds=20):
    wait_until(d.ready, seconds, f"ready: {readyz(d)}")
    wait_until(lambda: "<6>app: ready\n" in d.log(), 10, "the log")


def send(c, number, tail, n):
    for _ in range(n):
        c.do("OTP.SEND", number(tail))


@pytest.mark.single("one Redis is filled")
def test_redis_is_full(fresh, number):
    g = fresh()
    d, c = g.daemon, g.daemon.client()
    g.redis.cli("CONFIG", "SET", "maxmemory", "1")
    not_ready(d, r"redis: refuses what is written: OOM, its memory is full \(maxmemory\)")
    assert c.fails("OTP.SEND", number()).code == "UNAVAILABLE" and d.json()["redis"]["refusing"] == "OOM"
    g.redis.cli("CONFIG", "SET", "maxmemory", "0")
    ready_again(d)
    to = number()
    c.do("OTP.SEND", to)
    g.smsc.sms(to=to)
    assert d.log().count("refuses what is written reason=OOM") == 1


@pytest.mark.single("one Redis takes a right away")
def test_redis_takes_a_right_away(fresh, number):
    g = fresh()
    d = g.daemon
    g.redis.cli("ACL", "SETUSER", "default", "-fcall")
    not_ready(d, "redis: refuses what is written: NOPERM, its user lacks \\+fcall, which otpgwd\\(8\\) names")
    g.redis.cli("ACL", "SETUSER", "default", "+fcall")
    ready_again(d)


@pytest.mark.single("one Redis becomes a replica")
@pytest.mark.parametrize("break_it, mend, cause", [
    (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE"), "redis: away: .*READONLY"),
    (("CONFIG", "SET", "min-replicas-to-write", "3"), ("CONFIG", "SET", "min-replicas-to-write", "0"), "redis: away: .*NOREPLICAS"),
    (("CONFIG", "SET", "requirepass", "other"), None, "redis: away: .*NOAUTH"),
], ids=lambda v: v[-2] if isinstance(v, tuple) else None)
def test_why_redis_is_away(fresh, break_it, mend, cause):
    g = fresh()
    d = g.daemon
    g.redis.cli(*break_it)
    if mend is None:
        g.redis.cli("-a", "other", "CLIENT", "KILL", "TYPE", "normal")
    not_ready(d, cause)
    assert g.daemon.json()["redis"]["reason"]
    if mend:
        g.redis.cli(*mend)
        ready_again(d)


@pytest.mark.single("one Redis has a disk that is full")
def test_the_disk_of_redis_is_full(fresh, number):
    g = fresh(redis_options={"under": ["sh", "-c", 'trap "" XFSZ; exec "$@"', "sh"]})
    d, c = g.daemon, g.daemon.client()
    room = lambda size: subprocess.run(["prlimit", "--pid", str(g.redis.proc.pid), f"--fsize={size}:unlimited"], check=True)
    room(4096)
    wait_until(lambda: isinstance(c.ask("OTP.SEND", number()), Error), what="a refusal")
    not_ready(d, "redis: away: .*MISCONF")
    room("unlimited")
    ready_again(d)


@pytest.mark.single("one Redis is stopped")
def test_another_cause_is_logged_again(fresh):
    g = fresh()
    d = g.daemon
    g.redis.cli("REPLICAOF", "127.0.0.1", "1")
    not_ready(d, "redis: away: .*READONLY")
    g.redis.kill()
    not_ready(d, "redis: away: (Connection refused|No such file or directory|.*[Cc]losed.*)")
    lines = [line for line in d.log().splitlines() if line.startswith("<4>redis: away address=")]
    assert any("READONLY" in line for line in lines) and any("READONLY" not in line for line in lines), lines


def test_the_breaker_is_open(fresh, number):
    g = fresh()
    d, c = g.daemon, g.daemon.client()
    send(c, number, "999045", 6)
    not_ready(d, "smpp: no SMSC takes an SMS: main: breaker_open")


def test_the_account_is_at_fault(fresh, number):
    g = fresh()
    d, c = g.daemon, g.daemon.client()
    d.expect = ["unfit smsc=main"]
    send(c, number, "9992010", 6)
    not_ready(d, "smpp: no SMSC takes an SMS: main: profile_fault")


def test_every_sms_is_refused(fresh, number):
    """Of a kind that opens no breaker. One that is accepted is enough."""
    g = fresh()
    d, c = g.daemon, g.daemon.client()
    send(c, number, "9992011", 9)
    wait_until(lambda: d.metric('otpgwd_smpp_responses_total{status="0x0000000B"}') == 9, what="nine refusals")
    wait_until(lambda: "refused smsc=main status=0x0000000B" in d.log(), what="a look at them")
    assert d.ready()
    send(c, number, "9992011", 3)
    not_ready(d, "smpp: no SMSC takes an SMS: main: every SMS is refused, the last with 0x0000000B")
    to = number()
    c.do("OTP.SEND", to)
    g.smsc.sms(to=to)
    ready_again(d)


def test_throttled_to_a_stop(fresh, number):
    g = fresh(smsc="throttle_pause_ms = 500; rate = 100.0;")
    d, c = g.daemon, g.daemon.client()
    send(c, number, "999058", 1)
    not_ready(d, "smpp: no SMSC takes an SMS: main: throttled to a stop", 30)


def test_the_password_is_wrong(fresh):
    g = fresh()
    d = g.daemon
    d.expect = ["bind refused smsc=main"]
    g.smsc.restart("--password", "another")
    not_ready(d, "smpp: no SMSC is bound: main: not bound: auth_failed", 30)


def test_one_of_two_is_degraded(fresh):
    """It works, and the light is a warning; each route is looked at for itself."""
    g = fresh(smscs=2, replace=[('# , { prefix = "62811"; smsc = ["tsel", "main"]; }', ', { prefix = "62811"; smsc = ["second"]; }')])
    d = g.daemon
    assert readyz(d) == (200, ["ready", "durability: process"])
    g.smscs["second"].kill()
    not_ready(d, "smpp: route 62811: no SMSC takes an SMS: second: not bound: .+")
    d.run_with(bound=False)
    wait_until(d.ready, 20, "ready")
    wait_until(lambda: any(line.startswith("warning: smsc second: not bound: ") for line in readyz(d)[1]), what="the warning")
    assert readyz(d)[0] == 200


def test_refusals_are_told_once_in_a_while(fresh, number):
    """One line for each status and SMSC, in the one spelling that metrics, status and STATUS have too."""
    g = fresh()
    d, c = g.daemon, g.daemon.client()
    ids = [c.do("OTP.SEND", number("9992011")) for _ in range(3)]
    wait_until(lambda: "<4>smpp: refused smsc=main status=0x0000000B count=" in d.log(), what="the line")
    send(c, number, "9992011", 3)
    wait_until(lambda: d.metric('otpgwd_smpp_responses_total{smsc="main",class="destination",status="0x0000000B"}') == 6, what="six refusals")
    (row,) = [r for r in d.json()["smscs"][0]["responses"] if r["class"] == "destination"]
    assert row == {"status": "0x0000000B", "class": "destination", "count": 6}
    wait_until(lambda: c.status(ids[0])["error"] == "0x0000000B", what="STATUS")
    lines = re.findall("<4>smpp: refused smsc=main status=0x0000000B count=([0-9]+) class=destination\n", d.log())
    assert len(lines) == 1 and 1 <= int(lines[0]) <= 3
    assert not re.search("status=0x(?![0-9A-F]{8}\\b)", d.log())


def test_all_series_are_there_from_the_start(fresh):
    """What never happened is zero, not unknown: an alert on a rate would miss the first time."""
    text = fresh().daemon.get("/metrics")[1]
    for name, labels in {
        "otpgwd_smpp_responses_total": [f'class="{c}"' for c in ("accepted", "throttle", "queue_full", "transient", "vague", "session", "destination",
                                                                 "profile", "expiry", "forbidden", "account", "duplicate", "protocol", "vendor")],
        "otpgwd_smpp_receipts_total": [f'state="{s}"' for s in ("intermediate", "delivered", "undeliverable", "expired", "rejected", "deleted", "unknown")],
        "otpgwd_clients_refused_total": [f'reason="{r}"' for r in ("peer", "credentials", "descriptors", "total", "uid", "nomem")],
        "otpgwd_redis_errors_total": [f'kind="{k}"' for k in ("OOM", "READONLY", "MISCONF", "NOPERM", "NOAUTH", "other")],
        "otpgwd_redis_replies_refused_total": [f'kind="{k}"' for k in ("unasked", "type", "depth", "elements", "octets")],
        "otpgwd_unanswered_total": [f'event="{e}"' for e in ("resent", "cancelled_resend", "late_ok", "late_error", "unknown")],
        "otpgwd_cancelled_total": [f'reason="{r}"' for r in ("none", "other_method", "left", "verified_elsewhere")],
        "otpgwd_verifications_total": [f'step="{s}"' for s in ("created", "accepted", "failed", "approved", "late", "rerouted")],
    }.items():
        for label in labels:
            assert re.search(f"^{name}{{[^}}]*{label}[^}}]*}} 0$", text, re.M), f"{name}{{{label}}}"
