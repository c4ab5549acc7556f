#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""init, doctor, keys and store of `evenhand-aggregator`, as operators run them."""
import json
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))
# pylint: disable=wrong-import-position
from support import AGGREGATOR as PROGRAM  # noqa: E402
from service.process import Server, free_port  # noqa: E402

FAILPOINTS = "--failpoints" in sys.argv
if FAILPOINTS:
    sys.argv.remove("--failpoints")
PARTIES = ("leader", "helper", "collector")


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_it(self, exit_code, *words):
        ran = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True,
                             check=False, timeout=120, cwd=self.folder)
        self.assertEqual(ran.returncode, exit_code, ran.stderr + ran.stdout)
        self.assertNotIn("Sanitizer", ran.stderr)
        for secret in ("PRIVATE", "evenhand-collector-key"):
            self.assertNotIn(secret, ran.stderr + ran.stdout)
        return ran

    def init(self, party):
        listen = [] if party == "collector" else ["--listen", f"127.0.0.1:{free_port()}"]
        return self.run_it(0, "init", party, party, "--name", f"{party}.example", *listen)

    def make_three(self):
        for party in PARTIES:
            self.init(party)
        for party in PARTIES:
            peers = []
            for other in PARTIES:
                if other != party:
                    peers += ["--peer", f"{other}/introduction.yaml"]
            ran = self.run_it(0, "init", *peers, party)
        return ran

    def config(self, party):
        return ("-c", f"{party}/aggregator.yaml")

    def doctor(self, exit_code, party):
        lines = json.loads(self.run_it(exit_code, "doctor", "--json", *self.config(party)).stdout)
        return {line["what"]: line for line in lines}


