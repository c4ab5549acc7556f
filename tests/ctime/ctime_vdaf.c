/* SPDX-License-Identifier: Apache-2.0
 * Every function of lib/field and lib/vdaf that touches a secret, with the secrets marked: the
 * measurement and the shard randomness; input shares and the verify key; verifier shares; states;
 * output and aggregate shares. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/secret.h"
#include "evenhand/vdaf/batch.h"
#include "evenhand/vdaf/prio3.h"
#include "support/test.h"

enum { SHARES = 2, VALUES_MAX = 6 };

typedef struct run {
    evh_prio3 *prio3;
    evh_prio3_workspace *workspace;
    evh_prio3_sizes sizes;
    uint8_t nonce[EVH_PRIO3_NONCE_LEN];
    uint8_t verify_key[EVH_PRIO3_VERIFY_KEY_LEN];
    uint8_t public_share[SHARES * 32];
    uint8_t *input_shares[SHARES];
    uint8_t *states[SHARES];
    uint8_t *verifiers[SHARES];
    uint8_t *outputs[SHARES];
    uint8_t message[32];
} run;

static const evh_prio3_params instances[] = {
    {.kind = EVH_PRIO3_COUNT, .shares = SHARES},
    {.kind = EVH_PRIO3_SUM, .shares = SHARES, .max_measurement = 100},
    {.kind = EVH_PRIO3_SUM_VEC,
     .shares = SHARES,
     .length = 6,
     .max_measurement = 100,
     .chunk_length = 5},
    {.kind = EVH_PRIO3_HISTOGRAM, .shares = SHARES, .length = 6, .chunk_length = 2},
    {.kind = EVH_PRIO3_MULTIHOT_COUNT,
     .shares = SHARES,
     .length = 6,
     .max_measurement = 4,
     .chunk_length = 3},
    {.kind = EVH_PRIO3_SUM_VEC_MULTIPROOF,
     .shares = SHARES,
     .length = 6,
     .max_measurement = 77,
     .chunk_length = 4},
};

enum { INSTANCES = sizeof instances / sizeof instances[0] };

static uint8_t *new_bytes(size_t len)
{
    uint8_t *bytes = calloc(len + 1, 1);
    assert_non_null(bytes);
    return bytes;
}

static void open_run(run *r, size_t instance)
{
    memset(r, 0, sizeof *r);
    assert_ok(evh_prio3_new(&r->prio3, &instances[instance]));
    assert_ok(evh_prio3_workspace_new(&r->workspace, r->prio3));
    r->sizes = *evh_prio3_sizes_of(r->prio3);
    memset(r->nonce, 7, sizeof r->nonce);
    memset(r->verify_key, 9, sizeof r->verify_key);
    for (uint32_t id = 0; id < SHARES; id++) {
        r->input_shares[id] = new_bytes(evh_prio3_input_share_len(r->prio3, id));
        r->states[id] = new_bytes(r->sizes.state);
        r->verifiers[id] = new_bytes(r->sizes.verifier_share);
        r->outputs[id] = new_bytes(r->sizes.output_share);
    }
}

static void close_run(run *r)
{
    for (uint32_t id = 0; id < SHARES; id++) {
        free(r->input_shares[id]);
        free(r->states[id]);
        free(r->verifiers[id]);
        free(r->outputs[id]);
    }
    evh_prio3_workspace_free(&r->workspace);
    evh_prio3_free(&r->prio3);
}

/* Shards the measurement 1, 0, 1, ... (or bucket 1); with secrets marked the shares stay marked. */
static void shard(run *r)
{
    evh_u128 values[VALUES_MAX];
    uint8_t rand[SHARES * 64];
    for (size_t i = 0; i < VALUES_MAX; i++)
        values[i] = (i + 1) % 2;
    for (size_t i = 0; i < sizeof rand; i++)
        rand[i] = (uint8_t)(i * 37);
    evh_mark_secret(values, sizeof values);
    evh_mark_secret(rand, sizeof rand);
    evh_prio3_shard_out out = {r->public_share, r->input_shares[0], r->input_shares[1]};
    evh_prio3_shard_in in = {.ctx = view_of_literal("ctx"),
                             .nonce = r->nonce,
                             .measurement = values,
                             .measurement_len = r->sizes.measurement_count};
    assert_ok(evh_prio3_shard_with_rand(r->prio3, r->workspace, &out, &in,
                                        evh_view_of(rand, r->sizes.rand)));
}

static void verify_init(run *r, uint32_t id)
{
    size_t len = evh_prio3_input_share_len(r->prio3, id);
    evh_mark_secret(r->input_shares[id], len);
    evh_mark_secret(r->verify_key, sizeof r->verify_key);
    evh_prio3_task task = {view_of_literal("ctx"), r->verify_key};
    evh_prio3_report report = {r->nonce, evh_view_of(r->public_share, r->sizes.public_share),
                               evh_view_of(r->input_shares[id], len)};
    assert_ok(evh_prio3_verify_init(r->prio3, r->workspace, r->states[id], r->verifiers[id], &task,
                                    id, &report));
}

static void finish(run *r, evh_prio3_verdict expected)
{
    evh_prio3_verdict verdict = EVH_PRIO3_REJECTED;
    evh_view shares[SHARES];
    for (uint32_t id = 0; id < SHARES; id++) {
        evh_mark_secret(r->verifiers[id], r->sizes.verifier_share);
        shares[id] = evh_view_of(r->verifiers[id], r->sizes.verifier_share);
    }
    assert_ok(evh_prio3_verifier_shares_to_message(r->prio3, r->workspace, r->message, &verdict,
                                                   view_of_literal("ctx"), shares, SHARES));
    assert_int_equal(verdict, expected);
    if (verdict == EVH_PRIO3_REJECTED)
        return;
    for (uint32_t id = 0; id < SHARES; id++) {
        evh_mark_secret(r->states[id] + 1, r->sizes.state - 1);
        assert_ok(evh_prio3_verify_next(r->prio3, r->outputs[id], &verdict, r->states[id],
                                        evh_view_of(r->message, r->sizes.verifier_message)));
        assert_int_equal(verdict, EVH_PRIO3_ACCEPTED);
    }
}

