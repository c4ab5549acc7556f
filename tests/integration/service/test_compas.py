#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ten sites of the COMPAS data, local discrete Laplace noise with epsilon 1: over TLS, through both
aggregators and the log, every global cell comes out within six standard deviations of the truth, and a
second round of the same records comes out otherwise."""
import collections
import csv
import math

from support import POPULATION, SETTINGS, SHARED, deployment, skip_without_shared
from service.process import run
from service.rounds import collect_result

PLAN = """version: 1
name: compas-sites
scorer: binary
binary: {positive: ["1"]}
attributes:
  - {name: race, values: [African-American, Asian, Caucasian, Hispanic, Native American, Other]}
  - {name: sex, values: [Female, Male]}
releases: [[race, sex]]
derive: [[], [race]]
privacy:
  population: defendants
  records_per_unit: 1
  cell_bits: 16
  placement: local
  mechanism: discrete-laplace
  epsilon: "1"
  delta: "0"
rounds: {count: 2, min_honest: 8, assumed_corrupt: 1, max_clients: 20}
"""
DATA = SHARED / "data" / "compas.csv"
SIX = 6.0
CELL = {("1", "1"): "tp", ("1", "0"): "fp", ("0", "1"): "fn", ("0", "0"): "tn"}


def split(folder):
    """One file per site; gives the true counts by (race, sex)."""
    truth = collections.Counter()
    rows = collections.defaultdict(list)
    with open(DATA, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["site"]].append(row)
            truth[row["race"], row["sex"], CELL[row["prediction"], row["label"]]] += 1
    for site, records in rows.items():
        with open(folder / f"{site}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["unit", "race", "sex", "prediction", "label"])
            writer.writerows([row["person"], row["race"], row["sex"], row["prediction"], row["label"]]
                             for row in records)
    return sorted(rows), truth


def check(result, truth, sites):
    """The released cells of the release, in order."""
    assert result["round"]["customers"] == len(sites), result["round"]
    released = []
    for group in result["groups"]:
        if group["release"] != ["race", "sex"]:
            continue
        key = (group["group"]["race"], group["group"]["sex"])
        for cell, value in group["released"].items():
            deviation = math.sqrt(group["noise_variance"][cell])
            assert deviation > 1, "ten customers' noise"
            assert abs(value - truth[(*key, cell)]) <= SIX * deviation, (key, cell, value)
            released.append(value)
    assert len(released) == 8 * 4 * 4, len(released)
    return released


def main():
    skip_without_shared("test_compas")
    with deployment() as service:
        work = service.folder / "work"
        work.mkdir()
        sites, truth = split(work)
        (work / "draft.yaml").write_text(PLAN, encoding="utf-8")
        (work / "population.yaml").write_text(POPULATION.format(name="defendants", epsilon="2"),
                                              encoding="utf-8")
        plan = work / "plan.yaml"
        run([service.aggregator_program, "plan", "draft", "-q", "-p", work / "draft.yaml",
             "--population", work / "population.yaml", "--out", plan])
        service.add_customers(sites)
        for site in sites:
            service.customers[site].add_settings(SETTINGS.format(
                population="defendants", epsilon="2", path=work / f"{site}.csv"))
        service.publish(plan, work / "population.yaml")
        outcomes = []
        for number in (1, 2):
            service.open_round(plan, number)
            for site in sites:
                service.customers[site].submit(plan, number)
            service.close_round(plan, number)
            result = collect_result(service, plan, number, service.customers[sites[number]],
                                    work / f"result-{number}.json")
            assert result is not None, service.status(plan, number)
            outcomes.append(check(result, truth, sites))
        assert outcomes[0] != outcomes[1], "two rounds with the same noise"
    print("ok")


if __name__ == "__main__":
    main()
