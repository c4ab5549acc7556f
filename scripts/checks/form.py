# SPDX-License-Identifier: Apache-2.0
"""clang-format for C; scripts parse and can be run."""
import ast
import os
import subprocess

from tree import Problem


def check_format(tree, problems):
    paths = tree.select(".c", ".h")
    if not paths:
        return
    done = subprocess.run(["xargs", "-0", "-n", "16", "-P", "2", "clang-format", "--dry-run",
                           "--Werror"], input="\0".join(paths), capture_output=True, text=True,
                          cwd=tree.root, check=False)
    if done.returncode != 0:
        names = sorted({line.split(":")[0] for line in done.stderr.split("\n")
                        if "clang-format-violations" in line})
        for name in names:
            problems.append(Problem(name, 0, f"not as clang-format writes it: clang-format -i {name}"))
        if not names:
            problems.append(Problem("clang-format", 0, done.stderr.strip()))


def check_script(tree, path, text, problems):
    first = text.split("\n", 1)[0]
    sourced = path.endswith(".sh") and not first.startswith("#!")
    if first.startswith("#!") and not os.access(tree.root / path, os.X_OK):
        problems.append(Problem(path, 0, "has no run bit"))
    if "bash" in first or sourced or (first.startswith("#!") and first.endswith("/sh")):
        done = subprocess.run(["bash", "-n", path], capture_output=True, text=True, cwd=tree.root,
                              check=False)
        if done.returncode != 0:
            problems.append(Problem(path, 0, done.stderr.strip()))
    if path.endswith(".py") or "python" in first:
        try:
            ast.parse(text, filename=path)
        except SyntaxError as error:
            problems.append(Problem(path, error.lineno or 0, f"does not parse: {error.msg}"))


def run(tree):
    problems = []
    check_format(tree, problems)
    for path in tree.paths:
        if "/corpus/" in path:
            continue
        text = tree.text(path)
        if path.endswith((".py", ".sh")) or text.startswith("#!"):
            check_script(tree, path, text, problems)
    return problems
