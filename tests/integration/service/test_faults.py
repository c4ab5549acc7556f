#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One round after the other, each with one process killed at one named place (EVH_FAILPOINT) and started
again: every report with a receipt counts, none counts twice, and the sums are exactly the accepted ones.
Epsilon is so large here that all noise of all rounds is zero but for a chance of one in a thousand, so
that sums can be compared exactly. Also: a helper that is away, a store that comes back from a backup, a damaged store."""
import json
import os
import shutil
import threading
import time
import unittest

from support import deployment
from service.deployment import UNREACHABLE
from service.process import run
from service.rounds import collect_result

LEADER = ["leader-publish", "leader-cosigned", "leader-open", "leader-reveal", "leader-upload",
          "leader-job", "leader-answers", "leader-close", "leader-agree", "leader-commit",
          "leader-result", "secrets-keep", "secrets-destroy"]
HELPER = ["helper-cosign", "helper-prepare", "helper-reveal", "helper-aggregate", "helper-agree",
          "secrets-keep", "secrets-destroy"]
ONCE = [("leader", "leader-published"), ("helper", "helper-published"),
        ("collector", "collector-added"), ("collector", "collector-between"),
        ("collector", "collector-kept"), ("collector", "collector-published"),
        ("collector", "collector-confirming"), ("collector", "follow-before"),
        ("collector", "follow-after")]
# Those of a customer's very first submission are in integration/client.
CLIENT = ["ledger-charge-before", "ledger-charge-after", "ledger-noted", "report-answered",
          "ledger-receipt-before", "ledger-receipt-after"]
PLACES = ([("leader", f"{name}-{when}") for name in LEADER for when in ("before", "after")] +
          [("helper", f"{name}-{when}") for name in HELPER for when in ("before", "after")] + ONCE)
KILLED = -9
REFUSED = 6
RETRY_SECONDS = 60

PLAN = """version: 1
name: faults
scorer: binary
binary: {positive: ["1"]}
attributes: [{name: group, values: [a, b]}]
releases: [[group]]
privacy: {population: somebody, records_per_unit: 1, cell_bits: 16, epsilon: "16"}
rounds: {count: 62, min_honest: 2, assumed_corrupt: 1, max_clients: 10}
"""
POPULATION = """{name: somebody, budget: {epsilon: "1000", delta: "0"}}
"""
SETTINGS = """limits: {somebody: {epsilon: "1000"}}
policy: {plans: accept}
data: {population: somebody, path: records.csv}
"""
NAMES = ["north", "south", "east", "west"]


class Keeper:
    """Starts a process again whenever it has been killed."""

    def __init__(self, servers):
        self.servers = servers
        self.deaths = []
        self.ending = False
        self.thread = threading.Thread(target=self.keep, daemon=True)
        self.thread.start()

    def keep(self):
        while not self.ending:
            for server in self.servers:
                if server.process is not None and server.process.poll() is not None:
                    self.deaths.append((server.name, server.wait()))
                    server.environment = None
                    server.start()
            time.sleep(0.02)

    def end(self):
        self.ending = True
        self.thread.join()


def patiently(service, role, *command):
    """An operator's command, until it is answered. One whose answer was lost may be refused when it is
    repeated: what it was to do is done."""
    end = time.monotonic() + RETRY_SECONDS
    while True:
        out, err, code = attempt(service, role, *command)
        if code in (0, REFUSED):
            return code
        if code != UNREACHABLE or time.monotonic() > end:
            raise AssertionError(f"{command}: {code}\n{out}{err}")
        time.sleep(0.1)


def attempt(service, role, *command):
    out, err, code = "", "", 0
    try:
        out, err = run([service.aggregator_program, *command, "-q", "-c", service.config(role)])
    except Exception as failed:  # pylint: disable=broad-except
        if not hasattr(failed, "code"):
            raise
        code, err = failed.code, str(failed)
    return out, err, code


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = cls.enterClassContext(deployment())
        work = cls.service.folder / "work"
        work.mkdir()
        (work / "draft.yaml").write_text(PLAN, encoding="utf-8")
        (work / "population.yaml").write_text(POPULATION, encoding="utf-8")
        cls.plan = work / "plan.yaml"
        run([cls.service.aggregator_program, "plan", "draft", "-q", "-p", work / "draft.yaml",
             "--population", work / "population.yaml", "--out", cls.plan])
        cls.service.add_customers(NAMES)
        for index, name in enumerate(NAMES):
            customer = cls.service.customers[name]
            customer.add_settings(SETTINGS)
            rows = [f"{row},{'ab'[row % 2]},{int(row % 3 == 0)},{int(row % 5 == 0)}" for row in range(10 + 10 * index)]
            (customer.folder / "records.csv").write_text(
                "\n".join(["unit,group,label,prediction", *rows]) + "\n", encoding="utf-8")
        cls.service.publish(cls.plan, work / "population.yaml")
        cls.number = 0
        cls.work = work

    def expected(self, names):
        sums = {group: {"tp": 0, "fp": 0, "fn": 0, "tn": 0} for group in "ab"}
        for name in names:
            for row in range(10 + 10 * NAMES.index(name)):
                label, prediction = row % 3 == 0, row % 5 == 0
                cell = ("t" if label == prediction else "f") + ("p" if prediction else "n")
                sums["ab"[row % 2]][cell] += 1
        return sums

    def next_round(self):
        type(self).number += 1
        return self.number

    def submit(self, name, number):
        customer = self.service.customers[name]
        end = time.monotonic() + RETRY_SECONDS
        while True:
            try:
                return customer.submit(self.plan, number)
            except Exception as failed:  # pylint: disable=broad-except
                if getattr(failed, "code", None) != UNREACHABLE or time.monotonic() > end:
                    raise
            time.sleep(0.1)

    def open(self, number):
        patiently(self.service, "leader", "round", "open", "-p", self.plan, "-n", number, "--for",
                  "1h")

    def close_and_check(self, number, names=NAMES):
        patiently(self.service, "leader", "round", "close", "-p", self.plan, "-n", number)
        customer = self.service.customers["north"]
        result = collect_result(self.service, self.plan, number, customer,
                                self.work / f"result-{number}.json")
        self.assertIsNotNone(result, f"round {number} is void")
        self.assertEqual(len(names), result["round"]["customers"])
        sums = {group["group"]["group"]: group["released"] for group in result["groups"]
                if group["release"] == ["group"] and group["group"]["group"] in ("a", "b")}
        self.assertEqual(self.expected(names), sums)

    def whole_round(self):
        number = self.next_round()
        self.open(number)
        for name in NAMES:
            self.submit(name, number)
        self.close_and_check(number)
        return number

    def arm(self, role, place):
        server = self.service.parties[role]
        server.stop()
        server.environment = {**os.environ, "EVH_FAILPOINT": place}
        server.start(wait=False)  # some places are reached before it is ready

    def wait_until_all_serve(self):
        self.service.wait_for("all three to serve", lambda: all(
            server.running() and server.ready_path.exists()
            for server in self.service.parties.values()))

    def test_a_process_killed_at_every_place(self):
        for role, place in PLACES:
            with self.subTest(role=role, place=place):
                self.arm(role, place)
                keeper = Keeper(list(self.service.parties.values()))
                try:
                    self.wait_until_all_serve()
                    number = self.whole_round()
                    # What comes last may still be on its way when the result is there.
                    end = time.monotonic() + 20
                    while not keeper.deaths and time.monotonic() < end:
                        time.sleep(0.05)
                finally:
                    keeper.end()
                self.assertEqual([(role, KILLED)], keeper.deaths, f"round {number}")
                self.check_vaults()

    def check_vaults(self):
        """Whenever the power was cut: no secrets are left of rounds that are over, or never came to be."""
        for role in ("leader", "helper"):
            self.service.wait_for(f"the vault of the {role} to be empty", lambda r=role: not list(
                (self.service.folder / r / "vault").iterdir()))

    def test_b_client_killed_at_every_place(self):
        number = self.next_round()
        self.open(number)
        for place in CLIENT:
            with self.subTest(place=place):
                customer = self.service.customers["east"]
                customer.submit(self.plan, number, expect=KILLED,
                                environment={**os.environ, "EVH_FAILPOINT": place})
                self.submit("east", number)
                for name in ("north", "south", "west"):
                    self.submit(name, number)
                self.close_and_check(number)
                shown = customer.client_json("ledger", "show", "-c", customer.config)
                self.assertEqual(1, sum(entry["round"] == number for entry in shown["entries"]))
                number = self.next_round()
                self.open(number)
        for name in NAMES:
            self.submit(name, number)
        self.close_and_check(number)

    def test_c_helper_away_for_a_while(self):
        number = self.next_round()
        self.open(number)
        self.submit("north", number)
        self.service.stop("helper")
        for name in ("south", "east", "west"):
            self.submit(name, number)
        patiently(self.service, "leader", "round", "close", "-p", self.plan, "-n", number)
        time.sleep(1)
        self.assertEqual("closed", self.service.status(self.plan, number)["round"]["state"])
        self.service.start("helper")
        self.close_and_check(number)

    def test_d_restored_leader_voids_its_open_round(self):
        number = self.next_round()
        self.open(number)
        self.submit("north", number)
        backup = self.service.folder / "leader.backup"
        self.service.operator("leader", "store", "backup", backup)
        self.submit("south", number)
        self.service.stop("leader")
        for name in ("store.db", "store.db-wal", "store.db-shm"):
            (self.service.folder / "leader" / name).unlink(missing_ok=True)
        shutil.copyfile(backup, self.service.folder / "leader" / "store.db")
        (self.service.folder / "leader" / "store.db").chmod(0o600)
        self.service.start("leader")
        status = self.service.wait_for_state(self.plan, number, "void")
        self.assertIn("restored", json.dumps(status["round"]))
        for name in ("north", "south"):  # both hold a receipt, and both are told
            customer = self.service.customers[name]
            self.service.wait_for("the holder of a receipt to be told", lambda c=customer: "void" in
                                  c.client("status", "-c", c.config, "-p", self.plan, "-n", number)[0])
        self.whole_round()

    def test_e_damaged_store_is_not_used(self):
        self.service.stop("helper")
        store = self.service.folder / "helper" / "store.db"
        kept = store.read_bytes()
        try:
            store.write_bytes(kept[:4096] + b"\xff" * 4096 + kept[8192:])
            with self.assertRaises(Exception) as caught:
                self.service.start("helper")
            self.assertEqual(7, caught.exception.code)
            self.assertIn("store", caught.exception.err)
        finally:
            store.write_bytes(kept)
        self.service.start("helper")
        self.whole_round()


if __name__ == "__main__":
    unittest.main()
