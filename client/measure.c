/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/client/measure.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "evenhand/input/file.h"
#include "evenhand/input/window.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/plan/scoring.h"
#include "evenhand/plan/window.h"
#include "measure_internal.h"

enum { RECORD_BYTES_MAX = 64 << 20, PROGRESS_EVERY = 4096 };

/* Counts the bytes that a source gave, for the progress. */
typedef struct counted {
    evh_input_source source;
    uint64_t bytes;
} counted;

typedef struct run {
    const evh_measure_options *options;
    const evh_plan_terms *terms;
    evh_measurement *out;
    evh_input_file *file;
    evh_input_dir *dir;
    counted counted;
    evh_input_rows *rows;
    evh_scorer *scorer;
    evh_bounding *bounding;
    evh_measure_values values;
    evh_input_window window;
    size_t indices[EVH_PLAN_ATTRIBUTES_MAX];
    uint32_t groups[EVH_BOUNDING_RELEASES_MAX];
    evh_score scores[EVH_PLAN_MODELS_MAX];
    size_t models;
    evh_bounding_passes passes;
    evh_buffer record;
} run;

static evh_status read_counted(void *context, uint8_t *out, size_t capacity, size_t *got)
{
    counted *c = context;
    evh_status status = c->source.read(c->source.context, out, capacity, got);
    c->bytes += *got;
    return status;
}

static evh_status finish_counted(void *context)
{
    counted *c = context;
    return c->source.finish != NULL ? c->source.finish(c->source.context) : evh_ok();
}

static evh_status open_file(run *r)
{
    evh_status status = evh_ok();
    const evh_records *records = r->options->records;
    EVH_TRY(evh_input_file_open(&r->file, records->path));
    if (records->format == EVH_INPUT_MANIFEST)
        EVH_TRY(evh_input_dir_open_of(&r->dir, records->path));
    if (r->options->progress != NULL)
        r->options->progress->total = evh_input_file_size(r->file);
    r->passes =
        evh_input_file_is_regular(r->file) ? EVH_BOUNDING_TWO_PASSES : EVH_BOUNDING_ONE_PASS;

done:
    return status;
}

/* The rows of the file from where it stands. */
static evh_status open_rows(run *r)
{
    const evh_records *records = r->options->records;
    evh_input_options options = {.format = records->format,
                                 .columns = records->columns,
                                 .column_count = records->column_count};
    r->counted = (counted){.source = evh_input_file_source(r->file)};
    options.source =
        (evh_input_source){.read = read_counted, .finish = finish_counted, .context = &r->counted};
    if (r->dir != NULL)
        options.folder = evh_input_dir_folder(r->dir);
    evh_input_rows_free(&r->rows);
    return evh_input_status_in(evh_input_rows_new(&r->rows, &options), records->path);
}

/* The order of a unit's records hangs on the customer's secret, the plan and the round. */
static evh_status open_bounding(run *r)
{
    evh_status status = evh_ok();
    const uint8_t *id = evh_plan_id(r->options->plan);
    const evh_view plan = id != NULL ? evh_view_of(id, EVH_PLAN_ID_LEN) /* a draft has none yet */
                                     : evh_view_of_text(r->terms->name);
    evh_bounding_options options = evh_plan_bounding_options(r->options->plan);
    options.scorer = r->scorer;
    options.passes = r->passes;
    evh_bounding_key(&options.key, r->options->key, plan, r->options->round);
    EVH_TRY(evh_bounding_new(&r->bounding, &options));

done:
    evh_wipe(&options.key, sizeof options.key);
    return status;
}

static evh_status open_window(run *r)
{
    evh_status status = evh_ok();
    if (!r->terms->has_window)
        goto done;
    EVH_REQUIRE(r->options->round > 0, EVH_ERR_ARG,
                "the plan counts by windows of time: give the round with -n N");
    EVH_TRY(evh_plan_round_window(r->options->plan, r->options->round, &r->window.start_ms,
                                  &r->window.end_ms));
    r->window.offset_s = r->terms->window.offset_s;

done:
    return status;
}

static evh_status open_outputs(run *r)
{
    evh_status status = evh_ok();
    evh_measurement *out = r->out;
    const evh_records *records = r->options->records;
    EVH_TRY(evh_input_bad_rows_init(&out->bad_rows,
                                    r->options->bad_rows_allowed + EVH_INPUT_BAD_ROWS_DEFAULT));
    EVH_TRY(
        evh_alloc(&out->spellings, records->attribute_count, sizeof *out->spellings, "spellings"));
    out->attribute_count = records->attribute_count;
    for (size_t i = 0; i < out->attribute_count; i++)
        if (records->attributes[i] != EVH_RECORDS_NO_COLUMN)
            EVH_TRY(evh_input_spellings_new(&out->spellings[i]));
    out->cell_count = evh_plan_cell_count(r->options->plan);
    EVH_TRY(evh_alloc(&out->cells, out->cell_count, sizeof *out->cells, "cells"));

done:
    return status;
}

