#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""evenhand-client against a leader, a helper and a collector that run: enrol, submit, upload, status,
results, run, ledger reconcile.    test_service.py BIN Service|Crashes"""
import csv
import json
import os
import pathlib
import random
import select
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))
# pylint: disable=wrong-import-position
from support import AGGREGATOR, CLIENT, deployment  # noqa: E402
from service.deployment import Customer  # noqa: E402
from service.process import run  # noqa: E402

CUSTOMERS = ("Ash Clinic", "Birch Hospital", "Cedar Practice")
WAIT_SECONDS = 60

POPULATION = """name: patients
budget: {epsilon: "60", delta: "0"}
accountant: basic-1
"""
PLAN = """version: 1
name: triage
scorer: binary
binary: {positive: ["1"]}
attributes:
  - {name: sex, values: [female, male]}
releases: [[sex]]
privacy:
  population: patients
  records_per_unit: 1
  cell_bits: 16
  mechanism: discrete-laplace
  epsilon: "1"
rounds: {count: 20, min_honest: 2, assumed_corrupt: 1, max_clients: 50}
"""


def write_records(path, seed):
    draw = random.Random(seed)
    with open(path, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["unit", "sex", "label", "prediction"])
        for i in range(300):
            rows.writerow([f"p{i}", draw.choice(["female", "male"]), draw.choice("01"),
                           draw.choice("01")])


class Proxy(socketserver.ThreadingTCPServer):
    """An HTTP proxy that only knows CONNECT."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), ProxyHandler)
        self.targets = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class ProxyHandler(socketserver.BaseRequestHandler):
    def handle(self):
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.request.recv(1)
        method, target, _ = head.split(b"\r\n")[0].split()
        self.server.targets.append((method, target.decode()))
        host, port = target.decode().rsplit(":", 1)
        with socket.create_connection((host, int(port))) as other:
            self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            sides = {self.request: other, other: self.request}
            while True:
                for side in select.select(list(sides), [], [])[0]:
                    data = side.recv(65536)
                    if not data:
                        return
                    sides[side].sendall(data)


class Site(Customer):
    """A customer that is not asked for names of its files."""

    def __init__(self, service, name):
        super().__init__(service, name)
        self.stem = name.lower().replace(" ", "-")
        self.config = self.folder / f"{self.stem}.yaml"
        self.ledger = self.folder / f"{self.stem}.db"
        self.folder.mkdir(parents=True)
        write_records(self.folder / "records.csv", name)

    def run(self, *arguments, code=0, failpoint=None):
        environment = {**os.environ, "EVH_FAILPOINT": failpoint} if failpoint else None
        return self.client(*arguments, expect=code, environment=environment)

    def json(self, *arguments, code=0):
        return self.client_json(*arguments, expect=code)

    def configure(self, extra=""):
        with open(self.config, "a", encoding="utf-8") as file:
            file.write("limits: {patients: {epsilon: \"20\"}}\n"
                       "data: {population: patients, path: records.csv}\n" + extra)

    def enrol(self, code=0):
        return self.json("enrol", self.invitation, "--dir", self.folder, code=code)

    def submit(self, plan, number, *more, code=0):
        return self.json("submit", "-c", self.config, "-p", plan, "-n", number, "--agree", *more,
                         code=code)

    def status(self, number):
        rounds = self.json("status", "-c", self.config, "-n", number)["rounds"]
        return rounds[0] if rounds else None


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = cls.enterClassContext(deployment())
        cls.leader = cls.service.parties["leader"]
        work = cls.service.folder / "work"
        work.mkdir()
        (work / "population.yaml").write_text(POPULATION)
        (work / "draft.yaml").write_text(PLAN)
        cls.plan = work / "plan.yaml"
        run([AGGREGATOR, "plan", "draft", "-p", work / "draft.yaml", "--population",
             work / "population.yaml", "-o", cls.plan])
        cls.service.publish(cls.plan, work / "population.yaml")
        cls.sites = [cls.new_site(name) for name in CUSTOMERS]
        for site in cls.sites:
            cls.join(site)
        cls.rounds = 0

    @classmethod
    def new_site(cls, name):
        site = Site(cls.service, name)
        cls.service.operator("leader", "customer", "invite", name, "--out", site.invitation)
        return site

    @classmethod
    def join(cls, site):
        first = site.enrol()
        assert first["state"] == "waiting", first
        again = site.enrol()  # nothing is made twice
        assert again["customer"] == first["customer"]
        cls.approve(site)
        site.configure()

    @classmethod
    def approve(cls, site):
        cls.service.operator("leader", "customer", "approve", site.name)
        cls.service.operator("helper", "customer", "approve", site.name)
        deadline = time.monotonic() + WAIT_SECONDS
        while site.enrol()["state"] != "enrolled":
            assert time.monotonic() < deadline, cls.leader.log()
            time.sleep(0.2)

    def open_round(self, duration="10m"):
        type(self).rounds += 1
        self.service.open_round(self.plan, self.rounds, duration)
        return self.rounds

    def await_state(self, site, number, state):
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            row = site.status(number)
            if row["state"] == state:
                return row
            self.assertLess(time.monotonic(), deadline, f"{row}\n{self.leader.log()}")
            time.sleep(0.3)


