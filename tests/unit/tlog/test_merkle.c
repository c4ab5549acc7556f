/* SPDX-License-Identifier: Apache-2.0
 * Known roots are those of the certificate-transparency project's reference tree (eight leaves);
 * everything else is checked against the definition of RFC 6962 written down literally. */
#include "evenhand/tlog/merkle.h"

#include <string.h>

#include "evenhand/seal/hash.h"
#include "support/test.h"
#include "tests.h"

enum { SIZE_MAX_TESTED = 70, LEVELS = 8 };

typedef struct memory_nodes {
    evh_merkle_hash hash[LEVELS][SIZE_MAX_TESTED];
    bool written[LEVELS][SIZE_MAX_TESTED];
    int reads;
} memory_nodes;

static evh_status read_node(void *context, unsigned level, uint64_t index, evh_merkle_hash *out)
{
    memory_nodes *nodes = context;
    nodes->reads++;
    if (level >= LEVELS || index >= SIZE_MAX_TESTED || !nodes->written[level][index])
        return evh_fail(EVH_ERR_STORE, "node %u/%u is missing", level, (unsigned)index);
    *out = nodes->hash[level][index];
    return evh_ok();
}

static evh_status write_node(void *context, unsigned level, uint64_t index,
                             const evh_merkle_hash *hash)
{
    memory_nodes *nodes = context;
    assert_true(level < LEVELS && index < SIZE_MAX_TESTED);
    assert_false(nodes->written[level][index]);
    nodes->written[level][index] = true;
    nodes->hash[level][index] = *hash;
    return evh_ok();
}

static evh_merkle_nodes handle(memory_nodes *memory)
{
    evh_merkle_nodes nodes = {.read = read_node, .write = write_node, .context = memory};
    return nodes;
}

static void leaf_of(evh_merkle_hash *out, uint64_t number)
{
    uint8_t entry[8];
    memcpy(entry, &number, sizeof entry);
    assert_ok(evh_merkle_leaf(out, evh_view_of(entry, sizeof entry)));
}

/* MTH(D[n]) as the RFC writes it. */
static void reference_root(evh_merkle_hash *out, const evh_merkle_hash *leaves, size_t n)
{
    if (n == 1) {
        *out = leaves[0];
        return;
    }
    size_t k = 1;
    while (2 * k < n)
        k *= 2;
    evh_merkle_hash half[2];
    reference_root(&half[0], leaves, k);
    reference_root(&half[1], leaves + k, n - k);
    const uint8_t one = 1;
    const evh_view parts[2] = {evh_view_of(&one, 1), evh_view_of(half, sizeof half)};
    assert_ok(evh_sha256_parts(out->bytes, parts, 2));
}

static void test_root_known_trees(void **state)
{
    (void)state;
    static const char *const leaves[8] = {"",
                                          "00",
                                          "10",
                                          "2021",
                                          "3031",
                                          "40414243",
                                          "5051525354555657",
                                          "606162636465666768696a6b6c6d6e6f"};
    static const char *const roots[9] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    static memory_nodes memory;
    memset(&memory, 0, sizeof memory);
    evh_merkle_nodes nodes = handle(&memory);
    evh_buffer entry = evh_buffer_init(64);
    for (size_t size = 0; size <= 8; size++) {
        evh_merkle_hash root;
        char hex[65];
        assert_ok(evh_merkle_root(&root, &nodes, size));
        evh_hex_encode(hex, evh_view_of(root.bytes, sizeof root.bytes));
        assert_string_equal(hex, roots[size]);
        if (size == 8)
            break;
        evh_merkle_hash leaf;
        test_hex(&entry, leaves[size]);
        assert_ok(evh_merkle_leaf(&leaf, evh_buffer_view(&entry)));
        assert_ok(evh_merkle_append(&nodes, size, &leaf));
    }
    evh_buffer_clear(&entry);
}

typedef struct tree {
    memory_nodes memory;
    evh_merkle_nodes nodes;
    evh_merkle_hash leaves[SIZE_MAX_TESTED];
    evh_merkle_hash roots[SIZE_MAX_TESTED + 1];
} tree;

static tree *grown_tree(void)
{
    static tree t;
    memset(&t, 0, sizeof t);
    t.nodes = handle(&t.memory);
    assert_ok(evh_merkle_root(&t.roots[0], &t.nodes, 0));
    for (size_t i = 0; i < SIZE_MAX_TESTED; i++) {
        leaf_of(&t.leaves[i], i);
        assert_ok(evh_merkle_append(&t.nodes, i, &t.leaves[i]));
        assert_ok(evh_merkle_root(&t.roots[i + 1], &t.nodes, i + 1));
    }
    return &t;
}

static void test_root_equals_definition(void **state)
{
    (void)state;
    tree *t = grown_tree();
    for (size_t size = 1; size <= SIZE_MAX_TESTED; size++) {
        evh_merkle_hash expected;
        reference_root(&expected, t->leaves, size);
        assert_memory_equal(&t->roots[size], &expected, sizeof expected);
    }
}

static void flip(evh_merkle_hash *hash)
{
    hash->bytes[7] ^= 0x10;
}

