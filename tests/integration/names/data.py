# SPDX-License-Identifier: Apache-2.0
"""Records, and what `evenhand-client report --json` and result.json say about them."""
import collections
import csv
import itertools
import json
import pathlib
import random
import subprocess

POPULATION = 'name: people\nunit: person\nbudget: {epsilon: "1", delta: "0"}\n'
COMPAS_PLAN = """name: compas
scorer: binary
binary: {positive: ["1"]}
attributes:
  - {name: race, values: [African-American, Caucasian, Hispanic, Other, Asian, Native American]}
  - {name: sex, values: [Female, Male]}
releases: [[race, sex]]
derive: [[], [race], [sex]]
privacy: {population: people, mechanism: none}
questions:
  - {id: fpr, metric: false_positive_rate, by: race, reference: Caucasian, tolerance: "0.05"}
"""
TWO_MODELS_PLAN = """name: invented
scorer: binary
binary: {positive: ["1"]}
models: [old, new]
attributes:
  - {name: area, values: [north, "=east", south, "'-west", nobody]}
  - {name: age, values: [young, old]}
releases: [[area, age]]
derive: [[area], [age]]
privacy: {population: people, mechanism: none}
questions:
  - {id: sel, metric: selection_rate, by: area, reference: south, measure: ratio,
     tolerance: "0.8"}
  - {id: acc, metric: accuracy, by: area, reference: north, tolerance: "0.1"}
"""
CLASSES_PLAN = """name: animals
scorer: multiclass
multiclass: {classes: [cat, dog, hen, newt]}
attributes:
  - {name: light, values: [day, dusk, night]}
  - {name: lens, values: [wide, long]}
releases: [[light, lens]]
derive: [[light], [lens]]
privacy: {population: people, mechanism: none}
questions:
  - {id: hens, metric: "precision", class: hen, by: light, tolerance: "0.1"}
"""


class Records:
    """A plan and records of it: dictionaries with attributes, label, and a prediction per model."""

    def __init__(self, plan, attributes, models, classes, rows):
        self.plan, self.attributes, self.models, self.classes = plan, attributes, models, classes
        self.rows, self.counted = rows, {}

    @staticmethod
    def known(text):
        """A value in the plan's words."""
        return {"": "_missing", "elsewhere": "_other"}.get(text, text)

    def select(self, part, model, positive):
        """Group, truth and prediction (0 or 1) of each record."""
        key = "prediction" if model is None else f"prediction_{model}"
        return [(tuple(self.known(row[name]) for name in part), int(row["label"] == positive),
                 int(row[key] == positive)) for row in self.rows]

    def counts(self, part, model, positive):
        """tp fp fn tn of each group."""
        about = part, model, positive
        if about not in self.counted:
            counts = self.counted[about] = collections.defaultdict(lambda: [0, 0, 0, 0])
            for group, truth, answer in self.select(*about):
                counts[group][[[3, 1], [2, 0]][truth][answer]] += 1
        return self.counted[about]

    def write(self, path):
        truth, answer = ("class", "predicted") if self.classes else ("label", "prediction")
        with open(path, "w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(["unit", *self.attributes, truth,
                          *(f"{answer}_{model}" for model in self.models or ())] +
                         ([] if self.models else [answer]))
            for number, row in enumerate(self.rows):
                keys = [f"prediction_{model}" for model in self.models or ()] or ["prediction"]
                out.writerow([number, *(row[name] for name in self.attributes), row["label"],
                              *(row[key] for key in keys)])


def compas(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = [{**row} for row in csv.DictReader(file)]
    return Records(COMPAS_PLAN, ["race", "sex"], None, None, rows)


def invented(seed):
    """Two models; one area without records, one without positives, one in which nobody of the other
    label is, one whose names a spreadsheet would run, and names that the plan does not know."""
    draw = random.Random(seed)
    rows = []
    for _ in range(draw.choice((40, 400))):
        area = draw.choices(["north", "=east", "south", "'-west", "elsewhere", ""],
                            [4, 2, 6, 1, 1, 1])[0]
        label = draw.choice("01")
        if area == "=east":
            label = "0"
        if area == "'-west":
            label = "1"
        wrong = str(1 - int(label))
        rows.append({"area": area, "age": draw.choice(["young", "old"]), "label": label,
                     "prediction_old": draw.choices([label, wrong], [3, 1])[0],
                     "prediction_new": draw.choices([label, wrong], [9, 1])[0]})
    return Records(TWO_MODELS_PLAN, ["area", "age"], ["old", "new"], None, rows)


def animals(seed):
    """Four classes; no newt by night, and no night with a long lens."""
    draw = random.Random(seed)
    kinds = ["cat", "dog", "hen", "newt"]
    rows = []
    for _ in range(draw.choice((60, 600))):
        light = draw.choice(["day", "dusk", "night"])
        label = draw.choice(kinds[:3] if light == "night" else kinds)
        guess = label if draw.random() < 0.7 else draw.choice(kinds)
        rows.append({"light": light, "lens": "wide" if light == "night" else
                     draw.choice(["wide", "long"]), "label": label, "prediction": guess})
    return Records(CLASSES_PLAN, ["light", "lens"], None, kinds, rows)


def every_set(compas_path):
    """Names and records; COMPAS where it is there."""
    sets = [(f"invented {seed}", invented(seed)) for seed in range(3)]
    sets += [(f"animals {seed}", animals(seed)) for seed in range(2)]
    if pathlib.Path(compas_path).exists():
        sets.append(("compas", compas(compas_path)))
    return sets


class Programs:
    def __init__(self, client, aggregator, make_result, folder):
        self.client, self.aggregator, self.make_result = client, aggregator, make_result
        self.folder = pathlib.Path(folder)

    def run(self, *command, **options):
        return subprocess.run([*map(str, command)], check=True, capture_output=True, text=True,
                              **options).stdout

    def write(self, records):
        """Files: plan, data, population."""
        paths = [self.folder / name for name in ("plan.yaml", "data.csv", "population.yaml")]
        paths[0].write_text(records.plan, encoding="utf-8")
        records.write(paths[1])
        paths[2].write_text(POPULATION, encoding="utf-8")
        return paths

    def local(self, records):
        """What the customer's own report says."""
        plan, data, _ = self.write(records)
        return json.loads(self.run(self.client, "report", "-p", plan, "--data", data, "--json"))

    def published(self, records):
        """The file of a round in which these counts are released without noise, and what it says
        when it has been read again."""
        plan, data, population = self.write(records)
        counted = json.loads(self.run(self.client, "count", "-p", plan, "--data", data, "--json"))
        # The releases come first, in the order of the cells.
        sums = [value for group in counted["groups"] for value in group["cells"].values()]
        path = self.folder / "result.json"
        path.write_text(self.run(self.make_result, plan, population,
                                 input=" ".join(map(str, sums))), encoding="utf-8")
        return path, json.loads(self.run(self.aggregator, "round", "report", "--json", path))


def parts_of(document):
    """Release, model and class of every entry of "named"."""
    for entry in document["named"]:
        yield entry, tuple(entry["release"]), entry.get("model"), entry.get("class")


def declared(document, part):
    """The groups that a release compares: neither _other nor _missing."""
    values = [[] for _ in part]
    for group in document["groups"]:
        if tuple(group["release"]) == part:
            for index, name in enumerate(part):
                value = group["group"][name]
                if value not in ("_other", "_missing") and value not in values[index]:
                    values[index].append(value)
    return list(itertools.product(*values))
