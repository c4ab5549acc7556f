# SPDX-License-Identifier: Apache-2.0
"""A screening test at twelve clinics: who has the condition, whom the classifier flagged, by age and
sex; one record for each person.

Known in advance: it misses people of 65 and older about twice as often as others; it treats the
sexes alike."""
import csv

from .draw import Draw
from .truth import Tally, write

SEED = 20261002
EDGES = [18, 35, 50, 65, 100]
BANDS = [f"[{low},{high})" for low, high in zip(EDGES, EDGES[1:])]
ATTRIBUTES = {"age": BANDS, "sex": ["female", "male"]}
GROUPINGS = [("age", "sex"), (), ("age",), ("sex",)]
CELLS = ["tp", "fp", "fn", "tn"]
PERSONS = {
    "north": 6400, "south": 5200, "east": 4300, "west": 3600, "harbour": 3000, "hill": 2500,
    "lake": 2000, "market": 1600, "mill": 1200, "park": 900, "river": 600, "station": 300,
}
PREVALENCE = 0.4
MISSED = {BANDS[0]: 0.14, BANDS[1]: 0.14, BANDS[2]: 0.16, BANDS[3]: 0.31}
FALSE_ALARMS = 0.1


def band_of(age):
    if age == "":
        return "_missing"
    for band, low, high in zip(BANDS, EDGES, EDGES[1:]):
        if low <= int(age) < high:
            return band
    return "_other"


def make_person(draw, customer, number):
    age = str(18 + draw.below(78))
    odd = draw.below(1000)
    if odd < 5:
        age = ""
    elif odd < 8:
        age = str(100 + draw.below(4))
    sex = "" if draw.chance(0.005) else draw.one_of(ATTRIBUTES["sex"])
    ill = draw.chance(PREVALENCE)
    flagged = draw.chance(1 - MISSED.get(band_of(age), 0.16) if ill else FALSE_ALARMS)
    return [f"{customer}-{number:05d}", age, sex, "1" if ill else "0", "1" if flagged else "0"]


def count(rows):
    tally = Tally(ATTRIBUTES, GROUPINGS, CELLS)
    for _, age, sex, label, prediction in rows:
        tally.records["read"] += 1
        tally.records["used"] += 1
        outcome = {"11": "tp", "01": "fp", "10": "fn", "00": "tn"}[label + prediction]
        tally.add({"age": band_of(age), "sex": tally.value("sex", sex)},
                  [int(cell == outcome) for cell in CELLS])
    return tally


def generate(out):
    draw = Draw(SEED)
    tallies = []
    total = Tally(ATTRIBUTES, GROUPINGS, CELLS)
    for customer, persons in PERSONS.items():
        rows = [make_person(draw, customer, number) for number in range(1, persons + 1)]
        path = out / "customers" / f"{customer}.csv"
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["unit", "age", "sex", "label", "prediction"])
            writer.writerows(rows)
        tally = count(rows)
        total.merge(tally)
        tallies.append((customer, None, tally))
    tallies.append((None, None, total))
    write(out / "truth.json", "screening", tallies)
