/* SPDX-License-Identifier: Apache-2.0
 * The aggregators' operations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "prio3_vector.h"

static evh_buffer *state_of(const prio3_vector *vector, const prio3_operation *operation)
{
    size_t shares = evh_prio3_params_of(vector->prio3)->shares;
    return &vector->states[operation->report_index * shares + operation->agg_id];
}

/* The hex text at list[index], or at list[round][index] if the list has rounds. */
static evh_status read_listed(const json_t *object, const char *key, size_t index, evh_buffer *out)
{
    evh_status status = evh_ok();
    json_t *list = NULL;
    json_t *item = NULL;
    EVH_TRY(vector_array(object, key, &list));
    EVH_TRY(vector_element(list, index, key, &item));
    EVH_TRY(vector_hex(item, key, out));
done:
    return status;
}

/* The verifier shares of the only round. */
static evh_status verifier_shares_of(const json_t *report, json_t **out)
{
    evh_status status = evh_ok();
    json_t *rounds = NULL;
    EVH_TRY(vector_array(report, "verifier_shares", &rounds));
    EVH_TRY(vector_element(rounds, 0, "verifier_shares", out));
    EVH_REQUIRE(json_is_array(*out), EVH_ERR_INPUT, "verifier_shares[0] is no array");
done:
    return status;
}

/* What the library takes for granted about lengths, and the parameter that must be empty. */
static evh_status check_inputs(const prio3_vector *vector, const evh_buffer *nonce)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(vector->agg_param.len == 0, EVH_ERR_TRAILING,
                "the aggregation parameter must be empty");
    EVH_REQUIRE(vector->verify_key.len == EVH_PRIO3_VERIFY_KEY_LEN, EVH_ERR_LENGTH,
                "the verify key has %zu bytes", vector->verify_key.len);
    EVH_REQUIRE(nonce->len == EVH_PRIO3_NONCE_LEN, EVH_ERR_LENGTH, "the nonce has %zu bytes",
                nonce->len);
done:
    return status;
}

static evh_status compare_verifier_share(const prio3_operation *operation, evh_view actual)
{
    evh_status status = evh_ok();
    evh_buffer expected = evh_buffer_init(VECTOR_BYTES_MAX);
    json_t *shares = NULL;
    json_t *share = NULL;
    char what[64];
    (void)snprintf(what, sizeof what, "verifier_shares[0][%u]", (unsigned)operation->agg_id);
    EVH_TRY(verifier_shares_of(operation->report, &shares));
    EVH_TRY(vector_element(shares, operation->agg_id, "verifier_shares[0]", &share));
    EVH_TRY(vector_hex(share, what, &expected));
    EVH_TRY(vector_same(actual, evh_buffer_view(&expected), what));
done:
    evh_buffer_clear(&expected);
    return status;
}

evh_status prio3_vector_verify_init(prio3_vector *vector, const prio3_operation *operation,
                                    evh_status *outcome)
{
    evh_status status = evh_ok();
    const evh_prio3_sizes *sizes = evh_prio3_sizes_of(vector->prio3);
    evh_prio3_task task = {.ctx = evh_buffer_view(&vector->ctx)};
    evh_prio3_report report = {0};
    evh_buffer nonce = evh_buffer_init(VECTOR_BYTES_MAX);
    evh_buffer public_share = evh_buffer_init(VECTOR_BYTES_MAX);
    evh_buffer input_share = evh_buffer_init(VECTOR_BYTES_MAX);
    evh_buffer verifier = evh_buffer_init(VECTOR_BYTES_MAX);
    evh_buffer *state = state_of(vector, operation);
    uint8_t *state_bytes = NULL;
    uint8_t *verifier_bytes = NULL;
    EVH_TRY(vector_hex_key(operation->report, "nonce", &nonce));
    EVH_TRY(vector_hex_key(operation->report, "public_share", &public_share));
    EVH_TRY(read_listed(operation->report, "input_shares", operation->agg_id, &input_share));
    evh_buffer_clear(state);
    EVH_TRY(evh_buffer_extend(state, sizes->state, &state_bytes));
    EVH_TRY(evh_buffer_extend(&verifier, sizes->verifier_share, &verifier_bytes));
    task.verify_key = vector->verify_key.data;
    report.nonce = nonce.data;
    report.public_share = evh_buffer_view(&public_share);
    report.input_share = evh_buffer_view(&input_share);
    *outcome = check_inputs(vector, &nonce);
    if (outcome->code == EVH_OK)
        *outcome = evh_prio3_verify_init(vector->prio3, vector->workspace, state_bytes,
                                         verifier_bytes, &task, operation->agg_id, &report);
    if (outcome->code != EVH_OK)
        evh_buffer_clear(state);
    else if (operation->success)
        EVH_TRY(compare_verifier_share(operation, evh_buffer_view(&verifier)));
done:
    evh_buffer_clear(&verifier);
    evh_buffer_clear(&input_share);
    evh_buffer_clear(&public_share);
    evh_buffer_clear(&nonce);
    return status;
}

static evh_status refused_unless(evh_status outcome, evh_prio3_verdict verdict)
{
    if (outcome.code == EVH_OK && verdict != EVH_PRIO3_ACCEPTED)
        return evh_fail(EVH_ERR_REFUSED, "the report was rejected");
    return outcome;
}

