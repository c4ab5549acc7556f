/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

int main(void)
{
    return run_round_tests() + run_attack_tests() + run_drive_tests() + run_listing_tests() +
           run_thread_tests() + run_restored_tests() + run_memory_tests();
}
