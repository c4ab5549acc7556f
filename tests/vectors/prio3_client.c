/* SPDX-License-Identifier: Apache-2.0
 * The client's and the collector's operations. */
#include <stdio.h>
#include <stdlib.h>

#include "evenhand/base/sizes.h"
#include "prio3_vector.h"

/* A measurement is an integer, or an array of them. One that cannot be a measurement at all (a
 * negative or huge integer) is for the caller of shard to refuse: *outcome says so. */
static evh_status read_measurement(const json_t *value, evh_u128 **out, size_t *count,
                                   evh_status *outcome)
{
    evh_status status = evh_ok();
    bool array = json_is_array(value);
    *count = array ? json_array_size(value) : 1;
    EVH_TRY(evh_alloc(out, *count, sizeof **out, "a measurement"));
    for (size_t i = 0; i < *count; i++) {
        const json_t *item = array ? json_array_get(value, i) : value;
        evh_status read = vector_integer(item, "measurement", &(*out)[i]);
        if (read.code == EVH_ERR_RANGE)
            *outcome = read;
        else
            EVH_TRY(read);
    }
done:
    return status;
}

typedef struct shard_buffers {
    evh_buffer public_share, leader_share, helper_shares;
} shard_buffers;

static evh_status run_shard(prio3_vector *vector, shard_buffers *buffers,
                            const prio3_operation *operation, evh_status *outcome)
{
    evh_status status = evh_ok();
    const evh_prio3_sizes *sizes = evh_prio3_sizes_of(vector->prio3);
    evh_prio3_shard_out out = {0};
    evh_prio3_shard_in in = {.ctx = evh_buffer_view(&vector->ctx)};
    evh_u128 *measurement = NULL;
    evh_buffer nonce = evh_buffer_init(VECTOR_BYTES_MAX);
    evh_buffer rand = evh_buffer_init(VECTOR_BYTES_MAX);
    size_t helpers = evh_prio3_params_of(vector->prio3)->shares - 1;
    EVH_TRY(vector_hex_key(operation->report, "nonce", &nonce));
    EVH_TRY(vector_hex_key(operation->report, "rand", &rand));
    EVH_TRY(read_measurement(json_object_get(operation->report, "measurement"), &measurement,
                             &in.measurement_len, outcome));
    EVH_TRY(evh_buffer_extend(&buffers->public_share, sizes->public_share, &out.public_share));
    EVH_TRY(evh_buffer_extend(&buffers->leader_share, sizes->leader_share, &out.leader_share));
    EVH_TRY(evh_buffer_extend(&buffers->helper_shares, helpers * sizes->helper_share,
                              &out.helper_shares));
    in.nonce = nonce.data;
    in.measurement = measurement;
    if (outcome->code == EVH_OK && nonce.len != EVH_PRIO3_NONCE_LEN)
        *outcome = evh_fail(EVH_ERR_LENGTH, "the nonce has %zu bytes", nonce.len);
    if (outcome->code == EVH_OK)
        *outcome = evh_prio3_shard_with_rand(vector->prio3, vector->workspace, &out, &in,
                                             evh_buffer_view(&rand));
done:
    free(measurement);
    evh_buffer_clear(&nonce);
    evh_buffer_clear(&rand);
    return status;
}

static evh_status compare_shares(const prio3_vector *vector, const shard_buffers *buffers,
                                 const prio3_operation *operation)
{
    evh_status status = evh_ok();
    size_t helper_len = evh_prio3_sizes_of(vector->prio3)->helper_share;
    uint32_t shares = evh_prio3_params_of(vector->prio3)->shares;
    evh_buffer expected = evh_buffer_init(VECTOR_BYTES_MAX);
    json_t *list = NULL;
    EVH_TRY(vector_hex_key(operation->report, "public_share", &expected));
    EVH_TRY(vector_same(evh_buffer_view(&buffers->public_share), evh_buffer_view(&expected),
                        "public_share"));
    EVH_TRY(vector_array(operation->report, "input_shares", &list));
    EVH_REQUIRE(json_array_size(list) == shares, EVH_ERR_INPUT,
                "input_shares has %zu elements, not %u", json_array_size(list), (unsigned)shares);
    for (size_t id = 0; id < shares; id++) {
        char what[64];
        evh_view actual =
            id == 0 ? evh_buffer_view(&buffers->leader_share)
                    : evh_view_of(buffers->helper_shares.data + (id - 1) * helper_len, helper_len);
        (void)snprintf(what, sizeof what, "input_shares[%zu]", id);
        EVH_TRY(vector_hex(json_array_get(list, id), what, &expected));
        EVH_TRY(vector_same(actual, evh_buffer_view(&expected), what));
    }
done:
    evh_buffer_clear(&expected);
    return status;
}

