"""What people type and paste: a number is the digits that were typed or no number at all; a code is found in what a phone copies."""
import os
import random
import struct
import subprocess

import pytest
from number_mutations import octets, read, spell
from rig import OTPGWD, ROOT

FULL = bool(os.environ.get("OTPGWD_FULL"))
PLANS = os.path.join(ROOT, "conf/numbering")
READER = os.path.join(os.environ.get("OTPGWD_BUILD", os.path.dirname(OTPGWD)), "tests/unit/otp/read_numbers")


def taken(texts):
    """What the daemon's reader takes each for; None: no number."""
    given = b"".join(struct.pack("<H", len(t)) + t for t in texts)
    done = subprocess.run([READER], input=given, capture_output=True, check=True)
    lines = done.stdout.decode().split("\n")[:-1]
    assert len(lines) == len(texts)
    return [None if line.startswith("-") else line for line in lines]


@pytest.mark.seconds(600)
def test_no_number_becomes_another():
    """A million mutations (30,000 without OTPGWD_FULL): an independent reading takes each for the same number, or for none."""
    rng = random.Random(20261126)
    right = [spell(rng).encode() for _ in range(2000)]
    assert taken(right) == [read(t) for t in right] and None not in map(read, right)
    count = {"taken": 0, "refused": 0}
    for _ in range(100 if FULL else 3):
        texts = [octets(rng) for _ in range(10000)]
        for text, number in zip(texts, taken(texts)):
            assert number == read(text), (text, number, read(text))
            count["taken" if number else "refused"] += 1
    print(count)
    assert min(count.values()) * 5 > sum(count.values()), count


PREFIXES = [p for a, b in [(811, 819), (821, 823), (831, 833), (838, 838), (851, 853), (855, 859), (877, 879), (881, 889), (895, 899)]
            for p in range(a, b + 1)]


def one_digit_wrong(typed):
    """Each way in which one slip of the finger spoils it, with its kind."""
    for i, digit in enumerate(typed):
        yield "dropped", typed[:i] + typed[i + 1:]
        yield "doubled", typed[:i] + digit + typed[i:]
        if typed[i + 1:] and typed[i + 1] != digit:
            yield "swapped", typed[:i] + typed[i + 1] + digit + typed[i + 2:]
        yield from (("replaced", typed[:i] + d + typed[i + 1:]) for d in "0123456789" if d != digit)


def test_one_digit_wrong():
    """Over all Indonesian prefixes and three lengths: where anything is told, the right number is among it."""
    rng, cases = random.Random(20261127), []
    for prefix in PREFIXES:
        for digits in (10, 11, 12):
            national = str(prefix) + "".join(rng.choices("0123456789", k=digits - 3))
            cases += [(kind, "62" + national, typed) for kind, typed in one_digit_wrong("0" + national)]
    given = b"".join(struct.pack("<H", len(typed)) + typed.encode() for _, _, typed in cases)
    done = subprocess.run([READER, PLANS, "ID", '"ID"'], input=given, capture_output=True, check=True)
    count = {kind: [0, 0, 0] for kind in ("dropped", "doubled", "swapped", "replaced")}
    for (kind, right, typed), line in zip(cases, done.stdout.decode().split("\n")):
        number, similar = line.split("\t")[0], line.split("\t")[5].split()
        count[kind] = [a + b for a, b in zip(count[kind], (1, number.startswith("-"), bool(similar)))]
        assert len(similar) <= 3 and (number.startswith("-") or not similar)
        assert not similar or right in similar, (right, typed, similar)
    for kind, (all_, refused, told) in count.items():
        print(f"{kind}: {all_} numbers, {refused} refused, of {told} of these the right one is told among at most three")
    assert sum(told for _, _, told in count.values()) * 2 > sum(refused for _, refused, _ in count.values())


def digits_from(zero, text):
    return "".join(chr(ord(zero) + int(c)) if c.isdigit() else c for c in text)


NUMBERS = [  # of a national number, without trunk or country code
    lambda n: "\u202a+62 " + n[:3] + "-" + n[3:7] + "-" + n[7:] + "\u202c",
    lambda n: "\u202d0" + n + "\u202c",
    lambda n: "0" + n[:3] + "\u00a0" + n[3:7] + "\u00a0" + n[7:],
    lambda n: "+62\u2009" + n[:3] + "\u2009" + n[3:],
    lambda n: "+62\u202f" + n,
    lambda n: "+62 " + n[:3] + "\u2011" + n[3:7] + "\u2011" + n[7:],
    lambda n: "0" + n[:3] + "\u2013" + n[3:7] + "\u2014" + n[7:],
    lambda n: "\ufeff0" + n[:3] + "\u200b" + n[3:] + "\u200e",
    lambda n: "0" + n[:4] + "\u00ad" + n[4:],
    lambda n: "0" + n + "\n",
    lambda n: "\t0" + n + "\r\n",
    lambda n: "tel:+62" + n,
    lambda n: "TEL: +62-" + n[:3] + "-" + n[3:],
    lambda n: "+62 (0)" + n,
    lambda n: "0" + n[:3] + "." + n[3:7] + "." + n[7:],
    lambda n: digits_from("\u0660", "0" + n),
    lambda n: digits_from("\u06f0", "0" + n),
    lambda n: digits_from("\u0966", "0" + n),
    lambda n: digits_from("\uff10", "\uff0b62\uff0d" + n),
]


