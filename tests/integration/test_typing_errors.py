"""
Nobody is lost for a digit: every number that one slip of a finger makes of a right one, and what becomes of the person who
made it. What is told before sending is the daemon's own judgement of each of them. What follows depends on people, on telcos and
on how many numbers are somebody's, so each step has its share here, as an assumption that is written down. README shows the table.
"""
import collections
import os
import random
import re

import pytest
from rig import ROOT

LENGTHS = (10, 11, 12)  # national digits
ALIVE = (0.09, 0.30, 0.60)  # share of the valid numbers that are somebody's

# Of 1: how many do what the step wants of them.
CORRECT_AT_ONCE = 0.97  # the page says, beside the field, what is wrong with the number
RECEIPTS_TELL = 0.90  # a telco reports that nobody has this number
CORRECT_WHEN_TOLD = 0.93  # the page says that the SMS could not be delivered, and shows the number
LOOK_TWICE = 0.80  # nobody told them: no SMS comes, and the page shows the number large and grouped, with a button to change it
SEND_ONE = 0.85  # whoever is still without a code sends an SMS instead, where no number can be mistyped

BEGIN, END = "<!-- typing errors -->", "<!-- end of typing errors -->"


def slips(digits):
    """All drops, doubles, swaps of neighbours and replacements of one digit."""
    for i, digit in enumerate(digits):
        yield "drop", digits[:i] + digits[i + 1:]
        yield "double", digits[:i] + digit + digits[i:]
        if digits[i + 1:i + 2] not in ("", digit):
            yield "swap", digits[:i] + digits[i + 1] + digit + digits[i + 2:]
        for other in "0123456789".replace(digit, ""):
            yield "replace", digits[:i] + other + digits[i + 1:]


def checked(client, texts):
    replies = client.all_served([("OTP.CHECK", t) for t in texts])
    return [r if isinstance(r, dict) else dict(zip(r[::2], r[1::2])) for r in replies]


def prefixes(client):
    """Of the shipped plan: three digits that it knows as an operator's."""
    all_of_them = [f"{p:03d}" for p in range(800, 900)]
    return [p for p, found in zip(all_of_them, checked(client, ["0" + p + "3456789" for p in all_of_them])) if found["operator"]]


class Judged:
    """What the daemon says of all slips. A text that still is the right number is none."""

    def __init__(self, client):
        rng = random.Random(20261127)
        right = ["0" + p + "".join(rng.choices("0123456789", k=length - 3)) for p in prefixes(client) for length in LENGTHS]
        numbers = [found["number"] for found in checked(client, right)]
        assert all(numbers), "a right number is refused"
        typed = [(kind, text, number) for text, number in zip(right, numbers) for kind, text in slips(text)]
        self.right, self.made, self.refused, self.nobodys = len(right), collections.Counter(), collections.Counter(), 0
        for (kind, _, number), found in zip(typed, checked(client, [text for _, text, _ in typed])):
            if found["number"] == number:
                continue
            self.made[kind] += 1
            self.refused[kind] += found["valid"] == "0"
            self.nobodys += found["valid"] == "1" and not found["operator"]
            assert found["valid"] == "1" or found["reason"], "a refusal without a reason tells nobody what to do"
        slips_made = sum(self.made.values())
        self.told_before = sum(self.refused.values()) / slips_made
        self.no_operator = self.nobodys / slips_made  # taken, but no operator has such numbers, so they are nobody's

    def __str__(self):
        kinds = ", ".join(f"{kind} {self.refused[kind] / n:.1%} of {n}" for kind, n in sorted(self.made.items()))
        return f"{self.right} right numbers; refused: {kinds}; {self.told_before:.1%} of all; taken without an operator: {self.no_operator:.1%}"


