/* SPDX-License-Identifier: Apache-2.0
 * seal/signing.h: secret identity keys and signing with them.
 * Source   RFC 8032 (Ed25519); the text form of secret keys is that of Go's sumdb/note package
 * Secret   the key, and the text form of it; timing depends on lengths only, and when a text is
 *          read on whether it is well-formed
 * Threads  a key is immutable and may be shared      Memory   keys live in locked memory
 * Tests    unit/seal/test_signing.c (RFC 8032 section 7.1), ctime/ */
#ifndef EVH_SEAL_SIGNING_H
#define EVH_SEAL_SIGNING_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/rng.h"
#include "evenhand/base/status.h"
#include "evenhand/seal/identity.h"

/* A secret key with the identity it belongs to. All zero is the empty key. */
typedef struct evh_signing_key {
    evh_identity identity;             /* public */
    struct evh_signing_secret *secret; /* locked memory; NULL when empty */
} evh_signing_key;

/* A fresh key.
 *   out   empty on failure; clear with evh_signing_key_clear
 *   type, name  as for evh_identity_make
 *   rng   borrowed, gives 32 bytes
 * Fails    as evh_identity_make; RNG; MEMORY */
EVH_MUST_USE evh_status evh_signing_key_generate(evh_signing_key *out, evh_identity_type type,
                                                 evh_view name, const evh_rng *rng);

/* Reads `PRIVATE+KEY+name+hex8(key id)+base64(type | seed)`, with or without one newline at the
 * end: the content of a secret key file.
 *   text  secret
 * Fails    LENGTH a part is missing or has the wrong length; ENCODING no such text, bad hex, bad
 *          base64 or a bad name; TYPE unknown type byte; KEY the key id does not fit; MEMORY. *out
 *          is then empty. */
EVH_MUST_USE evh_status evh_signing_key_parse(evh_signing_key *out, evh_view text);

/* Appends that text with a newline.
 *   out   holds a secret afterwards: clear it soon
 * Fails    ARG an empty key; MEMORY. out is then unchanged. */
EVH_MUST_USE evh_status evh_signing_key_format(evh_buffer *out, const evh_signing_key *key);

/* Wipes and frees; accepts an empty key, leaves it empty. */
void evh_signing_key_clear(evh_signing_key *key);

/* Signs a message in a context; see evh_verify for the bytes that are signed.
 *   signature  [EVH_SIGNATURE_LEN]; all zero on failure
 * Fails    ARG a bad label or an empty key; TYPE the key is no EVH_IDENTITY_ED25519; RANGE; MEMORY
 * Timing   depends on the lengths only */
EVH_MUST_USE evh_status evh_sign(uint8_t signature[EVH_SIGNATURE_LEN], const evh_signing_key *key,
                                 const char *label, evh_view message);

/* Signs a text as it is; see evh_verify_text. Fails ARG, RANGE. */
EVH_MUST_USE evh_status evh_sign_text(uint8_t signature[EVH_SIGNATURE_LEN],
                                      const evh_signing_key *key, evh_view text);

#endif
