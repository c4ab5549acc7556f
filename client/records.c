/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/client/records.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "evenhand/input/file.h"

enum { NAME_BYTES_MAX = EVH_CONFIG_COLUMN_BYTES_MAX + EVH_PLAN_NAME_MAX };

static const struct {
    const char *truth, *estimate;
} names_of[] = {
    [EVH_PLAN_BINARY] = {"label", "prediction"},
    [EVH_PLAN_MULTICLASS] = {"class", "predicted"},
    [EVH_PLAN_WER] = {"reference", "hypothesis"},
    [EVH_PLAN_REGRESSION] = {"truth", "estimate"},
    [EVH_PLAN_EVENT] = {"event", ""},
};

void evh_records_clear(evh_records *records)
{
    for (size_t i = 0; i < records->column_count; i++)
        free(records->names[i]);
    free(records->attributes);
    free(records->names);
    free(records->columns);
    free(records->path);
    *records = (evh_records){.path = NULL};
}

/* An empty description with room for every column that the plan can need. */
static evh_status start(evh_records *out, const evh_plan *plan, const char *path)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    size_t path_bytes = strlen(path) + 1;
    out->column_capacity = 3 + evh_plan_model_slots(plan) + terms->attribute_count;
    EVH_TRY(evh_alloc(&out->path, path_bytes, 1, "path"));
    memcpy(out->path, path, path_bytes);
    EVH_TRY(evh_alloc(&out->columns, out->column_capacity, sizeof *out->columns, "columns"));
    EVH_TRY(evh_alloc(&out->names, out->column_capacity, sizeof *out->names, "columns"));
    EVH_TRY(
        evh_alloc(&out->attributes, terms->attribute_count, sizeof *out->attributes, "attributes"));
    out->attribute_count = terms->attribute_count;

done:
    return status;
}

/* Asks for the column that plays a role; model NULL: for all models. */
static evh_status add_column(uint32_t *index, evh_records *out, const char *role, const char *model,
                             bool transcript)
{
    evh_status status = evh_ok();
    evh_buffer name = evh_buffer_init(NAME_BYTES_MAX);
    char *copy = NULL;
    EVH_INVARIANT(out->column_count < out->column_capacity);
    EVH_TRY(evh_config_find_column(&name, out->config, evh_view_of_text(role),
                                   evh_view_of_text(model != NULL ? model : "")));
    EVH_TRY(evh_alloc(&copy, name.len + 1, 1, "name of a column"));
    memcpy(copy, name.data, name.len);
    *index = (uint32_t)out->column_count++;
    out->names[*index] = copy;
    out->columns[*index] =
        (evh_input_column){.name = evh_view_of(copy, name.len), .transcript = transcript};

done:
    evh_buffer_clear(&name);
    return status;
}

/* True when the configuration maps a role by model. */
static bool maps_by_model(const evh_config_data *config, const char *role)
{
    for (size_t i = 0; config != NULL && i < config->column_count; i++)
        if (strcmp(config->columns[i].role, role) == 0)
            return config->columns[i].model != NULL;
    return false;
}

/* A plan that names one model may leave it out of the columns. */
static evh_status add_estimates(evh_records *out, const evh_plan_terms *terms)
{
    evh_status status = evh_ok();
    const char *role = names_of[terms->scorer].estimate;
    bool by_model =
        terms->model_count > 1 || (terms->model_count == 1 && maps_by_model(out->config, role));
    bool transcript = terms->scorer == EVH_PLAN_WER;
    uint32_t index = 0;
    out->estimate = (uint32_t)out->column_count;
    if (terms->scorer == EVH_PLAN_EVENT)
        goto done;
    out->estimate_count = terms->model_count > 1 ? terms->model_count : 1;
    for (size_t i = 0; i < out->estimate_count; i++)
        EVH_TRY(add_column(&index, out, role, by_model ? terms->models[i] : NULL, transcript));

done:
    return status;
}

