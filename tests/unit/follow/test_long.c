/* SPDX-License-Identifier: Apache-2.0
 * Logs that do not fit into one transaction. */
#include "fixture.h"

enum { LONG = 2 * EVH_FOLLOW_BATCH_ENTRIES + 500 };

static void test_sync_long_log_in_several_transactions(void **state)
{
    fixture *f = *state;
    append_entries(f, f->leader, LONG, 0);
    publish(f);
    f->grow_in_between = 3;
    assert_ok(sync_mirror(f));
    assert_int_equal(f->report.size, LONG);
    assert_int_equal(f->visited, LONG);
    assert_int_equal(mirror_checkpoint_size(f), LONG);
    f->grow_in_between = 0;
    assert_ok(sync_mirror(f));
    assert_int_equal(f->report.new_entries, 6);
    assert_mirror_is_a_prefix(f);
}

static void test_sync_interrupted_goes_on(void **state)
{
    fixture *f = *state;
    append_entries(f, f->leader, LONG, 0);
    publish(f);
    f->refuse_from = EVH_FOLLOW_BATCH_ENTRIES + 5;
    assert_fails(sync_mirror(f), EVH_ERR_PRIVACY);
    assert_int_equal(f->report.finding, EVH_FOLLOW_VISIT);
    assert_int_equal(f->report.size, EVH_FOLLOW_BATCH_ENTRIES);
    assert_int_equal(f->report.new_entries, EVH_FOLLOW_BATCH_ENTRIES);
    assert_int_equal(mirror_size(f), EVH_FOLLOW_BATCH_ENTRIES);
    assert_int_equal(mirror_checkpoint_size(f), 0);
    assert_mirror_is_a_prefix(f);
    f->refuse_from = UINT64_MAX;
    f->visited = EVH_FOLLOW_BATCH_ENTRIES;
    assert_ok(sync_mirror(f));
    assert_int_equal(mirror_checkpoint_size(f), LONG);
    assert_mirror_is_a_prefix(f);
}

/* A log that ends where an interrupted pass has: only its checkpoint is missing here. */
static void test_sync_keeps_the_checkpoint_of_what_is_there_already(void **state)
{
    fixture *f = *state;
    append_entries(f, f->mirror, 5, 0);
    append_entries(f, f->leader, 5, 0);
    publish(f);
    assert_int_equal(mirror_checkpoint_size(f), 0);
    assert_ok(sync_mirror(f));
    assert_int_equal(f->report.new_entries, 0);
    assert_int_equal(mirror_checkpoint_size(f), 5);
}

/* The first batch is honest and the tree it is said to begin is another. */
static void wrong_part_proof(fixture *f, Evenhand__V1__GetCheckpointResponse *answer)
{
    (void)f;
    if (answer->n_consistency > 0)
        answer->consistency[0].data[3] ^= 1;
}

static void changed_entry(fixture *f, Evenhand__V1__GetEntriesResponse *answer)
{
    (void)f;
    answer->entries[0].data[answer->entries[0].len - 1] ^= 1;
}

static void test_sync_refuses_a_part_that_is_no_beginning(void **state)
{
    fixture *f = *state;
    append_entries(f, f->leader, LONG, 0);
    publish(f);
    f->checkpoint_edit = wrong_part_proof;
    assert_fails(sync_mirror(f), EVH_ERR_REFUSED);
    assert_int_equal(f->report.finding, EVH_FOLLOW_MISMATCH);
    assert_int_equal(mirror_size(f), 0);
    f->checkpoint_edit = NULL;
    f->page_edit = changed_entry;
    f->visited = 0;
    assert_fails(sync_mirror(f), EVH_ERR_REFUSED);
    assert_int_equal(f->report.finding, EVH_FOLLOW_MISMATCH);
    assert_int_equal(mirror_size(f), 0);
}

/* The leader is exchanged for a shorter, or a forked one, during the pass. */
static void exchange(fixture *f, Evenhand__V1__GetEntriesResponse *answer)
{
    f->exchange_at -= answer->n_entries < f->exchange_at ? answer->n_entries : f->exchange_at;
    if (f->exchange_at > 0)
        return;
    f->page_edit = NULL;
    replace_leader(f, f->exchange_tag == 0 ? "shorter.db" : "fork.db");
    append_entries(f, f->leader, f->exchange_size, f->exchange_tag);
    publish(f);
}

static void test_sync_refuses_a_log_that_changes_during_the_pass(void **state)
{
    fixture *f = *state;
    append_entries(f, f->leader, LONG, 0);
    publish(f);
    f->exchange_at = EVH_FOLLOW_BATCH_ENTRIES;
    f->exchange_size = LONG - 1;
    f->exchange_tag = 0;
    f->page_edit = exchange;
    assert_fails(sync_mirror(f), EVH_ERR_REFUSED);
    assert_int_equal(f->report.finding, EVH_FOLLOW_ROLLED_BACK);
    assert_int_equal(mirror_size(f), 0);
    append_entries(f, f->leader, 1, 0);
    publish(f);
    f->exchange_at = EVH_FOLLOW_BATCH_ENTRIES;
    f->exchange_size = LONG;
    f->exchange_tag = 1;
    f->page_edit = exchange;
    assert_fails(sync_mirror(f), EVH_ERR_REFUSED);
    assert_int_equal(f->report.finding, EVH_FOLLOW_FORKED);
    assert_int_equal(mirror_size(f), 0);
}

int run_long_tests(void)
{
    const struct CMUnitTest tests[] = {
        FOLLOW_TEST(test_sync_long_log_in_several_transactions),
        FOLLOW_TEST(test_sync_interrupted_goes_on),
        FOLLOW_TEST(test_sync_keeps_the_checkpoint_of_what_is_there_already),
        FOLLOW_TEST(test_sync_refuses_a_part_that_is_no_beginning),
        FOLLOW_TEST(test_sync_refuses_a_log_that_changes_during_the_pass),
    };
    return cmocka_run_group_tests_name("long logs", tests, NULL, NULL);
}
