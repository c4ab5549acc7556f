/* SPDX-License-Identifier: Apache-2.0
 * The groups that main.c runs, one per source file. Each returns the number of failed tests. */
#ifndef EVH_UNIT_BASE_TESTS_H
#define EVH_UNIT_BASE_TESTS_H

int run_address_tests(void);
int run_status_tests(void);
int run_bytes_tests(void);
int run_utf8_tests(void);
int run_decimal_tests(void);
int run_sizes_tests(void);
int run_secret_tests(void);
int run_rng_tests(void);
int run_clock_tests(void);
int run_failpoint_tests(void);
int run_log_tests(void);
int run_allocation_tests(void);

#endif
