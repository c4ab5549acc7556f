# SPDX-License-Identifier: Apache-2.0
"""Each public header compiles by itself, with both compilers and the project's warnings, and begins
with its contract and guard."""
import concurrent.futures
import re
import subprocess

from tree import Problem

ALWAYS = ["-std=c17", "-D_POSIX_C_SOURCE=200809L", "-D_DEFAULT_SOURCE", "-Werror", "-fsyntax-only"]


def warnings(tree):
    """The flags of cmake/EvhCompiler.cmake, so that they stand in one place."""
    text = tree.text("cmake/EvhCompiler.cmake")
    return sorted(set(re.findall(r"(?<![\w-])-W(?!l,|error)[a-z0-9=-]+", text)))


def compile_alone(tree, compiler, name, flags, folders):
    """Not the header itself as main file: clang then warns about inline functions nobody calls."""
    source = f'#include "{name}"\ntypedef int evh_translation_unit_is_not_empty;\n'
    extra = ["-Wno-unknown-warning-option"] if compiler == "clang" else []
    command = [compiler, *ALWAYS, *flags, *extra, *(f"-I{folder}" for folder in folders),
               "-x", "c", "-"]
    done = subprocess.run(command, input=source, capture_output=True, text=True, cwd=tree.root,
                          check=False)
    return done.stderr.strip() if done.returncode != 0 else None


def check_form(tree, path, problems):
    text = tree.text(path)
    match = re.search(r"(?:^|/)include/evenhand/(.+)\.h$", path)
    name = match.group(1)
    guard = "EVH_" + re.sub(r"\W", "_", name).upper() + "_H"
    if f"#ifndef {guard}\n#define {guard}\n" not in text:
        problems.append(Problem(path, 0, f"its guard is not {guard}"))
    if not re.match(r"/\* SPDX-License-Identifier: Apache-2\.0\n \* " + re.escape(name) + r"\.h: \S",
                    text):
        problems.append(Problem(path, 1, f"does not begin with SPDX and '{name}.h: what it is'"))


def run(tree):
    problems = []
    headers = [path for path in tree.select(".h") if "/include/evenhand/" in path]
    folders = sorted({path.split("evenhand/")[0] for path in headers})
    flags = warnings(tree)
    jobs = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for path in headers:
            check_form(tree, path, problems)
            name = "evenhand/" + path.split("/include/evenhand/")[1]
            for compiler in ("gcc", "clang"):
                jobs.append((path, compiler, pool.submit(compile_alone, tree, compiler, name, flags,
                                                         folders)))
    for path, compiler, job in jobs:
        if job.result() is not None:
            problems.append(Problem(path, 0, f"does not compile alone with {compiler}:\n"
                                    + job.result()))
    return problems
