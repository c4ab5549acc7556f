#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""examples/audit against a service that runs: a round from opening to result is found to be right, and what
was changed afterwards is found out."""
import shutil
import unittest

from support import POPULATION, ROOT, SETTINGS, deployment
from service.process import run
from service.rounds import collect_result
from stock import issue

FETCH, CHECK = ROOT / "examples/audit/fetch", ROOT / "examples/audit/check"
PLAN = """version: 1
name: audited
scorer: event
attributes: [{name: group, values: [a, b]}]
releases: [[group]]
derive: [[]]
privacy: {population: somebody, records_per_unit: 1, epsilon: "1"}
rounds: {count: 2, min_honest: 2, assumed_corrupt: 1, max_clients: 9}
"""
NAMES = ["north", "south", "east"]


class Audit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = cls.enterClassContext(deployment())
        cls.folder = cls.service.folder
        draft, plan, population = (cls.folder / f"{name}.yaml" for name in ("draft", "plan", "people"))
        draft.write_text(PLAN, encoding="utf-8")
        population.write_text(POPULATION.format(name="somebody", epsilon="3"), encoding="utf-8")
        run([cls.service.aggregator_program, "plan", "draft", "-q", "-p", draft, "--population",
             population, "-o", plan])
        cls.service.add_customers(NAMES)
        cls.service.publish(plan, population)
        cls.service.open_round(plan, 1)
        records = cls.folder / "records.csv"
        records.write_text("unit,group,event\n" + "".join(f"p{i},{'ab'[i % 2]},1\n" for i in range(40)),
                           encoding="utf-8")
        for name in NAMES:
            customer = cls.service.customers[name]
            customer.add_settings(SETTINGS.format(population="somebody", epsilon="3", path=records))
            customer.submit(plan, 1)
        cls.service.close_round(plan, 1)
        cls.result = cls.folder / "result.json"
        collect_result(cls.service, plan, 1, customer, cls.result)
        cls.log = cls.fetch("leader", "log")

    @classmethod
    def fetch(cls, role, name):
        party = cls.service.parties[role]
        certificate = issue(party.folder)
        paths = [cls.folder / f"auditor.{end}" for end in ("pem", "key")]
        for path, content in zip(paths, (certificate.cert, certificate.key)):
            path.write_bytes(content)
        run([FETCH, cls.folder / name, "--party", party.address, "--service", role.capitalize(),
             "--ca", party.folder / "tls/ca.pem", "--cert", paths[0], "--key", paths[1]])
        return cls.folder / name

    def check(self, log, *results, expect=0):
        introductions = [f"--introduction={party.folder / 'introduction.yaml'}"
                         for party in self.service.parties.values()]
        return run([CHECK, log, *introductions, *results], expect).stdout

    def changed(self, name, entry, at):
        """A copy of the log in which one byte of an entry is another."""
        copy = shutil.copytree(self.log, self.folder / name)
        path = sorted(copy.glob("*.entry"))[entry]
        data = bytearray(path.read_bytes())
        data[at] ^= 1
        path.write_bytes(data)
        return copy

    def test_everything_holds(self):
        told = self.check(self.log, self.result)
        self.assertIn("everything that was checked holds", told)
        for what in ("checkpoint cosigned by the helper", "round 1 of audited opened, 3 customers",
                     "3 reports agreed on", "SHA-256 as in the log",
                     "8 sums as in the log"):
            self.assertIn(what, told)
        self.assertRegex(told, r"somebody has spent epsilon [01][\d.]* of 3, in 1 rounds")

    def test_leader_and_helper_show_the_same_log(self):
        mirror = self.fetch("helper", "mirror")
        for path in self.log.glob("*.entry"):
            self.assertEqual(path.read_bytes(), (mirror / path.name).read_bytes())

    def test_log_that_grew_and_one_that_was_rewritten(self):
        shutil.copy(self.log / "checkpoint", self.log / "checkpoint.before")
        self.assertIn("has grown from the", self.check(self.log))
        before = (self.log / "checkpoint.before").read_bytes().split(b"\n")
        before[2] = before[2].swapcase()
        (self.log / "checkpoint.before").write_bytes(b"\n".join(before))
        self.assertRegex(self.check(self.log, expect=1), "FAIL  the log has grown")
        (self.log / "checkpoint.before").unlink()

    def test_what_was_changed_is_found_out(self):
        result = self.folder / "changed.json"
        result.write_text(self.result.read_text(encoding="utf-8").replace('"events": ', '"events": 1', 1),
                          encoding="utf-8")
        told = self.check(self.log, result, expect=1)
        self.assertRegex(told, "FAIL  .*SHA-256 as in the log")
        self.assertRegex(told, "FAIL  .*sums as in the log")
        for number, entry in enumerate(sorted(self.log.glob("*.entry"))):
            copy = self.changed(f"changed-{number}", number, len(entry.read_bytes()) // 2)
            self.assertRegex(self.check(copy, expect=1), "FAIL  its tree is that of")
        roster = self.changed("roster", 1, -40)  # a byte of the helper's endorsement
        self.assertRegex(self.check(roster, expect=1), "FAIL  entry 1: ")


if __name__ == "__main__":
    unittest.main()
