#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""evenhand-aggregator (its path is the first argument) finds nothing to object to in the shipped
plans: the budgets afford all rounds, and the generated data have the units that each declared
group needs for the tolerance asked."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
AGGREGATOR = sys.argv.pop(1)


def units_of(cells):
    return cells["units"] if "units" in cells else sum(cells.values())


class PlanCheck(unittest.TestCase):
    def check(self, name):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([str(EXAMPLES / "generate"), name, folder], check=True)
            truth = json.loads(pathlib.Path(folder, "truth.json").read_text(encoding="utf-8"))
        customers = {entry["customer"] for entry in truth["counts"]} - {None}
        done = subprocess.run([AGGREGATOR, "plan", "check", "--json",
                               "-p", str(EXAMPLES / name / "plan.yaml"),
                               "--population", str(EXAMPLES / name / "population.yaml"),
                               "--customers", str(len(customers))],
                              capture_output=True, text=True, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        said = json.loads(done.stdout)
        self.assertEqual([], said["diagnostics"])
        self.assertGreaterEqual(said["rounds"]["affordable"], said["rounds"]["planned"])
        for entry in truth["counts"]:
            if entry["customer"] is None:
                self.check_units(said["questions"], entry["groups"])

    def check_units(self, questions, groups):
        self.assertNotEqual([], questions)
        there = {json.dumps(row["group"]): units_of(row["cells"]) for row in groups}
        for question in questions:
            for group in question["groups"]:
                if not any(value.startswith("_") for value in group["group"].values()):
                    self.assertLessEqual(group["units_needed"],
                                         there[json.dumps(group["group"])], group)

    def test_speech(self):
        self.check("speech")

    def test_screening(self):
        self.check("screening")


if __name__ == "__main__":
    unittest.main()
