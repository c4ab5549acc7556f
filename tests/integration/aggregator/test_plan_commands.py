#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`evenhand-aggregator plan draft` and `plan check`, as a person runs them: files in, exit code and
both outputs back. The program's path is the first argument."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)
ROOT = pathlib.Path(__file__).resolve().parents[3]

PLAN = """\
# a comment that stays
name: p
scorer: wer
attributes:
  - {name: accent, values: [x, y], per_unit: true}
  - {name: noise, values: [quiet]}
releases: [[accent, noise]]
derive: [[accent]]
privacy: {population: people, records_per_unit: 3, epsilon: "1"}
rounds: {count: 4}
"""
POPULATION = '{name: people, budget: {epsilon: "4", delta: "0"}}'
QUESTION = "questions: [{id: gap, metric: wer, by: %s, tolerance: '0.05'}]\n"


class Plans(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def run_it(self, exit_code, *words):
        ran = subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False,
                             timeout=60)
        self.assertEqual(ran.returncode, exit_code, ran.stderr)
        self.assertNotIn("Sanitizer", ran.stderr)
        return ran

    def draft(self, plan=PLAN, population=POPULATION):
        out = str(self.folder / "complete.yaml")
        self.run_it(0, "plan", "draft", "--plan", self.write("plan.yaml", plan), "--population",
                    self.write("population.yaml", population), "-o", out)
        return out

    def check(self, exit_code, plan, *more, population=POPULATION):
        return self.run_it(exit_code, "plan", "check", "-p", plan, "--population",
                           self.write("population.yaml", population), *more)

    def test_check_warns_of_a_result_too_large_to_publish(self):
        plan = ("name: p\nscorer: binary\nbinary: {positive: ['1']}\nattributes:\n"
                "  - {name: a, values: [%s]}\n  - {name: b, values: [%s]}\nreleases: [[a, b]]\n"
                "privacy: {population: people, epsilon: '1'}\n")
        for counts, warned in (((76, 61), False), ((76, 62), True)):
            values = tuple(", ".join(f"v{i}" for i in range(count)) for count in counts)
            ran = self.check(0, self.draft(plan % values))
            self.assertEqual("more than 64 MiB" in ran.stderr, warned, ran.stderr)

    def test_draft_keeps_the_text_and_check_passes(self):
        complete = self.draft()
        text = pathlib.Path(complete).read_text(encoding="utf-8")
        self.assertTrue(text.startswith(PLAN + "noise:\n  adjacency: add-remove\n"))
        ran = self.check(0, complete)
        self.assertIn("rounds    4 planned, the budget of people affords 4\n", ran.stdout)
        self.assertEqual(ran.stderr, "")

    def test_draft_to_standard_output(self):
        ran = self.run_it(0, "plan", "draft", "-p", self.write("plan.yaml", PLAN.rstrip("\n")))
        self.assertTrue(ran.stdout.startswith(PLAN + "noise:\n"))
        self.assertIn("plan_id ", ran.stderr)
        quiet = self.run_it(0, "plan", "draft", "-q", "-p", str(self.folder / "plan.yaml"))
        self.assertEqual((quiet.stdout, quiet.stderr), (ran.stdout, ""))

    def test_draft_json(self):
        path = self.write("plan.yaml", PLAN)
        answer = json.loads(self.run_it(0, "plan", "draft", "--json", "-p", path).stdout)
        self.assertEqual(len(answer["plan_id"]), 64)
        self.assertLessEqual(answer["epsilon"], 1)
        self.assertGreater(answer["epsilon"], 0.99)
        self.assertTrue(answer["plan"].startswith(PLAN))

    def test_draft_follows_the_population(self):
        other = POPULATION.replace("{name", "{adjacency: replace-one, name")
        complete = self.draft(population=other)
        self.assertIn("adjacency: replace-one", pathlib.Path(complete).read_text(encoding="utf-8"))
        ran = self.check(3, complete)
        self.assertIn("the noise is for replace-one, the population is add-remove", ran.stderr)

    def test_draft_refuses(self):
        complete = self.draft()
        ran = self.run_it(3, "plan", "draft", "-p", complete)
        self.assertIn(":12:3: error: the plan has its noise already", ran.stderr)
        flow = '{name: p, scorer: event, attributes: [], releases: [[]], privacy: {}}'
        ran = self.run_it(3, "plan", "draft", "-p", self.write("flow.yaml", flow))
        self.assertIn("not between braces", ran.stderr)
        words = PLAN.replace("attributes:", "wer: {average: word}\nattributes:")
        ran = self.run_it(3, "plan", "draft", "-p", self.write("words.yaml", words))
        self.assertIn(":10:10: error: privacy has no key \"words_per_unit\"", ran.stderr)
        narrow = PLAN.replace("epsilon:", "cell_bits: 12, epsilon:")
        ran = self.run_it(3, "plan", "draft", "-p", self.write("narrow.yaml", narrow))
        self.assertIn("cells of 12 bits have no room for the noise", ran.stderr)
        ran = self.run_it(3, "plan", "draft", "-p", self.write("bad.yaml", PLAN + "scores: 1\n"))
        self.assertIn('bad.yaml:11:1: error: unknown key "scores" in the plan '
                      '(expected "scorer"; allowed: ', ran.stderr)
        self.run_it(2, "plan", "draft")
        self.run_it(3, "plan", "draft", "-p", str(self.folder / "missing.yaml"))
        self.run_it(7, "plan", "draft", "-p", self.write("plan.yaml", PLAN), "-o",
                    str(self.folder / "no" / "such" / "folder.yaml"))

    def test_no_noise_must_be_asked_for(self):
        plan = self.write("plan.yaml", PLAN.replace('epsilon: "1"', "mechanism: none"))
        ran = self.run_it(4, "plan", "draft", "-p", plan)
        self.assertIn("--insecure-no-noise", ran.stderr)
        ran = self.run_it(0, "plan", "draft", "-p", plan, "--insecure-no-noise")
        self.assertIn("# INSECURE: mechanism none.", ran.stdout)
        complete = self.write("complete.yaml", ran.stdout)
        self.run_it(4, "plan", "check", "-p", complete)
        self.run_it(0, "plan", "check", "-p", complete, "--insecure-no-noise")

    def test_check_refuses(self):
        ran = self.check(3, self.write("plan.yaml", PLAN))
        self.assertIn("the plan has no key noise: it is a draft", ran.stderr)
        complete = self.draft()
        ran = self.check(3, complete, population=POPULATION.replace('"4"', '"3.5"'))
        self.assertIn(":10:17: error: the plan has 4 rounds, the budget of people affords 3",
                      ran.stderr)
        ran = self.check(3, complete, population=POPULATION.replace("people", "others"))
        self.assertIn("complete.yaml:9:23: error: the plan is about another population, people",
                      ran.stderr)
        ran = self.check(3, complete, population=POPULATION.replace("budget", "bugdet"))
        self.assertIn('population.yaml:1:16: error: unknown key "bugdet"', ran.stderr)
        text = pathlib.Path(complete).read_text(encoding="utf-8")
        weak = self.write("weak.yaml", text.replace('epsilon: "1"', 'epsilon: "0.5"'))
        self.assertIn("this noise does not meet epsilon 0.5", self.check(3, weak).stderr)
        self.assertIn("--rate 1: a decimal", self.check(2, complete, "--rate", "1").stderr)

    def test_check_says_what_questions_need(self):
        complete = self.draft(PLAN + QUESTION % "[accent, noise]")
        answer = json.loads(self.check(0, complete, "--json", "--customers", "10").stdout)
        question = answer["questions"][0]
        self.assertEqual(question["id"], "gap")
        self.assertEqual(len(question["groups"]), 4 * 3)
        needed = [group["units_needed"] for group in question["groups"]]
        self.assertGreater(min(needed), 100)
        more = json.loads(self.check(0, complete, "--json", "--customers", "40").stdout)
        self.assertGreater(more["questions"][0]["groups"][0]["units_needed"], needed[0])
        text = self.check(0, complete, "--customers", "10").stdout
        self.assertIn(f"{needed[0]}  x, quiet\n", text)

    def test_check_refuses_a_question_that_averages_over_moving_units(self):
        complete = self.draft(PLAN + QUESTION % "accent")
        ran = self.check(3, complete)
        self.assertIn(":11:40: error: question gap averages over units that may be in several groups "
                      "of noise", ran.stderr)
        fixed = PLAN.replace("[quiet]}", "[quiet], per_unit: true}")
        self.check(0, self.draft(fixed + QUESTION % "accent"))

    def test_check_warns_of_narrow_cells(self):
        complete = self.draft()
        ran = self.check(0, complete, "--largest-group", "10000000")
        self.assertIn("counts of a group with 10000000 units at one customer could be cut",
                      ran.stderr)
        narrow = PLAN.replace("epsilon:", "cell_bits: 17, epsilon:").replace("count: 4",
                                                                            "count: 4, max_clients: 6")
        complete = self.draft(narrow + (QUESTION % "[accent, noise]").replace("0.05", "0.001"))
        self.assertIn("question gap cannot be answered", self.check(0, complete).stderr)

    def test_shipped_examples_pass(self):
        for name in ("speech", "screening"):
            folder = ROOT / "examples" / name
            ran = self.run_it(0, "plan", "check", "-p", str(folder / "plan.yaml"), "--population",
                              str(folder / "population.yaml"))
            self.assertEqual(ran.stderr, "")


if __name__ == "__main__":
    unittest.main()
