/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

int main(void)
{
    return run_sync_tests() + run_long_tests() + run_entry_tests();
}
