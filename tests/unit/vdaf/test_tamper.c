/* SPDX-License-Identifier: Apache-2.0
 * Whatever is changed on the way, the report is refused, or the change was malformed in the first
 * place; and malformed messages are told apart by their status. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/field/field128.h"
#include "evenhand/field/field64.h"
#include "flow.h"
#include "prio3_internal.h"
#include "reference.h"
#include "tests.h"

static const evh_prio3_params instances[] = {
    {.kind = EVH_PRIO3_COUNT, .shares = 2},
    {.kind = EVH_PRIO3_SUM, .shares = 3, .max_measurement = 20},
    {.kind = EVH_PRIO3_SUM_VEC, .shares = 2, .length = 3, .max_measurement = 5, .chunk_length = 4},
    {.kind = EVH_PRIO3_HISTOGRAM, .shares = 3, .length = 5, .chunk_length = 2},
    {.kind = EVH_PRIO3_MULTIHOT_COUNT,
     .shares = 2,
     .length = 4,
     .max_measurement = 2,
     .chunk_length = 3},
    {.kind = EVH_PRIO3_SUM_VEC_MULTIPROOF,
     .shares = 2,
     .length = 3,
     .max_measurement = 6,
     .chunk_length = 4},
};

enum { INSTANCES = sizeof instances / sizeof instances[0] };

static void open_sharded(flow *f, size_t instance)
{
    flow_open(f, &instances[instance], 100 + instance);
    flow_random_measurement(f);
    flow_shard(f);
}

/* Runs everything; true only if nothing was malformed and every aggregator accepts. */
static bool accepts(flow *f)
{
    evh_prio3_task task = flow_task(f);
    for (uint32_t id = 0; id < f->params.shares; id++) {
        evh_prio3_report report = flow_report(f, id);
        evh_status status = evh_prio3_verify_init(f->prio3, f->workspace, flow_state(f, id),
                                                  flow_verifier(f, id), &task, id, &report);
        if (status.code != EVH_OK) {
            assert_int_equal(status.code, EVH_ERR_ENCODING);
            return false;
        }
    }
    return flow_finish(f);
}

/* Flips one bit of each byte in turn. */
static void flip_everywhere(flow *f, uint8_t *bytes, size_t len)
{
    for (size_t at = 0; at < len; at++) {
        uint8_t flipped = (uint8_t)(1U << (at % 8));
        bytes[at] ^= flipped;
        assert_false(accepts(f));
        bytes[at] ^= flipped;
    }
}

static void test_every_byte_of_a_report_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < INSTANCES; i++) {
        flow f;
        open_sharded(&f, i);
        assert_true(accepts(&f));
        flip_everywhere(&f, f.leader_share, f.sizes.leader_share);
        flip_everywhere(&f, f.helper_shares, f.sizes.helper_share * (f.params.shares - 1));
        flip_everywhere(&f, f.public_share, f.sizes.public_share);
        assert_true(accepts(&f));
        flow_check_result(&f);
        flow_close(&f);
    }
}

/* Nonce and context bind where there is joint randomness; both sides see the same ones, so only a
 * change between client and aggregators, or between aggregators, can be noticed. */
static void test_nonce_and_ctx_bind(void **state)
{
    (void)state;
    for (size_t i = 0; i < INSTANCES; i++) {
        flow f;
        open_sharded(&f, i);
        if (f.sizes.public_share > 0)
            flip_everywhere(&f, f.nonce, sizeof f.nonce);
        flip_everywhere(&f, f.ctx.data, f.ctx.len);
        evh_buffer_truncate(&f.ctx, f.ctx.len - 1);
        assert_false(accepts(&f));
        flow_close(&f);
    }
}

