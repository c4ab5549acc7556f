/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

int main(void)
{
    return run_align_tests() + run_binary_tests() + run_bounding_tests() + run_memory_tests() +
           run_multiclass_tests() + run_normalizer_tests() + run_regression_tests() +
           run_sclite_tests() + run_text_tests() + run_wer_tests();
}