class Setup(Case):
    def test_init_shows_the_fingerprint_that_pairing_shows(self):
        made = self.init("leader").stdout
        self.init("helper")
        paired = self.run_it(0, "init", "--peer", "leader/introduction.yaml", "helper").stdout
        self.assertEqual(made.splitlines()[1], paired.splitlines()[1])
        self.assertRegex(made.splitlines()[1], r"^fingerprint ([0-9a-f]{4} ?){8}$")
        again = self.run_it(0, "init", "--peer", "leader/introduction.yaml", "helper").stdout
        self.assertIn("unchanged", again)

    def test_init_permissions_and_nothing_is_overwritten(self):
        self.init("leader")
        for path in self.folder.joinpath("leader").rglob("*"):
            mode = stat.S_IMODE(path.stat().st_mode)
            if path.is_dir():
                self.assertEqual(mode, 0o700, path)
            elif path.suffix in (".key", ".db", ".ed25519"):
                self.assertEqual(mode, 0o600, path)
        self.assertEqual(stat.S_IMODE(self.folder.joinpath("leader").stat().st_mode), 0o700)
        before = self.folder.joinpath("leader/introduction.yaml").read_bytes()
        ran = self.run_it(2, "init", "leader", "leader", "--name", "x", "--listen", "127.0.0.1:1")
        self.assertIn("nothing is ever overwritten", ran.stderr)
        self.assertEqual(before, self.folder.joinpath("leader/introduction.yaml").read_bytes())

    def test_init_wrong_command_lines(self):
        for words, text in (
                ((), "expected: init"),
                (("leader",), "expected: init"),
                (("auditor", "x", "--name", "a"), "expected leader, helper or collector"),
                (("leader", "x", "--listen", "127.0.0.1:1"), "--name"),
                (("leader", "x", "--name", "a"), "--listen"),
                (("leader", "x", "--name", "a b", "--listen", "127.0.0.1:1"), "name has"),
                (("leader", "x", "--name", "a", "--listen", "0.0.0.0:1"), "--host"),
                (("leader", "x", "--name", "a", "--listen", "8443"), "host:port"),
                (("leader", "x", "--name", "a", "--listen", "h:1", "--host", "a/b"), "--host"),
                (("collector", "x", "--name", "a", "--listen", "h:1"), "never called"),
                (("--peer", "nothing.yaml", "x", "--name", "a"), "no other option")):
            self.assertIn(text, self.run_it(2, "init", *words).stderr, words)
        self.assertEqual([], list(self.folder.iterdir()))
        self.run_it(3, "init", "--peer", "nothing.yaml", "x")

    def test_init_after_a_crash_says_what_to_remove(self):
        self.folder.joinpath("leader.partial").mkdir()
        ran = self.run_it(2, "init", "leader", "leader", "--name", "l", "--listen", "127.0.0.1:1")
        self.assertIn("leader.partial", ran.stderr)
        self.folder.joinpath("leader.partial").rmdir()
        self.init("leader")

    def test_init_killed_at_any_moment_leaves_no_half_folder(self):
        for delay in range(8):
            with subprocess.Popen([PROGRAM, "init", "leader", "leader", "--name", "l", "--listen",
                                   "127.0.0.1:1"], cwd=self.folder, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as process:
                time.sleep(0.004 * delay)
                process.kill()
            if self.folder.joinpath("leader").exists():
                self.run_it(0, "keys", "list", *self.config("leader"))
                shutil.rmtree(self.folder / "leader")
            shutil.rmtree(self.folder / "leader.partial", ignore_errors=True)

    def test_doctor_good_and_each_thing_wrong(self):
        self.init("leader")
        self.assertIn("init --peer", self.doctor(1, "leader")["helper"]["text"])
        shutil.rmtree(self.folder / "leader")
        self.make_three()
        for party in PARTIES:
            lines = self.doctor(0, party)
            self.assertEqual({"ok", "warning"}, {line["finding"] for line in lines.values()})
            self.assertEqual(lines["start"]["finding"], "ok")
        leader = self.folder / "leader"
        leader.joinpath("tls/ca.key").chmod(0o644)
        self.assertIn("chmod", self.doctor(1, "leader")["tls/ca.key"]["text"])
        leader.joinpath("tls/ca.key").chmod(0o600)
        shutil.copy(self.folder / "helper/tls/server.key", leader / "tls/server.key")
        self.assertIn("does not belong", self.doctor(1, "leader")["tls/server.pem"]["text"])
        self.run_it(0, "keys", "rotate", "tls", *self.config("leader"))
        self.doctor(0, "leader")
        leader.chmod(0o755)
        self.assertIn("chmod 700", self.doctor(1, "leader")["folder"]["text"])
        leader.chmod(0o700)
        text = leader.joinpath("aggregator.yaml").read_text(encoding="utf-8")
        leader.joinpath("aggregator.yaml").write_text(text + "listem: x\n", encoding="utf-8")
        ran = self.run_it(1, "doctor", *self.config("leader"))
        self.assertIn("listem", ran.stdout + ran.stderr)

    def test_doctor_damaged_and_restored_store(self):
        self.make_three()
        store = self.folder / "leader/store.db"
        self.run_it(0, "store", "backup", "copy.db", *self.config("leader"))
        good = store.read_bytes()
        self.folder.joinpath("copy.db").replace(store)
        self.assertEqual(self.doctor(0, "leader")["epoch"]["finding"], "warning")
        store.write_bytes(good[:8192] + b"\xff" * (len(good) - 8192))
        self.assertEqual(self.doctor(1, "leader")["store"]["finding"], "bad")
        self.run_it(7, "store", "fsck", *self.config("leader"))

    def test_keys_rotate_and_retire(self):
        self.make_three()
        before = json.loads(self.run_it(0, "keys", "list", "--json",
                                        *self.config("collector")).stdout)
        old = next(row["id"] for row in before if row["name"] == "current")
        ran = self.run_it(0, "keys", "rotate", "collector", *self.config("collector"))
        self.assertIn("the helper first", ran.stderr)
        self.run_it(2, "keys", "retire", "00000000", *self.config("collector"))
        listed = self.run_it(0, "keys", "list", *self.config("collector")).stdout
        self.assertRegex(listed, rf"older +{old}")
        for party in ("helper", "leader"):
            ran = self.run_it(0, "init", "--peer", "collector/introduction.yaml", party)
            self.assertIn("renewed", ran.stdout)
            self.doctor(0, party)
        self.run_it(0, "keys", "retire", old, *self.config("collector"))
        current = json.loads(self.run_it(0, "keys", "list", "--json",
                                         *self.config("collector")).stdout)
        kept = [row["id"] for row in current if row["what"] == "collector key"]
        self.assertEqual(len(kept), 1)
        ran = self.run_it(2, "keys", "retire", kept[0], *self.config("collector"))
        self.assertIn("current key", ran.stderr)
        self.run_it(0, "keys", "rotate", "client", *self.config("helper"))
        self.assertIn("renewed", self.run_it(0, "init", "--peer", "helper/introduction.yaml",
                                             "leader").stdout)
        self.run_it(2, "keys", "rotate", "tls", *self.config("collector"))
        self.run_it(2, "keys", "rotate", "collector", *self.config("leader"))
        self.run_it(2, "keys", "rotate", "everything", *self.config("leader"))

    def test_keys_rotate_tls_takes_new_hosts(self):
        self.make_three()
        config = self.folder / "leader/aggregator.yaml"
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace('address: "127.0.0.1', 'address: "localhost').replace(
            'hosts: ["127.0.0.1"]', 'hosts: ["127.0.0.1", "localhost"]'), encoding="utf-8")
        self.assertIn("introduction.yaml",
                      self.run_it(0, "keys", "rotate", "tls", *self.config("leader")).stderr)
        ran = self.run_it(0, "init", "--peer", "leader/introduction.yaml", "helper")
        self.assertIn("renewed", ran.stdout)
        self.doctor(0, "leader")

    def test_store_commands(self):
        self.make_three()
        config = self.config("leader")
        self.assertIn("1 entries", self.run_it(0, "store", "fsck", *config).stdout)
        self.assertIn("nothing to do", self.run_it(0, "store", "migrate", *config).stdout)
        orphan = self.folder / "leader/vault" / ("ab" * 32)
        orphan.touch(mode=0o600)
        shown = json.loads(self.run_it(0, "store", "gc", "--json", *config).stdout)
        self.assertEqual((1, False), (shown["secrets_removed"], orphan.exists()))
        self.assertGreater(shown["bytes_after"], 0)
        # A store that was put back knows nothing of the rounds that came after it.
        orphan.touch(mode=0o600)
        epoch = self.folder / "leader/epoch"
        kept = epoch.read_bytes()
        epoch.unlink()
        ran = self.run_it(0, "store", "gc", *config)
        self.assertIn("the vault is left alone", ran.stderr)
        self.assertTrue(orphan.exists())
        epoch.write_bytes(kept)
        self.run_it(0, "store", "backup", "b.db", *config)
        self.run_it(2, "store", "backup", "b.db", *config)
        self.run_it(2, "store", "backup", *config)
        self.run_it(7, "store", "backup", "no/such/b.db", *config)

    def test_no_secret_in_the_introduction(self):
        self.make_three()
        for party in PARTIES:
            public = self.folder.joinpath(party, "introduction.yaml").read_text(encoding="utf-8")
            for path in self.folder.joinpath(party).rglob("*"):
                if path.suffix in (".key", ".ed25519", ".hpke"):
                    lines = path.read_text(encoding="utf-8").splitlines()
                    # PKCS#8 begins with what all keys of the curve share; the public key follows.
                    secret = lines[1][48:64] if path.suffix == ".key" else lines[0][-30:]
                    self.assertEqual(len(secret), 16 if path.suffix == ".key" else 30)
                    self.assertNotIn(secret, public)