static void test_whole_runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < INSTANCES; i++) {
        run r;
        open_run(&r, i);
        shard(&r);
        for (uint32_t id = 0; id < SHARES; id++)
            verify_init(&r, id);
        finish(&r, EVH_PRIO3_ACCEPTED);
        close_run(&r);
    }
}

static void test_rejected_report(void **state)
{
    (void)state;
    for (size_t i = 0; i < INSTANCES; i++) {
        run r;
        open_run(&r, i);
        shard(&r);
        r.input_shares[1][0] ^= 1;
        for (uint32_t id = 0; id < SHARES; id++)
            verify_init(&r, id);
        finish(&r, EVH_PRIO3_REJECTED);
        close_run(&r);
    }
}

static void test_aggregate_and_unshard(void **state)
{
    (void)state;
    for (size_t i = 0; i < INSTANCES; i++) {
        run r;
        evh_u128 result[VALUES_MAX];
        evh_view shares[SHARES];
        open_run(&r, i);
        shard(&r);
        for (uint32_t id = 0; id < SHARES; id++)
            verify_init(&r, id);
        finish(&r, EVH_PRIO3_ACCEPTED);
        for (uint32_t id = 0; id < SHARES; id++) {
            uint8_t *sum = r.states[id]; /* as long, and no longer needed */
            evh_view output = evh_view_of(r.outputs[id], r.sizes.output_share);
            evh_prio3_aggregate_init(r.prio3, sum);
            evh_mark_secret(r.outputs[id], r.sizes.output_share);
            assert_ok(evh_prio3_aggregate_add(r.prio3, sum, output));
            assert_ok(evh_prio3_aggregate_add(r.prio3, sum, output));
            shares[id] = evh_view_of(sum, r.sizes.aggregate_share);
        }
        assert_ok(evh_prio3_unshard(r.prio3, result, shares, SHARES));
        evh_declassify(result, r.sizes.result_count * sizeof result[0], "the test checks it");
        bool histogram = instances[i].kind == EVH_PRIO3_HISTOGRAM;
        for (size_t k = 0; k < r.sizes.result_count; k++)
            assert_true(result[k] == (histogram ? 2 * (k == 1) : 2 * ((k + 1) % 2)));
        close_run(&r);
    }
}

static void test_ping_pong(void **state)
{
    (void)state;
    for (size_t i = 0; i < INSTANCES; i++) {
        run r;
        uint8_t inbound[4096];
        uint8_t outbound[64];
        open_run(&r, i);
        shard(&r);
        evh_prio3_task task = {view_of_literal("ctx"), r.verify_key};
        evh_mark_secret(r.verify_key, sizeof r.verify_key);
        evh_view public_share = evh_view_of(r.public_share, r.sizes.public_share);
        evh_prio3_report leader = {r.nonce, public_share,
                                   evh_view_of(r.input_shares[0], r.sizes.leader_share)};
        evh_prio3_report helper = {r.nonce, public_share,
                                   evh_view_of(r.input_shares[1], r.sizes.helper_share)};
        size_t len = evh_ping_pong_initial_len(r.prio3);
        assert_true(len <= sizeof inbound);
        assert_ok(
            evh_ping_pong_leader_init(r.prio3, r.workspace, r.states[0], inbound, &task, &leader));
        evh_ping_pong_helper_item item = {.report = helper,
                                          .inbound = evh_view_of(inbound, len),
                                          .out = {r.outputs[1], outbound, EVH_PRIO3_REJECTED}};
        evh_ping_pong_helper_batch(r.prio3, r.workspace, &task, &item, 1);
        assert_ok(item.status);
        assert_int_equal(item.out.verdict, EVH_PRIO3_ACCEPTED);
        assert_ok(
            evh_ping_pong_leader_finish(r.prio3, r.outputs[0], &item.out.verdict, r.states[0],
                                        evh_view_of(outbound, evh_ping_pong_final_len(r.prio3))));
        assert_int_equal(item.out.verdict, EVH_PRIO3_ACCEPTED);
        close_run(&r);
    }
}

/* A refused measurement shows only that it was refused. */
static void test_refused_measurement(void **state)
{
    (void)state;
    run r;
    evh_u128 values[VALUES_MAX] = {1, 2, 3, 4, 101, 5};
    uint8_t rand[SHARES * 64] = {1};
    open_run(&r, 2);
    evh_mark_secret(values, sizeof values);
    evh_mark_secret(rand, sizeof rand);
    evh_prio3_shard_out out = {r.public_share, r.input_shares[0], r.input_shares[1]};
    evh_prio3_shard_in in = {view_of_literal("ctx"), r.nonce, values, VALUES_MAX};
    assert_fails(
        evh_prio3_shard_with_rand(r.prio3, r.workspace, &out, &in, evh_view_of(rand, r.sizes.rand)),
        EVH_ERR_RANGE);
    close_run(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_runs),
        cmocka_unit_test(test_rejected_report),
        cmocka_unit_test(test_aggregate_and_unshard),
        cmocka_unit_test(test_ping_pong),
        cmocka_unit_test(test_refused_measurement),
    };
    return cmocka_run_group_tests_name("ctime vdaf", tests, NULL, NULL);
}
