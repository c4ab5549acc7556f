/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/failpoint.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void evh_failpoint_reach(const char *name)
{
    static atomic_ulong reached;
    const char *wanted = getenv("EVH_FAILPOINT");
    size_t len = strlen(name);
    unsigned long at = 1;
    if (wanted == NULL || strncmp(wanted, name, len) != 0)
        return;
    if (wanted[len] == ':')
        at = strtoul(wanted + len + 1, NULL, 10);
    else if (wanted[len] != '\0')
        return;
    if (atomic_fetch_add(&reached, 1) + 1 == at)
        (void)kill(getpid(), SIGKILL);
}
