/* SPDX-License-Identifier: Apache-2.0
 * The groups that main.c runs, one per source file. Each returns the number of failed tests. */
#ifndef EVH_UNIT_SETUP_TESTS_H
#define EVH_UNIT_SETUP_TESTS_H

int run_backup_tests(void);
int run_deployment_tests(void);
int run_introduction_tests(void);
int run_keys_tests(void);
int run_settings_tests(void);
int run_vault_tests(void);

#endif
