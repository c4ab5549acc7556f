/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/input/rows.h"

#include <stdlib.h>

#include "evenhand/base/sizes.h"
#include "rows_internal.h"

struct evh_input_rows {
    evh_input_reader reader;
    evh_status failure; /* of an earlier call, given again */
    bool ended;
};

static const char *const format_names[] = {"csv", "jsonl", "manifest"};
enum { FORMAT_COUNT = sizeof format_names / sizeof format_names[0] };

evh_status evh_input_format_parse(evh_view name, evh_input_format *out)
{
    *out = EVH_INPUT_CSV;
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (evh_view_equal(name, evh_view_of_text(format_names[i]))) {
            *out = (evh_input_format)i;
            return evh_ok();
        }
    return evh_fail(EVH_ERR_INPUT, "the format is csv, jsonl or manifest");
}

static evh_status check_options(const evh_input_options *options)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(options->column_count >= 1 && options->column_count <= EVH_INPUT_COLUMNS_MAX,
                EVH_ERR_ARG, "1 to %d columns can be asked for, not %zu", EVH_INPUT_COLUMNS_MAX,
                options->column_count);
    for (size_t i = 0; i < options->column_count; i++)
        EVH_REQUIRE(options->columns[i].name.len > 0, EVH_ERR_ARG, "column %zu has no name", i + 1);
    EVH_REQUIRE(options->source.read != NULL, EVH_ERR_ARG, "no source to read from");
    EVH_REQUIRE(options->format != EVH_INPUT_MANIFEST || options->folder.read_file != NULL,
                EVH_ERR_ARG, "a manifest needs the folder of its files");

done:
    return status;
}

static evh_status new_reader(evh_input_reader *out, const evh_input_options *options)
{
    switch (options->format) {
    case EVH_INPUT_CSV:
        return evh_input_csv_new(out, options);
    case EVH_INPUT_JSONL:
        return evh_input_jsonl_new(out, options);
    case EVH_INPUT_MANIFEST:
        return evh_input_manifest_new(out, options);
    default:
        return evh_fail(EVH_ERR_ARG, "no such format");
    }
}

evh_status evh_input_rows_new(evh_input_rows **out, const evh_input_options *options)
{
    evh_status status = evh_ok();
    evh_input_rows *rows = NULL;
    *out = NULL;
    EVH_TRY(check_options(options));
    EVH_TRY(evh_alloc(&rows, 1, sizeof *rows, "readers"));
    EVH_TRY(new_reader(&rows->reader, options));
    *out = rows;
    rows = NULL;

done:
    evh_input_rows_free(&rows);
    return status;
}

void evh_input_rows_free(evh_input_rows **rows)
{
    if (*rows == NULL)
        return;
    if ((*rows)->reader.self != NULL)
        (*rows)->reader.free((*rows)->reader.self);
    free(*rows);
    *rows = NULL;
}

evh_status evh_input_rows_next(evh_input_rows *rows, evh_input_event *event, evh_input_row *row)
{
    *event = EVH_INPUT_END;
    *row = (evh_input_row){.line = 0, .values = NULL, .part = {.data = NULL, .len = 0}};
    if (rows->ended)
        return rows->failure;
    if (!rows->reader.next(rows->reader.self, event, row, &rows->failure))
        *event = EVH_INPUT_END;
    if (*event != EVH_INPUT_END)
        return evh_ok();
    rows->ended = true;
    return rows->failure;
}
