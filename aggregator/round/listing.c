/* SPDX-License-Identifier: Apache-2.0
 * Lists of rounds and of the reports of a round. */
#include "evenhand/aggregator/listing.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "evenhand/protocol/receipt.h"
#include "evenhand/translog/translog.h"
#include "report.pb-c.h"
#include "round_internal.h"

enum { NAMES_BYTES_MAX = 1 << 30 };

/* ---- rounds ---- */

typedef struct round_search {
    const evh_aggregator *self;
    const uint8_t *plan_id;
    evh_round_list *list;
    size_t capacity;
    uint64_t cosigned;
} round_search;

static evh_status read_opened(evh_round_row *out, const Evenhand__V1__StoredRound *stored)
{
    Evenhand__V1__RoundOpened *opened = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_unpack(&opened, &evenhand__v1__round_opened__descriptor,
                            evh_wire_bytes(&stored->round_opened), "stored round"));
    EVH_TRY(evh_wire_copy_bytes(out->plan_id, sizeof out->plan_id, &opened->plan_id, "plan_id"));
    out->round = opened->round;
    out->customers = opened->roster_size;
    out->window_start_ms = opened->window_start_ms;
    out->window_end_ms = opened->window_end_ms;
done:
    evh_wire_free(&opened);
    return status;
}

static evh_status fill_round(const evh_aggregator *self, evh_round_row *out, evh_view task_id,
                             const Evenhand__V1__StoredRound *stored)
{
    const evh_known_plan *known = NULL;
    evh_status status = evh_ok();
    memset(out, 0, sizeof *out);
    EVH_REQUIRE(task_id.len == sizeof out->task_id, EVH_ERR_STORE, "a round's record is damaged");
    memcpy(out->task_id, task_id.data, sizeof out->task_id);
    EVH_TRY(read_opened(out, stored));
    EVH_TRY(evh_plan_hold(self, &known, out->plan_id));
    (void)memcpy(out->plan, evh_plan_terms_of(known->plan)->name,
                 strlen(evh_plan_terms_of(known->plan)->name) + 1);
    out->customers_needed = known->terms.min_honest + known->terms.assumed_corrupt;
    out->state = stored->state;
    out->deadline_ms = stored->deadline_ms;
    out->void_reason = stored->void_reason;
    out->received = stored->received;
    out->accepted = stored->accepted;
    out->rejected = stored->rejected;
    out->entry_index = stored->entry_index;
done:
    evh_cache_release_plan(self->cache, &known);
    return status;
}

static evh_status visit_round(void *context, evh_view key, evh_view value, bool *stop)
{
    round_search *search = context;
    evh_round_list *list = search->list;
    Evenhand__V1__StoredRound *stored = NULL;
    evh_round_row row;
    evh_status status = evh_ok();
    *stop = false;
    EVH_TRY(
        evh_wire_unpack(&stored, &evenhand__v1__stored_round__descriptor, value, "stored round"));
    EVH_TRY(fill_round(search->self, &row, key, stored));
    row.cosigned = row.entry_index < search->cosigned;
    if (search->plan_id != NULL && memcmp(row.plan_id, search->plan_id, sizeof row.plan_id) != 0)
        goto done;
    EVH_TRY(
        evh_array_reserve(&list->rows, &search->capacity, list->count + 1, sizeof row, "rounds"));
    list->rows[list->count++] = row;
done:
    evh_wire_free(&stored);
    return status;
}

static int compare_rounds(const void *a, const void *b)
{
    const evh_round_row *left = a;
    const evh_round_row *right = b;
    return (left->entry_index > right->entry_index) - (left->entry_index < right->entry_index);
}

static evh_status cosigned_size(const evh_aggregator *self, uint64_t *size)
{
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    evh_status status =
        evh_translog_newest(self->store, self->role == EVH_ROLE_LEADER, &note, size);
    evh_buffer_clear(&note);
    return status;
}

static evh_status search_rounds(const evh_aggregator *self, evh_round_list *out,
                                const uint8_t *plan_id, evh_view key)
{
    round_search search = {.self = self, .plan_id = plan_id, .list = out};
    evh_status status = evh_ok();
    out->rows = NULL;
    out->count = 0;
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(cosigned_size(self, &search.cosigned));
    EVH_TRY(evh_store_scan(self->store, EVH_STORE_ROUNDS, key, visit_round, &search));
    if (out->count > 0)
        qsort(out->rows, out->count, sizeof *out->rows, compare_rounds);
done:
    evh_store_rollback(self->store);
    if (status.code != EVH_OK)
        evh_round_list_clear(out);
    return status;
}

evh_status evh_aggregator_list_rounds(const evh_aggregator *self, evh_round_list *out,
                                      const uint8_t *plan_id)
{
    return search_rounds(self, out, plan_id, evh_view_of(NULL, 0));
}

evh_status evh_aggregator_find_round(const evh_aggregator *self, evh_round_row *out,
                                     const uint8_t *task_id)
{
    evh_round_list list = {.rows = NULL};
    evh_status status = evh_ok();
    memset(out, 0, sizeof *out);
    EVH_TRY(search_rounds(self, &list, NULL, evh_view_of(task_id, EVH_TASK_ID_LEN)));
    EVH_REQUIRE(list.count == 1, EVH_ERR_REFUSED, "no such round");
    *out = list.rows[0];
done:
    evh_round_list_clear(&list);
    return status;
}

void evh_round_list_clear(evh_round_list *list)
{
    free(list->rows);
    list->rows = NULL;
    list->count = 0;
}

/* ---- reports ---- */

