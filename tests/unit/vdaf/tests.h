/* SPDX-License-Identifier: Apache-2.0
 * The groups that main.c runs, one per source file. Each returns the number of failed tests. */
#ifndef EVH_UNIT_VDAF_TESTS_H
#define EVH_UNIT_VDAF_TESTS_H

int run_xof_tests(void);
int run_flp_tests(void);
int run_prio3_tests(void);
int run_tamper_tests(void);
int run_ping_pong_tests(void);
int run_batch_tests(void);

#endif
