#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Intervals of rates, computed a second time (usage: PROGRAM).

Written from docs/reference/metrics.md ("One rate") and noise.md alone, with the standard library: no
line of it follows the C code, and ends are found in another way (by trying out a grid and then halving).
"""

import math
import random
import subprocess
import sys

Z = 1.959963984540054
TOLERANCE = 1e-7
GRID = 400
CASES = 1
CELLS = ("tp", "fp", "fn", "tn")

# numerator and denominator of each rate; F1 by way of J
RATES = {
    "accuracy": ("tp tn", "tp fp fn tn"),
    "error_rate": ("fp fn", "tp fp fn tn"),
    "selection_rate": ("tp fp", "tp fp fn tn"),
    "prevalence": ("tp fn", "tp fp fn tn"),
    "true_positive_rate": ("tp", "tp fn"),
    "false_positive_rate": ("fp", "fp tn"),
    "true_negative_rate": ("tn", "fp tn"),
    "false_negative_rate": ("fn", "tp fn"),
    "precision": ("tp", "tp fp"),
    "false_discovery_rate": ("fp", "tp fp"),
    "negative_predictive_value": ("tn", "fn tn"),
    "false_omission_rate": ("fn", "fn tn"),
    "f1_score": ("tp", "tp fp fn"),
}


def upper_tail(y):
    return math.erfc(y / math.sqrt(2)) / 2


def density(y):
    return math.exp(-y * y / 2) / math.sqrt(2 * math.pi)


def cell_noise(mechanism, parameter):
    """Variance and fourth cumulant of one draw."""
    if mechanism == "discrete-laplace":
        q = math.exp(-1 / parameter)
        return 2 * q / (1 - q) ** 2, 2 * q * (1 + 4 * q + q * q) / (1 - q) ** 4
    return (parameter, parameter) if mechanism == "skellam" else (parameter, 0.0)


class Quotient:
    """A over D, sums of cells with independent noise of one variance."""

    def __init__(self, cells, name, variance, fourth):
        above, below = (part.split() for part in RATES[name])
        self.weights = [(cell in above, cell in below) for cell in CELLS]
        self.a = sum(cells[cell] for cell in above)
        self.d = sum(cells[cell] for cell in below)
        self.n_aa = variance * len(above)
        self.n_ad = variance * len(set(above) & set(below))
        self.n_dd = variance * len(below)
        self.fourth = fourth
        self.excess = self.find_excess()

    def clear(self):
        return self.d > Z * math.sqrt(self.n_dd)

    def find_excess(self):
        if self.n_dd == 0 or not self.clear():
            return 0.0
        sd = math.sqrt(self.n_dd)
        seen = self.d / sd
        if seen > Z + 4:
            return 0.0
        low, high = 0.0, seen
        for _ in range(100):
            middle = (low + high) / 2
            if upper_tail(seen - middle) / upper_tail(Z - middle) > 0.5:
                high = middle
            else:
                low = middle
        return (seen - low) * sd

    def noise_at(self, x):
        variance = self.n_aa - 2 * x * self.n_ad + x * x * self.n_dd
        if variance < 1e-3:
            return 0.0, 0.0
        fourth = self.fourth * sum((a - x * d) ** 4 for a, d in self.weights)
        return variance, min(fourth, 6 * variance ** 2)

    def too_small(self, x):
        """Whether T(x) is too large; too_large: whether it is too small."""
        return self.rejects(x, 1)

    def too_large(self, x):
        return self.rejects(x, -1)

    def rejects(self, x, side):
        t = self.a - x * self.d
        if self.excess > 0:
            moved = self.excess * (self.n_ad - x * self.n_dd) / self.n_dd
            t = min(t, t - moved) if side > 0 else max(t, t - moved)
        noise, noise4 = self.noise_at(x)
        inside = 0 < x < 1
        s = x * (1 - x) if inside else 0.0
        d = max(self.d, 0)
        v = d * s + noise
        if v <= 0:
            return side * t > 0
        k3 = d * s * (1 - 2 * x)
        if 0 < d * s < 30 and d * s > 0.03 * v ** 1.5:
            return self.summed(x, t, side, noise, noise4) < upper_tail(Z)
        k3 /= v ** 1.5
        k4 = (d * s * (1 - 6 * s) + noise4) / v ** 2
        c = s * (self.n_ad - x * self.n_dd) / v ** 1.5
        u = min(s * s * self.n_dd / v ** 2, 1)
        z = side * Z
        q = (z - c / 2 + (k3 - 3 * c) * (z * z - 1) / 6 + k4 * z * (z * z - 3) / 24
             - k3 * k3 * z * (2 * z * z - 5) / 36 + u * z * (z * z + 1) / 8)
        return side * t > side * q * math.sqrt(v)

    def summed(self, x, t, side, noise, noise4):
        n = max(math.floor(self.d + 0.5), 1)
        total = 0.0
        reach = math.ceil(12 * math.sqrt(n * x * (1 - x))) + 20  # beyond are chances below 1e-20
        middle = round(n * x)
        for k in range(max(middle - reach, 0), min(middle + reach, n) + 1):
            log_chance = (math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
                          + k * math.log(x) + (n - k) * math.log1p(-x))
            total += math.exp(log_chance) * tail(side * (t - (k - n * x)), noise, noise4)
        return total

    def interval(self):
        if self.d == 0 and self.n_dd == 0:
            return "undefined"
        if not self.clear():
            return "unclear_denominator"
        x = self.a / self.d
        low = end(self.too_small, x, -1)
        high = end(self.too_large, x, 1)
        if low > 1 or high < 0:
            return "impossible"
        return min(max(low, 0), 1), min(max(high, 0), 1)


def tail(v, noise, noise4):
    if noise <= 0:
        # the count that was seen, but for rounding of T(x)
        return 2 / 3 if abs(v) < 1e-9 else float(v < 0)
    y = v / math.sqrt(noise)
    out = upper_tail(y) + density(y) * y * (y * y - 3) / 24 * noise4 / noise ** 2
    return min(max(out, 0), 1)


def end(rejected, x, direction):
    """The end of what is not rejected, from x in one direction, up to what is possible."""
    limit = 0.0 if direction < 0 else 1.0
    inside = x
    if direction * (limit - x) <= 0:  # the estimate is impossible already: look beyond and back
        outside = x
        while not rejected(outside) and abs(outside - x) < 1e6:
            inside, outside = outside, x + direction * (2 * abs(outside - x) or 1e-6)
        if not rejected(outside):
            return limit
    else:
        outside = None
        for i in range(1, GRID + 1):
            at = x + (limit - x) * i / GRID
            if rejected(at):
                outside = at
                break
            inside = at
        if outside is None:
            return limit
    for _ in range(100):
        middle = (inside + outside) / 2
        if rejected(middle):
            outside = middle
        else:
            inside = middle
    return inside


def ours(program, mechanism, customers, groups):
    text = "\n".join(" ".join(map(str, cells)) for cells in groups)
    done = subprocess.run([program, mechanism, str(customers)], input=text, text=True,
                          capture_output=True, check=True)
    lines = done.stdout.splitlines()
    num, den = map(int, lines[0].split())
    rows = [line.split() for line in lines[1:]]
    return num / den, [rows[i:i + len(RATES)] for i in range(0, len(rows), len(RATES))]


def compare(program, mechanism, customers, groups):
    parameter, answers = ours(program, mechanism, customers, groups)
    variance, fourth = cell_noise(mechanism, parameter)
    shown = 0
    for cells, rates in zip(groups, answers, strict=True):
        named = dict(zip(CELLS, cells))
        for name, *row in rates:
            mine = Quotient(named, name, customers * variance, customers * fourth).interval()
            if name == "f1_score" and not isinstance(mine, str):
                mine = tuple(2 * j / (1 + j) for j in mine)
            what = f"{mechanism}, {customers} customers, {cells}, {name}: {row}, here {mine}"
            if isinstance(mine, str) or len(row) == 1:
                if [mine] != row:
                    sys.exit(what)
                continue
            shown += 1
            if max(abs(float(a) - b) for a, b in zip(row, mine)) > TOLERANCE:
                sys.exit(what)
    return shown


def main():
    rng = random.Random(1)
    shown = 0
    for mechanism in ("discrete-laplace", "discrete-gaussian", "skellam"):
        for customers in (0, 1, 10, 100):
            groups = [[rng.randint(-2 if customers else 0, top) for _ in CELLS]
                      for top in (3, 20, 100, 1000, 3000) for _ in range(CASES)]
            shown += compare(sys.argv[1], mechanism, customers, groups)
    if shown < 450:
        sys.exit(f"only {shown} intervals to compare")
    print(f"{shown} intervals agree within {TOLERANCE}")


if __name__ == "__main__":
    main()
