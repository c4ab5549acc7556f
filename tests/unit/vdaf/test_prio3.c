/* SPDX-License-Identifier: Apache-2.0
 * Parameters, lengths, and complete runs that must succeed. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/field/chunk.h"
#include "evenhand/field/field128.h"
#include "evenhand/field/field64.h"
#include "flow.h"
#include "tests.h"

static evh_status try_params(evh_prio3_params params)
{
    evh_prio3 *prio3 = NULL;
    evh_status status = evh_prio3_new(&prio3, &params);
    assert_int_equal(prio3 == NULL, status.code != EVH_OK);
    evh_prio3_free(&prio3);
    assert_null(prio3);
    return status;
}

static evh_prio3_params vector_params(evh_prio3_kind kind, uint64_t length, evh_u128 max,
                                      uint64_t chunk)
{
    evh_prio3_params params = {
        .kind = kind, .shares = 2, .length = length, .max_measurement = max, .chunk_length = chunk};
    return params;
}

static void test_new_refuses_shares_proofs_and_kinds(void **state)
{
    (void)state;
    evh_prio3_params params = {.kind = EVH_PRIO3_COUNT, .shares = 2};
    assert_ok(try_params(params));
    params.shares = 255;
    assert_ok(try_params(params));
    params.shares = 256;
    assert_fails_with(try_params(params), EVH_ERR_RANGE, "shares must be 2 to 255");
    params.shares = 1;
    assert_fails(try_params(params), EVH_ERR_RANGE);
    params.shares = 0;
    assert_fails(try_params(params), EVH_ERR_RANGE);
    params.shares = 2;
    params.proofs = 255;
    assert_ok(try_params(params));
    params.proofs = 256;
    assert_fails_with(try_params(params), EVH_ERR_RANGE, "proofs");
    params.proofs = 0;
    params.kind = (evh_prio3_kind)0;
    assert_fails(try_params(params), EVH_ERR_ARG);
    params.kind = (evh_prio3_kind)7;
    assert_fails_with(try_params(params), EVH_ERR_ARG, "kind 7");
    params.kind = EVH_PRIO3_COUNT;
    params.field = (evh_field_id)96;
    assert_fails_with(try_params(params), EVH_ERR_ARG, "field number 96");
}

static void test_new_refuses_what_a_kind_does_not_take(void **state)
{
    (void)state;
    assert_fails(try_params(vector_params(EVH_PRIO3_COUNT, 1, 0, 0)), EVH_ERR_RANGE);
    assert_fails(try_params(vector_params(EVH_PRIO3_COUNT, 0, 1, 0)), EVH_ERR_RANGE);
    assert_fails(try_params(vector_params(EVH_PRIO3_SUM, 0, 1, 1)), EVH_ERR_RANGE);
    assert_fails(try_params(vector_params(EVH_PRIO3_SUM, 0, 0, 0)), EVH_ERR_RANGE);
    assert_fails(try_params(vector_params(EVH_PRIO3_HISTOGRAM, 5, 1, 2)), EVH_ERR_RANGE);
    const evh_prio3_kind kinds[] = {EVH_PRIO3_SUM_VEC, EVH_PRIO3_SUM_VEC_MULTIPROOF,
                                    EVH_PRIO3_MULTIHOT_COUNT, EVH_PRIO3_HISTOGRAM};
    for (size_t i = 0; i < 4; i++) {
        evh_u128 max = kinds[i] == EVH_PRIO3_HISTOGRAM ? 0 : 3;
        assert_ok(try_params(vector_params(kinds[i], 5, max, 2)));
        assert_fails_with(try_params(vector_params(kinds[i], 0, max, 2)), EVH_ERR_RANGE, "length");
        assert_fails_with(try_params(vector_params(kinds[i], 5, max, 0)), EVH_ERR_RANGE,
                          "chunk_length");
        assert_fails(try_params(vector_params(kinds[i], UINT64_MAX, max, 2)), EVH_ERR_RANGE);
        assert_fails(try_params(vector_params(kinds[i], 5, max, UINT64_MAX)), EVH_ERR_RANGE);
        if (kinds[i] != EVH_PRIO3_HISTOGRAM)
            assert_fails(try_params(vector_params(kinds[i], 5, 0, 2)), EVH_ERR_RANGE);
    }
    assert_fails_with(try_params(vector_params(EVH_PRIO3_MULTIHOT_COUNT, 5, 6, 2)), EVH_ERR_RANGE,
                      "max_weight");
}

static void test_new_refuses_field_overflow(void **state)
{
    (void)state;
    evh_u128 most64 = ((evh_u128)1 << 63) - 1;
    evh_u128 most128 = ((evh_u128)1 << 127) - 1;
    assert_ok(try_params(vector_params(EVH_PRIO3_SUM, 0, most64, 0)));
    assert_fails_with(try_params(vector_params(EVH_PRIO3_SUM, 0, most64 + 1, 0)), EVH_ERR_RANGE,
                      "64 bits");
    assert_ok(try_params(vector_params(EVH_PRIO3_SUM_VEC_MULTIPROOF, 1, most64, 8)));
    assert_fails(try_params(vector_params(EVH_PRIO3_SUM_VEC_MULTIPROOF, 1, most64 + 1, 8)),
                 EVH_ERR_RANGE);
    assert_ok(try_params(vector_params(EVH_PRIO3_SUM_VEC, 1, most128, 8)));
    assert_fails_with(try_params(vector_params(EVH_PRIO3_SUM_VEC, 1, most128 + 1, 8)),
                      EVH_ERR_RANGE, "128 bits");
}

static void test_new_refuses_few_proofs_over_field64(void **state)
{
    (void)state;
    evh_prio3_params params = vector_params(EVH_PRIO3_SUM_VEC_MULTIPROOF, 2, 3, 2);
    for (uint32_t proofs = 1; proofs < 5; proofs++) {
        params.proofs = proofs;
        if (proofs < 3)
            assert_fails_with(try_params(params), EVH_ERR_RANGE, "at least 3 proofs");
        else
            assert_ok(try_params(params));
    }
    params.field = EVH_FIELD_128;
    params.proofs = 1;
    assert_ok(try_params(params));
    params.kind = EVH_PRIO3_SUM_VEC;
    params.field = EVH_FIELD_64;
    assert_fails(try_params(params), EVH_ERR_RANGE);
    params.proofs = 3;
    assert_ok(try_params(params));
}

static void test_new_refuses_too_long(void **state)
{
    (void)state;
    assert_fails_with(try_params(vector_params(EVH_PRIO3_SUM_VEC, EVH_VDAF_MEAS_LEN_MAX, 3, 2000)),
                      EVH_ERR_RANGE, "too long");
    assert_fails_with(
        try_params(vector_params(EVH_PRIO3_HISTOGRAM, EVH_VDAF_MEAS_LEN_MAX, 0, 2000)),
        EVH_ERR_RANGE, "too long");
    assert_fails(try_params(vector_params(EVH_PRIO3_HISTOGRAM, EVH_VDAF_MEAS_LEN_MAX + 1ULL, 0, 9)),
                 EVH_ERR_RANGE);
}

static void test_defaults_and_lengths(void **state)
{
    (void)state;
    flow f;
    evh_prio3_params params = vector_params(EVH_PRIO3_SUM_VEC, 288, 1023, 46);
    flow_open(&f, &params, 1);
    assert_int_equal(f.params.field, EVH_FIELD_128);
    assert_int_equal(f.params.proofs, 1);
    assert_int_equal(f.sizes.leader_share, 49616);
    assert_int_equal(f.sizes.verifier_share, 1504 + 32);
    assert_int_equal(f.sizes.helper_share, 64);
    assert_int_equal(f.sizes.public_share, 64);
    assert_int_equal(f.sizes.rand, 128);
    assert_int_equal(f.sizes.verifier_message, 32);
    flow_close(&f);
    params.kind = EVH_PRIO3_SUM_VEC_MULTIPROOF;
    flow_open(&f, &params, 1);
    assert_int_equal(f.params.field, EVH_FIELD_64);
    assert_int_equal(f.params.proofs, 3);
    assert_int_equal(f.sizes.leader_share, 28328);
    assert_int_equal(f.sizes.verifier_share, 2288);
    flow_close(&f);
    evh_prio3_params count = {.kind = EVH_PRIO3_COUNT, .shares = 3};
    flow_open(&f, &count, 1);
    assert_int_equal(f.sizes.public_share, 0);
    assert_int_equal(f.sizes.verifier_message, 0);
    assert_int_equal(f.sizes.helper_share, 32);
    assert_int_equal(f.sizes.rand, 96);
    assert_int_equal(evh_prio3_input_share_len(f.prio3, 0), f.sizes.leader_share);
    assert_int_equal(evh_prio3_input_share_len(f.prio3, 2), 32);
    flow_close(&f);
}

static void test_check_capacity(void **state)
{
    (void)state;
    flow f;
    evh_prio3_params sum = {.kind = EVH_PRIO3_SUM, .shares = 2, .max_measurement = 0xffffffff};
    flow_open(&f, &sum, 1);
    assert_ok(evh_prio3_check_capacity(f.prio3, (uint64_t)1 << 32));
    assert_fails_with(evh_prio3_check_capacity(f.prio3, ((uint64_t)1 << 32) + 2), EVH_ERR_RANGE,
                      "64-bit field");
    flow_close(&f);
    evh_prio3_params histogram = vector_params(EVH_PRIO3_HISTOGRAM, 3, 0, 2);
    flow_open(&f, &histogram, 1);
    assert_ok(evh_prio3_check_capacity(f.prio3, UINT64_MAX));
    flow_close(&f);
}

/* ---- complete runs ---- */

