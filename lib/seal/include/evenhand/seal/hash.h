/* SPDX-License-Identifier: Apache-2.0
 * seal/hash.h: SHA-256, HKDF-SHA256 and the two keyed hashes.
 * Source   FIPS 180-4; RFC 5869; BLAKE2 (RFC 7693) keyed; SipHash-2-4 (Aumasson, Bernstein 2012)
 * Secret   keys, HKDF input and output; a hashed message may be secret too
 * Threads  one thread per object     Memory   one context per running SHA-256
 * Tests    unit/seal/test_hash.c, ctime/ (valgrind) */
#ifndef EVH_SEAL_HASH_H
#define EVH_SEAL_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/secret.h"
#include "evenhand/base/status.h"

enum {
    EVH_SHA256_LEN = 32,            /* bytes */
    EVH_HKDF_LEN_MAX = 255 * 32,    /* bytes of output, RFC 5869 section 2.3 */
    EVH_HKDF_INFO_BYTES_MAX = 1024, /* bytes of info */
    EVH_KEYED_HASH_LEN = 32         /* bytes */
};

/* ---- SHA-256 ---- */

/* Hashes one message.
 *   out  [32]; all zero on failure
 * Fails    MEMORY       Timing  depends on message.len only. */
EVH_MUST_USE evh_status evh_sha256(uint8_t out[EVH_SHA256_LEN], evh_view message);

/* Hashes parts[0] | parts[1] | ... without any separator: fixed-length parts, or an encoding that
 * says where each ends, are the caller's duty.
 *   out  [32]; all zero on failure
 * Fails    MEMORY       Timing  depends on the lengths only. */
EVH_MUST_USE evh_status evh_sha256_parts(uint8_t out[EVH_SHA256_LEN], const evh_view *parts,
                                         size_t count);

/* A running hash. All zero is the empty state: declare it {0}, then start it. */
typedef struct evh_sha256_state {
    void *context;
} evh_sha256_state;

/* Starts an empty or finished state. Fails MEMORY; the state is then empty. */
EVH_MUST_USE evh_status evh_sha256_start(evh_sha256_state *state);

/* Adds bytes to a started state. Fails ARG when it is not started. */
EVH_MUST_USE evh_status evh_sha256_update(evh_sha256_state *state, evh_view bytes);

/* Gives the hash and leaves the state empty.
 *   out  [32]; all zero on failure
 * Fails    ARG when the state is not started. */
EVH_MUST_USE evh_status evh_sha256_finish(evh_sha256_state *state, uint8_t out[EVH_SHA256_LEN]);

/* Wipes and frees; accepts an empty state, leaves it empty. */
void evh_sha256_clear(evh_sha256_state *state);

/* ---- HKDF-SHA256 ---- */

/* Extract and expand in one.
 *   out   [len], len 1..EVH_HKDF_LEN_MAX; all zero on failure; must not overlap an input
 *   salt  public or secret, may be empty (32 zero bytes then)
 *   ikm   input keying material, not empty; secret
 *   info  at most EVH_HKDF_INFO_BYTES_MAX bytes, public
 * Fails    ARG a length out of range; MEMORY       Timing  depends on the lengths only. */
EVH_MUST_USE evh_status evh_hkdf(uint8_t *out, size_t len, evh_view salt, evh_view ikm,
                                 evh_view info);

/* The two halves: a pseudorandom key from salt and ikm, and output from that key. Arguments,
 * failures and timing as for evh_hkdf. */
EVH_MUST_USE evh_status evh_hkdf_extract(evh_seed32 *out, evh_view salt, evh_view ikm);
EVH_MUST_USE evh_status evh_hkdf_expand(uint8_t *out, size_t len, const evh_seed32 *key,
                                        evh_view info);

/* ---- keyed hashes: pseudorandom functions for whoever does not know the key ---- */

/* BLAKE2b-256 with a key over a list of parts. Each part is hashed after its length, so different
 * lists never give the same input.
 *   out   [32]
 *   key   secret
 * Cannot fail.     Timing  depends on count and the lengths only. */
void evh_keyed_hash(uint8_t out[EVH_KEYED_HASH_LEN], const evh_seed32 *key, const evh_view *parts,
                    size_t count);

/* The key of evh_order_hash: one per purpose, made from a long-lived secret. */
typedef struct evh_order_key {
    uint8_t bytes[16];
} evh_order_key;

/* The order key for a list of public parts (a purpose, a plan_id, ...): the first half of
 * evh_keyed_hash. Cannot fail. */
void evh_order_key_derive(evh_order_key *out, const evh_seed32 *secret, const evh_view *parts,
                          size_t count);

/* SipHash-2-4: a fast 64-bit value that orders records in a way nobody predicts without the key.
 * Two messages may share a value: the caller breaks the tie.
 * Cannot fail.     Timing  depends on message.len only. */
uint64_t evh_order_hash(const evh_order_key *key, evh_view message);

#endif
