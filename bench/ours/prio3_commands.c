/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "commands.h"
#include "evenhand/base/sizes.h"
#include "evenhand/field/chunk.h"

enum { AGGREGATORS = 2 };

static const struct {
    const char *name;
    evh_prio3_kind kind;
    bool has_max;
    bool has_length;
} kinds[] = {
    {"count", EVH_PRIO3_COUNT, false, false},
    {"sum", EVH_PRIO3_SUM, true, false},
    {"sumvec", EVH_PRIO3_SUM_VEC, true, true},
    {"sumvecmultiproof", EVH_PRIO3_SUM_VEC_MULTIPROOF, true, true},
    {"histogram", EVH_PRIO3_HISTOGRAM, false, true},
    {"multihot", EVH_PRIO3_MULTIHOT_COUNT, true, true},
};

static evh_status read_u64(const bench_request *request, const char *key, uint64_t *out)
{
    evh_status status = evh_ok();
    evh_u128 value = 0;
    EVH_TRY(request_number(request, key, &value));
    EVH_REQUIRE(value <= UINT64_MAX, EVH_ERR_INPUT, "%s: a number over 64 bits", key);
    *out = (uint64_t)value;
done:
    return status;
}

static evh_status read_params(evh_prio3_params *out, const bench_request *request)
{
    evh_status status = evh_ok();
    evh_view name = evh_view_of(NULL, 0);
    size_t i = 0;
    EVH_TRY(request_text(request, "vdaf", &name));
    while (i < sizeof kinds / sizeof kinds[0] &&
           !evh_view_equal(name, evh_view_of_text(kinds[i].name)))
        i++;
    EVH_REQUIRE(i < sizeof kinds / sizeof kinds[0], EVH_ERR_INPUT, "no such VDAF");
    *out = (evh_prio3_params){.kind = kinds[i].kind, .shares = AGGREGATORS};
    if (kinds[i].has_max)
        EVH_TRY(request_number(request, "max", &out->max_measurement));
    if (kinds[i].has_length) {
        EVH_TRY(read_u64(request, "length", &out->length));
        EVH_TRY(read_u64(request, "chunk", &out->chunk_length));
    }
done:
    return status;
}

evh_status chunk_length(evh_buffer *answer, const bench_request *request)
{
    evh_status status = evh_ok();
    uint64_t encoded_len = 0;
    evh_u128 chunk = 0;
    EVH_TRY(read_u64(request, "encoded", &encoded_len));
    chunk = evh_chunk_length(encoded_len);
    EVH_TRY(answer_numbers(answer, "chunk", &chunk, 1));
done:
    return status;
}

/* ---- requests ---- */

evh_status shard_request_read(shard_request *out, const bench_request *request,
                              const prio3_instance *instance)
{
    evh_status status = evh_ok();
    const evh_prio3_sizes *sizes = instance->sizes;
    uint8_t *shares = NULL;
    out->ctx = evh_buffer_init(REQUEST_BYTES_MAX);
    out->shares = evh_buffer_init(REQUEST_BYTES_MAX);
    EVH_TRY(request_bytes(request, "ctx", &out->ctx));
    EVH_TRY(request_array(request, "nonce", out->nonce, sizeof out->nonce));
    EVH_TRY(request_numbers(request, "measurement", &out->measurement, &out->measurement_len));
    EVH_TRY(evh_buffer_extend(
        &out->shares, sizes->public_share + sizes->leader_share + sizes->helper_share, &shares));
    out->in = (evh_prio3_shard_in){.ctx = evh_buffer_view(&out->ctx),
                                   .nonce = out->nonce,
                                   .measurement = out->measurement,
                                   .measurement_len = out->measurement_len};
    out->out =
        (evh_prio3_shard_out){.public_share = shares,
                              .leader_share = shares + sizes->public_share,
                              .helper_shares = shares + sizes->public_share + sizes->leader_share};
done:
    return status;
}

void shard_request_clear(shard_request *shard)
{
    evh_buffer_clear(&shard->ctx);
    evh_buffer_clear(&shard->shares);
    free(shard->measurement);
    shard->measurement = NULL;
}

