"""Tools that people have: redis-cli, socat, redis-benchmark."""
import json
import re
import shutil
import subprocess

import pytest
from rig import wait_until


def run(*argv, given=""):
    return subprocess.run(argv, input=given, capture_output=True, text=True, timeout=60)


def test_redis_cli_help(gw):
    out = run("redis-cli", "-s", gw.daemon.api, given="help otp.send\n").stdout
    assert "OTP.SEND" in out.upper() and "number" in out


def test_redis_cli_completes_and_hints(gw):
    """It does both from COMMAND DOCS: name, group and arguments must be as Redis gives them."""
    out = run("redis-cli", "-s", gw.daemon.api, "--json", "-3", "COMMAND", "DOCS", "otp.send")
    doc = json.loads(out.stdout)
    (entry,) = doc.values()
    assert entry["summary"] and [a["name"] for a in entry["arguments"]][0] == "number"
    assert {"PURPOSE", "REQID", "VAR"} <= {a.get("token") for a in entry["arguments"]}


def test_redis_cli_json_status(gw, number):
    vid = run("redis-cli", "-s", gw.daemon.api, "OTP.SEND", number()).stdout.strip()
    status = json.loads(run("redis-cli", "-s", gw.daemon.api, "--json", "-3", "OTP.STATUS", vid).stdout)
    assert status["id"] == vid and status["state"] == "pending"


def test_redis_cli_sends_and_fails_with_status(gw, number):
    assert len(run("redis-cli", "-s", gw.daemon.api, "-e", "OTP.SEND", number()).stdout.strip()) == 52
    bad = run("redis-cli", "-s", gw.daemon.api, "-e", "OTP.SEND", "12")
    assert bad.returncode != 0 and "BADNUMBER reason=" in bad.stdout + bad.stderr


@pytest.mark.skipif(not shutil.which("socat"), reason="socat is not installed")
def test_inline_through_socat(gw, number):
    out = run("socat", "-t5", "-", f"UNIX-CONNECT:{gw.daemon.api}", given=f'otp.send {number()} purpose "login"\nquit\n').stdout
    assert out.startswith("$52\n") and out.endswith("\n+OK\n")


def test_redis_benchmark_has_nothing_to_warn_of(fresh):
    """Its random part is 12 digits with leading zeros, so this numbering plan has mobile numbers that look so."""
    g = fresh(replace=[('plans = ["ID"];', 'plans = ["ID"]; countries = ( { region = "ID"; length = [9, 13]; mobile = ["80-83"]; ranges = (); } );')])
    out = run("redis-benchmark", "-s", g.daemon.api, "-n", "1000", "-c", "10", "-r", "10000000", "OTP.SEND", "628__rand_int__")
    said = (out.stdout + out.stderr).lower()
    assert "warn" not in said and "error" not in said and "requests per second" in said
    wait_until(lambda: g.smsc.account()["submits"] > 900, 30, "the SMS of what was accepted")
