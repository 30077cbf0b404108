"""`make demo`, as README says it: it ends well, and shows what README promises. The build is there already."""
import os
import re
import subprocess

import typed
from rig import OTPGWD, ROOT, SMSC


def test_the_demo():
    (commands,) = typed.readme("Try it")
    assert "make demo " in commands
    run = subprocess.run(["sh", os.path.join(ROOT, "tests/demo.sh"), os.path.dirname(OTPGWD), "demo"], env={**os.environ, "SMSC": SMSC},
                         capture_output=True, text=True, timeout=120)
    print(run.stdout, run.stderr)
    assert run.returncode == 0
    steps = re.findall(r"^(\d+)\. ", run.stdout, re.M)
    assert steps == [str(n) for n in range(1, len(steps) + 1)], "the steps are numbered"
    for command in ("OTP.SEND", "OTP.VERIFY", "OTP.REDIRECT", "OTP.RESEND", "OTP.REVERSE"):
        assert f"api.sock {command}" in run.stdout, command
    assert "Please check the number" in run.stdout and "verified" in run.stdout
    wrong = re.search(r"OTP.SEND (\S+) PURPOSE signup SUBJECT session-4712", run.stdout).group(1)
    right = re.search(r"OTP.REDIRECT \S+ (\S+)", run.stdout).group(1)
    assert len(wrong) == len(right) and sum(a != b for a, b in zip(wrong, right)) == 1, "one digit is corrected"
    late = run.stdout.partition('"Send again"')[2].partition("\n10. ")[0]
    codes, entered = re.findall(r"kode Anda (\d{6})", late), re.search(r"OTP.VERIFY \S+ (\d{6})\n  OK", late).group(1)
    assert len(codes) == 2 and entered == codes[0], "two SMS, and the code of the first is entered"
