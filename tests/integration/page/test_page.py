#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Result pages in headless Chromium. Arguments: the program that makes pages, and the folder for
pages and screenshots. A page must load without an error on the console and ask for nothing; its
numbers are those of result.json; charts, sorting by keyboard, print, dark and greyscale work, at 360
and at 1440 pixels."""
import base64
import json
import math
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

MAKE_PAGES, FOLDER = sys.argv.pop(1), pathlib.Path(sys.argv.pop(1))
PAGES = ("speech", "screening", "odd")
WIDTHS = (360, 1440)


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

    def test_numbers_are_those_of_the_result(self):
        for name in PAGES:
            result = self.open(name)
            lines = self.script(
                "return Array.from(document.querySelectorAll('#sums tbody tr'), line => "
                "Array.from(line.cells, cell => [cell.textContent, cell.dataset.value ?? null]))")
            self.assertEqual(len(result["groups"]), len(lines))
            asked = {question["metric"] for question in result["questions"]}
            listed = [one["name"] for one in result["metrics"] if one["name"] in asked]
            for line, group in zip(lines, result["groups"]):
                values = [cell[1] for cell in line if cell[1] is not None]
                rates = [group["rates"][metric] for metric in listed]
                for text, rate in zip(values, rates):
                    self.assertEqual(rate, float(text) if text else None)
                self.assertEqual(list(group["released"].values()),
                                 [int(text) for text in values[len(rates):]])
                shown = line[len(line) - len(values)][0]
                if rates[0] is not None:
                    self.assertEqual(f"{100 * rates[0]:.1f} %", shown.split(" %")[0] + " %")
            for i, question in enumerate(result["questions"]):
                said = self.script("return document.querySelectorAll('.sentence')[arguments[0]]"
                                   ".textContent", i).replace("\u2068", "").replace("\u2069", "")
                verdict, statement = question["sentence"].split(": ", 1)
                self.assertEqual(f"{verdict} {statement}", said)
            self.assertNotIn(" fair", self.script("return document.body.innerText").lower())

    def test_inside_is_the_whole_result(self):
        for name in PAGES:
            result = self.open(name)
            text = self.script("return document.getElementById('result').textContent")
            self.assertEqual(result, json.loads(text))
            self.assertEqual((FOLDER / f"{name}.json").read_text(encoding="utf-8"),
                             text.replace("\\u003c", "<"))

    def test_charts_have_a_mark_for_every_group(self):
        for name in PAGES:
            for width in WIDTHS:
                result = self.open(name, width)
                for i, question in enumerate(result["questions"]):
                    groups = [group for group in result["groups"]
                              if group["release"] == question["release"]
                              and group.get("model") == question.get("model")]
                    count = ("return document.querySelectorAll(`#answers .plots[data-answer="
                             "'${arguments[0]}'] .${arguments[1]} .mark`).length")
                    self.assertEqual(len(groups), self.script(count, i, "rates"))
                    gaps = len(question["comparisons"]) if question["reference"] else 1
                    self.assertEqual(gaps, self.script(count, i, "gaps"))
                broken = self.script(
                    "return Array.from(document.querySelectorAll('svg *')).filter(e => "
                    "Array.from(e.attributes).some(a => /NaN|undefined|Infinity/.test(a.value)))"
                    ".length")
                self.assertEqual(0, broken)

    def test_hollow_where_evidence_is_insufficient(self):
        result = self.open("screening")
        self.assertIn("insufficient_evidence", [one["verdict"] for one in result["questions"]])
        fill, stroke = self.script(
            "const s = getComputedStyle(document.querySelector('.mark.insufficient_evidence'));"
            "return [s.fill, s.stroke]")
        paper = self.script("return getComputedStyle(document.documentElement).backgroundColor")
        self.assertEqual(paper, fill)
        self.assertNotEqual(fill, stroke)

    def test_marks_stand_where_the_numbers_are(self):
        result = self.open("screening")
        question = result["questions"][0]
        rates = [group["rates"][question["metric"]] for group in result["groups"]
                 if group["release"] == question["release"]]
        places = self.script(
            "return Array.from(document.querySelectorAll(\"#answers .plots[data-answer='0'] .rates "
            ".mark\"), m => m.getAttribute('transform') && "
            "Number(m.getAttribute('transform').match(/translate\\(([^,]+)/)[1]))")
        known = [(rate, place) for rate, place in zip(rates, places) if rate is not None]
        self.assertGreater(len(known), 3)
        (rate0, place0), (rate1, place1) = min(known), max(known)
        for rate, place in known:
            self.assertTrue(math.isclose(place0 + (rate - rate0) / (rate1 - rate0) *
                                         (place1 - place0), place, abs_tol=0.5))

    def test_trend_has_every_round(self):
        self.open("speech")
        self.assertEqual(3, self.script("return document.querySelectorAll('.trend .mark').length"))
        self.assertEqual(3, self.script("return document.querySelectorAll('.trend tbody tr').length"))
        self.assertIn("differ beyond chance", self.script(
            "return document.querySelector('.trend').textContent"))
        self.open("screening")
        self.assertEqual(0, self.script("return document.querySelectorAll('.trend').length"))

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
        self.script("const s = document.querySelectorAll('.choices select')[1]; s.selectedIndex = 3;"
                    "s.dispatchEvent(new Event('change'))")
        groups = [group for group in result["groups"] if group["release"] == ["sex"]]
        values = self.script("return Array.from(document.querySelectorAll('#explore tbody tr'), "
                             "line => line.cells[1].dataset.value)")
        rates = [group["rates"][result["metrics"][0]["name"]] for group in groups]
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
        self.open("screening")
        unnamed = self.script(
            "return Array.from(document.querySelectorAll('svg:not([aria-hidden]),select,meter,"
            "section,article.answer,[role=region]')).filter(e => !(e.getAttribute('aria-label') || "
            "e.getAttribute('aria-labelledby') || e.closest('label'))).map(e => e.outerHTML"
            ".slice(0, 80))")
        self.assertEqual([], unnamed)
        dangling = self.script(
            "return Array.from(document.querySelectorAll('[aria-labelledby]')).filter(e => "
            "!document.getElementById(e.getAttribute('aria-labelledby'))).length")
        self.assertEqual(0, dangling)
        self.assertEqual("en", self.script("return document.documentElement.lang"))

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
