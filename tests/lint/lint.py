"""The rules of the house, checked: layers, private and third-party headers, lone headers, sizes, cycles, forbidden
symbols, names, metrics, keys, manual pages, tests that are named. usage: lint.py BUILD [compiler flags], from the root of
the tree; BUILD holds its objects.
Prints what is wrong, one line each, then "lint: N passed, N failed"; exit status 1 if anything failed."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sentences
from source import read_tree

FLOORS = {"base": 0, "otp": 1, "api": 2, "store": 2, "smpp": 2, "ops": 2, "flow": 3, "conf": 4, "top": 5}

# Sub-rooms and their floors within the room: a file uses what stands below it, and what lies beside it in its own folder.
SUB_ROOMS = {
    "smpp": {"codec": 0, "wire": 1, "health": 1, "": 2},
    "flow": {"news": 0, "guard": 1, "deliver": 2, "ask": 3, "": 4},
}

# Who may include what of others. A file's stem, or a prefix of it that ends in "*".
THIRD_PARTY = {
    r"event2/.*": "base/loop base/listener base/resolve ops/statsock ops/statsock_limit",
    r"(hiredis|async|read)\.h|hiredis/.*": "store/conn store/conn_io store/reply_bounds store/reply",
    r"libsmpp34/.*": "smpp/codec/encode",
    r"uni(ctype|str|types)\.h": "otp/typed otp/usertext",
    r"sodium.*": "base/secret base/buf otp/code otp/keyring otp/key_file otp/proof otp/tag otp/texts main",
    r"libconfig\.h": "conf/*",
    r"openssl/.*": "smpp/wire/tls",
    r"systemd/.*": "ops/notify base/listener",
}
LIBC = """assert ctype errno float inttypes limits locale math setjmp signal stdalign stdarg stdatomic stdbool stddef stdint
stdio stdlib stdnoreturn string strings time dirent endian fcntl getopt glob grp ifaddrs netdb poll pwd sched spawn syslog termios
unistd wchar""".split()
SYSTEM = re.compile(r"(%s)\.h|(sys|net|netinet|arpa|linux)/\w+\.h" % "|".join(LIBC))

FILE_LINES, FUNCTION_LINES, PARAMETERS, NESTING, COLUMNS = 600, 60, 5, 4, 120

FORBIDDEN = re.compile(
    r"(smpp34_unpack\w*|smpp34_dump\w*|gets|v?sprintf|strcpy|stpcpy|strcat|strncpy|strncat|strtok|v?f?scanf|v?sscanf|ato[ifl]l?"
    r"|system|popen|tmpnam|tempnam|mktemp|s?rand|s?random|drand48|localtime|gmtime|ctime|asctime|alloca)"
)
DECLARED = re.compile(r"^(?!static|typedef|#|\s)[^\n=;]*?\b(\w+)\(", re.M)
INLINE = re.compile(r"^static inline [^\n;{]*?\b(\w+)\([^;{]*\)\n\{\n(.*?)^\}", re.M | re.S)
CALLED = re.compile(r"(?<![\w.>])(\w+)\s*\(")
VAGUE = re.compile(r"(^|[_-])(utils?|misc|helpers?|types|common)([_-]|$)")
NAMED_TESTS = re.compile(r"`?((?:\w+/)*test_\w+\.(?:py|c))`?(?:: ((?:\w+, )*\w+))?")
LEFT_OVER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
LOG_LINE = re.compile(
    r'\blog_(?:(?:error|warn|info|debug)\(|write\([^;"]*?,)\s*(?:[A-Z_]+|"[a-z]+"),\s*((?:"(?:\\.|[^"\\])*"|PRI\w+|\s+)+)')
VALUE = r'\\"[^"]*\\"|(?:0x|U\+)?(?:%[\w.]+)+|\w+'
PAIR = rf"(?:[a-z_]+=(?:{VALUE})|%s)"  # what another part already put into words ("%s") is not looked into


def event(words):
    return rf"[a-z%][\w%-]*(?: [\w%-]+){{0,{words - 1}}}?"


LOG_FORM = re.compile(rf"%s|%\.\*s|(?:{event(6)}(?: {PAIR})+|{event(4)})(?:[,:] \S.*)?")


def room(name):
    """daemon/smpp/wire/link.c, include/smpp.h, include/otp/text.h -> smpp, smpp, otp."""
    parts = name.split("/")
    if parts[0] == "include":
        return parts[1].removesuffix(".h")
    return parts[1] if len(parts) > 2 else "top"


def sub_room(name):
    """daemon/smpp/wire/link.c -> wire; a file of the room itself -> ""."""
    parts = name.split("/")
    return parts[2] if len(parts) > 3 else ""


def resolve(sources, source, name):
    """The file of the tree that an include in quotes means, or None."""
    for folder in (source.name.rsplit("/", 1)[0], "daemon", "include"):
        if f"{folder}/{name}" in sources:
            return f"{folder}/{name}"
    return None


def components(graph):
    """Strongly connected components with more than one member."""
    reach = {}
    for start in graph:
        seen, todo = set(), list(graph[start])
        while todo:
            at = todo.pop()
            if at not in seen:
                seen.add(at)
                todo.extend(graph.get(at, ()))
        reach[start] = seen
    knots = {frozenset(b for b in graph if b in reach[a] and a in reach.get(b, ())) for a in graph if a in reach[a]}
    return sorted(sorted(knot) for knot in knots)


class Tree:
    def __init__(self, root, build, flags):
        self.root, self.build, self.flags = Path(root), Path(root, build), flags
        self.sources = {s.name: s for s in read_tree(root, "daemon", "include")}
        self.tests = [s for s in read_tree(root, "tests")]
        self.includes = {
            s.name: {found for system, name in s.includes if not system and (found := resolve(self.sources, s, name))}
            for s in self.sources.values()
        }
        self.defined, self.used = {}, {}
        self.read_objects()

    def read_objects(self):
        """Symbols by source file, of the objects whose source exists."""
        objects = [o for o in sorted(self.build.glob("daemon/**/*.o")) if self.source_of(o) in self.sources]
        if not objects:
            return
        found = subprocess.run(["nm", "-A", *map(str, objects)], capture_output=True, text=True, check=True)
        for line in found.stdout.splitlines():
            path, rest = line.split(":", 1)
            kind, symbol = rest.split()[-2:]
            into = self.used if kind in "Uw" else self.defined if kind.isupper() else None
            if into is not None:
                into.setdefault(self.source_of(Path(path)), {})[symbol] = kind

    def source_of(self, path):
        return path.relative_to(self.build).with_suffix(".c").as_posix()


def check_layers(tree):
    for name, included in tree.includes.items():
        mine = room(name)
        if mine not in FLOORS:
            yield f"{name}: no such room: {mine}"
            continue
        for other in sorted(included):
            its = room(other)
            if its in FLOORS and its != mine and FLOORS[its] >= FLOORS[mine]:
                yield f"{name}: {mine} may not use {its} ({other})"


def check_sub_rooms(tree):
    """A sub-room sees only what stands below it: neither its neighbours nor the files of the room itself."""
    for name in tree.sources:
        if name.startswith("daemon/") and sub_room(name) not in SUB_ROOMS.get(room(name), {"": 0}):
            yield f"{name}: no such sub-room of {room(name)}: {sub_room(name)}"
    for name, included in tree.includes.items():
        floors = SUB_ROOMS.get(room(name), {})
        for other in sorted(included):
            mine, its = sub_room(name), sub_room(other)
            if other.startswith("daemon/") and room(other) == room(name) and its != mine:
                if floors.get(its, 0) >= floors.get(mine, 0):
                    yield f"{name}: {mine or 'the room'} may not use {its or 'the files of the room'} ({other})"


def check_private_headers(tree):
    for name, included in tree.includes.items():
        for other in sorted(included):
            if not other.startswith("include/") and (room(other) != room(name) or name.startswith("include/")):
                yield f"{name}: {other} is private to {room(other)}"


def check_known_includes(tree):
    for source in tree.sources.values():
        for system, name in source.includes:
            if not system and not resolve(tree.sources, source, name) and name not in ("store_lua.h", "sentences_conf.h"):
                yield f'{source.name}: "{name}" is no file of the tree; third-party headers go in <>'


def check_third_party(tree):
    for source in tree.sources.values():
        for system, name in source.includes:
            if not system or SYSTEM.fullmatch(name):
                continue
            allowed = next((who for what, who in THIRD_PARTY.items() if re.fullmatch(what, name)), None)
            if allowed is None:
                yield f"{source.name}: <{name}> is no header that this tree knows"
            elif source.name.startswith("include/"):
                yield f"{source.name}: a door includes no third-party header (<{name}>)"
            elif not any(source.stem() == w or w[-1] == "*" and source.stem().startswith(w[:-1]) for w in allowed.split()):
                yield f"{source.name}: <{name}> is confined to {allowed}"


def check_lone_headers(tree):
    headers = [n for n in tree.sources if n.endswith(".h")]

    def compiles(name):
        cc = os.environ.get("CC", "cc").split()
        run = [*cc, "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-Iinclude", "-Idaemon", *tree.flags]
        done = subprocess.run(
            [*run, "-fsyntax-only", "-include", name, "-xc", "/dev/null"], cwd=tree.root, capture_output=True, text=True
        )
        return None if done.returncode == 0 else f"{name}: does not compile alone: {done.stderr.strip().splitlines()[0]}"

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from filter(None, pool.map(compiles, headers))


def check_guards(tree):
    for name, source in tree.sources.items():
        if name.endswith(".h"):
            inner = name.split("/", 1)[1] if name.count("/") > 1 or name.startswith("include/") else name
            want = re.sub(r"\W", "_", inner).upper()
            if not re.search(rf"^#ifndef {want}\n#define {want}$", source.text, re.M):
                yield f"{name}: no include guard {want}"


def check_include_cycles(tree):
    for knot in components(tree.includes):
        yield f"include cycle: {' '.join(knot)}"


def check_call_cycles(tree):
    """By the objects' symbols; an inline function of a header belongs to the source of the same name, if there is one."""
    where = {symbol: name for name, symbols in tree.defined.items() for symbol in symbols}
    calls = {name: {where[s] for s in used if s in where} for name, used in tree.used.items()}
    inline, homes = [], {source.stem(): source.name for source in tree.sources.values() if source.name.endswith(".c")}
    for source in tree.sources.values():
        for name, body in INLINE.findall(source.code) if source.name.endswith(".h") else ():
            where[name] = homes.get(source.stem(), source.name)
            inline.append((where[name], body))
    for home, body in inline + [(s.name, s.code) for s in tree.sources.values() if s.name.endswith(".c")]:
        calls.setdefault(home, set()).update(where[word] for word in CALLED.findall(body) if word in where)
    calls = {name: called - {name} for name, called in calls.items()}
    for knot in components(calls):
        yield f"call cycle: {' '.join(knot)}"


