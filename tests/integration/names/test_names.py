#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every rate and disparity that `evenhand-client report --json` and result.json show, worked out again
from the records in exact fractions. Arguments: evenhand-client, evenhand-aggregator, make_result,
compas.csv."""
import csv
import json
import math
import pathlib
import sys
import tempfile
import unittest
from fractions import Fraction

import data

CLIENT, AGGREGATOR, MAKE_RESULT, COMPAS = (sys.argv.pop(1) for _ in range(4))

LOW_IS_BEST = {"error_rate", "false_positive_rate", "false_negative_rate", "false_discovery_rate",
               "false_omission_rate"}
CLARIFY = ("DPPL", "DI", "DCA", "DCR", "AD", "RD", "SD", "DAR", "DRR", "TE")


def over(above, below):
    return None if below == 0 else Fraction(above, below)


def minus(one, other):
    return None if one is None or other is None else one - other


def times(one, other):
    """one/other; nothing is a multiple of 0."""
    return None if one is None or not other else one / other


def rates_of(counts):
    tp, fp, fn, tn = counts
    n = tp + fp + fn + tn
    return {"accuracy": over(tp + tn, n), "error_rate": over(fp + fn, n),
            "selection_rate": over(tp + fp, n), "prevalence": over(tp + fn, n),
            "true_positive_rate": over(tp, tp + fn), "false_positive_rate": over(fp, fp + tn),
            "true_negative_rate": over(tn, fp + tn), "false_negative_rate": over(fn, tp + fn),
            "precision": over(tp, tp + fp), "false_discovery_rate": over(fp, tp + fp),
            "negative_predictive_value": over(tn, fn + tn),
            "false_omission_rate": over(fn, fn + tn),
            "f1_score": over(2 * tp, 2 * tp + fp + fn)}


def add(*counts):
    return [sum(column) for column in zip([0, 0, 0, 0], *counts)]


def clarify_of(a, d):
    """Clarify's measures of facet d against facet a, with its signs."""
    of_a, of_d = rates_of(a), rates_of(d)
    (tp_a, fp_a, fn_a, tn_a), (tp_d, fp_d, fn_d, tn_d) = a, d
    return {"DPPL": minus(of_a["selection_rate"], of_d["selection_rate"]),
            "DI": times(of_d["selection_rate"], of_a["selection_rate"]),
            "DCA": minus(over(tp_a + fn_a, tp_a + fp_a), over(tp_d + fn_d, tp_d + fp_d)),
            "DCR": minus(over(fp_d + tn_d, fn_d + tn_d), over(fp_a + tn_a, fn_a + tn_a)),
            "AD": minus(of_a["accuracy"], of_d["accuracy"]),
            "RD": minus(of_a["true_positive_rate"], of_d["true_positive_rate"]),
            "SD": minus(of_d["true_negative_rate"], of_a["true_negative_rate"]),
            "DAR": minus(of_a["precision"], of_d["precision"]),
            "DRR": minus(of_d["negative_predictive_value"], of_a["negative_predictive_value"]),
            "TE": minus(over(fn_d, fp_d), over(fn_a, fp_a))}


def entropy_of(selected):
    """Generalised entropy, alpha 2, of the benefits of all records."""
    benefits = [answer - truth + 1 for _, truth, answer in selected]
    if not sum(benefits):
        return None
    mean = Fraction(sum(benefits), len(benefits))
    return sum((benefit / mean) ** 2 - 1 for benefit in benefits) / (2 * len(benefits))


def conditional_of(selected, facet, at):
    """Conditional demographic disparity of the facet; the stratum is attribute number `at`."""
    total = Fraction(0)
    for stratum in {group[at] for group, _, _ in selected}:
        shares = []
        records = [(group, answer) for group, _, answer in selected if group[at] == stratum]
        for wanted in (0, 1):
            of_all = [group for group, answer in records if answer == wanted]
            of_d = sum(group[:at] + group[at + 1:] == facet for group in of_all)
            shares.append(over(of_d, len(of_all)) or Fraction(0))
        total += len(records) * (shares[0] - shares[1])
    return over(total, len(selected)) if selected else None