def people(judged, alive, look_twice=LOOK_TWICE):
    """What becomes of the people of one column, as shares of all who typed a digit wrong."""
    p = {"told before sending": judged.told_before}
    sent = 1 - judged.told_before
    dead = judged.no_operator + (sent - judged.no_operator) * (1 - alive)
    p["told by the receipt"] = dead * RECEIPTS_TELL
    p["told by nobody"] = sent - p["told by the receipt"]
    p["rescued by REDIRECT"] = p["told by the receipt"] * CORRECT_WHEN_TOLD + p["told by nobody"] * look_twice
    p["get in without REVERSE"] = judged.told_before * CORRECT_AT_ONCE + p["rescued by REDIRECT"]
    p["rescued by REVERSE"] = (1 - p["get in without REVERSE"]) * SEND_ONE
    p["get in with REVERSE"] = p["get in without REVERSE"] + p["rescued by REVERSE"]
    return p


def table(columns):
    lines = ["| of 1,000 people who typed one digit wrong | " + " | ".join(f"{a:.0%} alive".replace("%", " %") for a in ALIVE) + " |",
             "| --- |" + " --- |" * len(ALIVE)]
    for row in columns[0]:
        cells = " | ".join(f"{1000 * c[row]:.0f}" for c in columns)
        lines.append(f"| **{row}** | {cells} |" if row.startswith("get in") else f"| {row} | {cells} |")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def judged(gw):
    client = gw.daemon.client()
    yield Judged(client)
    client.close()


@pytest.fixture
def columns(judged):
    return [people(judged, alive) for alive in ALIVE]


def readme():
    with open(os.path.join(ROOT, "README.md")) as f:
        return f.read()


def readme_says(words):
    return words in " ".join(readme().split())


def test_what_the_daemon_tells_before_sending(judged, fresh):
    """The plan alone finds a fifth, or a quarter if it is strict, so that the steps behind it matter."""
    print(f"\n{judged}")
    assert judged.right >= 3 * 38 and all(judged.made[kind] > 1000 for kind in ("drop", "double", "swap", "replace"))
    assert judged.told_before > 0.15
    strict = Judged(fresh(replace=[("# strict = false;", "strict = true;")]).daemon.client())
    print(f"strict: {strict}")
    assert strict.told_before > 0.2 and strict.no_operator == 0
    assert readme_says(f"({1000 * judged.told_before:.0f} of 1,000; {1000 * strict.told_before:.0f} with `numbering.strict = true`")
    assert readme_says(f"{sum(judged.made.values()) // 1000},000 such numbers")


def test_nearly_all_get_in(columns, judged):
    print("\n" + table(columns))
    assert all(c["get in without REVERSE"] >= 0.85 for c in columns)
    assert all(c["get in with REVERSE"] >= 0.95 for c in columns)
    # How much of it hangs on the share that is known least.
    least = next(n for n in range(101) if people(judged, ALIVE[-1], n / 100)["get in without REVERSE"] >= 0.85)
    nobody = people(judged, ALIVE[-1], 0)
    print(f"at {ALIVE[-1]:.0%} alive {least} % must look twice for 850; if nobody does, {1000 * nobody['get in without REVERSE']:.0f} get in,"
          f" and {1000 * nobody['get in with REVERSE']:.0f} with REVERSE")
    assert readme_says(f"at least {least} % must look twice")
    assert readme_says(f"{1000 * nobody['get in without REVERSE']:.0f} get in, and {1000 * nobody['get in with REVERSE']:.0f} with REVERSE")


def test_readme_shows_this_table(columns):
    """What is printed stands in README, with each assumption."""
    shown = re.search(re.escape(BEGIN) + r"\n(.*?)" + re.escape(END), readme(), re.S)
    assert shown and shown.group(1) == table(columns), f"README must show between {BEGIN} and {END}:\n{table(columns)}"
    for share in (CORRECT_AT_ONCE, RECEIPTS_TELL, CORRECT_WHEN_TOLD, LOOK_TWICE, SEND_ONE):
        assert readme_says(f"{share:.0%}".replace("%", " %")), share
