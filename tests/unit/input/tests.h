/* SPDX-License-Identifier: Apache-2.0
 * The groups that main.c runs, one per source file. Each returns the number of failed tests. */
#ifndef EVH_UNIT_INPUT_TESTS_H
#define EVH_UNIT_INPUT_TESTS_H

int run_bad_rows_tests(void);
int run_scan_tests(void);
int run_csv_tests(void);
int run_csv_reference_tests(void);
int run_memory_tests(void);
int run_file_tests(void);
int run_manifest_tests(void);
int run_transcribe_tests(void);
int run_trn_tests(void);
int run_jsonl_tests(void);
int run_spellings_tests(void);
int run_window_tests(void);

#endif
