"""Names in the functions are those of C: embed.sh puts their numbers in, and refuses a name that C does not have."""
import os
import re
import shutil
import subprocess

import pytest

from scripts import ROOT, TOMBSTONE, embedded, load

EMBED = os.path.join(ROOT, "daemon/store/embed.sh")


def embed(folder, text):
    """With this text as the body of cancel."""
    lua = os.path.join(folder, "lua")
    shutil.copytree(os.path.join(ROOT, "daemon/store/lua"), lua)
    with open(os.path.join(lua, "cancel.lua"), "w", encoding="ascii") as file:
        file.write(text)
    return lua, subprocess.run(["sh", EMBED, lua], text=True, capture_output=True, check=False)


def test_a_name_is_its_number(tmp_path):
    lua, done = embed(tmp_path, "return { TOMBSTONE_LEN, DELIVERY_DELIVERED, STORE_ISSUE_LIMITED, 'TOMBSTONE_LEN' }\n")
    assert done.returncode == 0
    assert f"\nreturn {{ {TOMBSTONE}, 5, 3, 'TOMBSTONE_LEN' }}\nend\n" in embedded(lua).decode()
    assert '_Static_assert((int)DELIVERY_DELIVERED == 5,' in done.stdout


def test_a_name_that_c_does_not_have_ends_the_build(tmp_path):
    _, done = embed(tmp_path, "return AT_NOWHERE\n")
    assert done.returncode != 0
    assert "no constant AT_NOWHERE" in done.stderr


@pytest.mark.parametrize("missing", ("cancel.lua", "lib/pause.lua"))
def test_a_missing_piece_ends_the_build(tmp_path, missing):
    lua = os.path.join(tmp_path, "lua")
    shutil.copytree(os.path.join(ROOT, "daemon/store/lua"), lua)
    os.unlink(os.path.join(lua, missing))
    assert subprocess.run(["sh", EMBED, lua], capture_output=True, check=False).returncode != 0


def test_no_name_reaches_redis():
    assert not re.search(r"[A-Z]+_[A-Z]", re.sub(r"'[^']*'", "", embedded().decode().split("\n", 1)[1]))


def test_another_text_is_another_library(store, tmp_path):
    """Two versions of the daemon use one Redis: neither takes the functions of the other."""
    lua, done = embed(tmp_path, "return 'another'\n")
    assert done.returncode == 0
    other = load(store.r, embedded(lua))
    assert other != store.library and store.r.fcall(f"{other}_cancel", 0) == b"another"
    store.put()
    assert store.cancel() == [0, 0]