/* A mistake in the record becomes a bad row; anything else ends the run. */
static evh_status bad_row(run *r, uint64_t line, evh_status failure)
{
    if (failure.code != EVH_ERR_INPUT && failure.code != EVH_ERR_ENCODING)
        return failure;
    r->out->statistics.bad++;
    return evh_input_bad_rows_add(&r->out->bad_rows, line, failure.text);
}

static evh_status score_models(run *r, bool *empty, const evh_view *row)
{
    evh_status status = evh_ok();
    const evh_records *records = r->options->records;
    *empty = false;
    for (size_t i = 0; i < r->models; i++) {
        evh_view estimate = evh_view_of(NULL, 0);
        if (records->estimate_count > 0)
            estimate = row[records->estimate + i];
        EVH_TRY(evh_scorer_score(r->scorer, &r->scores[i], row[records->truth], estimate));
        *empty = *empty || r->scores[i].skipped;
    }

done:
    return status;
}

/* Everything that tells a record from others of its unit, in a form that two different rows never
 * share. */
static evh_status identify(run *r, const evh_input_row *row)
{
    evh_status status = evh_ok();
    size_t count = r->options->records->column_count;
    size_t bytes = row->part.len + sizeof(uint32_t) * (count + 1);
    uint8_t *at = NULL;
    for (size_t i = 0; i < count; i++)
        bytes += row->values[i].len;
    evh_buffer_truncate(&r->record, 0);
    EVH_TRY(evh_buffer_extend(&r->record, bytes, &at));
    for (size_t i = 0; i <= count; i++) {
        const evh_view value = i < count ? row->values[i] : row->part;
        const uint32_t len = (uint32_t)value.len;
        memcpy(at, &len, sizeof len);
        at += sizeof len;
        if (value.len > 0)
            memcpy(at, value.data, value.len);
        at += value.len;
    }

done:
    return status;
}

/* What becomes of a record. */
typedef enum fate { FATE_OUTSIDE, FATE_EMPTY_REFERENCE, FATE_COUNTS } fate;

/* Scores a record and finds its groups; fails INPUT or ENCODING when it is bad. */
static evh_status judge(run *r, const evh_input_row *row, fate *out)
{
    evh_status status = evh_ok();
    bool inside = true;
    bool empty = false;
    *out = FATE_OUTSIDE;
    if (r->terms->has_window)
        EVH_TRY(evh_input_window_test(&r->window, row->values[r->options->records->time], &inside));
    if (!inside)
        goto done;
    *out = FATE_EMPTY_REFERENCE;
    EVH_TRY(score_models(r, &empty, row->values));
    if (empty)
        goto done;
    *out = FATE_COUNTS;
    EVH_TRY(evh_measure_values_of(&r->values, r->indices, row->values));
    for (size_t i = 0; i < evh_plan_release_count(r->options->plan); i++)
        r->groups[i] = (uint32_t)evh_plan_group_of(
            r->options->plan, evh_plan_grouping_at(r->options->plan, i), r->indices);

done:
    return status;
}

/* Counts one record; fails INPUT or ENCODING when it is bad. */
static evh_status count_record(run *r, const evh_input_row *row)
{
    evh_status status = evh_ok();
    evh_measure_statistics *statistics = &r->out->statistics;
    evh_view unit = evh_view_trim(row->values[r->options->records->unit]);
    fate what = FATE_COUNTS;
    if (unit.len == 0) {
        statistics->no_unit++;
        goto done;
    }
    EVH_TRY(judge(r, row, &what));
    if (what == FATE_OUTSIDE)
        statistics->outside++;
    if (what == FATE_EMPTY_REFERENCE)
        statistics->empty_reference++;
    if (what != FATE_COUNTS)
        goto done;
    EVH_TRY(evh_measure_values_count(&r->values, r->indices, row->values));
    if (r->passes == EVH_BOUNDING_ONE_PASS)
        EVH_TRY(identify(r, row));
    EVH_TRY(evh_bounding_add(r->bounding, unit, evh_buffer_view(&r->record), r->groups, r->scores));

done:
    return status;
}

/* Gives the bounding a record once more. What was wrong with a row was said the first time. */
static evh_status count_again(run *r, const evh_input_row *row)
{
    evh_status status = evh_ok();
    evh_view unit = evh_view_trim(row->values[r->options->records->unit]);
    fate what = FATE_COUNTS;
    if (unit.len == 0 || !evh_bounding_wants(r->bounding, unit))
        goto done;
    status = judge(r, row, &what);
    if (status.code == EVH_ERR_INPUT || status.code == EVH_ERR_ENCODING) {
        status = evh_ok();
        goto done;
    }
    if (status.code != EVH_OK || what != FATE_COUNTS)
        goto done;
    EVH_TRY(identify(r, row));
    EVH_TRY(evh_bounding_add(r->bounding, unit, evh_buffer_view(&r->record), r->groups, r->scores));

done:
    return status;
}

/* Units over a cap: which of their records are used hangs on an order that only shows when all of
 * them have been seen, so the file is read again for those. */
