#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""evenhand-aggregator round report: every form from result.json files alone. Arguments: the program
and the one that makes results."""
import csv
import json
import os
import pathlib
import stat
import subprocess
import sys
import tempfile
import unittest

PROGRAM, MAKE_PAGES = sys.argv.pop(1), sys.argv.pop(1)


class Report(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        subprocess.run([MAKE_PAGES, str(self.folder)], check=True)

    def report(self, *arguments):
        return subprocess.run([PROGRAM, "round", "report", *map(str, arguments)],
                              capture_output=True, text=True, check=False,
                              env={"LC_ALL": "C.UTF-8"})

    def test_every_form(self):
        files = {form: self.folder / f"out.{form}" for form in ("html", "csv", "card", "analysis")}
        options = [f"--{form}={path}" for form, path in files.items()]
        done = self.report(self.folder / "screening.json", *options)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertIn("missed-by-age", done.stdout)
        self.assertIn("●", done.stdout)
        self.assertEqual((self.folder / "screening.html").read_bytes(), files["html"].read_bytes())
        result = json.loads((self.folder / "screening.json").read_text(encoding="utf-8"))
        with files["csv"].open(newline="", encoding="utf-8") as text:
            rows = list(csv.DictReader(text))
        names = {metric["name"] for metric in result["metrics"]}
        self.assertTrue({"DPPL", "GE", "CDDPL", "equalized_odds_ratio"} <
                        {row["metric"] for row in rows})
        rows = [row for row in rows if row["metric"] in names]
        self.assertEqual(len(result["groups"]) * len(names), len(rows))
        values = [rate for group in result["groups"] for rate in group["rates"].values()]
        self.assertEqual(values, [float(row["value"]) if row["value"] else None for row in rows])
        facets = json.loads(files["analysis"].read_text(encoding="utf-8"))[
            "post_training_bias_metrics"]["facets"]
        self.assertEqual({"age", "sex"}, set(facets))
        self.assertIn("CDDPL", [one["name"] for one in facets["sex"][0]["metrics"]])
        self.assertIn("| female |", files["card"].read_text(encoding="utf-8"))

    def test_rounds_make_a_trend_in_any_order(self):
        one, other = self.folder / "one.html", self.folder / "other.html"
        rounds = [self.folder / f"speech-{number}.json" for number in (1, 2, 3)]
        self.assertEqual(0, self.report(*rounds, f"--html={one}").returncode)
        self.assertEqual(0, self.report(*rounds[::-1], f"--html={other}").returncode)
        self.assertEqual((self.folder / "speech.html").read_bytes(), one.read_bytes())
        self.assertEqual(one.read_bytes(), other.read_bytes())

    def test_json_is_the_result_itself(self):
        done = self.report("--json", self.folder / "odd.json")
        self.assertEqual((self.folder / "odd.json").read_text(encoding="utf-8"), done.stdout)

    def test_writes_into_what_is_no_file(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
            self.assertEqual(0, self.report(self.folder / "odd.json", f"--csv={pipe}").returncode)
            read, _ = reader.communicate()
        self.assertEqual(0, self.report(self.folder / "odd.json",
                                        f"--csv={self.folder / 'file.csv'}").returncode)
        self.assertEqual((self.folder / "file.csv").read_bytes(), read)
        self.assertTrue(stat.S_ISFIFO(pipe.stat().st_mode))

    def test_ascii(self):
        done = self.report("--ascii", self.folder / "screening.json")
        self.assertTrue(done.stdout.isascii())

    def test_refuses(self):
        result = json.loads((self.folder / "speech.json").read_text(encoding="utf-8"))
        result["groups"][0]["rates"]["word_error_rate"] = 0.5
        bad = self.folder / "bad.json"
        bad.write_text(json.dumps(result), encoding="utf-8")
        page = self.folder / "page.html"
        for arguments, code, says in (
                ([bad], 3, "contradicts itself"), ([], 2, "name one"),
                ([self.folder / "none.json"], 3, "none.json"),
                ([self.folder / "speech.json", self.folder / "odd.json", f"--html={page}"], 2,
                 "several plans"),
                ([self.folder / "speech.json", self.folder / "odd.json"], 2, "several plans"),
                ([self.folder / "speech-1.json"] * 2, 2, "of round 1: name each round once"),
                ([bad, f"--csv={bad}"], 2, "is a result that is read"),
                ([self.folder / "odd.json", f"--csv={page}", f"--card={page}"], 2, "for two forms"),
                ([self.folder / "odd.json", "--csv="], 2, "without a name"),
                ([self.folder / "odd.json", f"--csv={self.folder}"], 7, "name a file in it"),
                ([self.folder / "speech.json", f"--analysis={page}"], None, "binary"),
                ([self.folder / "screening.json", f"--analysis={page}", "--model=x"], 2, "no such")):
            done = self.report(*arguments)
            self.assertIn(says, done.stderr)
            self.assertNotEqual(0, done.returncode)
            if code is not None:
                self.assertEqual(code, done.returncode, done.stderr)
            self.assertFalse(page.exists())


if __name__ == "__main__":
    unittest.main()
