/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

int main(void)
{
    return run_diagnostics_tests() + run_document_tests() + run_read_tests();
}
