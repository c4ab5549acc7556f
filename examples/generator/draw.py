# SPDX-License-Identifier: Apache-2.0
"""Draws that are the same with every version of Python."""
import random


class Draw:
    """Only random() is used: its sequence is promised to stay, those of choice() and shuffle()
    are not."""

    def __init__(self, seed):
        self._random = random.Random(seed).random

    def below(self, n):
        return int(self._random() * n)

    def chance(self, probability):
        return self._random() < probability

    def one_of(self, things):
        return things[self.below(len(things))]

    def weighted(self, pairs):
        """pairs: (thing, whole weight)"""
        at = self.below(sum(weight for _, weight in pairs))
        for thing, weight in pairs:
            if at < weight:
                return thing
            at -= weight
        raise AssertionError("unreachable: at is below the sum")

    def between(self, low, high):
        return low + self._random() * (high - low)
