#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A leader, a helper and a collector as processes: the collector follows the log over TLS, says how
it is, survives being killed, and notices when the leader is away."""
import json
import pathlib
import re
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))
from support import AGGREGATOR, deployment  # noqa: E402  pylint: disable=wrong-import-position

WAIT_S = 60


def run(*words):
    return subprocess.run([AGGREGATOR, *map(str, words)], capture_output=True, text=True,
                          timeout=WAIT_S, check=False)


class Collector(unittest.TestCase):
    def setUp(self):
        self.service = self.enterContext(deployment(start=False))
        self.collector = self.service.parties["collector"]
        self.collector.arguments += ["--poll", "1"]

    def config(self, role):
        return self.service.config(role)

    def until(self, holds, what):
        end = time.monotonic() + WAIT_S
        while not holds():
            if time.monotonic() > end:
                self.fail(f"never: {what}")
            time.sleep(0.1)

    def page(self, path):
        try:
            with urllib.request.urlopen(f"http://{self.collector.metrics}{path}", timeout=5) as got:
                return got.status, got.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metric(self, name):
        found = re.search(rf"^evenhand_{name} (\d+)$", self.page("/metrics")[1], re.M)
        return int(found.group(1)) if found else None

    def test_follows_the_log(self):
        self.service.start()
        self.until(lambda: self.metric("log_entries") or 0, "the mirror has entries")
        self.until(lambda: self.page("/readyz") == (200, "ready\n"), "ready")
        self.assertEqual(self.page("/healthz"), (200, "alive\n"))
        self.assertEqual(self.page("/nothing")[0], 404)
        self.assertNotIn("keys_differ", self.collector.log())
        # The process has the store.
        done = run("round", "collect", "--once", "-c", self.config("collector"))
        self.assertEqual(done.returncode, 7, done.stderr)
        # Killed and started again; the leader away and back.
        entries = self.metric("log_entries")
        self.collector.kill()
        self.collector.start()
        self.until(lambda: self.metric("log_entries") == entries, "the same mirror")
        self.assertEqual(self.service.stop("leader"), {"leader": 0})
        self.until(lambda: "finding=unreachable" in self.collector.log(), "the leader is missed")
        self.service.start("leader")
        failed = self.metric("collector_failed_passes_total")
        passes = self.metric("collector_passes_total")
        self.until(lambda: (self.metric("collector_passes_total") or 0) -
                   (self.metric("collector_failed_passes_total") or 0) > passes - failed,
                   "a good pass again")
        self.assertEqual(self.collector.stop(), 0)
        self.assertIn("event=collecting_ended", self.collector.log())

    def test_round_collect_by_hand(self):
        done = run("collector", "-c", self.config("helper"))
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("belongs to a helper", done.stderr)
        away = run("round", "collect", "--once", "--json", "-c", self.config("collector"))
        self.assertEqual(away.returncode, 5, away.stderr)
        self.assertEqual(json.loads(away.stderr)["error"]["code"], "UNAVAILABLE")
        self.service.start("helper", "leader")
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
        self.service.start()
        self.until(lambda: self.page("/readyz")[0] == 200, "ready")
        self.collector.stop()
        intro = self.collector.folder / "peers" / "helper.yaml"
        text = intro.read_text(encoding="utf-8")
        other = self.service.folder / "other"
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
