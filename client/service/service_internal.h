/* SPDX-License-Identifier: Apache-2.0
 * service/service_internal.h: what the files of this module share. */
#ifndef EVH_SERVICE_INTERNAL_H
#define EVH_SERVICE_INTERNAL_H

#include "evenhand/seal/hash.h"
#include "evenhand/service/mirror.h"
#include "evenhand/service/site.h"

/* A refusal that protects privacy: what is wrong, and (in the site) what to do about it. Needs what
 * EVH_TRY needs. */
#define EVH_DEMAND(condition, site, todo, ...)                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (site)->advice = (todo);                                                               \
            status = evh_fail(EVH_ERR_PRIVACY, __VA_ARGS__);                                       \
            goto done;                                                                             \
        }                                                                                          \
    } while (0)

enum {
    EVH_MIRROR_KEY_MAX = 256,
    EVH_SERVICE_MESSAGE_MAX = 1 << 16,
    EVH_SERVICE_RESPONSE_MAX = 64 << 20, /* a result of a large plan */
    EVH_MS_PER_S = 1000
};

/* A key of the mirror's own facts: a prefix and what follows. */
typedef struct evh_mirror_key {
    uint8_t bytes[EVH_MIRROR_KEY_MAX];
    size_t len;
} evh_mirror_key;

evh_status evh_mirror_key_make(evh_mirror_key *out, const char *prefix, evh_view rest);
static inline evh_view evh_mirror_key_view(const evh_mirror_key *key)
{
    return evh_view_of(key->bytes, key->len);
}
evh_status evh_mirror_round_key(evh_mirror_key *out, const uint8_t *plan_id, uint32_t round);

/* The wall clock, never before 1970. */
uint64_t evh_site_now_ms(const evh_site *site);

/* Opens or makes the mirror, and holds it against the pinned keys. */
evh_status evh_mirror_open(evh_site *site);

#endif
