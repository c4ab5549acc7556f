#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""evenhand-client results --compare: one site's exact rates beside those of all, through a whole deployment,
against figures worked out here from the records; and everything that it refuses."""
import collections
import csv
import hashlib
import json
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import unittest

import jsonschema

from support import BIN, CLIENT, POPULATION, ROOT, SETTINGS, deployment
from service.process import CommandFailed, run
from service.rounds import collect_result


PLAN = """version: 1
name: triage-sites
scorer: binary
binary: {positive: ["1"]}
attributes:
  - {name: ward, values: [north, south]}
releases: [[ward]]
derive: [[]]
privacy:
  population: patients
  records_per_unit: 1
  cell_bits: 20
  mechanism: discrete-laplace
  epsilon: "4"
rounds: {count: 8, min_honest: 3, assumed_corrupt: 1, max_clients: 20}
questions:
  - {id: missed, metric: false_negative_rate, by: ward, reference: north, tolerance: "0.05"}
  - {id: f1, metric: f1_score, by: ward, tolerance: "0.1"}
"""
SITES = ("ash", "birch", "cedar", "elm", "fir")
PLANTED, USUAL, ABSENT = "elm", "ash", "oak"  # elm misses many in the south; oak sends nothing
FORGER = "gum"  # sends what no honest client would
MIXED = "birch"  # has units with several records that are not alike: only it knows which are taken
UNITS, MANY = 500, 40
MISSED, MISSED_PLANTED = 0.15, 0.45
USAGE, BAD_DATA, PRIVATE, UNREACHABLE, DISK = 2, 3, 4, 5, 7
LEADERS_RESULTS = 10  # the table of the leader's store
HEADER = ("unit", "ward", "label", "prediction")


def write_records(path, site, seed):
    """Records of a site, and the counts that they give, one record a unit. Some have four that are alike, of
    which the plan takes one, whichever; at one site some have two that are not."""
    draw = random.Random(seed)
    cells = collections.Counter()
    with open(path, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEADER)
        for number in range(UNITS):
            ward = draw.choice(["north", "south"])
            for _ in range(1 + number % 2 if site == MIXED else 1):
                label = draw.random() < 0.5
                missed = MISSED_PLANTED if site == PLANTED and ward == "south" else MISSED
                prediction = draw.random() >= missed if label else draw.random() < 0.1
                rows.writerows([[f"p{number}", ward, int(label), int(prediction)]] *
                               (4 if number < MANY else 1))
                cells[ward, ("t" if label == prediction else "f") + ("p" if prediction else "n")] += 1
    return cells


def rates(cells, ward):
    """{metric: (numerator, denominator)}"""
    tp, fp, fn = (cells[ward, name] for name in ("tp", "fp", "fn"))
    return {"false_negative_rate": (fn, tp + fn), "f1_score": (2 * tp, 2 * tp + fp + fn)}


class Compare(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        context = deployment()
        cls.service = context.__enter__()  # pylint: disable=unnecessary-dunder-call
        cls.addClassCleanup(context.__exit__, None, None, None)
        cls.work = cls.service.folder / "work"
        cls.work.mkdir()
        (cls.work / "draft.yaml").write_text(PLAN, encoding="utf-8")
        population = cls.work / "population.yaml"
        population.write_text(POPULATION.format(name="patients", epsilon="40"), encoding="utf-8")
        cls.plan = cls.work / "plan.yaml"
        run([cls.service.aggregator_program, "plan", "draft", "-q", "-p", cls.work / "draft.yaml",
             "--population", population, "--out", cls.plan])
        cls.service.add_customers([*SITES, ABSENT, FORGER])
        cls.cells = {}
        for seed, site in enumerate((*SITES, ABSENT, FORGER)):
            path = cls.work / f"{site}.csv"
            cls.cells[site] = write_records(path, site, seed)
            cls.service.customers[site].add_settings(
                SETTINGS.format(population="patients", epsilon="40", path=path))
        cls.service.publish(cls.plan, population)
        cls.before()
        for site in SITES:
            cls.service.customers[site].submit(cls.plan, 1)
        cls.refused(USUAL, UNREACHABLE, "no result yet", "-n", 1)
        cls.service.close_round(cls.plan, 1)
        cls.result = collect_result(cls.service, cls.plan, 1, cls.service.customers[ABSENT],
                                    cls.work / "result.json")

    @classmethod
    def before(cls):
        cls.refused(USUAL, USAGE, "the log has no such round")
        cls.service.open_round(cls.plan, 1)
        cls.refused(USUAL, USAGE, "sent no report", "-n", 1)

    @classmethod
    def command(cls, site, *options):
        customer = cls.service.customers[site]
        return [str(part) for part in
                (CLIENT, "results", "--compare", "-c", customer.config,
                 *options)]

    @classmethod
    def refused(cls, site, code, words, *options):
        """What it says of it; nothing is on standard output."""
        done = subprocess.run(cls.command(site, *options), capture_output=True, text=True,
                              check=False)
        if done.returncode != code or words not in done.stderr or done.stdout:
            raise CommandFailed(done.args, done.returncode, done.stdout, done.stderr)
        return done.stderr

    @classmethod
    def compare(cls, site, *options):
        return json.loads(run(cls.command(site, "--json", *options))[0])

    def group(self, compared, metric, ward):
        found = [row for row in compared["groups"] if row["group"] == {"ward": ward} and
                 row["metric"] == metric]
        self.assertEqual(len(found), 1)
        return found[0]

    def released(self, ward):
        found = [row["released"] for row in self.result["groups"] if row["group"] == {"ward": ward}]
        return collections.Counter({(ward, cell): value for cell, value in found[0].items()})

    def counted(self, site):
        """The site's own counts; where nobody else can tell, as it says itself."""
        if site != MIXED:
            return self.cells[site]
        rows = self.compare(site)["groups"]
        return collections.Counter({(row["group"]["ward"], cell): count for row in rows
                                    for cell, count in row["counts"].items()})

    # ---- the numbers ----

    def check_site(self, site):
        compared = self.compare(site, "-p", self.plan, "-n", 1)
        self.assertEqual((compared["format"], compared["version"], compared["confidential"],
                          compared["customer"]), ("evenhand-comparison", 1, True, site))
        self.assertEqual(compared["counts"]["origin"], "submitted")
        for ward in ("north", "south"):
            released, own = self.released(ward), self.cells[site]
            for metric, (number, of) in rates(own, ward).items():
                row = self.group(compared, metric, ward)
                self.assertEqual(row["counts"], {cell: own[ward, cell]
                                                 for cell in ("tp", "fp", "fn", "tn")})
                everywhere = rates(released, ward)[metric]
                self.assertAlmostEqual(row["local"]["value"], number / of, delta=1e-12)
                self.assertAlmostEqual(row["global"]["value"], everywhere[0] / everywhere[1],
                                       delta=1e-12)
                self.assertAlmostEqual(row["difference"]["value"],
                                       number / of - everywhere[0] / everywhere[1], delta=1e-9)
                if metric == "false_negative_rate":
                    self.assertAlmostEqual(row["share"], of / everywhere[1], delta=1e-12)
                inside = row["difference"]["simultaneous"]
                self.assertLess(inside["low"], row["difference"]["value"])
                self.assertGreater(inside["high"], row["difference"]["value"])
                self.assertEqual(row["differs"], inside["low"] > 0 or inside["high"] < 0)
        schema = json.loads((ROOT / "docs/reference/comparison.schema.json").read_text("utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(compared)
        return compared

    def test_a_site_that_differs(self):
        compared = self.check_site(PLANTED)
        south = self.group(compared, "false_negative_rate", "south")
        self.assertEqual((south["differs"], south["side"], south["worse"]), (True, "higher", True))
        north = self.group(compared, "false_negative_rate", "north")
        self.assertEqual((north["differs"], north["side"], north["worse"]), (False, None, None))
        worse = self.group(compared, "f1_score", "south")
        self.assertEqual((worse["side"], worse["worse"]), ("lower", True))
        missed = compared["questions"][0]
        self.assertEqual((missed["id"], missed["compared"], missed["differing"]), ("missed", 2, 1))
        self.assertIn("beyond chance in 1 of the 2 groups", missed["sentence"])
        self.assertIn("south, ", missed["sentence"])
        self.assertEqual(missed["local"]["verdict"], "exceeds_tolerance")

    def test_an_interval_tells_the_truth(self):
        """Without the noise: what this site is apart from all, by the records of all."""
        row = self.group(self.compare(PLANTED), "false_negative_rate", "south")
        all_sites = sum((self.counted(site) for site in SITES), collections.Counter())
        everywhere = rates(all_sites, "south")["false_negative_rate"]
        own = rates(self.cells[PLANTED], "south")["false_negative_rate"]
        truth = own[0] / own[1] - everywhere[0] / everywhere[1]
        self.assertLess(row["difference"]["pointwise"]["low"], truth)
        self.assertGreater(row["difference"]["pointwise"]["high"], truth)

    def test_a_site_like_the_others(self):
        compared = self.check_site(USUAL)
        self.assertEqual([row["differing"] for row in compared["questions"]], [0, 0])
        self.assertIn("does not differ from the others beyond chance",
                      compared["questions"][0]["sentence"])

    def test_file_order_does_not_matter(self):
        rows = (self.work / f"{MIXED}.csv").read_text("utf-8").splitlines()
        shuffled = self.work / "shuffled.csv"
        shuffled.write_text("\n".join([rows[0], *reversed(rows[1:])]) + "\n", encoding="utf-8")
        first, second = self.compare(MIXED), self.compare(MIXED, "--data", shuffled)
        self.assertEqual(first, second)
        self.assertEqual(second["counts"]["origin"], "submitted")

    # ---- where it goes ----

    def test_text_and_files_are_confidential(self):
        text = run(self.command(PLANTED, "-p", self.plan, "-n", 1))[0]
        self.assertTrue(text.startswith(f"CONFIDENTIAL: exact rates of {PLANTED}'s own records."))
        self.assertIn("\n* south ", text)
        self.assertIn("higher, worse", text)
        self.assertIn("All customers: ", text)
        for extra, start in ((), "CONFIDENTIAL"), (("--json",), "{"):
            out = self.work / f"comparison{len(extra)}"
            told = run(self.command(PLANTED, "--out", out, *extra))[0]
            self.assertEqual(told, "")
            self.assertEqual(stat.S_IMODE(os.stat(out).st_mode), 0o600)
            content = out.read_text("utf-8")
            self.assertTrue(content.startswith(start))
            self.assertIn("CONFIDENTIAL", content)
            self.refused(PLANTED, USAGE, f"{out.name} exists and is never overwritten", "--out", out, *extra)
            self.assertEqual(out.read_text("utf-8"), content)
        self.refused(PLANTED, DISK, "No such file or directory", "--out", self.work / "nowhere" / "comparison")
        self.assertFalse((self.work / "nowhere").exists())

    def test_output_that_others_can_read_is_refused(self):
        for mode, code in (0o644, PRIVATE), (0o640, PRIVATE), (0o600, 0):
            out = self.work / f"redirected-{mode:o}"
            with open(out, "wb") as file:
                os.fchmod(file.fileno(), mode)
                done = subprocess.run(self.command(PLANTED), stdout=file, stderr=subprocess.PIPE,
                                      check=False)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertEqual(out.stat().st_size > 0, code == 0)

    # ---- what it refuses ----

    def test_records_that_have_changed(self):
        rows = (self.work / f"{USUAL}.csv").read_text("utf-8").splitlines()
        fewer = self.work / "fewer.csv"
        fewer.write_text("\n".join(rows[:-3]) + "\n", encoding="utf-8")
        told = self.refused(USUAL, BAD_DATA, "no longer give the counts that were submitted",
                            "--data", fewer)
        self.assertIn("--changed", told)
        compared = self.compare(USUAL, "--data", fewer, "--changed")
        self.assertEqual(compared["counts"]["origin"], "changed")
        text = run(self.command(USUAL, "--data", fewer, "--changed"))[0]
        self.assertIn("THE RECORDS HAVE CHANGED", text)
        # Nothing has changed: saying that something might have makes no difference.
        self.assertEqual(self.compare(USUAL, "--changed")["counts"]["origin"], "submitted")
        self.refused(USUAL, BAD_DATA, "", "--data", self.work / "nothing.csv")

    def test_another_ordering_secret(self):
        """It takes other records of a unit, and knows no fingerprint."""
        secret = self.service.customers[MIXED].folder / "birch.ed25519.order"
        kept = secret.read_bytes()
        other = self.service.customers[USUAL].folder / "ash.ed25519.order"
        try:
            secret.write_bytes(other.read_bytes())
            self.refused(MIXED, BAD_DATA, "no longer give the counts")
        finally:
            secret.write_bytes(kept)

    def test_a_ledger_from_before_there_were_fingerprints(self):
        site = self.service.customers["fir"]
        with sqlite3.connect(site.folder / "fir.db") as ledger:
            self.assertEqual(ledger.execute("DELETE FROM counted").rowcount, 1)
        ledger.close()
        compared = self.compare("fir")
        self.assertEqual(compared["counts"]["origin"], "unchecked")
        self.assertIn("right only if", compared["counts"]["remark"])

    def test_exact_counts_are_not_kept(self):
        """What the ledger has beside the sealed report is 32 bytes that only the ordering secret explains."""
        site = self.service.customers["birch"]
        with sqlite3.connect(site.folder / "birch.db") as ledger:
            rows = ledger.execute("SELECT * FROM counted").fetchall()
        ledger.close()
        self.assertEqual([(row[0], len(row[1])) for row in rows], [(1, 32)])

    def test_who_did_not_take_part(self):
        told = self.refused(ABSENT, USAGE, "sent no report", "-p", self.plan, "-n", 1)
        self.assertIn("share of the sums is 0", told)
        self.refused(PLANTED, USAGE, "the log has no such round", "-n", 7)

    def test_x_a_round_that_is_void(self):
        self.service.open_round(self.plan, 2)
        self.service.customers[MIXED].submit(self.plan, 2)
        self.service.close_round(self.plan, 2)
        self.service.wait_for_state(self.plan, 2, "void")
        self.service.wait_for("the void round in the log", lambda: "is void" in subprocess.run(
            self.command(MIXED, "-n", 2), capture_output=True, text=True, check=False).stderr)
        told = self.refused(MIXED, USAGE, "the round is void", "-n", 2)
        self.assertIn("too few customers", told)
        # Without a number the one that is published is meant.
        self.assertEqual(self.compare(MIXED)["round"]["number"], 1)

    def test_y_a_report_that_was_not_counted(self):
        """Oak's stays at home; gum's proves something else than the plan asks for."""
        self.service.open_round(self.plan, 3)
        for site in SITES:
            self.service.customers[site].submit(self.plan, 3)
        for site in (ABSENT, FORGER):
            self.service.customers[site].submit(self.plan, 3, "--no-upload", "--out",
                                                self.work / f"{site}.report")
        forger = self.service.customers[FORGER]
        forged = self.work / "forged.report"
        run([BIN / "forge-report", forger.config, self.plan, 3, forged])
        forger.client("upload", "-q", "-c", forger.config, forged)
        self.service.close_round(self.plan, 3)
        result = collect_result(self.service, self.plan, 3, forger, self.work / "result-3.json")
        self.assertEqual(result["round"]["customers"], len(SITES))
        self.refused(ABSENT, USAGE, "it says: none", "-n", 3)
        told = self.refused(FORGER, PRIVATE, "another report of yours than your ledger", "-n", 3)
        self.assertIn("ledger reconcile", told)
        with sqlite3.connect(forger.folder / f"{FORGER}.db") as ledger:
            ledger.execute("UPDATE entry SET report = ?, report_hash = ?",
                           (forged.read_bytes(), hashlib.sha256(forged.read_bytes()).digest()))
        ledger.close()
        self.refused(FORGER, USAGE, "not counted, and there is nothing to compare: the proof", "-n", 3)
        # Who took part in two rounds says which.
        self.refused(USUAL, USAGE, "you took part in 2 that are published")
        self.assertEqual(self.compare(USUAL, "-n", 3)["counts"]["origin"], "submitted")

    def test_options_that_go_with_compare(self):
        config = self.service.customers[USUAL].config
        for option in ("--changed",), ("--data", self.work / "ash.csv"), ("--bad-rows", "3"):
            run([CLIENT, "results", "-c", config, *option], USAGE)

    def test_results_alone_say_what_came_out(self):
        config = self.service.customers[USUAL].config
        text = run([CLIENT, "results", "-c", config])[0]
        self.assertIn("triage-sites\nRound 1 of 8, 5 customers", text)
        self.assertIn("\nmissed\n  ", text)
        self.assertIn("tolerated: 5 percentage points", " ".join(text.split()))
        self.assertNotIn("CONFIDENTIAL", text)
        listed = json.loads(run([CLIENT, "results", "-c", config, "--json"])[0])["results"][0]
        for asked, answer in zip(self.result["questions"], listed["questions"], strict=True):
            self.assertEqual((answer["id"], answer["verdict"], answer["worst"]),
                             (asked["id"], asked["verdict"], asked["worst"]))
            self.assertAlmostEqual(answer["gap"]["value"], asked["gap"]["value"], delta=1e-12)

    def test_z_a_result_that_is_not_the_one_in_the_log(self):
        leader = self.service.folder / "leader"
        self.service.stop("leader")
        store = leader / "store.db"
        kept = self.work / "kept.db"
        shutil.copyfile(store, kept)
        with sqlite3.connect(store) as changed:
            rows = changed.execute("SELECT id, value FROM item WHERE tab = ?", (LEADERS_RESULTS,)).fetchall()
            for row, value in rows:
                at = value.index(b'"released": {"tp": ') + len(b'"released": {"tp": ')
                other = value[:at] + (b"1" if value[at:at + 1] != b"1" else b"2") + value[at + 1:]
                changed.execute("UPDATE item SET value = ? WHERE id = ?", (other, row))
        changed.close()
        self.service.start("leader")
        told = self.refused(USUAL, PRIVATE, "not the one in the log", "-n", 1)
        self.assertIn("Do not use it", told)


if __name__ == "__main__":
    unittest.main()
