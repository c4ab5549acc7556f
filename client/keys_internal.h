/* SPDX-License-Identifier: Apache-2.0
 * client/keys_internal.h: the files that keygen makes: NAME.ed25519 (secret), NAME.ed25519.pub and
 * NAME.ed25519.order (secret: it orders a unit's records). */
#ifndef EVH_CLIENT_KEYS_INTERNAL_H
#define EVH_CLIENT_KEYS_INTERNAL_H

#include "evenhand/base/rng.h"
#include "evenhand/base/secret.h"
#include "evenhand/base/status.h"
#include "evenhand/seal/signing.h"

/* Reads the ordering secret that belongs to a signing key's path. Fails KEY. */
evh_status evh_order_secret_read(evh_seed32 *out, const char *signing_key_path);

/* Gives the signing key of a path, made with its companions if there is none. It can be repeated
 * when it was interrupted, and overwrites nothing.
 *   key   cleared by the caller
 *   name  of the key; one that is there must have it
 * Fails    KEY; STORE; RNG; MEMORY */
evh_status evh_keys_ensure(evh_signing_key *key, const char *path, evh_view name,
                           const evh_rng *rng);

#endif