def check_unused(tree):
    """What a header declares somebody in the tree calls: a function that only its test calls is dead."""
    words = Counter(word for source in tree.sources.values() for word in re.findall(r"\w+", source.code))
    for source in tree.sources.values():
        for function in DECLARED.findall(source.code) if source.name.endswith(".h") else ():
            if words[function] <= 2:
                yield f"{source.name}: nothing calls {function}"


def check_exported_variables(tree):
    for name, symbols in tree.defined.items():
        for symbol, kind in symbols.items():
            if kind in "BCDGRSV" and not symbol.startswith("__"):
                yield f"{name}: exports the variable {symbol}"


def check_forbidden(tree):
    if not tree.used:
        yield "no objects to look at: build first"
    for name, symbols in tree.used.items():
        for symbol in symbols:
            if FORBIDDEN.fullmatch(re.sub(r"^__(isoc\d+_)?|_chk$", "", symbol)):
                yield f"{name}: uses {symbol}"
            elif symbol.startswith("smpp34_") and not name.startswith("daemon/smpp/codec/encode"):
                yield f"{name}: uses {symbol}, which only smpp/codec/encode may"
    # The compiler turns some of them into others: the source counts too.
    for source in tree.sources.values():
        for number, line in enumerate(source.code.split("\n"), 1):
            for match in re.finditer(r"(?<![\w.>])(\w+)\s*\(", line):
                if FORBIDDEN.fullmatch(match.group(1)):
                    yield f"{source.name}:{number}: calls {match.group(1)}"


