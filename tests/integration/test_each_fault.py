"""Each fault that a number's ending can ask of the simulated SMSC: what becomes of the message, of its session, and what is counted."""
import collections
import os
import re
import subprocess

import pytest
from rig import SMSC, Gateway, wait_until
from test_links import QUICK, reasons

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "smsc_faults.txt")
Row = collections.namedtuple("Row", "ending fault at submits sms delivery reason error doubt session counted")
SLOWEST = 40  # a number whose mailbox is full cools down for 30 s
COUNTED = {"otpgwd_receipts_total": "result", "otpgwd_smpp_decode_anomalies_total": "kind", "otpgwd_smpp_mo_total": None}


def rows():
    with open(TABLE) as f:
        return [Row(*re.split("  +", line.strip())) for line in f if line[0] != "#"]


def offered():
    """The endings of `smsc --help`, with their faults."""
    done = subprocess.run([SMSC, "--help"], capture_output=True, text=True)
    part = re.search(r"^Destinations .*?\n(.*?)^A scenario", done.stdout + done.stderr, re.M | re.S).group(1)
    return dict(line.split(None, 1) for line in part.splitlines())


@pytest.fixture(scope="module")
def text_alone():
    g = Gateway(receipts="text")
    yield g
    g.close()


@pytest.fixture
def at(request, fresh):
    def find(where):
        if where in ("quick", "own"):
            return fresh(smsc=QUICK) if where == "quick" else fresh()
        return request.getfixturevalue({"both": "gw", "text": "text_alone"}[where])

    return find


def counts(g):
    """Receipts and anomalies by their names; what comes with every receipt is left out."""
    found = collections.Counter()
    for name, labels, value in re.findall(r"^(otpgwd_\w+)\{(.*)\} (\S+)$", g.daemon.get("/metrics")[1], re.M):
        if name in COUNTED:
            label = COUNTED[name]
            found[re.search(rf'{label}="(\w+)"', labels).group(1) if label else "mo"] += float(value)
    del found["matched"]
    return found


def test_every_fault_has_a_row():
    listed = {row.ending: row.fault for row in rows()}
    for ending, fault in offered().items():
        pattern = ending.replace("d", r"\d")
        of_it = {e: f for e, f in listed.items() if re.fullmatch(pattern, e)}
        assert of_it, f"{ending} {fault} has no row"
        assert all(f == fault for f in of_it.values()) or "d" in ending, (of_it, fault)


def cases():
    """Each row; the mailbox that cools down for 30 s is one of the long tests."""
    for row in rows():
        marks = [pytest.mark.seconds(90)] if row.ending == "999323" else []
        yield pytest.param(row, marks=marks, id=f"{row.ending}-{row.fault}-{row.at}".replace(", ", "-"))


@pytest.mark.parametrize("row", cases())
def test_fault(at, number, row):
    """As its row says, and the daemon goes on."""
    g = at(row.at)
    g.daemon.expect.append("reason=validity_refused")
    c, to = g.daemon.client(), number(row.ending)
    before, submits, ended = counts(g), g.smsc.account()["submits"], len(reasons(g))
    vid = c.do("OTP.SEND", to)
    c.settled(vid, row.delivery, seconds=SLOWEST)
    certain = {name for name in row.counted.split(",") if name[0] not in "-("}
    wait_until(lambda: all(counts(g)[name] > before[name] for name in certain), SLOWEST, row.counted)
    status = c.status(vid)
    said = [status[key] or "-" for key in ("delivery", "reason", "error", "possible_duplicate")]
    assert said == [row.delivery, row.reason, row.error, row.doubt]
    if row.session != "kept":
        wait_until(lambda: reasons(g)[ended:] == [row.session], 20, f"{row.session}: {reasons(g)[ended:]}")
        wait_until(g.daemon.ready, 20, "bound again")
    assert reasons(g)[ended:] == ([] if row.session == "kept" else [row.session])
    texts = [s.text for s in g.smsc.history() if s.to == to]
    least, _, most = row.sms.partition("-")
    assert int(least) <= len(texts) <= int(most or least) and len(set(texts)) <= 1, "one code, however often"
    account = g.smsc.account()
    assert account["submits"] == submits + int(row.submits) and account["violations"] == {}
    listed = {name.strip("()") for name in row.counted.split(",")}
    assert {name for name, n in counts(g).items() if n > before[name]} <= listed | {"early"}
    c.settled(c.do("OTP.SEND", number()), "accepted", "delivered")
