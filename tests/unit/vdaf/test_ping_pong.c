/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/vdaf/ping_pong.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "tests.h"

static const evh_prio3_params instances[] = {
    {.kind = EVH_PRIO3_COUNT, .shares = 2},
    {.kind = EVH_PRIO3_SUM_VEC, .shares = 2, .length = 5, .max_measurement = 9, .chunk_length = 3},
    {.kind = EVH_PRIO3_SUM_VEC_MULTIPROOF,
     .shares = 2,
     .length = 2,
     .max_measurement = 9,
     .chunk_length = 3},
};

enum { INSTANCES = sizeof instances / sizeof instances[0] };

typedef struct exchange {
    flow f;
    uint8_t *initial;
    uint8_t *final;
    size_t initial_len, final_len;
} exchange;

static void open_exchange(exchange *x, size_t instance)
{
    flow_open(&x->f, &instances[instance], 7);
    x->initial_len = evh_ping_pong_initial_len(x->f.prio3);
    x->final_len = evh_ping_pong_final_len(x->f.prio3);
    x->initial = calloc(x->initial_len + 1, 1);
    x->final = calloc(x->final_len + 1, 1);
    assert_true(x->initial != NULL && x->final != NULL);
    flow_random_measurement(&x->f);
    flow_shard(&x->f);
}

static void close_exchange(exchange *x)
{
    free(x->initial);
    free(x->final);
    flow_close(&x->f);
}

static void leader_init(exchange *x)
{
    evh_prio3_task task = flow_task(&x->f);
    evh_prio3_report report = flow_report(&x->f, 0);
    assert_ok(evh_ping_pong_leader_init(x->f.prio3, x->f.workspace, x->f.states, x->initial, &task,
                                        &report));
}

static evh_status helper(exchange *x, evh_view inbound, evh_prio3_verdict *verdict)
{
    evh_prio3_task task = flow_task(&x->f);
    evh_prio3_report report = flow_report(&x->f, 1);
    evh_ping_pong_helper_out out = {
        .output_share = flow_output(&x->f, 1), .outbound = x->final, .verdict = EVH_PRIO3_ACCEPTED};
    memset(out.output_share, 1, x->f.sizes.output_share);
    memset(x->final, 1, x->final_len);
    evh_status status =
        evh_ping_pong_helper(x->f.prio3, x->f.workspace, &out, &task, &report, inbound);
    *verdict = out.verdict;
    if (status.code != EVH_OK)
        assert_int_equal(*verdict, EVH_PRIO3_REJECTED);
    if (*verdict == EVH_PRIO3_REJECTED) {
        for (size_t i = 0; i < x->final_len; i++)
            assert_int_equal(x->final[i], 0);
        for (size_t i = 0; i < x->f.sizes.output_share; i++)
            assert_int_equal(out.output_share[i], 0);
    }
    return status;
}

static evh_status leader_finish(exchange *x, evh_view inbound, evh_prio3_verdict *verdict)
{
    leader_init(x);
    return evh_ping_pong_leader_finish(x->f.prio3, flow_output(&x->f, 0), verdict, x->f.states,
                                       inbound);
}

static void test_exchange_accepts(void **state)
{
    (void)state;
    for (size_t i = 0; i < INSTANCES; i++) {
        exchange x;
        evh_prio3_verdict verdict = EVH_PRIO3_REJECTED;
        open_exchange(&x, i);
        leader_init(&x);
        assert_int_equal(x.initial[0], 0);
        assert_int_equal(x.initial[3] * 256 + x.initial[4], x.f.sizes.verifier_share);
        assert_ok(helper(&x, evh_view_of(x.initial, x.initial_len), &verdict));
        assert_int_equal(verdict, EVH_PRIO3_ACCEPTED);
        const uint8_t header[5] = {2, 0, 0, 0, (uint8_t)x.f.sizes.verifier_message};
        assert_memory_equal(x.final, header, sizeof header);
        assert_ok(leader_finish(&x, evh_view_of(x.final, x.final_len), &verdict));
        assert_int_equal(verdict, EVH_PRIO3_ACCEPTED);
        flow_check_result(&x.f);
        close_exchange(&x);
    }
}

/* Any flipped bit of the leader's message: malformed, or rejected, or (in the leader's part) an
 * answer that the helper itself refuses. */
static void test_flipped_initial_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < INSTANCES; i++) {
        exchange x;
        open_exchange(&x, i);
        leader_init(&x);
        for (size_t bit = 0; bit < 8 * x.initial_len; bit++) {
            evh_prio3_verdict verdict = EVH_PRIO3_ACCEPTED;
            x.initial[bit / 8] ^= (uint8_t)(1U << (bit % 8));
            evh_status status = helper(&x, evh_view_of(x.initial, x.initial_len), &verdict);
            assert_int_equal(verdict, EVH_PRIO3_REJECTED);
            if (bit < 8)
                assert_int_equal(status.code, EVH_ERR_TYPE);
            else if (bit < 40)
                assert_true(status.code == EVH_ERR_LENGTH || status.code == EVH_ERR_TRAILING);
            else
                assert_true(status.code == EVH_OK || status.code == EVH_ERR_ENCODING);
            x.initial[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        }
        close_exchange(&x);
    }
}