typedef struct report_search {
    evh_report_list *list;
    size_t capacity;
    size_t sent;        /* rows that have come from reports, in ascending order */
    evh_buffer missing; /* customers that have sent nothing, each with a NUL */
} report_search;

/* The row's name is an offset until the text has stopped growing. */
static evh_status add_row(report_search *search, evh_view customer, evh_report_row row)
{
    evh_report_list *list = search->list;
    evh_status status = evh_ok();
    EVH_TRY(
        evh_array_reserve(&list->rows, &search->capacity, list->count + 1, sizeof row, "reports"));
    EVH_TRY(evh_buffer_append(&list->names, customer));
    EVH_TRY(evh_buffer_u8(&list->names, 0));
    list->rows[list->count++] = row;
done:
    return status;
}

static evh_status visit_report(void *context, evh_view key, evh_view value, bool *stop)
{
    report_search *search = context;
    Evenhand__V1__StoredReport *stored = NULL;
    Evenhand__V1__Receipt *receipt = NULL;
    evh_report_row row = {.customer = NULL};
    evh_status status = evh_ok();
    *stop = false;
    EVH_TRY(
        evh_wire_unpack(&stored, &evenhand__v1__stored_report__descriptor, value, "stored report"));
    if (stored->receipt.len > 0) {
        EVH_TRY(evh_wire_unpack(&receipt, &evenhand__v1__receipt__descriptor,
                                evh_wire_bytes(&stored->receipt), "stored receipt"));
        row.received_ms = receipt->received_ms;
    }
    row.state = stored->state;
    row.reason = stored->reason;
    EVH_TRY(add_row(
        search, evh_view_of(key.data + EVH_TASK_ID_LEN + 1, key.len - EVH_TASK_ID_LEN - 1), row));
done:
    evh_wire_free(&stored);
    evh_wire_free(&receipt);
    return status;
}

static void set_names(evh_report_list *list)
{
    const char *name = (const char *)list->names.data;
    for (size_t i = 0; i < list->count; i++, name += strlen(name) + 1)
        list->rows[i].customer = name;
}

static int compare_reports(const void *a, const void *b)
{
    const evh_report_row *left = a;
    const evh_report_row *right = b;
    return strcmp(left->customer, right->customer);
}

/* Active customers that have sent nothing. */
static evh_status visit_customer(void *context, evh_view key, evh_view value, bool *stop)
{
    report_search *search = context;
    Evenhand__V1__StoredCustomer *customer = NULL;
    char name[EVH_VKEY_BYTES_MAX + 1];
    evh_report_row row = {.customer = name};
    evh_status status = evh_ok();
    *stop = false;
    EVH_REQUIRE(key.len < sizeof name, EVH_ERR_STORE, "a customer's record is damaged");
    memcpy(name, key.data, key.len);
    name[key.len] = '\0';
    EVH_TRY(evh_wire_unpack(&customer, &evenhand__v1__stored_customer__descriptor, value,
                            "stored customer"));
    if (customer->state != EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_ACTIVE ||
        (search->sent > 0 &&
         bsearch(&row, search->list->rows, search->sent, sizeof row, compare_reports) != NULL))
        goto done;
    EVH_TRY(evh_buffer_append(&search->missing, key));
    EVH_TRY(evh_buffer_u8(&search->missing, 0));
done:
    evh_wire_free(&customer);
    return status;
}

static evh_status add_missing(report_search *search)
{
    evh_report_row row = {.customer = NULL};
    evh_status status = evh_ok();
    for (size_t at = 0; at < search->missing.len;) {
        evh_view name = evh_view_of_text((const char *)search->missing.data + at);
        EVH_TRY(add_row(search, name, row));
        at += name.len + 1;
    }
    set_names(search->list);
done:
    return status;
}

evh_status evh_aggregator_list_reports(const evh_aggregator *self, evh_report_list *out,
                                       const uint8_t *task_id)
{
    report_search search = {.list = out, .missing = evh_buffer_init(NAMES_BYTES_MAX)};
    evh_view task = evh_view_of(task_id, EVH_TASK_ID_LEN);
    evh_report_list empty = {.names = evh_buffer_init(NAMES_BYTES_MAX)};
    Evenhand__V1__StoredRound *round = NULL;
    evh_place prefix;
    evh_status status = evh_ok();
    *out = empty;
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_record_get(self->store, EVH_STORE_ROUNDS, task,
                           &evenhand__v1__stored_round__descriptor, &round));
    EVH_REQUIRE(round != NULL, EVH_ERR_REFUSED, "no such round");
    EVH_TRY(evh_place_make(&prefix, task, EVH_PART_STATUS, evh_view_of(NULL, 0)));
    EVH_TRY(evh_store_scan(self->store, EVH_STORE_REPORTS, evh_place_view(&prefix), visit_report,
                           &search));
    search.sent = out->count;
    set_names(out);
    EVH_TRY(evh_store_scan(self->store, EVH_STORE_CUSTOMERS, evh_view_of(NULL, 0), visit_customer,
                           &search));
    EVH_TRY(add_missing(&search));
    if (out->count > 0)
        qsort(out->rows, out->count, sizeof *out->rows, compare_reports);
done:
    evh_store_rollback(self->store);
    evh_wire_free(&round);
    evh_buffer_clear(&search.missing);
    if (status.code != EVH_OK)
        evh_report_list_clear(out);
    return status;
}

void evh_report_list_clear(evh_report_list *list)
{
    free(list->rows);
    list->rows = NULL;
    list->count = 0;
    evh_buffer_clear(&list->names);
}
