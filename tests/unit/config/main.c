/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

int main(void)
{
    return run_config_tests() + run_config_mistakes_tests();
}
