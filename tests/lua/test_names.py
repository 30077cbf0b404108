"""Names in the scripts are those of C: embed.sh puts their numbers in, and refuses a name that C does not have."""
import os
import re
import subprocess

from scripts import RECORD, ROOT, embedded

EMBED = os.path.join(ROOT, "daemon/store/embed.sh")


def embed(folder, text):
    path = os.path.join(folder, "some.lua")
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return subprocess.run(["sh", EMBED, path], text=True, capture_output=True, check=False)


def octets(header):
    return bytes(int(n) for n in re.findall(r"\d+", re.search(r"\{(.*?)\};", header, re.S).group(1))).decode()


def test_a_name_is_its_number(tmp_path):
    done = embed(tmp_path, "return { RECORD_LEN, DELIVERY_DELIVERED, STORE_ISSUE_LIMITED, 'RECORD_LEN' }\n")
    assert done.returncode == 0
    assert octets(done.stdout) == f"return {{ {RECORD.size}, 5, 3, 'RECORD_LEN' }}\n"
    assert '_Static_assert((int)DELIVERY_DELIVERED == 5,' in done.stdout


def test_a_name_that_c_does_not_have_ends_the_build(tmp_path):
    done = embed(tmp_path, "return AT_NOWHERE\n")
    assert done.returncode != 0
    assert "some: no constant AT_NOWHERE" in done.stderr


def test_no_name_reaches_redis():
    for name, text in embedded().items():
        assert not re.search(r"[A-Z]+_[A-Z]", re.sub(r"'[^']*'", "", text.decode())), name
