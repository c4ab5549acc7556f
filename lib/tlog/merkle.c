/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evenhand/base/sizes.h"
#include "evenhand/seal/hash.h"
#include "merkle_internal.h"

evh_status evh_merkle_leaf(evh_merkle_hash *out, evh_view entry)
{
    static const uint8_t prefix = 0x00;
    const evh_view parts[2] = {evh_view_of(&prefix, 1), entry};
    return evh_sha256_parts(out->bytes, parts, 2);
}

evh_status evh_merkle_node(evh_merkle_hash *out, const evh_merkle_hash *left,
                           const evh_merkle_hash *right)
{
    uint8_t joined[1 + 2 * EVH_MERKLE_HASH_LEN];
    joined[0] = 0x01;
    memcpy(joined + 1, left->bytes, EVH_MERKLE_HASH_LEN);
    memcpy(joined + 1 + EVH_MERKLE_HASH_LEN, right->bytes, EVH_MERKLE_HASH_LEN);
    return evh_sha256(out->bytes, evh_view_of(joined, sizeof joined));
}

uint64_t evh_merkle_split(uint64_t n)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): n >= 2 */
    return (uint64_t)1 << (evh_bit_length(n - 1) - 1);
}

evh_status evh_merkle_append(const evh_merkle_nodes *nodes, uint64_t size,
                             const evh_merkle_hash *leaf)
{
    evh_status status = evh_ok();
    evh_merkle_hash hash = *leaf;
    evh_merkle_hash left;
    uint64_t index = size;
    EVH_TRY(nodes->write(nodes->context, 0, index, &hash));
    /* Each set low bit of the size is a complete left brother that waits for this one. */
    for (unsigned level = 0; index % 2 == 1; level++) {
        EVH_TRY(nodes->read(nodes->context, level, index - 1, &left));
        EVH_TRY(evh_merkle_node(&hash, &left, &hash));
        index /= 2;
        EVH_TRY(nodes->write(nodes->context, level + 1, index, &hash));
    }
done:
    return status;
}

/* MTH of the entries [start, start + n); start is a multiple of the largest power of two in n, so
 * complete parts are stored nodes. Depth is at most 64. */
static evh_status range_hash(evh_merkle_hash *out, const evh_merkle_nodes *nodes, uint64_t start,
                             uint64_t n)
{
    if ((n & (n - 1)) == 0) {
        unsigned level = evh_bit_length(n) - 1;
        /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): n >= 1 */
        return nodes->read(nodes->context, level, start >> level, out);
    }
    evh_status status = evh_ok();
    evh_merkle_hash left;
    evh_merkle_hash right;
    uint64_t k = evh_merkle_split(n);
    EVH_TRY(range_hash(&left, nodes, start, k));
    EVH_TRY(range_hash(&right, nodes, start + k, n - k));
    EVH_TRY(evh_merkle_node(out, &left, &right));
done:
    return status;
}

evh_status evh_merkle_root(evh_merkle_hash *out, const evh_merkle_nodes *nodes, uint64_t size)
{
    if (size == 0)
        return evh_sha256(out->bytes, evh_view_of(NULL, 0));
    return range_hash(out, nodes, 0, size);
}

static evh_status push_range(evh_merkle_proof *out, const evh_merkle_nodes *nodes, uint64_t start,
                             uint64_t n)
{
    return range_hash(&out->hashes[out->count++], nodes, start, n);
}

/* Paths are collected from the root down and handed out from the leaf up. */
static void reverse(evh_merkle_proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        evh_merkle_hash other = proof->hashes[i];
        proof->hashes[i] = proof->hashes[proof->count - 1 - i];
        proof->hashes[proof->count - 1 - i] = other;
    }
}

evh_status evh_merkle_prove_inclusion(evh_merkle_proof *out, const evh_merkle_nodes *nodes,
                                      uint64_t index, uint64_t size)
{
    out->count = 0;
    if (index >= size)
        return evh_fail(EVH_ERR_RANGE, "the log has %llu entries, there is no entry %llu",
                        (unsigned long long)size, (unsigned long long)index);
    evh_status status = evh_ok();
    uint64_t start = 0;
    uint64_t n = size;
    while (n > 1) {
        uint64_t k = evh_merkle_split(n);
        if (index - start < k) {
            EVH_TRY(push_range(out, nodes, start + k, n - k));
            n = k;
        } else {
            EVH_TRY(push_range(out, nodes, start, k));
            start += k;
            n -= k;
        }
    }
    reverse(out);
done:
    if (status.code != EVH_OK)
        out->count = 0;
    return status;
}

evh_status evh_merkle_prove_consistency(evh_merkle_proof *out, const evh_merkle_nodes *nodes,
                                        uint64_t old_size, uint64_t new_size)
{
    out->count = 0;
    if (old_size == 0 || old_size > new_size)
        return evh_fail(EVH_ERR_RANGE, "no consistency proof from size %llu to size %llu",
                        (unsigned long long)old_size, (unsigned long long)new_size);
    evh_status status = evh_ok();
    uint64_t start = 0;
    uint64_t m = old_size;
    uint64_t n = new_size;
    bool whole = true; /* the old tree is still the whole of [0, m): its root is known */
    while (m != n) {
        uint64_t k = evh_merkle_split(n);
        if (m <= k) {
            EVH_TRY(push_range(out, nodes, start + k, n - k));
            n = k;
        } else {
            EVH_TRY(push_range(out, nodes, start, k));
            start += k;
            m -= k;
            n -= k;
            whole = false;
        }
    }
    if (!whole)
        EVH_TRY(push_range(out, nodes, start, m));
    reverse(out);
done:
    if (status.code != EVH_OK)
        out->count = 0;
    return status;
}
