/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVH_UNIT_AGGREGATOR_TESTS_H
#define EVH_UNIT_AGGREGATOR_TESTS_H

int run_log_tests(void);

#endif
