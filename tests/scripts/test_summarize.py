#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What scripts/summarize.py makes of ctest's reports: nothing that failed, crashed, was skipped or
never ran may count as passed."""
import pathlib
import subprocess
import tempfile
import unittest
from xml.sax.saxutils import escape

SUMMARIZE = pathlib.Path(__file__).resolve().parents[2] / "scripts/summarize.py"
SHARED = "skipped: /a/../shared with shared data and vectors is not there"


def cmocka(*functions):
    lines = []
    for name, ended, *said in functions:
        lines.append(f"[ RUN      ] {name}")
        lines += said
        if ended:
            lines.append(f"[{ended:>9} ] {name}" if ended == "OK" else f"[  {ended:<7} ] {name}")
    return "\n".join(lines)


def case(name, status, output=""):
    return (f'<testcase name="{name}" status="{status}">'
            f"<system-out>{escape(output)}</system-out></testcase>")


class Summarize(unittest.TestCase):
    def summarize(self, *cases, options=()):
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder) / "junit.xml"
            report.write_text(f"<testsuite>{''.join(cases)}</testsuite>", encoding="utf-8")
            done = subprocess.run([str(SUMMARIZE), *options, f"tree={report}"],
                                  capture_output=True, text=True, check=False)
        self.assertEqual("", done.stderr)
        return done.stdout.strip().split("\n"), done.returncode

    def test_functions_are_counted(self):
        lines, code = self.summarize(
            case("test_a", "run", cmocka(("test_x", "OK"), ("test_y", "OK", "[ not a mark"))),
            case("script", "run", "fine"))
        self.assertEqual(["3 passed, 0 failed, 0 skipped"], lines)
        self.assertEqual(0, code)

    def test_failure_is_named(self):
        lines, code = self.summarize(
            case("test_a", "fail", cmocka(("test_x", "OK"), ("test_y", "FAILED"))))
        self.assertEqual(["failed:  tree: test_a: test_y", "1 passed, 1 failed, 0 skipped"], lines)
        self.assertEqual(1, code)

    def test_crash_is_a_failure(self):
        lines, code = self.summarize(case("test_a", "fail", cmocka(("test_x", None))))
        self.assertEqual("0 passed, 1 failed, 0 skipped", lines[-1])
        self.assertEqual(1, code)

    def test_sanitizer_finding_after_passing_functions_is_a_failure(self):
        lines, code = self.summarize(case("test_a", "fail", cmocka(("test_x", "OK"))))
        self.assertEqual("1 passed, 1 failed, 0 skipped", lines[-1])
        self.assertEqual(1, code)

    def test_program_that_is_not_there_is_a_failure(self):
        lines, code = self.summarize(case("test_a", "run", "ok"), case("test_b", "notrun"))
        self.assertEqual("1 passed, 1 failed, 0 skipped", lines[-1])
        self.assertEqual(1, code)

    def test_nothing_run_is_a_failure(self):
        lines, code = self.summarize()
        self.assertEqual("0 passed, 0 failed, 0 skipped", lines[-1])
        self.assertEqual(1, code)

    def test_skip_for_shared_data_passes_with_its_reason(self):
        output = cmocka(("test_x", "OK"), ("test_y", "SKIPPED", SHARED))
        for options in ((), ("--skips-fail",)):
            lines, code = self.summarize(case("test_a", "notrun", output), options=options)
            self.assertIn("with shared data and vectors is not there", lines[0])
            self.assertEqual("1 passed, 0 failed, 1 skipped", lines[-1])
            self.assertEqual(0, code)

    def test_other_skip_fails_where_skips_fail(self):
        output = cmocka(("test_x", "OK"), ("test_y", "SKIPPED", "skipped: not in the mood"))
        _, code = self.summarize(case("test_a", "notrun", output))
        self.assertEqual(0, code)
        lines, code = self.summarize(case("test_a", "notrun", output), options=("--skips-fail",))
        self.assertIn("(not allowed here)", lines[0])
        self.assertEqual(1, code)

    def test_reason_of_one_skip_does_not_cover_the_next(self):
        output = cmocka(("test_x", "SKIPPED", SHARED), ("test_y", "SKIPPED"))
        _, code = self.summarize(case("a", "run", "ok"), case("test_a", "notrun", output),
                                 options=("--skips-fail",))
        self.assertEqual(1, code)


if __name__ == "__main__":
    unittest.main()
