# SPDX-License-Identifier: Apache-2.0
"""Relative links lead somewhere; the index names every page; every log event is described, and none that does not exist."""
import re

from tree import Problem, PRODUCT, line_of

EVENTS = "docs/operator/events.md"
INDEX = "docs/README.md"
LINK = re.compile(r"!?\[[^\]\n]*\]\(([^)\s]+)\)")
LOG_CALL = re.compile(r"\b(?:EVH_LOG|evh_log_event)\s*\(([^;]*?)\)\s*;", re.S)


def without_code(text):
    text = re.sub(r"^```.*?^```", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text,
                  flags=re.S | re.M)
    return re.sub(r"`[^`\n]*`", lambda m: " " * len(m.group(0)), text)


def slug(heading):
    """The anchor that GitHub gives a heading."""
    plain = re.sub(r"[^\w\- ]", "", heading.replace("`", "").strip().lower())
    return plain.replace(" ", "-")


def anchors(text):
    headings = re.findall(r"^#+ +(.+?) *$", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M),
                          re.M)
    return {slug(heading) for heading in headings}


def check_links(tree, path, problems):
    text = without_code(tree.text(path))
    folder = (tree.root / path).parent
    for match in LINK.finditer(text):
        target = match.group(1)
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        name, _, anchor = target.partition("#")
        place = (folder / name).resolve() if name else tree.root / path
        line = line_of(text, match.start())
        if not place.exists():
            problems.append(Problem(path, line, f"{target} leads nowhere"))
        elif anchor and place.suffix == ".md" and \
                anchor not in anchors(place.read_text(encoding="utf-8")):
            problems.append(Problem(path, line, f"{target}: no such heading there"))


def check_tests_named(tree, problems):
    """A claim whose test is gone is a claim without a test."""
    for path in tree.select(".md"):
        text = tree.text(path)
        for match in re.finditer(r"`((?:tests|scripts|bench|examples)/[\w./-]+\w)`", text):
            if not (tree.root / match.group(1)).exists():
                problems.append(Problem(path, line_of(text, match.start()),
                                        f"names {match.group(1)}, which is not there"))


def check_index(tree, problems):
    """A page that the index does not name is a page that nobody finds."""
    if INDEX not in tree.paths:
        return
    linked = {(tree.root / "docs" / match.group(1).partition("#")[0]).resolve()
              for match in LINK.finditer(without_code(tree.text(INDEX)))}
    for path in tree.select(".md", under=("docs",)):
        if path != INDEX and (tree.root / path).resolve() not in linked:
            problems.append(Problem(path, 0, f"is not linked from {INDEX}"))


def logged_events(tree, problems):
    events = {}
    for path in tree.select(".c", under=PRODUCT):
        if path.startswith("lib/base/"):
            continue
        code = tree.code(path, keep_literals=True)
        for match in LOG_CALL.finditer(code):
            line = line_of(code, match.start())
            parts = re.match(r'\s*[^,]+,\s*[^,]+,\s*([^,]+?)\s*,\s*("[^"]*"|[^,]+?)\s*(?:,|$)',
                             match.group(1))
            name = parts.group(2) if parts else ""
            if not re.fullmatch(r'"[a-z0-9_]+"', name):
                problems.append(Problem(path, line, "the event's name is not a plain text: it "
                                        "could not be looked up"))
            else:
                events[name.strip('"')] = (path, line)
    return events


def check_events(tree, problems):
    events = logged_events(tree, problems)
    page = tree.text(EVENTS) if EVENTS in tree.paths else ""
    described = set(re.findall(r"^\| *`([a-z0-9_]+)`", page, re.M))
    for name, (path, line) in sorted(events.items()):
        if name not in described:
            problems.append(Problem(path, line, f"event '{name}' is not in {EVENTS}"))
    for name in sorted(described - set(events)):
        problems.append(Problem(EVENTS, 0, f"describes '{name}', which nothing logs"))


def run(tree):
    problems = []
    for path in tree.select(".md"):
        check_links(tree, path, problems)
    check_tests_named(tree, problems)
    check_index(tree, problems)
    check_events(tree, problems)
    return problems
