#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/demo with built programs (their folder is the first argument): two rounds of the shipped
example, one round of somebody's plan, and what it says when it cannot."""
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = sys.argv.pop(1)
DEVIATIONS = 6

PLAN = """version: 1
name: two-groups
scorer: event
attributes: [{name: group, values: [a, b]}]
releases: [[group]]
derive: [[]]
privacy: {population: somebody, records_per_unit: 1, epsilon: "1"}
rounds: {min_honest: 2, assumed_corrupt: 1}
"""


def demo(*options, **environment):
    return subprocess.run([str(ROOT / "scripts/demo"), *map(str, options)], capture_output=True,
                          text=True, check=False, cwd="/", env={**os.environ, **environment})


def totals(truth, number, accepted):
    """True sums of the release, by (accent, noise)."""
    sums = {}
    for count in truth["counts"]:
        if count["round"] == number and count["customer"] in accepted:
            for group in count["groups"]:
                if group["release"] == ["accent", "noise"]:
                    cells = sums.setdefault(tuple(group["group"].values()), {})
                    for name, value in group["cells"].items():
                        cells[name] = cells.get(name, 0) + value
    return sums


class Demo(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def check_near(self, groups, truth, release):
        seen = 0
        for group in groups:
            if group["release"] != release:
                continue
            exact = truth[tuple(group["group"].values())]
            for cell, value in group["released"].items():
                deviation = math.sqrt(group["noise_variance"][cell])
                self.assertLessEqual(abs(value - exact[cell]), DEVIATIONS * deviation, group)
                seen += 1
        self.assertGreater(seen, 0)

    def test_runs_two_rounds_of_the_example(self):
        done = demo("--bin", PROGRAMS, TMPDIR=str(self.folder))
        self.assertEqual(0, done.returncode, done.stderr)
        out, = self.folder.glob("evenhand-demo.*")
        self.assertIn(f"Files in {out}", done.stdout)
        self.assertIn("19 of 20 customers sent a report: 18 accepted, 1 rejected", done.stdout)
        self.assertRegex(done.stdout, r"lime +rejected +the proof does not hold")
        self.assertRegex(done.stdout, r"yew comes too late:\n +evenhand-client submit: round 1 is (closed|over)")
        self.assertIn("20 of 20 customers sent a report: 20 accepted, 0 rejected", done.stdout)
        self.assertIn("accent-gap", done.stdout)
        self.assertIn("CONFIDENTIAL: exact rates of rowan's own records.", done.stdout)
        comparison = out / "service/customers/rowan/comparison-1.txt"
        self.assertEqual(0o600, comparison.stat().st_mode & 0o777)
        self.assertIn("<!doctype html>", (out / "page.html").read_text(encoding="utf-8").lower())
        truth = json.loads((out / "truth.json").read_text(encoding="utf-8"))
        everybody = {path.stem for path in (out / "customers").glob("*.csv")}
        for number, absent in ((1, {"lime", "yew"}), (2, set())):
            result = json.loads((out / f"result-{number}.json").read_text(encoding="utf-8"))
            self.assertEqual(20 - len(absent), result["round"]["customers"])
            self.check_near(result["groups"], totals(truth, number, everybody - absent),
                            ["accent", "noise"])

    def test_runs_a_plan_of_somebody(self):
        customers = self.folder / "sites"
        customers.mkdir()
        for index, name in enumerate(("north", "south", "Zürich GmbH")):
            rows = [f"{name}-{row},{'ab'[row % 2]},{int(row % 5 == 0)}" for row in range(40 + index)]
            (customers / f"{name}.csv").write_text("\n".join(["unit,group,event", *rows]) + "\n",
                                                  encoding="utf-8")
        (self.folder / "plan.yaml").write_text(PLAN, encoding="utf-8")
        out = self.folder / "out"
        done = demo("--bin", PROGRAMS, "--plan", self.folder / "plan.yaml", "--customers", customers,
                    "--out", out)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn("The plan asks no question.", done.stdout)
        result = json.loads((out / "result.json").read_text(encoding="utf-8"))
        self.assertEqual(3, result["round"]["customers"])
        exact = {("a",): {"records": 62, "events": 13}, ("b",): {"records": 61, "events": 12},
                 ("_other",): {"records": 0, "events": 0}, ("_missing",): {"records": 0, "events": 0}}
        self.check_near(result["groups"], exact, ["group"])

    def test_goes_on_without_records_that_cannot_be_used(self):
        """A plan of more rounds than any budget affords, in odd words; values that the plan does not list; a
        site with no rows, one that is not a table. With that little noise the sums are exact."""
        customers = self.folder / "sites"
        customers.mkdir()
        rows = "".join(f"{row},{'abc'[row % 3]},{row % 2}\n" for row in range(30))
        for name, text in (("one", rows), ("two", rows), ("three", rows), ("none", ""),
                           ("broken", "1,a\n")):
            (customers / f"{name}.csv").write_text("unit,group,event\n" + text, encoding="utf-8")
        (self.folder / "plan.yaml").write_text(
            PLAN.replace("somebody", '"Ärzte & co"').replace('"1"', '"100"')
            .replace("rounds: {", "rounds: {count: 24, "), encoding="utf-8")
        out = self.folder / "out"
        done = demo("--bin", PROGRAMS, "--plan", self.folder / "plan.yaml", "--customers", customers,
                    "--out", out)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertIn("broken sends nothing", done.stderr)
        self.assertIn("broken.csv:2: error: 2 fields, but the header has 3", done.stderr)
        self.assertRegex(done.stdout, r"broken +missing")
        result = json.loads((out / "result.json").read_text(encoding="utf-8"))
        self.assertEqual(4, result["round"]["customers"])
        released = {group["group"]["group"]: group["released"] for group in result["groups"]
                    if group["release"] == ["group"]}
        each = {"records": 30, "events": 15}
        self.assertEqual({"a": each, "b": each, "_other": each,
                          "_missing": {"records": 0, "events": 0}}, released)

    def test_says_what_a_plan_lacks(self):
        (self.folder / "a.csv").write_text("unit,group,event\n", encoding="utf-8")
        for old, new, said in (('epsilon: "1"', "mechanism: none", "mechanism is none"),
                               ("population: somebody, ", "", "names no population")):
            (self.folder / "plan.yaml").write_text(PLAN.replace(old, new), encoding="utf-8")
            done = demo("--bin", PROGRAMS, "--plan", self.folder / "plan.yaml", "--customers",
                        self.folder, "--out", self.folder / f"out of {said}")
            self.assertEqual(1, done.returncode)
            self.assertIn(said, done.stderr)

    def test_leaves_a_folder_with_files_alone(self):
        (self.folder / "mine").write_text("mine", encoding="utf-8")
        done = demo("--bin", PROGRAMS, "--out", str(self.folder))
        self.assertEqual(1, done.returncode)
        self.assertIn("is not an empty folder", done.stderr)
        self.assertEqual(["mine"], [path.name for path in self.folder.iterdir()])

    def test_says_what_is_missing(self):
        done = demo("--bin", str(self.folder), "--out", str(self.folder / "out"))
        self.assertEqual(1, done.returncode)
        self.assertIn("evenhand-client is not there", done.stderr)
        self.assertFalse((self.folder / "out").exists())
        for options in (["--plan", "/nowhere", "--customers", self.folder, "--out", "x"],
                        ["--plan", __file__, "--customers", "/nowhere", "--out", "x"]):
            done = demo("--bin", PROGRAMS, *options)
            self.assertEqual(1, done.returncode)
            self.assertIn("/nowhere", done.stderr)

    def test_options(self):
        self.assertEqual(0, demo("--help").returncode)
        for options in (["--wrong"], ["--out"], ["--bin"], ["word"], ["--plan", "p"]):
            done = demo(*options)
            self.assertEqual(2, done.returncode)
            self.assertIn("Usage:", done.stderr)


if __name__ == "__main__":
    unittest.main()
