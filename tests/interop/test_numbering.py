"""The numbering plans beside libphonenumber-js, which they are made from: the same numbers are mobile, of the same country."""
import collections
import filecmp
import json
import os
import struct
import subprocess

import pytest
from rig import OTPGWD, ROOT

FULL = bool(os.environ.get("OTPGWD_FULL"))
HERE = os.path.dirname(os.path.abspath(__file__))
PLANS = os.path.join(ROOT, "conf/numbering")
READER = os.path.join(os.environ.get("OTPGWD_BUILD", os.path.dirname(OTPGWD)), "tests/unit/otp/read_numbers")
# Of regions with one code those named first have what several have, as in libphonenumber; these have nothing else.
FIRST, PARTS = ["US", "RU", "GB", "IT", "AU", "NO", "FI", "GP", "MA"], {"AX", "BL", "CC", "CX", "EH", "MF", "SJ", "VA"}


def taken(texts):
    regions = {name[:2] for name in os.listdir(PLANS) if name.endswith(".conf")}
    named = FIRST + sorted(regions - PARTS - set(FIRST))
    given = b"".join(struct.pack("<H", len(t)) + t.encode() for t in texts)
    done = subprocess.run([READER, PLANS, "", ", ".join(f'"{r}"' for r in named)], input=given, capture_output=True, check=True)
    lines = [line.split("\t") for line in done.stdout.decode().split("\n")[:-1]]
    assert len(lines) == len(texts)
    return [(None, None) if line[0].startswith("-") else (line[0], line[1]) for line in lines]


@pytest.mark.seconds(600)
def test_the_same_numbers_are_mobile():
    made = subprocess.run(["node", "numbers.js", "4000" if FULL else "400", "20261127"], cwd=HERE, capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in made.stdout.splitlines()]
    both, differ = collections.Counter(), []
    for row, (number, region) in zip(rows, taken([row["text"] for row in rows])):
        region = region if region not in PARTS else None
        if (number, region) == (row["number"], row["region"]):
            both["taken" if number else "refused"] += 1
        else:
            differ.append((row, number, region))
    share = sum(both.values()) / len(rows)
    print(f"{len(rows)} numbers of {len({row['of'] for row in rows})} countries: {both['taken']} taken and {both['refused']} refused by both, "
          f"{100 * share:.3f} % alike")
    assert min(both.values()) * 5 > len(rows)
    # Another number, or one of another country, is never taken.
    wrong = [d for d in differ if d[0]["number"] and d[1] and d[0]["number"] != d[1]]
    assert not wrong, wrong[:5]
    assert share >= 0.999, collections.Counter(d[0]["of"] for d in differ).most_common(20) + differ[:10]


def test_the_plans_are_those_of_the_package(tmp_path):
    """Written anew they are the same: nothing was edited by hand, and the version in each is that of the package."""
    package = os.path.join(HERE, "node_modules/libphonenumber-js")
    subprocess.run(["node", os.path.join(PLANS, "generate.mjs"), package, str(tmp_path)], check=True, capture_output=True)
    names = sorted(os.listdir(tmp_path))
    assert names == sorted(name for name in os.listdir(PLANS) if name.endswith(".conf")) and len(names) > 240
    same, changed, unread = filecmp.cmpfiles(tmp_path, PLANS, names, shallow=False)
    assert not changed and not unread
    with open(os.path.join(package, "package.json")) as f:
        version = json.load(f)["version"]
    for name in names:
        assert f'source = "libphonenumber-js {version}";' in (tmp_path / name).read_text()
