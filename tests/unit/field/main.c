/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

int main(void)
{
    return run_field_tests() + run_field64_tests() + run_field128_tests();
}