evh_status prio3_vector_shard(prio3_vector *vector, const prio3_operation *operation,
                              evh_status *outcome)
{
    evh_status status = evh_ok();
    shard_buffers buffers = {.public_share = evh_buffer_init(VECTOR_BYTES_MAX),
                             .leader_share = evh_buffer_init(VECTOR_BYTES_MAX),
                             .helper_shares = evh_buffer_init(VECTOR_BYTES_MAX)};
    EVH_TRY(run_shard(vector, &buffers, operation, outcome));
    if (outcome->code == EVH_OK && operation->success)
        EVH_TRY(compare_shares(vector, &buffers, operation));
done:
    evh_buffer_clear(&buffers.public_share);
    evh_buffer_clear(&buffers.leader_share);
    evh_buffer_clear(&buffers.helper_shares);
    return status;
}

/* The file has one integer, or an array of result_count. */
static evh_status compare_result(const prio3_vector *vector, const evh_u128 *result)
{
    evh_status status = evh_ok();
    const json_t *expected = json_object_get(vector->file, "agg_result");
    size_t count = evh_prio3_sizes_of(vector->prio3)->result_count;
    bool array = json_is_array(expected);
    size_t expected_count = array ? json_array_size(expected) : 1;
    EVH_REQUIRE(expected_count == count, EVH_ERR_INPUT,
                "agg_result differs: computed %zu integers, file has %zu", count, expected_count);
    for (size_t i = 0; i < count; i++) {
        evh_u128 value = 0;
        EVH_TRY(
            vector_integer(array ? json_array_get(expected, i) : expected, "agg_result", &value));
        EVH_REQUIRE(value == result[i], EVH_ERR_INPUT,
                    "agg_result differs at %zu: computed 0x%016llx%016llx, file has "
                    "0x%016llx%016llx",
                    i, (unsigned long long)(result[i] >> 64), (unsigned long long)result[i],
                    (unsigned long long)(value >> 64), (unsigned long long)value);
    }
done:
    return status;
}

evh_status prio3_vector_unshard(prio3_vector *vector, const prio3_operation *operation,
                                evh_status *outcome)
{
    evh_status status = evh_ok();
    json_t *list = NULL;
    evh_buffer *shares = NULL;
    evh_view *views = NULL;
    evh_u128 *result = NULL;
    size_t count = 0;
    EVH_TRY(vector_array(vector->file, "agg_shares", &list));
    EVH_TRY(evh_alloc(&shares, json_array_size(list), sizeof *shares, "aggregate shares"));
    EVH_TRY(evh_alloc(&views, json_array_size(list), sizeof *views, "aggregate shares"));
    EVH_TRY(evh_alloc(&result, evh_prio3_sizes_of(vector->prio3)->result_count, sizeof *result,
                      "a result"));
    for (; count < json_array_size(list); count++) {
        shares[count] = evh_buffer_init(VECTOR_BYTES_MAX);
        EVH_TRY(vector_hex(json_array_get(list, count), "agg_shares", &shares[count]));
        views[count] = evh_buffer_view(&shares[count]);
    }
    *outcome = evh_prio3_unshard(vector->prio3, result, views, count);
    if (outcome->code == EVH_OK && operation->success)
        EVH_TRY(compare_result(vector, result));
done:
    for (size_t i = 0; i < count; i++)
        evh_buffer_clear(&shares[i]);
    free(shares);
    free(views);
    free(result);
    return status;
}
