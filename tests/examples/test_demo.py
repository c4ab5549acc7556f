#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/demo with built programs (their folder is the first argument): it ends well, shows what it
says, keeps its files, and what each customer sees is the truth. A folder with files in it is left alone."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = sys.argv.pop(1)


def demo(*options, **environment):
    return subprocess.run([str(ROOT / "scripts/demo"), *options], capture_output=True, text=True,
                          check=False, cwd="/", env={**os.environ, **environment})


class Demo(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def check_reports(self, out):
        truth = json.loads((out / "truth.json").read_text(encoding="utf-8"))
        entries = [entry for entry in truth["counts"] if entry["customer"] is not None]
        self.assertEqual(40, len(entries))
        for entry in entries:
            path = out / "reports" / f"{entry['customer']}-{entry['round']}.json"
            seen = json.loads(path.read_text(encoding="utf-8"))
            self.assertEqual([row["cells"] for row in entry["groups"]],
                             [row["cells"] for row in seen["groups"]])

    def test_runs_and_keeps_its_files(self):
        done = demo("--bin", PROGRAMS, TMPDIR=str(self.folder))
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual("", done.stderr)
        self.assertIn("NOT BUILT YET", done.stdout)
        outs = list(self.folder.glob("evenhand-demo.*"))
        self.assertEqual(1, len(outs))
        self.assertIn(f"Files in {outs[0]}", done.stdout)
        self.check_reports(outs[0])
        for command in ("check", "explain", "count", "report", "preview"):
            self.assertIn(f"$ evenhand-client {command} ", done.stdout)
            self.assertGreater((outs[0] / f"output/{command}.txt").stat().st_size, 0)
        self.assertIn("0.2565", done.stdout)  # rowan's Arabic accents, from report and preview
        arabic = json.loads((outs[0] / "reports/rowan-1.json").read_text(encoding="utf-8"))
        worst = max(arabic["groups"], key=lambda row: row["rates"]["word_error_rate"] or 0)
        self.assertEqual({"accent": "arabic", "noise": "ward"}, worst["group"])

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

    def test_options(self):
        self.assertEqual(0, demo("--help").returncode)
        for options in (["--wrong"], ["--out"], ["--bin"], ["word"]):
            done = demo(*options)
            self.assertEqual(2, done.returncode)
            self.assertIn("Usage:", done.stderr)


if __name__ == "__main__":
    unittest.main()
