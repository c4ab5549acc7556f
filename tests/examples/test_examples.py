#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The shipped examples: the generator makes the same bytes everywhere; its samples and its truth
are what it makes; and evenhand-client (its path is the first argument) counts that truth."""
import csv
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
CLIENT = sys.argv.pop(1)
sys.path.insert(0, str(EXAMPLES))
from generator import align  # noqa: E402

# SHA-256 over "name, NUL, bytes, NUL" of every file, by name.
GOLDEN = {
    "speech": "9a6fdaff68900434f9d24b04ecee649a1d4d9e628cf077f21e4fb13b37a4b4bc",
    "screening": "589c3d4ddcb76cda44fd268125406ea13655f9f2cfee9a96597736fca52ea6b5",
}
SAMPLES = {"speech": ("yew", 31), "screening": ("station", 61)}
ROUNDS = {"speech": (1, 2), "screening": (None,)}


class Example:
    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        subprocess.run([str(EXAMPLES / "generate"), name, str(folder)], check=True)
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        self.truth = {(entry["customer"], entry["round"]): entry for entry in truth["counts"]}

    def digest(self):
        total = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                name = path.relative_to(self.folder).as_posix()
                total.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
        return total.hexdigest()

    def customers(self):
        return sorted(path.stem for path in (self.folder / "customers").iterdir())

    def rows(self, customer):
        with open(self.folder / "customers" / f"{customer}.csv", encoding="utf-8",
                  newline="") as file:
            return list(csv.DictReader(file))

    def cells(self, customer, number, **group):
        for row in self.truth[customer, number]["groups"]:
            if row["group"] == group:
                return row["cells"]
        raise KeyError(group)


made = {}


def setUpModule():
    temporary = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(temporary.cleanup)
    for name in GOLDEN:
        made[name] = Example(name, pathlib.Path(temporary.name) / name)


class Examples(unittest.TestCase):
    def test_generate_same_bytes(self):
        for name, example in made.items():
            self.assertEqual(GOLDEN[name], example.digest(), name)

    def test_samples_are_the_first_rows(self):
        for name, (customer, lines) in SAMPLES.items():
            whole = (made[name].folder / "customers" / f"{customer}.csv").read_bytes()
            sample = (EXAMPLES / name / "sample.csv").read_bytes()
            self.assertEqual(b"".join(whole.splitlines(keepends=True)[:lines]), sample)

    def test_speech_is_as_described(self):
        speech = made["speech"]
        self.assertEqual(20, len(speech.customers()))
        sizes = [len(speech.rows(name)) for name in speech.customers()]
        self.assertGreater(max(sizes), 30 * min(sizes))
        for number in ROUNDS["speech"]:
            rate = {}
            for accent in ("arabic", "english_uk", "french"):
                cells = speech.cells(None, number, accent=accent)
                rate[accent] = cells["rate_sum"] / (100 * cells["units"])
            self.assertGreater(rate["arabic"] - rate["english_uk"], 0.08)
            self.assertLess(abs(rate["french"] - rate["english_uk"]), 0.03)
            failed = speech.cells("rowan", number, accent="arabic", noise="ward")
            self.assertGreater(failed["rate_sum"] / failed["units"], 50)
            for customer in set(speech.customers()) - {"rowan"}:
                cells = speech.cells(customer, number, accent="arabic", noise="ward")
                self.assertLess(cells["rate_sum"], 40 * max(cells["units"], 1), customer)

    def test_speakers_keep_within_the_plan(self):
        """Nobody has more recordings in a month, or stands in more groups, than the plan counts."""
        for customer in made["speech"].customers():
            months, groups = {}, {}
            for row in made["speech"].rows(customer):
                key = row["unit"], row["time"][:7]
                months[key] = months.get(key, 0) + 1
                groups.setdefault(row["unit"], set()).add((row["accent"], row["noise"]))
            self.assertLessEqual(max(months.values()), 5)
            self.assertGreater(max(months.values()), 1)
            self.assertEqual({1}, {len(places) for places in groups.values()})

    def test_screening_is_as_described(self):
        rate = {}
        for age in ("[18,35)", "[35,50)", "[50,65)", "[65,100)"):
            cells = made["screening"].cells(None, None, age=age)
            rate[age] = cells["fn"] / (cells["fn"] + cells["tp"])
        self.assertGreater(rate["[65,100)"] - rate["[35,50)"], 0.12)
        self.assertLess(abs(rate["[18,35)"] - rate["[35,50)"]), 0.03)

    def test_totals_are_the_sums_over_customers(self):
        for name, example in made.items():
            for number in ROUNDS[name]:
                total = [row["cells"] for row in example.truth[None, number]["groups"]]
                for index, cells in enumerate(total):
                    for cell, value in cells.items():
                        parts = [example.truth[customer, number]["groups"][index]["cells"][cell]
                                 for customer in example.customers()]
                        self.assertEqual(value, sum(parts))

    def test_word_errors_by_hand(self):
        for reference, hypothesis, errors in (
                ("a b c", "a b c", 0), ("a b c", "", 3), ("", "a b", 2), ("a b c", "a x c", 1),
                ("a b c", "b c", 1), ("a b c", "x a b c", 1),
                ("a b", "b a", 2)):  # a deletion and an insertion cost 6, two substitutions 8
            self.assertEqual(errors, align.word_errors(reference.split(), hypothesis.split()))


class Counted(unittest.TestCase):
    def count(self, name, customer, number):
        example = made[name]
        command = [CLIENT, "count", "-q", "--json", "-p", str(EXAMPLES / name / "plan.yaml"),
                   "--data", str(example.folder / "customers" / f"{customer}.csv")]
        if number is not None:
            command += ["-n", str(number)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        return json.loads(done.stdout)

    def check_customers(self, name):
        example = made[name]
        for number in ROUNDS[name]:
            for customer in example.customers():
                with self.subTest(customer=customer, round=number):
                    counted = self.count(name, customer, number)
                    truth = example.truth[customer, number]
                    self.assertEqual(truth["records"], counted["records"])
                    self.assertEqual(truth["groups"], counted["groups"])

    def test_speech_counts_are_the_truth(self):
        self.check_customers("speech")

    def test_screening_counts_are_the_truth(self):
        self.check_customers("screening")


if __name__ == "__main__":
    unittest.main()