class Service(Case):
    def test_a_round_from_submission_to_result(self):
        number = self.open_round()
        for site in self.sites:
            told = site.submit(self.plan, number)
            self.assertEqual(told["report"], "received")
            self.assertTrue(told["receipt"])
        site = self.sites[0]
        # Again: the same bytes, the same receipt, no second charge.
        self.assertEqual(site.submit(self.plan, number)["ledger_sequence"], 1)
        self.service.close_round(self.plan, number)
        row = self.await_state(site, number, "collected")
        self.assertEqual((row["report"], row["receipt"]), ("accepted", True))
        out = site.folder / "result.json"
        site.run("results", "-c", site.config, "-n", number, "--out", out)
        result = json.loads(out.read_text())
        listed = site.json("results", "-c", site.config, "-n", number)["results"]
        self.assertEqual(listed[0]["customers"], len(self.sites))
        self.assert_near_truth(result)
        # Round over: no report any more.
        done = site.run("submit", "-c", site.config, "-p", self.plan, "-n", number + 50, code=4)
        self.assertIn("not open yet", done.stderr)

    def assert_near_truth(self, result):
        truth = {}
        for site in self.sites:
            counted = site.json("count", "-p", self.plan, "--data", site.folder / "records.csv")
            for group in counted["groups"]:
                key = json.dumps(group["group"])
                for cell, value in group["cells"].items():
                    truth[key, cell] = truth.get((key, cell), 0) + value
        exact = 0
        for group in result["groups"]:
            for cell, value in group["released"].items():
                right = truth[json.dumps(group["group"]), cell]
                self.assertLess(abs(value - right), 60)
                exact += value == right
        self.assertLess(exact, 16)  # there is noise

    def test_upload_from_another_machine(self):
        number = self.open_round()
        site = self.sites[1]
        report = site.folder / f"report{number}.bin"
        told = site.submit(self.plan, number, "--no-upload", "--out", report)
        self.assertEqual((told["report"], told["receipt"]), ("written", False))
        self.assertEqual(site.status(number)["report"], "to send")
        other = site.folder / "other.yaml"
        lines = [line for line in site.config.read_text().splitlines()
                 if not line.startswith(("signing_key", "ledger", "limits", "data"))]
        other.write_text("\n".join(lines) + "\n")
        told = site.json("upload", "-c", other, report)
        self.assertEqual(told["report"], "received")
        self.assertTrue((site.folder / f"report{number}.bin.receipt").exists())
        row = site.status(number)  # brings the receipt
        self.assertIn(row["report"], ("received", "accepted"))
        self.assertTrue(row["receipt"])
        other_site = self.sites[2]
        done = other_site.run("upload", "-c", other_site.config, report, code=6)
        self.assertNotIn("receipt is in", done.stdout)

    def test_leader_away(self):
        number = self.open_round()
        site = self.sites[0]
        self.leader.stop()
        site.run("submit", "-c", site.config, "-p", self.plan, "-n", number, code=5)
        self.leader.start()
        self.assertEqual(site.submit(self.plan, number)["report"], "received")

    def test_a_killed_client_loses_and_doubles_nothing(self):
        number = self.open_round()
        site = self.sites[2]
        draw = random.Random(7)
        for _ in range(8):
            process = subprocess.Popen(
                [CLIENT, "submit", "-c", site.config, "-p", self.plan, "-n", str(number), "--agree"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(draw.uniform(0.0, 0.25))
            process.kill()
            process.wait()
        site.submit(self.plan, number)
        entries = [entry for entry in site.json("ledger", "show", "-c", site.config)["entries"]
                   if entry["round"] == number]
        self.assertEqual(len(entries), 1)
        site.run("ledger", "verify", "-c", site.config)
        row = site.status(number)
        self.assertIn(row["report"], ("received", "accepted"))
        self.assertTrue(row["receipt"])

    def test_an_older_ledger_is_noticed_and_repaired(self):
        number = self.open_round()
        site = self.sites[1]
        copy = site.folder / "copy"
        copy.mkdir()
        for path in site.folder.glob(f"{site.stem}.db*"):
            if path.is_file():
                shutil.copy2(path, copy)
        site.submit(self.plan, number)
        for path in site.folder.glob(f"{site.stem}.db*"):
            if path.is_file():
                path.unlink()
        for path in copy.iterdir():
            shutil.copy2(path, site.folder)
        shutil.rmtree(copy)
        later = self.open_round()
        done = site.run("submit", "-c", site.config, "-p", self.plan, "-n", later, "--agree", code=4)
        self.assertIn("your ledger is behind", done.stderr)
        self.assertIn("ledger reconcile", done.stderr)
        told = site.json("ledger", "reconcile", "-c", site.config)
        self.assertTrue(told["was_behind"])
        self.assertEqual(told["reports_lost"], 1)
        newest = self.open_round()
        self.assertEqual(site.submit(self.plan, newest)["report"], "received")

    def test_agent(self):
        site = self.sites[0]
        number = self.open_round()
        site.run("run", "-c", site.config, "--once")
        self.assertIn(site.status(number)["report"], ("received", "accepted"))
        process = subprocess.Popen([CLIENT, "run", "-c", site.config, "--every", "1"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        later = self.open_round()
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            done = subprocess.run([CLIENT, "status", "-c", site.config, "-n", str(later), "--json"],
                                  capture_output=True, check=False)
            # 7: the agent uses the mirror just now
            self.assertIn(done.returncode, (0, 7))
            if done.returncode == 0 and json.loads(done.stdout)["rounds"][0]["receipt"]:
                break
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=40)
        self.assertEqual(process.returncode, 0, told)
        self.assertIn(b"event=client_stopped", told)

    def test_check_says_what_is_missing(self):
        site = self.sites[0]
        checks = {row["check"]: row for row in
                  site.json("check", "-c", site.config, "-p", self.plan)["checks"]}
        for name in ("certificate", "leader", "roster", "clock and log"):
            self.assertEqual(checks[name]["outcome"], "passed", checks[name])
        self.assertIn("364 days left", checks["certificate"]["text"])

    def test_agreement_dry_run_and_small_groups(self):
        site = self.new_site("Dogwood Ward")
        self.join(site)
        number = self.open_round()
        command = ("submit", "-c", site.config, "-p", self.plan, "-n", number)
        site.config.write_text(site.config.read_text().replace("smallest_group: 20",
                                                               "smallest_group: 1000"))
        done = site.run(*command, "--dry-run")
        self.assertIn("sex=female", done.stderr)
        self.assertIn("fewer than 1000 units", done.stderr)
        self.assertFalse(site.ledger.exists())
        done = site.run(*command, code=4)
        self.assertIn("nobody at this site has agreed", done.stderr)
        done = site.run("run", "-c", site.config, "--once", code=4)
        self.assertIn("nobody at this site has agreed", done.stderr)
        site.run(*command, "--agree")  # however small the groups are
        later = self.open_round()
        site.run(*command[:-1], later)  # agreed to once

    def test_proxy(self):
        site = self.sites[0]
        with Proxy() as proxy:
            proxied = site.folder / "proxied.yaml"
            proxied.write_text(site.config.read_text() +
                               f"proxy: http://127.0.0.1:{proxy.server_address[1]}\n")
            site.run("status", "-c", proxied)
            self.assertEqual(proxy.targets, [(b"CONNECT", self.leader.address)])
            proxy.shutdown()

    def test_files_are_for_their_owner(self):
        site = self.sites[0]
        for end in ("ed25519", "ed25519.order", "key", "db", "db.mirror"):
            self.assertEqual(os.stat(site.folder / f"{site.stem}.{end}").st_mode & 0o77, 0, end)


class Crashes(Case):
    """The client is killed at every named place of a build that has them, and run again."""

    def killed(self, site, failpoint, *command):
        site.run(*command, failpoint=failpoint, code=-signal.SIGKILL)

    def test_enrol_can_be_stopped_anywhere(self):
        site = self.new_site("Elder Clinic")
        command = ("enrol", site.invitation, "--dir", site.folder)
        for name in ("order", "key", "tls-key", "ca", "config", "asked"):
            self.killed(site, f"enrol-{name}", *command)
        self.assertEqual(site.enrol()["state"], "waiting")
        self.approve(site)
        self.killed(site, "enrol-certificate", *command)
        self.assertEqual(site.enrol()["state"], "enrolled")
        site.configure()
        number = self.open_round()
        command = ("submit", "-c", site.config, "-p", self.plan, "-n", number, "--agree")
        for name in ("mirror-make-before", "mirror-make-after", "ledger-make-before",
                     "ledger-make-after"):
            self.killed(site, name, *command)
        self.assertEqual(site.submit(self.plan, number)["ledger_sequence"], 1)

    def test_submit_can_be_stopped_anywhere(self):
        site = self.sites[0]
        site.submit(self.plan, self.open_round())
        sequence = 1
        for name in ("ledger-charge-before", "ledger-charge-after", "ledger-noted",
                     "report-answered", "ledger-receipt-before", "ledger-receipt-after"):
            number = self.open_round()
            self.killed(site, name, "submit", "-c", site.config, "-p", self.plan, "-n", number)
            site.run("ledger", "verify", "-c", site.config)
            sequence += 1
            told = site.submit(self.plan, number)
            self.assertEqual((told["ledger_sequence"], told["receipt"]), (sequence, True), name)
            row = site.status(number)
            self.assertIn(row["report"], ("received", "accepted"), name)
            self.assertIsNone(row["remark"], name)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], sys.argv[1]], verbosity=2)
