# SPDX-License-Identifier: Apache-2.0
"""Runs the checks by name, all of them by default. Behind scripts/check."""
import argparse
import importlib
import pathlib
import sys

import tree as source_tree

CHECKS = ("layers", "rules", "sources", "docs", "form", "headers", "symbols", "clang")


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/check", description="Holds the rules of CONTRIBUTING.md that a machine can "
        "hold. Needs a release build for 'symbols'. Exit 1 if anything is wrong.")
    parser.add_argument("checks", nargs="*", metavar="CHECK",
                        help=f"one of {', '.join(CHECKS)}; default all")
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parents[2],
                        help="another source tree")
    options = parser.parse_args()
    for name in options.checks:
        if name not in CHECKS:
            parser.error(f"no check '{name}'")
    tree = source_tree.Tree(options.root)
    count = 0
    for name in options.checks or CHECKS:
        problems = importlib.import_module(name).run(tree)
        for problem in problems:
            print(f"{problem}  [{name}]")
        count += len(problems)
    print(f"check: {count} problems in {len(tree.paths)} files" if count
          else f"check: {len(tree.paths)} files, nothing wrong")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
