/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect_internal.h"
#include "evenhand/base/sizes.h"

const char *evh_collect_state_name(evh_collect_state state)
{
    switch (state) {
    case EVH_COLLECT_OPEN:
        return "open";
    case EVH_COLLECT_CLOSED:
        return "closed";
    case EVH_COLLECT_READY:
        return "ready";
    case EVH_COLLECT_PUBLISHED:
        return "published";
    case EVH_COLLECT_CONFIRMED:
        return "confirmed";
    case EVH_COLLECT_VOID:
        return "void";
    }
    return "unknown";
}

typedef struct lister {
    const evh_collect *collect;
    evh_collect_list *list;
    size_t capacity;
} lister;

static evh_status list_round(void *context, evh_view key, evh_view value, bool *stop)
{
    lister *l = context;
    stored_collection *record = NULL;
    evh_collect_row *row = NULL;
    evh_status status = evh_ok();
    *stop = false;
    EVH_TRY(evh_wire_unpack(&record, &evenhand__v1__stored_collection__descriptor, value,
                            "stored round"));
    EVH_REQUIRE(key.len == strlen(evh_collect_round_prefix) + EVH_TASK_ID_LEN &&
                    record->plan_id.len == EVH_PLAN_ID_LEN,
                EVH_ERR_STORE, "a record of a round is damaged");
    EVH_TRY(evh_array_reserve(&l->list->rows, &l->capacity, l->list->count + 1, sizeof *row,
                              "list of rounds"));
    row = &l->list->rows[l->list->count];
    memset(row, 0, sizeof *row);
    memcpy(row->task_id, key.data + key.len - EVH_TASK_ID_LEN, EVH_TASK_ID_LEN);
    memcpy(row->plan_id, record->plan_id.data, EVH_PLAN_ID_LEN);
    (void)snprintf(row->plan, sizeof row->plan, "%s", record->plan_name);
    row->round = record->round;
    row->state = (evh_collect_state)record->state;
    row->void_reason = record->void_reason;
    row->opened_index = record->opened;
    row->ready_ms = record->committed_ms;
    EVH_TRY(evh_collect_path(row->path, l->collect, row));
    l->list->count++;
done:
    evh_wire_free(&record);
    return status;
}

static int compare_rows(const void *a, const void *b)
{
    const evh_collect_row *first = a;
    const evh_collect_row *second = b;
    return (first->opened_index > second->opened_index) -
           (first->opened_index < second->opened_index);
}

evh_status evh_collect_list_rounds(const evh_collect *collect, evh_collect_list *out)
{
    evh_store *store = collect->self->store;
    lister l = {.collect = collect, .list = out};
    evh_status status = evh_ok();
    out->rows = NULL;
    out->count = 0;
    EVH_TRY(evh_store_begin(store));
    EVH_TRY(evh_store_scan(store, EVH_STORE_META, evh_view_of_text(evh_collect_round_prefix),
                           list_round, &l));
    if (out->count > 1)
        qsort(out->rows, out->count, sizeof *out->rows, compare_rows);
done:
    evh_store_rollback(store);
    if (status.code != EVH_OK)
        evh_collect_list_clear(out);
    return status;
}

void evh_collect_list_clear(evh_collect_list *list)
{
    free(list->rows);
    list->rows = NULL;
    list->count = 0;
}
