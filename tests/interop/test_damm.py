"""The check digit as a page computes it: the programs of otpgwd-protocol(7), as printed there, against the daemon."""
import json
import random
import sys

import pytest
from test_errors import printed, run

SHIPPED = 'name = "login";'

RUNNERS = {  # what runs the program, and how it tells what it says of a list of codes
    "damm-python": ([sys.executable, "-"], "\nimport json\nprint(json.dumps([well_typed(code) for code in %s]))\n"),
    "damm-javascript": (["node", "-"], "\nconsole.log(JSON.stringify(%s.map(wellTyped)));\n"),
}


@pytest.fixture(scope="module")
def judged():
    """Texts of seven digits, and whether the daemon takes each for a typing error."""
    from rig import Gateway
    g = Gateway(replace=[(SHIPPED, f"{SHIPPED} check_digit = true; guesses = 10;")])
    try:
        c, chance, told = g.daemon.client(), random.Random(1), {}
        for i in range(40):
            vid = c.do("OTP.SEND", f"6281290{i:06d}")
            code = g.smsc.sms().code
            swapped = [code[:n] + code[n + 1] + code[n] + code[n + 2:] for n in range(6)]
            other = [code[:n] + chance.choice("0123456789") + code[n + 1:] for n in range(7)]
            for typed in [*swapped, *other, *(f"{chance.randrange(10**7):07d}" for _ in range(10))]:
                if typed != code:
                    told[typed] = c.fails("OTP.VERIFY", vid, typed).fields.get("reason") != "mistyped"
            told[code] = c.do("OTP.VERIFY", vid, code) == "OK"
    finally:
        g.close()
    return told


@pytest.mark.parametrize("name", RUNNERS)
def test_a_page_says_what_the_daemon_says(judged, name):
    argv, ask = RUNNERS[name]
    program = printed(name)
    assert len(program.splitlines()) <= 10
    said = json.loads(run(argv, program + ask % json.dumps(list(judged))))
    assert dict(zip(judged, said)) == judged and sum(judged.values()) > 40 < len(judged) - sum(judged.values())


@pytest.mark.parametrize("name", RUNNERS)
def test_a_page_takes_nothing_but_digits(name):
    argv, ask = RUNNERS[name]
    assert json.loads(run(argv, printed(name) + ask % '["5724", "", "57x4", "5724 ", "ABCDEFG"]')) == [True] + [False] * 4
