/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "bits_internal.h"
#include "evenhand/base/secret.h"

void evh_bits_init(evh_bits *bits, const evh_rng *rng, size_t block_bytes)
{
    memset(bits, 0, sizeof *bits);
    bits->rng = rng;
    bits->block_bytes = block_bytes >= 1 && block_bytes <= EVH_BITS_BLOCK_BYTES
                            ? block_bytes
                            : EVH_BITS_BLOCK_BYTES;
    bits->used = bits->block_bytes;
}

void evh_bits_clear(evh_bits *bits)
{
    evh_wipe(bits->block, sizeof bits->block);
    evh_wipe(&bits->word, sizeof bits->word);
    bits->left = 0;
    if (!bits->failed)
        bits->status = evh_fail(EVH_ERR_RNG, "this source of bits has been cleared");
    bits->failed = true;
}

evh_status evh_bits_status(const evh_bits *bits)
{
    return bits->status;
}

bool evh_bits_refill(evh_bits *bits)
{
    if (bits->failed)
        return false;
    if (bits->used == bits->block_bytes) {
        evh_status status = evh_rng_fill(bits->rng, bits->block, bits->block_bytes);
        if (status.code != EVH_OK) {
            bits->failed = true;
            bits->status = evh_fail(EVH_ERR_RNG, "noise needs randomness: %s", status.text);
            return false;
        }
        bits->used = 0;
    }
    size_t len = bits->block_bytes - bits->used;
    if (len > sizeof bits->word)
        len = sizeof bits->word;
    bits->word = 0;
    memcpy(&bits->word, bits->block + bits->used, len);
    bits->used += len;
    bits->left = (unsigned)(8 * len);
    return true;
}

bool evh_bits_give_up(evh_bits *bits)
{
    if (!bits->failed)
        bits->status = evh_fail(EVH_ERR_RNG, "the generator repeats itself: it cannot be random");
    bits->failed = true;
    bits->left = 0;
    return false;
}

bool evh_bits_take(evh_bits *bits, unsigned count, uint64_t *out)
{
    *out = 0;
    uint64_t taken = 0;
    for (unsigned got = 0; got < count;) {
        if (bits->left == 0 && !evh_bits_refill(bits))
            return false;
        unsigned some = count - got < bits->left ? count - got : bits->left;
        uint64_t mask = UINT64_MAX >> (64 - some);
        taken |= (bits->word & mask) << got;
        bits->word = some == 64 ? 0 : bits->word >> some;
        bits->left -= some;
        got += some;
    }
    *out = taken;
    return !bits->failed;
}
