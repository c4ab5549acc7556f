/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/seal/key_ring.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "key_config_internal.h"

evh_status evh_key_config_sign(evh_buffer *out, const evh_key_config *config,
                               const evh_signing_key *owner)
{
    evh_status status = evh_ok();
    const size_t before = out->len;
    uint8_t signature[EVH_SIGNATURE_LEN];
    EVH_TRY(evh_key_config_encode(out, config));
    EVH_TRY(evh_sign(signature, owner, evh_key_config_label,
                     evh_view_of(out->data + before, out->len - before)));
    EVH_TRY(evh_buffer_append(out, evh_view_of(signature, sizeof signature)));
done:
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    return status;
}

typedef struct ring_entry {
    evh_key_id id;
    evh_key_config config;
    evh_hpke_secret_key *secret;
} ring_entry;

struct evh_key_ring {
    ring_entry *entries;
    size_t count;
    size_t capacity;
};

evh_status evh_key_ring_new(evh_key_ring **out)
{
    return evh_alloc(out, 1, sizeof **out, "key ring");
}

void evh_key_ring_free(evh_key_ring **ring)
{
    if (*ring == NULL)
        return;
    for (size_t i = 0; i < (*ring)->count; i++)
        evh_hpke_secret_key_free(&(*ring)->entries[i].secret);
    free((*ring)->entries);
    free(*ring);
    *ring = NULL;
}

/* Ids are public, and a ring holds the keys of a few rounds. */
static evh_status find(const evh_key_ring *ring, const evh_key_id *id, size_t *at)
{
    const evh_view wanted = evh_view_of(id->bytes, sizeof id->bytes);
    char hex[2 * 8 + 1];
    for (size_t i = 0; i < ring->count; i++) {
        if (evh_view_equal(evh_view_of(ring->entries[i].id.bytes, sizeof id->bytes), wanted)) {
            *at = i;
            return evh_ok();
        }
    }
    evh_hex_encode(hex, evh_view_of(id->bytes, 8));
    return evh_fail(EVH_ERR_KEY, "no key with the id %s...", hex);
}

/* The public half again, from the secret one, so that the two always belong together. */
static evh_status config_of(evh_key_config *out, evh_hpke_suite suite,
                            const evh_hpke_secret_key *secret)
{
    evh_hpke_secret_key *copy = NULL;
    memset(out, 0, sizeof *out);
    out->suite = suite;
    evh_status status =
        evh_hpke_key_load(&copy, &out->key, evh_view_of(secret->bytes, sizeof secret->bytes));
    evh_hpke_secret_key_free(&copy);
    return status;
}

evh_status evh_key_ring_add_take(evh_key_ring *ring, evh_key_id *id, evh_hpke_suite suite,
                                 evh_hpke_secret_key **secret)
{
    evh_status status = evh_ok();
    ring_entry entry = {0};
    size_t at = 0;
    if (id != NULL)
        memset(id, 0, sizeof *id);
    EVH_REQUIRE(ring->count < EVH_KEY_RING_KEYS_MAX, EVH_ERR_RANGE, "the key ring is full: %d keys",
                EVH_KEY_RING_KEYS_MAX);
    EVH_TRY(evh_hpke_suite_check(suite));
    EVH_TRY(config_of(&entry.config, suite, *secret));
    EVH_TRY(evh_key_config_id(&entry.id, &entry.config));
    EVH_REQUIRE(find(ring, &entry.id, &at).code != EVH_OK, EVH_ERR_KEY,
                "the key ring has this key already");
    EVH_TRY(evh_array_reserve(&ring->entries, &ring->capacity, ring->count + 1,
                              sizeof *ring->entries, "key ring"));
    entry.secret = *secret;
    *secret = NULL;
    ring->entries[ring->count++] = entry;
    if (id != NULL)
        *id = entry.id;
done:
    return status;
}

evh_status evh_key_ring_find(const evh_key_ring *ring, evh_key_config *out, const evh_key_id *id)
{
    size_t at = 0;
    memset(out, 0, sizeof *out);
    evh_status status = find(ring, id, &at);
    if (status.code == EVH_OK)
        *out = ring->entries[at].config;
    return status;
}

evh_status evh_key_ring_secret(const evh_key_ring *ring, const evh_hpke_secret_key **out,
                               const evh_key_id *id)
{
    size_t at = 0;
    evh_status status = find(ring, id, &at);
    *out = status.code == EVH_OK ? ring->entries[at].secret : NULL;
    return status;
}

evh_status evh_key_ring_remove(evh_key_ring *ring, const evh_key_id *id)
{
    size_t at = 0;
    evh_status status = find(ring, id, &at);
    if (status.code != EVH_OK)
        return status;
    evh_hpke_secret_key_free(&ring->entries[at].secret);
    ring->entries[at] = ring->entries[--ring->count];
    return status;
}

evh_status evh_key_ring_open(const evh_key_ring *ring, evh_buffer *out, evh_seal_verdict *verdict,
                             evh_view info, evh_view aad, evh_view sealed)
{
    evh_status status = evh_ok();
    evh_hpke_context context = {.info = info, .aad = aad};
    evh_sealed parts;
    size_t at = 0;
    *verdict = EVH_SEAL_REJECTED;
    EVH_TRY(evh_sealed_decode(&parts, sealed));
    EVH_TRY(find(ring, &parts.key_id, &at));
    context.suite = ring->entries[at].config.suite;
    EVH_TRY(evh_hpke_open(out, verdict, &context, ring->entries[at].secret, parts.body));
done:
    return status;
}
