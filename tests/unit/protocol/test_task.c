/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evenhand/seal/hash.h"
#include "tests.h"

static void test_task_read_takes_everything(void **state)
{
    fixture *f = *state;
    uint8_t id[32];
    assert_ok(evh_sha256(id, evh_buffer_view(&f->entry)));
    assert_memory_equal(f->task.id, id, sizeof id);
    assert_int_equal(f->task.round, 3);
    assert_int_equal(f->task.window_start_ms, 1000);
    assert_int_equal(f->task.deadline_ms, 3000);
    assert_int_equal(f->task.roster_size, 20);
    assert_string_equal(f->task.log_origin, "evenhand.example/log");
    assert_memory_equal(&f->task.helper_key.key, &f->helper_key.key, sizeof f->helper_key.key);
}

static void test_task_read_wants_each_owners_signature(void **state)
{
    fixture *f = *state;
    evh_task task;
    evh_view entry = evh_buffer_view(&f->entry);
    assert_fails_with(evh_task_read(&task, entry, &f->leader.identity, &f->leader.identity),
                      EVH_ERR_KEY, "helper");
    assert_int_equal(task.round, 0);
    assert_fails_with(evh_task_read(&task, entry, &f->customer.identity, &f->helper.identity),
                      EVH_ERR_KEY, "leader");
}

static void test_task_read_survives_any_change(void **state)
{
    fixture *f = *state;
    evh_task task;
    for (size_t i = 0; i < f->entry.len; i++) {
        f->entry.data[i] ^= 0x41;
        evh_status status = evh_task_read(&task, evh_buffer_view(&f->entry), &f->leader.identity,
                                          &f->helper.identity);
        /* What still reads is another round: its id is another. */
        if (status.code == EVH_OK)
            assert_memory_not_equal(task.id, f->task.id, sizeof task.id);
        f->entry.data[i] ^= 0x41;
    }
    for (size_t len = 0; len < f->entry.len; len++)
        assert_int_not_equal(evh_task_read(&task, evh_view_of(f->entry.data, len),
                                           &f->leader.identity, &f->helper.identity)
                                 .code,
                             EVH_OK);
}

static void test_task_ctx_names_the_task(void **state)
{
    fixture *f = *state;
    uint8_t ctx[EVH_TASK_CTX_LEN];
    evh_task_ctx(ctx, &f->task);
    assert_memory_equal(ctx, "evenhand\x01", 9);
    assert_memory_equal(ctx + 9, f->task.id, EVH_TASK_ID_LEN);
}

static void test_verify_key_needs_what_was_committed_to(void **state)
{
    fixture *f = *state;
    evh_seed32 key;
    evh_seed32 again;
    evh_seed32 wrong = f->leader_random;
    assert_ok(evh_task_verify_key(&key, &f->task, &f->leader_random, &f->helper_random));
    assert_ok(evh_task_verify_key(&again, &f->task, &f->leader_random, &f->helper_random));
    assert_memory_equal(&key, &again, sizeof key);
    wrong.bytes[31] ^= 1;
    assert_fails_with(evh_task_verify_key(&again, &f->task, &wrong, &f->helper_random), EVH_ERR_KEY,
                      "leader");
    assert_fails_with(evh_task_verify_key(&again, &f->task, &f->leader_random, &wrong), EVH_ERR_KEY,
                      "helper");
    /* Another round gives another key from the same randoms. */
    fixture_write_entry(f, 4);
    evh_task other;
    assert_ok(evh_task_read(&other, evh_buffer_view(&f->entry), &f->leader.identity,
                            &f->helper.identity));
    assert_ok(evh_task_verify_key(&again, &other, &f->leader_random, &f->helper_random));
    assert_memory_not_equal(&key, &again, sizeof key);
}

int run_task_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_task_read_takes_everything),
        cmocka_unit_test(test_task_read_wants_each_owners_signature),
        cmocka_unit_test(test_task_read_survives_any_change),
        cmocka_unit_test(test_task_ctx_names_the_task),
        cmocka_unit_test(test_verify_key_needs_what_was_committed_to),
    };
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
