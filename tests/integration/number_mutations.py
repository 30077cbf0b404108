"""Numbers as people spell and misspell them, and a reading of them that shares nothing with the daemon's: what is taken
must be the digits that were typed, in their order, behind trunk and country code, or nothing."""
import re
import unicodedata

INVISIBLE = "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u2060\u2066\u2067\u2068\u2069\ufeff"
MORE_DASHES = "\u2053\u207b\u208b\u2212"  # Unicode calls them dashes and files them elsewhere
ID = r"(8(?:1[1-9]|2[1-3]|3[1-38]|5[1-9]|7[7-9]|[89]\d)\d{6,9})"
SG = r"([89]\d{7})"
READINGS = [("62", r"(?:\+|00)620?(?:620?)?" + ID), ("62", r"620?(?:620?)?" + ID), ("62", "0?" + ID),
            ("65", r"(?:\+|00)?65(?:65)?" + SG)]


def sort(c):
    """A character as one of a few: a digit, + . / a blank for all separators, nothing for the invisible, ? for the rest."""
    if unicodedata.category(c) == "Nd":
        return str(unicodedata.decimal(c))
    if c in INVISIBLE:
        return ""
    if c in "+./\uff0b\uff0e\uff0f":
        return unicodedata.normalize("NFKC", c)
    if c in "()\uff08\uff09" or c in MORE_DASHES or unicodedata.category(c) == "Pd":
        return " "
    return " " if c.isspace() and c not in "\x1c\x1d\x1e\x1f" else "?"


def read(octets):
    """The number that the text spells; None: none."""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return None
    signs = "".join(map(sort, text))
    tel = re.match(r"(?i)tel:", text.lstrip("".join(c for c in set(text) if sort(c) in ("", " "))))
    if tel:
        at = re.search(r"(?i)tel:", text).end()
        signs = "".join(map(sort, text[at:]))
    if len(octets) > 128 or not re.fullmatch(r" *\+? *\d[\d ./]*", signs):
        return None
    signs = re.sub(r" *([./]) *", r"\1", signs.strip())
    if len(re.findall(r"[./]", signs)) != len(re.findall(r"(?<=\d\d)[./](?=\d\d)", signs)):
        return None
    head, dot, behind = signs.partition(".")
    behind = re.sub(r"\D", "", behind)
    if dot and signs.count(".") == 1 and (len(behind) <= 2 or not behind.strip("0")):
        return None
    digits = re.sub(r"[^\d+]", "", signs)
    for code, pattern in READINGS:
        found = re.fullmatch(pattern, digits)
        if found:
            return code + found.group(1)
    return None


ZEROS = "0" * 12 + "\u0660\u06f0\u0966\u09e6\u0e50\uff10\U0001d7ce"
SEPARATORS = "  --..()/\u00a0\u2009\u202f\u2011\u2013\u2212\u3000\t\n\r\uff0d"
MEANING = "eExXpwabOol,;:#*~_=%@!\u00bd\u2070\u00b2\u2460\u066b\u066c\u3007\u4e00\u202e\u2063\u2064\u0435\u0301\uff0c\x00\x1f"
TAILS = [" ext 5", "x12", ";ext=3", ",,9", "#4", "*2", "p7", "e3", "E+12", ".0", ".00", ".000", ",0", ",00", "\u066b0", "/2", "/34",
         ".5E3", " - 7", " or 08", "\u00b2", "+1", ";phone-context=+62", "\n", "\r\n", ".", " 00"]
HEADS = ["+", "0", "00", "62", "+62", "620", "tel:", "TEL:", "tel: ", "65", "(", "-", ".", "1", " ", "x", "\ufeff"]


def spell(rng):
    """A right number in one of its spellings."""
    if rng.random() < 0.15:
        national, heads = f"{rng.choice('89')}{rng.randrange(10**7):07}", ["+65", "65", "0065", "+65 65"]
    else:
        prefix = rng.choice(["811", "812", "819", "821", "838", "852", "878", "881", "899"])
        national = prefix + "".join(rng.choices("0123456789", k=rng.randint(6, 9)))
        heads = ["0", "0", "0", "", "62", "+62", "+62", "+62 0", "+62 (0)", "(+62) ", "0062", "6262", "tel:+62", "\u202a+62"]
    group, separator = rng.choice([0, 0, 2, 3, 4]), rng.choice(SEPARATORS)
    if group:
        separator = separator if separator not in "./()" or group > 1 and len(national) % group != 1 else " "
        national = separator.join(national[i:i + group] for i in range(0, len(national), group))
    zero = ord(rng.choice(ZEROS))
    return "".join(chr(zero + int(c)) if c in "0123456789" else c for c in rng.choice(heads) + national)


def mutate(rng, text):
    """One slip of a finger, a program or an attacker."""
    at, kind = rng.randrange(len(text) + 1), rng.randrange(12)
    if kind == 0:
        return text[:at] + rng.choice("0123456789") + text[at:]
    if kind == 1:
        return text[:at] + chr(ord(rng.choice(ZEROS)) + rng.randrange(10)) + text[at:]
    if kind in (2, 3):
        return text[:at] + text[at + 1:]
    if kind == 4:
        return text[:at] + text[at + 1:at + 2] + text[at:at + 1] + text[at + 2:]
    if kind == 5:
        return text[:at] + rng.choice(SEPARATORS + INVISIBLE + "+\uff0b\uff0e\uff0f") + text[at:]
    if kind == 6:
        return text[:at] + rng.choice(MEANING) + text[at:]
    if kind == 7:
        return text[:at] + rng.choice(MEANING + SEPARATORS + "0123456789+") + text[at + 1:]
    if kind == 8:
        return text[:at] + text[max(0, at - rng.randint(1, 3)):]
    if kind == 9:
        return rng.choice(HEADS) + text
    if kind == 10:
        return text + rng.choice(TAILS)
    return text[:at] + rng.choice(TAILS) + text[at:]


def octets(rng):
    """A number, mutated none to three times; now and then cut or damaged in the middle of a character."""
    text = spell(rng)
    for _ in range(rng.choice([0, 1, 1, 1, 1, 2, 2, 3])):
        text = mutate(rng, text)
    raw = text.encode()
    if rng.random() < 0.02:
        at = rng.randrange(len(raw) + 1)
        raw = rng.choice([raw[:at], raw[:at] + rng.randbytes(1) + raw[at:], raw[:at] + rng.randbytes(1) + raw[at + 1:]])
    return raw