static evh_status add_columns(evh_records *out, const evh_plan_terms *terms)
{
    evh_status status = evh_ok();
    EVH_TRY(add_column(&out->unit, out, "unit", NULL, false));
    EVH_TRY(add_column(&out->truth, out, names_of[terms->scorer].truth, NULL,
                       terms->scorer == EVH_PLAN_WER));
    EVH_TRY(add_estimates(out, terms));
    for (size_t i = 0; i < terms->attribute_count; i++) {
        const evh_plan_attribute *attribute = &terms->attributes[i];
        out->attributes[i] = EVH_RECORDS_NO_COLUMN;
        if (attribute->kind != EVH_PLAN_MAPPED)
            EVH_TRY(add_column(&out->attributes[i], out, attribute->name, NULL, false));
    }
    out->time = EVH_RECORDS_NO_COLUMN;
    if (terms->has_window)
        EVH_TRY(add_column(&out->time, out, "time", NULL, false));

done:
    return status;
}

static bool ends_with(evh_view text, const char *end)
{
    size_t len = strlen(end);
    return text.len > len && memcmp(text.data + text.len - len, end, len) == 0;
}

static bool is_transcript_file(evh_view value)
{
    evh_view name = evh_view_trim(value);
    return ends_with(name, ".trn") || ends_with(name, ".txt") || ends_with(name, ".json");
}

/* A manifest is a csv whose first row names files where transcripts would stand. */
static evh_status looks_like_manifest(bool *answer, const evh_records *records)
{
    evh_status status = evh_ok();
    evh_input_file *file = NULL;
    evh_input_rows *rows = NULL;
    evh_input_event event = EVH_INPUT_END;
    evh_input_row row;
    evh_input_options options = {.format = EVH_INPUT_CSV,
                                 .columns = records->columns,
                                 .column_count = records->column_count};
    *answer = false;
    EVH_TRY(evh_input_file_open(&file, records->path));
    if (evh_input_file_size(file) == 0) /* a pipe can be read only once */
        goto done;
    options.source = evh_input_file_source(file);
    EVH_TRY(evh_input_status_in(evh_input_rows_new(&rows, &options), records->path));
    EVH_TRY(evh_input_status_in(evh_input_rows_next(rows, &event, &row), records->path));
    *answer = event == EVH_INPUT_ROW && is_transcript_file(row.values[records->truth]) &&
              is_transcript_file(row.values[records->estimate]);

done:
    evh_input_rows_free(&rows);
    evh_input_file_free(&file);
    return status;
}

static const evh_input_format formats[] = {
    [EVH_CONFIG_CSV] = EVH_INPUT_CSV,
    [EVH_CONFIG_JSONL] = EVH_INPUT_JSONL,
    [EVH_CONFIG_MANIFEST] = EVH_INPUT_MANIFEST,
};

static evh_status choose_format(evh_records *out, const evh_plan_terms *terms, const char *format)
{
    evh_status status = evh_ok();
    evh_view name = evh_view_of_text(out->path);
    bool manifest = false;
    out->format = EVH_INPUT_CSV;
    if (format != NULL)
        EVH_TRY(evh_input_format_parse(evh_view_of_text(format), &out->format));
    else if (out->config != NULL)
        out->format = formats[out->config->format];
    else if (ends_with(name, ".jsonl") || ends_with(name, ".ndjson"))
        out->format = EVH_INPUT_JSONL;
    else if (terms->scorer == EVH_PLAN_WER)
        EVH_TRY(looks_like_manifest(&manifest, out));
    if (manifest)
        out->format = EVH_INPUT_MANIFEST;

done:
    return status;
}

evh_status evh_records_make(evh_records *out, const evh_plan *plan, const evh_config_data *config,
                            const char *path, const char *format)
{
    evh_status status = evh_ok();
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    *out = (evh_records){.config = config};
    EVH_TRY(start(out, plan, path));
    EVH_TRY(add_columns(out, terms));
    EVH_TRY(choose_format(out, terms, format));

done:
    if (status.code != EVH_OK)
        evh_records_clear(out);
    return status;
}