evh_status report_request_read(report_request *out, const bench_request *request,
                               const prio3_instance *instance)
{
    evh_status status = evh_ok();
    const evh_prio3_sizes *sizes = instance->sizes;
    out->ctx = evh_buffer_init(REQUEST_BYTES_MAX);
    out->public_share = evh_buffer_init(REQUEST_BYTES_MAX);
    out->input_share = evh_buffer_init(REQUEST_BYTES_MAX);
    out->results = evh_buffer_init(REQUEST_BYTES_MAX);
    EVH_TRY(request_bytes(request, "ctx", &out->ctx));
    EVH_TRY(request_array(request, "key", out->key, sizeof out->key));
    EVH_TRY(request_array(request, "nonce", out->nonce, sizeof out->nonce));
    EVH_TRY(request_u32(request, "aggregator", &out->aggregator));
    EVH_TRY(request_bytes(request, "public", &out->public_share));
    EVH_TRY(request_bytes(request, "share", &out->input_share));
    EVH_TRY(evh_buffer_extend(&out->results, sizes->state + sizes->verifier_share, &out->state));
    out->verifier_share = out->state + sizes->state;
    out->task = (evh_prio3_task){.ctx = evh_buffer_view(&out->ctx), .verify_key = out->key};
    out->report = (evh_prio3_report){.nonce = out->nonce,
                                     .public_share = evh_buffer_view(&out->public_share),
                                     .input_share = evh_buffer_view(&out->input_share)};
done:
    return status;
}

void report_request_clear(report_request *report)
{
    evh_buffer_clear(&report->ctx);
    evh_buffer_clear(&report->public_share);
    evh_buffer_clear(&report->input_share);
    evh_buffer_clear(&report->results);
}

/* ---- commands ---- */

static evh_status shard(evh_buffer *answer, const bench_request *request,
                        const prio3_instance *instance)
{
    evh_status status = evh_ok();
    const evh_prio3_sizes *sizes = instance->sizes;
    const evh_rng rng = evh_rng_os();
    shard_request in = {0};
    EVH_TRY(shard_request_read(&in, request, instance));
    EVH_TRY(evh_prio3_shard(instance->prio3, instance->workspace, &in.out, &in.in, &rng));
    EVH_TRY(answer_bytes(answer, "public", evh_view_of(in.out.public_share, sizes->public_share)));
    EVH_TRY(answer_bytes(answer, "leader", evh_view_of(in.out.leader_share, sizes->leader_share)));
    EVH_TRY(answer_bytes(answer, "helper", evh_view_of(in.out.helper_shares, sizes->helper_share)));
done:
    shard_request_clear(&in);
    return status;
}

static evh_status verify_init(evh_buffer *answer, const bench_request *request,
                              const prio3_instance *instance)
{
    evh_status status = evh_ok();
    const evh_prio3_sizes *sizes = instance->sizes;
    report_request in = {0};
    EVH_TRY(report_request_read(&in, request, instance));
    EVH_TRY(evh_prio3_verify_init(instance->prio3, instance->workspace, in.state, in.verifier_share,
                                  &in.task, in.aggregator, &in.report));
    EVH_TRY(answer_bytes(answer, "state", evh_view_of(in.state, sizes->state)));
    EVH_TRY(
        answer_bytes(answer, "verifier", evh_view_of(in.verifier_share, sizes->verifier_share)));
done:
    report_request_clear(&in);
    return status;
}

static evh_status shares_to_message(evh_buffer *answer, const bench_request *request,
                                    const prio3_instance *instance)
{
    evh_status status = evh_ok();
    evh_prio3_verdict verdict = EVH_PRIO3_REJECTED;
    evh_buffer ctx = evh_buffer_init(REQUEST_BYTES_MAX);
    evh_buffer message = evh_buffer_init(REQUEST_BYTES_MAX);
    byte_list verifiers = {0};
    uint8_t *out = NULL;
    EVH_TRY(request_bytes(request, "ctx", &ctx));
    EVH_TRY(request_byte_list(request, "verifiers", &verifiers));
    EVH_TRY(evh_buffer_extend(&message, instance->sizes->verifier_message, &out));
    EVH_TRY(evh_prio3_verifier_shares_to_message(instance->prio3, instance->workspace, out,
                                                 &verdict, evh_buffer_view(&ctx), verifiers.items,
                                                 verifiers.count));
    EVH_REQUIRE(verdict == EVH_PRIO3_ACCEPTED, EVH_ERR_REFUSED, "the proof is wrong");
    EVH_TRY(answer_bytes(answer, "message", evh_buffer_view(&message)));
done:
    byte_list_clear(&verifiers);
    evh_buffer_clear(&message);
    evh_buffer_clear(&ctx);
    return status;
}

