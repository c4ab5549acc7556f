#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The operator's commands against running processes: from invitations to rounds."""
import json
import shutil
import stat
import time
import unittest

from support import AGGREGATOR, CLIENT, deployment
from service import process
from stock import new_verifier_key

PATIENCE_SECONDS = 30

PLAN = """\
name: screening
scorer: binary
attributes: [{name: sex, values: [f, m]}]
releases: [[sex]]
privacy: {population: people, records_per_unit: 1, epsilon: "1"}
rounds: {count: 4, min_honest: 2, assumed_corrupt: 1, max_clients: 9}
"""
POPULATION = '{name: people, budget: {epsilon: "2", delta: "0"}}\n'


def run(exit_code, *words):
    ran = process.run(words, exit_code)
    for secret in ("PRIVATE", "Sanitizer"):
        assert secret not in ran.stdout + ran.stderr, ran.stderr
    return ran


class Service(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = cls.enterClassContext(deployment(start=False))
        cls.service.start("helper", "leader")
        cls.folder = cls.service.folder

    def at(self, role, exit_code, *words):
        return run(exit_code, AGGREGATOR, *words, "-c", self.service.config(role))

    def ask(self, role, *words):
        return json.loads(self.at(role, 0, *words, "--json").stdout)

    def names(self, role):
        return {row["name"] for row in self.ask(role, "customer", "list")["customers"]}

    def state(self, role, name):
        rows = [row for row in self.ask(role, "customer", "list")["customers"]
                if row["name"] == name]
        self.assertEqual(len(rows), 1)
        return rows[0]

    def wait_until(self, true):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not true():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)

    def wait_for(self, role, name, roster):
        self.wait_until(lambda: self.state(role, name)["roster"] == roster)

    def invite(self, name, file):
        path = self.folder / file
        self.at("leader", 0, "customer", "invite", name, "--out", path)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        return path

    def enrol(self, invitation, site):
        """Gives whether the certificate has come."""
        site.mkdir(exist_ok=True)
        run(0, CLIENT, "enrol", invitation, "--dir", site)
        return any(path.suffix == ".pem" and not path.name.endswith(".ca.pem")
                   for path in site.iterdir())

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    # ---- customers ----

    def test_customer_joins_is_suspended_and_removed(self):
        name = 'St. Mary\'s "1"'
        invitation = self.invite(name, "mary.yaml")
        self.assertIn("invited until", self.state("leader", name)["state"])
        ran = self.at("leader", 6, "customer", "approve", name)
        self.assertIn("has not asked to join yet", ran.stdout + ran.stderr)
        self.assertFalse(self.enrol(invitation, self.folder / "mary"))
        row = self.state("leader", name)
        self.assertEqual(row["state"], "asks to join: waits for your decision")
        wrong = row["customer"].replace("+", "-", 1)
        self.at("leader", 2, "customer", "approve", name, "--key", wrong)
        self.at("leader", 6, "customer", "approve", name, "--key",
                new_verifier_key("0011223344556677"))
        shown = self.at("leader", 0, "customer", "approve", name, "--key", row["customer"]).stdout
        self.assertIn(row["customer"], shown)
        self.assertIn("waits for the helper", shown)
        self.wait_until(lambda: name in self.names("helper"))
        self.assertEqual(self.state("helper", name)["customer"], row["customer"])
        self.enrol(invitation, self.folder / "mary")
        self.at("helper", 0, "customer", "approve", name)
        self.wait_for("leader", name, "active")
        self.wait_for("helper", name, "active")
        self.assertTrue(self.enrol(invitation, self.folder / "mary"))
        self.assertIn("on the roster already",
                      self.at("leader", 6, "customer", "refuse", name).stderr)
        self.at("helper", 0, "customer", "suspend", name)
        self.assertEqual(self.state("leader", name)["roster"], "active")
        self.at("leader", 0, "customer", "suspend", name)
        self.wait_for("leader", name, "suspended")
        self.at("leader", 0, "customer", "remove", name)
        self.assertEqual(self.state("leader", name)["state"],
                         "suspended, to be removed: approved here, waits for the helper")
        self.at("helper", 0, "customer", "approve", name)
        self.wait_for("leader", name, "removed")

    def test_leader_from_a_backup_that_is_older_than_a_customer(self):
        leader = self.service.parties["leader"]
        backup = self.folder / "older.db"
        self.at("leader", 0, "store", "backup", backup)
        invitation = self.invite("Old Mill", "mill.yaml")
        self.assertFalse(self.enrol(invitation, self.folder / "mill"))
        self.at("leader", 0, "customer", "approve", "Old Mill")
        self.wait_until(lambda: "Old Mill" in self.names("helper"))
        self.at("helper", 0, "customer", "approve", "Old Mill")
        self.wait_for("leader", "Old Mill", "active")
        self.wait_for("helper", "Old Mill", "active")
        leader.stop()
        for name in ("store.db", "store.db-wal", "store.db-shm"):
            (leader.folder / name).unlink(missing_ok=True)
        shutil.copyfile(backup, leader.folder / "store.db")
        (leader.folder / "store.db").chmod(0o600)
        leader.start()
        # The helper gives the log back; names are in no log.
        self.wait_until(lambda: "" in self.names("leader"))
        self.assertNotIn("Old Mill", self.names("leader"))
        self.assertIn("invite --again", self.at("leader", 0, "customer", "list").stderr)
        self.at("leader", 2, "customer", "invite", "--again", invitation, "Old Mill")
        again = self.folder / "mill-again.yaml"
        self.at("leader", 0, "customer", "invite", "--again", invitation, "--out", again)
        self.assertTrue(self.enrol(again, self.folder / "mill"))
        self.assertEqual("active", self.state("leader", "Old Mill")["state"])
        self.assertNotIn("", self.names("leader"))

    def test_customer_invite_many(self):
        bad = self.write("bad.csv", 'name\nA clinic\n" B"\nA clinic\n\n')
        ran = self.at("leader", 3, "customer", "invite", "--csv", bad, "--out", self.folder)
        self.assertIn("bad.csv:3: error", ran.stderr)
        self.assertIn("bad.csv:4: error", ran.stderr)
        self.assertNotIn("A clinic", self.names("leader"))
        good = self.write("good.csv", "city,name\nX,A clinic\nY,B clinic\n")
        folder = self.folder / "invitations"
        folder.mkdir()
        first = self.ask("leader", "customer", "invite", "--csv", good, "--out", folder)
        self.assertEqual([row["again"] for row in first["invitations"]], [False, False])
        second = self.ask("leader", "customer", "invite", "--csv", good, "--out", folder)
        self.assertEqual([row["again"] for row in second["invitations"]], [True, True])
        self.assertEqual(len(list(folder.iterdir())), 2)
        for name in ("A-clinic", "B-clinic"):
            self.enrol(folder / f"{name}.invitation.yaml", self.folder / name)
        self.at("leader", 0, "customer", "approve", "--all-requested")
        self.wait_until(lambda: {"A clinic", "B clinic"} <= self.names("helper"))
        self.at("helper", 0, "customer", "refuse", "A clinic")
        self.at("helper", 0, "customer", "approve", "--all-requested")
        self.wait_for("leader", "B clinic", "active")
        self.assertEqual(self.state("leader", "A clinic")["roster"], "")

    def test_customer_refused_wishes(self):
        self.assertIn("only the leader", self.at("helper", 6, "customer", "invite", "x", "--out",
                                                 self.folder / "x.yaml").stderr)
        self.at("leader", 6, "customer", "suspend", "nobody")
        self.at("leader", 2, "customer", "approve")
        self.at("leader", 2, "customer", "approve", "--all-requested", "x")
        self.at("leader", 2, "customer", "invite", "x", "--valid-days", "366")
        self.at("leader", 2, "customer", "invite", " x")
        self.at("leader", 2, "customer", "invite", "--csv", self.write("c.csv", "name\nx\n"))
        self.at("leader", 3, "customer", "invite", "--csv", self.write("c.csv", "names\nx\n"),
                "--out", self.folder)
        run(2, AGGREGATOR, "customer", "list")
        self.at("collector", 3, "customer", "list")

    # ---- rounds ----

    def publish(self):
        plan = self.write("plan.yaml", PLAN)
        population = self.write("people.yaml", POPULATION)
        final = self.folder / "final.yaml"
        run(0, AGGREGATOR, "plan", "draft", "-p", plan, "--population", population, "-o", final)
        self.assertIn("is a draft",
                      self.at("leader", 3, "plan", "publish", plan).stderr)
        first = self.ask("leader", "plan", "publish", final, "--population", population)
        again = self.ask("leader", "plan", "publish", final)
        self.assertEqual(first, again)
        return final, first["plan_id"]

    def test_round_from_plan_to_void(self):
        final, plan_id = self.publish()
        opened = self.ask("leader", "round", "open", "-p", final, "-n", "1", "--for", "1h")
        self.assertEqual((opened["state"], opened["plan_id"], opened["round"], opened["cosigned"]),
                         ("open", plan_id, 1, True))
        self.at("leader", 6, "round", "open", "-p", "screening", "-n", "1", "--for", "2h")
        self.assertIn("no round", self.at("leader", 6, "round", "open", "-p", plan_id[:8], "-n",
                                          "9", "--for", "1h").stderr)
        second = self.ask("leader", "round", "open", "-p", "screening", "-n", "2", "--for", "1h")
        ran = self.at("leader", 6, "round", "open", "-p", "screening", "-n", "3", "--for", "1h")
        self.assertIn("budget", ran.stderr)
        population = self.ask("leader", "population", "list")["populations"][0]
        self.assertEqual((population["rounds_charged"], population["epsilon_budget"]), (2, "2"))
        self.assertLessEqual(float(population["epsilon_spent"]), 2)
        task = opened["task_id"]
        later = self.ask("leader", "round", "extend", task[:8], "--for", "3h")
        self.assertGreater(later["deadline"], opened["deadline"])
        self.at("leader", 6, "round", "extend", task, "--for", "1m")
        status = self.ask("leader", "round", "status", "-p", "screening", "-n", "1")
        self.assertEqual(status["round"]["deadline"], later["deadline"])
        self.assertEqual(status["customers_lacking"], 3)
        text = self.at("leader", 0, "round", "status", task).stdout
        self.assertIn("minimum   3 customers, 3 more needed", text)
        voided = self.ask("leader", "round", "void", second["task_id"])
        self.assertEqual(voided["void_reason"], "an operator's decision")
        self.at("leader", 6, "round", "close", second["task_id"])
        self.at("leader", 0, "round", "close", task)
        self.wait_until(
            lambda: self.ask("leader", "round", "status", task)["round"]["state"] == "void")
        self.assertIn("too few customers", self.at("leader", 0, "round", "status", task).stdout)
        rounds = self.ask("helper", "round", "status")["rounds"]
        self.assertEqual(len(rounds), 2)
        self.ask("leader", "plan", "retire", plan_id)
        self.wait_until(lambda: self.ask("helper", "plan", "list")["plans"][0]["retired"])

    def test_round_wrong_wishes(self):
        self.at("leader", 2, "round", "open", "-p", "x", "-n", "1")
        self.at("leader", 2, "round", "open", "-n", "1", "--for", "1h")
        self.at("leader", 2, "round", "open", "-p", "x", "--for", "1h")
        self.at("leader", 2, "round", "open", "-p", "x", "-n", "1", "--for", "soon")
        self.at("leader", 2, "round", "open", "-p", "x", "-n", "1", "--deadline", "soon")
        self.at("leader", 3, "round", "open", "-p", "no-such-file", "-n", "1", "--for", "1h")
        self.at("leader", 6, "round", "open", "-p", "ab" * 32, "-n", "1", "--for", "1h")
        self.at("leader", 6, "round", "close", "ab" * 32)
        self.at("leader", 2, "round", "close", "abc")
        self.at("leader", 2, "round", "close")
        self.at("helper", 6, "plan", "retire", "ab" * 32)


class Away(unittest.TestCase):
    def test_process_that_does_not_run(self):
        with deployment(start=False) as service:
            ran = run(5, AGGREGATOR, "customer", "list", "-c", service.config("leader"))
            self.assertIn("does it run?", ran.stderr)


if __name__ == "__main__":
    unittest.main()
