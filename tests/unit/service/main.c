/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "fixture.h"

int main(void)
{
    /* Many stores are made and synced: in memory where there is such a folder. */
    if (access("/dev/shm", W_OK) == 0 && setenv("TMPDIR", "/dev/shm", 0) != 0)
        return 1;
    return run_mirror_tests() + run_submission_tests() + run_outbox_tests() +
           run_reconcile_tests() + run_results_tests() + run_enrol_tests();
}
