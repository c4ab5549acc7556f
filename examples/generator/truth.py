# SPDX-License-Identifier: Apache-2.0
"""truth.json: the counts that must come out, worked out from the records by plain Python."""
import itertools
import json

SPECIAL = ["_other", "_missing"]


class Tally:
    """Counts of one customer and round.
    attributes  {name: declared values}; groupings  tuples of names; cells  names"""

    def __init__(self, attributes, groupings, cells):
        self.attributes = attributes
        self.groupings = groupings
        self.cells = cells
        self.counts = {}
        self.records = {"read": 0, "used": 0, "skipped": 0, "clipped": 0}

    def value(self, name, text):
        if text == "":
            return "_missing"
        return text if text in self.attributes[name] else "_other"

    def add(self, group, amounts):
        """group: {attribute: value} of every attribute; amounts: one for each cell"""
        for grouping in self.groupings:
            key = (grouping, tuple(group[name] for name in grouping))
            before = self.counts.get(key, [0] * len(self.cells))
            self.counts[key] = [a + b for a, b in zip(before, amounts)]

    def merge(self, other):
        for name, count in other.records.items():
            self.records[name] += count
        for key, amounts in other.counts.items():
            before = self.counts.get(key, [0] * len(self.cells))
            self.counts[key] = [a + b for a, b in zip(before, amounts)]

    def groups(self):
        for grouping in self.groupings:
            values = [self.attributes[name] + SPECIAL for name in grouping]
            for combination in itertools.product(*values):
                amounts = self.counts.get((grouping, combination), [0] * len(self.cells))
                yield {"release": list(grouping), "group": dict(zip(grouping, combination)),
                       "cells": dict(zip(self.cells, amounts))}


def write(path, example, tallies):
    """tallies: [(customer or None for all, round or None, Tally)]. One group a line."""
    parts = []
    for customer, number, tally in tallies:
        groups = ",\n".join("  " + json.dumps(group) for group in tally.groups())
        parts.append(f'{{"customer": {json.dumps(customer)}, "round": {json.dumps(number)}, '
                     f'"records": {json.dumps(tally.records)}, "groups": [\n{groups}]}}')
    body = ",\n".join(parts)
    path.write_text(f'{{"example": {json.dumps(example)}, "counts": [\n{body}]}}\n',
                    encoding="utf-8", newline="\n")
