/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "tests.h"

int main(void)
{
    /* Hundreds of ledgers are made and synced: in memory where there is such a folder. */
    if (access("/dev/shm", W_OK) == 0 && setenv("TMPDIR", "/dev/shm", 0) != 0)
        return 1;
    return run_charge_tests() + run_open_tests() + run_verify_tests() + run_crash_tests() +
           run_outbox_tests();
}
