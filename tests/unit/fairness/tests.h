/* SPDX-License-Identifier: Apache-2.0
 * The groups that main.c runs, one per source file. Each returns the number of failed tests. */
#ifndef EVH_UNIT_FAIRNESS_TESTS_H
#define EVH_UNIT_FAIRNESS_TESTS_H

#include "evenhand/fairness/estimate.h"
#include "support/test.h"

int run_compas_tests(void);
int run_evaluation_tests(void);
int run_local_tests(void);
int run_named_tests(void);
int run_spread_tests(void);
int run_estimate_tests(void);

/* The metric of that name, which must exist. */
const evh_metric *metric_of(evh_cell_layout layout, const char *name);

#endif
