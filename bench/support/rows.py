# SPDX-License-Identifier: Apache-2.0
"""Rows of benchmarks: making, timing by turns, and the table."""

import os
import statistics
import sys


def row(what, ours, peer, ratio, goal):
    """ratio and goal: larger is better; None where there is no such figure."""
    return {"what": what, "ours": ours, "peer": peer, "ratio": ratio, "goal": goal}


def pinned(command):
    """The command on one CPU, always the same one: the last that we may use."""
    return ["taskset", "-c", str(max(os.sched_getaffinity(0))), *map(str, command)]


def by_turns(first, second, repetitions):
    """Calls both functions by turns, the order changing each time; the medians of what they give.

    Whatever else the machine does meanwhile falls on both alike.
    """
    taken = ([], [])
    for turn in range(repetitions):
        order = (0, 1) if turn % 2 == 0 else (1, 0)
        for which in order:
            taken[which].append((first, second)[which]())
    return tuple(statistics.median(times) for times in taken)


def say(text):
    print(text, file=sys.stderr, flush=True)


def _figure(value):
    if value is None:
        return "-"
    return f"{value:,.2f}" if abs(value) < 1000 else f"{value:,.0f}"


def print_table(rows):
    lines = [("what", "ours", "peer", "ratio", "goal", "")]
    for each in rows:
        missed = None not in (each["ratio"], each["goal"]) and each["ratio"] < each["goal"]
        lines.append((each["what"], *(_figure(each[key]) for key in
                                      ("ours", "peer", "ratio", "goal")),
                      "below goal" if missed else ""))
    widths = [max(len(line[column]) for line in lines) for column in range(6)]
    for line in lines:
        cells = [line[0].ljust(widths[0])]
        cells += [line[column].rjust(widths[column]) for column in range(1, 5)]
        print("  ".join([*cells, line[5]]).rstrip())
