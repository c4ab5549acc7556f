/* SPDX-License-Identifier: Apache-2.0
 * The leader's driver, with a helper that can be reached now and then. */
#include <string.h>

#include "evenhand/aggregator/listing.h"
#include "evenhand/wire/message.h"
#include "peer.h"

#define STATE(name) EVENHAND__V1__ROUND_STATE__ROUND_STATE_##name

enum { REPORTS = 5, PASSES_MAX = 40 };

static evh_drive_outcome drive(fixture *f, fake_peer *peer, evh_drive *state)
{
    evh_peer handle = fake_peer_handle(peer);
    evh_drive_outcome outcome;
    assert_ok(evh_leader_drive(&f->leader.aggregator, &handle, state, &outcome));
    return outcome;
}

static evh_round_row row_of(fixture *f)
{
    evh_round_row row;
    assert_ok(evh_aggregator_find_round(&f->leader.aggregator, &row, f->task_id));
    return row;
}

/* Passes until nothing is left to do now. */
static void settle(fixture *f, fake_peer *peer, evh_drive *state)
{
    evh_drive_outcome outcome = {.wait_ms = 0};
    for (size_t i = 0; i < PASSES_MAX; i++) {
        outcome = drive(f, peer, state);
        assert_true(outcome.wait_ms >= 0 && outcome.wait_ms <= EVH_DRIVE_IDLE_MS);
        if (outcome.helper_reached && outcome.troubled == 0 && outcome.log_cosigned)
            return;
        assert_true(state->failures > 0);
    }
    fail_msg("%u rounds in trouble after %d passes", outcome.troubled, PASSES_MAX);
}

static void open_with(fixture *f, fake_peer *peer, uint32_t round)
{
    evh_peer handle = fake_peer_handle(peer);
    evh_status status = evh_ok();
    for (size_t i = 0; i < PASSES_MAX; i++) {
        status = evh_leader_open(&f->leader.aggregator, &handle, f->task_id, f->plan_id, round,
                                 DEADLINE_MS);
        if (status.code != EVH_ERR_UNAVAILABLE)
            break;
    }
    assert_ok(status);
    read_task(f);
}

/* A whole round, in which a fault happens to one call or to every second one; the number of calls. */
static size_t run_with_fault(fixture *f, uint32_t round, peer_fault fault, size_t at, bool always)
{
    evh_drive state = {.job_reports = 2};
    fake_peer peer;
    int64_t sums[CELLS];
    uint32_t count = 0;
    size_t calls = 0;
    fake_peer_init(&peer, f);
    peer.fault = fault;
    peer.fault_at = at;
    peer.always = always;
    f->now_ms = NOW_MS;
    open_with(f, &peer, round);
    settle(f, &peer, &state);
    for (size_t i = 0; i < REPORTS; i++) {
        report(f, i, 10 * (i + 1));
        if (i == 1)
            settle(f, &peer, &state);
    }
    f->now_ms = DEADLINE_MS + 1;
    settle(f, &peer, &state);
    settle(f, &peer, &state);
    assert_int_equal(row_of(f).state, STATE(AGREED));
    assert_int_equal(row_of(f).accepted, REPORTS);
    unshard(f, sums, &count);
    assert_int_equal(count, REPORTS);
    for (size_t i = 0; i < CELLS; i++)
        assert_int_equal(sums[i], 150 + (int64_t)i * REPORTS);
    publish_result(f, sums);
    settle(f, &peer, &state);
    assert_int_equal(f->leader.vault.count, 0);
    assert_int_equal(f->helper.vault.count, 0);
    calls = peer.calls;
    fake_peer_clear(&peer);
    return calls;
}

static void test_drive_sums_are_exact(void **state)
{
    (void)run_with_fault(*state, 1, PEER_GOOD, 0, false);
}

/* Every fault at every call in turn: the aggregate is the sum of the accepted reports, each once. */
static void test_drive_any_fault_at_any_call(void **state)
{
    for (int fault = PEER_GOOD + 1; fault < PEER_FAULT_COUNT; fault++) {
        size_t calls = 1;
        for (size_t at = 0; at < calls; at++) {
            /* A new deployment each time: four rounds are all that the budget allows. */
            assert_int_equal(round_tear_down(state), 0);
            assert_int_equal(round_set_up(state), 0);
            calls = run_with_fault(*state, 1, (peer_fault)fault, at, false);
            assert_true(calls >= 10);
        }
    }
}

