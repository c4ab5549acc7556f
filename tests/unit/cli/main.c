/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

int main(void)
{
    return run_cli_tests() + run_progress_tests() + run_table_tests() + run_terminal_tests();
}
