# SPDX-License-Identifier: Apache-2.0
"""The source tree as the checks see it: tracked and new files, never the build tree."""
import pathlib
import re
import subprocess

PROGRAMS = ("client", "aggregator", "auditor")
PRODUCT = ("lib",) + PROGRAMS  # what is shipped: tests and bench obey fewer rules

COMMENT_OR_LITERAL = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


class Problem:
    """What is wrong, where; prints as path:line: text."""

    def __init__(self, path, line, text):
        self.path, self.line, self.text = path, line, text

    def __str__(self):
        where = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{where}: {self.text}"


def blank(match, keep_literals):
    """Same length and lines, so that positions stay true."""
    text = match.group(0)
    if text[0] in "\"'":
        return text if keep_literals else text[0] + " " * (len(text) - 2) + text[0]
    return re.sub(r"[^\n]", " ", text)


NOT_SOURCE = {".git", "build"}


def listed_by_git(root):
    """None without git, or where there is no repository: an unpacked archive."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"],
            capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    if listed.returncode != 0:
        return None
    return [name for name in listed.stdout.split("\0") if name]


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self._texts = {}
        names = listed_by_git(self.root)
        if names is None:
            names = [str(path.relative_to(self.root)) for path in self.root.rglob("*")
                     if path.relative_to(self.root).parts[0] not in NOT_SOURCE
                     and "__pycache__" not in path.parts]
        self.paths = sorted(name for name in set(names) if (self.root / name).is_file())

    def select(self, *suffixes, under=None):
        """Paths ending in one of the suffixes, below one of the top folders."""
        return [path for path in self.paths if path.endswith(suffixes)
                and (under is None or path.split("/")[0] in under)]

    def text(self, path):
        if path not in self._texts:
            self._texts[path] = (self.root / path).read_text(encoding="utf-8", errors="replace")
        return self._texts[path]

    def code(self, path, keep_literals=False):
        """C source with comments (and the insides of literals) turned into spaces."""
        return COMMENT_OR_LITERAL.sub(lambda match: blank(match, keep_literals), self.text(path))

    def includes(self, path):
        """(line, name, quoted) of each #include."""
        found = []
        code = self.code(path, keep_literals=True)
        for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', code, re.M):
            found.append((line_of(code, match.start()), match.group(2), match.group(1) == '"'))
        return found


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def module_of(path):
    """The module a product file belongs to: lib/seal/hpke.c is seal, client/input/csv.c is input,
    client/main.c is client. None outside the product."""
    parts = path.split("/")
    if parts[0] == "lib" and len(parts) > 2:
        return parts[1]
    if parts[0] in PROGRAMS:
        return parts[1] if len(parts) > 2 and parts[1] in PARTS else parts[0]
    return None


# Parts of a program that are modules of their own.
PARTS = ("input", "ledger", "service")
