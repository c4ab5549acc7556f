/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests.h"

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "slow") == 0)
        return run_slow_distribution_tests();
    return run_sampler_tests() + run_distribution_tests() + run_independence_tests() +
           run_noise_tests() + run_mechanism_tests() + run_accounting_tests() +
           run_accounting_vector_tests() + run_calibrate_tests();
}
