/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

int main(void)
{
    return run_xof_tests() + run_flp_tests() + run_prio3_tests() + run_tamper_tests() +
           run_ping_pong_tests() + run_batch_tests();
}
