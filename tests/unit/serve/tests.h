/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVH_UNIT_SERVE_TESTS_H
#define EVH_UNIT_SERVE_TESTS_H

int run_http_tests(void);
int run_identify_tests(void);
int run_intake_tests(void);
int run_meters_tests(void);
int run_methods_tests(void);
int run_throttle_tests(void);

#endif
