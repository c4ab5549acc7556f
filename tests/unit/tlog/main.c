/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

int main(void)
{
    return run_checkpoint_tests() + run_merkle_tests();
}
