"""As many SMSCs as a configuration may have, each with a route of its own: 255 at one simulator and the last at another."""
import re

import pytest
from rig import wait_until

MOST = 256
LAST = f"s-{MOST - 1:03d}"


def smscs_of(g, count):
    """The groups of so many SMSCs, made of the two that the rig writes."""
    with open(g.daemon.path("conf")) as f:
        text = f.read()
    main, second = re.search(r'\nsmsc = \( (\{ name = "main".*?\}),(\{ name = "second".*?\}) \);', text).groups()
    group = lambda i: (second if i == MOST - 1 else main).replace('name = "main"', f'name = "s-{i:03d}"; tag = {i + 1}').replace(
        'name = "second"', f'name = "s-{i:03d}"; tag = {i + 1}')
    return text, ",\n".join(group(i) for i in range(count))


def configure(g, count=MOST):
    """Numbers that begin with 62811 and three digits go to the SMSC of these digits, or else to the first; others to all of them."""
    text, groups = smscs_of(g, count)
    names = [f"s-{i:03d}" for i in range(count)]
    everyone = ", ".join(f'"{n}"' for n in names)
    rows = [f'{{ prefix = ""; smsc = [{everyone}]; weights = [{", ".join("1" for _ in names)}]; }}']
    rows += [f'{{ prefix = "62811{i:03d}"; smsc = ["{n}"{", " + chr(34) + names[0] + chr(34) if i else ""}]; }}' for i, n in enumerate(names)]
    text = re.sub(r"\nsmsc = \(.*?\n?\);", lambda _: f"\nsmsc = (\n{groups}\n);", text, count=1)
    text = re.sub(r"\nroutes = \(.*?\n\);", lambda _: "\nroutes = (\n" + ",\n".join(rows) + "\n);", text, count=1, flags=re.S)
    with open(g.daemon.path("conf"), "w") as f:
        f.write(text)


def many(fresh, under=(), api=""):
    g = fresh(smscs=2, log_level="info", replace=[("# max_clients = 1000;", api)])
    g.daemon.stop()
    g.daemon.under = [*under]
    configure(g)
    g.daemon.start(bound=False)
    wait_until(lambda: g.daemon.get("/metrics")[1].count("\notpgwd_smpp_bound{") == MOST and
               g.daemon.metric("otpgwd_smpp_bound") == MOST, 40, "256 binds")
    assert g.daemon.ready()
    return g


@pytest.mark.seconds(120)
def test_256_smscs(fresh):
    """All are bound and seen, each takes what is routed to it and its receipts, and another takes it when it is away."""
    g = many(fresh)
    seen = g.daemon.json()["smscs"]
    assert [s["name"] for s in seen] == [f"s-{i:03d}" for i in range(MOST)] and all(s["bound"] for s in seen)
    before = 1  # of the configuration with two
    assert [s.account()["binds"] - before for s in (g.smsc, g.smscs["second"])] == [MOST - 1, 1], "each bound once"
    c = g.daemon.client()
    some = [0, 1, 31, 32, 63, 64, 127, 128, 254, 255]
    ids = c.many([("OTP.SEND", f"62811{i:03d}12345") for i in some])
    for i, vid in zip(some, ids):
        assert c.settled(vid, "delivered")["smsc"] == f"s-{i:03d}"
        assert g.daemon.metric(f'otpgwd_smpp_submits_total{{smsc="s-{i:03d}"}}') == 1
    assert [s.to for s in g.smscs["second"].history()] == ["6281125512345"]
    g.smscs["second"].stop()
    wait_until(lambda: g.daemon.metric(f'otpgwd_smpp_bound{{smsc="{LAST}"}}') == 0, what="its bind has ended")
    code, lines = g.daemon.get("/readyz")
    assert code == 200 and f"warning: smsc {LAST}: not bound" in lines, lines
    assert c.settled(c.do("OTP.SEND", "6281125554321"), "delivered")["smsc"] == "s-000"


@pytest.mark.seconds(120)
def test_weights_over_256_smscs(fresh, number):
    """Each has its share, the first as the last."""
    g = many(fresh)
    c = g.daemon.client()
    for vid in c.many([("OTP.SEND", number()) for _ in range(2 * MOST)]):
        c.settled(vid, "accepted", "delivered")
    took = re.findall(r'^otpgwd_smpp_submits_total\{smsc="s-\d+"\} (\d+)$', g.daemon.get("/metrics")[1], re.M)
    assert took == ["2"] * MOST


@pytest.mark.seconds(120)
def test_256_smscs_that_are_away(fresh):
    """What is said of them is bounded: some are named, the others counted; and every metric is there."""
    g = many(fresh)
    for s in g.smscs.values():
        s.stop()
    wait_until(lambda: g.daemon.metric("otpgwd_smpp_bound") == 0, 40, "none is bound")
    code, text = g.daemon.get("/readyz")
    lines = text.splitlines()
    assert code == 503 and lines[0] == "not ready" and len(text) < 16384
    of_all = next(line for line in lines if line.startswith("smpp: no SMSC is bound: s-000: "))
    assert of_all.endswith(f"; and {MOST - 8} more") and "s-007: " in of_all and "s-008: " not in of_all
    assert f"smpp: {MOST + 1 - 16} more routes" in lines and all(re.match(r"not ready$|smpp: |durability: |warning: ", line) for line in lines)
    assert g.daemon.get("/metrics")[1].count("\notpgwd_smpp_reconnects_total{") == MOST


@pytest.mark.seconds(120)
def test_clients_leave_descriptors_for_256_smscs(fresh):
    """Clients that come while the SMSCs are away take all that they may have, and every bind comes back."""
    g = many(fresh, ["prlimit", "--nofile=1024:1024"], "max_clients = 5000; max_clients_per_uid = 5000;")
    g.smsc.stop()
    wait_until(lambda: g.daemon.metric("otpgwd_smpp_bound") == 1, 40, "255 are away")
    crowd = [g.daemon.client() for _ in range(1000)]
    wait_until(lambda: g.daemon.metric('otpgwd_clients_refused_total{reason="descriptors"}') > 0, what="as many as may be")
    g.smsc.restart()
    wait_until(lambda: g.daemon.metric("otpgwd_smpp_bound") == MOST, 60, "all bound again")
    for c in crowd:
        c.close()


def test_257_smscs_are_refused(fresh):
    g = fresh(smscs=2)
    configure(g, MOST + 1)
    code, text = g.daemon.check()
    assert code == 1 and "smsc: found 257 SMSCs, allowed at most 256" in text, text
