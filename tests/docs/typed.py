"""What README and the manual pages say to type, as they print it."""
import os
import re

from bare_debian import ROOT

EDITOR = "/usr/local/bin/edit-as-shown"
SHOWN = "/run/shown"

# Stands for the person at the editor: each "key = value;" that is shown takes the place of the one in the file.
EDITOR_TEXT = r"""#!/usr/bin/python3
import re, sys
path, text, shown = sys.argv[-1], open(sys.argv[-1]).read(), open("SHOWN").read()
for name, value in re.findall(r"^\s*(\w+) = (\(.*?\);|[^;]*;)", shown, re.S | re.M):
    text, n = re.subn(r"(?sm)^(\s*)" + name + r" = (?:\(.*?\);|[^;(]*;)", lambda m: m[1] + name + " = " + value, text, count=1)
    assert n == 1, name
open(path, "w").write(text)
""".replace("SHOWN", SHOWN)


def read(name):
    with open(os.path.join(ROOT, name)) as f:
        return f.read()


def readme(section, language=""):
    """The code blocks of a section of README."""
    text = re.search(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", read("README.md"), re.S | re.M).group(1)
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.S | re.M)


def page(name, section):
    """The literal blocks of a section of a manual page: each a list of (command, what the editor must leave)."""
    text = re.search(rf"^\.Ss {re.escape(section)}\n(.*?)(?=^\.S[sh] |\Z)", read(name), re.S | re.M).group(1)
    blocks = []
    for block in re.findall(r"^\.Bd -literal\n(.*?)^\.Ed$", text, re.S | re.M):
        steps = []
        for line in block.replace("\\e", "\\").replace("\\&", "").splitlines():
            if line.startswith("$ "):
                steps.append([line[2:], ""])
            else:
                steps[-1][1] += line + "\n"
        blocks.append(steps)
    assert blocks
    return blocks


def type_block(machine, steps, given=""):
    """One block of a page, in one shell."""
    machine.put(EDITOR, EDITOR_TEXT)
    lines = []
    for command, shown in steps:
        assert bool(shown) == command.startswith("sudoedit "), "text behind a command that is no editor"
        if shown:
            lines.append(f"sudo tee {SHOWN} > /dev/null <<'.'\n{shown}.")
        lines.append(command)
    return machine.type("\n".join(["set -v", *lines]), given=given, SUDO_EDITOR=EDITOR)
