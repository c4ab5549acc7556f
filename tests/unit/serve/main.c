/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

int main(void)
{
    return run_http_tests() + run_identify_tests() + run_intake_tests() + run_meters_tests() +
           run_methods_tests() + run_throttle_tests();
}