def all_sources(tree):
    return [*tree.sources.values(), *tree.tests]


def check_file_sizes(tree):
    for source in all_sources(tree):
        if len(source.lines) >= FILE_LINES:
            yield f"{source.name}: {len(source.lines)} lines, the cap is {FILE_LINES}"
    makefile = tree.root / "Makefile"
    if makefile.exists() and len(makefile.read_text().splitlines()) >= 250:
        yield "Makefile: 250 lines or more"


def check_columns(tree):
    for source in all_sources(tree):
        for number, line in enumerate(source.lines, 1):
            if len(line.expandtabs(8)) > COLUMNS:
                yield f"{source.name}:{number}: more than {COLUMNS} columns"
            if line != line.rstrip():
                yield f"{source.name}:{number}: space at the end of the line"


def check_functions(tree):
    for source in all_sources(tree):
        for f in source.functions():
            at = f"{source.name}:{f.first}: {f.name}"
            if f.lines > FUNCTION_LINES:
                yield f"{at}: {f.lines} lines, the cap is {FUNCTION_LINES}"
            if f.params > PARAMETERS:
                yield f"{at}: {f.params} parameters, the cap is {PARAMETERS}"
            if f.nesting > NESTING:
                yield f"{at}: nested {f.nesting} deep, the cap is {NESTING}"


