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

from exact import NAMES, ExactRounds, patiently

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


class Faults(ExactRounds):
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
                self.assertEqual(1, self.charges("east", number))
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