static void test_inclusion_every_entry_of_every_tree(void **state)
{
    (void)state;
    tree *t = grown_tree();
    for (uint64_t size = 1; size <= SIZE_MAX_TESTED; size++)
        for (uint64_t index = 0; index < size; index++) {
            evh_merkle_proof proof;
            bool holds = false;
            const evh_merkle_hash *leaf = &t->leaves[index];
            assert_ok(evh_merkle_prove_inclusion(&proof, &t->nodes, index, size));
            assert_ok(
                evh_merkle_check_inclusion(&holds, &proof, index, size, leaf, &t->roots[size]));
            assert_true(holds);
            for (size_t i = 0; i < proof.count; i++) {
                flip(&proof.hashes[i]);
                assert_ok(
                    evh_merkle_check_inclusion(&holds, &proof, index, size, leaf, &t->roots[size]));
                assert_false(holds);
                flip(&proof.hashes[i]);
            }
            /* Another entry, another place, a shorter and a longer path. */
            uint64_t other = (index + 1) % size;
            if (other != index) {
                assert_ok(
                    evh_merkle_check_inclusion(&holds, &proof, other, size, leaf, &t->roots[size]));
                assert_false(holds);
                assert_ok(evh_merkle_check_inclusion(&holds, &proof, index, size, &t->leaves[other],
                                                     &t->roots[size]));
                assert_false(holds);
                proof.count--;
                assert_ok(
                    evh_merkle_check_inclusion(&holds, &proof, index, size, leaf, &t->roots[size]));
                assert_false(holds);
                proof.count++;
            }
            memset(&proof.hashes[proof.count++], 0, sizeof(evh_merkle_hash));
            assert_ok(
                evh_merkle_check_inclusion(&holds, &proof, index, size, leaf, &t->roots[size]));
            assert_false(holds);
        }
}

static void test_inclusion_out_of_range(void **state)
{
    (void)state;
    tree *t = grown_tree();
    evh_merkle_proof proof;
    bool holds = true;
    assert_fails(evh_merkle_prove_inclusion(&proof, &t->nodes, 5, 5), EVH_ERR_RANGE);
    assert_fails(evh_merkle_prove_inclusion(&proof, &t->nodes, 0, 0), EVH_ERR_RANGE);
    proof.count = 0;
    assert_ok(evh_merkle_check_inclusion(&holds, &proof, 5, 5, &t->leaves[0], &t->roots[5]));
    assert_false(holds);
    proof.count = EVH_MERKLE_PROOF_MAX + 1;
    holds = true;
    assert_ok(evh_merkle_check_inclusion(&holds, &proof, 0, 5, &t->leaves[0], &t->roots[5]));
    assert_false(holds);
}

static void test_consistency_every_pair_of_sizes(void **state)
{
    (void)state;
    tree *t = grown_tree();
    for (uint64_t new_size = 1; new_size <= SIZE_MAX_TESTED; new_size++)
        for (uint64_t old_size = 1; old_size <= new_size; old_size++) {
            evh_merkle_proof proof;
            bool holds = false;
            evh_merkle_hash wrong = t->roots[old_size];
            flip(&wrong);
            assert_ok(evh_merkle_prove_consistency(&proof, &t->nodes, old_size, new_size));
            assert_ok(evh_merkle_check_consistency(&holds, &proof, old_size, &t->roots[old_size],
                                                   new_size, &t->roots[new_size]));
            assert_true(holds);
            assert_ok(evh_merkle_check_consistency(&holds, &proof, old_size, &wrong, new_size,
                                                   &t->roots[new_size]));
            assert_false(holds);
            wrong = t->roots[new_size];
            flip(&wrong);
            assert_ok(evh_merkle_check_consistency(&holds, &proof, old_size, &t->roots[old_size],
                                                   new_size, &wrong));
            assert_false(holds);
            for (size_t i = 0; i < proof.count; i++) {
                flip(&proof.hashes[i]);
                assert_ok(evh_merkle_check_consistency(
                    &holds, &proof, old_size, &t->roots[old_size], new_size, &t->roots[new_size]));
                assert_false(holds);
                flip(&proof.hashes[i]);
            }
        }
}

static void test_consistency_edges(void **state)
{
    (void)state;
    tree *t = grown_tree();
    evh_merkle_proof proof;
    bool holds = false;
    assert_fails(evh_merkle_prove_consistency(&proof, &t->nodes, 0, 5), EVH_ERR_RANGE);
    assert_fails(evh_merkle_prove_consistency(&proof, &t->nodes, 6, 5), EVH_ERR_RANGE);
    proof.count = 0;
    assert_ok(evh_merkle_check_consistency(&holds, &proof, 0, &t->roots[0], 5, &t->roots[5]));
    assert_true(holds);
    assert_ok(evh_merkle_check_consistency(&holds, &proof, 4, &t->roots[4], 5, &t->roots[5]));
    assert_false(holds);
    assert_ok(evh_merkle_check_consistency(&holds, &proof, 6, &t->roots[6], 5, &t->roots[5]));
    assert_false(holds);
}

static void test_a_missing_node_is_a_store_failure(void **state)
{
    (void)state;
    tree *t = grown_tree();
    evh_merkle_proof proof;
    evh_merkle_hash root;
    t->memory.written[2][2] = false; /* 13 is 8 + 4 + 1 entries */
    assert_fails(evh_merkle_root(&root, &t->nodes, 13), EVH_ERR_STORE);
    assert_fails(evh_merkle_prove_inclusion(&proof, &t->nodes, 0, 13), EVH_ERR_STORE);
    assert_int_equal(proof.count, 0);
}

static void test_root_reads_few_nodes(void **state)
{
    (void)state;
    tree *t = grown_tree();
    evh_merkle_hash root;
    t->memory.reads = 0;
    assert_ok(evh_merkle_root(&root, &t->nodes, 63));
    assert_true(t->memory.reads <= 6);
}

int run_merkle_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_root_known_trees),
        cmocka_unit_test(test_root_equals_definition),
        cmocka_unit_test(test_inclusion_every_entry_of_every_tree),
        cmocka_unit_test(test_inclusion_out_of_range),
        cmocka_unit_test(test_consistency_every_pair_of_sizes),
        cmocka_unit_test(test_consistency_edges),
        cmocka_unit_test(test_a_missing_node_is_a_store_failure),
        cmocka_unit_test(test_root_reads_few_nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