def fairlearn_of(counts):
    """The eight measures, of the counts of declared groups."""
    spreads = {}
    for rate in ("selection_rate", "true_positive_rate", "false_positive_rate"):
        values = [rates_of(group)[rate] for group in counts]
        values = [value for value in values if value is not None]
        spreads[rate] = ((max(values) - min(values), times(min(values), max(values)))
                         if values else (None, None))
    out = {}
    for index, kind in enumerate(("difference", "ratio")):
        selection, true, false = (spreads[rate][index] for rate in (
            "selection_rate", "true_positive_rate", "false_positive_rate"))
        both = true is not None and false is not None
        worse = (max, min)[index]
        out[f"demographic_parity_{kind}"] = selection
        out[f"equal_opportunity_{kind}"] = true
        out[f"equalized_odds_{kind}"] = worse(true, false) if both else None
        out[f"average_odds_{kind}"] = (true + false) / 2 if both else None
    return out


class Names(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.programs = data.Programs(CLIENT, AGGREGATOR, MAKE_RESULT, temporary.name)
        cls.sets = [(name, records, cls.programs.local(records),
                     cls.programs.published(records)[1])
                    for name, records in data.every_set(COMPAS)]

    def same(self, told, expected, what):
        value = told["value"] if isinstance(told, dict) else told
        if expected is None:
            self.assertIsNone(value, what)
            return
        self.assertIsNotNone(value, what)
        self.assertTrue(math.isclose(value, expected, rel_tol=1e-12, abs_tol=1e-14),
                        f"{what}: {value}, not {float(expected)}")
        if isinstance(told, dict) and told.get("low") is not None and told.get("high") is not None:
            self.assertLessEqual(told["low"], told["high"], what)

    def documents(self):
        for name, records, local, published in self.sets:
            yield name, records, local
            yield name + ", published", records, published

    def test_named(self):
        for name, records, document in self.documents():
            with self.subTest(name):
                self.assertTrue(document["named"])
                for entry, part, model, positive in data.parts_of(document):
                    self.check_named(records, document, entry, (part, model, positive))

    def check_named(self, records, document, entry, about):
        part, model, positive = about
        selected = records.select(part, model, positive or "1")
        counts = records.counts(part, model, positive or "1")
        groups = data.declared(document, part)
        expected = fairlearn_of([counts[group] for group in groups])
        self.assertEqual(list(expected), [
            name for kind in ("difference", "ratio") for name in entry["fairlearn"]
            if name.endswith(kind)])
        for name, value in expected.items():
            self.same(entry["fairlearn"][name], value, f"{about} {name}")
        facets = {tuple(facet["group"].values()): facet for facet in entry["clarify"]["facets"]}
        self.assertEqual(groups, list(facets))
        for group, facet in facets.items():
            rest = add(*(count for other, count in counts.items() if other != group))
            for name, value in clarify_of(rest, counts[group]).items():
                self.same(facet[name], value, f"{about} {group} {name}")
        self.same(entry["clarify"]["GE"], entropy_of(selected), f"{about} GE")
        for told in entry["clarify"]["CDDPL"]:
            at = part.index(told["stratum"])
            facet = tuple(told["group"].values())
            self.same(told, conditional_of(selected, facet, at), f"{about} {facet} CDDPL")
        self.assertEqual(len(entry["clarify"]["CDDPL"]), 0 if len(part) == 1 else
                         sum(len({group[i] for group in groups}) for i in range(2)))

    def test_group_disparities(self):
        for name, records, document in self.documents():
            with self.subTest(name):
                for group in document["groups"]:
                    self.check_group(records, document, group)

    def check_group(self, records, document, told):
        """Rates and disparities of one group, from the counts of all groups beside it."""
        part, model = tuple(told["release"]), told.get("model")
        spreads = {spread["metric"]: spread for spread in document["disparities"]
                   if tuple(spread["release"]) == part and spread.get("model") == model}
        for positive in records.classes or ["1"]:
            counts = records.counts(part, model, positive)
            first_model = (records.models or [None])[0]
            group = tuple(told["group"].values())
            own = rates_of(counts[group])
            rest = rates_of(add(*(count for other, count in counts.items() if other != group)))
            first = rates_of(records.counts(part, first_model, positive)[group])
            for rate, value in own.items():
                name = f"{rate}:{positive}" if records.classes else rate
                if name not in told["rates"]:
                    self.assertIn(rate, ("accuracy", "error_rate"))  # of all classes together
                    continue
                self.same(told["rates"][name], value, f"{told['group']} {name}")
                against = told["disparities"][name]
                if value is None or not part:
                    self.assertFalse(any(against[key] for key in ("rest", "best", "reference")))
                    continue
                others = {"rest": rest[rate]}
                for key in ("best", "reference"):
                    chosen = spreads[name][key]
                    if chosen is None or chosen == told["group"]:
                        self.assertIsNone(against[key])
                    else:
                        others[key] = rates_of(counts[tuple(chosen.values())])[rate]
                if "first_model" in against and model != records.models[0]:
                    others["first_model"] = first[rate]
                for key, other in others.items():
                    what = f"{told['group']} {name} against {key}"
                    self.same(against[key]["difference"], minus(value, other), what)
                    self.same(against[key]["ratio"], times(value, other), what)

    def test_spreads(self):
        for name, records, document in self.documents():
            with self.subTest(name):
                for spread in document["disparities"]:
                    self.check_spread(records, document, spread)

    def check_spread(self, records, document, spread):
        part = tuple(spread["release"])
        rates = {tuple(group["group"].values()): group["rates"][spread["metric"]]
                 for group in document["groups"] if tuple(group["release"]) == part and
                 group.get("model") == spread.get("model")}
        rates = {group: rates[group] for group in data.declared(document, part)
                 if rates[group] is not None}
        self.assertEqual(len(rates), spread["compared"])
        if not rates:
            return
        of_group = lambda key: rates[tuple(spread[key].values())]  # noqa: E731
        self.assertEqual(max(rates.values()), of_group("largest"))
        self.assertEqual(min(rates.values()), of_group("smallest"))
        rate = spread["metric"].split(":")[0]
        self.assertEqual((min if rate in LOW_IS_BEST else max)(rates.values()), of_group("best"))
        if rate in ("selection_rate", "prevalence"):
            self.assertIsNone(spread["worst"])
        else:
            self.assertEqual((max if rate in LOW_IS_BEST else min)(rates.values()),
                             of_group("worst"))
        if spread["reference"] is not None and not records.classes:
            reference = {"race": "Caucasian"}
            if records.models:
                reference = {"area": "north" if rate == "accuracy" else "south"}
            self.assertEqual(reference, spread["reference"])

    def test_propublica(self):
        if not pathlib.Path(COMPAS).exists():
            self.skipTest("compas.csv is not there")
        for document in self.sets[-1][2:]:
            rates = {group["group"]["race"]: group["rates"] for group in document["groups"]
                     if group["release"] == ["race"]}
            self.assertEqual(805 / 1795, rates["African-American"]["false_positive_rate"])
            self.assertEqual(532 / 1901, rates["African-American"]["false_negative_rate"])
            self.assertEqual(349 / 1488, rates["Caucasian"]["false_positive_rate"])
            self.assertEqual(461 / 966, rates["Caucasian"]["false_negative_rate"])

    def test_both_say_the_same(self):
        """One code for local and global: what is not about the round is the same."""
        for name, _, local, published in self.sets:
            for member in ("named", "disparities", "metrics", "questions", "statistics"):
                self.assertEqual(local[member], published[member], name)
            for mine, theirs in zip(local["groups"], published["groups"], strict=True):
                self.assertEqual(mine["cells"], theirs["released"])
                for member in ("release", "group", "rates", "findings", "disparities"):
                    self.assertEqual(mine[member], theirs[member])

    def test_table_and_page(self):
        """CSV, card, page and text tell the same numbers; no cell of the table is a formula."""
        records = data.invented(0)
        path, document = self.programs.published(records)
        table, page, card = (self.programs.folder / name for name in ("t.csv", "p.html", "c.md"))
        text = self.programs.run(AGGREGATOR, "round", "report", path, "--csv", table, "--html", page,
                                 "--card", card)
        with table.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            for key, field in row.items():
                self.assertNotIn(field[:1], set("=@\t\r") | (set("+-") if key == "area" else set()))
        areas = {plain(row["area"]) for row in rows} - {""}
        self.assertEqual(areas, {"north", "=east", "south", "'-west", "nobody", "_other",
                                 "_missing"})
        of_table = {(row["release"], row["model"], plain(row["area"]), row["age"], row["metric"]):
                    row for row in rows}
        self.assertEqual(len(of_table), len(rows))
        parity = document["named"][2]["fairlearn"]["demographic_parity_difference"]
        row = of_table["area", "old", "", "", "demographic_parity_difference"]
        self.assertEqual(parity["value"], float(row["value"]))
        self.assertEqual(parity["high"], float(row["pointwise_high"]))
        self.assertEqual(parity["corrected"], float(row["corrected"]))
        facet = document["named"][2]["clarify"]["facets"][1]
        row = of_table["area", "old", "=east", "", "DPPL"]
        self.assertEqual(facet["DPPL"]["value"], float(row["value"]))
        self.assertEqual(facet["RD"], {"value": None, "withheld": "undefined"})
        self.assertEqual("undefined", of_table["area", "old", "=east", "", "RD"]["withheld"])
        conditional = next(one for one in document["named"][0]["clarify"]["CDDPL"]
                           if one["stratum"] == "age" and one["group"] == {"area": "north"})
        row = of_table["area+age", "old", "north", "", "CDDPL"]
        self.assertEqual(conditional["value"], float(row["value"]))
        group = next(group for group in document["groups"] if group["release"] == ["area"] and
                     group["group"] == {"area": "north"} and group["model"] == "new")
        row = of_table["area", "new", "north", "", "accuracy"]
        for against in ("rest", "first_model"):
            for measure in ("difference", "ratio"):
                told = group["disparities"]["accuracy"][against][measure]
                for key, suffix in (("value", ""), ("low", "_low"), ("high", "_high")):
                    self.assertEqual(told[key], float(row[f"{against}_{measure}{suffix}"]))
        for form in (text, page.read_text(encoding="utf-8")):
            self.assertIn(f"{parity['value']:.4f}", form)
        self.assertIn(f"| demographic\\_parity\\_difference | {parity['value']:.4f} |",
                      card.read_text(encoding="utf-8"))

    def test_analysis_of_classes(self):
        path, _ = self.programs.published(data.animals(0))
        out = self.programs.folder / "classes.json"
        with self.assertRaises(data.subprocess.CalledProcessError) as caught:
            self.programs.run(AGGREGATOR, "round", "report", path, "--analysis", out)
        self.assertIn("for binary plans, and this one is multiclass", caught.exception.stderr)
        self.assertFalse(out.exists())

    def test_analysis_equals_named(self):
        path, document = self.programs.published(data.invented(1))
        out = self.programs.folder / "analysis.json"
        self.programs.run(AGGREGATOR, "round", "report", path, "--analysis", out, "--model", "new")
        metrics = json.loads(out.read_text(encoding="utf-8"))["post_training_bias_metrics"]
        self.assertEqual("1", metrics["label_value_or_threshold"])
        for entry, part, model, _ in data.parts_of(document):
            if model != "new" or len(part) != 1:
                continue
            facets = metrics["facets"][part[0]]
            self.assertEqual([facet["value_or_threshold"] for facet in facets],
                             [facet["group"][part[0]] for facet in entry["clarify"]["facets"]])
            for facet, named in zip(facets, entry["clarify"]["facets"]):
                values = {metric["name"]: metric["value"] for metric in facet["metrics"]}
                for name in CLARIFY:
                    self.assertEqual(named[name]["value"], values[name])
                self.assertEqual(entry["clarify"]["GE"]["value"], values["GE"])
                self.assertIn("CDDPL", values)
                self.assertEqual({"name", "description", "value", "interval"},
                                 set(facet["metrics"][0]))


def plain(text):
    """A text of the table as it was: docs/reference/result.md, "Other forms"."""
    return text[1:] if text.startswith("'") and text.lstrip("'")[:1] in set("=+-@\t\r\n") else text


if __name__ == "__main__":
    unittest.main()
