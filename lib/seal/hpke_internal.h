/* SPDX-License-Identifier: Apache-2.0
 * The parts that RFC 9180 builds HPKE from: the key encapsulation, the key schedule, the AEAD.
 * Lengths and suites were checked by the caller. */
#ifndef EVH_SEAL_HPKE_INTERNAL_H
#define EVH_SEAL_HPKE_INTERNAL_H

#include "evenhand/base/secret.h"
#include "evenhand/seal/hpke.h"

enum {
    EVH_HPKE_NONCE_LEN = 12,       /* bytes, both AEADs */
    EVH_HPKE_AEAD_KEY_LEN_MAX = 32 /* bytes */
};

/* One message's AEAD key and nonce. Made for sequence number 0, used once, wiped. */
typedef struct evh_hpke_message_key {
    uint8_t key[EVH_HPKE_AEAD_KEY_LEN_MAX];
    uint8_t nonce[EVH_HPKE_NONCE_LEN];
} evh_hpke_message_key;

/* RFC 9180 section 4: suite_id is what separates the KEM's labels from those of the whole suite. */
typedef struct evh_hpke_labels {
    uint8_t suite_id[10];
    size_t suite_id_len;
} evh_hpke_labels;

evh_hpke_labels evh_hpke_kem_labels(void);
evh_hpke_labels evh_hpke_suite_labels(evh_hpke_suite suite);
EVH_MUST_USE evh_status evh_hpke_labeled_extract(evh_seed32 *out, const evh_hpke_labels *labels,
                                                 evh_view salt, const char *label, evh_view ikm);
EVH_MUST_USE evh_status evh_hpke_labeled_expand(uint8_t *out, size_t len,
                                                const evh_hpke_labels *labels,
                                                const evh_seed32 *key, const char *label,
                                                evh_view info);

/* Section 4.1: a shared secret for a public key, and for the encapsulated key that came of it.
 * Both fail KEY when the X25519 product is all zero, and MEMORY. */
EVH_MUST_USE evh_status evh_hpke_encap(evh_seed32 *shared, uint8_t enc[EVH_HPKE_KEY_LEN],
                                       const evh_hpke_public_key *to, const evh_rng *rng);
EVH_MUST_USE evh_status evh_hpke_decap(evh_seed32 *shared, const uint8_t enc[EVH_HPKE_KEY_LEN],
                                       const evh_hpke_secret_key *secret);

/* Section 5.1, mode_base. */
EVH_MUST_USE evh_status evh_hpke_key_schedule(evh_hpke_message_key *out, evh_hpke_suite suite,
                                              const evh_seed32 *shared, evh_view info);

/* ciphertext | tag to out [plain.len + EVH_HPKE_TAG_LEN]. */
EVH_MUST_USE evh_status evh_hpke_aead_seal(uint8_t *out, uint16_t aead,
                                           const evh_hpke_message_key *key, evh_view aad,
                                           evh_view plain);

/* The plaintext to out [sealed.len - EVH_HPKE_TAG_LEN]; wiped again if the tag is wrong. */
EVH_MUST_USE evh_status evh_hpke_aead_open(uint8_t *out, evh_seal_verdict *verdict, uint16_t aead,
                                           const evh_hpke_message_key *key, evh_view aad,
                                           evh_view sealed);

/* The key length of a supported AEAD. */
size_t evh_hpke_aead_key_len(uint16_t aead);

#endif
