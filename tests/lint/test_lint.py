"""Every rule of the linter against a tree that breaks it, and only it: a rule that cannot fail guards nothing."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import lint  # noqa: E402
import sentences  # noqa: E402

HEADER = """/* {name}: a door. */
#ifndef {guard}
#define {guard}
{body}
#endif
"""
SOURCE = """/* code of the tree */
{includes}
{body}
"""


def header(name, body="int {0}_one(void);"):
    guard = name.replace("/", "_").replace(".", "_").upper()
    return HEADER.format(name=name, guard=guard, body=body.format(Path(name).stem))


def source(*includes, body="int answer(void);\nint answer(void)\n{\n\treturn 1;\n}"):
    lines = (f"#include {i}" if i[0] == "<" else f'#include "{i}"' for i in includes)
    return SOURCE.format(includes="\n".join(lines), body=body)


def function(lines=1, params="void", text="\treturn;"):
    return f"void f({params});\nvoid f({params})\n{{\n" + "\n".join([text] * lines) + "\n}"


def people(cases=("EXPIRED",), langs=("id", "en"), answers=("EXPIRED",), flow="", table=True, listed=True):
    """A tree that tells people something. listed: the page lists the reasons and scopes under ERROR REPLIES."""
    rows = ", ".join(f'{{ answer = "{a}"; lang = "{lang}"; text = "Done."; }}' for a in answers for lang in langs)
    files = {
        sentences.CASES: source(body="static const struct c cases[] = {\n" + "".join(f'\t{{ "{c}", "", "" }},\n' for c in cases) + "};"),
        sentences.SENTENCES: rows,
        "daemon/flow/ask/a.c": source(body="void a(void);\nvoid a(void)\n{\n\t" + flow + "\n}"),
    }
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            Path(root, name).parent.mkdir(parents=True, exist_ok=True)
            Path(root, name).write_text(text)
        files[sentences.PAGE] = sentences.table(root) if table else ".Dd 2026\n"
    if listed:
        words = [(case.split(" ")[0], word.partition("=")) for case in cases for word in case.split(" ")[1:]]
        files[sentences.PAGE] += ".Sh ERROR REPLIES\n" + "".join(
            f"Reasons of {code}: {value}.\n" if key == "reason" else f".Li scope\nis {value}\n" for code, (key, _, value) in words)
    return files


GOOD = {
    "include/base/one.h": header("base/one.h"),
    "include/smpp.h": header("smpp.h"),
    "daemon/base/one.c": source("base/one.h", "<string.h>", body="int one_one(void)\n{\n\treturn 1;\n}"),
    "daemon/smpp/part.h": header("smpp/part.h"),
    "daemon/smpp/part.c": source("smpp/part.h", "base/one.h", body="int part_one(void)\n{\n\treturn one_one();\n}"),
    "daemon/smpp/smpp.c": source("smpp.h", "smpp/part.h", body="int smpp_one(void)\n{\n\treturn part_one();\n}"),
    "daemon/main.c": source("smpp.h", body="int main(void)\n{\n\treturn smpp_one();\n}"),
    "man/otpgwd.8": ".Dd 2026\n",
}
WIDE = "\t" * 5 + "/* " + "x" * 90 + " */"
NESTED = "\tif (1) {\n\t\tif (1) {\n\t\t\tif (1) {\n\t\t\t\tif (1)\n\t\t\t\t\t%sreturn;\n\t\t\t}\n\t\t}\n\t}"

BAD = [
    ("layers", {"daemon/base/up.c": source("smpp.h")}),
    ("layers", {"daemon/store/side.c": source("smpp.h")}),
    ("layers", {"daemon/attic/new.c": source("base/one.h")}),
    ("sub_rooms", {"daemon/smpp/codec/up.c": source("smpp/part.h")}),
    ("sub_rooms", {"daemon/smpp/health/side.c": source("smpp/wire/link.h"), "daemon/smpp/wire/link.h": header("smpp/wire/link.h")}),
    ("sub_rooms", {"daemon/smpp/cellar/down.c": source()}),
    ("sub_rooms", {"daemon/flow/news/up.c": source("flow/guard/overload.h"), "daemon/flow/guard/overload.h": header("flow/guard/overload.h")}),
    ("sub_rooms", {"daemon/flow/ask/up.c": source("flow/door.h"), "daemon/flow/door.h": header("flow/door.h")}),
    ("private_headers", {"daemon/flow/peek.c": source("smpp/part.h")}),
    ("private_headers", {"include/flow.h": header("flow.h", '#include "smpp/part.h"')}),
    ("known_includes", {"daemon/base/odd.c": source("sodium.h")}),
    ("third_party", {"daemon/flow/redis.c": source("<hiredis.h>")}),
    ("third_party", {"daemon/base/other.c": source("<curl/curl.h>")}),
    ("third_party", {"include/ops.h": header("ops.h", "#include <event2/event.h>")}),
    ("lone_headers", {"include/ops.h": header("ops.h", "size_t ops_one(void);")}),
    ("guards", {"include/ops.h": header("opz.h")}),
    ("include_cycles", {
        "include/ops.h": header("ops.h", '#include "api.h"'),
        "include/api.h": header("api.h", '#include "ops.h"'),
    }),
    ("call_cycles", {
        "daemon/base/a.c": source(body="int b(void);\nint a(void);\nint a(void)\n{\n\treturn b();\n}"),
        "daemon/base/b.c": source(body="int a(void);\nint b(void);\nint b(void)\n{\n\treturn a();\n}"),
    }),
    ("call_cycles", {
        "include/base/a.h": header("base/a.h", "int b(void);\nstatic inline int a(void)\n{{\n\treturn b();\n}}"),
        "daemon/base/b.c": source("base/a.h", body="int b(void)\n{\n\treturn a();\n}"),
    }),
    ("unused", {"daemon/main.c": source(body="int main(void)\n{\n\treturn 0;\n}")}),
    ("unused", {"include/smpp.h": header("smpp.h", "int *{0}_one(void);\nint {0}_two(int a,\n int b);")}),
    ("exported_variables", {"daemon/base/v.c": source(body="extern int shared;\nint shared = 3;")}),
    ("forbidden", {"daemon/base/s.c": source("<string.h>", body=function(params="char *p", text='\tstrcpy(p, "a");'))}),
    ("forbidden", {"daemon/smpp/u.c": source(body=function(text="\textern int smpp34_unpack2(void);\n\tsmpp34_unpack2();"))}),
    ("forbidden", {"daemon/ops/p.c": source(body=function(text="\textern int smpp34_pack2(void);\n\tsmpp34_pack2();"))}),
    ("file_sizes", {"daemon/base/long.c": source(body="\n" * 600)}),
    ("file_sizes", {"Makefile": "\n" * 250}),
    ("columns", {"daemon/base/wide.c": source(body=WIDE)}),
    ("columns", {"daemon/base/space.c": source(body="/* end */ ")}),
    ("functions", {"daemon/base/long.c": source(body=function(lines=61))}),
    ("functions", {"tests/unit/base/test_long.c": source(body=function(lines=61))}),
    ("functions", {"daemon/base/many.c": source(body=function(params="int a, int b, int (*c)(int, int), int d, int e, int f"))}),
    ("functions", {"daemon/base/deep.c": source(body=function(text=NESTED % "if (1)\n\t\t\t\t\t\t"))}),
    ("format", {"daemon/base/wild.c": source(body="static int  f( void );")}),
    ("brace_style", {"daemon/base/kr.c": source(body="static int f(void) {\n\treturn 1;\n}")}),
    ("opening_comment", {"daemon/base/bare.c": '#include "base/one.h"\n'}),
    ("names", {"daemon/base/string_utils.c": source()}),
    ("left_over", {"daemon/base/later.c": source(body="/* TO" "DO: all of it */")}),
    ("metrics", {"daemon/base/m.c": source(body='void *m(void);\nvoid *stats_gauge(const char *);\nvoid *m(void)\n{\n\treturn stats_gauge("otpgwd_m");\n}')}),
    ("metrics", {"daemon/base/f.c": source(body='void *f(void);\nvoid *stats_family(const char *);\nvoid *f(void)\n{\n\treturn stats_family("otpgwd_f");\n}')}),
    ("labels", {"daemon/ops/l.c": source(body='const char *l(void);\nconst char *l(void)\n{\n\treturn "smsc=\\"%s\\",bind=\\"%u\\"";\n}')}),
    ("lists", {"daemon/flow/q.c": source(body=function(params="struct a *a", text="\ta->next->prev = a->prev;"))}),
    ("metrics", {"man/otpgwd.8": ".Dd 2026\n.It Li otpgwd_gone\n"}),
    ("man", {"man/otpgwd.8": ".Sh NAME\n.Xx what\n"}),
    ("tables", {"tests/README.md": "text\n\n| a | b |\n| c | d |\n"}),
    ("tables", {"README.md": "| a | b |\n| --- | --- |\n| c | d | e |\n"}),
    ("log_form", {"daemon/ops/l.c": source(body='void log_info(const char *, const char *);\nvoid l(void);\nvoid l(void)\n{\n\tlog_info("ops", "smsc=a has left");\n}')}),
    ("log_form", {"daemon/ops/l.c": source(body='void log_info(const char *, const char *);\nvoid l(void);\nvoid l(void)\n{\n\tlog_info("ops", "nobody knows why it is gone");\n}')}),
    ("log_form", {"daemon/ops/l.c": source(body='void log_info(const char *, const char *);\nvoid l(void);\nvoid l(void)\n{\n\tlog_info("ops", "gone smsc=a at last");\n}')}),
    ("named_tests", {"tests/README.md": "| a | b |\n| --- | --- |\n| a | test_gone.py |\n"}),
    ("named_tests", {"tests/README.md": "| a | b |\n| --- | --- |\n| a | `unit/test_b.c`: one, two |\n",
                     "tests/unit/test_b.c": "/* b */\nstatic void one(void **state);\n"}),
    ("sentences", people(cases=("EXPIRED", "USED"))),
    ("sentences", people(answers=("EXPIRED", "USED"))),
    ("sentences", people(langs=("id",))),
    ("sentences", people(cases=("EXPIRED", "EXPIRED"))),
    ("sentences", people(table=False)),
    ("sentences", people(cases=("EXPIRED reason=new",), answers=("EXPIRED reason=new",), listed=False)),
    ("sentences", people(cases=("LIMITED scope=new",), answers=("LIMITED scope=new",), listed=False)),
    ("sentences", people(flow='api_reply_error(call, "USED", NULL, 0, "");')),
    ("sentences", people(flow='answer_reason(call, "EXPIRED", "new", "");')),
    ("sentences", people(cases=("EXPIRED reason=new",), answers=("EXPIRED reason=new",), flow='answer_reason(call, "USED", "new", "");')),
    ("sentences", people(flow='const struct answer_limit limit = { .code = "USED" };')),
    ("sentences", people(flow='const struct answer_limit limit = { .scope = "new" };')),
    ("sentences", people(flow='const struct api_field field = { "reason", "new" };')),
    ("sentences", people(flow='static const struct w words[] = { { "new", "a text of it" } };')),
    ("sentences", people(("USED reason=old", "EXPIRED reason=new"), answers=("USED reason=old", "EXPIRED reason=new"),
                         flow='static const struct w words[] = { { "new", "a text" } }; api_reply_error(call, "USED", f, 1, "");')),
]
NEED_OBJECTS = {"call_cycles", "exported_variables", "forbidden"}
FINE = [
    people(("EXPIRED", "USED reason", "NEW scope=some reason=x"), answers=("EXPIRED", "USED reason", "NEW scope=some reason=x"),
           flow='answer_reason(call, "USED", "any", ""); api_reply_error(call, "EXPIRED", NULL, 0, ""); x = { .scope = "some" };'),
    {"tests/README.md": "| a | b |\n| --- | --- |\n| a | `unit/test_b.c`: one; test_b.c |\n", "tests/unit/test_b.c": "/* b */\nstatic void one(void **state);\n"},
    {"daemon/base/fits.c": source(body=function(lines=58, params="int a, int b, int (*c)(int, int), int d, int e"))},
    {"daemon/base/deep.c": source(body=function(text=NESTED % ""))},
    {"daemon/base/table.c": source(body=function(text="\tstatic const int t[] = {\n" + "\t\t1,\n" * 80 + "\t};"))},
    {"daemon/base/word.c": source(body='/* strcpy(a, b) in a comment */\nconst char *w(void);\nconst char *w(void)\n{\n\treturn "strcpy(a)";\n}')},
]


def failing(root, files, rules):
    for name, text in {**GOOD, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if NEED_OBJECTS & set(rules) and name.startswith("daemon/") and name.endswith(".c"):
            compiled = root / "build" / Path(name).with_suffix(".o")
            compiled.parent.mkdir(parents=True, exist_ok=True)
            run = ["cc", "-w", "-c", f"-I{root}/include", f"-I{root}/daemon", "-o", compiled, path]
            subprocess.run(run, stderr=subprocess.DEVNULL)
    tree = lint.Tree(root, "build", [])
    return {rule for rule in rules if list(getattr(lint, f"check_{rule}")(tree))}


@pytest.mark.parametrize("rule, files", BAD, ids=[f"{r}-{list(f)[0]}" for r, f in BAD])
def test_a_broken_rule_is_found(tmp_path, rule, files):
    assert failing(tmp_path, files, [rule]) == {rule}


@pytest.mark.parametrize("files", FINE, ids=[list(f)[0] for f in FINE])
def test_what_is_allowed_passes(tmp_path, files):
    assert failing(tmp_path, files, {rule for rule, _ in BAD} - {"man", "format"}) == set()


def test_every_rule_is_broken_by_one_of_these():
    assert {c.__name__.removeprefix("check_") for c in lint.CHECKS} == {rule for rule, _ in BAD} | {"conf_keys"}


def test_builds_that_look_for_faults_abort(tmp_path):
    """Which builds abort at a broken invariant: all but the one that is installed."""
    root = Path(__file__).parents[2]

    def aborts(flavour):
        variables = ["make", "-s", f"FLAVOUR={flavour}", f"BUILD={tmp_path}", "--eval", "show: ; @echo $(DAEMON_CFLAGS)", "show"]
        flags = subprocess.run(variables, cwd=root, capture_output=True, text=True, check=True).stdout
        assert "-std=c11" in flags
        return "-DOTPGWD_INVARIANTS_ABORT" in flags.split()

    assert {f: aborts(f) for f in ("release", "debug", "asan", "chaos", "cov", "fuzz")} == {
        "release": False, "debug": True, "asan": True, "chaos": True, "cov": True, "fuzz": True
    }