class Running(Case):
    """Commands beside a service that runs."""

    def start(self, party):
        process = Server([PROGRAM, party, "-c", self.folder / party / "aggregator.yaml"], self.folder,
                         party)
        self.addCleanup(process.stop)
        process.start()
        return process

    def test_doctor_backup_and_putting_it_back(self):
        self.make_three()
        self.assertEqual(self.doctor(0, "leader")["helper answers"]["finding"], "warning")
        helper = self.start("helper")
        leader = self.start("leader")
        for party in PARTIES:
            for what, line in self.doctor(0, party).items():
                self.assertIn(line["finding"], ("ok", "left_out"), (party, what, line))
        # Only the party that was paired is let in: the helper does not know this client any more.
        self.run_it(0, "keys", "rotate", "client", *self.config("collector"))
        self.assertEqual(self.doctor(0, "collector")["helper answers"]["finding"], "warning")
        self.run_it(7, "store", "fsck", *self.config("leader"))
        self.run_it(7, "store", "gc", *self.config("leader"))
        self.run_it(0, "store", "backup", "online.db", *self.config("leader"))
        self.assertEqual(stat.S_IMODE(self.folder.joinpath("online.db").stat().st_mode), 0o600)
        leader.stop()
        helper.stop()
        self.assertEqual(self.doctor(0, "leader")["epoch"]["finding"], "ok")
        self.folder.joinpath("online.db").replace(self.folder / "leader/store.db")
        self.assertEqual(self.doctor(0, "leader")["epoch"]["finding"], "warning")
        helper.start()
        leader.start()
        leader.stop()
        self.assertIn("event=restored", leader.log())
        self.assertEqual(self.doctor(0, "leader")["epoch"]["finding"], "ok")


