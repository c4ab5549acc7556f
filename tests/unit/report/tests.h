/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVH_TESTS_REPORT_TESTS_H
#define EVH_TESTS_REPORT_TESTS_H

int run_result_tests(void);
int run_result_read_tests(void);
int run_formats_tests(void);
int run_comparison_tests(void);

#endif
