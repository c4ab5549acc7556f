/* SPDX-License-Identifier: Apache-2.0
 * seal/key_ring.h: the owner's side of HPKE keys: signing their configurations, finding the secret
 * key of an id, opening what was sealed to it.
 * Secret   secret keys and plaintexts     Threads  one thread per ring while it changes
 * Memory   secret keys in locked memory   Tests    unit/seal/test_key_ring.c */
#ifndef EVH_SEAL_KEY_RING_H
#define EVH_SEAL_KEY_RING_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/rng.h"
#include "evenhand/base/status.h"
#include "evenhand/seal/key_config.h"
#include "evenhand/seal/signing.h"

enum { EVH_KEY_RING_KEYS_MAX = 4096 };

/* Appends configuration | signature: what evh_key_config_verify reads.
 * Fails    TYPE unsupported suite or a key that is no EVH_IDENTITY_ED25519; ARG an empty key;
 *          MEMORY. out is then unchanged. */
EVH_MUST_USE evh_status evh_key_config_sign(evh_buffer *out, const evh_key_config *config,
                                            const evh_signing_key *owner);

typedef struct evh_key_ring evh_key_ring;

/* An empty ring. Fails MEMORY; *out is then NULL. */
EVH_MUST_USE evh_status evh_key_ring_new(evh_key_ring **out);

/* Wipes every key and frees; takes the address, accepts NULL, leaves NULL. */
void evh_key_ring_free(evh_key_ring **ring);

/* Adds a key pair; the id follows from its configuration.
 *   id      of the key added; may be NULL; all zero on failure
 *   secret  taken on success: *secret is then NULL; untouched on failure
 * Fails    TYPE unsupported suite; KEY a key that is there already; RANGE the ring is full;
 *          MEMORY */
EVH_MUST_USE evh_status evh_key_ring_add_take(evh_key_ring *ring, evh_key_id *id,
                                              evh_hpke_suite suite, evh_hpke_secret_key **secret);

/* The configuration of a key. Fails KEY unknown id; *out is then all zero. */
EVH_MUST_USE evh_status evh_key_ring_find(const evh_key_ring *ring, evh_key_config *out,
                                          const evh_key_id *id);

/* The secret key of an id, for its owner to write to a file; borrowed from the ring until the key
 * is removed. Fails KEY unknown id; *out is then NULL. */
EVH_MUST_USE evh_status evh_key_ring_secret(const evh_key_ring *ring,
                                            const evh_hpke_secret_key **out, const evh_key_id *id);

/* Wipes and removes one key. Fails KEY unknown id. */
EVH_MUST_USE evh_status evh_key_ring_remove(evh_key_ring *ring, const evh_key_id *id);

/* Opens a sealed message with the key that it names.
 *   out      the plaintext is appended, only if accepted; secret
 *   verdict  as for evh_hpke_open
 * Fails    KEY unknown id, or an encapsulated key of low order; LENGTH; RANGE; MEMORY */
EVH_MUST_USE evh_status evh_key_ring_open(const evh_key_ring *ring, evh_buffer *out,
                                          evh_seal_verdict *verdict, evh_view info, evh_view aad,
                                          evh_view sealed);

#endif
