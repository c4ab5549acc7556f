/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

int main(void)
{
    return run_task_tests() + run_report_tests() + run_batch_tests() + run_enrolment_tests() +
           run_invitation_tests() + run_result_entry_tests();
}
