"""The stats socket: pages, their types, and counters that move."""
import json
import shutil
import subprocess

import pytest


def test_pages(gw):
    assert gw.daemon.get("/healthz")[0] == 200 and gw.daemon.get("/readyz")[0] == 200 and gw.daemon.get("/nosuch")[0] == 404
    assert json.loads(gw.daemon.get("/status.json")[1])


def test_every_series_has_help_and_type(gw):
    text = gw.daemon.get("/metrics")[1]
    typed = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    helped = {line.split()[2] for line in text.splitlines() if line.startswith("# HELP")}
    assert typed and typed == helped and all(t.startswith("otpgwd_") for t in typed)


def test_counters_move(gw, client, number):
    created = gw.daemon.metric('otpgwd_verifications_total{step="created"}')
    client.do("OTP.SEND", number())
    assert gw.daemon.metric('otpgwd_verifications_total{step="created"}') == created + 1


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_promtool(gw):
    run = subprocess.run(["promtool", "check", "metrics"], input=gw.daemon.get("/metrics")[1], text=True, capture_output=True)
    assert run.returncode == 0, run.stdout + run.stderr
