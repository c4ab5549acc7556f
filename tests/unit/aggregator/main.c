/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"
#include "tests.h"

int main(void)
{
    return run_log_tests() + run_round_tests() + run_attack_tests();
}