def formatter():
    """clang-format of the version that the tree is formatted with; versions differ in what they make of the same text."""
    for name in ("clang-format-14", "clang-format"):
        if shutil.which(name) and re.search(r"version 14\.", subprocess.run([name, "--version"], capture_output=True, text=True).stdout):
            return name
    return None


def check_format(tree):
    """`make format` changes nothing."""
    names = [source.name for source in all_sources(tree)]
    program = formatter()
    if not program:
        print("lint: format is not checked, there is no clang-format 14")
        return
    said = subprocess.run([program, "--dry-run", *names], cwd=tree.root, capture_output=True, text=True).stderr
    for name in sorted(set(re.findall(r"^(\S+?):\d+:\d+: warning: code should be clang-formatted", said, re.M))):
        yield f"{name}: make format changes it"


def check_brace_style(tree):
    """What the sizes rely on: a function opens its brace alone on a line."""
    for source in all_sources(tree):
        for number, line in enumerate(source.code.split("\n"), 1):
            if re.match(r"[A-Za-z_][^=]*\)\s*\{$", line):
                yield f"{source.name}:{number}: a function's brace stands alone on the next line"


def check_opening_comment(tree):
    for source in all_sources(tree):
        if not source.text.startswith("/*"):
            yield f"{source.name}: does not open with a comment that says what it is for"


def check_names(tree):
    for source in all_sources(tree):
        if any(VAGUE.search(part.split(".")[0]) for part in source.name.split("/")):
            yield f"{source.name}: a name that says nothing"


def check_left_over(tree):
    for folder in ("daemon", "include", "conf", "systemd", "man", "tests", ".ci"):
        for path in sorted(tree.root.glob(f"{folder}/**/*")):
            if not path.is_file() or {"node_modules", "corpus", "__pycache__"} & set(path.parts):
                continue
            for number, line in enumerate(path.read_text(errors="replace").split("\n"), 1):
                if LEFT_OVER.search(line):
                    yield f"{path.relative_to(tree.root)}:{number}: {LEFT_OVER.search(line).group(0)}"


def check_metrics(tree):
    page = tree.root / "man/otpgwd.8"
    listed = set(re.findall(r"\botpgwd_[a-z_]+", page.read_text())) if page.exists() else set()
    code = set()
    for name, source in tree.sources.items():
        code |= set(re.findall(r'stats_(?:counter|gauge|hist|family)\(\s*"(otpgwd_[a-z_]+)"', source.text))
    yield from (f"man/otpgwd.8: does not list {metric}" for metric in sorted(code - listed))
    yield from (f"man/otpgwd.8: lists {metric}, which no code registers" for metric in sorted(listed - code))