static evh_status verify_next(evh_buffer *answer, const bench_request *request,
                              const prio3_instance *instance)
{
    evh_status status = evh_ok();
    evh_prio3_verdict verdict = EVH_PRIO3_REJECTED;
    evh_buffer state = evh_buffer_init(REQUEST_BYTES_MAX);
    evh_buffer message = evh_buffer_init(REQUEST_BYTES_MAX);
    evh_buffer output = evh_buffer_init(REQUEST_BYTES_MAX);
    uint8_t *out = NULL;
    EVH_TRY(request_bytes(request, "state", &state));
    EVH_TRY(request_bytes(request, "message", &message));
    EVH_REQUIRE(state.len == instance->sizes->state, EVH_ERR_INPUT, "state: of another instance");
    EVH_TRY(evh_buffer_extend(&output, instance->sizes->output_share, &out));
    EVH_TRY(evh_prio3_verify_next(instance->prio3, out, &verdict, state.data,
                                  evh_buffer_view(&message)));
    EVH_REQUIRE(verdict == EVH_PRIO3_ACCEPTED, EVH_ERR_REFUSED, "the joint randomness is wrong");
    EVH_TRY(answer_bytes(answer, "output", evh_buffer_view(&output)));
done:
    evh_buffer_clear(&output);
    evh_buffer_clear(&message);
    evh_buffer_clear(&state);
    return status;
}

static evh_status aggregate(evh_buffer *answer, const bench_request *request,
                            const prio3_instance *instance)
{
    evh_status status = evh_ok();
    byte_list outputs = {0};
    evh_buffer share = evh_buffer_init(REQUEST_BYTES_MAX);
    uint8_t *out = NULL;
    EVH_TRY(request_byte_list(request, "outputs", &outputs));
    EVH_TRY(evh_buffer_extend(&share, instance->sizes->aggregate_share, &out));
    evh_prio3_aggregate_init(instance->prio3, out);
    for (size_t i = 0; i < outputs.count; i++)
        EVH_TRY(evh_prio3_aggregate_add(instance->prio3, out, outputs.items[i]));
    EVH_TRY(answer_bytes(answer, "share", evh_buffer_view(&share)));
done:
    evh_buffer_clear(&share);
    byte_list_clear(&outputs);
    return status;
}

static evh_status unshard(evh_buffer *answer, const bench_request *request,
                          const prio3_instance *instance)
{
    evh_status status = evh_ok();
    byte_list shares = {0};
    evh_u128 *result = NULL;
    EVH_TRY(request_byte_list(request, "shares", &shares));
    EVH_TRY(evh_alloc(&result, instance->sizes->result_count, sizeof *result, "result"));
    EVH_TRY(evh_prio3_unshard(instance->prio3, result, shares.items, shares.count));
    EVH_TRY(answer_numbers(answer, "result", result, instance->sizes->result_count));
done:
    free(result);
    byte_list_clear(&shares);
    return status;
}

static evh_status dispatch(evh_buffer *answer, const bench_request *request,
                           const prio3_instance *instance)
{
    static const struct {
        const char *name;
        evh_status (*run)(evh_buffer *, const bench_request *, const prio3_instance *);
    } commands[] = {{"shard", shard},
                    {"verify_init", verify_init},
                    {"shares_to_message", shares_to_message},
                    {"verify_next", verify_next},
                    {"aggregate", aggregate},
                    {"unshard", unshard},
                    {"time_shard", time_shard},
                    {"time_verify_init", time_verify_init}};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (request_is(request, commands[i].name))
            return commands[i].run(answer, request, instance);
    }
    return evh_fail(EVH_ERR_INPUT, "no such command");
}

evh_status prio3_command(evh_buffer *answer, const bench_request *request)
{
    evh_status status = evh_ok();
    evh_prio3_params params;
    prio3_instance instance = {0};
    EVH_TRY(read_params(&params, request));
    EVH_TRY(evh_prio3_new(&instance.prio3, &params));
    EVH_TRY(evh_prio3_workspace_new(&instance.workspace, instance.prio3));
    instance.sizes = evh_prio3_sizes_of(instance.prio3);
    EVH_TRY(dispatch(answer, request, &instance));
done:
    evh_prio3_workspace_free(&instance.workspace);
    evh_prio3_free(&instance.prio3);
    return status;
}
