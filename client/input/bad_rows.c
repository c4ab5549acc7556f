/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/input/bad_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "evenhand/base/sizes.h"

evh_status evh_input_bad_rows_init(evh_input_bad_rows *list, size_t limit)
{
    *list = (evh_input_bad_rows){.rows = NULL, .count = 0, .limit = 0};
    if (limit < 1 || limit > EVH_INPUT_BAD_ROWS_MAX)
        return evh_fail(EVH_ERR_ARG, "a limit of 1 to %d bad rows, not %zu", EVH_INPUT_BAD_ROWS_MAX,
                        limit);
    evh_status status = evh_alloc(&list->rows, limit, sizeof *list->rows, "bad rows");
    if (status.code == EVH_OK)
        list->limit = limit;
    return status;
}

void evh_input_bad_rows_clear(evh_input_bad_rows *list)
{
    free(list->rows);
    *list = (evh_input_bad_rows){.rows = NULL, .count = 0, .limit = 0};
}

evh_status evh_input_bad_rows_add(evh_input_bad_rows *list, uint64_t line, const char *reason)
{
    if (list->count < list->limit) {
        evh_input_bad_row *row = &list->rows[list->count++];
        row->line = line;
        (void)snprintf(row->reason, sizeof row->reason, "%s", reason);
    }
    if (list->count < list->limit)
        return evh_ok();
    return evh_fail(EVH_ERR_INPUT, "stopped at bad row number %zu, on line %" PRIu64 ": %s",
                    list->count, line, reason);
}

evh_status evh_input_bad_rows_check(const evh_input_bad_rows *list)
{
    if (list->count == 0)
        return evh_ok();
    return evh_fail(EVH_ERR_INPUT, "%zu bad row%s, the first on line %" PRIu64 ": %s", list->count,
                    list->count == 1 ? "" : "s", list->rows[0].line, list->rows[0].reason);
}
