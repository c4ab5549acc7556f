/* SPDX-License-Identifier: Apache-2.0
 * tlog/merkle.h: the append-only Merkle tree of the transparency log.
 * Hashes of complete subtrees are stored as they come into being and never change; everything else
 * is computed from them: a tree of n entries reads O(log n) of them for a root or a proof.
 * Source   RFC 6962 section 2.1 (RFC 9162 section 2.1 has the same tree)
 * Secret   nothing                                Threads  one thread per store
 * Memory   allocates nothing but a hash context   Tests    unit/tlog/test_merkle.c */
#ifndef EVH_TLOG_MERKLE_H
#define EVH_TLOG_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

enum { EVH_MERKLE_HASH_LEN = 32, EVH_MERKLE_PROOF_MAX = 64 };

typedef struct evh_merkle_hash {
    uint8_t bytes[EVH_MERKLE_HASH_LEN];
} evh_merkle_hash;

/* An inclusion or a consistency proof, in the order of RFC 6962. */
typedef struct evh_merkle_proof {
    evh_merkle_hash hashes[EVH_MERKLE_PROOF_MAX];
    size_t count;
} evh_merkle_proof;

/* Where the hashes of complete subtrees are kept. Node (level, index) covers the entries
 * index * 2^level up to (index + 1) * 2^level - 1. */
typedef struct evh_merkle_nodes {
    evh_status (*read)(void *context, unsigned level, uint64_t index, evh_merkle_hash *out);
    /* NULL in a store that is only read. A node is written once. */
    evh_status (*write)(void *context, unsigned level, uint64_t index, const evh_merkle_hash *hash);
    void *context;
} evh_merkle_nodes;

/* SHA-256(0x00 | entry). Fails MEMORY. */
EVH_MUST_USE evh_status evh_merkle_leaf(evh_merkle_hash *out, evh_view entry);

/* Adds entry number `size` to a tree of that size: writes its leaf and every subtree that it
 * completes. Fails like the store, or MEMORY; the caller's transaction then has to be undone. */
EVH_MUST_USE evh_status evh_merkle_append(const evh_merkle_nodes *nodes, uint64_t size,
                                          const evh_merkle_hash *leaf);

/* The root of the first `size` entries; SHA-256 of nothing for 0. Fails like the store, MEMORY. */
EVH_MUST_USE evh_status evh_merkle_root(evh_merkle_hash *out, const evh_merkle_nodes *nodes,
                                        uint64_t size);

/* The audit path of entry `index` in the tree of the first `size` entries. Fails RANGE unless
 * index < size; like the store, MEMORY. */
EVH_MUST_USE evh_status evh_merkle_prove_inclusion(evh_merkle_proof *out,
                                                   const evh_merkle_nodes *nodes, uint64_t index,
                                                   uint64_t size);

/* The proof that the tree of old_size is a prefix of the tree of new_size. Fails RANGE unless
 * 1 <= old_size <= new_size; like the store, MEMORY. */
EVH_MUST_USE evh_status evh_merkle_prove_consistency(evh_merkle_proof *out,
                                                     const evh_merkle_nodes *nodes,
                                                     uint64_t old_size, uint64_t new_size);

/* The verdict on an inclusion proof: *holds is true when the leaf is entry `index` of a tree with
 * that size and root. Any malformed proof is a false one. Fails MEMORY. */
EVH_MUST_USE evh_status evh_merkle_check_inclusion(bool *holds, const evh_merkle_proof *proof,
                                                   uint64_t index, uint64_t size,
                                                   const evh_merkle_hash *leaf,
                                                   const evh_merkle_hash *root);

/* The verdict on a consistency proof: *holds is true when the tree (old_size, old_root) is a prefix
 * of (new_size, new_root). A tree of size 0 is a prefix of every tree. Fails MEMORY. */
EVH_MUST_USE evh_status evh_merkle_check_consistency(bool *holds, const evh_merkle_proof *proof,
                                                     uint64_t old_size,
                                                     const evh_merkle_hash *old_root,
                                                     uint64_t new_size,
                                                     const evh_merkle_hash *new_root);

#endif
