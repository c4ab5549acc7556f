/* SPDX-License-Identifier: Apache-2.0
 * Whom a command is about: named on the command line or in a file. */
#include <stdlib.h>
#include <string.h>

#include "commands_internal.h"
#include "evenhand/base/sizes.h"
#include "evenhand/input/file.h"
#include "evenhand/input/rows.h"

enum { CUSTOMERS_MAX = 100000 };

void evh_named_clear(evh_named_list *list)
{
    free(list->items);
    *list = (evh_named_list){.items = NULL};
}

evh_status evh_named_add(evh_named_list *list, evh_view name, evh_view key)
{
    evh_identity identity;
    evh_status status = evh_ok();
    EVH_TRY(evh_organisation_check(name));
    EVH_REQUIRE(list->count < CUSTOMERS_MAX, EVH_ERR_RANGE, "more than %d organisations",
                CUSTOMERS_MAX);
    if (key.len > 0)
        EVH_TRY(evh_identity_parse(&identity, key));
    for (size_t i = 0; i < list->count; i++)
        EVH_REQUIRE(!evh_view_equal(evh_view_of_text(list->items[i].name), name), EVH_ERR_INPUT,
                    "\"%.60s\" is named twice", list->items[i].name);
    EVH_TRY(evh_array_reserve(&list->items, &list->capacity, list->count + 1, sizeof *list->items,
                              "organisations"));
    memcpy(list->items[list->count].name, name.data, name.len);
    if (key.len > 0)
        memcpy(list->items[list->count].key, key.data, key.len);
    list->count++;
done:
    return status;
}

static void wrong_line(evh_cli *cli, const char *file, uint64_t line, const char *text)
{
    evh_mark mark = {.file = file, .line = line};
    evh_diagnostics_add(&cli->diagnostics, EVH_SEVERITY_ERROR, mark, NULL, "%s", text);
}

static evh_status read_rows(evh_named_list *list, evh_cli *cli, evh_input_rows *rows,
                            const char *file)
{
    evh_input_event event = EVH_INPUT_BAD_ROW;
    evh_status status = evh_ok();
    while (event != EVH_INPUT_END) {
        evh_input_row row;
        EVH_TRY(evh_input_rows_next(rows, &event, &row));
        if (event == EVH_INPUT_BAD_ROW)
            wrong_line(cli, file, row.line, row.reason);
        if (event != EVH_INPUT_ROW)
            continue;
        evh_status added = evh_named_add(list, row.values[0], row.values[1]);
        if (added.code == EVH_ERR_MEMORY)
            EVH_TRY(added);
        if (added.code != EVH_OK)
            wrong_line(cli, file, row.line, added.text);
    }
    EVH_TRY(evh_diagnostics_status(&cli->diagnostics));
done:
    return status;
}

static evh_status read_file(evh_named_list *list, evh_cli *cli, const char *path)
{
    const evh_input_column columns[] = {{.name = evh_view_of_text("name")},
                                        {.name = evh_view_of_text("key"), .optional = true}};
    evh_input_file *file = NULL;
    evh_input_rows *rows = NULL;
    evh_input_options options = {.format = EVH_INPUT_CSV, .columns = columns, .column_count = 2};
    evh_status status = evh_ok();
    EVH_TRY(evh_input_file_open(&file, path));
    options.source = evh_input_file_source(file);
    status = evh_input_rows_new(&rows, &options);
    EVH_REQUIRE(status.code == EVH_OK, status.code, "%s: %.80s", path, status.text);
    EVH_TRY(read_rows(list, cli, rows, path));
done:
    evh_input_rows_free(&rows);
    evh_input_file_free(&file);
    return status;
}

evh_status evh_named_read(evh_named_list *list, evh_cli *cli, const evh_customer_options *options)
{
    evh_view key = evh_view_of_text(options->key == NULL ? "" : options->key);
    evh_status status = evh_ok();
    EVH_REQUIRE((options->csv != NULL) != (cli->argument_count > 0), EVH_ERR_ARG,
                "name an organisation, or give a file with --csv FILE");
    EVH_REQUIRE(key.len == 0 || cli->argument_count == 1, EVH_ERR_ARG,
                "--key is for one organisation; a file has a column key");
    if (options->csv != NULL)
        EVH_TRY(read_file(list, cli, options->csv));
    for (size_t i = 0; i < cli->argument_count; i++) {
        status = evh_named_add(list, evh_view_of_text(cli->arguments[i]), key);
        EVH_REQUIRE(status.code == EVH_OK, EVH_ERR_ARG, "%s", status.text);
    }
done:
    if (status.code != EVH_OK)
        evh_named_clear(list);
    return status;
}