static void test_drive_faults_all_the_time(void **state)
{
    const peer_fault faults[] = {PEER_REQUEST_LOST, PEER_ANSWER_LOST, PEER_REPEATED,
                                 PEER_OLD_REPEATED};
    for (uint32_t i = 0; i < 4; i++)
        (void)run_with_fault(*state, i + 1, faults[i], i % 2, true);
}

static void close_vault(side *s, const uint8_t *name)
{
    memcpy(s->vault.closed, name, 32);
    evh_cache_free(&s->cache);
    assert_ok(evh_cache_new(&s->cache));
    s->aggregator.cache = s->cache;
}

/* A round whose secrets cannot be read waits until they can; it is not void, and holds up no other. */
static void test_drive_waits_for_secrets_that_cannot_be_read(void **state)
{
    static const uint8_t none[32] = {0};
    fixture *f = *state;
    evh_drive drive_state = {.job_reports = 2};
    evh_drive_outcome outcome;
    evh_round_row row;
    fake_peer peer;
    uint8_t first[32];
    fake_peer_init(&peer, f);
    evh_peer handle = fake_peer_handle(&peer);
    open_with(f, &peer, 1);
    memcpy(first, f->task_id, sizeof first);
    const evh_task task = f->task;
    settle(f, &peer, &drive_state);
    for (size_t i = 0; i < 3; i++)
        report(f, i, 7);
    open_with(f, &peer, 2);
    close_vault(&f->leader, task.leader_commitment);
    assert_fails(evh_leader_drive(&f->leader.aggregator, &handle, &drive_state, &outcome),
                 EVH_ERR_STORE);
    assert_int_equal(outcome.troubled, 1);
    for (size_t i = 0; i < 3; i++)
        report(f, i, 7); /* the second round was moved on */
    assert_ok(evh_aggregator_find_round(&f->leader.aggregator, &row, first));
    assert_int_equal(row.state, STATE(OPEN));
    close_vault(&f->leader, none);
    /* At the helper it is trouble, too, and no loss. */
    close_vault(&f->helper, task.helper_commitment);
    assert_fails(evh_leader_drive(&f->leader.aggregator, &handle, &drive_state, &outcome),
                 EVH_ERR_STORE);
    assert_ok(evh_aggregator_find_round(&f->leader.aggregator, &row, first));
    assert_int_equal(row.state, STATE(OPEN));
    close_vault(&f->helper, none);
    f->now_ms = DEADLINE_MS + 1;
    settle(f, &peer, &drive_state);
    settle(f, &peer, &drive_state);
    assert_ok(evh_aggregator_find_round(&f->leader.aggregator, &row, first));
    assert_int_equal(row.state, STATE(AGREED));
    assert_int_equal(row.accepted, 3);
    fake_peer_clear(&peer);
}

/* Names of secrets stand in the store from the preparation to the round's end. */
static void test_secret_names(void **state)
{
    fixture *f = *state;
    evh_buffer names = evh_buffer_init(4096);
    cosign(f);
    assert_ok(evh_aggregator_secret_names(&f->leader.aggregator, &names));
    assert_int_equal(names.len, 0);
    open_round(f, 1);
    assert_ok(evh_aggregator_secret_names(&f->leader.aggregator, &names));
    assert_views_equal(evh_buffer_view(&names), evh_view_of(f->task.leader_commitment, 32));
    evh_buffer_clear(&names);
    assert_ok(evh_aggregator_secret_names(&f->helper.aggregator, &names));
    assert_int_equal(names.len, 64); /* the round, and its preparation */
    assert_memory_equal(names.data, f->task.helper_commitment, 32);
    assert_memory_equal(names.data + 32, f->task.helper_commitment, 32);
    assert_ok(evh_leader_void_round(&f->leader.aggregator, f->task_id, 4));
    evh_buffer_clear(&names);
    assert_ok(evh_aggregator_secret_names(&f->leader.aggregator, &names));
    assert_int_equal(names.len, 0);
    evh_buffer_clear(&names);
}