def check_labels(tree):
    """The labels of a series are joined and escaped in one place, stats_label."""
    for source in tree.sources.values():
        for number, line in enumerate(source.text.split("\n"), 1):
            if re.search(r'"(?:\w+=\\"(?:%\w+|\w+)\\",?)+"', line):
                yield f"{source.name}:{number}: label text made by hand; stats_label and stats_family make it"


def check_lists(tree):
    """Doubly linked lists are those of <sys/queue.h>."""
    for source in tree.sources.values():
        for number, line in enumerate(source.code.split("\n"), 1):
            if re.search(r"\bprev\b", line):
                yield f"{source.name}:{number}: a list made by hand; <sys/queue.h> has LIST and TAILQ"


def check_conf_keys(tree):
    script = Path(__file__).with_name("conf_keys.sh")
    if (tree.root / "daemon/conf/keys.c").exists():
        done = subprocess.run(["sh", script], capture_output=True, text=True)
        yield from done.stderr.splitlines()
        if done.returncode and not done.stderr:
            yield f"{script.name}: exit status {done.returncode}"


def check_man(tree):
    pages = sorted(tree.root.glob("man/*.[0-9]"))
    if not pages:
        return
    if not shutil.which("mandoc"):
        yield 'mandoc is missing; "make deps" installs it'
        return
    done = subprocess.run(["mandoc", "-Tlint", "-Wstyle", *pages], capture_output=True, text=True)
    # Which other pages this machine has is not the page's fault.
    yield from (line for line in done.stdout.splitlines() if "referenced manual not found" not in line)


def check_tables(tree):
    """A table of a page has a header, and each row as many cells as it: else it is shown as text, or cut."""
    for page in sorted(tree.root.glob("*.md")) + sorted(tree.root.glob("tests/*.md")):
        lines = ["", *re.sub(r"`[^`\n]*`", "", page.read_text()).splitlines(), ""]
        for n, line in enumerate(lines[:-1]):
            if line[:1] != "|":
                continue
            if lines[n - 1][:1] != "|":
                cells = line.count("|")
                if not re.fullmatch(r"\|( :?-+:? \|)+", lines[n + 1]):
                    yield f"{page.relative_to(tree.root)}:{n}: a table without a header"
            if line.count("|") != cells:
                yield f"{page.relative_to(tree.root)}:{n}: {line.count('|') - 1} cells under a header of {cells - 1}"


def check_log_form(tree):
    """A line of the log is an event, its key=value pairs, and at the end a sentence if an operator must act."""
    for source in tree.sources.values():
        for match in LOG_LINE.finditer(source.text) if source.name.endswith(".c") else ():
            text = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', re.sub(r"PRI\w+", '"d"', match.group(1))))
            if not LOG_FORM.fullmatch(text):
                yield f"{source.name}:{source.text[: match.start()].count(chr(10)) + 1}: not \"event key=value ...\": {text}"


def check_named_tests(tree):
    """Each test that tests/README.md names exists."""
    page, files = tree.root / "tests/README.md", {}
    for path in tree.root.glob("tests/**/test_*.*"):
        if "node_modules" not in path.parts:
            files.setdefault(path.name, []).append(path)
    for file, names in NAMED_TESTS.findall(page.read_text()) if page.exists() else ():
        found = [path for path in files.get(file.split("/")[-1], ()) if f"/{path.as_posix()}".endswith(f"/{file}")]
        if not found:
            yield f"tests/README.md: names {file}, which is not there"
        text = "".join(path.read_text() for path in found)
        for name in names.split(", ") if names and found else ():
            if not re.search(rf"\b{name}\(", text):
                yield f"tests/README.md: names {name}, which {file} does not have"


def check_sentences(tree):
    """Every code and reason that a command can answer with has a sentence for the person in each language."""
    if (tree.root / sentences.CASES).exists():
        yield from sentences.check(tree.root)


CHECKS = [value for key, value in sorted(globals().items()) if key.startswith("check_")]


def main():
    tree = Tree(".", sys.argv[1], sys.argv[2:])
    failed = 0
    for check in CHECKS:
        wrong = list(check(tree))
        failed += bool(wrong)
        for line in wrong:
            print(f"{line} [{check.__name__.removeprefix('check_')}]")
    print(f"lint: {len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
