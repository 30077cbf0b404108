"""figures: numbers out of what programs print, and the lines that a row of the benchmark consists of."""
import re
from typing import NamedTuple, Optional, Tuple, Union


class Line(NamedTuple):
    """
    One line of a row. `unit` "" means a ratio. `aim` is ("<=", 270000) or (">=", 0.9). `exact`: the value does not depend on how
    busy the machine is, so that it may be a gate.
    """
    row: str
    what: str
    value: Union[float, str]
    unit: str = ""
    aim: Optional[Tuple[str, float]] = None
    exact: bool = False


def missed(line):
    """Whether the value lies on the wrong side of the line's aim."""
    if not line.aim:
        return False
    sign, bound = line.aim
    return line.value > bound if sign == "<=" else line.value < bound


def gates_missed(lines):
    """Those lines that are exact and miss their aim."""
    return [line for line in lines if line.exact and missed(line)]


def number(value):
    """A value as a reader wants it: with thousands apart, and no more digits than say something."""
    if isinstance(value, str):
        return value
    if abs(value) >= 100:
        return f"{value:,.0f}"
    digits = 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 or value == 0 else 3
    return f"{value:.{digits}f}"


def shown(line):
    """The value with its unit and, where there is one, its aim."""
    text = f"{number(line.value)} {line.unit}".rstrip()
    if line.aim:
        text += f"   aim {line.aim[0]} {number(line.aim[1])}{', missed' if missed(line) else ''}"
    return text


def median(values):
    """The middle one; of an even count the mean of the two in the middle."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def per_item(few, many, count_few, count_many):
    """What one more item costs: the difference of two runs, so that what does not depend on their number falls out."""
    return (many - few) / (count_many - count_few)


def collected(log):
    """Instructions that callgrind counted until its program ended. Several programs in one log: of the last one."""
    found = re.findall(r"Collected : (\d+)", log)
    if not found:
        raise ValueError("callgrind said no count: " + log[-500:])
    return int(found[-1])


def info_field(text, name):
    """A number of an INFO answer of Redis."""
    found = re.search(rf"^{re.escape(name)}:(\d+)\s*$", text, re.M)
    if not found:
        raise ValueError(f"INFO does not say {name}")
    return int(found.group(1))


def kept_after(keys, ms):
    """Octets of the keys that are still there after so many ms. keys: [(octets, ms left, or -1 for ever)]."""
    return sum(octets for octets, left in keys if left < 0 or left > ms)


def octet_hours(keys):
    """Octets times the hours that they stay, of keys that all end by themselves."""
    return sum(octets * left for octets, left in keys if left > 0) / 3600000
