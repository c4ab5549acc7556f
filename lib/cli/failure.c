/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli_internal.h"

enum { ERROR_BYTES_MAX = 1 << 20 };

void evh_cli_json_diagnostics(evh_json *json, const char *key, const evh_diagnostics *list)
{
    evh_json_array_open(json, key);
    for (size_t i = 0; i < list->count; i++) {
        const evh_diagnostic *item = &list->items[i];
        evh_json_row_open(json, NULL);
        evh_json_text(json, "severity", item->severity == EVH_SEVERITY_ERROR ? "error" : "warning");
        evh_json_text(json, "file", item->file);
        evh_json_u64(json, "line", item->line);
        evh_json_u64(json, "column", item->column);
        evh_json_text(json, "wrong", item->wrong);
        evh_json_text(json, "right", item->right);
        evh_json_close(json);
    }
    evh_json_close(json);
}

static evh_status format_json(evh_buffer *out, const evh_cli *cli, evh_status failure)
{
    const evh_code_row *row = evh_code_info(failure.code);
    evh_json json = evh_json_writer(out);
    evh_json_row_open(&json, NULL);
    evh_json_row_open(&json, "error");
    evh_json_text(&json, "code", row->name);
    evh_json_i64(&json, "exit", row->exit);
    evh_json_bool(&json, "retryable", row->retryable);
    if (cli->command != NULL)
        evh_json_text(&json, "command", cli->command->name);
    evh_json_text(&json, "message", failure.text);
    if (cli->diagnostics.count > 0)
        evh_cli_json_diagnostics(&json, "diagnostics", &cli->diagnostics);
    evh_json_close(&json);
    evh_json_close(&json);
    return evh_json_end(&json);
}

/* A failure that only repeats the first diagnostic. */
static bool is_said(const evh_cli *cli, evh_status end)
{
    evh_status first = evh_diagnostics_status(&cli->diagnostics);
    return cli->diagnostics.count > 0 && first.code == end.code &&
           strcmp(first.text, end.text) == 0;
}

static void print_text(const evh_cli *cli, evh_status end)
{
    evh_buffer lines = evh_buffer_init(ERROR_BYTES_MAX);
    bool show = cli->diagnostics.count > 0 && (end.code != EVH_OK || !cli->common.quiet);
    if (show && evh_diagnostics_format(&lines, &cli->diagnostics).code == EVH_OK)
        (void)fwrite(lines.data, 1, lines.len, cli->err);
    evh_buffer_clear(&lines);
    if (end.code == EVH_OK || is_said(cli, end))
        return;
    (void)fprintf(cli->err, "%s%s%s: %s\n", cli->program->name, cli->command != NULL ? " " : "",
                  cli->command != NULL ? cli->command->name : "", end.text);
    if (end.code == EVH_ERR_ARG && cli->command != NULL)
        (void)fprintf(cli->err, "Try '%s %s --help'.\n", cli->program->name, cli->command->name);
}

void evh_cli_print_end(const evh_cli *cli, evh_status end)
{
    evh_buffer line = evh_buffer_init(ERROR_BYTES_MAX);
    if (!cli->common.json)
        print_text(cli, end);
    else if (end.code != EVH_OK && format_json(&line, cli, end).code == EVH_OK)
        (void)fwrite(line.data, 1, line.len, cli->err);
    else if (end.code != EVH_OK) /* not even memory for the object */
        (void)fprintf(cli->err, "{\"error\": {\"code\": \"%s\", \"exit\": %d}}\n",
                      evh_code_info(end.code)->name, evh_code_info(end.code)->exit);
    evh_buffer_clear(&line);
}
