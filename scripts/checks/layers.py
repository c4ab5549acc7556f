# SPDX-License-Identifier: Apache-2.0
"""Dependencies point down: who may include and link whom, and who may see which library."""
import re

from tree import Problem, PRODUCT, line_of, module_of

# A module may use what has a smaller number. One line per layer of docs/developer/architecture.md.
LAYER = {
    "base": 0,
    "field": 10, "seal": 10,
    "privacy": 11, "scoring": 11, "tlog": 11, "yaml": 11, "json": 11, "wire": 11,
    "vdaf": 20, "plan": 20, "config": 20,
    "fairness": 21, "protocol": 21,
    "report": 22,
    "rpc": 30, "files": 30, "cli": 30, "store": 30,
    "translog": 31,
    "follow": 32,
    "input": 35, "ledger": 35, "service": 36,
    "client": 40, "aggregator": 40, "auditor": 40,
}
PURE_BELOW = 30  # no files, sockets, environment, clock, threads, globals or log lines

# The auditor trusts nobody: its accountant shares no code with the one it checks.
FORBIDDEN = {"auditor": {"privacy", "store", "ledger"}}

# Header (by its beginning) -> the folders that may see it.
THIRD_PARTY = {
    "openssl/": ("lib/base/", "lib/seal/"),
    "sodium.h": ("lib/base/", "lib/seal/"),
    "valgrind/": ("lib/base/",),
    "grpc/": ("lib/rpc/",),
    "sqlite3.h": ("lib/store/", "client/ledger/"),
    "yaml.h": ("lib/yaml/",),
    "utf8proc.h": ("lib/plan/", "lib/report/", "lib/scoring/"),
    "jansson.h": ("lib/json/", "lib/report/", "client/", "aggregator/", "auditor/"),
    "argp.h": ("lib/cli/", "client/", "aggregator/", "auditor/"),
    "protobuf-c/": ("lib/wire/", "lib/plan/", "lib/protocol/", "lib/tlog/", "lib/store/", "lib/translog/", "lib/follow/", "lib/rpc/", "client/", "aggregator/", "auditor/"),
    "microhttpd.h": ("aggregator/",),
}

C_HEADERS = set("""assert ctype errno fenv float inttypes iso646 limits locale math setjmp signal
    stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads
    time uchar wchar wctype""".split())
SYSTEM_HEADERS = set("""arpa/inet dirent fcntl ftw glob langinfo libgen netdb netinet/in
    netinet/tcp poll pthread pwd sched semaphore strings sys/file sys/mman sys/random sys/resource
    sys/socket sys/stat sys/statvfs sys/time sys/types sys/uio sys/un sys/utsname sys/wait syslog
    termios sys/ioctl unistd""".split())
INTRINSICS = {name: ("lib/field/", "lib/vdaf/", "client/input/")
              for name in ("immintrin.h", "emmintrin.h", "cpuid.h")}


def check_house_include(path, line, name, tree, problems):
    mine = module_of(path)
    match = re.fullmatch(r"evenhand/(\w+)/[\w/]+\.h", name)
    if match is None:
        local = path.rsplit("/", 1)[0] + "/" + name
        generated = name.endswith(".pb-c.h")
        if "/../" in "/" + name or not (local in tree.paths or generated):
            problems.append(Problem(path, line, f'"{name}" is no public header and not in this '
                                    "folder: a module never sees another's internals"))
        return
    theirs = match.group(1)
    if theirs.endswith("_internal") or name.endswith("_internal.h"):
        problems.append(Problem(path, line, f"{name} is internal to its module"))
    if theirs == mine:
        return
    if mine not in LAYER or theirs not in LAYER:
        unknown = mine if mine not in LAYER else theirs
        problems.append(Problem(path, line, f"module '{unknown}' has no layer in "
                                "scripts/checks/layers.py"))
    elif LAYER[theirs] >= LAYER[mine] or theirs in FORBIDDEN.get(mine, ()):
        problems.append(Problem(path, line, f"{mine} must not use {theirs}: dependencies point "
                                "down the layers"))


def check_system_include(path, line, name, problems):
    stem = name[:-2] if name.endswith(".h") else name
    public = "/include/evenhand/" in path
    if stem in C_HEADERS:
        return
    if stem in SYSTEM_HEADERS:
        if public and stem != "sys/types":
            problems.append(Problem(path, line, f"<{name}> in a public header: only the C "
                                    "library's own headers belong there"))
        return
    for start, folders in {**THIRD_PARTY, **INTRINSICS}.items():
        if name.startswith(start):
            if not path.startswith(folders):
                problems.append(Problem(path, line, f"<{name}> is for {', '.join(folders)} only"))
            elif public and name != "argp.h":
                problems.append(Problem(path, line, f"<{name}> in a public header: a third "
                                        "party's types stay inside their module"))
            return
    problems.append(Problem(path, line, f"<{name}> is not a header this project knows "
                            "(scripts/checks/layers.py)"))


def check_links(tree, problems):
    """DEPENDS of evh_library and LINK of evh_program."""
    call = re.compile(r"evh_(library|program)\(([^()]*)\)", re.S)
    for path in tree.select("CMakeLists.txt", under=PRODUCT):
        text = re.sub(r"#[^\n]*", lambda match: " " * len(match.group(0)), tree.text(path))
        mine = module_of(path)
        own = set(re.findall(r"evh_library\(\s*NAME\s+(\w+)", text))  # a module in several libraries
        for match in call.finditer(text):
            for theirs in re.findall(r"\bevh_(\w+)\b", match.group(2)):
                line = line_of(text, match.start())
                generated = theirs.startswith("proto_")  # messages: data without code of ours
                if theirs in own or theirs == mine or theirs == "flags" or generated or mine not in LAYER:
                    continue
                if theirs not in LAYER:
                    known = theirs.split("_")[0] in LAYER and theirs.split("_")[0] == mine
                    if not known:
                        problems.append(Problem(path, line, f"evh_{theirs} has no layer in "
                                                "scripts/checks/layers.py"))
                elif LAYER[theirs] >= LAYER[mine] or theirs in FORBIDDEN.get(mine, ()):
                    problems.append(Problem(path, line, f"{mine} must not link {theirs}: "
                                            "dependencies point down the layers"))


def run(tree):
    problems = []
    for path in tree.select(".c", ".h", under=PRODUCT):
        for line, name, quoted in tree.includes(path):
            if quoted:
                check_house_include(path, line, name, tree, problems)
            else:
                check_system_include(path, line, name, problems)
    check_links(tree, problems)
    return problems
