#!/usr/bin/python3
"""bench: ratios in one run: the gateway beside the ceilings of Redis and of SMPP, what a life costs, and what more of all costs.

usage: bench.py BUILD [--rows 1,3,4] [--lives N] [--overload SECONDS] [--scale] [--beside OTHER_BUILD] [--gate] [--out DIR]

Rows are those of the testing page: 1 Redis ceiling, 2 SMPP ceiling, 3 added latency, 4 cost of a life, 5 memory, 6 overload (7, the
peer, is peer.py); 8 scale, 9 beside another build. Nothing that depends on time is a gate: the machine is shared. Counts of
instructions and octets are exact: with --gate one that misses its aim makes the run fail. Each row says what it was limited by;
one that a setting of the benchmark held up, though it is not about that setting, makes the run fail.
"""
import argparse
import json
import os
import signal
import sys
import time
from typing import Callable, NamedTuple

import ceiling
import counted
import memory
import open_rows
import scale
import smpp_rows
from figures import Line, gates_missed, shown
from limits import faults
from picture import picture

TITLES = {"1": "Redis ceiling", "2": "SMPP ceiling", "3": "Added latency", "4": "Cost of a life", "5": "Memory", "6": "Overload",
          "8": "Scale", "9": "Beside another build"}


class Part(NamedTuple):
    """What is run for a row: run(rows) measures, lines(rows) and limits(rows) say what was seen."""
    row: str
    run: Callable
    lines: Callable
    limits: Callable


def no_limits(rows):
    """Counts are limited by nothing."""
    return {}


def parts_of(args):
    """In the order in which they run: row 3 takes the capacity that row 6 has found."""
    build, lives, other = args.build, args.lives, args.beside
    live_counts = (200000, 2000000) if args.scale else ()
    parts = [Part("1", lambda rows: ceiling.run(build, lives, rows), ceiling.lines, ceiling.limits),
             Part("2", lambda rows: smpp_rows.run(build, 10 * lives, rows), smpp_rows.lines, smpp_rows.limits),
             Part("6", lambda rows: open_rows.overload(build, args.overload, rows), open_rows.lines_overload, open_rows.limits_overload),
             Part("3", lambda rows: open_rows.latency(build, rows), open_rows.lines_latency, open_rows.limits_latency),
             Part("4", lambda rows: counted.run(build, rows, other), counted.lines, no_limits),
             Part("5", lambda rows: memory.run(build, 1000000 if args.scale else 5 * lives, rows), memory.lines, memory.limits),
             Part("8", lambda rows: scale.run(build, lives, rows), scale.lines, scale.limits)]
    if live_counts:
        parts.append(Part("8", lambda rows: scale.run_live(build, live_counts, rows), scale.lines_live, scale.limits_live))
    if other:
        parts.append(Part("9", lambda rows: ceiling.run_beside(build, other, lives, rows), ceiling.lines_beside, ceiling.limits_beside))
    return [part for part in parts if not args.rows or part.row in args.rows]


def arguments(argv=None):
    parser = argparse.ArgumentParser(description="ratios in one run; see the head of this file")
    parser.add_argument("build")
    parser.add_argument("--rows", type=lambda text: text.split(","), default=None, help="only these, as in 1,3,4")
    parser.add_argument("--lives", type=int, default=20000)
    parser.add_argument("--overload", type=int, default=30, metavar="SECONDS")
    parser.add_argument("--scale", action="store_true", help="also 1,000,000 live in row 5, and 200,000 and 2,000,000 in row 8")
    parser.add_argument("--beside", default=None, metavar="OTHER_BUILD", help="row 9: a build directory of another commit")
    parser.add_argument("--gate", action="store_true", help="fail if an exact count misses its aim")
    parser.add_argument("--out", default=None)
    args = parser.parse_args(argv)
    unknown = sorted(set(args.rows or ()) - set(TITLES))
    if unknown:
        parser.error(f"no row {', '.join(unknown)}; rows are {', '.join(TITLES)}")
    if "9" in (args.rows or ()) and not args.beside:
        parser.error("row 9 needs --beside OTHER_BUILD")
    return args


def measured(parts):
    """All rows, with how long each took."""
    rows = {"seconds": {}}
    for part in parts:
        began = time.monotonic()
        part.run(rows)
        rows["seconds"][part.row] = rows["seconds"].get(part.row, 0) + time.monotonic() - began
    return rows


def table(parts, rows):
    """The lines, and what limited each row."""
    limits = {row: limit for part in parts for row, limit in part.limits(rows).items()}
    lines = [line for part in parts for line in part.lines(rows)]
    lines += [Line(row.split()[0], f"limit: {row[2:]}", limit["limit"]) for row, limit in limits.items()]
    return sorted(lines, key=lambda line: line.row), limits


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # an exit ends what was started
    args = arguments()
    parts = parts_of(args)
    rows = measured(parts)
    lines, limits = table(parts, rows)
    for line in lines:
        print(f"{line.row}  {line.what:<66} {shown(line)}")
    print("seconds: " + ", ".join(f"row {row} {seconds:.0f}" for row, seconds in rows["seconds"].items()))
    out = args.out or os.path.join(args.build, "bench")
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "bench.json"), "w") as f:
        json.dump({**rows, "lines": [line._asdict() for line in lines]}, f, indent=1)
    with open(os.path.join(out, "bench.svg"), "w") as f:
        f.write(picture(lines, TITLES))
    print(f"written: {out}/bench.json, {out}/bench.svg")
    wrong = [f"fault of the benchmark: {fault}" for fault in faults(limits)]
    wrong += [f"gate missed: {line.what}: {shown(line)}" for line in gates_missed(lines) if args.gate]
    for fault in wrong:
        print(fault)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