static void test_drive_says_when_it_is_needed(void **state)
{
    fixture *f = *state;
    evh_drive drive_state = {.job_reports = 2};
    fake_peer peer;
    fake_peer_init(&peer, f);
    open_with(f, &peer, 1);
    f->now_ms = DEADLINE_MS - 10;
    settle(f, &peer, &drive_state);
    assert_int_equal(drive(f, &peer, &drive_state).wait_ms, 11);
    assert_int_equal(row_of(f).state, STATE(OPEN));
    f->now_ms += 11;
    settle(f, &peer, &drive_state);
    /* Nobody has reported. */
    assert_int_equal(row_of(f).state, STATE(VOID));
    assert_int_equal(row_of(f).void_reason, 1);
    assert_int_equal(drive(f, &peer, &drive_state).wait_ms, EVH_DRIVE_IDLE_MS);
    drive_state.job_reports = 0;
    evh_peer handle = fake_peer_handle(&peer);
    evh_drive_outcome outcome;
    assert_fails(evh_leader_drive(&f->leader.aggregator, &handle, &drive_state, &outcome),
                 EVH_ERR_ARG);
    fake_peer_clear(&peer);
}

static bool stop_now(void *context)
{
    (void)context;
    return true;
}

/* A clock that is set back between all steps, before the round was opened and before 1970, and one
 * that jumps past the deadline with reports on their way: they count, and none is lost. */
static void test_drive_with_a_clock_that_jumps(void **state)
{
    fixture *f = *state;
    evh_drive drive_state = {.job_reports = 2};
    fake_peer peer;
    int64_t sums[CELLS];
    uint32_t count = 0;
    fake_peer_init(&peer, f);
    open_with(f, &peer, 1);
    settle(f, &peer, &drive_state);
    for (size_t i = 0; i < REPORTS; i++) {
        f->now_ms = i % 2 == 0 ? NOW_MS - 86400000 : NOW_MS;
        report(f, i, 10 * (i + 1));
    }
    f->now_ms = -1;
    settle(f, &peer, &drive_state);
    assert_int_equal(row_of(f).state, STATE(OPEN));
    f->now_ms = DEADLINE_MS + INT64_C(864000000);
    settle(f, &peer, &drive_state);
    f->now_ms = NOW_MS;
    settle(f, &peer, &drive_state);
    assert_int_equal(row_of(f).state, STATE(AGREED));
    unshard(f, sums, &count);
    assert_int_equal(count, REPORTS);
    for (size_t i = 0; i < CELLS; i++)
        assert_int_equal(sums[i], 150 + (int64_t)i * REPORTS);
    fake_peer_clear(&peer);
}

static void test_drive_stops_when_told(void **state)
{
    fixture *f = *state;
    evh_drive drive_state = {.job_reports = 2, .stop = stop_now};
    fake_peer peer;
    fake_peer_init(&peer, f);
    evh_drive_outcome outcome = drive(f, &peer, &drive_state);
    assert_false(outcome.helper_reached);
    assert_false(outcome.log_cosigned);
    assert_int_equal(peer.calls, 0);
    fake_peer_clear(&peer);
}

static void test_open_refuses(void **state)
{
    fixture *f = *state;
    fake_peer peer;
    uint8_t unknown[32] = {1};
    uint8_t task_id[32];
    fake_peer_init(&peer, f);
    evh_peer handle = fake_peer_handle(&peer);
    const evh_aggregator *leader = &f->leader.aggregator;
    assert_fails_with(evh_leader_open(leader, &handle, task_id, unknown, 1, DEADLINE_MS),
                      EVH_ERR_REFUSED, "not in the log");
    assert_fails_with(evh_leader_open(leader, &handle, task_id, f->plan_id, 5, DEADLINE_MS),
                      EVH_ERR_REFUSED, "no round 5");
    assert_fails_with(evh_leader_open(leader, &handle, task_id, f->plan_id, 1, NOW_MS),
                      EVH_ERR_REFUSED, "has passed");
    open_with(f, &peer, 1);
    assert_fails_with(evh_leader_open(leader, &handle, task_id, f->plan_id, 1, DEADLINE_MS),
                      EVH_ERR_REFUSED, "opened before");
    fake_peer_clear(&peer);
}

#define DRIVE_TEST(test_name)                                                                      \
    cmocka_unit_test_setup_teardown(test_name, round_set_up, round_tear_down)

int run_drive_tests(void)
{
    const struct CMUnitTest tests[] = {
        DRIVE_TEST(test_drive_sums_are_exact),
        DRIVE_TEST(test_drive_any_fault_at_any_call),
        DRIVE_TEST(test_drive_faults_all_the_time),
        DRIVE_TEST(test_drive_waits_for_secrets_that_cannot_be_read),
        DRIVE_TEST(test_secret_names),
        DRIVE_TEST(test_drive_says_when_it_is_needed),
        DRIVE_TEST(test_drive_with_a_clock_that_jumps),
        DRIVE_TEST(test_drive_stops_when_told),
        DRIVE_TEST(test_open_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
