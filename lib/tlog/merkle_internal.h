/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVH_TLOG_MERKLE_INTERNAL_H
#define EVH_TLOG_MERKLE_INTERNAL_H

#include "evenhand/tlog/merkle.h"

/* SHA-256(0x01 | left | right); out may be one of the two. */
EVH_MUST_USE evh_status evh_merkle_node(evh_merkle_hash *out, const evh_merkle_hash *left,
                                        const evh_merkle_hash *right);

/* The largest power of two below n, for n >= 2. */
uint64_t evh_merkle_split(uint64_t n);

#endif
