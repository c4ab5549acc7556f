/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evenhand/seal/hash.h"
#include "hpke_internal.h"

/* RFC 9180 section 4. */
static const char VERSION_LABEL[] = "HPKE-v1";

/* The longest info that a labelled expand sees is the key schedule context: mode and two hashes. */
enum {
    SCHEDULE_CONTEXT_LEN = 1 + 2 * EVH_SHA256_LEN,
    EXPAND_INFO_MAX = 2 + 7 + 10 + 16 + SCHEDULE_CONTEXT_LEN,
    MODE_BASE = 0
};

static void put_be16(uint8_t *out, uint16_t value)
{
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)(value & 0xff);
}

evh_hpke_labels evh_hpke_kem_labels(void)
{
    evh_hpke_labels labels = {.suite_id = {'K', 'E', 'M'}, .suite_id_len = 5};
    put_be16(labels.suite_id + 3, EVH_HPKE_KEM_X25519_SHA256);
    return labels;
}

evh_hpke_labels evh_hpke_suite_labels(evh_hpke_suite suite)
{
    evh_hpke_labels labels = {.suite_id = {'H', 'P', 'K', 'E'}, .suite_id_len = 10};
    put_be16(labels.suite_id + 4, suite.kem);
    put_be16(labels.suite_id + 6, suite.kdf);
    put_be16(labels.suite_id + 8, suite.aead);
    return labels;
}

static evh_status append_label(evh_buffer *buffer, const evh_hpke_labels *labels, const char *label)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_append(buffer, evh_view_of_text(VERSION_LABEL)));
    EVH_TRY(evh_buffer_append(buffer, evh_view_of(labels->suite_id, labels->suite_id_len)));
    EVH_TRY(evh_buffer_append(buffer, evh_view_of_text(label)));
done:
    return status;
}

evh_status evh_hpke_labeled_extract(evh_seed32 *out, const evh_hpke_labels *labels, evh_view salt,
                                    const char *label, evh_view ikm)
{
    evh_status status = evh_ok();
    evh_buffer labeled = evh_buffer_init(EVH_HPKE_CONTEXT_BYTES_MAX + EXPAND_INFO_MAX);
    EVH_TRY(append_label(&labeled, labels, label));
    EVH_TRY(evh_buffer_append(&labeled, ikm));
    EVH_TRY(evh_hkdf_extract(out, salt, evh_buffer_view(&labeled)));
done:
    if (status.code != EVH_OK)
        evh_wipe(out, sizeof *out);
    evh_buffer_clear(&labeled);
    return status;
}

evh_status evh_hpke_labeled_expand(uint8_t *out, size_t len, const evh_hpke_labels *labels,
                                   const evh_seed32 *key, const char *label, evh_view info)
{
    evh_status status = evh_ok();
    evh_buffer labeled = evh_buffer_init(EXPAND_INFO_MAX);
    EVH_INVARIANT(len <= UINT16_MAX);
    EVH_TRY(evh_buffer_be16(&labeled, (uint16_t)len));
    EVH_TRY(append_label(&labeled, labels, label));
    EVH_TRY(evh_buffer_append(&labeled, info));
    EVH_TRY(evh_hkdf_expand(out, len, key, evh_buffer_view(&labeled)));
done:
    if (status.code != EVH_OK)
        evh_wipe(out, len);
    evh_buffer_clear(&labeled);
    return status;
}

evh_status evh_hpke_key_schedule(evh_hpke_message_key *out, evh_hpke_suite suite,
                                 const evh_seed32 *shared, evh_view info)
{
    evh_status status = evh_ok();
    const evh_hpke_labels labels = evh_hpke_suite_labels(suite);
    const evh_view empty = evh_view_of(NULL, 0);
    evh_seed32 hash = {{0}};
    evh_seed32 secret = {{0}};
    uint8_t context[SCHEDULE_CONTEXT_LEN] = {MODE_BASE};

    memset(out, 0, sizeof *out);
    EVH_TRY(evh_hpke_labeled_extract(&hash, &labels, empty, "psk_id_hash", empty));
    memcpy(context + 1, hash.bytes, sizeof hash.bytes);
    EVH_TRY(evh_hpke_labeled_extract(&hash, &labels, empty, "info_hash", info));
    memcpy(context + 1 + EVH_SHA256_LEN, hash.bytes, sizeof hash.bytes);
    EVH_TRY(evh_hpke_labeled_extract(
        &secret, &labels, evh_view_of(shared->bytes, sizeof shared->bytes), "secret", empty));
    EVH_TRY(evh_hpke_labeled_expand(out->key, evh_hpke_aead_key_len(suite.aead), &labels, &secret,
                                    "key", evh_view_of(context, sizeof context)));
    EVH_TRY(evh_hpke_labeled_expand(out->nonce, sizeof out->nonce, &labels, &secret, "base_nonce",
                                    evh_view_of(context, sizeof context)));
done:
    if (status.code != EVH_OK)
        evh_wipe(out, sizeof *out);
    evh_wipe(&secret, sizeof secret);
    return status;
}
