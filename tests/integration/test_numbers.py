"""Numbers that explain themselves: grouped, with brand and network, with what was meant; and the plans, whose files are one
configuration."""
import os
import shutil

import pytest
from rig import ROOT
from test_reload import edit

PLANS = os.path.join(ROOT, "conf/numbering")


def told(client, text):
    found = client.do("OTP.CHECK", text)
    return found if isinstance(found, dict) else dict(zip(found[::2], found[1::2]))


BRANDS = [("0811", "Telkomsel", "Telkomsel"), ("0822", "Telkomsel", "Telkomsel"), ("0851", "by.U", "Telkomsel"), ("0857", "IM3", "Indosat"),
          ("0896", "Tri", "Indosat"), ("0878", "XL", "XLSmart"), ("0838", "Axis", "XLSmart"), ("0888", "Smartfren", "XLSmart"), ("0854", "", "")]


@pytest.mark.parametrize("prefix, brand, network", BRANDS)
def test_brand_and_network(client, prefix, brand, network):
    found = told(client, prefix + "34567890")
    assert (found["valid"], found["operator"], found["network"], found["region"]) == ("1", brand, network, "ID")


@pytest.mark.parametrize("typed, shown", [
    ("081234567890", "+62 812-3456-7890"), ("0812345678901", "+62 812-3456-78901"), ("08123456789", "+62 812-3456-789"),
    ("0812345678", "+62 812-345-678"), ("6281234567890", "+62 812-3456-7890"), ("0812", "")])
def test_grouped_for_people(client, typed, shown):
    assert told(client, typed)["display"] == shown


@pytest.mark.parametrize("typed, meant", [
    ("0182345678901", {"62812345678901", "6282345678901", "62882345678901"}),  # swapped
    ("+61 812-3456-78901", {"62812345678901"}), ("+1 812-3456-78901", {"62812345678901"}),  # another country's code
    ("+26 812-3456-78901", {"62812345678901"}), ("912345678901", {"62812345678901"}),
    ("08999999999999", {"62899999999999"}),  # one of many equal ones too much
    ("0812345678901234", set()), ("081234567890", set()), ("nobody", set()), ("08", set()), ("08123456789012", set())])
def test_what_was_meant(client, typed, meant):
    found = told(client, typed)
    assert set(found["similar"].split()) == meant and (found["valid"] == "0" or not meant)
    for number in meant:
        assert told(client, number)["number"] == number


def test_what_was_meant_is_not_logged(gw, client):
    """Nor what was typed: the log shows no whole number."""
    told(client, "+61 812-9876-54321")
    assert "62812987654321" not in gw.daemon.log() and "812987654321" not in gw.daemon.log()


def test_strict_is_opted_in(fresh, number):
    g = fresh(replace=[("# strict = false;", "strict = true;")])
    client = g.daemon.client()
    error = client.fails("OTP.SEND", "085412345678")
    assert error.code == "BADNUMBER" and error.fields["reason"] == "unassigned_prefix"
    edit(g.daemon, ("strict = true;", "strict = false;"))
    g.daemon.reload()
    client.do("OTP.SEND", "085412345678")
    assert g.smsc.sms(to="6285412345678").code


def test_a_country_more_by_a_reload(fresh):
    g = fresh()
    client = g.daemon.client()
    assert told(client, "+60 12-345 6789")["reason"] == "country_not_served"
    edit(g.daemon, ('plans = ["ID"];', 'plans = ["ID", "MY"];'))
    g.daemon.reload()
    found = told(client, "+60 12-345 6789")
    assert (found["number"], found["display"], found["operator"], found["region"]) == ("60123456789", "+60 12-345 6789", "Maxis", "MY")


def later_release(path):
    with open(path, "r+") as f:
        text = f.read().replace("format = 1;", "format = 2;")
        f.seek(0)
        f.write(text)


def garbage(path):
    with open(path, "w") as f:
        f.write("country: {\n")


