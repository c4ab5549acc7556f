/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/vdaf/batch.h"

#include <string.h>

#include "flow.h"
#include "tests.h"

enum { REPORTS = 6, LENGTH = 3, STATE_MAX = 128, SHARE_MAX = 1024, VERIFIER_MAX = 512 };

/* Fixed-size room for six reports of a small vector. */
typedef struct batch {
    flow f;
    evh_u128 measurements[REPORTS][LENGTH];
    uint8_t nonces[REPORTS][EVH_PRIO3_NONCE_LEN];
    uint8_t public_shares[REPORTS][64];
    uint8_t leader_shares[REPORTS][SHARE_MAX];
    uint8_t helper_shares[REPORTS][64];
    uint8_t states[REPORTS][STATE_MAX];
    uint8_t messages[REPORTS][VERIFIER_MAX];
    uint8_t answers[REPORTS][64];
    uint8_t outputs[2][REPORTS][LENGTH * 16];
} batch;

static void open_batch(batch *b)
{
    evh_prio3_params params = {.kind = EVH_PRIO3_SUM_VEC,
                               .shares = 2,
                               .length = LENGTH,
                               .max_measurement = 9,
                               .chunk_length = 4};
    evh_prio3_shard_item items[REPORTS];
    memset(b, 0, sizeof *b);
    flow_open(&b->f, &params, 77);
    assert_true(b->f.sizes.leader_share <= SHARE_MAX);
    assert_true(evh_ping_pong_initial_len(b->f.prio3) <= VERIFIER_MAX);
    assert_true(b->f.sizes.state <= STATE_MAX);
    for (size_t i = 0; i < REPORTS; i++) {
        for (size_t k = 0; k < LENGTH; k++)
            b->measurements[i][k] = (i + 3 * k) % 10;
        assert_ok(evh_rng_fill(&b->f.rng, b->nonces[i], sizeof b->nonces[i]));
        evh_prio3_shard_item item = {
            .in = {evh_buffer_view(&b->f.ctx), b->nonces[i], b->measurements[i], LENGTH},
            .out = {b->public_shares[i], b->leader_shares[i], b->helper_shares[i]}};
        items[i] = item;
    }
    assert_ok(evh_prio3_shard_batch(b->f.prio3, b->f.workspace, items, REPORTS, &b->f.rng));
    for (size_t i = 0; i < REPORTS; i++)
        assert_ok(items[i].status);
}

static evh_prio3_report report_of(batch *b, uint32_t agg_id, size_t i)
{
    evh_view share = agg_id == 0 ? evh_view_of(b->leader_shares[i], b->f.sizes.leader_share)
                                 : evh_view_of(b->helper_shares[i], b->f.sizes.helper_share);
    evh_prio3_report report = {b->nonces[i], evh_view_of(b->public_shares[i], 64), share};
    return report;
}

/* The leader's init through the batch; its messages in ping-pong form. */
static void run_leader(batch *b, evh_prio3_init_item items[REPORTS])
{
    evh_prio3_task task = flow_task(&b->f);
    for (size_t i = 0; i < REPORTS; i++) {
        evh_prio3_init_item item = {.report = report_of(b, 0, i),
                                    .state = b->states[i],
                                    .verifier_share = b->messages[i] + 5};
        items[i] = item;
        size_t len = b->f.sizes.verifier_share;
        const uint8_t header[5] = {0, 0, 0, (uint8_t)(len >> 8), (uint8_t)len};
        memcpy(b->messages[i], header, sizeof header);
    }
    evh_prio3_verify_init_batch(b->f.prio3, b->f.workspace, &task, 0, items, REPORTS);
}

static void run_helper(batch *b, evh_ping_pong_helper_item items[REPORTS])
{
    evh_prio3_task task = flow_task(&b->f);
    size_t len = evh_ping_pong_initial_len(b->f.prio3);
    for (size_t i = 0; i < REPORTS; i++) {
        evh_ping_pong_helper_item item = {
            .report = report_of(b, 1, i),
            .inbound = evh_view_of(b->messages[i], len),
            .out = {b->outputs[1][i], b->answers[i], EVH_PRIO3_ACCEPTED}};
        items[i] = item;
    }
    evh_ping_pong_helper_batch(b->f.prio3, b->f.workspace, &task, items, REPORTS);
}

