/* SPDX-License-Identifier: Apache-2.0 */
#include "flow.h"

#include <stdlib.h>
#include <string.h>

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    assert_non_null(memory);
    return memory;
}

void flow_open(flow *f, const evh_prio3_params *params, uint64_t seed)
{
    memset(f, 0, sizeof *f);
    assert_ok(evh_prio3_new(&f->prio3, params));
    assert_ok(evh_prio3_workspace_new(&f->workspace, f->prio3));
    f->params = *evh_prio3_params_of(f->prio3);
    f->sizes = *evh_prio3_sizes_of(f->prio3);
    f->rng = test_rng_seeded(&f->seeded, seed);
    f->ctx = evh_buffer_init(1 << 20);
    assert_ok(evh_buffer_append(&f->ctx, view_of_literal("some application context")));
    assert_ok(evh_rng_fill(&f->rng, f->nonce, sizeof f->nonce));
    assert_ok(evh_rng_fill(&f->rng, f->verify_key, sizeof f->verify_key));
    f->measurement = zeroed(f->sizes.measurement_count, sizeof *f->measurement);
    f->public_share = zeroed(f->sizes.public_share, 1);
    f->leader_share = zeroed(f->sizes.leader_share, 1);
    f->helper_shares = zeroed(f->params.shares - 1, f->sizes.helper_share);
    f->states = zeroed(f->params.shares, f->sizes.state);
    f->verifiers = zeroed(f->params.shares, f->sizes.verifier_share);
    f->message = zeroed(f->sizes.verifier_message, 1);
    f->output_shares = zeroed(f->params.shares, f->sizes.output_share);
    f->result = zeroed(f->sizes.result_count, sizeof *f->result);
}

void flow_close(flow *f)
{
    evh_buffer_clear(&f->ctx);
    free(f->measurement);
    free(f->public_share);
    free(f->leader_share);
    free(f->helper_shares);
    free(f->states);
    free(f->verifiers);
    free(f->message);
    free(f->output_shares);
    free(f->result);
    evh_prio3_workspace_free(&f->workspace);
    evh_prio3_free(&f->prio3);
    assert_null(f->prio3);
    assert_null(f->workspace);
}

void flow_random_measurement(flow *f)
{
    evh_u128 weight = 0;
    for (size_t i = 0; i < f->sizes.measurement_count; i++) {
        evh_u128 value = 0;
        assert_ok(evh_rng_fill(&f->rng, (uint8_t *)&value, sizeof value));
        if (f->params.kind == EVH_PRIO3_HISTOGRAM)
            value %= f->params.length;
        else if (f->params.kind == EVH_PRIO3_COUNT)
            value %= 2;
        else if (f->params.kind == EVH_PRIO3_MULTIHOT_COUNT)
            value = weight < f->params.max_measurement ? value % 2 : 0;
        else
            value %= f->params.max_measurement + 1;
        f->measurement[i] = value;
        weight += value;
    }
}

void flow_shard(flow *f)
{
    evh_prio3_shard_out out = {.public_share = f->public_share,
                               .leader_share = f->leader_share,
                               .helper_shares = f->helper_shares};
    evh_prio3_shard_in in = {.ctx = evh_buffer_view(&f->ctx),
                             .nonce = f->nonce,
                             .measurement = f->measurement,
                             .measurement_len = f->sizes.measurement_count};
    assert_ok(evh_prio3_shard(f->prio3, f->workspace, &out, &in, &f->rng));
}

evh_prio3_task flow_task(const flow *f)
{
    evh_prio3_task task = {.ctx = evh_buffer_view(&f->ctx), .verify_key = f->verify_key};
    return task;
}

evh_prio3_report flow_report(const flow *f, uint32_t agg_id)
{
    size_t len = evh_prio3_input_share_len(f->prio3, agg_id);
    const uint8_t *share =
        agg_id == 0 ? f->leader_share : f->helper_shares + (agg_id - 1) * f->sizes.helper_share;
    evh_prio3_report report = {.nonce = f->nonce,
                               .public_share = evh_view_of(f->public_share, f->sizes.public_share),
                               .input_share = evh_view_of(share, len)};
    return report;
}

uint8_t *flow_state(const flow *f, uint32_t agg_id)
{
    return f->states + agg_id * f->sizes.state;
}

uint8_t *flow_verifier(const flow *f, uint32_t agg_id)
{
    return f->verifiers + agg_id * f->sizes.verifier_share;
}

uint8_t *flow_output(const flow *f, uint32_t agg_id)
{
    return f->output_shares + agg_id * f->sizes.output_share;
}

bool flow_finish(flow *f)
{
    evh_view shares[255];
    evh_prio3_verdict verdict = EVH_PRIO3_ACCEPTED;
    for (uint32_t id = 0; id < f->params.shares; id++)
        shares[id] = evh_view_of(flow_verifier(f, id), f->sizes.verifier_share);
    assert_ok(evh_prio3_verifier_shares_to_message(f->prio3, f->workspace, f->message, &verdict,
                                                   evh_buffer_view(&f->ctx), shares,
                                                   f->params.shares));
    if (verdict != EVH_PRIO3_ACCEPTED)
        return false;
    bool all = true;
    for (uint32_t id = 0; id < f->params.shares; id++) {
        evh_view message = evh_view_of(f->message, f->sizes.verifier_message);
        assert_ok(evh_prio3_verify_next(f->prio3, flow_output(f, id), &verdict, flow_state(f, id),
                                        message));
        all = all && verdict == EVH_PRIO3_ACCEPTED;
    }
    return all;
}

bool flow_verify(flow *f)
{
    evh_prio3_task task = flow_task(f);
    for (uint32_t id = 0; id < f->params.shares; id++) {
        evh_prio3_report report = flow_report(f, id);
        assert_ok(evh_prio3_verify_init(f->prio3, f->workspace, flow_state(f, id),
                                        flow_verifier(f, id), &task, id, &report));
    }
    return flow_finish(f);
}

void flow_check_result(flow *f)
{
    evh_view shares[255];
    for (uint32_t id = 0; id < f->params.shares; id++)
        shares[id] = evh_view_of(flow_output(f, id), f->sizes.output_share);
    assert_ok(evh_prio3_unshard(f->prio3, f->result, shares, f->params.shares));
    for (size_t i = 0; i < f->sizes.result_count; i++) {
        evh_u128 expected =
            f->params.kind == EVH_PRIO3_HISTOGRAM ? f->measurement[0] == i : f->measurement[i];
        assert_true(f->result[i] == expected);
    }
}
