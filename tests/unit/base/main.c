/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

int main(void)
{
    return run_address_tests() + run_status_tests() + run_bytes_tests() + run_utf8_tests() +
           run_decimal_tests() + run_sizes_tests() + run_secret_tests() + run_rng_tests() +
           run_clock_tests() + run_log_tests() + run_allocation_tests() + run_failpoint_tests();
}