static evh_status read_again(run *r)
{
    evh_status status = evh_ok();
    const char *path = r->options->records->path;
    bool again = false;
    uint64_t rows = 0;
    EVH_TRY(evh_bounding_end_pass(r->bounding, &again));
    if (!again)
        goto done;
    EVH_TRY(evh_input_file_rewind(r->file));
    EVH_TRY(open_rows(r));
    for (;;) {
        evh_input_event event = EVH_INPUT_END;
        evh_input_row row;
        EVH_TRY(evh_input_status_in(evh_input_rows_next(r->rows, &event, &row), path));
        if (event == EVH_INPUT_END)
            break;
        if (r->options->progress != NULL && rows++ % PROGRESS_EVERY == 0)
            evh_progress_at(r->options->progress, r->counted.bytes);
        if (event == EVH_INPUT_ROW)
            EVH_TRY(count_again(r, &row));
    }

done:
    return status;
}

static evh_status read_all(run *r)
{
    evh_status status = evh_ok();
    evh_measure_statistics *statistics = &r->out->statistics;
    const char *path = r->options->records->path;
    for (;;) {
        evh_input_event event = EVH_INPUT_END;
        evh_input_row row;
        EVH_TRY(evh_input_status_in(evh_input_rows_next(r->rows, &event, &row), path));
        if (event == EVH_INPUT_END)
            break;
        if (r->options->progress != NULL && statistics->read % PROGRESS_EVERY == 0)
            evh_progress_at(r->options->progress, r->counted.bytes);
        statistics->read++;
        status = event == EVH_INPUT_ROW ? count_record(r, &row)
                                        : evh_fail(EVH_ERR_INPUT, "%s", row.reason);
        if (status.code != EVH_OK)
            EVH_TRY(evh_input_status_in(bad_row(r, row.line, status), path));
    }

done:
    return status;
}

/* What must hold of the file as a whole before anything is counted. */
static evh_status check_whole(run *r)
{
    evh_status status = evh_ok();
    const evh_config_data *config = r->options->records->config;
    if (r->out->bad_rows.count > r->options->bad_rows_allowed)
        EVH_TRY(evh_input_status_in(evh_input_bad_rows_check(&r->out->bad_rows),
                                    r->options->records->path));
    for (size_t i = 0; config != NULL && i < r->out->attribute_count; i++)
        if (r->out->spellings[i] != NULL)
            EVH_TRY(evh_input_spellings_check(r->out->spellings[i], r->terms->attributes[i].name,
                                              config->max_unmapped_numerator,
                                              config->max_unmapped_denominator));

done:
    return status;
}

static evh_status finish(run *r)
{
    evh_status status = evh_ok();
    evh_bounding_statistics bounded;
    evh_measure_statistics *statistics = &r->out->statistics;
    EVH_TRY(evh_bounding_finish(r->bounding, r->out->cells, &bounded));
    statistics->used = bounded.used;
    statistics->clipped = bounded.clipped;
    statistics->units = bounded.units;
    statistics->units_clipped = bounded.units_clipped;

done:
    return status;
}

static void run_clear(run *r)
{
    evh_bounding_free(&r->bounding);
    evh_measure_values_clear(&r->values);
    evh_scorer_free(&r->scorer);
    evh_input_rows_free(&r->rows);
    evh_input_dir_free(&r->dir);
    evh_input_file_free(&r->file);
    evh_buffer_clear(&r->record);
}

evh_status evh_measure(evh_measurement *out, const evh_measure_options *options)
{
    evh_status status = evh_ok();
    run *r = NULL;
    *out = (evh_measurement){.cells = NULL};
    EVH_TRY(evh_alloc(&r, 1, sizeof *r, "measurement"));
    r->options = options;
    r->terms = evh_plan_terms_of(options->plan);
    r->models = evh_plan_model_slots(options->plan);
    r->out = out;
    r->record = evh_buffer_init(RECORD_BYTES_MAX);
    EVH_TRY(open_window(r));
    EVH_TRY(open_outputs(r));
    EVH_TRY(evh_scorer_new(&r->scorer, evh_plan_scorer_options(options->plan)));
    EVH_TRY(open_file(r));
    EVH_TRY(open_bounding(r));
    EVH_TRY(evh_measure_values_init(&r->values, options->plan, options->records, out->spellings));
    EVH_TRY(open_rows(r));
    EVH_TRY(read_all(r));
    evh_measure_values_end(&r->values);
    EVH_TRY(check_whole(r));
    EVH_TRY(read_again(r));
    EVH_TRY(finish(r));

done:
    if (r != NULL)
        run_clear(r);
    free(r);
    if (status.code != EVH_OK) {
        free(out->cells);
        out->cells = NULL;
    }
    return status;
}

void evh_measurement_clear(evh_measurement *measurement)
{
    if (measurement->cells != NULL)
        evh_wipe(measurement->cells, measurement->cell_count * sizeof *measurement->cells);
    free(measurement->cells);
    for (size_t i = 0; i < measurement->attribute_count; i++)
        evh_input_spellings_free(&measurement->spellings[i]);
    free(measurement->spellings);
    evh_input_bad_rows_clear(&measurement->bad_rows);
    *measurement = (evh_measurement){.cells = NULL};
}