static void run_random(const evh_prio3_params *params, uint64_t seed, size_t reports)
{
    flow f;
    flow_open(&f, params, seed);
    for (size_t i = 0; i < reports; i++) {
        flow_random_measurement(&f);
        assert_ok(evh_rng_fill(&f.rng, f.nonce, sizeof f.nonce));
        flow_shard(&f);
        assert_true(flow_verify(&f));
        flow_check_result(&f);
    }
    flow_close(&f);
}

static void test_run_random_parameters(void **state)
{
    (void)state;
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 20);
    for (size_t i = 0; i < 120; i++) {
        uint64_t random[6];
        assert_ok(evh_rng_fill(&rng, (uint8_t *)random, sizeof random));
        evh_prio3_params params = {.kind = (evh_prio3_kind)(1 + i % 6)};
        params.shares = 2 + (uint32_t)(random[0] % 4);
        params.field = random[1] % 2 == 0 ? EVH_FIELD_DEFAULT
                       : i % 2 == 0       ? EVH_FIELD_64
                                          : EVH_FIELD_128;
        params.proofs = 3 + (uint32_t)(random[2] % 3);
        if (params.kind != EVH_PRIO3_COUNT && params.kind != EVH_PRIO3_SUM) {
            params.length = 1 + random[3] % 40;
            params.chunk_length = 1 + random[4] % 20;
        }
        if (params.kind == EVH_PRIO3_MULTIHOT_COUNT)
            params.max_measurement = 1 + random[5] % params.length;
        else if (params.kind != EVH_PRIO3_COUNT && params.kind != EVH_PRIO3_HISTOGRAM)
            params.max_measurement = 1 + (random[5] >> (1 + random[0] % 63));
        run_random(&params, i, 2);
    }
}