/* One aggregator works with another nonce, key or id than the rest. */
static void test_aggregators_must_agree(void **state)
{
    (void)state;
    for (size_t i = 0; i < INSTANCES; i++) {
        flow f;
        uint8_t other[32] = {0};
        open_sharded(&f, i);
        evh_prio3_task task = flow_task(&f);
        evh_prio3_report report = flow_report(&f, 1);
        assert_true(accepts(&f));
        for (size_t what = 0; what < 2; what++) {
            evh_prio3_task changed_task = task;
            evh_prio3_report changed = report;
            if (what == 0)
                changed_task.verify_key = other;
            else
                changed.nonce = other;
            assert_true(accepts(&f));
            evh_prio3_report own = flow_report(&f, 0);
            assert_ok(evh_prio3_verify_init(f.prio3, f.workspace, flow_state(&f, 0),
                                            flow_verifier(&f, 0), &task, 0, &own));
            for (uint32_t id = 2; id < f.params.shares; id++) {
                own = flow_report(&f, id);
                assert_ok(evh_prio3_verify_init(f.prio3, f.workspace, flow_state(&f, id),
                                                flow_verifier(&f, id), &task, id, &own));
            }
            assert_ok(evh_prio3_verify_init(f.prio3, f.workspace, flow_state(&f, 1),
                                            flow_verifier(&f, 1), &changed_task, 1, &changed));
            assert_false(flow_finish(&f));
        }
        flow_close(&f);
    }
}

/* Helpers 1 and 2 exchange their input shares. */
static void test_swapped_helpers_are_noticed(void **state)
{
    (void)state;
    flow f;
    open_sharded(&f, 3);
    uint8_t *first = f.helper_shares;
    uint8_t *second = first + f.sizes.helper_share;
    uint8_t kept[64];
    memcpy(kept, first, sizeof kept);
    memcpy(first, second, sizeof kept);
    memcpy(second, kept, sizeof kept);
    assert_false(accepts(&f));
    flow_close(&f);
}

static void test_every_byte_of_verifier_shares_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < INSTANCES; i++) {
        flow f;
        evh_view shares[3];
        open_sharded(&f, i);
        assert_true(accepts(&f));
        for (uint32_t id = 0; id < f.params.shares; id++)
            shares[id] = evh_view_of(flow_verifier(&f, id), f.sizes.verifier_share);
        size_t seed = f.sizes.verifier_message;
        for (size_t at = 0; at < f.params.shares * f.sizes.verifier_share; at++) {
            evh_prio3_verdict verdict = EVH_PRIO3_ACCEPTED;
            uint8_t message[32] = {0};
            f.verifiers[at] ^= 0x10;
            evh_status status = evh_prio3_verifier_shares_to_message(
                f.prio3, f.workspace, message, &verdict, evh_buffer_view(&f.ctx), shares,
                f.params.shares);
            bool in_part = at % f.sizes.verifier_share >= f.sizes.verifier_share - seed;
            if (in_part) { /* a wrong part gives a wrong message, which verify_next will refuse */
                assert_ok(status);
                assert_int_equal(verdict, EVH_PRIO3_ACCEPTED);
                assert_memory_not_equal(message, f.message, seed);
            } else {
                assert_true(status.code == EVH_OK || status.code == EVH_ERR_ENCODING);
                assert_int_equal(verdict, EVH_PRIO3_REJECTED);
                for (size_t k = 0; k < seed; k++)
                    assert_int_equal(message[k], 0);
            }
            f.verifiers[at] ^= 0x10;
        }
        flow_close(&f);
    }
}

static void test_every_byte_of_a_message_counts(void **state)
{
    (void)state;
    flow f;
    open_sharded(&f, 3);
    assert_true(accepts(&f));
    for (size_t at = 0; at < f.sizes.verifier_message; at++) {
        evh_prio3_verdict verdict = EVH_PRIO3_ACCEPTED;
        evh_prio3_task task = flow_task(&f);
        evh_prio3_report report = flow_report(&f, 0);
        assert_ok(
            evh_prio3_verify_init(f.prio3, f.workspace, f.states, f.verifiers, &task, 0, &report));
        f.message[at] ^= 0x80;
        assert_ok(evh_prio3_verify_next(f.prio3, f.output_shares, &verdict, f.states,
                                        evh_view_of(f.message, f.sizes.verifier_message)));
        assert_int_equal(verdict, EVH_PRIO3_REJECTED);
        for (size_t k = 0; k < f.sizes.output_share; k++)
            assert_int_equal(f.output_shares[k], 0);
        f.message[at] ^= 0x80;
    }
    flow_close(&f);
}

/* A client that encodes nonsense, and then follows the protocol to the letter: the proof it makes
 * is as good as any. */
