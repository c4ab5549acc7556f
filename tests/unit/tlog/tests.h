/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVH_UNIT_TLOG_TESTS_H
#define EVH_UNIT_TLOG_TESTS_H

int run_checkpoint_tests(void);
int run_merkle_tests(void);

#endif