static void test_run_maxima(void **state)
{
    (void)state;
    const evh_u128 maxima[] = {1, 2, 3, 5, 255, 256, 1000003, UINT32_MAX, INT64_MAX, UINT64_MAX};
    for (size_t i = 0; i < sizeof maxima / sizeof maxima[0]; i++) {
        evh_prio3_params params = vector_params(EVH_PRIO3_SUM_VEC, 3, maxima[i], 5);
        flow f;
        flow_open(&f, &params, i);
        f.measurement[0] = maxima[i];
        f.measurement[1] = maxima[i] / 2;
        f.measurement[2] = maxima[i] / 2 + 1;
        flow_shard(&f);
        assert_true(flow_verify(&f));
        flow_check_result(&f);
        flow_close(&f);
    }
}

static void test_run_many_shares(void **state)
{
    (void)state;
    evh_prio3_params params = vector_params(EVH_PRIO3_SUM_VEC, 2, 3, 2);
    params.shares = 255;
    run_random(&params, 3, 1);
    params.kind = EVH_PRIO3_SUM_VEC_MULTIPROOF;
    run_random(&params, 4, 1);
    evh_prio3_params count = {.kind = EVH_PRIO3_COUNT, .shares = 254};
    run_random(&count, 5, 2);
}

static void test_run_thousands_of_elements(void **state)
{
    (void)state;
    evh_prio3_params params = vector_params(EVH_PRIO3_SUM_VEC, 1000, 0xffffff, 0);
    params.chunk_length = evh_chunk_length(24000);
    run_random(&params, 6, 1);
    params.chunk_length = 189;
    params.kind = EVH_PRIO3_SUM_VEC_MULTIPROOF;
    run_random(&params, 7, 1);
    params = vector_params(EVH_PRIO3_HISTOGRAM, 5000, 0, 77);
    run_random(&params, 8, 1);
    params = vector_params(EVH_PRIO3_MULTIHOT_COUNT, 3000, 1500, 50);
    run_random(&params, 9, 1);
}

