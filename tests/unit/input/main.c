/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

int main(void)
{
    return run_bad_rows_tests() + run_window_tests() + run_scan_tests() + run_csv_tests();
}
