"""An SMSC, or a bind, that a reload took away was shown as bound for ever: the last value of its gauges stayed."""
import re

from rig import wait_until
from test_binds import all_bound, edit


def test_they_are_zero(fresh):
    g = fresh(smscs=2, smsc="binds = 2;")
    all_bound(g, 2)

    def gauges():
        text = g.daemon.get("/metrics")[1]
        return {(what, smsc, bind) for what, smsc, bind, value in re.findall(
            r'^otpgwd_smpp_(bound|rate|rate_configured|fit|bind_state|bind_state_seconds)\{smsc="(\w+)"(?:,bind="(\d)",type="\w+")?\} (\S+)$', text, re.M)
            if float(value)}

    def shown(smsc, bind):
        return [what for what, s, b in gauges() if (s, b) == (smsc, bind)]

    assert shown("second", "") and shown("second", "0") and shown("main", "1")
    with open(g.daemon.path("conf")) as f:
        group = re.search(r',(\{ name = "second".*?\})', f.read()).group(1)
    edit(g.daemon, ("," + group, ""), ('smsc = ["main","second"];', 'smsc = ["main"];'), ("binds = 2;", "binds = 1;"))
    g.daemon.reload()
    wait_until(lambda: len(g.daemon.json()["smscs"]) == 1 and len(g.daemon.json()["smscs"][0]["binds"]) == 1, what="both gone")
    assert shown("main", "") and shown("main", "0")
    assert shown("second", "") == shown("second", "0") == shown("second", "1") == shown("main", "1") == []
