"""The stats socket: what monitoring and people read."""
import re
import shutil
import socket
import subprocess
import time

import pytest
from rig import wait_until


def test_pages(gw):
    d = gw.daemon
    assert d.get("/healthz") == (200, "ok\n") and d.get("/readyz") == (200, "ready\ndurability: process\n")
    assert d.get("/nosuch")[0] == 404 and d.get("/metrics/x")[0] == 404
    code, page = d.get("/")
    assert code == 200 and page.startswith("<!doctype html>") and not re.search(r'(src|href)="?http', page), "nothing from elsewhere"


@pytest.mark.parametrize("path", ["/", "/metrics", "/healthz", "/readyz", "/status.json"])
def test_nothing_can_be_changed(gw, path):
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert gw.daemon.get(path, method)[0] == 405
    assert gw.daemon.get(path, "HEAD") == (200, "")


def series(text):
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            m = re.fullmatch(r'([a-z0-9_]+)(\{[a-z_]+="[^"\\]*"(?:,[a-z_]+="[^"\\]*")*\})? (-?[0-9.e+]+|NaN|\+Inf)', line)
            assert m, line
            assert m.group(1) + (m.group(2) or "") not in found, "twice: " + line
            found[m.group(1) + (m.group(2) or "")] = float(m.group(3))
    return found


def test_metrics_parse(gw, client, number):
    client.do("OTP.SEND", number())
    text = gw.daemon.get("/metrics")[1]
    typed = dict(line.split()[2:4] for line in text.splitlines() if line.startswith("# TYPE"))
    helped = {line.split()[2] for line in text.splitlines() if line.startswith("# HELP")}
    assert set(typed) == helped and len(typed) > 20
    for name in series(text):
        base = re.sub(r"\{.*", "", name)
        family = base if base in typed else re.sub(r"_(bucket|sum|count)$", "", base)
        assert family in typed and family.startswith("otpgwd_"), name
        assert (typed[family] == "counter") == family.endswith("_total"), name
        assert typed[family] != "histogram" or family.endswith("_seconds"), name


def test_histograms_add_up(gw, client, number):
    client.do("OTP.SEND", number())
    found = series(gw.daemon.get("/metrics")[1])
    buckets = [v for k, v in found.items() if k.startswith("otpgwd_request_seconds_bucket")]
    assert buckets == sorted(buckets) and buckets[-1] == found["otpgwd_request_seconds_count"] > 0


def test_invariants_are_counted_from_the_start(gw):
    assert series(gw.daemon.get("/metrics")[1])["otpgwd_invariants_broken_total"] == 0


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_promtool(gw):
    run = subprocess.run(["promtool", "check", "metrics"], input=gw.daemon.get("/metrics")[1], text=True, capture_output=True, timeout=60)
    assert run.returncode == 0 and not run.stdout + run.stderr, run.stdout + run.stderr


def test_the_funnel_counts_each_step_once(fresh, number):
    g = fresh()
    c = g.daemon.client()
    to = number()
    vid = c.do("OTP.SEND", to, "REQID", "a")
    c.do("OTP.SEND", to, "REQID", "a")
    code = g.smsc.sms(to=to).code
    wait_until(lambda: g.daemon.step("delivered") == 1, what="delivered")
    c.fails("OTP.VERIFY", vid, f"{(int(code) + 1) % 10**6:06d}")
    c.do("OTP.VERIFY", vid, code)
    c.fails("OTP.VERIFY", vid, code)
    steps = ("created", "replayed", "submitted", "accepted", "delivered", "wrong", "approved", "late")
    assert [g.daemon.step(s) for s in steps] == [1] * len(steps)
    assert g.daemon.json()["funnel"] == {**dict.fromkeys(g.daemon.json()["funnel"], 0), **dict.fromkeys(steps, 1)}
    assert g.daemon.metric('otpgwd_requests_total{command="OTP.SEND"}') == 2


def test_late_is_a_guess_after_the_end(fresh, number):
    """Not one at an id of which nothing is known."""
    g = fresh()
    c = g.daemon.client()
    ends = {}
    for end in ("USED", "CANCELLED"):
        to = number()
        ends[end] = c.do("OTP.SEND", to), g.smsc.sms(to=to).code
    c.do("OTP.VERIFY", *ends["USED"])
    c.do("OTP.CANCEL", ends["CANCELLED"][0])
    for late, (end, (vid, code)) in enumerate(ends.items(), 1):
        assert c.fails("OTP.VERIFY", vid, code).code == end and g.daemon.step("late") == late
    g.redis.cli("FLUSHALL")
    assert c.fails("OTP.VERIFY", *ends["USED"]).code == "UNKNOWNID" and g.daemon.step("late") == 2


def test_status_json(fresh):
    g = fresh()
    s = g.daemon.json()
    assert s["instance"] == "a" and s["pid"] == g.daemon.proc.pid and s["draining"] is False
    assert s["redis"]["up"] is True and s["redis"]["durability"] == "process" and s["redis"]["warning"] == ""
    (smsc,) = s["smscs"]
    assert smsc["name"] == "main" and smsc["state"] == "bound" and smsc["window"] == 100 and smsc["rate"] == 10000
    assert s["queue"].pop("max") == 10000 and set(s["queue"].values()) == {0} and {"taken", "queued", "in_flight"} <= set(s["queue"])
    assert s["tenants"][0]["name"] == "web"


