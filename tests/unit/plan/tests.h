/* SPDX-License-Identifier: Apache-2.0
 * The groups that main.c runs, one per source file. Each returns the number of failed tests. */
#ifndef EVH_UNIT_PLAN_TESTS_H
#define EVH_UNIT_PLAN_TESTS_H

int run_parse_tests(void);
int run_bad_plans_tests(void);
int run_groups_tests(void);
int run_values_tests(void);
int run_window_tests(void);
int run_scoring_tests(void);
int run_noise_tests(void);
int run_canonical_tests(void);
int run_population_tests(void);
int run_outlook_tests(void);
int run_shifts_tests(void);

#endif
