#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A leader, a helper and a collector as processes: the collector follows the log over TLS, says how
it is, survives being killed, and notices when the leader is away. The program's path is the first
argument."""
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

PROGRAM = sys.argv.pop(1)
WAIT_S = 60


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def run(*words):
    return subprocess.run([PROGRAM, *map(str, words)], capture_output=True, text=True,
                          timeout=WAIT_S, check=False)


class Collector(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.processes = {}
        self.addCleanup(self.kill_all)
        leader, helper, self.metrics = free_ports(3)
        self.init("leader", "--listen", f"127.0.0.1:{leader}", "--host", "127.0.0.1")
        self.init("helper", "--listen", f"127.0.0.1:{helper}", "--host", "127.0.0.1")
        self.init("collector", "--metrics", f"127.0.0.1:{self.metrics}")
        for role in ("leader", "helper", "collector"):
            for peer in {"leader", "helper", "collector"} - {role}:
                done = run("init", "--peer", self.folder / peer / "introduction.yaml",
                           self.folder / role)
                self.assertEqual(done.returncode, 0, done.stderr)

    def init(self, role, *words):
        done = run("init", role, self.folder / role, "--name", f"{role}.example", *words)
        self.assertEqual(done.returncode, 0, done.stderr)

    def config(self, role):
        return self.folder / role / "aggregator.yaml"

    def start(self, role, *words):
        ready = self.folder / f"{role}.ready"
        ready.unlink(missing_ok=True)
        with open(self.folder / f"{role}.log", "ab") as log:
            self.processes[role] = subprocess.Popen(
                [PROGRAM, role, "-c", self.config(role), "--ready-file", ready, *words],
                stdout=log, stderr=log)
        self.until(lambda: ready.exists(), f"{role} is ready")

    def log(self, role):
        return (self.folder / f"{role}.log").read_text(encoding="utf-8")

    def stop(self, role, number=signal.SIGTERM):
        process = self.processes.pop(role)
        process.send_signal(number)
        return process.wait(WAIT_S)

    def kill_all(self):
        for process in self.processes.values():
            process.kill()
            process.wait()

    def until(self, holds, what):
        end = time.monotonic() + WAIT_S
        while not holds():
            if time.monotonic() > end:
                self.fail(f"never: {what}\n" + "\n".join(
                    path.read_text(encoding="utf-8")[-2000:]
                    for path in self.folder.glob("*.log")))
            time.sleep(0.1)

    def page(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics}{path}", timeout=5) as got:
                return got.status, got.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metric(self, name):
        found = re.search(rf"^evenhand_{name} (\d+)$", self.page("/metrics")[1], re.M)
        return int(found.group(1)) if found else None

    def test_follows_the_log(self):
        self.start("helper")
        self.start("leader")
        self.start("collector", "--poll", "1")
        self.until(lambda: self.metric("log_entries") or 0, "the mirror has entries")
        self.until(lambda: self.page("/readyz") == (200, "ready\n"), "ready")
        self.assertEqual(self.page("/healthz"), (200, "alive\n"))
        self.assertEqual(self.page("/nothing")[0], 404)
        self.assertNotIn("keys_differ", self.log("collector"))
        # The process has the store.
        done = run("round", "collect", "--once", "-c", self.config("collector"))
        self.assertEqual(done.returncode, 7, done.stderr)
        # Killed and started again; the leader away and back.
        entries = self.metric("log_entries")
        self.stop("collector", signal.SIGKILL)
        self.start("collector", "--poll", "1")
        self.until(lambda: self.metric("log_entries") == entries, "the same mirror")
        self.assertEqual(self.stop("leader"), 0)
        self.until(lambda: "finding=unreachable" in self.log("collector"), "the leader is missed")
        self.start("leader")
        failed = self.metric("collector_failed_passes_total")
        passes = self.metric("collector_passes_total")
        self.until(lambda: (self.metric("collector_passes_total") or 0) -
                   (self.metric("collector_failed_passes_total") or 0) > passes - failed,
                   "a good pass again")
        self.assertEqual(self.stop("collector"), 0)
        self.assertIn("event=collecting_ended", self.log("collector"))

    def test_round_collect_by_hand(self):
        done = run("collector", "-c", self.config("helper"))
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("belongs to a helper", done.stderr)
        away = run("round", "collect", "--once", "--json", "-c", self.config("collector"))
        self.assertEqual(away.returncode, 5, away.stderr)
        self.assertEqual(json.loads(away.stderr)["error"]["code"], "UNAVAILABLE")
        self.start("helper")
        self.start("leader")
        self.until(lambda: run("round", "collect", "--once", "-c",
                               self.config("collector")).returncode == 0, "collected")
        done = run("round", "collect", "--once", "--json", "-c", self.config("collector"))
        self.assertEqual((done.returncode, json.loads(done.stdout)), (0, {"rounds": []}))
        self.assertEqual(done.stderr, "")
        for words, code, text in (
                ((), 2, "-p FILE"),
                (("-p", "x"), 2, "-n N"),
                (("-p", "x", "--once"), 2, "--once"),
                (("-p", "x", "-n", "1"), 3, "no round 1"),
        ):
            done = run("round", "collect", "-c", self.config("collector"), *words)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(text, done.stderr)

    def test_other_cosignature_key_is_refused(self):
        """A helper whose cosignature key is not the one that is pinned."""
        self.start("helper")
        self.start("leader")
        self.start("collector", "--poll", "1")
        self.until(lambda: self.page("/readyz")[0] == 200, "ready")
        self.stop("collector")
        intro = self.folder / "collector" / "peers" / "helper.yaml"
        text = intro.read_text(encoding="utf-8")
        other = self.folder / "other"
        done = run("init", "helper", other, "--name", "helper.example", "--listen",
                   "127.0.0.1:1", "--host", "127.0.0.1")
        self.assertEqual(done.returncode, 0, done.stderr)
        theirs = (other / "introduction.yaml").read_text(encoding="utf-8")
        key = re.compile(r"^(witness: ).*$", re.M)
        intro.write_text(key.sub(key.search(theirs).group(0), text), encoding="utf-8")
        done = run("round", "collect", "--once", "-c", self.config("collector"))
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr, "not cosigned|signature|signed|introduction")


if __name__ == "__main__":
    unittest.main()
