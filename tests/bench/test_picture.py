"""The picture of the benchmark: what a reader sees of each line."""
import re
import xml.etree.ElementTree as ET

from figures import Line
from picture import BAR_W, BAR_X, GREEN, RED, picture

SVG = "{http://www.w3.org/2000/svg}"
TITLES = {"1": "Ceiling", "4": "Cost <of> a life", "9": "Not measured"}
LINES = [
    Line("1", "whole lives", 9000, "lives/s"), Line("1", "ceiling", 10000, "lives/s"),
    Line("1", "whole lives / ceiling", 0.9, "", (">=", 0.95)),
    Line("1", "limit: whole lives", "a core: redis-server 99 %"),
    Line("4", "instructions & more", 200000, "instructions", ("<=", 270000)),
]


def bars(root):
    return [(float(r.get("width")), r.get("fill")) for r in root.iter(SVG + "rect") if r.get("x") == str(BAR_X)]


def words(root):
    return [t.text for t in root.iter(SVG + "text")]


def test_bars_of_one_unit_have_one_scale():
    (whole, _), (ceiling, _), (ratio, colour), (count, good) = bars(ET.fromstring(picture(LINES, TITLES)))
    assert ceiling == BAR_W and whole == round(0.9 * BAR_W)
    assert ratio == round(0.9 * BAR_W) and colour == RED
    assert count == round(BAR_W * 200000 / 270000) and good == GREEN


def test_units_aims_and_limits_are_told():
    said = words(ET.fromstring(picture(LINES, TITLES)))
    assert "10,000 lives/s" in said
    assert "200,000 instructions (at most 270,000)" in said
    assert "limit: whole lives: a core: redis-server 99 %" in said
    assert "4 Cost <of> a life" in said
    assert not any("Not measured" in text for text in said)


def test_ratios_show_one_and_aims_show_themselves():
    text = picture(LINES, TITLES)
    strokes = [float(x) for x in re.findall(r'<line x1="(\d+)"', text)]
    assert strokes == [BAR_X + BAR_W, round(BAR_X + 0.95 * BAR_W), BAR_X + BAR_W]


def test_a_picture_of_nothing_is_a_picture():
    ET.fromstring(picture([], TITLES))
    ET.fromstring(picture([Line("1", "none", 0, "ms")], TITLES))


def test_a_long_limit_is_cut():
    (told,) = [text for text in words(ET.fromstring(picture([*LINES[:1], Line("1", "limit: all", "a core, " * 50)], TITLES))) if "limit" in text]
    assert told.startswith("limit: all: a core, ") and told.endswith("...") and len(told) == 190
