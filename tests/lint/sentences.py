"""What people are told, held together: the list of cases (daemon/otp/sentence_cases.c), the sentences that are built in
(conf/sentences.conf), the codes and reasons that the commands answer with (daemon/flow), and the table of
otpgwd-protocol(7). usage: sentences.py, from the root of the tree, writes that table anew."""

import re
import textwrap
from pathlib import Path

CASES, SENTENCES, PAGE = "daemon/otp/sentence_cases.c", "conf/sentences.conf", "man/otpgwd-protocol.7"
BEGIN, END = '.\\" sentences: made by tests/lint/sentences.py\n', '.\\" end of sentences\n'
ROW = re.compile(r'\{ answer = "([^"]*)"; lang = "([^"]*)"; text = "((?:\\.|[^"\\])*)"; \}')

# How the commands write codes and reasons. A reason that a function names (of a number, a text, a delivery) is found by
# tests/unit/otp/test_sentences.c, and any that is found nowhere by the invariant in daemon/flow/ask/say.c.
WRITTEN = [
    re.compile(r'answer_reason\(\s*[^,"]+,\s*"(?P<code>[A-Z]+)",\s*"(?P<reason>[a-z_]+)"'),
    re.compile(r'(?:answer_reason|api_reply_error)\(\s*[^,"]+,\s*"(?P<code>[A-Z]+)"'),
    re.compile(r'\.code = "(?P<code>[A-Z]+)"'),
    re.compile(r'\bscope = "(?P<scope>[a-z_]+)"'),
    re.compile(r'"reason", "(?P<reason>[a-z_]+)"'),
    re.compile(r'\{ "(?P<reason>[a-z_]+)", "[^"]* [^"]*" \}'),  # rows of a reason and its text
    re.compile(r'\.reason = "(?P<reason>[a-z_]+)"'),
]
ANSWERED = re.compile(r'api_reply_error\(\s*[^,"]+,\s*"(?P<code>[A-Z]+)"')


def cases(root):
    return re.findall(r'^\t\{ "([^"]+)", ', Path(root, CASES).read_text(), re.M)


def shipped(root):
    """(answer, language) -> sentence."""
    found = ROW.findall(Path(root, SENTENCES).read_text())
    return {(answer, lang): text for answer, lang, text in found}


def covers(names, found):
    """True if a case names what was found: the code with the reason, or with any reason, or what alone is known of it."""
    code, reason, scope = (found.get(key) for key in ("code", "reason", "scope"))
    for name in names:
        first, *words = name.split(" ")
        if code and first != code:
            continue
        if reason and f"reason={reason}" not in words and not (code and "reason" in words):
            continue
        if scope and f"scope={scope}" not in words:
            continue
        return True
    return False


def missing_cases(names, name, text):
    """The codes and reasons of one source file that no case names."""
    for pattern in WRITTEN:
        for match in pattern.finditer(text):
            found = match.groupdict()
            if found.get("reason") and "code" not in found and (reply := ANSWERED.search(text, match.end())):
                found["code"] = reply.group("code")  # a reason alone is one of the code that is answered next
            if found.get("code") != "ERR" and not covers(names, found):
                what = " ".join(f"{key}={value}" for key, value in found.items() if value)
                line = text[: match.start()].count("\n") + 1
                yield f"{name}:{line}: {what} has no case in {CASES}, and so no sentence in {SENTENCES}"


def check(root):
    names, sentences = cases(root), shipped(root)
    langs = sorted({"en", "id"} | {lang for _, lang in sentences})
    yield from (f"{CASES}: {n} is there twice" for n in sorted({n for n in names if names.count(n) > 1}))
    for lang in langs:
        yield from (f"{SENTENCES}: no sentence in {lang} for {n}" for n in names if (n, lang) not in sentences)
    yield from (f"{SENTENCES}: {a} is no case of {CASES}" for a, lang in sentences if a not in names)
    for path in sorted([*Path(root).glob("daemon/flow/**/*.c"), *Path(root).glob("daemon/api/table.c")]):
        yield from missing_cases(names, path.relative_to(root).as_posix(), path.read_text())
    page = Path(root, PAGE).read_text()
    yield from (f"{PAGE}: ERROR REPLIES does not name {word} of {code}" for code, word in unnamed(names, page))
    if table(root) not in page:
        yield f"{PAGE}: its table of sentences is not that of {SENTENCES}; /usr/bin/python3 tests/lint/sentences.py writes it"


def unnamed(names, page):
    """(code, reason=... or scope=...) of each case that the page does not list under ERROR REPLIES."""
    replies = page.partition(".Sh ERROR REPLIES\n")[2].partition("\n.Sh ")[0]
    for name in names:
        code, *words = name.split(" ")
        for key, is_field, value in (word.partition("=") for word in words):
            if not is_field or key not in ("reason", "scope") or code == "STATUS":
                continue
            begin = r"^\.Li scope\nis" if key == "scope" else rf"Reasons? of {code}:"
            listed = re.search(begin + r"(.*?)(?=Reasons? of|^\.(?:Pp|Ss)|\Z)", replies, re.S | re.M)
            if not listed or not re.search(rf"\b{value}\b", listed.group(1)):
                yield code, f"{key}={value}"


def roff(text):
    """Lines of a manual page, none too long, none that begins with a control character or ends a sentence in its middle."""
    text = text.replace("\\\\", "\\e").replace('\\"', '"')
    lines = []
    for sentence in re.split(r"(?<=[.?!]) ", text):
        lines += textwrap.wrap(sentence, 76, break_long_words=False, break_on_hyphens=False)
    return "\n".join(r"\&" + line if line[:1] in ".'" else line for line in lines)


def table(root):
    names, sentences = cases(root), shipped(root)
    langs = sorted({lang for _, lang in sentences}, reverse=True)
    rows = []
    for name in names:
        rows.append(f".It Li {name}\n" + "\n.br\n".join(roff(sentences.get((name, lang), "")) for lang in langs))
    return BEGIN + ".Bl -tag -width 4n\n" + "\n".join(rows) + "\n.El\n" + END


if __name__ == "__main__":
    page = Path(PAGE)
    head, _, rest = page.read_text().partition(BEGIN)
    page.write_text(head + table(".") + rest.partition(END)[2])
