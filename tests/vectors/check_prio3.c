/* SPDX-License-Identifier: Apache-2.0
 * Carries out the operations of a Prio3 file in their order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "prio3_vector.h"

typedef struct step_row {
    const char *name;
    prio3_step *step;
    bool of_report, of_aggregator, has_round;
} step_row;

static const step_row steps[] = {
    {"shard", prio3_vector_shard, true, false, false},
    {"verify_init", prio3_vector_verify_init, true, true, false},
    {"verifier_shares_to_message", prio3_vector_shares_to_message, true, false, true},
    {"verify_next", prio3_vector_verify_next, true, true, true},
    {"aggregate", prio3_vector_aggregate, false, true, false},
    {"unshard", prio3_vector_unshard, false, false, false},
};

enum { STEP_COUNT = sizeof steps / sizeof steps[0] };

static const step_row *find_step(const json_t *object)
{
    const char *name = json_string_value(json_object_get(object, "operation"));
    for (size_t i = 0; name != NULL && i < STEP_COUNT; i++)
        if (strcmp(steps[i].name, name) == 0)
            return &steps[i];
    return NULL;
}

static evh_status read_operation(const prio3_vector *vector, const json_t *object,
                                 const step_row *row, prio3_operation *operation)
{
    evh_status status = evh_ok();
    uint64_t number = 0;
    const json_t *success = json_object_get(object, "success");
    EVH_REQUIRE(json_is_boolean(success), EVH_ERR_INPUT, "success is missing");
    operation->success = json_is_true(success);
    if (row->of_report) {
        EVH_TRY(vector_count(object, "report_index", SIZE_MAX, &number));
        operation->report_index = number;
        operation->report = json_array_get(vector->reports, number);
        EVH_REQUIRE(json_is_object(operation->report), EVH_ERR_INPUT, "there is no report %llu",
                    (unsigned long long)number);
    }
    if (row->of_aggregator) {
        uint32_t shares = evh_prio3_params_of(vector->prio3)->shares;
        EVH_TRY(vector_count(object, "aggregator_id", shares - 1, &number));
        operation->agg_id = (uint32_t)number;
    }
    if (row->has_round)
        EVH_TRY(vector_count(object, "round", UINT32_MAX, &operation->round));
done:
    return status;
}

/* Names the operation in a failure's text: "operation 3, verify_init, report 0, aggregator 1". */
static evh_status in_operation(evh_status status, size_t index, const step_row *row,
                               const prio3_operation *operation)
{
    char where[120];
    int len = snprintf(where, sizeof where, "operation %zu, %s", index, row->name);
    if (row->of_report)
        len += snprintf(where + len, sizeof where - (size_t)len, ", report %zu",
                        operation->report_index);
    if (row->of_aggregator)
        (void)snprintf(where + len, sizeof where - (size_t)len, ", aggregator %u",
                       (unsigned)operation->agg_id);
    return evh_status_in(status, "%s", where);
}

static evh_status run_operation(prio3_vector *vector, const json_t *object, const step_row *row,
                                size_t index)
{
    evh_status status = evh_ok();
    evh_status outcome = evh_ok();
    prio3_operation operation = {.report = NULL};
    EVH_TRY(read_operation(vector, object, row, &operation));
    EVH_TRY(row->step(vector, &operation, &outcome));
    EVH_REQUIRE(operation.success || outcome.code != EVH_OK, EVH_ERR_INPUT,
                "succeeded although it must fail");
    if (operation.success)
        EVH_TRY(outcome);
done:
    return status.code == EVH_OK ? status : in_operation(status, index, row, &operation);
}

static evh_status run_operations(prio3_vector *vector, const json_t *list,
                                 size_t done_of[STEP_COUNT], size_t *must_fail)
{
    evh_status status = evh_ok();
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *object = json_array_get(list, i);
        const step_row *row = find_step(object);
        EVH_REQUIRE(row != NULL, EVH_ERR_INPUT, "operation %zu is unknown", i);
        EVH_TRY(run_operation(vector, object, row, i));
        done_of[row - steps]++;
        *must_fail += json_is_false(json_object_get(object, "success"));
    }
done:
    return status;
}

static void summarise(char *summary, const size_t done_of[STEP_COUNT], size_t must_fail)
{
    size_t len = 0;
    for (size_t i = 0; i < STEP_COUNT; i++)
        if (done_of[i] > 0 && len < VECTOR_SUMMARY_LEN)
            len += (size_t)snprintf(summary + len, VECTOR_SUMMARY_LEN - len, "%s%zu %s",
                                    len > 0 ? ", " : "", done_of[i], steps[i].name);
    if (must_fail > 0 && len < VECTOR_SUMMARY_LEN)
        (void)snprintf(summary + len, VECTOR_SUMMARY_LEN - len, "; %zu failed as they must",
                       must_fail);
}

static evh_status open_vector(prio3_vector *vector, const char *name)
{
    evh_status status = evh_ok();
    size_t count = 0;
    EVH_TRY(prio3_vector_instance(vector->file, name, &vector->prio3));
    EVH_TRY(evh_prio3_workspace_new(&vector->workspace, vector->prio3));
    EVH_TRY(vector_hex_key(vector->file, "ctx", &vector->ctx));
    EVH_TRY(vector_hex_key(vector->file, "verify_key", &vector->verify_key));
    EVH_TRY(vector_hex_key(vector->file, "agg_param", &vector->agg_param));
    EVH_TRY(vector_array(vector->file, "reports", &vector->reports));
    count = json_array_size(vector->reports) * evh_prio3_params_of(vector->prio3)->shares;
    EVH_TRY(evh_alloc(&vector->states, count, sizeof *vector->states, "states"));
    vector->report_count = json_array_size(vector->reports);
    for (size_t i = 0; i < count; i++)
        vector->states[i] = evh_buffer_init(VECTOR_BYTES_MAX);
done:
    return status;
}

static void close_vector(prio3_vector *vector)
{
    if (vector->states != NULL)
        for (size_t i = 0; i < vector->report_count * evh_prio3_params_of(vector->prio3)->shares;
             i++)
            evh_buffer_clear(&vector->states[i]);
    free(vector->states);
    evh_buffer_clear(&vector->ctx);
    evh_buffer_clear(&vector->verify_key);
    evh_buffer_clear(&vector->agg_param);
    evh_prio3_workspace_free(&vector->workspace);
    evh_prio3_free(&vector->prio3);
}

evh_status vector_check_prio3(const json_t *file, const char *name,
                              char summary[VECTOR_SUMMARY_LEN])
{
    evh_status status = evh_ok();
    json_t *list = NULL;
    size_t done_of[STEP_COUNT] = {0};
    size_t must_fail = 0;
    prio3_vector vector = {.file = file,
                           .ctx = evh_buffer_init(VECTOR_BYTES_MAX),
                           .verify_key = evh_buffer_init(VECTOR_BYTES_MAX),
                           .agg_param = evh_buffer_init(VECTOR_BYTES_MAX)};
    EVH_TRY(open_vector(&vector, name));
    EVH_TRY(vector_array(file, "operations", &list));
    EVH_REQUIRE(json_array_size(list) > 0, EVH_ERR_INPUT, "nothing to check: no operations");
    EVH_TRY(run_operations(&vector, list, done_of, &must_fail));
    summarise(summary, done_of, must_fail);
done:
    close_vector(&vector);
    return status;
}