static void test_run_call_counts_around_powers_of_two(void **state)
{
    (void)state;
    const uint64_t lengths[] = {1, 2, 3, 4, 7, 8, 62, 63, 64, 65, 126, 127, 128, 129};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        evh_prio3_params params = vector_params(EVH_PRIO3_SUM_VEC, lengths[i], 1, 1);
        run_random(&params, i, 1);
        params = vector_params(EVH_PRIO3_HISTOGRAM, 2 * lengths[i], 0, 2);
        run_random(&params, i, 1);
    }
}

static void test_run_contexts(void **state)
{
    (void)state;
    evh_prio3_params params = vector_params(EVH_PRIO3_HISTOGRAM, 5, 0, 2);
    const size_t lengths[] = {0, 1, 158, 159, 160, 161, 255, 256, 1000, EVH_VDAF_CTX_BYTES_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        flow f;
        uint8_t *bytes = NULL;
        flow_open(&f, &params, i);
        evh_buffer_clear(&f.ctx);
        assert_ok(evh_buffer_extend(&f.ctx, lengths[i], &bytes));
        flow_random_measurement(&f);
        flow_shard(&f);
        assert_true(flow_verify(&f));
        flow_check_result(&f);
        flow_close(&f);
    }
}

static void test_ctx_too_long_is_refused(void **state)
{
    (void)state;
    evh_prio3_params params = vector_params(EVH_PRIO3_HISTOGRAM, 5, 0, 2);
    flow f;
    uint8_t *bytes = NULL;
    evh_prio3_verdict verdict = EVH_PRIO3_ACCEPTED;
    flow_open(&f, &params, 1);
    evh_buffer_clear(&f.ctx);
    assert_ok(evh_buffer_extend(&f.ctx, EVH_VDAF_CTX_BYTES_MAX + 1, &bytes));
    evh_prio3_shard_out out = {f.public_share, f.leader_share, f.helper_shares};
    evh_prio3_shard_in in = {evh_buffer_view(&f.ctx), f.nonce, f.measurement, 1};
    assert_fails(evh_prio3_shard(f.prio3, f.workspace, &out, &in, &f.rng), EVH_ERR_ARG);
    evh_prio3_task task = flow_task(&f);
    evh_prio3_report report = flow_report(&f, 0);
    assert_fails(
        evh_prio3_verify_init(f.prio3, f.workspace, f.states, f.verifiers, &task, 0, &report),
        EVH_ERR_ARG);
    evh_view shares[2] = {evh_view_of(f.verifiers, f.sizes.verifier_share),
                          evh_view_of(f.verifiers, f.sizes.verifier_share)};
    assert_fails(evh_prio3_verifier_shares_to_message(f.prio3, f.workspace, f.message, &verdict,
                                                      evh_buffer_view(&f.ctx), shares, 2),
                 EVH_ERR_ARG);
    assert_int_equal(verdict, EVH_PRIO3_REJECTED);
    flow_close(&f);
}

