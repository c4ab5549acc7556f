/* SPDX-License-Identifier: Apache-2.0
 * The groups that main.c runs, one per source file. Each returns the number of failed tests. */
#ifndef EVH_UNIT_PRIVACY_TESTS_H
#define EVH_UNIT_PRIVACY_TESTS_H

int run_sampler_tests(void);
int run_distribution_tests(void);
int run_slow_distribution_tests(void);
int run_independence_tests(void);
int run_noise_tests(void);
int run_mechanism_tests(void);
int run_accounting_tests(void);
int run_accounting_vector_tests(void);
int run_calibrate_tests(void);

#endif
