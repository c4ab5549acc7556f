#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the commands say against the Fairlearn package. Arguments: a folder, evenhand-client,
evenhand-aggregator, make_result, compas.csv.

Fairlearn is installed into the folder the first time, which needs the network; without it the test is
skipped. Run again by the Python that has it: the folder is "-" then.
"""
import math
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import data

PACKAGE = "fairlearn==0.12.0"
RATES = ("selection_rate", "true_positive_rate", "false_positive_rate", "true_negative_rate",
         "false_negative_rate")
NEEDS = {"true_positive_rate": 1, "false_negative_rate": 1, "false_positive_rate": 0,
         "true_negative_rate": 0}  # the label without which there is none


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


def same(what, mine, theirs):
    if mine is None or not math.isclose(mine, theirs, rel_tol=1e-12, abs_tol=1e-14):
        sys.exit(f"{what}: {mine}, Fairlearn says {theirs}")


def with_rate(selected, rate):
    """The records of groups that have the rate. Where it is 0/0 Fairlearn says 0, we say nothing."""
    if rate not in NEEDS:
        return selected
    groups = {group for group, truth, _ in selected if truth == NEEDS[rate]}
    return [record for record in selected if record[0] in groups]


def frame_of(rate, selected):
    from fairlearn import metrics  # of the package that is installed above
    return metrics.MetricFrame(metrics=getattr(metrics, rate),
                               y_true=[truth for _, truth, _ in selected],
                               y_pred=[answer for _, _, answer in selected],
                               sensitive_features=["/".join(group) for group, _, _ in selected])


def compare_rates(document, part, model, positive, selected):
    """Rates of groups, largest minus smallest, smallest by largest."""
    gaps = {}
    for rate in RATES:
        name = rate if positive is None else f"{rate}:{positive}"
        frame = frame_of(rate, with_rate(selected, rate))
        told = {"/".join(one["group"].values()): one["rates"][name] for one in document["groups"]
                if tuple(one["release"]) == part and one.get("model") == model}
        for group, value in frame.by_group.items():
            same(f"{name} of {group}", told[group], value)
        spread = next(one for one in document["disparities"] if tuple(one["release"]) == part and
                      one.get("model") == model and one["metric"] == name)
        gaps[rate] = frame.difference(), frame.ratio()
        same(f"{part} {name}", spread["difference"], gaps[rate][0])
        if not math.isnan(gaps[rate][1]):
            same(f"{part} {name}", spread["ratio"], gaps[rate][1])
    return gaps


def compare_named(entry, gaps, selected):
    from fairlearn import metrics
    told = {name: one["value"] for name, one in entry["fairlearn"].items()}
    whole = all(len(with_rate(selected, rate)) == len(selected) for rate in RATES)
    for name in told:
        rate = {"demographic": "selection_rate", "equal": "true_positive_rate"}.get(
            name.split("_")[0])
        index = int(name.endswith("ratio"))
        if whole:
            function = getattr(metrics, name.replace("average_odds", "equalized_odds"))
            arguments = {"agg": "mean"} if name.startswith("average") else {}
            theirs = function([truth for _, truth, _ in selected],
                              [answer for _, _, answer in selected],
                              sensitive_features=["/".join(group) for group, _, _ in selected],
                              **arguments)
        elif rate is not None:
            theirs = gaps[rate][index]
        else:
            both = [gaps[rate][index] for rate in ("true_positive_rate", "false_positive_rate")]
            theirs = sum(both) / 2 if name.startswith("average") else (max, min)[index](both)
        if math.isnan(theirs):  # 0/0 of a ratio
            if told[name] is not None:
                sys.exit(f"{name}: {told[name]}, Fairlearn says that there is none")
        else:
            same(f"{entry['release']} {name}", told[name], theirs)
    return whole


def main():
    folder, client, aggregator, make_result, compas = sys.argv[1:]
    if folder != "-":
        python = python_with_fairlearn(Path(folder))
        if python is None:
            print("[ RUN      ] test_fairlearn\nskipped: package fairlearn is not there\n"
                  "[  SKIPPED ] test_fairlearn")
            return
        sys.exit(subprocess.run([python, __file__, "-", *sys.argv[2:]], check=False).returncode)
    compared = whole = 0
    with tempfile.TemporaryDirectory() as temporary:
        programs = data.Programs(client, aggregator, make_result, temporary)
        for _, records in data.every_set(compas):
            for document in (programs.local(records), programs.published(records)[1]):
                for entry, part, model, positive in data.parts_of(document):
                    groups = set(data.declared(document, part))
                    selected = [one for one in records.select(part, model, positive or "1")
                                if one[0] in groups]
                    gaps = compare_rates(document, part, model, positive, selected)
                    whole += compare_named(entry, gaps, selected)
                    compared += 1
    if whole == 0:
        sys.exit("no table in which every group has every rate")
    print(f"{compared} tables agree, {whole} of them by Fairlearn's own eight functions")


if __name__ == "__main__":
    main()
