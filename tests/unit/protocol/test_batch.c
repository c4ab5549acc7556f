/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/protocol/batch.h"

#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/seal/hash.h"
#include "tests.h"

static void fill_hashes(uint8_t *hashes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_ok(evh_sha256(hashes + i * 32, evh_view_of(&i, sizeof i)));
}

static void test_root_does_not_depend_on_order(void **state)
{
    (void)state;
    for (size_t count = 0; count <= 20; count++) {
        uint8_t a[20 * 32];
        uint8_t b[20 * 32];
        evh_merkle_hash root_a;
        evh_merkle_hash root_b;
        fill_hashes(a, count);
        for (size_t i = 0; i < count; i++)
            memcpy(b + (count - 1 - i) * 32, a + i * 32, 32);
        assert_ok(evh_batch_root(&root_a, a, count));
        assert_ok(evh_batch_root(&root_b, b, count));
        assert_memory_equal(&root_a, &root_b, sizeof root_a);
        if (count > 0) {
            b[0] ^= 1;
            assert_ok(evh_batch_root(&root_b, b, count));
            assert_memory_not_equal(&root_a, &root_b, sizeof root_a);
        }
    }
}

/* Three leaves by hand: MTH = H(1 | H(1 | L0 | L1) | L2). */
static void test_root_is_the_merkle_root(void **state)
{
    (void)state;
    uint8_t hashes[3 * 32];
    uint8_t leaf[33] = {0};
    uint8_t node[65] = {1};
    evh_merkle_hash root;
    for (size_t i = 0; i < 3; i++)
        memset(hashes + i * 32, (int)i + 1, 32);
    for (size_t i = 0; i < 2; i++) {
        memset(leaf + 1, (int)i + 1, 32);
        assert_ok(evh_sha256(node + 1 + i * 32, evh_view_of(leaf, sizeof leaf)));
    }
    uint8_t left[32];
    assert_ok(evh_sha256(left, evh_view_of(node, sizeof node)));
    memcpy(node + 1, left, sizeof left);
    memset(leaf + 1, 3, 32);
    assert_ok(evh_sha256(node + 33, evh_view_of(leaf, sizeof leaf)));
    uint8_t expected[32];
    assert_ok(evh_sha256(expected, evh_view_of(node, sizeof node)));
    assert_ok(evh_batch_root(&root, hashes, 3));
    assert_memory_equal(root.bytes, expected, sizeof expected);
}

static void test_root_refuses_a_report_twice(void **state)
{
    (void)state;
    uint8_t hashes[3 * 32] = {0};
    evh_merkle_hash root;
    hashes[0] = 1;
    assert_fails(evh_batch_root(&root, hashes, 3), EVH_ERR_ARG);
}

static void test_share_is_sealed_to_batch_sender_and_commitment(void **state)
{
    fixture *f = *state;
    evh_batch batch = {.report_count = 9};
    evh_seed32 salt = {.bytes = {5}};
    uint8_t commitment[EVH_COMMITMENT_LEN];
    evh_view share = view_of_literal("an aggregate share");
    evh_buffer sealed = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_buffer out = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    memcpy(batch.task_id, f->task.id, sizeof batch.task_id);
    assert_ok(evh_batch_commit_share(commitment, &salt, share));
    assert_ok(evh_batch_seal_share(&sealed, &batch, EVH_ROLE_HELPER, &f->collector_key, &salt,
                                   share, &f->rng));
    evh_view view = evh_buffer_view(&sealed);
    assert_ok(evh_batch_open_share(&out, &verdict, &batch, EVH_ROLE_HELPER, f->collector_ring, view,
                                   commitment));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    assert_views_equal(evh_buffer_view(&out), share);
    evh_buffer_clear(&out);
    assert_ok(evh_batch_open_share(&out, &verdict, &batch, EVH_ROLE_LEADER, f->collector_ring, view,
                                   commitment));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    batch.report_count = 8;
    assert_ok(evh_batch_open_share(&out, &verdict, &batch, EVH_ROLE_HELPER, f->collector_ring, view,
                                   commitment));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    batch.report_count = 9;
    commitment[0] ^= 1;
    assert_ok(evh_batch_open_share(&out, &verdict, &batch, EVH_ROLE_HELPER, f->collector_ring, view,
                                   commitment));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    commitment[0] ^= 1;
    sealed.data[sealed.len - 1] ^= 1;
    assert_ok(evh_batch_open_share(&out, &verdict, &batch, EVH_ROLE_HELPER, f->collector_ring, view,
                                   commitment));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    assert_int_equal(out.len, 0);
    assert_fails(evh_batch_open_share(&out, &verdict, &batch, EVH_ROLE_HELPER, f->leader_ring, view,
                                      commitment),
                 EVH_ERR_KEY);
    evh_buffer_clear(&sealed);
    evh_buffer_clear(&out);
}

int run_batch_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_root_does_not_depend_on_order),
        cmocka_unit_test(test_root_is_the_merkle_root),
        cmocka_unit_test(test_root_refuses_a_report_twice),
        cmocka_unit_test(test_share_is_sealed_to_batch_sender_and_commitment),
    };
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
