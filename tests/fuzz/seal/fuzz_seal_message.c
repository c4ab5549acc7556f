/* SPDX-License-Identifier: Apache-2.0
 * Sealed messages: bytes that are no message of ours open to nothing, and the same bytes taken as a
 * plaintext come back after sealing, but not with one byte changed. */
#include <string.h>

#include "evenhand/seal/key_ring.h"
#include "support/fuzz.h"

enum { PLAIN_MAX = 4096 };

/* The ephemeral seeds repeat: the target must do the same thing for the same input. */
static evh_status fill_with_42(void *context, uint8_t *out, size_t len)
{
    (void)context;
    memset(out, 42, len);
    return evh_ok();
}

static void make_ring(evh_key_ring **ring, evh_key_config *config)
{
    static const uint8_t seed[EVH_HPKE_SEED_LEN] = {7};
    evh_hpke_secret_key *secret = NULL;
    evh_hpke_public_key public_key;
    evh_key_id id;
    evh_status status = evh_hpke_key_derive(&secret, &public_key, evh_view_of(seed, sizeof seed));
    FUZZ_CHECK(status.code == EVH_OK);
    status = evh_key_ring_new(ring);
    FUZZ_CHECK(status.code == EVH_OK);
    status = evh_key_ring_add_take(*ring, &id, evh_hpke_suite_aes128gcm(), &secret);
    FUZZ_CHECK(status.code == EVH_OK);
    status = evh_key_ring_find(*ring, config, &id);
    FUZZ_CHECK(status.code == EVH_OK);
}

static evh_seal_verdict unseal(const evh_key_ring *ring, evh_buffer *out, evh_view sealed)
{
    evh_seal_verdict verdict = EVH_SEAL_ACCEPTED;
    evh_status status = evh_key_ring_open(ring, out, &verdict, evh_view_of_text("info"),
                                          evh_view_of_text("aad"), sealed);
    FUZZ_CHECK(status.code == EVH_OK || verdict == EVH_SEAL_REJECTED);
    FUZZ_CHECK(verdict == EVH_SEAL_ACCEPTED || out->len == 0);
    return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > PLAIN_MAX)
        return 0;
    const evh_view bytes = evh_view_of(data, size);
    const evh_rng rng = {.fill = fill_with_42, .context = NULL};
    evh_key_ring *ring = NULL;
    evh_key_config config;
    evh_buffer sealed = evh_buffer_init(PLAIN_MAX + EVH_SEALED_OVERHEAD);
    evh_buffer opened = evh_buffer_init(PLAIN_MAX);
    make_ring(&ring, &config);
    (void)unseal(ring, &opened, bytes);
    evh_buffer_clear(&opened);

    evh_status status =
        evh_seal(&sealed, &config, evh_view_of_text("info"), evh_view_of_text("aad"), bytes, &rng);
    FUZZ_CHECK(status.code == EVH_OK);
    FUZZ_CHECK(unseal(ring, &opened, evh_buffer_view(&sealed)) == EVH_SEAL_ACCEPTED);
    FUZZ_CHECK(evh_view_equal(evh_buffer_view(&opened), bytes));
    evh_buffer_clear(&opened);

    sealed.data[data[0] % sealed.len] ^= 1;
    FUZZ_CHECK(unseal(ring, &opened, evh_buffer_view(&sealed)) == EVH_SEAL_REJECTED);
    evh_buffer_clear(&opened);
    evh_buffer_clear(&sealed);
    evh_key_ring_free(&ring);
    return 0;
}
