/* SPDX-License-Identifier: Apache-2.0
 * The groups that main.c runs, one per source file. Each returns the number of failed tests. */
#ifndef EVH_UNIT_SETUP_TESTS_H
#define EVH_UNIT_SETUP_TESTS_H

int run_deployment_tests(void);

#endif
