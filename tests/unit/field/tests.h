/* SPDX-License-Identifier: Apache-2.0
 * The groups that main.c runs, one per source file. Each returns the number of failed tests. */
#ifndef EVH_UNIT_FIELD_TESTS_H
#define EVH_UNIT_FIELD_TESTS_H

int run_field_tests(void);
int run_field64_tests(void);
int run_field128_tests(void);

#endif
