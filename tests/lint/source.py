"""C as the linter sees it: text without comments and strings, includes, functions. Never a full parser: it relies on the
house style (tabs, a function's braces alone in column 0), and reports where that does not hold."""

import re
from pathlib import Path

CAST_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
BLOCK = re.compile(r'(?:^|[\s;:)])\{$')
TABLE = re.compile(r'\bstatic const\b[^;(]*=\s*\{')


def bare(text):
    """Comments and literals blanked, lines kept."""

    def blank(match):
        found = match.group(0)
        if found[0] in "\"'":
            return found[0] + " " * (len(found) - 2) + found[0]
        return re.sub(r"[^\n]", " ", found)

    return CAST_OR_TEXT.sub(blank, text)


class Function:
    """One definition: its name, where its body starts, the lines it counts, its parameters and its deepest nesting."""

    def __init__(self, head, first, body):
        self.first = first
        self.name, self.params = self.read_head(head)
        self.lines = len(body) - sum(self.table_lines(body))
        self.nesting = max([self.tabs(body), self.braces(body)])

    @staticmethod
    def read_head(head):
        head = re.sub(r"__attribute__\s*\(\(.*?\)\)", "", head, flags=re.S)
        match = re.search(r"([A-Za-z_]\w*)\s*\(", head)
        if not match:
            return "?", 0
        depth, commas = 0, 0
        for char in head[match.end() - 1 :]:
            depth += (char == "(") - (char == ")")
            commas += char == "," and depth == 1
            if depth == 0:
                break
        return match.group(1), commas + 1

    @staticmethod
    def table_lines(body):
        depth = 0
        for line in body:
            if depth == 0 and not TABLE.search(line):
                continue
            depth += line.count("{") - line.count("}")
            yield 1

    @staticmethod
    def tabs(body):
        deepest, ended, table = 0, True, 0
        for line in body[1:-1]:
            code = line.strip()
            if not code:
                continue
            if table == 0 and ended and re.match(r"\t*[^\s]", line):
                deepest = max(deepest, len(line) - len(line.lstrip("\t")) - 1)
            if table or re.search(r"[=,(]\s*\{[^}]*$", line):
                table = max(0, table + line.count("{") - line.count("}"))
            ended = code[-1] in ";{}:)" or code.endswith("else") or code.endswith("do")
        return deepest

    @staticmethod
    def braces(body):
        """Blocks within blocks; the braces of an initialiser are none."""
        stack, deepest = [], 0
        text = "\n".join(body)
        for i, char in enumerate(text):
            if char == "{":
                before = text[max(0, i - 40) : i + 1]
                stack.append(bool(re.search(r"(?:^|\)\s+|\belse\s+|\bdo\s+|[;{}:]\s*)\{$", before)))
                deepest = max(deepest, sum(stack) - 1)
            elif char == "}" and stack:
                stack.pop()
        return deepest


class Source:
    def __init__(self, root, path):
        self.path = path
        self.name = path.relative_to(root).as_posix()
        self.text = path.read_text(encoding="utf-8")
        self.lines = self.text.split("\n")[: -1 if self.text.endswith("\n") else None]
        self.code = bare(self.text)
        self.includes = [(kind == "<", name) for kind, name in INCLUDE.findall(self.text)]

    def stem(self):
        """daemon/smpp/wire/link.c -> smpp/wire/link; the part in front is dropped."""
        return re.sub(r"^(daemon|include)/|\.[ch]$", "", self.name)

    def functions(self):
        lines = self.code.split("\n")
        for first, line in enumerate(lines):
            if line != "{":
                continue
            top = first
            while top and lines[top - 1].strip() and not re.match(r"[}#]|.*;$", lines[top - 1]):
                top -= 1
            last = next((n for n in range(first, len(lines)) if lines[n].startswith("}")), len(lines) - 1)
            yield Function("\n".join(lines[top:first]), first + 1, lines[first : last + 1])


def read_tree(root, *folders):
    for folder in folders:
        for path in sorted(Path(root, folder).rglob("*.[ch]")):
            if "node_modules" not in path.parts:
                yield Source(Path(root), path)
