/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

int main(void)
{
    return run_bad_rows_tests() + run_window_tests() + run_spellings_tests() + run_scan_tests() +
           run_csv_tests() + run_jsonl_tests() + run_trn_tests() + run_transcribe_tests() +
           run_manifest_tests() + run_file_tests() + run_csv_reference_tests() + run_memory_tests();
}
