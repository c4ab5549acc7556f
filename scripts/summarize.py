#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what ctest ran, test function by test function, from its JUnit files, and prints one line
in the form 'N passed, N failed, N skipped'. Names what failed and what was skipped, with the reason.
Exit 1 if anything failed, or if nothing was run, or, with --skips-fail, if a test was skipped that may not be."""
import argparse
import pathlib
import re
import sys
import xml.etree.ElementTree

# A skip is fine where these are missing: the shared data and vectors, which are no part of the
# repository, and packages that only another registry has, listed by name.
ALLOWED_LIST = pathlib.Path(__file__).resolve().parent / "skips-allowed.txt"
SHARED_MISSING = re.compile(r"^skipped: \S+ with shared data and vectors is not there$")
PACKAGE_MISSING = re.compile(r"^skipped: package (\S+) is not there$")

STARTS = re.compile(r"^\[ RUN      \] (\S+)")
ENDS = re.compile(r"^\[  (?:     OK |FAILED  |SKIPPED )\] (\S+)")


class Count:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []


def read_functions(text):
    """(name, what ended it, its last 'skipped:' line) of each cmocka test function that ran."""
    found, reason, running = [], "", None
    for line in text.split("\n"):
        line = line.strip()
        if STARTS.match(line):
            if running:
                found.append((running, "crashed", reason))
            running, reason = STARTS.match(line).group(1), ""
        elif line.startswith("skipped:"):
            reason = line
        elif running and (match := ENDS.match(line)) and match.group(1) == running:
            found.append((running, line[3:11].strip(" ]"), reason))
            running = None
    if running:
        found.append((running, "crashed", reason))
    return found


def add_case(case, tree, count):
    name, status = case.get("name"), case.get("status")
    output = case.findtext("system-out") or ""
    functions = read_functions(output)
    before = len(count.failed)
    for function, ended, reason in functions:
        where = f"{tree}: {name}: {function}"
        if ended == "OK":
            count.passed += 1
        elif ended == "SKIPPED":
            count.skipped.append((where, reason))
        else:
            count.failed.append(where)
    if status == "fail" and len(count.failed) == before:
        message = case.find("failure")
        count.failed.append(f"{tree}: {name}: " + ((message.get("message") if message is not None
                                                     else "") or "failed"))
    elif not functions and status == "run":
        count.passed += 1
    elif not functions and status not in ("run", "fail"):
        reason = next((line.strip() for line in output.split("\n")
                       if line.strip().startswith("skipped:")), "")
        # 'notrun' is ctest's word both for a skip and for a program that is not there.
        place = count.skipped if reason else count.failed
        place.append((f"{tree}: {name}", reason) if reason else f"{tree}: {name}: not run")


def allowed(reason):
    if SHARED_MISSING.match(reason):
        return True
    match = PACKAGE_MISSING.match(reason)
    names = [line.split("#")[0].strip() for line in ALLOWED_LIST.read_text().split("\n")]
    return match is not None and match.group(1) in names


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--skips-fail", action="store_true")
    parser.add_argument("files", nargs="+", metavar="NAME=FILE", help="a tree's name and JUnit file")
    options = parser.parse_args()
    count = Count()
    for pair in options.files:
        tree, _, path = pair.partition("=")
        for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
            add_case(case, tree, count)
    for where in count.failed:
        print(f"failed:  {where}")
    forbidden = 0
    for where, reason in count.skipped:
        bad = options.skips_fail and not allowed(reason)
        forbidden += bad
        print(f"skipped: {where}: {reason.removeprefix('skipped: ') or 'no reason given'}"
              + ("  (not allowed here)" if bad else ""))
    print(f"{count.passed} passed, {len(count.failed)} failed, {len(count.skipped)} skipped")
    return 1 if count.failed or forbidden or count.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
