# SPDX-License-Identifier: Apache-2.0
"""The other compiler has no warnings either: each source that the release build knows goes through
clang, syntax only. A file is looked at again when it or any header is newer than its last pass."""
import concurrent.futures
import json
import pathlib
import shlex
import subprocess

from tree import Problem

GCC_ONLY = "-Wno-unknown-warning-option"


def compile_once(entry):
    words = shlex.split(entry["command"])
    output = words.index("-o")
    command = ["clang", *words[1:output], *words[output + 2:]]
    command = [word for word in command if word not in ("-O3", "-g")]
    command += [GCC_ONLY, "-Werror", "-fsyntax-only"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=entry["directory"],
                          check=False)
    return done.stderr.strip() if done.returncode != 0 else ""


def run(tree):
    database = tree.root / "build/compile_commands.json"
    if not database.exists():
        return [Problem("build", 0, "is not configured: run scripts/build first")]
    build = str(tree.root / "build") + "/"
    entries = [entry for entry in json.loads(database.read_text())
               if not entry["file"].startswith(build) and pathlib.Path(entry["file"]).exists()]
    newest_header = max((int((tree.root / path).stat().st_mtime_ns)
                         for path in tree.select(".h", "CMakeLists.txt", ".cmake")), default=0)
    marks = tree.root / "build/clang-passed"
    marks.mkdir(parents=True, exist_ok=True)
    problems = []

    def look_at(entry):
        path = pathlib.Path(entry["file"])
        name = path.relative_to(tree.root.resolve())
        mark = marks / str(name).replace("/", "@")
        newest = max(newest_header, path.stat().st_mtime_ns)
        if mark.exists() and mark.stat().st_mtime_ns > newest:
            return
        says = compile_once(entry)
        if says:
            problems.append(Problem(name, 0, "clang warns:\n" + says))
        else:
            mark.touch()

    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(look_at, entries))
    return problems
