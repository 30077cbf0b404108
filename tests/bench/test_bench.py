"""What bench.py is asked, which rows it then runs, and how a configuration with many SMSCs is written."""
import bench
import pytest
from gateway import configured, sample_of, with_smscs
from scale import accepted


def rows_of(*argv):
    return [part.row for part in bench.parts_of(bench.arguments(["build", *argv]))]


def test_all_rows_or_those_that_are_named():
    assert sorted(set(rows_of())) == ["1", "2", "3", "4", "5", "6", "8"]
    assert rows_of("--rows", "5,3") == ["3", "5"]
    assert rows_of("--rows", "8", "--scale") == ["8", "8"]
    assert rows_of("--rows", "9", "--beside", "other") == ["9"]


def test_a_row_that_is_not_there_is_named(capsys):
    with pytest.raises(SystemExit):
        bench.arguments(["build", "--rows", "1,77"])
    assert "no row 77; rows are 1, 2" in capsys.readouterr().err


def test_a_beside_row_needs_another_build(capsys):
    with pytest.raises(SystemExit):
        bench.arguments(["build", "--rows", "9"])
    assert "--beside" in capsys.readouterr().err


def test_each_line_is_put_into_its_row():
    part = bench.Part("4", None, lambda rows: [bench.Line("4", "count", 2), bench.Line("1", "rate", 1)],
                      lambda rows: {"1 rate": {"limit": "a core", "kind": "core"}})
    lines, limits = bench.table([part], {})
    assert [(line.row, line.what) for line in lines] == [("1", "rate"), ("1", "limit: rate"), ("4", "count")]
    assert limits["1 rate"]["kind"] == "core"


def test_many_smscs_share_the_one_route():
    text = with_smscs(sample_of("nowhere"), 3)
    assert [text.count(f'name = "{name}";') for name in ("main", "main2", "main3", "main4")] == [1, 1, 1, 0]
    assert 'smsc = ["main", "main2", "main3"]; weights = [1, 1, 1];' in text
    assert with_smscs("anything", 1) == "anything"


def test_settings_that_the_sample_does_not_have_are_named():
    sample = "port = 1;\n\t# backlog = 1024;\n"
    assert configured(sample, [("port = 1;", "port = 2;")], {"backlog": 5}) == "port = 2;\n\tbacklog = 5;\n"
    with pytest.raises(SystemExit, match="no default of window"):
        configured(sample, [], {"window": 5})
    with pytest.raises(SystemExit, match="has no port = 3;"):
        configured(sample, [("port = 3;", "")], {})


def test_a_list_that_is_too_long_is_seen_beside_other_faults():
    assert accepted("conf:3: keys.index: found no file, allowed a file\n", 256)
    assert not accepted("conf:3: keys.index: found no file\nconf:9: smsc: found 256 SMSCs, allowed at most 32\n", 256)
    assert not accepted("conf:9: routes.smsc: found 256, allowed at most 64\n", 256)
    assert accepted("conf:9: smsc: found 256 SMSCs, allowed at most 32\n", 32)
