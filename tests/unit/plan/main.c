/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

int main(void)
{
    return run_parse_tests() + run_bad_plans_tests() + run_groups_tests() + run_values_tests() +
           run_window_tests() + run_scoring_tests() + run_noise_tests() + run_canonical_tests() +
           run_population_tests() + run_outlook_tests() + run_shifts_tests();
}
