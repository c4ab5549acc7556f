# SPDX-License-Identifier: Apache-2.0
"""Word errors by the textbook: the whole table, no shortcut. docs/reference/scoring.md says which
of several cheapest alignments counts."""

SUBSTITUTION, INSERTION, DELETION = 4, 3, 3


def word_errors(reference, hypothesis):
    """Substitutions, deletions and insertions together; both texts are lists of words."""
    if reference == hypothesis:
        return 0
    table = _table(reference, hypothesis)
    i, j, errors = len(reference), len(hypothesis), 0
    while i > 0 or j > 0:
        costs = {}
        if i > 0 and j > 0:
            differ = reference[i - 1] != hypothesis[j - 1]
            costs["diagonal"] = table[i - 1][j - 1] + (SUBSTITUTION if differ else 0)
        if j > 0:
            costs["insertion"] = table[i][j - 1] + INSERTION
        if i > 0:
            costs["deletion"] = table[i - 1][j] + DELETION
        step = min(costs, key=costs.get)  # the first of equals: diagonal, insertion, deletion
        errors += step != "diagonal" or differ
        i -= step != "insertion"
        j -= step != "deletion"
    return errors


def _table(reference, hypothesis):
    row = [j * INSERTION for j in range(len(hypothesis) + 1)]
    table = [row]
    for word in reference:
        before, row = row, [row[0] + DELETION]
        for j, other in enumerate(hypothesis):
            row.append(min(before[j] + (0 if word == other else SUBSTITUTION),
                           row[j] + INSERTION, before[j + 1] + DELETION))
        table.append(row)
    return table
