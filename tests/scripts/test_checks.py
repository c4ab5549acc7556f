#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A check that cannot fail is a defect: a small clean tree passes every check, and each planted
violation is reported, by the check that should, in the file where it stands."""
import importlib
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "scripts/checks"))

import run as driver  # noqa: E402
import tree as source_tree  # noqa: E402

SPDX = "SPDX-License-Identifier: Apache-2.0"
HEADER = "lib/seal/include/evenhand/seal/box.h"
SOURCE = "lib/seal/box.c"
PROGRAM = "client/main.c"

CLEAN = {
    "cmake/EvhCompiler.cmake": f"# {SPDX}\nadd_compile_options(-Wall -Wextra -Wpedantic -Wundef)\n",
    "lib/base/CMakeLists.txt": f"# {SPDX}\nevh_library(NAME base SOURCES ok.c)\n",
    "lib/base/include/evenhand/base/ok.h":
        f"/* {SPDX}\n * base/ok.h: yes or no. */\n#ifndef EVH_BASE_OK_H\n#define EVH_BASE_OK_H\n\n"
        "#include <stdbool.h>\n\nbool evh_ok(void);\n\n#endif\n",
    "lib/base/ok.c": f'/* {SPDX} */\n#include "evenhand/base/ok.h"\n\nbool evh_ok(void)\n{{\n'
                     "    return true;\n}\n",
    "lib/seal/CMakeLists.txt":
        f"# {SPDX}\nevh_library(NAME seal SOURCES box.c DEPENDS evh_base)\n",
    HEADER: f"/* {SPDX}\n * seal/box.h: a box. */\n#ifndef EVH_SEAL_BOX_H\n#define EVH_SEAL_BOX_H\n\n"
            '#include "evenhand/base/ok.h"\n\n/* getenv( and rand( in a comment are fine. */\n'
            "bool evh_box(void);\n\n#endif\n",
    SOURCE: f'/* {SPDX} */\n#include "evenhand/seal/box.h"\n\n#include <openssl/evp.h>\n'
            '#include <string.h>\n\n#include "box_internal.h"\n\nbool evh_box(void)\n{\n'
            '    return evh_ok() && strlen("a // b, rand() and exit()") > 0;\n}\n',
    "lib/seal/box_internal.h": f"/* {SPDX}\n * What the files of this module share. */\n",
    "lib/seal/README.md": "See [the page](../../docs/developer/architecture.md#layers).\n",
    "tests/unit/seal/test_box.c": f"/* {SPDX} */\nint main(void)\n{{\n    return 0;\n}}\n",
    "tests/unit/seal/CMakeLists.txt": "# " + SPDX + "\nevh_test(NAME test_seal SOURCES test_box.c)\n",
    "tests/unit/base/test_ok.c": f"/* {SPDX} */\nint main(void)\n{{\n    return 0;\n}}\n",
    "tests/unit/base/CMakeLists.txt": "# " + SPDX + "\nevh_test(NAME test_base SOURCES test_ok.c)\n",
    "client/CMakeLists.txt":
        f"# {SPDX}\nevh_program(NAME evenhand-client SOURCES main.c LINK evh_seal)\n",
    PROGRAM: f'/* {SPDX} */\n#include "evenhand/seal/box.h"\n\nint main(void)\n{{\n'
             '    EVH_LOG(0, 1, "client", "started");\n    return evh_box() ? 0 : 1;\n}\n',
    "docs/developer/architecture.md": "# A\n\n## Layers\n\n`lib/base` `lib/seal` `client`\n",
    "docs/README.md": "[a](developer/architecture.md) [e](operator/events.md)\n",
    "docs/operator/events.md": "| event | when |\n|---|---|\n| `started` | at the start |\n",
    "scripts/build": f"#!/usr/bin/env bash\n# {SPDX}\necho built\n",
}


def add_line(path, line):
    """The clean file with one more line at its end."""
    return {path: CLEAN[path] + line + "\n"}


def replace(path, old, new):
    assert old in CLEAN[path]
    return {path: CLEAN[path].replace(old, new)}


# check, changed files (None removes one), part of the report, file it is reported in
PLANTED = [
    ("layers", add_line("lib/base/ok.c", '#include "evenhand/seal/box.h"'), "base must not use seal",
     "lib/base/ok.c"),
    ("layers", add_line(SOURCE, '#include "evenhand/field/field.h"'), "seal must not use field",
     SOURCE),
    ("layers", add_line(SOURCE, '#include "evenhand/nosuch/x.h"'), "'nosuch' has no layer", SOURCE),
    ("layers", add_line(PROGRAM, '#include "../lib/seal/box_internal.h"'), "internals", PROGRAM),
    ("layers", add_line(PROGRAM, '#include "evenhand/seal/box_internal.h"'), "internal", PROGRAM),
    ("layers", add_line(PROGRAM, '#include "box_internal.h"'), "internals", PROGRAM),
    ("layers", add_line(PROGRAM, "#include <openssl/evp.h>"), "is for", PROGRAM),
    ("layers", add_line(PROGRAM, "# include  <sqlite3.h>"), "is for", PROGRAM),
    ("layers", add_line(HEADER, "#include <openssl/evp.h>"), "in a public header", HEADER),
    ("layers", add_line(HEADER, "#include <unistd.h>"), "in a public header", HEADER),
    ("layers", add_line(SOURCE, "#include <glib.h>"), "not a header this project knows", SOURCE),
    ("layers", replace("lib/base/CMakeLists.txt", "ok.c", "ok.c DEPENDS evh_seal"),
     "base must not link seal", "lib/base/CMakeLists.txt"),
    ("layers", {"auditor/main.c": '#include "evenhand/privacy/accounting.h"\n'},
     "auditor must not use privacy", "auditor/main.c"),
    ("rules", add_line(SOURCE, "int x = rand();"), "evh_rng", SOURCE),
    ("rules", add_line(SOURCE, 'char *x = getenv("A");'), "environment", SOURCE),
    ("rules", add_line(SOURCE, "void *x = alloca(3);"), "alloca", SOURCE),
    ("rules", add_line(SOURCE, "void *x = malloc(3);"), "evh_alloc", SOURCE),
    ("rules", add_line(SOURCE, "x = realloc(x, 3);"), "copy of a secret", SOURCE),
    ("rules", add_line(SOURCE, "int x = memcmp(a, b, 3);"), "evh_equal_ct", SOURCE),
    ("rules", add_line(SOURCE, "double x;"), "exact integers", SOURCE),
    ("rules", add_line(SOURCE, "strcpy(a, b);"), "unbounded", SOURCE),
    ("rules", add_line(SOURCE, "exit(1);"), "never exit", SOURCE),
    ("rules", add_line(SOURCE, 'FILE *f = fopen("a", "r");'), "pure", SOURCE),
    ("rules", add_line(SOURCE, 'EVH_LOG(log, 1, "seal", "x");'), "only layers 3 and 4 log", SOURCE),
    ("rules", add_line(SOURCE, "evh_rng rng = evh_rng_os();"), "handed their randomness", SOURCE),
    ("rules", add_line(SOURCE, "_Thread_local int x;"), "thread-local", SOURCE),
    ("rules", add_line(SOURCE, "__attribute__((cleanup(f))) int x;"), "hidden cleanup", SOURCE),
    ("rules", add_line(PROGRAM, '__asm__("nop");'), "no assembly", PROGRAM),
    ("rules", add_line(SOURCE, "int x; // why"), "block comments only", SOURCE),
    ("rules", add_line(SOURCE, "/* TO" + "DO later */"), "marker", SOURCE),
    ("rules", add_line("scripts/build", "cd /ho" + "me/someone"), "path of one machine",
     "scripts/build"),
    ("rules", add_line(SOURCE, "\n" * 900), "split it", SOURCE),
    ("rules", {"lib/seal/box_internal.h": "/* what */\n"}, "SPDX", "lib/seal/box_internal.h"),
    ("rules", add_line("tests/unit/seal/test_box.c", "x = {cmocka_unit_test(box_opens)};"),
     "test_<function>_<case>", "tests/unit/seal/test_box.c"),
    ("sources", {"lib/seal/forgotten.c": f"/* {SPDX} */\n"}, "no source list",
     "lib/seal/forgotten.c"),
    ("sources", {"lib/yaml/CMakeLists.txt": f"# {SPDX}\n"}, "has no tests", "lib/yaml"),
    ("sources", {"lib/yaml/CMakeLists.txt": f"# {SPDX}\n",
                 "tests/unit/yaml/CMakeLists.txt": f"# {SPDX}\n"}, "has no line", "lib/yaml"),
    ("docs", add_line("lib/seal/README.md", "[gone](gone.md)"), "leads nowhere",
     "lib/seal/README.md"),
    ("docs", add_line("lib/seal/README.md", "[x](../../docs/developer/architecture.md#nosuch)"),
     "no such heading", "lib/seal/README.md"),
    ("docs", add_line("lib/seal/README.md", "See `tests/unit/seal/test_gone.c`."),
     "which is not there", "lib/seal/README.md"),
    ("docs", {"docs/reference/lost.md": "# Lost\n"}, "not linked", "docs/reference/lost.md"),
    ("docs", replace(PROGRAM, '"started"', '"ended"'), "'ended' is not in", PROGRAM),
    ("docs", replace(PROGRAM, '"started"', "name"), "not a plain text", PROGRAM),
    ("docs", replace(PROGRAM, 'EVH_LOG(0, 1, "client", "started");', ""), "which nothing logs",
     "docs/operator/events.md"),
    ("form", replace(SOURCE, "    return", "  return"), "clang-format", SOURCE),
    ("form", add_line("scripts/build", "if true"), "syntax error", "scripts/build"),
    ("form", {"scripts/checks/x.py": f"# {SPDX}\ndef f(:\n"}, "does not parse",
     "scripts/checks/x.py"),
    ("headers", replace(HEADER, '#include "evenhand/base/ok.h"\n', ""), "does not compile alone",
     HEADER),
    ("headers", replace(HEADER, "bool evh_box(void);", "#if NOSUCH\n#endif"), "-Werror=undef", HEADER),
    ("headers", replace(HEADER, "EVH_SEAL_BOX_H", "BOX_H"), "guard", HEADER),
    ("headers", replace(HEADER, "seal/box.h: a box.", "a box."), "does not begin", HEADER),
    ("clang", replace(SOURCE, "    return", "    int a = 1;\n    a = a;\n    return"), "self-assign",
     SOURCE),
    ("symbols", replace(SOURCE, "bool evh_box", "int box;\nbool evh_box"), "exports 'box'",
     "build/lib/seal/libevh_seal.a"),
    ("symbols", replace(SOURCE, "bool evh_box",
                        "int evh_secret(void);\nint evh_secret(void)\n{\n    return 1;\n}\nbool evh_box"),
     "no header under lib/seal declares", "build/lib/seal/libevh_seal.a"),
    ("symbols", replace(SOURCE, "    return", "    static int calls;\n    calls++;\n    return"),
     "keeps state", "build/lib/seal/libevh_seal.a"),
]


class Planted(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="evh-checks-")
        self.root = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def lay_out(self, changes):
        for path, text in {**CLEAN, **changes}.items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
            if text.startswith("#!"):
                place.chmod(0o755)
        (self.root / ".clang-format").write_bytes((REPOSITORY / ".clang-format").read_bytes())

    def build(self):
        """What CMake would leave behind."""
        for module, source in (("base", "lib/base/ok.c"), ("seal", SOURCE)):
            folder = self.root / "build/lib" / module
            folder.mkdir(parents=True)
            subprocess.run(["gcc", "-c", "-fPIC", "-Ilib/base/include", "-Ilib/seal/include",
                            source, "-o", str(folder / "one.c.o")], cwd=self.root, check=True)
            subprocess.run(["ar", "rcs", str(folder / f"libevh_{module}.a"),
                            str(folder / "one.c.o")], check=True)
        command = f"gcc -Wall -Ilib/base/include -Ilib/seal/include -c {SOURCE} -o box.o"
        database = [{"directory": str(self.root), "file": str(self.root / SOURCE),
                     "command": command}]
        (self.root / "build/compile_commands.json").write_text(json.dumps(database))

    def report(self, check):
        if check in ("symbols", "clang") and not (self.root / "build").exists():
            self.build()
        return importlib.import_module(check).run(source_tree.Tree(self.root))

    def test_clean_tree_passes(self):
        for check in driver.CHECKS:
            with self.subTest(check=check):
                self.lay_out({})
                self.assertEqual([], [str(problem) for problem in self.report(check)])

    def test_planted_violations_are_reported(self):
        for check, changes, part, path in PLANTED:
            with self.subTest(check=check, part=part, path=path):
                self.tearDown()
                self.setUp()
                self.lay_out(changes)
                problems = self.report(check)
                self.assertTrue(any(part in problem.text and str(problem.path) == path
                                    for problem in problems),
                                f"not reported; said: {[str(p) for p in problems]}")

    def test_missing_run_bit_is_reported(self):
        self.lay_out({})
        (self.root / "scripts/build").chmod(0o644)
        self.assertIn("has no run bit", [problem.text for problem in self.report("form")])

    def test_symbols_without_a_build_are_reported(self):
        self.lay_out({})
        problems = importlib.import_module("symbols").run(source_tree.Tree(self.root))
        self.assertIn("run scripts/build first", problems[0].text)

    def test_every_check_has_a_planted_violation(self):
        self.assertEqual(set(driver.CHECKS), {check for check, *_ in PLANTED})

    def test_every_rule_has_a_planted_violation(self):
        rules = importlib.import_module("rules")
        said = []
        for check, changes, *_ in PLANTED:
            if check == "rules":
                self.tearDown()
                self.setUp()
                self.lay_out(changes)
                said += [problem.text for problem in self.report(check)]
        for rule in rules.RULES:
            self.assertTrue(any(rule.why in text for text in said), rule.why)


if __name__ == "__main__":
    unittest.main()