def test_numbers_as_pasted(gw, client, number):
    to = number()
    for spelling in NUMBERS:
        found = client.do("OTP.CHECK", spelling(to[2:]))
        found = found if isinstance(found, dict) else dict(zip(found[::2], found[1::2]))
        assert found["valid"] == "1" and found["number"] == to, (spelling(to[2:]), found)
    client.do("OTP.SEND", NUMBERS[0](to[2:]), "REQID", "1")
    assert gw.smsc.sms(to=to).to == to


NO_NUMBERS = ["6281234567890.0", "628123456789.00", "6.28123456789E+12", "081234567890 ext 9", "081234567890x9", "tel:+6281234567890;ext=9",
              "081234567890,9", "081234567890#9", "08123456+7890", "081234567890/1", "0812\u202e34567890", b"0812\xff34567890", "08123456789\u00bd"]


@pytest.mark.parametrize("text", NO_NUMBERS, ids=[repr(t)[1:-1] for t in NO_NUMBERS])
def test_a_wrong_number_is_no_other_number(gw, client, text):
    """Field of the issue: 6281234567890.0 was taken as 62812345678900, and the SMS went there."""
    submits = gw.smsc.account()["submits"]
    error = client.fails("OTP.SEND", text)
    assert error.code == "BADNUMBER" and error.fields["reason"] == "not_a_number", error
    assert gw.smsc.account()["submits"] == submits


CODES = [
    lambda c: c + "\n",
    lambda c: c[:3] + "\u00a0" + c[3:] + "\r\n",
    lambda c: c[:3] + "\u2011" + c[3:],
    lambda c: c[:2] + "\u2009" + c[2:4] + "\u2009" + c[4:],
    lambda c: "\u202a" + c + "\u202c",
    lambda c: "\ufeff" + c[:3] + "\u200b" + c[3:],
    lambda c: "\t(" + c + ")",
    lambda c: digits_from("\u0660", c),
    lambda c: digits_from("\u0966", c),
    lambda c: digits_from("\uff10", c),
]


@pytest.mark.parametrize("paste", CODES, ids=[repr(c("123456"))[1:-1] for c in CODES])
def test_codes_as_pasted(gw, client, number, paste):
    to = number()
    vid = client.do("OTP.SEND", to)
    assert client.do("OTP.VERIFY", vid, paste(gw.smsc.sms(to=to).code)) == "OK"


def test_redis_cli_x(gw, client, number):
    """It reads the last argument from its input, and sends the line end that stands behind it."""
    def cli(given, *words):
        return subprocess.run(["redis-cli", "-s", gw.daemon.api, "-x", *words], input=given, capture_output=True, text=True, timeout=60).stdout

    to = number()
    assert to in cli("+" + to + "\n", "OTP.CHECK")
    vid = cli(to + "\n", "OTP.SEND").strip()
    assert len(vid) == 52
    assert cli(gw.smsc.sms(to=to).code + "\n", "OTP.VERIFY", vid).strip() == "OK"


def test_a_line_for_autofill(fresh, number):
    """{code} twice: for people, and in the last line for their phones."""
    text = '{brand}: kode Anda {code}. Berlaku {minutes} menit. JANGAN berikan kepada siapa pun.'
    d = fresh(replace=[(text, text + r"\n@example.com #{code}")])
    to, client = number(), d.daemon.client()
    vid = client.do("OTP.SEND", to)
    sms = d.smsc.sms(to=to)
    # The simulator shows the line end as a blank.
    assert sms.text.endswith(f"kepada siapa pun. @example.com #{sms.code}") and sms.text.count(sms.code) == 2
    assert client.do("OTP.VERIFY", vid, sms.code) == "OK"
    for wrong in (r"{code}. {code}", r"{code}.\n@example.com #{code}.", r"{code}.\n@example #{code}"):
        d.daemon.write_conf(replace=[(text, wrong)])
        status, said = d.daemon.check()
        assert status and "found {code} missing or too often, allowed {code} once" in said, said
