#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Leader and helper run out of disk in the middle of a round: customers are asked to come later, nothing
is counted twice or lost, and everything goes on by itself when there is room. Once with a real disk that
is full (a small tmpfs, where one can be mounted), once with a limit on the size of files."""
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request

from exact import NAMES, ExactRounds, attempt
from support import BIN
from service.deployment import UNREACHABLE

DISK_BYTES = 32 << 20
MOUNTS = "EVH_TEST_FULL_DISK_MOUNTS"
PARTIES = ("leader", "helper")
NO_LIMIT = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


class FullDisk:
    """What is the same for both kinds of full disk; fill() and free() are theirs."""

    def metric(self, role, name):
        with urllib.request.urlopen(f"http://{self.service.parties[role].metrics}/metrics", timeout=20) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(name))

    def submit_in_vain(self, name, number):
        """The command ends as when the leader is away: it is to be run again."""
        err = self.service.customers[name].submit(self.plan, number, "--wait", "0",
                                                  expect=UNREACHABLE).stderr
        self.assertIn("try later", err)

    def states(self, number):
        return {row["name"]: row["state"] for row in self.service.status(self.plan, number)["reports"]}

    def test_leader_is_full_while_customers_send(self):
        number = self.next_round()
        self.open(number)
        self.submit("north", number)
        self.fill("leader")
        for name in ("south", "east"):
            self.submit_in_vain(name, number)
            self.submit_in_vain(name, number)
        self.assertGreater(self.metric("leader", "evenhand_store_failures_total"), 0)
        self.assertTrue(self.service.parties["leader"].running())
        # Nothing of a report that was not taken stays; what was taken is there.
        states = self.states(number)
        self.assertIn(states["north"], ("received", "accepted"))
        self.assertEqual({"missing"}, {states.get(name, "missing") for name in NAMES[1:]})
        self.free("leader")
        for name in NAMES:
            self.submit(name, number)
            self.assertEqual(1, self.charges(name, number))
        self.close_and_check(number)

    def test_leader_is_full_when_a_round_opens_and_closes(self):
        number = self.next_round()
        self.fill("leader")
        out, err, code = attempt(self.service, "leader", "round", "open", "-p", self.plan, "-n", number,
                                 "--for", "1h")
        self.assertNotEqual(0, code, out + err)
        self.free("leader")
        self.open(number)
        for name in NAMES:
            self.submit(name, number)
        self.fill("leader")
        out, err, code = attempt(self.service, "leader", "round", "close", "-p", self.plan, "-n", number)
        self.assertNotEqual(0, code, out + err)
        time.sleep(1)
        self.assertEqual("open", self.service.status(self.plan, number)["round"]["state"])
        self.free("leader")
        self.close_and_check(number)

    def test_helper_is_full_when_a_round_closes(self):
        number = self.next_round()
        self.open(number)
        self.submit("north", number)
        self.fill("helper")
        for name in NAMES[1:]:
            self.submit(name, number)
        self.close(number)
        time.sleep(2)
        self.assertEqual("closed", self.service.status(self.plan, number)["round"]["state"])
        self.assertTrue(self.service.parties["helper"].running())
        self.free("helper")
        self.close_and_check(number)

    def test_both_are_full_and_start_again(self):
        number = self.next_round()
        self.open(number)
        for name in NAMES:
            self.submit(name, number)
        for role in PARTIES:
            self.fill(role)
        attempt(self.service, "leader", "round", "close", "-p", self.plan, "-n", number)
        for role in PARTIES:
            self.service.parties[role].kill()
        for role in PARTIES:
            self.free(role)
        self.service.start("helper", "leader")
        self.close_and_check(number)
        self.whole_round()


class FileSizeLimit(FullDisk, ExactRounds):
    """Every write to a file fails; so do those to the log of events."""

    def fill(self, role):
        process = self.service.parties[role].process
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def free(self, role):
        if self.service.parties[role].running():
            resource.prlimit(self.service.parties[role].process.pid, resource.RLIMIT_FSIZE, NO_LIMIT)


@unittest.skipUnless(os.environ.get(MOUNTS), "no file system can be mounted here")
class SmallDisk(FullDisk, ExactRounds):
    """The folders of leader and helper are on file systems of their own."""

    @classmethod
    def before_start(cls):
        for role in PARTIES:
            folder = cls.service.folder / role
            made = folder.with_name(role + ".made")
            folder.rename(made)
            folder.mkdir(mode=0o700)
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0700", "none", folder],
                           check=True)
            cls.addClassCleanup(subprocess.run, ["umount", "-l", folder], check=True)
            shutil.copytree(made, folder, dirs_exist_ok=True)

    def filler(self, role):
        return self.service.folder / role / "filler"

    def fill(self, role):
        with open(self.filler(role), "wb", buffering=0) as file:
            for size in (1 << 20, 4096):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    pass

    def free(self, role):
        self.filler(role).unlink()


def can_mount():
    """Whether this can be run again where it may mount file systems that nobody else sees."""
    try:
        return subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"], check=False,
                              capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    if MOUNTS not in os.environ:
        os.environ[MOUNTS] = "1" if can_mount() else ""
        if os.environ[MOUNTS]:
            os.execvp("unshare", ["unshare", "-rm", sys.executable, str(pathlib.Path(__file__).resolve()),
                                  str(BIN), *sys.argv[1:]])
    unittest.main()
