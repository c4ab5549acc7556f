/* SPDX-License-Identifier: Apache-2.0
 * seal/hpke.h: hybrid public key encryption, base mode, one message per encapsulation.
 * Source   RFC 9180, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM or ChaCha20-Poly1305
 * Secret   secret keys, plaintexts; timing depends on lengths only     Threads  no shared state
 * Memory   secret keys live in locked memory; output goes to the caller's buffer
 * Tests    unit/seal/test_hpke.c (RFC 9180 appendix A), ctime/, fuzz/, scripts/test --peers */
#ifndef EVH_SEAL_HPKE_H
#define EVH_SEAL_HPKE_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/limits.h"
#include "evenhand/base/rng.h"
#include "evenhand/base/status.h"
#include "evenhand/seal/verdict.h"

enum {
    EVH_HPKE_KEY_LEN = 32,  /* bytes of a public key, a secret key and an encapsulated key */
    EVH_HPKE_TAG_LEN = 16,  /* bytes, both AEADs */
    EVH_HPKE_SEED_LEN = 32, /* bytes of entropy that a key pair is derived from, at least */
    EVH_HPKE_OVERHEAD = EVH_HPKE_KEY_LEN + EVH_HPKE_TAG_LEN, /* sealed minus plain, bytes */
    EVH_HPKE_PLAIN_BYTES_MAX = EVH_REPORT_BYTES_MAX - EVH_HPKE_OVERHEAD,
    EVH_HPKE_CONTEXT_BYTES_MAX = 1 << 20 /* info, and aad */
};

/* Identifiers from the registries of RFC 9180 section 7. */
enum {
    EVH_HPKE_KEM_X25519_SHA256 = 0x0020,
    EVH_HPKE_KDF_SHA256 = 0x0001,
    EVH_HPKE_AEAD_AES128GCM = 0x0001,
    EVH_HPKE_AEAD_CHACHA20POLY1305 = 0x0003
};

typedef struct evh_hpke_suite {
    uint16_t kem;
    uint16_t kdf;
    uint16_t aead;
} evh_hpke_suite;

typedef struct evh_hpke_public_key {
    uint8_t bytes[EVH_HPKE_KEY_LEN];
} evh_hpke_public_key;

/* Lives in memory from this module's functions only: locked, guarded, wiped when freed. */
typedef struct evh_hpke_secret_key {
    uint8_t bytes[EVH_HPKE_KEY_LEN];
} evh_hpke_secret_key;

/* The two supported suites. */
static inline evh_hpke_suite evh_hpke_suite_aes128gcm(void)
{
    evh_hpke_suite suite = {EVH_HPKE_KEM_X25519_SHA256, EVH_HPKE_KDF_SHA256,
                            EVH_HPKE_AEAD_AES128GCM};
    return suite;
}

static inline evh_hpke_suite evh_hpke_suite_chacha20poly1305(void)
{
    evh_hpke_suite suite = {EVH_HPKE_KEM_X25519_SHA256, EVH_HPKE_KDF_SHA256,
                            EVH_HPKE_AEAD_CHACHA20POLY1305};
    return suite;
}

/* Fails TYPE unless the suite is one of the supported ones; the text names what is not. */
EVH_MUST_USE evh_status evh_hpke_suite_check(evh_hpke_suite suite);

/* ---- keys ---- */

/* A fresh key pair.
 *   secret  *secret is new locked memory, NULL on failure; free with evh_hpke_secret_key_free
 *   public_key  all zero on failure
 *   rng     borrowed, gives EVH_HPKE_SEED_LEN bytes
 * Fails    RNG; MEMORY */
EVH_MUST_USE evh_status evh_hpke_key_generate(evh_hpke_secret_key **secret,
                                              evh_hpke_public_key *public_key, const evh_rng *rng);

/* The key pair of RFC 9180 section 7.1.3 (DeriveKeyPair).
 *   seed    EVH_HPKE_SEED_LEN bytes or more, secret
 * Fails    LENGTH a shorter seed; RANGE one over EVH_HPKE_CONTEXT_BYTES_MAX; MEMORY. Outputs as
 * above. */
EVH_MUST_USE evh_status evh_hpke_key_derive(evh_hpke_secret_key **secret,
                                            evh_hpke_public_key *public_key, evh_view seed);

/* The key pair of a stored secret key.
 *   bytes   exactly EVH_HPKE_KEY_LEN bytes, secret
 * Fails    LENGTH; MEMORY. Outputs as above. */
EVH_MUST_USE evh_status evh_hpke_key_load(evh_hpke_secret_key **secret,
                                          evh_hpke_public_key *public_key, evh_view bytes);

/* Wipes and frees; takes the address, accepts NULL, leaves NULL. */
void evh_hpke_secret_key_free(evh_hpke_secret_key **secret);

/* ---- messages ---- */

/* What sender and receiver must agree on besides the key; all public. */
typedef struct evh_hpke_context {
    evh_hpke_suite suite;
    evh_view info; /* at most EVH_HPKE_CONTEXT_BYTES_MAX bytes, bound into the key */
    evh_view aad;  /* at most EVH_HPKE_CONTEXT_BYTES_MAX bytes, bound into the tag */
} evh_hpke_context;

/* Encrypts one message under a fresh encapsulation.
 *   out        encapsulated key | ciphertext | tag is appended (plain.len + EVH_HPKE_OVERHEAD
 *              bytes); unchanged on failure; must not hold what plain or context point at
 *   plain      at most EVH_HPKE_PLAIN_BYTES_MAX bytes, secret
 *   rng        borrowed, gives EVH_HPKE_SEED_LEN bytes that are used for this message only
 * Fails    TYPE unsupported suite; KEY the public key is a point of low order (all-zero shared
 *          secret); RANGE plain, info or aad too long; RNG; MEMORY
 * Cost     two X25519 products and one pass over plain */
EVH_MUST_USE evh_status evh_hpke_seal(evh_buffer *out, const evh_hpke_context *context,
                                      const evh_hpke_public_key *to, evh_view plain,
                                      const evh_rng *rng);

/* Decrypts one message.
 *   out      the plaintext is appended, only if accepted; secret; unchanged otherwise
 *   verdict  accepted if the tag is right; a wrong key, info, aad or a changed message is rejected
 *   sealed   encapsulated key | ciphertext | tag
 * Fails    TYPE unsupported suite; LENGTH too short to hold a key and a tag; KEY the encapsulated
 *          key is a point of low order; RANGE sealed, info or aad too long; MEMORY */
EVH_MUST_USE evh_status evh_hpke_open(evh_buffer *out, evh_seal_verdict *verdict,
                                      const evh_hpke_context *context,
                                      const evh_hpke_secret_key *secret, evh_view sealed);

#endif
