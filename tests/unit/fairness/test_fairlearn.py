#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Point estimates against the Fairlearn package, on random counts (usage: PROGRAM FOLDER).

Fairlearn is installed into FOLDER the first time, which needs the network; without it the test is
skipped. Run again by the Python that has it: usage PROGRAM alone.
"""

import math
import random
import subprocess
import sys
import venv
from pathlib import Path

PACKAGE = "fairlearn==0.12.0"
CASES = 12


def python_with_fairlearn(folder):
    """The Python to use, or None."""
    ready = folder / "ready"
    python = folder / "bin/python"
    if ready.exists():
        return python
    try:
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--retries", "0", "--timeout",
                        "10", "--disable-pip-version-check", PACKAGE], check=True, timeout=240,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError, SystemExit):  # Debian's venv without ensurepip
        return None
    ready.touch()
    return python


def ours(program, cells):
    text = "\n".join(" ".join(map(str, group)) for group in cells)
    done = subprocess.run([program], input=text, text=True, capture_output=True, check=True)
    out = {}
    for line in done.stdout.splitlines():
        name, group, value = line.split()
        out[name, group] = None if value == "undefined" else float(value)
    return out


def records(cells):
    """Label, prediction and group of every record."""
    truth, predicted, groups = [], [], []
    for index, (tp, fp, fn, tn) in enumerate(cells):
        for label, prediction, times in ((1, 1, tp), (0, 1, fp), (1, 0, fn), (0, 0, tn)):
            truth += [label] * times
            predicted += [prediction] * times
            groups += [f"g{index}"] * times
    return truth, predicted, groups


def same(what, mine, theirs):
    if mine is None or not math.isclose(mine, theirs, rel_tol=1e-12, abs_tol=1e-14):
        sys.exit(f"{what}: {mine}, Fairlearn says {theirs}")


def compare(program, cells):
    from fairlearn import metrics  # of the package that is installed above
    truth, predicted, groups = records(cells)
    mine = ours(program, cells)
    frame = metrics.MetricFrame(
        metrics={name: getattr(metrics, name) for name in
                 ("selection_rate", "true_positive_rate", "false_positive_rate",
                  "true_negative_rate", "false_negative_rate")},
        y_true=truth, y_pred=predicted, sensitive_features=groups)
    for name, column in frame.by_group.items():
        for group, value in column.items():
            same(f"{name} of {group}", mine[name, group], value)
    for name, arguments in (("demographic_parity_difference", {}), ("demographic_parity_ratio", {}),
                            ("equal_opportunity_difference", {}), ("equal_opportunity_ratio", {}),
                            ("equalized_odds_difference", {}), ("equalized_odds_ratio", {}),
                            ("average_odds_difference", {"agg": "mean"}),
                            ("average_odds_ratio", {"agg": "mean"})):
        function = getattr(metrics, name.replace("average_odds", "equalized_odds"))
        same(name, mine[name, "-"], function(truth, predicted, sensitive_features=groups,
                                             **arguments))


def main():
    program = sys.argv[1]
    if len(sys.argv) == 3:
        python = python_with_fairlearn(Path(sys.argv[2]))
        if python is None:
            print("[ RUN      ] test_fairlearn\nskipped: package fairlearn is not there\n"
                  "[  SKIPPED ] test_fairlearn")
            return
        sys.exit(subprocess.run([python, __file__, program], check=False).returncode)
    rng = random.Random(1)
    for _ in range(CASES):
        top = rng.choice((5, 50, 500))
        compare(program, [[rng.randint(1, top) for _ in range(4)] for _ in range(5)])
    print(f"{CASES} random tables agree")


if __name__ == "__main__":
    main()