static void test_flipped_final_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < INSTANCES; i++) {
        exchange x;
        evh_prio3_verdict verdict = EVH_PRIO3_REJECTED;
        open_exchange(&x, i);
        leader_init(&x);
        assert_ok(helper(&x, evh_view_of(x.initial, x.initial_len), &verdict));
        for (size_t bit = 0; bit < 8 * x.final_len; bit++) {
            x.final[bit / 8] ^= (uint8_t)(1U << (bit % 8));
            evh_status status = leader_finish(&x, evh_view_of(x.final, x.final_len), &verdict);
            assert_int_equal(verdict, EVH_PRIO3_REJECTED);
            assert_true(bit >= 40 ? status.code == EVH_OK : status.code != EVH_OK);
            assert_int_equal(x.f.states[0], 0); /* consumed */
            x.final[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        }
        close_exchange(&x);
    }
}

static void test_cut_and_trailing_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < INSTANCES; i++) {
        exchange x;
        evh_prio3_verdict verdict = EVH_PRIO3_REJECTED;
        open_exchange(&x, i);
        leader_init(&x);
        assert_ok(helper(&x, evh_view_of(x.initial, x.initial_len), &verdict));
        uint8_t *whole = calloc(x.final_len, 1);
        assert_non_null(whole);
        memcpy(whole, x.final, x.final_len);
        for (size_t len = 0; len < x.initial_len; len++)
            assert_fails(helper(&x, evh_view_of(x.initial, len), &verdict), EVH_ERR_LENGTH);
        assert_fails(helper(&x, evh_view_of(x.initial, x.initial_len + 1), &verdict),
                     EVH_ERR_TRAILING);
        memcpy(x.final, whole, x.final_len);
        for (size_t len = 0; len < x.final_len; len++) {
            evh_view cut = evh_view_of(x.final, len);
            assert_fails(leader_finish(&x, cut, &verdict), EVH_ERR_LENGTH);
        }
        evh_view longer = evh_view_of(x.final, x.final_len + 1);
        assert_fails(leader_finish(&x, longer, &verdict), EVH_ERR_TRAILING);
        free(whole);
        close_exchange(&x);
    }
}

/* Each side gets the other's kind of message, or one that never occurs. */
static void test_wrong_types(void **state)
{
    (void)state;
    exchange x;
    evh_prio3_verdict verdict = EVH_PRIO3_REJECTED;
    open_exchange(&x, 1);
    leader_init(&x);
    assert_ok(helper(&x, evh_view_of(x.initial, x.initial_len), &verdict));
    for (unsigned type = 0; type < 256; type++) {
        x.final[0] = (uint8_t)type;
        evh_view inbound = evh_view_of(x.final, x.final_len);
        if (type != 2)
            assert_fails(leader_finish(&x, inbound, &verdict), EVH_ERR_TYPE);
        leader_init(&x);
        x.initial[0] = (uint8_t)type;
        if (type != 0)
            assert_fails(helper(&x, evh_view_of(x.initial, x.initial_len), &verdict), EVH_ERR_TYPE);
    }
    close_exchange(&x);
}

static void test_helper_with_malformed_share(void **state)
{
    (void)state;
    exchange x;
    open_exchange(&x, 1);
    leader_init(&x);
    evh_prio3_task task = flow_task(&x.f);
    evh_prio3_report report = flow_report(&x.f, 1);
    evh_ping_pong_helper_out out = {flow_output(&x.f, 1), x.final, EVH_PRIO3_ACCEPTED};
    report.input_share.len--;
    assert_fails(evh_ping_pong_helper(x.f.prio3, x.f.workspace, &out, &task, &report,
                                      evh_view_of(x.initial, x.initial_len)),
                 EVH_ERR_LENGTH);
    assert_int_equal(out.verdict, EVH_PRIO3_REJECTED);
    report = flow_report(&x.f, 0);
    report.input_share.len++;
    assert_fails(
        evh_ping_pong_leader_init(x.f.prio3, x.f.workspace, x.f.states, x.initial, &task, &report),
        EVH_ERR_TRAILING);
    for (size_t i = 0; i < x.initial_len; i++)
        assert_int_equal(x.initial[i], 0);
    close_exchange(&x);
}

static void test_only_for_two(void **state)
{
    (void)state;
    flow f;
    evh_prio3_params params = {.kind = EVH_PRIO3_COUNT, .shares = 3};
    uint8_t outbound[64];
    flow_open(&f, &params, 1);
    flow_shard(&f);
    evh_prio3_task task = flow_task(&f);
    evh_prio3_report report = flow_report(&f, 0);
    evh_ping_pong_helper_out out = {f.output_shares, outbound, EVH_PRIO3_ACCEPTED};
    assert_fails_with(
        evh_ping_pong_leader_init(f.prio3, f.workspace, f.states, outbound, &task, &report),
        EVH_ERR_ARG, "two aggregators");
    assert_fails(evh_ping_pong_helper(f.prio3, f.workspace, &out, &task, &report,
                                      evh_view_of(outbound, sizeof outbound)),
                 EVH_ERR_ARG);
    flow_close(&f);
}

int run_ping_pong_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exchange_accepts),
        cmocka_unit_test(test_flipped_initial_message),
        cmocka_unit_test(test_flipped_final_message),
        cmocka_unit_test(test_cut_and_trailing_messages),
        cmocka_unit_test(test_wrong_types),
        cmocka_unit_test(test_helper_with_malformed_share),
        cmocka_unit_test(test_only_for_two),
    };
    return cmocka_run_group_tests_name("ping_pong", tests, NULL, NULL);
}