/* ---- the client's own mistakes ---- */

static bool all_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static void check_shard_fails(flow *f, size_t len, evh_code code)
{
    evh_prio3_shard_out out = {f->public_share, f->leader_share, f->helper_shares};
    evh_prio3_shard_in in = {evh_buffer_view(&f->ctx), f->nonce, f->measurement, len};
    memset(f->leader_share, 1, f->sizes.leader_share);
    memset(f->public_share, 1, f->sizes.public_share);
    memset(f->helper_shares, 1, f->sizes.helper_share * (f->params.shares - 1));
    assert_fails(evh_prio3_shard(f->prio3, f->workspace, &out, &in, &f->rng), code);
    assert_true(all_zero(f->leader_share, f->sizes.leader_share));
    assert_true(all_zero(f->public_share, f->sizes.public_share));
    assert_true(all_zero(f->helper_shares, f->sizes.helper_share * (f->params.shares - 1)));
}

static void test_shard_refuses_measurements(void **state)
{
    (void)state;
    flow f;
    evh_prio3_params vector = vector_params(EVH_PRIO3_SUM_VEC, 4, 100, 3);
    flow_open(&f, &vector, 1);
    check_shard_fails(&f, 3, EVH_ERR_ARG);
    check_shard_fails(&f, 5, EVH_ERR_ARG);
    for (size_t i = 0; i < 4; i++) {
        f.measurement[i] = 101;
        check_shard_fails(&f, 4, EVH_ERR_RANGE);
        f.measurement[i] = (evh_u128)1 << 100;
        check_shard_fails(&f, 4, EVH_ERR_RANGE);
        f.measurement[i] = 100;
    }
    flow_shard(&f);
    flow_close(&f);

    evh_prio3_params histogram = vector_params(EVH_PRIO3_HISTOGRAM, 4, 0, 3);
    flow_open(&f, &histogram, 1);
    f.measurement[0] = 4;
    check_shard_fails(&f, 1, EVH_ERR_RANGE);
    f.measurement[0] = (evh_u128)1 << 64;
    check_shard_fails(&f, 1, EVH_ERR_RANGE);
    flow_close(&f);

    evh_prio3_params multihot = vector_params(EVH_PRIO3_MULTIHOT_COUNT, 4, 2, 3);
    flow_open(&f, &multihot, 1);
    f.measurement[0] = 2;
    check_shard_fails(&f, 4, EVH_ERR_RANGE);
    f.measurement[0] = f.measurement[1] = f.measurement[2] = 1;
    check_shard_fails(&f, 4, EVH_ERR_RANGE);
    f.measurement[1] = 0;
    flow_shard(&f);
    flow_close(&f);

    evh_prio3_params count = {.kind = EVH_PRIO3_COUNT, .shares = 2};
    flow_open(&f, &count, 1);
    f.measurement[0] = 2;
    check_shard_fails(&f, 1, EVH_ERR_RANGE);
    flow_close(&f);
}

static void test_shard_without_entropy(void **state)
{
    (void)state;
    flow f;
    test_script script;
    evh_prio3_params count = {.kind = EVH_PRIO3_COUNT, .shares = 2};
    flow_open(&f, &count, 1);
    f.rng = test_rng_scripted(&script, view_of_literal("too short"));
    check_shard_fails(&f, 1, EVH_ERR_RNG);
    flow_close(&f);
}

