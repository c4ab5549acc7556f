/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>

#include "tests.h"

int main(void)
{
    /* Tests of a full disk set a limit on the size of files, whose signal would end the process. */
    (void)signal(SIGXFSZ, SIG_IGN);
    return run_settings_tests() + run_introduction_tests() + run_vault_tests() +
           run_deployment_tests() + run_backup_tests() + run_keys_tests();
}