static void shard_invalid(flow *f, const evh_u128 *meas)
{
    const evh_prio3 *prio3 = f->prio3;
    const evh_flp *flp = &prio3->flp;
    const evh_prio3_scope scope = {.prio3 = prio3, .ctx = evh_buffer_view(&f->ctx)};
    ref_flp ref = ref_flp_of(EVH_FIELD_128, flp);
    uint8_t seeds[4][32]; /* helper seed, helper blind, leader blind, prove seed */
    uint8_t joint_seed[32];
    evh_u128 *helper = calloc(flp->meas_len + flp->proof_len, sizeof *helper);
    evh_u128 *leader = calloc(flp->meas_len + flp->proof_len, sizeof *leader);
    evh_u128 *rands = calloc(flp->joint_rand_len + flp->prove_rand_len, sizeof *rands);
    assert_true(helper != NULL && leader != NULL && rands != NULL);
    assert_ok(evh_rng_fill(&f->rng, seeds[0], sizeof seeds));
    evh_prio3_helper_meas(&scope, helper, seeds[0], 1);
    for (size_t i = 0; i < flp->meas_len; i++)
        leader[i] = ref_sub(&ref, meas[i], helper[i]);
    evh_prio3_joint_rand_part(&scope, f->public_share, seeds[2], 0, f->nonce, leader);
    evh_prio3_joint_rand_part(&scope, f->public_share + 32, seeds[1], 1, f->nonce, helper);
    evh_prio3_joint_rand_seed(&scope, joint_seed, f->public_share);
    evh_prio3_joint_rands(&scope, rands, joint_seed);
    evh_prio3_prove_rands(&scope, rands + flp->joint_rand_len, seeds[3]);
    ref_prove(&ref, leader + flp->meas_len, meas, rands + flp->joint_rand_len, rands);
    evh_prio3_helper_proofs(&scope, helper + flp->meas_len, seeds[0], 1);
    for (size_t i = flp->meas_len; i < flp->meas_len + flp->proof_len; i++)
        leader[i] = ref_sub(&ref, leader[i], helper[i]);
    memcpy(f->leader_share, leader, (flp->meas_len + flp->proof_len) * sizeof *leader);
    memcpy(f->leader_share + f->sizes.leader_share - 32, seeds[2], 32);
    memcpy(f->helper_shares, seeds[0], 64);
    free(rands);
    free(leader);
    free(helper);
}

static void test_dishonest_client_is_refused(void **state)
{
    (void)state;
    flow f;
    open_sharded(&f, 2); /* 3 integers of 3 bits */
    evh_u128 meas[9] = {1, 0, 1, 0, 1, 0, 0, 0, 0};
    shard_invalid(&f, meas); /* valid after all: the reference client agrees with the library */
    assert_true(accepts(&f));
    const evh_u128 bad[] = {2, 5, EVH_F128_MODULUS - 1, (evh_u128)1 << 64, EVH_F128_MODULUS / 2};
    for (size_t cell = 0; cell < 9; cell++) {
        for (size_t which = 0; which < sizeof bad / sizeof bad[0]; which++) {
            evh_u128 kept = meas[cell];
            meas[cell] = bad[which];
            shard_invalid(&f, meas);
            assert_false(accepts(&f));
            meas[cell] = kept;
        }
    }
    flow_close(&f);
}

/* ---- malformed messages ---- */

static evh_status init_with(flow *f, uint32_t agg_id, evh_view public_share, evh_view input_share)
{
    evh_prio3_task task = flow_task(f);
    evh_prio3_report report = {f->nonce, public_share, input_share};
    uint8_t *state = flow_state(f, agg_id);
    uint8_t *verifier = flow_verifier(f, agg_id);
    memset(state, 1, f->sizes.state);
    memset(verifier, 1, f->sizes.verifier_share);
    evh_status status =
        evh_prio3_verify_init(f->prio3, f->workspace, state, verifier, &task, agg_id, &report);
    for (size_t i = 0; status.code != EVH_OK && i < f->sizes.state; i++)
        assert_int_equal(state[i], 0);
    for (size_t i = 0; status.code != EVH_OK && i < f->sizes.verifier_share; i++)
        assert_int_equal(verifier[i], 0);
    return status;
}

/* Every message cut at every byte, and with bytes behind it. The copy has exactly the length, so a
 * read beyond the end is seen by the sanitizer. */