static void test_shard_with_rand_takes_the_exact_length(void **state)
{
    (void)state;
    flow f;
    uint8_t rand[129] = {1};
    evh_prio3_params params = vector_params(EVH_PRIO3_SUM_VEC, 4, 100, 3);
    flow_open(&f, &params, 1);
    evh_prio3_shard_out out = {f.public_share, f.leader_share, f.helper_shares};
    evh_prio3_shard_in in = {evh_buffer_view(&f.ctx), f.nonce, f.measurement, 4};
    for (size_t len = 0; len <= sizeof rand; len++) {
        evh_status status =
            evh_prio3_shard_with_rand(f.prio3, f.workspace, &out, &in, evh_view_of(rand, len));
        if (len == 128)
            assert_ok(status);
        else
            assert_fails(status, len < 128 ? EVH_ERR_LENGTH : EVH_ERR_TRAILING);
    }
    flow_close(&f);
}

/* A state is good for one verify_next. */
static void test_state_is_consumed(void **state)
{
    (void)state;
    flow f;
    evh_prio3_verdict verdict = EVH_PRIO3_ACCEPTED;
    evh_prio3_params params = vector_params(EVH_PRIO3_HISTOGRAM, 4, 0, 3);
    flow_open(&f, &params, 1);
    flow_shard(&f);
    assert_true(flow_verify(&f));
    assert_true(all_zero(f.states, f.sizes.state * 2));
    assert_fails_with(evh_prio3_verify_next(f.prio3, f.output_shares, &verdict, f.states,
                                            evh_view_of(f.message, f.sizes.verifier_message)),
                      EVH_ERR_ARG, "used already");
    assert_int_equal(verdict, EVH_PRIO3_REJECTED);
    assert_true(all_zero(f.output_shares, f.sizes.output_share));
    flow_close(&f);
}

static void test_aggregate_many_reports(void **state)
{
    (void)state;
    flow f;
    evh_prio3_params params = vector_params(EVH_PRIO3_SUM_VEC, 6, 1000, 7);
    evh_u128 expected[6] = {0};
    evh_u128 result[6];
    uint8_t sums[2][6 * 16];
    flow_open(&f, &params, 1);
    for (uint32_t id = 0; id < 2; id++)
        evh_prio3_aggregate_init(f.prio3, sums[id]);
    for (size_t report = 0; report < 30; report++) {
        flow_random_measurement(&f);
        flow_shard(&f);
        assert_true(flow_verify(&f));
        for (size_t i = 0; i < 6; i++)
            expected[i] += f.measurement[i];
        for (uint32_t id = 0; id < 2; id++)
            assert_ok(evh_prio3_aggregate_add(
                f.prio3, sums[id], evh_view_of(flow_output(&f, id), f.sizes.output_share)));
    }
    evh_view shares[2] = {evh_view_of(sums[0], sizeof sums[0]),
                          evh_view_of(sums[1], sizeof sums[1])};
    assert_ok(evh_prio3_unshard(f.prio3, result, shares, 2));
    assert_memory_equal(result, expected, sizeof expected);
    assert_fails(evh_prio3_unshard(f.prio3, result, shares, 1), EVH_ERR_ARG);
    flow_close(&f);
}

int run_prio3_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_refuses_shares_proofs_and_kinds),
        cmocka_unit_test(test_new_refuses_what_a_kind_does_not_take),
        cmocka_unit_test(test_new_refuses_field_overflow),
        cmocka_unit_test(test_new_refuses_few_proofs_over_field64),
        cmocka_unit_test(test_new_refuses_too_long),
        cmocka_unit_test(test_defaults_and_lengths),
        cmocka_unit_test(test_check_capacity),
        cmocka_unit_test(test_run_random_parameters),
        cmocka_unit_test(test_run_maxima),
        cmocka_unit_test(test_run_many_shares),
        cmocka_unit_test(test_run_thousands_of_elements),
        cmocka_unit_test(test_run_call_counts_around_powers_of_two),
        cmocka_unit_test(test_run_contexts),
        cmocka_unit_test(test_ctx_too_long_is_refused),
        cmocka_unit_test(test_shard_refuses_measurements),
        cmocka_unit_test(test_shard_without_entropy),
        cmocka_unit_test(test_shard_with_rand_takes_the_exact_length),
        cmocka_unit_test(test_state_is_consumed),
        cmocka_unit_test(test_aggregate_many_reports),
    };
    return cmocka_run_group_tests_name("prio3", tests, NULL, NULL);
}