@unittest.skipUnless(FAILPOINTS, "a build without failpoints")
class Crashes(Case):
    """The machine loses its power at the worst moments."""

    def crash(self, place, *words):
        ran = subprocess.run([PROGRAM, *words], capture_output=True, check=False, timeout=120,
                             cwd=self.folder, env={**os.environ, "EVH_FAILPOINT": place})
        self.assertEqual(ran.returncode, -signal.SIGKILL, (place, ran.stderr))

    def test_init_before_the_folder_has_its_name(self):
        words = ("init", "leader", "leader", "--name", "l", "--listen", "127.0.0.1:1")
        self.crash("init-made", *words)
        self.assertFalse(self.folder.joinpath("leader").exists())
        self.assertIn("leader.partial", self.run_it(2, *words).stderr)
        shutil.rmtree(self.folder / "leader.partial")
        self.run_it(0, *words)

    def test_start_between_the_steps_of_an_epoch(self):
        for party in PARTIES:
            self.init(party)
        self.run_it(0, "init", "--peer", "helper/introduction.yaml", "leader")
        pair = ("init", "--peer", "collector/introduction.yaml", "leader")
        for place in ("start-swept", "epoch-in-store", "epoch-in-file"):
            self.crash(place, *pair)
            self.assertEqual(self.doctor(0, "leader")["epoch"]["finding"], "ok", place)
            self.folder.joinpath("leader/peers/collector.yaml").unlink()
        self.run_it(0, *pair)
        self.assertIn("1 entries", self.doctor(0, "leader")["store"]["text"])

    def test_rotation_is_repeated(self):
        self.make_three()
        for what, place, party in (("tls", "rotate-key", "leader"),
                                   ("tls", "rotate-key:2", "leader"),
                                   ("client", "rotate-key", "helper"),
                                   ("client", "rotate-introduction", "helper"),
                                   ("collector", "rotate-introduction", "collector")):
            self.crash(place, "keys", "rotate", what, *self.config(party))
            self.assertIn(f"keys rotate {what}",
                          json.dumps(self.doctor(1, party)), (what, place))
            self.run_it(0, "keys", "rotate", what, *self.config(party))
            self.doctor(0, party)

    def test_backup_is_whole_or_not_there(self):
        self.make_three()
        for number, place in enumerate(("backup-copied", "backup-marked")):
            name = f"b{number}.db"
            self.crash(place, "store", "backup", name, *self.config("leader"))
            self.assertFalse(self.folder.joinpath(name).exists())
            ran = self.run_it(2, "store", "backup", name, *self.config("leader"))
            self.assertIn(".part", ran.stderr)
            self.folder.joinpath(name + ".part").unlink()
            self.run_it(0, "store", "backup", name, *self.config("leader"))


if __name__ == "__main__":
    unittest.main()
