#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Result pages in headless Chromium. Arguments: the program that makes pages, and the folder for
pages and screenshots. A page must load without an error on the console and ask for nothing; its
numbers are those of result.json; charts, sorting by keyboard, print, dark and greyscale work, at 360
and at 1440 pixels. Where EVENHAND_AXE names axe.min.js (npm's axe-core), axe judges the pages, too."""
import base64
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

try:
    from selenium import webdriver
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    print("skipped: package python3-selenium is not there")
    sys.exit(0)
for name in ("chromium", "chromedriver"):
    if shutil.which(name) is None:
        print(f"skipped: package {'chromium-driver' if name == 'chromedriver' else name} is not there")
        sys.exit(0)

MAKE_PAGES, FOLDER = sys.argv.pop(1), pathlib.Path(sys.argv.pop(1)).resolve()
PAGES = ("speech", "screening", "odd", "apart", "empty", "many")
WIDTHS = (360, 768, 1440)
ROWS = 40           # of a chart
WITHHELD_ROWS = 6   # that are drawn; more are named under the chart
AXE = os.environ.get("EVENHAND_AXE", "")  # axe.min.js of npm's axe-core, when somebody has it


def open_browser():
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
                     "--disable-background-networking", "--no-first-run"):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.chrome.service.Service(shutil.which("chromedriver"))
    return webdriver.Chrome(service=service, options=options)


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        FOLDER.mkdir(parents=True, exist_ok=True)
        subprocess.run([MAKE_PAGES, str(FOLDER)], check=True)
        subprocess.run([MAKE_PAGES, str(FOLDER), "large"], check=True)
        cls.browser = open_browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.quit()

    def command(self, name, **parameters):
        return self.browser.execute_cdp_cmd(name, parameters)

    def open(self, name, width=1440, features=(), media=""):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=900,
                     deviceScaleFactor=1, mobile=width < 600)
        self.command("Emulation.setEmulatedMedia", media=media, features=list(features))
        self.browser.get((FOLDER / f"{name}.html").as_uri())
        self.assertEqual("yes", self.script("return document.documentElement.dataset.drawn"))
        return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))

    def script(self, text, *arguments):
        return self.browser.execute_script(text, *arguments)

    def picture(self, name):
        shot = self.command("Page.captureScreenshot", captureBeyondViewport=True, format="png")
        (FOLDER / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))

    def logged(self, kind):
        return self.browser.get_log(kind)

    def test_quiet_and_alone(self):
        for name in PAGES:
            self.logged("performance")
            self.open(name)
            self.assertEqual([], self.logged("browser"), name)
            asked = []
            for entry in self.logged("performance"):
                message = json.loads(entry["message"])["message"]
                if message["method"] == "Network.requestWillBeSent":
                    asked.append(message["params"]["request"]["url"])
            asked = [url for url in asked if not url.startswith("data:")]
            self.assertEqual([(FOLDER / f"{name}.html").as_uri()], asked)

    def test_policy_stops_what_is_not_the_page_s_own(self):
        self.open("odd")
        stopped = self.script(
            "const s = document.createElement('script'); s.textContent = 'window.intruder = 1';"
            "document.body.append(s); return window.intruder === undefined;")
        self.assertTrue(stopped)
        fetched = self.browser.execute_async_script(
            "const done = arguments[0]; fetch('http://127.0.0.1:9/').then(() => done('yes'),"
            "(e) => done(String(e)));")
        self.assertIn("TypeError", fetched)
        self.assertTrue(any("Content Security Policy" in entry["message"]
                            for entry in self.logged("browser")))

    def table(self, selector):
        """Rows of (text, data-value or None) of each cell."""
        return self.script(
            "return Array.from(document.querySelectorAll(arguments[0] + ' tbody tr'), line => "
            "Array.from(line.cells, cell => [cell.textContent, cell.dataset.value ?? null]))", selector)

    def groups_of(self, result, question):
        return [group for group in result["groups"] if group["release"] == question["release"]
                and group.get("model") == question.get("model")]

    @staticmethod
    def percent(share):
        rest = min(abs(100 * share), abs(100 - 100 * share))
        digits = 1 if rest >= 1 or rest < 0.001 else 2 if rest >= 0.1 else 3
        return f"{100 * share:.{digits}f}\u00a0%"

    def test_table_has_all_sums_and_rates(self):
        for name in PAGES:
            result = self.open(name)
            lines = self.table("#sums")
            self.assertEqual(len(result["groups"]), len(lines))
            asked = {question["metric"] for question in result["questions"]}
            listed = [one["name"] for one in result["metrics"] if one["name"] in asked]
            for line, group in zip(lines, result["groups"]):
                cells = [cell for cell in line if cell[1] is not None]
                self.assertEqual(len(listed) + len(group["released"]), len(cells))
                for (text, value), metric in zip(cells, listed):
                    rate = group["rates"][metric]
                    self.assertEqual(rate, float(value) if value else None)
                    self.assertTrue(text.startswith("–" if rate is None else self.percent(rate)), text)
                for (text, value), released in zip(cells[len(listed):], group["released"].values()):
                    self.assertEqual(released, int(value))
                    self.assertEqual(f"{released:,}".replace("-", "\u2212"), text)

    def test_answers_have_all_numbers(self):
        for name in PAGES:
            result = self.open(name)
            for i, question in enumerate(result["questions"]):
                said = self.script("return document.querySelectorAll('.sentence')[arguments[0]]"
                                   ".textContent", i)
                said = re.sub("[\u2068\u2069]", "", said).replace("\u00a0", " ")
                verdict, statement = question["sentence"].split(": ", 1)
                self.assertEqual(f"{verdict} {statement}", said)
                lines = self.table(f"#numbers-{i}")
                groups = self.groups_of(result, question)
                self.assertEqual(len(groups), len(lines))
                compared = {json.dumps(one["group"]): one for one in question["comparisons"]}
                for line, group in zip(lines, groups):
                    rate = group["rates"][question["metric"]]
                    self.assertEqual(rate, float(line[1][1]) if line[1][1] else None)
                    one = compared.get(json.dumps(group["group"]))
                    if one is not None:
                        gap = one["disparity"]["value"]
                        self.assertEqual(gap, float(line[3][1]) if line[3][1] else None)
                        self.assertEqual(one["verdict"].replace("_", " ").capitalize()
                                         if one["counted"] else "not counted", line[4][0])
            self.assertNotRegex(self.script("return document.body.innerText").lower(), r"\bfair\b")

    def test_headline_counts_the_verdicts(self):
        for name in PAGES:
            result = self.open(name)
            for verdict in ("within_tolerance", "exceeds_tolerance", "insufficient_evidence"):
                count = sum(one["verdict"] == verdict for one in result["questions"])
                seen = self.script("return document.querySelector(arguments[0])?.textContent ?? '0'",
                                   f".headline .{verdict} strong")
                self.assertEqual(count, int(seen))
            links = self.script("return Array.from(document.querySelectorAll('.summary a'), a => "
                                "document.querySelector(a.getAttribute('href')).id)")
            self.assertEqual({f"answer-{i}" for i in range(len(result["questions"]))}, set(links))
            self.assertEqual(len(result["questions"]), len(links))

    def test_inside_is_the_whole_result(self):
        for name in PAGES:
            result = self.open(name)
            text = self.script("return document.getElementById('result').textContent")
            self.assertEqual(result, json.loads(text))
            self.assertEqual((FOLDER / f"{name}.json").read_text(encoding="utf-8"),
                             text.replace("\\u003c", "<"))

    def drawn(self, rows):
        """How many marks, and texts that stand for them, a chart of these rates has."""
        there = sum(row is not None for row in rows)
        withheld = len(rows) - there
        if withheld > WITHHELD_ROWS:
            withheld = 0
        return (ROWS, 0) if there + withheld > ROWS else (there, withheld)

    def test_charts_have_a_mark_for_every_group(self):
        for name in PAGES:
            for width in (360, 1440):
                result = self.open(name, width)
                for i, question in enumerate(result["questions"]):
                    rates = [group["rates"][question["metric"]]
                             for group in self.groups_of(result, question)]
                    gaps = ([one["disparity"]["value"] for one in question["comparisons"]]
                            if question["reference"] else [question["gap"]["value"]])
                    for kind, rows in (("rates", rates), ("gaps", gaps)):
                        seen = [self.script(
                            "return document.querySelectorAll(`#answers .plots[data-answer='"
                            "${arguments[0]}'] .${arguments[1]} ${arguments[2]}`).length",
                            i, kind, what) for what in (".mark", ".absent")]
                        if name == "many":  # withheld ones give way to what can be drawn
                            self.assertEqual(ROWS, seen[0])
                        else:
                            self.assertEqual(list(self.drawn(rows)), seen, (name, kind))
                broken = self.script(
                    "return Array.from(document.querySelectorAll('svg *')).filter(e => "
                    "Array.from(e.attributes).some(a => /NaN|undefined|Infinity/.test(a.value)))"
                    ".length")
                self.assertEqual(0, broken)

    def test_what_is_not_drawn_is_said(self):
        result = self.open("many")
        note = self.script("return document.querySelector('#answers .rates .note').textContent")
        groups = self.groups_of(result, result["questions"][0])
        self.assertIn(f"{ROWS} of {len(groups)} groups", note)
        labels = self.script("return Array.from(document.querySelectorAll("
                             "'#answers .rates .row .label'), t => t.textContent)")
        self.assertEqual("r0", labels[0])
        exceeding = {one["group"]["region"] for one in result["questions"][0]["comparisons"]
                     if one["verdict"] == "exceeds_tolerance"}
        self.assertTrue(exceeding and len(exceeding) < ROWS)
        self.assertEqual(exceeding, set(labels[1:1 + len(exceeding)]))

    def test_a_large_result_has_a_usable_page(self):
        result = json.loads((FOLDER / "large.json").read_text(encoding="utf-8"))
        page = (FOLDER / "large.html").stat().st_size
        self.assertGreater((FOLDER / "large.json").stat().st_size, 6 << 20)
        self.assertLess(page, 6 << 20)
        self.open("large")
        inside = json.loads(self.script("return document.getElementById('result').textContent"))
        self.assertTrue(inside["excerpt"])
        whole = {json.dumps([group["release"], group["group"]]): group for group in result["groups"]}
        for group in inside["groups"]:
            of = whole[json.dumps([group["release"], group["group"]])]
            for name, finding in group["findings"].items():
                self.assertEqual(of["findings"][name], finding)
        for question, of in zip(inside["questions"], result["questions"]):
            self.assertEqual({key: of[key] for key in question if key != "comparisons"},
                             {key: question[key] for key in question if key != "comparisons"})
            for one in question["comparisons"]:
                self.assertIn(one, of["comparisons"])
        said = self.script("return document.querySelector('#sums .cut').textContent")
        self.assertIn(f"{len(inside['groups'])} of its {len(result['groups'])} groups", said)
        self.assertEqual(len(inside["groups"]), len(self.table("#sums")))
        self.assertEqual(0, self.script("return document.querySelectorAll('#save').length"))
        took = self.script("const e = performance.getEntriesByType('navigation')[0];"
                           "return e.domComplete - e.startTime")
        self.assertLess(took, 10000)

    def test_hollow_where_evidence_is_insufficient(self):
        result = self.open("screening")
        self.assertIn("insufficient_evidence", [one["verdict"] for one in result["questions"]])
        fill, stroke = self.script(
            "const s = getComputedStyle(document.querySelector('.mark.insufficient_evidence'));"
            "return [s.fill, s.stroke]")
        paper = self.script("return getComputedStyle(document.documentElement).backgroundColor")
        self.assertEqual(paper, fill)
        self.assertNotEqual(fill, stroke)

    AXIS = """
        const svg = document.querySelector(arguments[0]), side = arguments[1];
        const place = e => Number(e.getAttribute('transform').match(
            side === 'x' ? /translate\(([-\d.]+)/ : /translate\([-\d.]+,([-\d.]+)/)[1]);
        const ticks = Array.from(svg.querySelectorAll(`.axis.${side} .tick`), t => [place(t),
            Number(t.textContent.replace('\u2212', '-').replace(' %', ''))]);
        const ends = (path, at) => path.getAttribute('d').slice(1).split('L').map(
            p => Number(p.split(',')[at]));
        const rows = Array.from(svg.querySelectorAll('.row'), row => {
            const mark = row.querySelector('.mark');
            const along = side === 'x' ? 0 : 1;
            return mark && {
                label: row.querySelector('.label')?.textContent ?? null,
                mark: place(mark),
                noise: row.querySelector('.noise') && ends(row.querySelector('.noise'), along),
                sampling: row.querySelector('.sampling') && ends(row.querySelector('.sampling'), along),
                caps: Array.from(row.querySelectorAll('.cap'), c => ends(c, along)[0]),
                arrows: row.querySelectorAll('.arrow').length};
        });
        return {ticks: ticks, rows: rows};"""

    def check_rows(self, chart, findings, scale):
        """Marks, lines and caps stand where the axis says that the numbers are."""
        (place0, value0), (place1, value1) = chart["ticks"][0], chart["ticks"][-1]
        def place(value):
            return place0 + (scale * value - value0) / (value1 - value0) * (place1 - place0)
        self.assertEqual(len(findings), len(chart["rows"]))
        checked = 0
        for row, finding in zip(chart["rows"], findings):
            if row is None or finding["value"] is None:
                self.assertTrue(row is None and finding["value"] is None)
                continue
            self.assertAlmostEqual(place(finding["value"]), row["mark"], delta=0.6)
            interval = finding["simultaneous"] or finding["pointwise"]
            ends = [end for end in (interval["low"], interval["high"]) if end is not None]
            self.assertEqual(2, len(row["caps"]) + row["arrows"])
            for cap in row["caps"]:
                self.assertLess(min(abs(place(end) - cap) for end in ends), 0.6)
            if row["arrows"] == 0:
                for end, seen in zip(("low", "high"), row["noise"]):
                    self.assertAlmostEqual(place(interval[end]), seen, delta=0.6)
                for end, seen in zip((min, max), row["sampling"]):
                    limit = interval["sampling_low" if end is min else "sampling_high"]
                    self.assertAlmostEqual(place(end(limit, finding["value"])), seen, delta=0.6)
            checked += 1
        return checked

    def test_plots_stand_where_the_numbers_are(self):
        checked = 0
        for name in ("speech", "screening", "apart"):
            for width in (360, 1440):
                result = self.open(name, width)
                for i, question in enumerate(result["questions"]):
                    ratio = question["measure"] == "ratio"
                    rates = [group["findings"][question["metric"]]
                             for group in self.groups_of(result, question)]
                    gaps = ([one["disparity"] for one in question["comparisons"]]
                            if question["reference"] else [question["gap"]])
                    for kind, findings, scale in (("rates", rates, 100),
                                                  ("gaps", gaps, 1 if ratio else 100)):
                        chart = self.script(
                            self.AXIS, f"#answers .plots[data-answer='{i}'] .{kind} svg", "x")
                        checked += self.check_rows(chart, findings, scale)
                    band = self.script(
                        "const b = document.querySelector(arguments[0]); return [Number(b.getAttribute("
                        "'x')), Number(b.getAttribute('x')) + Number(b.getAttribute('width'))]",
                        f"#answers .plots[data-answer='{i}'] .gaps .band")
                    (place0, value0), (place1, value1) = chart["ticks"][0], chart["ticks"][-1]
                    low, high = question["tolerated"]["low"], question["tolerated"]["high"]
                    if question["reference"] is None:
                        low, high = (low, 1) if ratio else (0, high)
                    for value, seen in zip((low, high), band):
                        self.assertAlmostEqual(
                            place0 + ((1 if ratio else 100) * value - value0) / (value1 - value0) *
                            (place1 - place0), seen, delta=0.6)
        self.assertGreater(checked, 40)

    def test_trend_stands_where_the_numbers_are(self):
        for name, number in (("speech", 0), ("apart", 0)):
            rounds = []
            for i in (1, 2, 3):
                result = json.loads((FOLDER / f"{name}-{i}.json").read_text(encoding="utf-8"))
                rounds.append(result["questions"][number])
            self.open(name)
            chart = self.script(self.AXIS, f".trend[data-answer='{number}'] svg", "y")
            last = rounds[-1]
            findings = [next((one["disparity"] for one in each["comparisons"]
                              if one["group"] == last["worst"]), each["gap"]) for each in rounds]
            self.assertEqual(3, self.check_rows(chart, findings, 100))

    def test_trend_has_every_round(self):
        self.open("speech")
        self.assertEqual(3, self.script("return document.querySelectorAll('.trend .mark').length"))
        self.assertEqual(3, self.script("return document.querySelectorAll('.trend tbody tr').length"))
        self.assertIn("differ beyond chance", self.script(
            "return document.querySelector('.trend').textContent"))
        self.open("apart")
        text = re.sub("[\u2068\u2069]", "", self.script(
            "return document.querySelector('.trend').textContent"))
        self.assertIn("not the same groups", text)
        self.assertIn("west and north", text)
        self.assertIn("north and west", text)
        self.open("screening")
        self.assertEqual(0, self.script("return document.querySelectorAll('.trend').length"))
        self.open("empty")
        self.assertIn("not known", self.script("return document.querySelector('.trend').textContent"))
        self.assertEqual(0, self.script("return document.querySelectorAll('.trend .mark').length"))

    def column(self, index):
        return [float(text) if text else None for text in self.script(
            "return Array.from(document.querySelectorAll('#sums tbody tr'), line => "
            "line.cells[arguments[0]].dataset.value)", index)]

    def test_sorts_by_keyboard(self):
        self.open("speech")
        buttons = self.browser.find_elements(By.CSS_SELECTOR, "#sums th button")
        index = 3
        self.script("arguments[0].focus()", buttons[index - 1])
        self.browser.switch_to.active_element.send_keys(Keys.TAB)
        active = self.browser.switch_to.active_element
        self.assertEqual(buttons[index], active)
        outline = self.script("return getComputedStyle(arguments[0]).outlineStyle", active)
        self.assertEqual("solid", outline)
        active.send_keys(Keys.ENTER)
        heading = active.find_element(By.XPATH, "..")
        self.assertEqual("ascending", heading.get_attribute("aria-sort"))
        rising = self.column(index)
        self.assertEqual(sorted(rising), rising)
        active.send_keys(Keys.SPACE)
        self.assertEqual("descending", heading.get_attribute("aria-sort"))
        self.assertEqual(rising[::-1], self.column(index))
        self.assertIn("largest first",
                      self.browser.find_element(By.CSS_SELECTOR, ".sorted").text)

    def test_missing_numbers_stand_last(self):
        self.open("screening")
        for _ in range(2):
            self.script("document.querySelectorAll('#sums th button')[2].click()")
            values = self.column(2)
            there = [value for value in values if value is not None]
            self.assertLess(len(there), len(values))
            self.assertEqual(there, values[:len(there)])

    def test_all_rates_can_be_chosen(self):
        result = self.open("screening")
        options = self.script("return Array.from(document.querySelectorAll('.choices select'), "
                              "s => s.options.length)")
        self.assertEqual([len(result["metrics"]), 4], options)
        chosen = self.script("return document.querySelector('.choices select').selectedOptions[0].text")
        self.assertEqual(result["questions"][0]["metric"].replace("_", " "), chosen)
        self.script("const s = document.querySelectorAll('.choices select')[1]; s.selectedIndex = 3;"
                    "s.dispatchEvent(new Event('change'))")
        groups = [group for group in result["groups"] if group["release"] == ["sex"]]
        values = self.script("return Array.from(document.querySelectorAll('#rates tbody tr'), "
                             "line => line.cells[1].dataset.value)")
        rates = [group["rates"][result["questions"][0]["metric"]] for group in groups]
        self.assertEqual(rates, [float(value) if value else None for value in values])

    def test_fits_every_width(self):
        for name in PAGES:
            for width in WIDTHS:
                self.open(name, width)
                self.assertEqual(width, self.script("return window.innerWidth"))
                self.assertLessEqual(
                    self.script("return document.documentElement.scrollWidth"), width)
                outside = self.script(
                    "return Array.from(document.querySelectorAll('svg text')).filter(t => {"
                    "const b = t.getBoundingClientRect(), s = t.ownerSVGElement"
                    ".getBoundingClientRect(); return b.width > 0 && (b.left < s.left - 1 || "
                    "b.right > s.right + 1);}).map(t => t.textContent)")
                self.assertEqual([], outside)
                self.picture(f"{name}-{width}")

    def test_charts_follow_the_width(self):
        self.open("speech", 1440)
        self.command("Emulation.setDeviceMetricsOverride", width=360, height=900,
                     deviceScaleFactor=1, mobile=True)
        widths = self.browser.execute_async_script(
            "const done = arguments[0]; setTimeout(() => done(Array.from(document"
            ".querySelectorAll('.plot svg'), s => Number(s.getAttribute('width')))), 300)")
        self.assertLess(max(widths), 360)

    def test_dark(self):
        self.open("speech", 1440, [{"name": "prefers-color-scheme", "value": "dark"}])
        ground = self.script("return getComputedStyle(document.documentElement).backgroundColor")
        self.assertEqual("rgb(20, 24, 29)", ground)
        self.picture("speech-dark")

    def test_print(self):
        self.open("speech", 1440)
        pdf = self.command("Page.printToPDF", printBackground=False, paperWidth=8.27,
                           paperHeight=11.69)
        content = base64.b64decode(pdf["data"])
        self.assertTrue(content.startswith(b"%PDF"))
        (FOLDER / "speech.pdf").write_bytes(content)
        self.open("speech", 800, [{"name": "prefers-color-scheme", "value": "dark"}], "print")
        self.assertEqual("rgb(255, 255, 255)", self.script(
            "return getComputedStyle(document.documentElement).backgroundColor"))
        self.picture("speech-print")

    def test_greyscale(self):
        self.open("screening", 1440)
        self.script("document.documentElement.style.filter = 'grayscale(1)'")
        self.picture("screening-grey")
        self.open("speech", 1440)
        shapes = self.script("const of = {}; for (const m of document.querySelectorAll("
                             "'path.mark')) of[m.classList[1]] = m.getAttribute('d'); return of")
        filled = {state: path for state, path in shapes.items()
                  if state in ("within_tolerance", "exceeds_tolerance", "reference")}
        self.assertEqual(len(filled), len(set(filled.values())))

    def test_names_are_text(self):
        result = self.open("odd")
        name = "accents <b>\"&'</script>"
        self.assertEqual(name, self.script("return document.querySelector('h1').textContent"))
        self.assertEqual(0, self.script("return document.querySelectorAll('b').length"))
        accents = {group["group"]["accent"] for group in result["groups"] if group["group"]}
        seen = set(self.script("return Array.from(document.querySelectorAll('#sums tbody th'), "
                               "t => t.textContent.replace(/[\\u2068\\u2069]/g, ''))"))
        self.assertTrue(accents <= seen)

    def test_can_be_read_aloud(self):
        for name in PAGES:
            self.open(name)
            unnamed = self.script(
                "return Array.from(document.querySelectorAll('svg:not([aria-hidden]),select,"
                "section,article,nav,[role=region],[role=group]')).filter(e => !(e.getAttribute("
                "'aria-label') || e.getAttribute('aria-labelledby') || e.closest('label')))"
                ".map(e => e.outerHTML.slice(0, 80))")
            self.assertEqual([], unnamed)
            dangling = self.script(
                "return Array.from(document.querySelectorAll('[aria-labelledby]')).filter(e => "
                "!document.getElementById(e.getAttribute('aria-labelledby'))?.textContent.trim())"
                ".length")
            self.assertEqual(0, dangling)
            twice = self.script(
                "const ids = Array.from(document.querySelectorAll('[id]'), e => e.id);"
                "return ids.filter((id, i) => ids.indexOf(id) !== i)")
            self.assertEqual([], twice)
            levels = self.script("return Array.from(document.querySelectorAll('h1,h2,h3,h4'), "
                                 "h => Number(h.tagName[1]))")
            self.assertEqual(1, levels[0])
            self.assertEqual(1, levels.count(1))
            self.assertTrue(all(b <= a + 1 for a, b in zip(levels, levels[1:])))
            bare = self.script(
                "return Array.from(document.querySelectorAll('table')).filter(t => !t.caption || "
                "t.querySelectorAll('thead th:not([scope]), tbody th:not([scope])').length).length")
            self.assertEqual(0, bare)
            landmarks = self.script("return ['header', 'nav', 'main', 'footer'].map(name => "
                                    "document.querySelectorAll(`body > ${name}`).length)")
            self.assertEqual([1, 1, 1, 1], landmarks)
            self.assertEqual("en", self.script("return document.documentElement.lang"))

    def test_charts_have_a_text_alternative(self):
        result = self.open("screening")
        label = self.script("return document.querySelector('#answers .rates svg')"
                            ".getAttribute('aria-label')")
        question = result["questions"][0]
        groups = self.groups_of(result, question)
        rates = [group["rates"][question["metric"]] for group in groups]
        low = min(rate for rate in rates if rate is not None)
        high = max(rate for rate in rates if rate is not None)
        self.assertIn("False negative rate by age", label)
        for rate in (low, high):
            name = groups[rates.index(rate)]["group"]["age"]
            self.assertIn(f"{name}, {self.percent(rate)}".replace("\u00a0", " "), label)

    def test_verdicts_have_words_and_shapes(self):
        for name in PAGES:
            self.open(name)
            for text, shape in self.script(
                    "return Array.from(document.querySelectorAll('.verdict'), v => [v.textContent, "
                    "v.querySelector('svg.shape > *').outerHTML])"):
                self.assertIn(text, ("Within tolerance", "Exceeds tolerance",
                                     "Insufficient evidence"))
                self.assertIn("<path" if text == "Exceeds tolerance" else "<circle", shape)

    CONTRAST = """
        const channel = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
        const parse = text => text.match(/[\\d.]+/g).map(Number);
        const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
        const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
            return (x + 0.05) / (y + 0.05); };
        const ground = e => { for (; e; e = e.parentElement) {
            const c = parse(getComputedStyle(e).backgroundColor);
            if (c.length < 4 || c[3] > 0) return c; } };
        const low = [];
        for (const e of document.querySelectorAll('body *')) {
            if (e.closest('script, style, defs') || e.getClientRects().length === 0) continue;
            const style = getComputedStyle(e);
            const drawn = e.namespaceURI.endsWith('svg');
            const own = Array.from(e.childNodes).some(n => n.nodeType === 3 && n.data.trim());
            if (own) {
                const c = ratio(parse(drawn ? style.fill : style.color), ground(e));
                if (c < 4.5) low.push([e.outerHTML.slice(0, 80), c]);
            } else if (e.matches('.mark')) {
                const c = Math.max(ratio(parse(style.fill), ground(e)),
                                   ratio(parse(style.stroke), ground(e)));
                if (c < 3) low.push([e.outerHTML.slice(0, 80), c]);
            }
        }
        return low;"""

    def test_contrast(self):
        for name in ("speech", "screening"):
            for scheme in ("light", "dark"):
                self.open(name, 1440, [{"name": "prefers-color-scheme", "value": scheme}])
                self.script("document.querySelectorAll('details').forEach(d => d.open = true)")
                self.assertEqual([], self.script(self.CONTRAST), scheme)
        self.open("speech")
        self.script("document.querySelector('.sentence').style.color = '#999'")
        self.assertNotEqual([], self.script(self.CONTRAST))

    def test_everything_can_be_reached_by_keyboard(self):
        self.open("apart")
        seen = []
        for _ in range(60):
            self.browser.switch_to.active_element.send_keys(Keys.TAB)
            place = self.script("const e = document.activeElement; return e === document.body ? null "
                                ": [e.getBoundingClientRect().top + scrollY, e.textContent.slice(0, 30),"
                                "getComputedStyle(e).outlineStyle]")
            if place is None:
                break
            seen.append(place)
        self.assertIn("To the answers", seen[0][1])
        self.assertGreater(len(seen), 15)
        self.assertEqual({"solid"}, {outline for _, _, outline in seen})
        tops = [top for top, _, _ in seen[1:]]
        self.assertTrue(all(b > a - 60 for a, b in zip(tops, tops[1:])), "order of reading")

    def test_save_gives_the_very_file(self):
        for name in ("odd", "speech"):
            self.open(name)
            text = self.browser.execute_async_script(
                "const done = arguments[0]; URL.createObjectURL = blob => { blob.text().then(done); "
                "return '#'; }; HTMLAnchorElement.prototype.click = () => 0;"
                "document.getElementById('save').click();")
            self.assertEqual((FOLDER / f"{name}.json").read_text(encoding="utf-8"), text)
            named = self.script("return document.getElementById('hash').textContent")
            self.assertEqual(hashlib.sha256(text.encode()).hexdigest(), named)

    def test_forced_colours_and_zoom(self):
        self.open("screening", 1440, [{"name": "forced-colors", "value": "active"}])
        strokes = self.script("return Array.from(document.querySelectorAll("
                              "'svg text.title, svg .axis text'), t => getComputedStyle(t).stroke)")
        self.assertEqual({"none"}, set(strokes))  # a stroke of the ground's colour would eat them
        self.picture("screening-forced")
        self.command("Emulation.setEmulatedMedia", media="", features=[])
        self.command("Emulation.setDeviceMetricsOverride", width=640, height=450,
                     deviceScaleFactor=2, mobile=False)
        self.browser.get((FOLDER / "screening.html").as_uri())
        self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), 640)
        self.picture("screening-zoomed")

    @unittest.skipUnless(AXE, "EVENHAND_AXE names no axe.min.js")
    def test_axe_finds_nothing(self):
        source = pathlib.Path(AXE).read_text(encoding="utf-8")
        for name in PAGES:
            for width in WIDTHS:
                self.open(name, width)
                self.script("document.querySelectorAll('details').forEach(d => d.open = true)")
                self.command("Runtime.evaluate", expression=source)
                found = self.browser.execute_async_script(
                    "const done = arguments[0]; axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', "
                    "'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(r => done("
                    "r.violations.map(v => [v.id, v.nodes[0].html.slice(0, 100)])))")
                self.assertEqual([], found, (name, width))

    def test_says_everything_without_a_script(self):
        self.command("Emulation.setScriptExecutionDisabled", value=True)
        try:
            self.browser.get((FOLDER / "speech.html").as_uri())
            text = self.browser.find_element(By.TAG_NAME, "body").text
            text = re.sub("[\u2068\u2069]", "", text)
        finally:
            self.command("Emulation.setScriptExecutionDisabled", value=False)
        self.assertIn("percentage points", text)
        self.assertIn("arabic, ward", text)


if __name__ == "__main__":
    unittest.main()