static void test_cut_and_trailing_shares(void **state)
{
    (void)state;
    for (size_t i = 0; i < INSTANCES; i++) {
        flow f;
        open_sharded(&f, i);
        for (uint32_t id = 0; id < 2; id++) {
            evh_prio3_report whole = flow_report(&f, id);
            for (size_t len = 0; len <= whole.input_share.len + 2; len++) {
                uint8_t *copy = calloc(len + (len == 0), 1);
                assert_non_null(copy);
                size_t common = len < whole.input_share.len ? len : whole.input_share.len;
                memcpy(copy, whole.input_share.data, common);
                evh_status status = init_with(&f, id, whole.public_share, evh_view_of(copy, len));
                evh_code expected = len < whole.input_share.len   ? EVH_ERR_LENGTH
                                    : len > whole.input_share.len ? EVH_ERR_TRAILING
                                                                  : EVH_OK;
                assert_int_equal(status.code, expected);
                free(copy);
            }
            for (size_t len = 0; len <= whole.public_share.len + 2; len++) {
                uint8_t *copy = calloc(len + (len == 0), 1);
                assert_non_null(copy);
                evh_status status = init_with(&f, id, evh_view_of(copy, len), whole.input_share);
                evh_code expected = len < whole.public_share.len   ? EVH_ERR_LENGTH
                                    : len > whole.public_share.len ? EVH_ERR_TRAILING
                                                                   : EVH_OK;
                assert_int_equal(status.code, expected);
                free(copy);
            }
        }
        flow_close(&f);
    }
}

static void test_non_canonical_elements_in_input_share(void **state)
{
    (void)state;
    for (size_t i = 0; i < INSTANCES; i++) {
        flow f;
        open_sharded(&f, i);
        evh_prio3_report whole = flow_report(&f, 0);
        size_t element = evh_field_element_bytes(f.params.field);
        evh_u128 bad = evh_field_modulus(f.params.field);
        size_t seed = f.sizes.verifier_message;
        for (size_t at = 0; at < f.sizes.leader_share - seed; at += element) {
            uint8_t kept[16];
            memcpy(kept, f.leader_share + at, element);
            memcpy(f.leader_share + at, &bad, element);
            assert_fails_with(init_with(&f, 0, whole.public_share, whole.input_share),
                              EVH_ERR_ENCODING, "modulus");
            memcpy(f.leader_share + at, kept, element);
        }
        flow_close(&f);
    }
}

static void test_verify_init_agg_id_out_of_range(void **state)
{
    (void)state;
    flow f;
    open_sharded(&f, 2);
    evh_prio3_task task = flow_task(&f);
    evh_prio3_report report = flow_report(&f, 1);
    assert_fails_with(
        evh_prio3_verify_init(f.prio3, f.workspace, f.states, f.verifiers, &task, 2, &report),
        EVH_ERR_ARG, "aggregator 2 of 2");
    flow_close(&f);
}

static void test_malformed_verifier_shares_and_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < INSTANCES; i++) {
        flow f;
        open_sharded(&f, i);
        assert_true(accepts(&f));
        evh_view shares[3];
        evh_view ctx = evh_buffer_view(&f.ctx);
        uint32_t count = f.params.shares;
        uint8_t message[32];
        evh_prio3_verdict verdict = EVH_PRIO3_ACCEPTED;
        for (uint32_t id = 0; id < count; id++)
            shares[id] = evh_view_of(flow_verifier(&f, id), f.sizes.verifier_share);
        assert_fails(evh_prio3_verifier_shares_to_message(f.prio3, f.workspace, message, &verdict,
                                                          ctx, shares, count - 1),
                     EVH_ERR_ARG);
        for (size_t len = 0; len < f.sizes.verifier_share; len++) {
            shares[1].len = len;
            assert_fails(evh_prio3_verifier_shares_to_message(f.prio3, f.workspace, message,
                                                              &verdict, ctx, shares, count),
                         EVH_ERR_LENGTH);
            assert_int_equal(verdict, EVH_PRIO3_REJECTED);
        }
        uint8_t *longer = calloc(f.sizes.verifier_share + 1, 1);
        assert_non_null(longer);
        shares[1] = evh_view_of(longer, f.sizes.verifier_share + 1);
        assert_fails(evh_prio3_verifier_shares_to_message(f.prio3, f.workspace, message, &verdict,
                                                          ctx, shares, count),
                     EVH_ERR_TRAILING);
        memset(longer, 0xff, f.sizes.verifier_share);
        shares[1].len--;
        assert_fails(evh_prio3_verifier_shares_to_message(f.prio3, f.workspace, message, &verdict,
                                                          ctx, shares, count),
                     EVH_ERR_ENCODING);
        for (size_t len = 0; len <= f.sizes.verifier_message + 1; len++) {
            if (len == f.sizes.verifier_message)
                continue;
            evh_prio3_report report = flow_report(&f, 0);
            assert_ok(init_with(&f, 0, report.public_share, report.input_share));
            assert_fails(evh_prio3_verify_next(f.prio3, f.output_shares, &verdict, f.states,
                                               evh_view_of(longer, len)),
                         len < f.sizes.verifier_message ? EVH_ERR_LENGTH : EVH_ERR_TRAILING);
            assert_int_equal(verdict, EVH_PRIO3_REJECTED);
        }
        free(longer);
        flow_close(&f);
    }
}

