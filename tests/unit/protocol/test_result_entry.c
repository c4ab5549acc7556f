/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/protocol/result_entry.h"

#include "evenhand/seal/hash.h"
#include "evenhand/seal/signing.h"
#include "evenhand/wire/message.h"
#include "log.pb-c.h"
#include "tests.h"

static const uint8_t task_id[EVH_TASK_ID_LEN] = {1, 2, 3};

/* The entry of a file as the collector makes it, in out. */
static void make_entry(evh_buffer *out, evh_view json, const evh_signing_key *collector)
{
    int64_t sums[] = {5, -7};
    uint8_t hash[EVH_SHA256_LEN];
    uint8_t signature[EVH_SIGNATURE_LEN];
    Evenhand__V1__ResultEntry message;
    evenhand__v1__result_entry__init(&message);
    assert_ok(evh_sha256(hash, json));
    evh_wire_set_bytes(&message.task_id, evh_view_of(task_id, sizeof task_id));
    evh_wire_set_bytes(&message.result_hash, evh_view_of(hash, sizeof hash));
    message.sums = sums;
    message.n_sums = 2;
    assert_ok(evh_wire_pack(out, &message.base));
    assert_ok(evh_sign(signature, collector, "evenhand/result/1", evh_buffer_view(out)));
    evh_wire_set_bytes(&message.collector_signature, evh_view_of(signature, sizeof signature));
    evh_buffer_clear(out);
    assert_ok(evh_wire_pack(out, &message.base));
}

static void test_result_entry_check(void **state)
{
    (void)state;
    test_rng seed;
    evh_rng rng = test_rng_seeded(&seed, 5);
    evh_signing_key key = {.secret = NULL};
    evh_signing_key other = {.secret = NULL};
    evh_buffer entry = evh_buffer_init(4096);
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    const evh_view json = view_of_literal("{}");
    uint8_t another_task[EVH_TASK_ID_LEN] = {9};
    assert_ok(evh_signing_key_generate(&key, EVH_IDENTITY_ED25519, view_of_literal("c"), &rng));
    assert_ok(evh_signing_key_generate(&other, EVH_IDENTITY_ED25519, view_of_literal("c"), &rng));
    make_entry(&entry, json, &key);
    assert_ok(
        evh_result_entry_check(&verdict, evh_buffer_view(&entry), task_id, json, &key.identity));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    assert_ok(evh_result_entry_check(&verdict, evh_buffer_view(&entry), another_task, json,
                                     &key.identity));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    assert_ok(evh_result_entry_check(&verdict, evh_buffer_view(&entry), task_id,
                                     view_of_literal("{ }"), &key.identity));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    assert_ok(
        evh_result_entry_check(&verdict, evh_buffer_view(&entry), task_id, json, &other.identity));
    assert_int_equal(verdict, EVH_SEAL_REJECTED);
    for (size_t i = 0; i < entry.len; i++) {
        entry.data[i] ^= 1;
        evh_status status =
            evh_result_entry_check(&verdict, evh_buffer_view(&entry), task_id, json, &key.identity);
        assert_true(verdict == EVH_SEAL_REJECTED);
        assert_true(status.code == EVH_OK || status.code == EVH_ERR_ENCODING ||
                    status.code == EVH_ERR_LENGTH);
        entry.data[i] ^= 1;
        status = evh_result_entry_check(&verdict, evh_view_of(entry.data, i), task_id, json,
                                        &key.identity);
        assert_true(verdict == EVH_SEAL_REJECTED && status.code != EVH_ERR_INTERNAL);
    }
    evh_buffer_clear(&entry);
    evh_signing_key_clear(&key);
    evh_signing_key_clear(&other);
}

int run_result_entry_tests(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_result_entry_check)};
    return cmocka_run_group_tests_name("result entry", tests, NULL, NULL);
}