static void test_batch_of_good_reports(void **state)
{
    (void)state;
    batch b;
    evh_prio3_init_item leader[REPORTS];
    evh_ping_pong_helper_item helper[REPORTS];
    evh_view views[2][REPORTS];
    uint8_t sums[2][LENGTH * 16] = {{0}};
    evh_u128 result[LENGTH];
    open_batch(&b);
    run_leader(&b, leader);
    run_helper(&b, helper);
    for (size_t i = 0; i < REPORTS; i++) {
        evh_prio3_verdict verdict = EVH_PRIO3_REJECTED;
        assert_ok(leader[i].status);
        assert_ok(helper[i].status);
        assert_int_equal(helper[i].out.verdict, EVH_PRIO3_ACCEPTED);
        assert_ok(evh_ping_pong_leader_finish(b.f.prio3, b.outputs[0][i], &verdict, b.states[i],
                                              evh_view_of(b.answers[i], 37)));
        assert_int_equal(verdict, EVH_PRIO3_ACCEPTED);
        views[0][i] = evh_view_of(b.outputs[0][i], LENGTH * 16);
        views[1][i] = evh_view_of(b.outputs[1][i], LENGTH * 16);
    }
    assert_ok(evh_prio3_aggregate_add_batch(b.f.prio3, sums[0], views[0], REPORTS));
    assert_ok(evh_prio3_aggregate_add_batch(b.f.prio3, sums[1], views[1], REPORTS));
    evh_view shares[2] = {evh_view_of(sums[0], sizeof sums[0]),
                          evh_view_of(sums[1], sizeof sums[1])};
    assert_ok(evh_prio3_unshard(b.f.prio3, result, shares, 2));
    for (size_t k = 0; k < LENGTH; k++) {
        evh_u128 expected = 0;
        for (size_t i = 0; i < REPORTS; i++)
            expected += b.measurements[i][k];
        assert_true(result[k] == expected);
    }
    flow_close(&b.f);
}

/* The batch gives byte for byte what single calls give. */
static void test_batch_equals_single_calls(void **state)
{
    (void)state;
    batch b;
    evh_prio3_init_item leader[REPORTS];
    uint8_t state_bytes[STATE_MAX];
    uint8_t verifier[VERIFIER_MAX];
    open_batch(&b);
    run_leader(&b, leader);
    evh_prio3_task task = flow_task(&b.f);
    for (size_t i = 0; i < REPORTS; i++) {
        evh_prio3_report report = report_of(&b, 0, i);
        assert_ok(evh_prio3_verify_init(b.f.prio3, b.f.workspace, state_bytes, verifier, &task, 0,
                                        &report));
        assert_memory_equal(state_bytes, b.states[i], b.f.sizes.state);
        assert_memory_equal(verifier, leader[i].verifier_share, b.f.sizes.verifier_share);
    }
    flow_close(&b.f);
}

/* One malformed and one false report among good ones. */
static void test_bad_reports_do_not_disturb_others(void **state)
{
    (void)state;
    batch b;
    evh_prio3_init_item leader[REPORTS];
    evh_ping_pong_helper_item helper[REPORTS];
    open_batch(&b);
    memset(b.leader_shares[1], 0xff, 16); /* not canonical */
    b.helper_shares[4][0] ^= 1;           /* another share than the proof is for */
    run_leader(&b, leader);
    run_helper(&b, helper);
    for (size_t i = 0; i < REPORTS; i++) {
        if (i == 1) {
            assert_fails(leader[i].status, EVH_ERR_ENCODING);
            assert_int_equal(b.states[i][0], 0);
        } else {
            assert_ok(leader[i].status);
        }
        assert_ok(helper[i].status);
        assert_int_equal(helper[i].out.verdict,
                         i == 1 || i == 4 ? EVH_PRIO3_REJECTED : EVH_PRIO3_ACCEPTED);
    }
    flow_close(&b.f);
}

static void test_shard_batch_reports_the_first_failure(void **state)
{
    (void)state;
    batch b;
    open_batch(&b);
    evh_prio3_shard_item items[3];
    for (size_t i = 0; i < 3; i++) {
        evh_prio3_shard_item item = {
            .in = {evh_buffer_view(&b.f.ctx), b.nonces[i], b.measurements[i], LENGTH},
            .out = {b.public_shares[i], b.leader_shares[i], b.helper_shares[i]}};
        items[i] = item;
    }
    b.measurements[1][0] = 10;
    items[2].in.measurement_len = 1;
    assert_fails(evh_prio3_shard_batch(b.f.prio3, b.f.workspace, items, 3, &b.f.rng),
                 EVH_ERR_RANGE);
    assert_ok(items[0].status);
    assert_fails(items[1].status, EVH_ERR_RANGE);
    assert_fails(items[2].status, EVH_ERR_ARG);
    flow_close(&b.f);
}

static void test_aggregate_add_batch_is_all_or_nothing(void **state)
{
    (void)state;
    flow f;
    evh_prio3_params params = {.kind = EVH_PRIO3_COUNT, .shares = 2};
    uint8_t sum[8] = {5};
    const uint8_t good[8] = {1};
    const uint8_t bad[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    evh_view views[3] = {evh_view_of(good, 8), evh_view_of(bad, 8), evh_view_of(good, 8)};
    flow_open(&f, &params, 1);
    assert_fails(evh_prio3_aggregate_add_batch(f.prio3, sum, views, 3), EVH_ERR_ENCODING);
    assert_int_equal(sum[0], 5);
    assert_ok(evh_prio3_aggregate_add_batch(f.prio3, sum, views, 1));
    assert_int_equal(sum[0], 6);
    assert_ok(evh_prio3_aggregate_add_batch(f.prio3, sum, views, 0));
    assert_int_equal(sum[0], 6);
    flow_close(&f);
}

int run_batch_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batch_of_good_reports),
        cmocka_unit_test(test_batch_equals_single_calls),
        cmocka_unit_test(test_bad_reports_do_not_disturb_others),
        cmocka_unit_test(test_shard_batch_reports_the_first_failure),
        cmocka_unit_test(test_aggregate_add_batch_is_all_or_nothing),
    };
    return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
