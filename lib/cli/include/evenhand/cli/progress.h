/* SPDX-License-Identifier: Apache-2.0
 * cli/progress.h: how far a long task is: a bar on a terminal, a line per 10 seconds otherwise.
 * Threads  one thread              Tests    unit/cli/test_progress.c */
#ifndef EVH_CLI_PROGRESS_H
#define EVH_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "evenhand/base/clock.h"
#include "evenhand/cli/cli.h"

typedef struct evh_progress {
    FILE *err; /* NULL: silent */
    evh_clock clock;
    const char *what;
    uint64_t total; /* in the unit of `at`; 0: not known */
    int64_t started_ms, shown_ms;
    bool terminal, bar_shown;
} evh_progress;

/* Starts; nothing is shown yet. Silent with -q, and with --json unless standard error is a
 * terminal.
 *   what   borrowed: "reading calls.csv" */
evh_progress evh_progress_start(const evh_cli *cli, evh_clock clock, const char *what,
                                uint64_t total);

/* Shows where it is when it is time to (ten times a second on a terminal). */
void evh_progress_at(evh_progress *progress, uint64_t at);

/* Removes the bar. */
void evh_progress_end(evh_progress *progress);

#endif
