/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

int main(void)
{
    return run_count_tests() + run_shared_tests() + run_keys_tests() + run_look_tests();
}
