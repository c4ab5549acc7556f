/* SPDX-License-Identifier: Apache-2.0
 * Without a mirror: a remembered head and single entries. */
#include "evenhand/tlog/checkpoint.h"
#include "fixture.h"

static evh_view entry_of(fixture *f, uint64_t index)
{
    assert_ok(evh_store_begin(f->leader));
    assert_ok(evh_translog_entry(f->leader, &f->scratch, index));
    evh_store_rollback(f->leader);
    return evh_buffer_view(&f->scratch);
}

static void test_advance_and_check_entry(void **state)
{
    fixture *f = *state;
    evh_follow_head head = {.size = 0};
    evh_follow_finding finding = EVH_FOLLOW_LOCAL;
    for (uint64_t size = 3; size <= 12; size += 3) {
        append_entries(f, f->leader, 3, 0);
        publish(f);
        assert_ok(evh_follow_advance(&head, &finding, &f->peer, &f->policy));
        assert_int_equal(finding, EVH_FOLLOW_FINE);
        assert_int_equal(head.size, size);
        assert_int_equal(head.cosigned_s, 77);
        for (uint64_t index = 0; index < size; index++)
            assert_ok(evh_follow_check_entry(&head, &finding, &f->peer, index, entry_of(f, index)));
    }
}

static void test_advance_refuses_what_does_not_extend(void **state)
{
    fixture *f = *state;
    evh_follow_head head = {.size = 0};
    evh_follow_finding finding = EVH_FOLLOW_FINE;
    append_entries(f, f->leader, 8, 0);
    publish(f);
    assert_ok(evh_follow_advance(&head, &finding, &f->peer, &f->policy));
    const evh_follow_head kept = head;
    replace_leader(f, "fork.db");
    append_entries(f, f->leader, 7, 1);
    publish(f);
    assert_fails(evh_follow_advance(&head, &finding, &f->peer, &f->policy), EVH_ERR_REFUSED);
    assert_int_equal(finding, EVH_FOLLOW_ROLLED_BACK);
    append_entries(f, f->leader, 7, 1);
    publish(f);
    assert_fails(evh_follow_advance(&head, &finding, &f->peer, &f->policy), EVH_ERR_REFUSED);
    assert_int_equal(finding, EVH_FOLLOW_FORKED);
    assert_memory_equal(&head, &kept, sizeof head);
    f->failing = "/evenhand.v1.Leader/GetCheckpoint";
    f->failure = evh_fail(EVH_ERR_UNAVAILABLE, "gone");
    assert_fails(evh_follow_advance(&head, &finding, &f->peer, &f->policy), EVH_ERR_UNAVAILABLE);
    assert_int_equal(finding, EVH_FOLLOW_UNREACHABLE);
}

static void test_check_entry_refuses_others(void **state)
{
    fixture *f = *state;
    evh_follow_head head = {.size = 0};
    evh_follow_finding finding = EVH_FOLLOW_FINE;
    append_entries(f, f->leader, 8, 0);
    publish(f);
    assert_ok(evh_follow_advance(&head, &finding, &f->peer, &f->policy));
    assert_fails(evh_follow_check_entry(&head, &finding, &f->peer, 3, entry_of(f, 4)),
                 EVH_ERR_REFUSED);
    assert_int_equal(finding, EVH_FOLLOW_MISMATCH);
    assert_fails(evh_follow_check_entry(&head, &finding, &f->peer, 8, entry_of(f, 4)),
                 EVH_ERR_REFUSED);
    assert_int_equal(finding, EVH_FOLLOW_MISMATCH);
    f->raw = view_of_literal("\xff");
    assert_fails(evh_follow_check_entry(&head, &finding, &f->peer, 3, entry_of(f, 3)),
                 EVH_ERR_ENCODING);
    assert_int_equal(finding, EVH_FOLLOW_MALFORMED);
}

int run_entry_tests(void)
{
    const struct CMUnitTest tests[] = {
        FOLLOW_TEST(test_advance_and_check_entry),
        FOLLOW_TEST(test_advance_refuses_what_does_not_extend),
        FOLLOW_TEST(test_check_entry_refuses_others),
    };
    return cmocka_run_group_tests_name("entries", tests, NULL, NULL);
}
