/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVH_TESTS_REPORT_RESULTS_H
#define EVH_TESTS_REPORT_RESULTS_H

#include <stdbool.h>

#include "evenhand/report/result.h"

/* Plans with noise and the populations they name. */
extern const char plan_screening[], population_screening[]; /* binary, one attribute, no window */
extern const char plan_speech[], population_speech[];       /* wer by unit, two models, windows */

typedef struct test_result {
    evh_plan *plan;
    evh_population population;
    int64_t *sums;
    evh_result_facts facts;
} test_result;

/* A round 2 with 9 customers; the sums are 0, 1, 2... times `step` less `below`. */
void test_result_make(test_result *out, const char *plan, const char *population, int64_t step,
                      int64_t below);
void test_result_clear(test_result *result);

/* Whether a text has a part; fails the test, and shows the text, when it has not. */
bool test_holds(const evh_buffer *text, const char *part);
void assert_holds(const evh_buffer *text, const char *part);

#endif
