/* SPDX-License-Identifier: Apache-2.0
 * Stores that were put back from a backup, and secrets that are gone. */
#include <stdio.h>
#include <string.h>

#include "evenhand/aggregator/listing.h"
#include "evenhand/store/sqlite.h"
#include "evenhand/wire/message.h"
#include "peer.h"

#define STATE(name) EVENHAND__V1__ROUND_STATE__ROUND_STATE_##name
#define VOID_REASON(name) EVENHAND__V1__VOID_REASON__VOID_REASON_##name

typedef struct backup {
    char path[320];
    evh_buffer published; /* newest checkpoint when the store was lost */
} backup;

static void back_up(backup *b, const side *s)
{
    (void)snprintf(b->path, sizeof b->path, "%s.backup", s->path);
    assert_ok(evh_store_backup(s->store, b->path));
    b->published = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
}

/* As a start after a restore does: other store, no secrets, and what was published is known unless
 * that is lost too. */
static void put_back(backup *b, side *s, bool knows)
{
    bool behind = false;
    uint64_t size = 0;
    assert_ok(evh_store_begin(s->store));
    assert_ok(evh_translog_newest(s->store, false, &b->published, &size));
    evh_store_rollback(s->store);
    evh_store_close(&s->store);
    assert_ok(evh_store_sqlite_open(&s->store, b->path));
    s->aggregator.store = s->store;
    evh_cache_free(&s->cache);
    assert_ok(evh_cache_new(&s->cache));
    s->aggregator.cache = s->cache;
    memset(&s->vault, 0, sizeof s->vault);
    if (knows) {
        assert_ok(evh_store_begin(s->store));
        assert_ok(evh_translog_confront(s->store, &behind, &s->aggregator.log,
                                        evh_buffer_view(&b->published)));
        assert_ok(evh_store_commit(s->store));
        assert_true(behind);
    }
    evh_buffer_clear(&b->published);
}

static evh_drive_outcome drive(fixture *f, evh_drive *state)
{
    fake_peer peer;
    evh_drive_outcome outcome;
    fake_peer_init(&peer, f);
    peer.fault_at = SIZE_MAX;
    evh_peer handle = fake_peer_handle(&peer);
    assert_ok(evh_leader_drive(&f->leader.aggregator, &handle, state, &outcome));
    fake_peer_clear(&peer);
    return outcome;
}

static void settle(fixture *f)
{
    evh_drive state = {.job_reports = 3};
    evh_drive_outcome outcome = {.wait_ms = 0};
    for (size_t i = 0; i < 5; i++)
        outcome = drive(f, &state);
    assert_int_equal(outcome.troubled, 0);
    assert_true(outcome.log_cosigned);
}

static void open_next(fixture *f, uint32_t round)
{
    fake_peer peer;
    fake_peer_init(&peer, f);
    peer.fault_at = SIZE_MAX;
    evh_peer handle = fake_peer_handle(&peer);
    assert_ok(evh_leader_open(&f->leader.aggregator, &handle, f->task_id, f->plan_id, round,
                              DEADLINE_MS));
    read_task(f);
    settle(f);
    fake_peer_clear(&peer);
}

static void expect_round(fixture *f, const side *s, uint32_t state, uint32_t reason)
{
    evh_round_row row;
    assert_ok(evh_aggregator_find_round(&s->aggregator, &row, f->task_id));
    assert_int_equal(row.state, state);
    assert_int_equal(row.void_reason, reason);
}

static void expect_lost(fixture *f)
{
    expect_round(f, &f->leader, STATE(VOID), VOID_REASON(RESTORED));
    expect_round(f, &f->helper, STATE(VOID), VOID_REASON(RESTORED));
    assert_int_equal(f->leader.vault.count, 0);
    assert_int_equal(f->helper.vault.count, 0);
}

/* A round of `count` customers up to agreement. */
static void run_to_agreement(fixture *f, uint32_t round, size_t count)
{
    f->now_ms = NOW_MS;
    open_next(f, round);
    for (size_t i = 0; i < count; i++)
        report(f, i, 1);
    f->now_ms = DEADLINE_MS + 1;
    settle(f);
}

