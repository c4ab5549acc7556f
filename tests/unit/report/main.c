/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

int main(void)
{
    return run_result_tests() + run_result_read_tests() + run_formats_tests() +
           run_comparison_tests();
}
