"""What figures.py reads out of what programs print, and how lines, aims and gates come out."""
import pytest
from figures import Line, collected, gates_missed, info_field, kept_after, median, missed, number, octet_hours, per_item, shown


def test_median_does_not_follow_one_that_was_disturbed():
    assert median([5, 900, 4]) == 5
    assert median([4, 1, 3, 2]) == 2.5
    assert median([7]) == 7


def test_what_does_not_depend_on_the_number_falls_out():
    start, each = 41000000, 270000
    assert per_item(start + 300 * each, start + 600 * each, 300, 600) == each


def test_instructions_are_those_of_the_last_program():
    log = "==1== Collected : 10\nready\n==2== Events    : Ir\n==2== Collected : 123456789\n"
    assert collected(log) == 123456789
    with pytest.raises(ValueError, match="no count"):
        collected("valgrind: cannot open it")


def test_a_field_of_info_is_the_whole_name():
    text = "# Memory\r\nused_memory_rss:9\r\nused_memory:1134\r\nused_memory_human:1.1K\r\n"
    assert info_field(text, "used_memory") == 1134
    with pytest.raises(ValueError, match="used_memory_peak"):
        info_field(text, "used_memory_peak")


def test_keys_that_end_before_are_not_kept():
    keys = [(500, 7200000), (160, 60000), (40, -1)]
    assert kept_after(keys, 0) == 700
    assert kept_after(keys, 120000) == 540


def test_octets_count_for_as_long_as_they_stay():
    assert octet_hours([(500, 7200000), (160, 1800000)]) == 1080
    assert octet_hours([(40, -1)]) == 0


@pytest.mark.parametrize("sign, bound, value, wrong", [
    ("<=", 270000, 270000, False), ("<=", 270000, 270001, True), (">=", 0.9, 0.9, False), (">=", 0.9, 0.89, True)])
def test_an_aim_has_a_side(sign, bound, value, wrong):
    line = Line("4", "what", value, "", (sign, bound))
    assert missed(line) == wrong
    assert shown(line).endswith(", missed") == wrong


def test_only_exact_lines_are_gates():
    slow, heavy = Line("1", "rate", 0.5, "", (">=", 0.9)), Line("4", "count", 9, "", ("<=", 8), exact=True)
    assert gates_missed([slow, heavy, heavy._replace(value=8)]) == [heavy]


@pytest.mark.parametrize("value, text", [(369027.3, "369,027"), (12.34, "12.3"), (0.0833, "0.083"), (0.777, "0.78"), (0, "0.00"), ("a core", "a core")])
def test_digits(value, text):
    assert number(value) == text
