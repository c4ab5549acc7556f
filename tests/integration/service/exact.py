# SPDX-License-Identifier: Apache-2.0
"""A deployment whose rounds release exactly what the accepted reports add up to: epsilon is so large that
all noise of all rounds is zero but for a chance of one in a thousand."""
import time
import unittest

from support import deployment
from service.deployment import UNREACHABLE
from service.process import run
from service.rounds import collect_result

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


def attempt(service, role, *command):
    out, err, code = "", "", 0
    try:
        out, err = run([service.aggregator_program, *command, "-q", "-c", service.config(role)])
    except Exception as failed:  # pylint: disable=broad-except
        if not hasattr(failed, "code"):
            raise
        code, err = failed.code, str(failed)
    return out, err, code


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


class ExactRounds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = cls.enterClassContext(deployment(start=False))
        cls.before_start()
        cls.service.start()
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

    @classmethod
    def before_start(cls):
        """The three folders are there and nothing runs yet."""

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

    def close(self, number):
        patiently(self.service, "leader", "round", "close", "-p", self.plan, "-n", number)

    def close_and_check(self, number, names=NAMES):
        self.close(number)
        customer = self.service.customers["north"]
        result = collect_result(self.service, self.plan, number, customer,
                                self.work / f"result-{number}.json")
        self.assertIsNotNone(result, f"round {number} is void")
        self.assertEqual(len(names), result["round"]["customers"])
        sums = {group["group"]["group"]: group["released"] for group in result["groups"]
                if group["release"] == ["group"] and group["group"]["group"] in ("a", "b")}
        self.assertEqual(self.expected(names), sums)

    def charges(self, name, number):
        """How often a customer's ledger has paid for a round."""
        customer = self.service.customers[name]
        shown = customer.client_json("ledger", "show", "-c", customer.config)
        return sum(entry["round"] == number for entry in shown["entries"])

    def whole_round(self):
        number = self.next_round()
        self.open(number)
        for name in NAMES:
            self.submit(name, number)
        self.close_and_check(number)
        return number
