# SPDX-License-Identifier: Apache-2.0
"""One round of a measurement, from opening to result.json, and what is printed about it."""
import json
import math
import sys

from .deployment import UNREACHABLE

STATES_AT_THE_END = ("collected", "void")


class Progress:
    """A line that is written over on a terminal, and one line per step otherwise."""

    def __init__(self, what, total):
        self.what, self.total, self.done = what, total, 0

    def step(self):
        self.done += 1
        if sys.stderr.isatty():
            end = "\n" if self.done == self.total else ""
            print(f"\r{self.what}: {self.done} of {self.total}", end=end, file=sys.stderr, flush=True)
        elif self.done == self.total:
            print(f"{self.what}: {self.total}", file=sys.stderr)


def heading(text):
    print(f"\n== {text}", flush=True)


def collect_result(deployment, plan, number, any_customer, out):
    """Waits until the round has ended; gives the result as any customer can fetch and check it, or None
    when the round is void."""
    status = deployment.wait_for_state(plan, number, *STATES_AT_THE_END)
    if status["round"]["state"] == "void":
        return None
    # The leader has the result a moment before the helper has cosigned its entry.
    deployment.wait_for(f"the result of round {number} in the log",
                        lambda: fetch(any_customer, plan, number, out))
    return json.loads(out.read_text(encoding="utf-8"))


def fetch(customer, plan, number, out):
    customer.client("results", "-q", "-c", customer.config, "-p", plan, "-n", number, "--out", out,
                    expect=(0, UNREACHABLE))
    return out.exists()


def print_reports(rows):
    """Who was rejected and why, who sent nothing."""
    for row in rows:
        print(f"  {row['name']:14} {row['state']:10} {row.get('reason', '')}".rstrip())


def print_rates_by(result, attribute, truth=None):
    """Word error rates of a derived grouping, and what the noise may have done to each: its standard
    deviation to first order."""
    variance = noise_of(result, attribute)
    print(f"  {'':14}{'released':>10}{'noise s.d.':>12}" + (f"{'without noise':>16}" if truth else ""))
    for group in result["groups"]:
        if group["release"] != [attribute]:
            continue
        name = group["group"][attribute]
        units, rates = group["released"]["units"], group["released"]["rate_sum"]
        line = f"  {name:14}"
        if units <= 2 * math.sqrt(variance["units"]):
            line += f"{'-':>10}{'too few':>12}"
        else:
            rate = rates / units / 100
            spread = math.sqrt(variance["rate_sum"] + (100 * rate) ** 2 * variance["units"])
            line += f"{rate:>10.3f}{spread / units / 100:>12.4f}"
        if truth:
            exact = truth.get(name)
            line += f"{'-' if exact is None else f'{exact:.3f}':>16}"
        print(line)


def noise_of(result, attribute):
    """The variance of the noise in each kind of cell of a group of a derived grouping."""
    for group in result["groups"]:
        if group["release"] == [attribute]:
            return group["noise_variance"]
    raise KeyError(attribute)
