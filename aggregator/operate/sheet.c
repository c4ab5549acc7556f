/* SPDX-License-Identifier: Apache-2.0
 * A list as text and as JSON, filled line by line. */
#include "commands_internal.h"

evh_sheet evh_sheet_of(size_t columns)
{
    evh_sheet sheet = {.table = evh_table_of(columns),
                       .bytes = evh_buffer_init(EVH_OFFICE_ANSWER_BYTES_MAX)};
    return sheet;
}

evh_status evh_sheet_start(evh_sheet *sheet, evh_cli *cli, const char *key,
                           const char *const *headings)
{
    evh_status status = evh_ok();
    sheet->json = evh_json_writer(&sheet->bytes);
    EVH_TRY(evh_office_open(&sheet->office, cli));
    for (size_t i = 0; i < sheet->table.columns; i++)
        EVH_TRY(evh_table_add(&sheet->table, "%s", headings[i]));
    evh_json_object_open(&sheet->json, NULL);
    evh_json_array_open(&sheet->json, key);
done:
    return status;
}

evh_status evh_sheet_end(evh_sheet *sheet)
{
    evh_cli *cli = sheet->office.cli;
    evh_buffer text = evh_buffer_init(EVH_OFFICE_ANSWER_BYTES_MAX);
    evh_status status = evh_ok();
    evh_json_close(&sheet->json);
    evh_json_close(&sheet->json);
    EVH_TRY(evh_json_end(&sheet->json));
    if (sheet->none != NULL && sheet->table.count == sheet->table.columns && !cli->common.json) {
        evh_cli_note(cli, "%s", sheet->none);
        goto done;
    }
    EVH_TRY(evh_table_format(&text, &sheet->table));
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(cli->common.json ? &sheet->bytes : &text)));
done:
    evh_buffer_clear(&text);
    return status;
}

void evh_sheet_clear(evh_sheet *sheet)
{
    evh_office_close(&sheet->office);
    evh_table_clear(&sheet->table);
    evh_buffer_clear(&sheet->bytes);
}