static void expect_next_round_works(fixture *f, uint32_t round, size_t count)
{
    int64_t sums[CELLS];
    uint32_t reported = 0;
    run_to_agreement(f, round, count);
    expect_round(f, &f->leader, STATE(AGREED), 0);
    unshard(f, sums, &reported);
    assert_int_equal(reported, count);
}

static void test_restored_helper_catches_up_and_its_round_is_void(void **state)
{
    fixture *f = *state;
    backup b;
    cosign(f);
    back_up(&b, &f->helper);
    open_next(f, 1);
    report(f, 0, 1);
    settle(f);
    put_back(&b, &f->helper, true);
    settle(f);
    expect_lost(f);
    /* The one who has a receipt can see it. */
    expect_status(f, 0, EVENHAND__V1__REPORT_STATE__REPORT_STATE_ACCEPTED,
                  EVENHAND__V1__REJECT_REASON__REJECT_REASON_UNSPECIFIED);
    expect_next_round_works(f, 2, 4);
}

static void test_restored_helper_knows_that_it_does_not_know_a_batch(void **state)
{
    fixture *f = *state;
    backup b;
    cosign(f);
    back_up(&b, &f->helper);
    run_to_agreement(f, 1, 5);
    expect_round(f, &f->helper, STATE(AGREED), 0);
    put_back(&b, &f->helper, true);
    settle(f);
    expect_lost(f);
    /* Whoever they were: another batch of the same people could single somebody out. */
    run_to_agreement(f, 2, 5);
    expect_round(f, &f->leader, STATE(VOID), VOID_REASON(DIFFERENCING));
}

static void test_restored_helper_cosigns_nothing_shorter(void **state)
{
    fixture *f = *state;
    backup leader;
    backup helper;
    evh_drive drive_state = {.job_reports = 3};
    cosign(f);
    back_up(&leader, &f->leader);
    back_up(&helper, &f->helper);
    open_next(f, 1);
    /* Both go back, and only the helper knows of what it has signed. */
    put_back(&leader, &f->leader, false);
    put_back(&helper, &f->helper, true);
    use_plan(f, "instead", 1, 6);
    evh_drive_outcome outcome = drive(f, &drive_state);
    assert_false(outcome.log_cosigned);
    assert_true(outcome.troubled > 0);
}

static void test_restored_leader_gets_its_log_back(void **state)
{
    for (int knows = 0; knows <= 1; knows++) {
        backup b;
        assert_int_equal(round_tear_down(state), 0);
        assert_int_equal(round_set_up(state), 0);
        fixture *f = *state;
        cosign(f);
        back_up(&b, &f->leader);
        open_next(f, 1);
        report(f, 0, 1);
        settle(f);
        put_back(&b, &f->leader, knows == 1);
        if (knows == 1) {
            uint64_t index = 0;
            assert_fails(evh_leader_retire_plan(&f->leader.aggregator, &index, f->plan_id),
                         EVH_ERR_STORE);
        }
        settle(f);
        expect_lost(f);
        expect_next_round_works(f, 2, 4);
    }
}

static void test_round_without_secrets_is_void(void **state)
{
    for (int whose = 0; whose < 2; whose++) {
        assert_int_equal(round_tear_down(state), 0);
        assert_int_equal(round_set_up(state), 0);
        fixture *f = *state;
        side *s = whose == 0 ? &f->leader : &f->helper;
        run_to_agreement(f, 1, 4);
        expect_round(f, &f->leader, STATE(AGREED), 0);
        memset(&s->vault, 0, sizeof s->vault);
        evh_cache_free(&s->cache);
        assert_ok(evh_cache_new(&s->cache));
        s->aggregator.cache = s->cache;
        settle(f);
        expect_lost(f);
    }
}

#define RESTORED_TEST(test_name)                                                                   \
    cmocka_unit_test_setup_teardown(test_name, round_set_up, round_tear_down)

int run_restored_tests(void)
{
    const struct CMUnitTest tests[] = {
        RESTORED_TEST(test_restored_helper_catches_up_and_its_round_is_void),
        RESTORED_TEST(test_restored_helper_knows_that_it_does_not_know_a_batch),
        RESTORED_TEST(test_restored_helper_cosigns_nothing_shorter),
        RESTORED_TEST(test_restored_leader_gets_its_log_back),
        RESTORED_TEST(test_round_without_secrets_is_void),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
