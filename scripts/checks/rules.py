# SPDX-License-Identifier: Apache-2.0
"""Rules of the house that a pattern can hold. A rule without a reader's reason does not belong."""
import re

from layers import LAYER, PURE_BELOW
from tree import Problem, PRODUCT, line_of, module_of


class Rule:
    """A pattern in C code (comments and literals blanked) and where it must not stand."""

    def __init__(self, pattern, why, where, spare=()):
        self.pattern, self.why = re.compile(pattern, re.M), why
        self.where, self.spare = where, spare


def product(path):
    return path.split("/")[0] in PRODUCT


def library(path):
    return path.startswith("lib/")


def pure(path):
    return library(path) and LAYER.get(module_of(path), 0) < PURE_BELOW


def anywhere(path):
    return True


def folders(*names):
    return lambda path: path.startswith(names)


def calls(*names):
    return r"\b(?:" + "|".join(names) + r")\s*\("


RULES = (
    Rule(calls("rand", "srand", "random", "srandom", "drand48", "rand_r"),
         "randomness comes from an evh_rng handle", anywhere),
    Rule(calls("getenv", "secure_getenv", "setenv", "putenv"),
         "no environment variable steers a library", library, spare=("lib/base/failpoint.c",)),
    Rule(calls("alloca"), "no alloca: sizes from outside go to the heap, checked", anywhere),
    Rule(calls("malloc", "calloc", "realloc", "reallocarray"),
         "allocate with evh_alloc or evh_array_reserve (checked count x size); realloc may leave a "
         "copy of a secret behind", product, spare=("lib/base/",)),
    Rule(calls("memcmp", "strcmp"),
         "compare with evh_view_equal (public) or evh_equal_ct (secret): the name says which",
         folders("lib/seal/", "lib/vdaf/", "lib/field/", "lib/privacy/")),
    Rule(r"\b(?:float|double)\b",
         "exact integers only: floating point leaks through its rounding",
         folders("lib/field/", "lib/vdaf/", "lib/seal/", "lib/scoring/", "lib/tlog/",
                 "lib/privacy/sampler", "lib/privacy/noise", "lib/privacy/laplace",
                 "lib/privacy/gaussian", "lib/privacy/poisson", "lib/privacy/skellam",
                 "lib/privacy/include/evenhand/privacy/sampler.h",
                 "lib/privacy/include/evenhand/privacy/noise.h")),
    Rule(calls("strcpy", "strcat", "sprintf", "vsprintf", "gets", "strtok", "atoi", "atol", "atof",
               "localtime", "gmtime", "ctime", "asctime", "setlocale", "tmpnam", "mktemp"),
         "unbounded, stateful or silent about bad input", product),
    Rule(calls("exit", "_exit", "_Exit", "quick_exit", "abort"),
         "libraries never exit: return a status", library),
    Rule(calls("fopen", "open", "openat", "fread", "fwrite", "socket", "connect", "printf",
               "fprintf", "puts", "fputs", "putchar", "perror", "time", "clock_gettime",
               "gettimeofday", "getrandom", "pthread_create", "syslog"),
         "layers 0 to 2 are pure: no files, sockets, clock, threads or output", pure,
         spare=("lib/base/",)),
    Rule(calls("evh_log_event", "EVH_LOG"), "only layers 3 and 4 log: return a status", pure,
         spare=("lib/base/",)),
    Rule(calls("evh_rng_os", "evh_clock_os", "evh_log_stderr"),
         "libraries are handed their randomness, time and log by the program", library,
         spare=("lib/base/",)),
    Rule(r"__attribute__\s*\(\s*\(\s*(?:__)?cleanup", "no hidden cleanup: one done label",
         anywhere),
    Rule(r"\b_Thread_local\b|\b__thread\b", "no thread-local state", product),
    Rule(r"\basm\b|\b__asm__\b", "no assembly outside the arithmetic", anywhere,
         spare=("lib/field/", "lib/vdaf/", "lib/base/")),
)

TEXT_RULES = (
    (re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b"), "a marker for later: do it or write an issue"),
    (re.compile(r"(?<![\w.])/(?:home|root|Users)/\w"), "a path of one machine"),
)
THE_RULES_THEMSELVES = ("scripts/checks/rules.py",)
LICENSED = (".c", ".h", ".py", ".sh", ".cmake", "CMakeLists.txt", ".proto", ".rs")
LINES_MAX = 800


def check_code(tree, path, problems):
    code = tree.code(path)
    for rule in RULES:
        if not rule.where(path) or path.startswith(rule.spare or "\0"):
            continue
        for match in rule.pattern.finditer(code):
            problems.append(Problem(path, line_of(code, match.start()),
                                    f"{match.group(0).rstrip('( ')}: {rule.why}"))
    text = tree.text(path)
    with_literals = tree.code(path, keep_literals=True)
    for line, (raw, bare) in enumerate(zip(text.split("\n"), with_literals.split("\n")), 1):
        at = raw.find("//")
        if at >= 0 and bare[at:at + 2] == "  " and not in_block_comment(text, line, at):
            problems.append(Problem(path, line, "block comments only"))
    if text.count("\n") > LINES_MAX:
        problems.append(Problem(path, 0, f"over {LINES_MAX} lines: split it by topic"))


def in_block_comment(text, line, column):
    start = sum(len(row) + 1 for row in text.split("\n")[:line - 1]) + column
    return text.rfind("/*", 0, start) > text.rfind("*/", 0, start)


def check_test_names(tree, problems):
    for path in tree.select(".c", under=("tests",)):
        code = tree.code(path)
        for match in re.finditer(r"cmocka_unit_test\w*\s*\(\s*(\w+)", code):
            if not match.group(1).startswith("test_"):
                problems.append(Problem(path, line_of(code, match.start()),
                                        f"{match.group(1)}: tests are named test_<function>_<case>"))


def run(tree):
    problems = []
    for path in tree.paths:
        if path.endswith((".json", ".csv", ".png", ".lock")) or "/corpus/" in path:
            continue
        text = tree.text(path)
        if not path.startswith(THE_RULES_THEMSELVES):
            for pattern, why in TEXT_RULES:
                for match in pattern.finditer(text):
                    problems.append(Problem(path, line_of(text, match.start()),
                                            f"{match.group(0)}: {why}"))
        script = path.startswith("scripts/") and text.startswith("#!")
        if (path.endswith(LICENSED) or script) and "SPDX-License-Identifier: Apache-2.0" not in \
                "\n".join(text.split("\n")[:3]):
            problems.append(Problem(path, 1, "no SPDX-License-Identifier in the first lines"))
    for path in tree.select(".c", ".h"):
        check_code(tree, path, problems)
    check_test_names(tree, problems)
    return problems
