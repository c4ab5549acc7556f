#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""docs/reference/result.schema.json takes what the library writes and refuses what it never would.
The argument is the program that makes results."""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

try:
    import jsonschema
except ImportError:
    print("skipped: package python3-jsonschema is not there")
    sys.exit(0)

ROOT = pathlib.Path(__file__).resolve().parents[3]
MAKE_PAGES = sys.argv.pop(1)


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        schema = json.loads((ROOT / "docs/reference/result.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        cls.validator = jsonschema.Draft202012Validator(schema)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([MAKE_PAGES, folder], check=True)
            cls.results = [json.loads(path.read_text(encoding="utf-8"))
                           for path in sorted(pathlib.Path(folder).glob("*.json"))]

    def test_takes_what_is_written(self):
        self.assertEqual(17, len(self.results))
        for result in self.results:
            self.assertEqual([], [error.message for error in self.validator.iter_errors(result)])

    def test_refuses_what_is_not(self):
        changes = [lambda r: r.update(version=2), lambda r: r.update(written="now"),
                   lambda r: r.pop("groups"), lambda r: r["groups"][0].update(cells={}),
                   lambda r: r["groups"][0]["rates"].update(accuracy="90 %"),
                   lambda r: r["groups"][0]["released"].update(units=1.5),
                   lambda r: r["groups"][0]["adjusted"].update(units=-1),
                   lambda r: r["questions"][0].update(verdict="fine"),
                   lambda r: r.pop("named"), lambda r: r["named"].append({"release": ["a"]}),
                   lambda r: r["disparities"][0].pop("reference"),
                   lambda r: r["groups"][0]["disparities"].update(word_error_rate={"rest": None}),
                   lambda r: r["plan"].update(id="AB" * 32),
                   lambda r: r["round"].update(customers=0)]
        for change in changes:
            result = copy.deepcopy(self.results[0])
            change(result)
            self.assertFalse(self.validator.is_valid(result))

    def test_no_key_is_named_cells(self):
        def keys(value):
            if isinstance(value, dict):
                yield from value
                for inner in value.values():
                    yield from keys(inner)
            elif isinstance(value, list):
                for inner in value:
                    yield from keys(inner)
        for result in self.results:
            self.assertNotIn("cells", set(keys(result)))


if __name__ == "__main__":
    unittest.main()
