/* SPDX-License-Identifier: Apache-2.0 */
#include "desk.h"

int main(void)
{
    return run_collect_tests() + run_collect_fault_tests();
}
