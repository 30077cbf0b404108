"""picture: the lines of the benchmark as bars, one section per row. A bar's aim is a stroke across it; ratios show where 1 is."""
from html import escape

from figures import missed, number

BAR_X, BAR_W, STEP, WIDTH, LINE_CHARS = 430, 280, 22, 860, 190
GREEN, RED, GREY = "#3a7", "#c43", "#999"


def measured(lines):
    """The lines that can be drawn: those with a number."""
    return [line for line in lines if not isinstance(line.value, str)]


def scale_of(lines):
    """For each (row, unit) the value of a full bar: the largest of its values and aims; of ratios at least 1."""
    full = {}
    for line in measured(lines):
        key = (line.row, line.unit)
        values = [line.value, line.aim[1] if line.aim else 0, 0 if line.unit else 1]
        full[key] = max(full.get(key, 0), *values)
    return full


def cut(text):
    """What has room on a line."""
    return text if len(text) <= LINE_CHARS else text[:LINE_CHARS - 3] + "..."


def stroke(x, y, colour):
    return f'<line x1="{x:.0f}" x2="{x:.0f}" y1="{y - 3}" y2="{y + 17}" stroke="{colour}" stroke-width="2"/>'


def bar(line, full, y):
    """One line: its words, its bar, its value with its unit and aim."""
    width = BAR_W * line.value / full if full else 0
    parts = [f'<text x="{BAR_X - 8}" y="{y + 12}" text-anchor="end">{escape(line.what)}</text>',
             f'<rect x="{BAR_X}" y="{y}" width="{max(width, 0):.0f}" height="14" fill="{RED if missed(line) else GREEN}"/>']
    if not line.unit:
        parts.append(stroke(BAR_X + BAR_W / full, y, GREY))
    text = f"{number(line.value)} {line.unit}".rstrip()
    if line.aim:
        parts.append(stroke(BAR_X + BAR_W * line.aim[1] / full, y, "#000"))
        text += f" ({'at most' if line.aim[0] == '<=' else 'at least'} {number(line.aim[1])})"
    parts.append(f'<text x="{BAR_X + BAR_W + 8}" y="{y + 12}">{escape(text)}</text>')
    return parts


def picture(lines, titles):
    """The text of an SVG file. titles: {row: its name}; rows come in the order of the titles."""
    full, y, parts = scale_of(lines), 16, []
    for row, title in titles.items():
        drawn = [line for line in measured(lines) if line.row == row]
        limits = [f"{line.what}: {line.value}" for line in lines if line.row == row and line.what.startswith("limit")]
        if not drawn:
            continue
        parts.append(f'<text x="10" y="{y + 12}" font-weight="bold">{escape(row)} {escape(title)}</text>')
        for line in drawn:
            y += STEP
            parts += bar(line, full[(row, line.unit)], y)
        for text in limits:
            y += STEP - 4
            parts.append(f'<text x="30" y="{y + 12}" fill="{GREY}" font-size="11">{escape(cut(text))}</text>')
        y += STEP + 10
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH + 320}" height="{y + 60}" font-family="sans-serif" font-size="12">'
            f'<rect width="100%" height="100%" fill="#fff"/>')
    legend = (f'<text x="10" y="{y + 20}" fill="{GREY}">A grey stroke is where a ratio is 1, a black one is the aim; a red bar misses it. '
              'Bars of one row with the same unit have one scale.</text>')
    return "\n".join([head, *parts, legend, "</svg>"]) + "\n"
