/* SPDX-License-Identifier: Apache-2.0
 * seal/key_config.h: HPKE public keys with ids, signed by their owner, and messages sealed to them.
 * Source   docs/reference/keys-and-sealing.md; the idea of a key id beside each ciphertext is
 *          DAP's (draft-ietf-ppm-dap)
 * Secret   plaintexts only       Threads  values, no shared state
 * Memory   the caller's buffers  Tests    unit/seal/test_key_config.c, fuzz/ */
#ifndef EVH_SEAL_KEY_CONFIG_H
#define EVH_SEAL_KEY_CONFIG_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/rng.h"
#include "evenhand/base/status.h"
#include "evenhand/seal/hpke.h"
#include "evenhand/seal/identity.h"

enum {
    EVH_KEY_CONFIG_VERSION = 1,
    EVH_KEY_CONFIG_LEN = 1 + 2 + 2 + 2 + 2 + EVH_HPKE_KEY_LEN, /* bytes, encoded */
    EVH_KEY_ID_LEN = 32,                                       /* bytes */
    EVH_SIGNED_KEY_LEN = EVH_KEY_CONFIG_LEN + EVH_SIGNATURE_LEN,
    EVH_SEALED_OVERHEAD = EVH_KEY_ID_LEN + EVH_HPKE_OVERHEAD /* sealed minus plain, bytes */
};

typedef struct evh_key_config {
    evh_hpke_suite suite;
    evh_hpke_public_key key;
} evh_key_config;

/* SHA-256 of the encoded configuration: two different keys never share an id. */
typedef struct evh_key_id {
    uint8_t bytes[EVH_KEY_ID_LEN];
} evh_key_id;

/* Appends U8(version) | BE16 kem | BE16 kdf | BE16 aead | BE16(length of key) | key. Fails TYPE
 * unsupported suite; MEMORY. */
EVH_MUST_USE evh_status evh_key_config_encode(evh_buffer *out, const evh_key_config *config);

/* Reads exactly that.
 *   out   all zero on failure
 * Fails    LENGTH too short, or the inner length is wrong; TRAILING; TYPE unknown version or
 *          suite */
EVH_MUST_USE evh_status evh_key_config_decode(evh_key_config *out, evh_view bytes);

/* The id of a configuration. Fails TYPE unsupported suite; MEMORY; *out is then all zero. */
EVH_MUST_USE evh_status evh_key_config_id(evh_key_id *out, const evh_key_config *config);

/* Reads configuration | signature and checks the owner's signature over the configuration (label
 * "evenhand/hpke-key/1").
 *   out      the configuration, only if accepted; all zero otherwise
 *   verdict  rejected unless the signature is the owner's
 *   owner    an EVH_IDENTITY_ED25519
 * Fails    LENGTH, TRAILING, TYPE as above; MEMORY. The signature's maker is evh_key_config_sign in
 * seal/key_ring.h. */
EVH_MUST_USE evh_status evh_key_config_verify(evh_key_config *out, evh_seal_verdict *verdict,
                                              const evh_identity *owner, evh_view bytes);

/* ---- messages sealed to a key with an id ---- */

/* A sealed message, taken apart: key id | encapsulated key | ciphertext | tag. */
typedef struct evh_sealed {
    evh_key_id key_id;
    evh_view body; /* what evh_hpke_open takes */
} evh_sealed;

/* Seals to the key of a configuration.
 *   out   key id | encapsulated key | ciphertext | tag is appended; unchanged on failure
 *   info, aad, plain, rng, failures  as for evh_hpke_seal */
EVH_MUST_USE evh_status evh_seal(evh_buffer *out, const evh_key_config *to, evh_view info,
                                 evh_view aad, evh_view plain, const evh_rng *rng);

/* Takes a sealed message apart; *out borrows from bytes.
 * Fails    LENGTH shorter than EVH_SEALED_OVERHEAD; RANGE longer than a sealed message may be; *out
 *          is then empty. */
EVH_MUST_USE evh_status evh_sealed_decode(evh_sealed *out, evh_view bytes);

#endif
