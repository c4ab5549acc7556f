/* SPDX-License-Identifier: Apache-2.0
 * One setting, many rounds: how often the intervals of an evaluation are right. */
#ifndef EVH_BENCH_COVERAGE_TRIALS_H
#define EVH_BENCH_COVERAGE_TRIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "draws.h"

typedef enum mechanism {
    MECHANISM_NONE,
    MECHANISM_LAPLACE,
    MECHANISM_GAUSSIAN,
    MECHANISM_SKELLAM
} mechanism;
enum { MECHANISMS = MECHANISM_SKELLAM + 1 };

const char *mechanism_name(mechanism of);

typedef struct setting {
    bool words; /* speakers' word error rates, else events */
    mechanism mechanism;
    uint32_t customers;
    size_t size; /* records or speakers of a group, of all customers together */
    unsigned rounds;
} setting;

/* Shares of rounds. */
typedef struct coverage {
    double shown;
    double covered; /* what is not shown covers */
} coverage;

enum { RATES = 4 };
extern const double rates_tried[RATES];

typedef struct trial_result {
    coverage rate[RATES];
    coverage equal[RATES]; /* the difference between two groups of that rate */
    coverage equal_ratio[RATES];
    coverage apart[RATES]; /* against a group of the next rate */
    coverage apart_ratio[RATES];
} trial_result;

trial_result run_trials(const setting *of, source *from);

/* Ten equal groups under questions of both forms. */
typedef struct family_result {
    double any_error; /* of all simultaneous intervals shown */
    double exceeds;   /* verdicts, of both questions together */
    double within;
} family_result;

/* shift is added to the rate of one group: 0 for none. */
family_result run_family(const setting *of, double rate, double shift, source *from);

#endif