def test_durability_is_read_not_believed(fresh):
    g = fresh()
    for setting, durability in ((("appendonly", "no"), "none"), (("appendonly", "yes"), "process"), (("appendfsync", "always"), "power")):
        assert g.redis.cli("CONFIG", "SET", *setting) == "OK"
        g.redis.cli("CLIENT", "KILL", "TYPE", "normal")
        wait_until(lambda: g.daemon.json()["redis"]["up"] and g.daemon.json()["redis"]["durability"] == durability, 15, durability)


def test_requests_of_many_and_half_a_request(gw):
    idle = []
    for _ in range(50):
        s = socket.socket(socket.AF_UNIX)
        s.connect(gw.daemon.stats)
        s.sendall(b"GET /metrics HTT")
        idle.append(s)
    assert gw.daemon.get("/healthz")[0] == 200
    for s in idle:
        s.close()


ROW = {"name", "state", "reason", "since", "next_try_s", "window", "window_used", "rate", "rate_now", "pace", "throttled", "pause_ms", "unfit",
       "unfit_ms", "breaker", "responses", "receipts", "decode_anomalies", "timeouts", "late_responses", "binds"}
BIND = {"number", "type", "host", "port", "state", "reason", "bound", "since", "next_try_s", "window_used", "answer_ms"}
OF_SMSC = {"otpgwd_smpp_" + name for name in (
    "bound", "window", "rate", "rate_configured", "paused", "fit", "submits_total", "submit_seconds_count", "submit_seconds_bucket", "timeouts_total",
    "late_responses_total", "reconnects_total", "throttled_total", "unfit_total", "mo_total", "decode_anomalies_total")}
OF_BIND = {"otpgwd_smpp_bind_" + name for name in ("state", "state_seconds", "next_try_seconds", "window")}


def test_all_of_each_smsc(fresh, number):
    """What happens at one SMSC is told of that one, on the page and in the metrics alike."""
    g = fresh(smscs=2)
    d, c = g.daemon, g.daemon.client()
    rows = lambda: {row["name"]: row for row in d.json()["smscs"]}
    for row in rows().values():
        assert ROW <= set(row) and all(BIND <= set(bind) for bind in row["binds"]), row
        assert row["state"] == "bound" and 0 < row["since"] <= time.time() and row["breaker"] == "closed"
    found = series(d.get("/metrics")[1])
    for name in ("main", "second"):
        mine = {re.sub(r"\{.*", "", key) for key in found if f'smsc="{name}"' in key}
        assert OF_SMSC | OF_BIND | {"otpgwd_receipts_total"} <= mine, OF_SMSC | OF_BIND - mine
    for tail in ("999106", "999115", "999123"):
        c.do("OTP.SEND", number(tail))
    wait_until(lambda: sum(rows()["main"]["receipts"].values()) == 4, what="four receipts")
    main, second = rows()["main"], rows()["second"]
    assert main["receipts"] == {"matched": 2, "early": 0, "unmatched": 0, "intermediate": 1, "repeated": 1, "refused": 0}
    assert main["decode_anomalies"]["receipt_conflict"] == 1 and [r for r in main["responses"] if r["count"]] == [
        {"status": "0x00000000", "class": "accepted", "count": 3}]
    assert set(second["receipts"].values()) == {second["decode_anomalies"]["receipt_conflict"]} == {0} and second["responses"] == []
    both = {kind: count + second["decode_anomalies"][kind] for kind, count in main["decode_anomalies"].items()}
    assert d.json()["decode_anomalies"] == both and len(both) >= 12
    for result, count in main["receipts"].items():
        assert d.metric(f'otpgwd_receipts_total{{smsc="main",result="{result}"}}') == count
    assert d.metric('otpgwd_smpp_decode_anomalies_total{smsc="main",kind="receipt_conflict"}') == 1
    assert d.metric('otpgwd_smpp_rate_configured{smsc="main"}') == main["rate"] == d.metric('otpgwd_smpp_rate{smsc="main"}')
    assert d.metric('otpgwd_smpp_submit_seconds_count{smsc="main",bind="0"}') == 3


def test_an_smsc_that_is_away_or_refuses(fresh, number):
    """Since when, why and until when, of a bind; and the breaker of an account."""
    g = fresh()
    d = g.daemon
    d.run_with(replace=[("reconnect_min_ms = 50; reconnect_max_ms = 500;", "reconnect_min_ms = 20000; reconnect_max_ms = 20000;")])
    c = d.client()
    bind = lambda: d.json()["smscs"][0]["binds"][0]
    for _ in range(5):
        c.do("OTP.SEND", number("9992008"))
    wait_until(lambda: d.json()["smscs"][0]["breaker"] == "open", what="the breaker")
    row = d.json()["smscs"][0]
    assert row["unfit"] == "breaker_open" and row["unfit_ms"] > 0 and d.metric('otpgwd_smpp_fit{smsc="main"}') == 0
    g.smsc.kill()
    wait_until(lambda: bind()["state"] == "closed", what="closed")
    assert bind()["reason"] and 0 <= time.time() - bind()["since"] < 60 and 0 < bind()["next_try_s"] <= 30
    assert 0 < d.metric('otpgwd_smpp_bind_next_try_seconds{smsc="main",bind="0"}') <= 30
    assert d.metric('otpgwd_smpp_bind_state{smsc="main",bind="0"}') == 0
    assert d.metric('otpgwd_smpp_bind_state_seconds{smsc="main",bind="0"}') < 60
