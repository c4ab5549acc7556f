# SPDX-License-Identifier: Apache-2.0
"""What the built libraries offer: only evh_ names that a header of their module declares, and no
mutable data below layer 3."""
import re
import subprocess

from layers import LAYER, PURE_BELOW
from tree import Problem, PRODUCT, module_of

# "0000 g     F .text	0042 .hidden evh_ok" and the "file.c.o:     file format" lines between.
MEMBER = re.compile(r"^(\S+\.o):\s+file format")
SYMBOL = re.compile(r"^[0-9a-f]+ (.)(.{6}) (\S+)\t([0-9a-f]+)\s+(?:\.hidden )?(\S+)$")
MUTABLE = re.compile(r"^(?:\.data|\.bss)(?!\.rel\.ro)|^\*COM\*$")
GENERATED = ".pb-c.c.o"


def declared_names(tree, folder):
    names = set()
    for path in tree.select(".h"):
        if path.startswith(folder + "/"):
            names.update(re.findall(r"\b[A-Za-z_]\w*\b", tree.code(path)))
    return names


def check_library(tree, library, problems):
    folder = str(library.parent.relative_to(tree.root / "build"))
    module = module_of(folder + "/x/x" if folder.count("/") else folder + "/x")
    declared = declared_names(tree, folder)
    listing = subprocess.run(["objdump", "-t", str(library)], capture_output=True, text=True,
                             check=True).stdout
    shown = library.relative_to(tree.root)
    seen = 0
    member = ""
    for line in listing.split("\n"):
        match = MEMBER.match(line)
        if match:
            member = match.group(1)
            continue
        match = SYMBOL.match(line)
        if match is None or member.endswith(GENERATED):
            continue
        scope, kind, section, size, name = match.groups()
        if section == "*UND*":
            continue
        if scope in "gu!":
            seen += 1
            if not name.startswith("evh_"):
                problems.append(Problem(shown, 0, f"{member} exports '{name}': make it static or "
                                        "name it evh_"))
            elif name not in declared:
                problems.append(Problem(shown, 0, f"{member} exports '{name}', which no header "
                                        f"under {folder} declares"))
        if MUTABLE.match(section) and int(size, 16) > 0 and kind[-1] in "O " and \
                LAYER.get(module, 0) < PURE_BELOW:
            problems.append(Problem(shown, 0, f"{member} keeps state in '{name}': layers 0 to 2 "
                                    "have no globals"))
    if seen == 0:
        problems.append(Problem(shown, 0, "exports nothing: is it built with other tools?"))


def run(tree):
    problems = []
    libraries = sorted(path for top in PRODUCT
                       for path in (tree.root / "build" / top).rglob("libevh_*.a"))
    if not libraries:
        return [Problem("build", 0, "holds no libraries to look at: run scripts/build first")]
    for library in libraries:
        if (tree.root / library.parent.relative_to(tree.root / "build")).is_dir():
            check_library(tree, library, problems)
    return problems