static void test_malformed_aggregate_shares(void **state)
{
    (void)state;
    for (size_t i = 0; i < INSTANCES; i++) {
        flow f;
        open_sharded(&f, i);
        assert_true(accepts(&f));
        size_t len = f.sizes.aggregate_share;
        uint8_t *sum = calloc(len + 1, 1);
        uint8_t *bad = calloc(len + 1, 1);
        assert_true(sum != NULL && bad != NULL);
        evh_view shares[3] = {evh_view_of(flow_output(&f, 0), len),
                              evh_view_of(flow_output(&f, 1), len),
                              evh_view_of(flow_output(&f, f.params.shares - 1), len)};
        for (size_t cut = 0; cut <= len + 1; cut++) {
            evh_code code = cut < len ? EVH_ERR_LENGTH : cut > len ? EVH_ERR_TRAILING : EVH_OK;
            evh_view kept = shares[1];
            assert_int_equal(evh_prio3_aggregate_add(f.prio3, sum, evh_view_of(bad, cut)).code,
                             code);
            shares[1] = evh_view_of(bad, cut);
            assert_int_equal(evh_prio3_unshard(f.prio3, f.result, shares, f.params.shares).code,
                             code);
            shares[1] = kept;
        }
        evh_u128 modulus = evh_field_modulus(f.params.field);
        size_t element = evh_field_element_bytes(f.params.field);
        for (size_t at = 0; at < len; at += element) {
            memset(bad, 0, len);
            memcpy(bad + at, &modulus, element);
            assert_fails_with(evh_prio3_aggregate_add(f.prio3, sum, evh_view_of(bad, len)),
                              EVH_ERR_ENCODING, "an output share");
            assert_fails_with(evh_prio3_aggregate_add(f.prio3, bad, shares[0]), EVH_ERR_ENCODING,
                              "an aggregate share");
            evh_view kept = shares[0];
            shares[0] = evh_view_of(bad, len);
            assert_fails(evh_prio3_unshard(f.prio3, f.result, shares, f.params.shares),
                         EVH_ERR_ENCODING);
            for (size_t k = 0; k < f.sizes.result_count; k++)
                assert_true(f.result[k] == 0);
            shares[0] = kept;
        }
        for (size_t k = 0; k < len; k++)
            assert_int_equal(sum[k], 0); /* nothing was added */
        free(bad);
        free(sum);
        flow_close(&f);
    }
}

int run_tamper_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte_of_a_report_counts),
        cmocka_unit_test(test_nonce_and_ctx_bind),
        cmocka_unit_test(test_aggregators_must_agree),
        cmocka_unit_test(test_swapped_helpers_are_noticed),
        cmocka_unit_test(test_every_byte_of_verifier_shares_counts),
        cmocka_unit_test(test_every_byte_of_a_message_counts),
        cmocka_unit_test(test_dishonest_client_is_refused),
        cmocka_unit_test(test_cut_and_trailing_shares),
        cmocka_unit_test(test_non_canonical_elements_in_input_share),
        cmocka_unit_test(test_verify_init_agg_id_out_of_range),
        cmocka_unit_test(test_malformed_verifier_shares_and_messages),
        cmocka_unit_test(test_malformed_aggregate_shares),
    };
    return cmocka_run_group_tests_name("tamper", tests, NULL, NULL);
}
