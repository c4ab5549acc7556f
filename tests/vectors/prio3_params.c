/* SPDX-License-Identifier: Apache-2.0
 * The instance that a file's name and keys describe. */
#include <ctype.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "prio3_vector.h"

typedef struct kind_row {
    const char *name;
    evh_prio3_kind kind;
    const char *max_key; /* of max_measurement; NULL if there is none */
    bool vector;         /* has length and chunk_length */
} kind_row;

static const kind_row kinds[] = {
    {"Prio3Count", EVH_PRIO3_COUNT, NULL, false},
    {"Prio3Sum", EVH_PRIO3_SUM, "max_measurement", false},
    {"Prio3SumVec", EVH_PRIO3_SUM_VEC, "max_measurement", true},
    {"Prio3Histogram", EVH_PRIO3_HISTOGRAM, NULL, true},
    {"Prio3MultihotCountVec", EVH_PRIO3_MULTIHOT_COUNT, "max_weight", true},
    {"Prio3SumVecWithMultiproof", EVH_PRIO3_SUM_VEC_MULTIPROOF, "max_measurement", true},
};

/* Reads "Field64", "field_128", "64", 128: letters in any case and punctuation do not matter. */
static evh_status read_field(const json_t *value, evh_field_id *field)
{
    evh_status status = evh_ok();
    char word[16] = {0};
    size_t len = 0;
    if (json_is_integer(value)) {
        json_int_t bits = json_integer_value(value);
        EVH_REQUIRE(bits == 64 || bits == 128, EVH_ERR_TYPE, "there is no field of %lld bits",
                    (long long)bits);
        *field = bits == 64 ? EVH_FIELD_64 : EVH_FIELD_128;
        goto done;
    }
    EVH_REQUIRE(json_is_string(value), EVH_ERR_INPUT, "field is no name");
    for (const char *at = json_string_value(value); *at != '\0' && len < sizeof word - 1; at++)
        if (isalnum((unsigned char)*at))
            word[len++] = (char)tolower((unsigned char)*at);
    if (strcmp(word, "field64") == 0 || strcmp(word, "64") == 0)
        *field = EVH_FIELD_64;
    else if (strcmp(word, "field128") == 0 || strcmp(word, "128") == 0)
        *field = EVH_FIELD_128;
    else
        status = evh_fail(EVH_ERR_TYPE, "field %.40s is not supported", json_string_value(value));
done:
    return status;
}

static evh_status read_params(const json_t *file, const kind_row *row, evh_prio3_params *params)
{
    evh_status status = evh_ok();
    const json_t *proofs = json_object_get(file, "num_proofs");
    const json_t *field = json_object_get(file, "field");
    uint64_t count = 0;
    params->kind = row->kind;
    EVH_TRY(vector_count(file, "shares", UINT32_MAX, &count));
    params->shares = (uint32_t)count;
    if (row->vector) {
        EVH_TRY(vector_count(file, "length", UINT64_MAX, &params->length));
        EVH_TRY(vector_count(file, "chunk_length", UINT64_MAX, &params->chunk_length));
    }
    if (row->max_key != NULL)
        EVH_TRY(vector_integer(json_object_get(file, row->max_key), row->max_key,
                               &params->max_measurement));
    if (proofs != NULL && !json_is_null(proofs)) {
        EVH_TRY(vector_count(file, "num_proofs", UINT32_MAX, &count));
        EVH_REQUIRE(count > 0, EVH_ERR_RANGE, "num_proofs is 0");
        params->proofs = (uint32_t)count;
    }
    if (field != NULL && !json_is_null(field))
        EVH_TRY(read_field(field, &params->field));
done:
    return status;
}

evh_status prio3_vector_instance(const json_t *file, const char *name, evh_prio3 **out)
{
    evh_status status = evh_ok();
    const kind_row *row = NULL;
    evh_prio3_params params = {.shares = 0};
    *out = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, name) == 0)
            row = &kinds[i];
    EVH_REQUIRE(row != NULL, EVH_ERR_TYPE, "%s is not supported", name);
    EVH_TRY(read_params(file, row, &params));
    EVH_TRY(evh_prio3_new(out, &params));
done:
    return status;
}