/* Combines shares of which `count` are there. */
static evh_status combine(prio3_vector *vector, const prio3_operation *operation,
                          const evh_view *views, size_t count, evh_status *outcome)
{
    evh_status status = evh_ok();
    size_t message_len = evh_prio3_sizes_of(vector->prio3)->verifier_message;
    evh_prio3_verdict verdict = EVH_PRIO3_REJECTED;
    evh_buffer expected = evh_buffer_init(VECTOR_BYTES_MAX);
    uint8_t message[EVH_PRIO3_SEED_LEN];
    *outcome =
        evh_prio3_verifier_shares_to_message(vector->prio3, vector->workspace, message, &verdict,
                                             evh_buffer_view(&vector->ctx), views, count);
    *outcome = refused_unless(*outcome, verdict);
    if (outcome->code == EVH_OK && operation->success) {
        EVH_TRY(read_listed(operation->report, "verifier_messages", 0, &expected));
        EVH_TRY(vector_same(evh_view_of(message, message_len), evh_buffer_view(&expected),
                            "verifier_messages[0]"));
    }
done:
    evh_buffer_clear(&expected);
    return status;
}

evh_status prio3_vector_shares_to_message(prio3_vector *vector, const prio3_operation *operation,
                                          evh_status *outcome)
{
    evh_status status = evh_ok();
    json_t *list = NULL;
    evh_buffer *shares = NULL;
    evh_view *views = NULL;
    size_t count = 0;
    EVH_REQUIRE(operation->round == 0, EVH_ERR_INPUT, "round %llu: Prio3 combines in round 0 only",
                (unsigned long long)operation->round);
    EVH_TRY(verifier_shares_of(operation->report, &list));
    EVH_TRY(evh_alloc(&shares, json_array_size(list), sizeof *shares, "verifier shares"));
    EVH_TRY(evh_alloc(&views, json_array_size(list), sizeof *views, "verifier shares"));
    for (; count < json_array_size(list); count++) {
        shares[count] = evh_buffer_init(VECTOR_BYTES_MAX);
        EVH_TRY(vector_hex(json_array_get(list, count), "verifier_shares", &shares[count]));
        views[count] = evh_buffer_view(&shares[count]);
    }
    EVH_TRY(combine(vector, operation, views, count, outcome));
done:
    for (size_t i = 0; i < count; i++)
        evh_buffer_clear(&shares[i]);
    free(shares);
    free(views);
    return status;
}

evh_status prio3_vector_verify_next(prio3_vector *vector, const prio3_operation *operation,
                                    evh_status *outcome)
{
    evh_status status = evh_ok();
    evh_prio3_verdict verdict = EVH_PRIO3_REJECTED;
    evh_buffer message = evh_buffer_init(VECTOR_BYTES_MAX);
    evh_buffer expected = evh_buffer_init(VECTOR_BYTES_MAX);
    evh_buffer output = evh_buffer_init(VECTOR_BYTES_MAX);
    evh_buffer copy = evh_buffer_init(VECTOR_BYTES_MAX); /* a file may use a state twice */
    const evh_buffer *state = state_of(vector, operation);
    uint8_t *output_bytes = NULL;
    EVH_REQUIRE(operation->round == 1, EVH_ERR_INPUT, "round %llu: Prio3 finishes in round 1",
                (unsigned long long)operation->round);
    EVH_REQUIRE(state->len > 0, EVH_ERR_INPUT, "verify_next without a verify_init that succeeded");
    EVH_TRY(evh_buffer_append(&copy, evh_buffer_view(state)));
    EVH_TRY(read_listed(operation->report, "verifier_messages", 0, &message));
    EVH_TRY(
        evh_buffer_extend(&output, evh_prio3_sizes_of(vector->prio3)->output_share, &output_bytes));
    *outcome = evh_prio3_verify_next(vector->prio3, output_bytes, &verdict, copy.data,
                                     evh_buffer_view(&message));
    *outcome = refused_unless(*outcome, verdict);
    if (outcome->code == EVH_OK && operation->success) {
        EVH_TRY(read_listed(operation->report, "out_shares", operation->agg_id, &expected));
        EVH_TRY(vector_same(evh_buffer_view(&output), evh_buffer_view(&expected), "out_shares"));
    }
done:
    evh_buffer_clear(&copy);
    evh_buffer_clear(&output);
    evh_buffer_clear(&expected);
    evh_buffer_clear(&message);
    return status;
}

/* Adds the file's output shares of one aggregator; a report that was rejected has none. */
evh_status prio3_vector_aggregate(prio3_vector *vector, const prio3_operation *operation,
                                  evh_status *outcome)
{
    evh_status status = evh_ok();
    evh_buffer sum = evh_buffer_init(VECTOR_BYTES_MAX);
    evh_buffer share = evh_buffer_init(VECTOR_BYTES_MAX);
    uint8_t *bytes = NULL;
    EVH_TRY(evh_buffer_extend(&sum, evh_prio3_sizes_of(vector->prio3)->aggregate_share, &bytes));
    evh_prio3_aggregate_init(vector->prio3, bytes);
    for (size_t i = 0; i < vector->report_count && outcome->code == EVH_OK; i++) {
        const json_t *report = json_array_get(vector->reports, i);
        if (json_array_size(json_object_get(report, "out_shares")) == 0)
            continue;
        EVH_TRY(read_listed(report, "out_shares", operation->agg_id, &share));
        *outcome = evh_prio3_aggregate_add(vector->prio3, bytes, evh_buffer_view(&share));
    }
    if (outcome->code == EVH_OK && operation->success) {
        EVH_TRY(read_listed(vector->file, "agg_shares", operation->agg_id, &share));
        EVH_TRY(vector_same(evh_buffer_view(&sum), evh_buffer_view(&share), "agg_shares"));
    }
done:
    evh_buffer_clear(&share);
    evh_buffer_clear(&sum);
    return status;
}
