/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/secret.h"

#include <sodium.h>
#include <string.h>
#include <sys/resource.h>

#ifdef EVH_CTIME
#include <valgrind/memcheck.h>
#endif

evh_status evh_base_start(void)
{
    if (sodium_init() < 0)
        return evh_fail(EVH_ERR_RNG, "libsodium cannot start: no entropy source");
    return evh_ok();
}

evh_status evh_forbid_core_dumps(void)
{
    struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        return evh_fail(EVH_ERR_STORE, "cannot forbid core dumps (setrlimit RLIMIT_CORE)");
    return evh_ok();
}

void evh_wipe(void *memory, size_t len)
{
    if (len > 0)
        sodium_memzero(memory, len);
}

evh_status evh_secret_new(void *out, size_t count, size_t size)
{
    void *memory = NULL;
    memcpy(out, &memory, sizeof memory);
    evh_status status = evh_base_start();
    if (status.code != EVH_OK)
        return status;
    memory = sodium_allocarray(count == 0 ? 1 : count, size);
    memcpy(out, &memory, sizeof memory);
    if (memory == NULL)
        return evh_fail(EVH_ERR_MEMORY,
                        "no locked memory for %zu x %zu bytes (see ulimit -l, RLIMIT_MEMLOCK)",
                        count, size);
    /* sodium_malloc fills with a pattern, not with zeros. */
    memset(memory, 0, (count == 0 ? 1 : count) * size);
    return evh_ok();
}

void evh_secret_free(void *address_of_pointer)
{
    void *memory = NULL;
    memcpy(&memory, address_of_pointer, sizeof memory);
    sodium_free(memory);
    memory = NULL;
    memcpy(address_of_pointer, &memory, sizeof memory);
}

bool evh_equal_ct(const void *a, const void *b, size_t len)
{
    return len == 0 || sodium_memcmp(a, b, len) == 0;
}

void evh_declassify(const void *memory, size_t len, const char *reason)
{
    (void)reason;
#ifdef EVH_CTIME
    (void)VALGRIND_MAKE_MEM_DEFINED(memory, len);
#else
    (void)memory;
    (void)len;
#endif
}

void evh_mark_secret(const void *memory, size_t len)
{
#ifdef EVH_CTIME
    (void)VALGRIND_MAKE_MEM_UNDEFINED(memory, len);
#else
    (void)memory;
    (void)len;
#endif
}
