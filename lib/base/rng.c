/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/rng.h"

#include <sodium.h>

#include "evenhand/base/secret.h"

/* randombytes_buf reads getrandom(2) and aborts the process when it cannot: it never returns weak
 * bytes. sodium_init, which is idempotent, is where a missing source shows up as a status. */
static evh_status os_fill(void *context, uint8_t *out, size_t len)
{
    (void)context;
    evh_status status = evh_base_start();
    if (status.code == EVH_OK)
        randombytes_buf(out, len);
    return status;
}

evh_rng evh_rng_os(void)
{
    evh_rng rng = {.fill = os_fill, .context = NULL};
    return rng;
}

evh_status evh_rng_fill(const evh_rng *rng, uint8_t *out, size_t len)
{
    if (len == 0)
        return evh_ok();
    evh_status status = rng->fill(rng->context, out, len);
    if (status.code != EVH_OK)
        evh_wipe(out, len);
    return status;
}