def pipe(path):
    os.unlink(path)
    os.mkfifo(path)


@pytest.mark.parametrize("spoil, says", [
    (os.unlink, "No such file or directory"), (later_release, "found 2, allowed 1: the file is of a later release"), (garbage, "syntax error"),
    (pipe, "no regular file"), (lambda path: shutil.copy(os.path.join(PLANS, "SG.conf"), path), 'found "SG", allowed "MY"')],
    ids=["missing", "of a future format", "unreadable", "a pipe", "of another region"])
def test_a_bad_file_refuses_the_whole(fresh, tmp_path, spoil, says):
    """What is good in the reload is not taken either; once the file is good again, both are."""
    shutil.copytree(PLANS, tmp_path / "plans")
    g = fresh(replace=[(f'directory = "{PLANS}";', f'directory = "{tmp_path}/plans";')])
    g.daemon.expect = ["<3>app: "]
    client = g.daemon.client()
    edit(g.daemon, ('plans = ["ID"];', 'plans = ["ID", "SG", "MY"];'))
    spoil(tmp_path / "plans/MY.conf")
    status, text = g.daemon.check()
    assert status == 1 and says in text and f"{tmp_path}/plans/MY.conf" in text, text
    g.daemon.reload(good=False)
    assert says in g.daemon.log()
    assert [told(client, n)["valid"] for n in ("081234567890", "+6591234567", "+60123456789")] == ["1", "0", "0"]
    os.unlink(tmp_path / "plans/MY.conf") if os.path.exists(tmp_path / "plans/MY.conf") else None
    shutil.copy(os.path.join(PLANS, "MY.conf"), tmp_path / "plans/MY.conf")
    g.daemon.reload()
    assert [told(client, n)["valid"] for n in ("081234567890", "+6591234567", "+60123456789")] == ["1", "1", "1"]


def test_a_changed_file_counts_at_the_next_load(fresh, tmp_path):
    shutil.copytree(PLANS, tmp_path / "plans")
    g = fresh(replace=[(f'directory = "{PLANS}";', f'directory = "{tmp_path}/plans";')])
    client = g.daemon.client()
    plan = (tmp_path / "plans/ID.conf").read_text()
    (tmp_path / "plans/ID.conf").write_text(plan.replace('"by.U"', '"by.Us"'))
    assert told(client, "085134567890")["operator"] == "by.U"
    g.daemon.reload()
    assert told(client, "085134567890")["operator"] == "by.Us"


def test_the_world_at_once(fresh):
    """Every file in one configuration, but those whose numbers are all of another region with the same code."""
    first = ["US", "RU", "GB", "IT", "AU", "NO", "FI", "GP", "MA"]
    parts = {"AX", "BL", "CC", "CX", "EH", "MF", "SJ", "VA"}
    regions = {name[:2] for name in os.listdir(PLANS) if name.endswith(".conf")}
    named = ", ".join(f'"{r}"' for r in first + sorted(regions - parts - set(first)))
    g = fresh(replace=[('plans = ["ID"];', f"plans = [{named}];")])
    client = g.daemon.client()
    for typed, region in [("081234567890", "ID"), ("+447400123456", "GB"), ("+447781123456", "GG"), ("+79161234567", "RU"), ("+77011234567", "KZ"),
                          ("+12015550123", "US"), ("+12045550123", "CA"), ("+18765551234", "JM"), ("+393123456789", "IT"), ("+919876543210", "IN"),
                          ("+2348031234567", "NG"), ("+6591234567", "SG"), ("81234567890", "ID")]:
        found = told(client, typed)
        assert (found["valid"], found["region"]) == ("1", region), found
    for part in sorted(parts):
        g.daemon.write_conf(replace=[('plans = ["ID"];', f'plans = [{named}, "{part}"];')])
        status, text = g.daemon.check()
        assert status == 1 and f"found {part}, all of whose mobile numbers are those of" in text, text
