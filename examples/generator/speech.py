# SPDX-License-Identifier: Apache-2.0
"""Dictation at twenty care providers: recordings by accent and recording condition, two months.

Known in advance: the recogniser mishears arabic accents about twice as often as english_uk, french
ones hardly more; noise makes everybody's worse. At one provider it fails for arabic accents on the
ward."""
import csv

from .align import word_errors
from .draw import Draw
from .truth import Tally, write
from .words import hear, say

SEED = 20261001
ATTRIBUTES = {"accent": ["arabic", "english_uk", "french"], "noise": ["quiet", "street", "ward"]}
GROUPINGS = [("accent", "noise"), (), ("accent",), ("noise",)]
CELLS = ["units", "rate_sum", "rate_squared_sum"]

# Speakers at each customer: from a practice to a large hospital.
SPEAKERS = {
    "alder": 1900, "ash": 1450, "beech": 1200, "birch": 980, "cedar": 860, "cherry": 760,
    "elm": 680, "fir": 600, "hazel": 540, "holly": 480, "juniper": 420, "larch": 370,
    "lime": 320, "maple": 280, "oak": 240, "pine": 200, "poplar": 160, "rowan": 620,
    "willow": 80, "yew": 40,
}
MONTHS = [(2026, 10, 31), (2026, 11, 30)]
ACCENTS = [("english_uk", 44), ("arabic", 28), ("french", 28)]
NOISES = [("quiet", 50), ("street", 20), ("ward", 30)]
ERROR_RATE = {"english_uk": 0.06, "arabic": 0.14, "french": 0.07, "welsh": 0.08, "": 0.08}
HARDER = {"quiet": 1.0, "street": 1.3, "ward": 1.6}
FAILURE = ("rowan", "arabic", "ward")
FAILURE_RATE = 0.6
RECORDINGS_MAX = 5  # records_per_unit of the plan: nobody is clipped
UNLISTED_FROM = 500  # customers with as many speakers also have some whose accent is not listed


def make_speaker(draw, customer, number):
    accent, noise = draw.weighted(ACCENTS), draw.weighted(NOISES)
    odd = draw.below(1000)
    if odd < 8:
        accent = ""
    elif odd < 14 and SPEAKERS[customer] >= UNLISTED_FROM:
        accent = "welsh"
    rate = ERROR_RATE[accent] * HARDER[noise] * draw.between(0.5, 1.5)
    if (customer, accent, noise) == FAILURE:
        rate = FAILURE_RATE
    return {"unit": f"{customer}-{number:04d}", "accent": accent, "noise": noise, "rate": rate}


def make_recordings(draw, speaker, month):
    """Rows of one speaker and month."""
    year, number, days = month
    if draw.chance(0.15):  # not every speaker dictates every month
        return
    for _ in range(1 + draw.below(RECORDINGS_MAX)):
        time = (f"{year}-{number:02d}-{1 + draw.below(days):02d}T{6 + draw.below(16):02d}:"
                f"{draw.below(60):02d}:{draw.below(60):02d}Z")
        words = say(draw)
        heard = hear(draw, words, speaker["rate"])
        if draw.chance(0.002):
            words = []  # nobody wrote down what was said: such a record is skipped
        yield [speaker["unit"], time, speaker["accent"], speaker["noise"], " ".join(words),
               " ".join(heard)]


def count(rows, month):
    """The tally of one customer and month, from the rows alone."""
    tally = Tally(ATTRIBUTES, GROUPINGS, CELLS)
    pooled = {}
    prefix = f"{month[0]}-{month[1]:02d}-"
    for unit, time, accent, noise, reference, hypothesis in rows:
        tally.records["read"] += 1
        if not time.startswith(prefix) or reference == "":
            tally.records["skipped"] += 1
            continue
        tally.records["used"] += 1
        key = (unit, tally.value("accent", accent), tally.value("noise", noise))
        words, errors = pooled.get(key, (0, 0))
        reference = reference.split(" ")
        hypothesis = hypothesis.split(" ") if hypothesis else []
        pooled[key] = words + len(reference), errors + word_errors(reference, hypothesis)
    for (_, accent, noise), (words, errors) in pooled.items():
        rate = min(100, (200 * errors + words) // (2 * words))  # of 100, rounded half up
        tally.add({"accent": accent, "noise": noise}, [1, rate, (rate * rate + 50) // 100])
    return tally


def make_customer(draw, customer):
    rows = []
    for number in range(1, SPEAKERS[customer] + 1):
        speaker = make_speaker(draw, customer, number)
        for month in MONTHS:
            rows += make_recordings(draw, speaker, month)
    return rows


def generate(out):
    draw = Draw(SEED)
    tallies = []
    totals = [Tally(ATTRIBUTES, GROUPINGS, CELLS) for _ in MONTHS]
    for customer in SPEAKERS:
        rows = make_customer(draw, customer)
        path = out / "customers" / f"{customer}.csv"
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["unit", "time", "accent", "noise", "reference", "hypothesis"])
            writer.writerows(rows)
        for index, month in enumerate(MONTHS):
            tally = count(rows, month)
            totals[index].merge(tally)
            tallies.append((customer, index + 1, tally))
    tallies += [(None, index + 1, total) for index, total in enumerate(totals)]
    write(out / "truth.json", "speech", tallies)
