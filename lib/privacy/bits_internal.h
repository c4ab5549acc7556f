/* SPDX-License-Identifier: Apache-2.0
 * bits_internal.h: one fair bit inline, and how a sampler gives up. */
#ifndef EVH_PRIVACY_BITS_INTERNAL_H
#define EVH_PRIVACY_BITS_INTERNAL_H

#include "evenhand/privacy/sampler.h"

/* No loop of a sampler goes round more often than this. After the first, each round ends its loop,
 * or each of the at most 2^26 pieces in it, with probability at least 0.3: a fair source gets here
 * with probability below 2^26 * 0.7^4095 < 2^-2000. A broken one must not hang the client, nor may
 * it produce noise. Stopping gives no output at all, so what is output has the exact distribution
 * up to that probability. */
enum { EVH_SAMPLER_ROUNDS_MAX = 4096 };

/* Moves up to eight bytes of the block into the word; left is then a multiple of 8, at least 8. */
EVH_MUST_USE bool evh_bits_refill(evh_bits *bits);

/* Marks the source as one that cannot be random. Always false, for the caller to return. */
bool evh_bits_give_up(evh_bits *bits);

static inline EVH_MUST_USE bool evh_bits_next(evh_bits *bits, bool *bit)
{
    if (bits->left == 0 && !evh_bits_refill(bits))
        return false;
    *bit = (bits->word & 1) != 0;
    bits->word >>= 1;
    bits->left--;
    return true;
}

#endif
