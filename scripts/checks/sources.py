# SPDX-License-Identifier: Apache-2.0
"""Each source file is named in a build file, each module has a test and a line in the docs."""
import re

from tree import Problem, PROGRAMS, module_of

ARCHITECTURE = "docs/developer/architecture.md"


def build_file(tree, path):
    """The nearest CMakeLists.txt at or above the file, and the path as it is named there."""
    parts = path.split("/")
    for depth in range(len(parts) - 1, 0, -1):
        candidate = "/".join(parts[:depth]) + "/CMakeLists.txt"
        if candidate in tree.paths:
            return candidate, "/".join(parts[depth:])
    return None, path


def named(tree, build, name):
    text = tree.text(build)
    if re.search(r"(?<![\w./-])" + re.escape(name) + r"(?![\w.-])", text):
        return True
    # foreach(leak IN ITEMS branch index) ... leak_${leak}.c
    for match in re.finditer(r"foreach\((\w+) IN ITEMS ([^)]*)\)", text):
        for item in match.group(2).split():
            if re.search(r"(?<![\w./-])" + re.escape(name) + r"(?![\w.-])",
                         text.replace("${" + match.group(1) + "}", item)):
                return True
    return False


def run(tree):
    problems = []
    for path in tree.select(".c"):
        build, name = build_file(tree, path)
        if build is None or not named(tree, build, name):
            problems.append(Problem(path, 0, f"is in no source list ({build or 'no CMakeLists.txt'})"))
    modules = {module_of(path) for path in tree.select("CMakeLists.txt", under=("lib",))} - {None}
    page = tree.text(ARCHITECTURE) if ARCHITECTURE in tree.paths else ""
    for module in sorted(modules):
        if not any(path.startswith(f"tests/unit/{module}/") for path in tree.paths):
            problems.append(Problem(f"lib/{module}", 0, f"has no tests (tests/unit/{module})"))
        if f"`lib/{module}`" not in page:
            problems.append(Problem(f"lib/{module}", 0, f"has no line in {ARCHITECTURE}"))
    for program in PROGRAMS:
        if any(path.startswith(program + "/") for path in tree.paths) and f"`{program}`" not in page:
            problems.append(Problem(program, 0, f"has no line in {ARCHITECTURE}"))
    return problems
