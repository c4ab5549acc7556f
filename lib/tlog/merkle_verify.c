/* SPDX-License-Identifier: Apache-2.0
 * The verifying side reads nothing but its arguments: it follows RFC 9162 sections 2.1.3.2 and
 * 2.1.4.2, whose bookkeeping needs no recursion. */
#include <string.h>

#include "merkle_internal.h"

static bool same(const evh_merkle_hash *a, const evh_merkle_hash *b)
{
    return memcmp(a->bytes, b->bytes, EVH_MERKLE_HASH_LEN) == 0;
}

evh_status evh_merkle_check_inclusion(bool *holds, const evh_merkle_proof *proof, uint64_t index,
                                      uint64_t size, const evh_merkle_hash *leaf,
                                      const evh_merkle_hash *root)
{
    *holds = false;
    evh_status status = evh_ok();
    if (index >= size || proof->count > EVH_MERKLE_PROOF_MAX)
        return status;
    uint64_t f = index;
    uint64_t s = size - 1;
    evh_merkle_hash hash = *leaf;
    for (size_t i = 0; i < proof->count; i++) {
        if (s == 0)
            return status;
        if (f % 2 == 1 || f == s) {
            EVH_TRY(evh_merkle_node(&hash, &proof->hashes[i], &hash));
            while (f % 2 == 0 && f != 0) {
                f >>= 1;
                s >>= 1;
            }
        } else {
            EVH_TRY(evh_merkle_node(&hash, &hash, &proof->hashes[i]));
        }
        f >>= 1;
        s >>= 1;
    }
    *holds = s == 0 && same(&hash, root);
done:
    return status;
}

/* The general case: 0 < old_size < new_size. */
static evh_status check_growth(bool *holds, const evh_merkle_proof *proof, uint64_t old_size,
                               const evh_merkle_hash *old_root, uint64_t new_size,
                               const evh_merkle_hash *new_root)
{
    evh_status status = evh_ok();
    bool power_of_two = (old_size & (old_size - 1)) == 0;
    size_t next = 0;
    if (proof->count == 0)
        return status;
    /* A complete old tree is its own first hash. */
    evh_merkle_hash old_hash = power_of_two ? *old_root : proof->hashes[next++];
    evh_merkle_hash new_hash = old_hash;
    uint64_t f = old_size - 1;
    uint64_t s = new_size - 1;
    while (f % 2 == 1) {
        f >>= 1;
        s >>= 1;
    }
    for (; next < proof->count; next++) {
        const evh_merkle_hash *c = &proof->hashes[next];
        if (s == 0)
            return status;
        if (f % 2 == 1 || f == s) {
            EVH_TRY(evh_merkle_node(&old_hash, c, &old_hash));
            EVH_TRY(evh_merkle_node(&new_hash, c, &new_hash));
            while (f % 2 == 0 && f != 0) {
                f >>= 1;
                s >>= 1;
            }
        } else {
            EVH_TRY(evh_merkle_node(&new_hash, &new_hash, c));
        }
        f >>= 1;
        s >>= 1;
    }
    *holds = s == 0 && same(&old_hash, old_root) && same(&new_hash, new_root);
done:
    return status;
}

evh_status evh_merkle_check_consistency(bool *holds, const evh_merkle_proof *proof,
                                        uint64_t old_size, const evh_merkle_hash *old_root,
                                        uint64_t new_size, const evh_merkle_hash *new_root)
{
    *holds = false;
    if (old_size > new_size || proof->count > EVH_MERKLE_PROOF_MAX)
        return evh_ok();
    if (old_size == 0) {
        *holds = proof->count == 0;
        return evh_ok();
    }
    if (old_size == new_size) {
        *holds = proof->count == 0 && same(old_root, new_root);
        return evh_ok();
    }
    return check_growth(holds, proof, old_size, old_root, new_size, new_root);
}
