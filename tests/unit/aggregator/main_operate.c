/* SPDX-License-Identifier: Apache-2.0 */
#include "operating.h"

int main(void)
{
    return run_enrolment_tests() + run_endorse_tests() + run_operator_tests();
}
