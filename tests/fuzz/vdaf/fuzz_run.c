/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz_run.h"

#include <string.h>

static const evh_prio3_params instances[] = {
    {.kind = EVH_PRIO3_COUNT, .shares = 2},
    {.kind = EVH_PRIO3_SUM, .shares = 2, .max_measurement = 20},
    {.kind = EVH_PRIO3_SUM_VEC, .shares = 2, .length = 3, .max_measurement = 5, .chunk_length = 4},
    {.kind = EVH_PRIO3_HISTOGRAM, .shares = 2, .length = 5, .chunk_length = 2},
    {.kind = EVH_PRIO3_MULTIHOT_COUNT,
     .shares = 2,
     .length = 4,
     .max_measurement = 2,
     .chunk_length = 3},
    {.kind = EVH_PRIO3_SUM_VEC_MULTIPROOF,
     .shares = 2,
     .length = 2,
     .max_measurement = 6,
     .chunk_length = 4},
};

enum { INSTANCES = sizeof instances / sizeof instances[0] };

static void must(evh_status status)
{
    FUZZ_CHECK(status.code == EVH_OK);
}

static void open_run(fuzz_run *run, size_t instance)
{
    const evh_u128 measurement[] = {1, 0, 1, 0, 0};
    uint8_t rand[128];
    must(evh_prio3_new(&run->prio3, &instances[instance]));
    must(evh_prio3_workspace_new(&run->workspace, run->prio3));
    run->sizes = *evh_prio3_sizes_of(run->prio3);
    FUZZ_CHECK(run->sizes.leader_share <= FUZZ_LEADER_MAX);
    FUZZ_CHECK(run->sizes.verifier_share <= FUZZ_SMALL_MAX);
    FUZZ_CHECK(run->sizes.result_count <= FUZZ_RESULTS_MAX);
    run->task.ctx = evh_view_of_text("fuzz");
    run->task.verify_key = run->verify_key;
    for (size_t i = 0; i < sizeof rand; i++)
        rand[i] = (uint8_t)i;
    evh_prio3_shard_out out = {run->public_share, run->leader_share, run->helper_share};
    evh_prio3_shard_in in = {run->task.ctx, run->nonce, measurement, run->sizes.measurement_count};
    must(evh_prio3_shard_with_rand(run->prio3, run->workspace, &out, &in,
                                   evh_view_of(rand, run->sizes.rand)));
    for (uint32_t id = 0; id < 2; id++) {
        evh_prio3_report report = fuzz_report(run, id);
        must(evh_prio3_verify_init(run->prio3, run->workspace, run->states[id], run->verifiers[id],
                                   &run->task, id, &report));
    }
    FUZZ_CHECK(fuzz_finishes(run, run->states[0], run->states[1],
                             evh_view_of(run->verifiers[0], run->sizes.verifier_share),
                             evh_view_of(run->verifiers[1], run->sizes.verifier_share)));
}

fuzz_run *fuzz_run_of(const uint8_t *data, size_t size, evh_view *message)
{
    static fuzz_run runs[INSTANCES];
    size_t instance = size == 0 ? 0 : data[0] % INSTANCES;
    fuzz_run *run = &runs[instance];
    if (run->prio3 == NULL)
        open_run(run, instance);
    *message = size == 0 ? evh_view_of(NULL, 0) : evh_view_of(data + 1, size - 1);
    return run;
}

evh_prio3_report fuzz_report(const fuzz_run *run, uint32_t agg_id)
{
    evh_prio3_report report = {run->nonce, evh_view_of(run->public_share, run->sizes.public_share),
                               agg_id == 0
                                   ? evh_view_of(run->leader_share, run->sizes.leader_share)
                                   : evh_view_of(run->helper_share, run->sizes.helper_share)};
    return report;
}

bool fuzz_finishes(fuzz_run *run, const uint8_t *leader_state, const uint8_t *helper_state,
                   evh_view leader_verifier, evh_view helper_verifier)
{
    evh_view shares[2] = {leader_verifier, helper_verifier};
    const uint8_t *states[2] = {leader_state, helper_state};
    evh_prio3_verdict verdict = EVH_PRIO3_ACCEPTED;
    uint8_t message[sizeof run->message] = {0};
    must(evh_prio3_verifier_shares_to_message(run->prio3, run->workspace, message, &verdict,
                                              run->task.ctx, shares, 2));
    bool all = verdict == EVH_PRIO3_ACCEPTED;
    for (size_t id = 0; all && id < 2; id++) {
        uint8_t copy[FUZZ_SMALL_MAX];
        memcpy(copy, states[id], run->sizes.state);
        must(evh_prio3_verify_next(run->prio3, run->outputs[id], &verdict, copy,
                                   evh_view_of(message, run->sizes.verifier_message)));
        all = verdict == EVH_PRIO3_ACCEPTED;
    }
    if (all)
        memcpy(run->message, message, sizeof message);
    return all;
}

void fuzz_check_refusal(evh_status status, evh_view message, size_t expected_len)
{
    FUZZ_CHECK(status.text[0] != '\0');
    if (message.len < expected_len)
        FUZZ_CHECK(status.code == EVH_ERR_LENGTH);
    else if (message.len > expected_len)
        FUZZ_CHECK(status.code == EVH_ERR_TRAILING);
    else
        FUZZ_CHECK(status.code == EVH_ERR_ENCODING);
}

void fuzz_check_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        FUZZ_CHECK(bytes[i] == 0);
}
