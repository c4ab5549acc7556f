# SPDX-License-Identifier: Apache-2.0
"""The same as `score_lines FILE turns`, with jiwer: one call of process_words for each turn."""

import sys
import time

import jiwer


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        pairs = [line.rstrip("\n").split("\t") for line in file]
    references, hypotheses = map(list, zip(*pairs))
    for request in sys.stdin:
        first, count = map(int, request.split())
        start = time.process_time_ns()
        jiwer.process_words(references[first:first + count], hypotheses[first:first + count])
        print(time.process_time_ns() - start, flush=True)


if __name__ == "__main__":
    main()
