/* SPDX-License-Identifier: Apache-2.0
 * What became of every customer's report of a round, with the names that this side knows. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/aggregator/listing.h"
#include "evenhand/base/sizes.h"
#include "operate_internal.h"

/* Who is who: names and keys, sorted by key. */
typedef struct known {
    const char *name; /* borrowed from names */
    char *customer;
} known;

typedef struct directory {
    evh_buffer names;
    known *list;
    size_t room, count;
} directory;

static int by_customer(const void *a, const void *b)
{
    return strcmp(((const known *)a)->customer, ((const known *)b)->customer);
}

static evh_status read_directory(const evh_operator *op, directory *out)
{
    evh_enrolment *record = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(op->self->store));
    EVH_TRY(evh_enrolment_names(op, &out->names, false));
    for (size_t at = 0; at < out->names.len; at++)
        out->room += out->names.data[at] == '\0';
    EVH_TRY(evh_alloc(&out->list, out->room, sizeof *out->list, "customers"));
    for (size_t at = 0; out->count < out->room;) {
        const char *name = (const char *)out->names.data + at;
        EVH_TRY(evh_enrolment_find(op, &record, name));
        EVH_INVARIANT(record != NULL);
        size_t len = strlen(record->customer) + 1;
        known *entry = &out->list[out->count];
        EVH_TRY(evh_alloc(&entry->customer, len, 1, "customers"));
        memcpy(entry->customer, record->customer, len);
        entry->name = name;
        out->count++;
        at += strlen(name) + 1;
        evh_wire_free(&record);
    }
    qsort(out->list, out->count, sizeof *out->list, by_customer);
done:
    evh_store_rollback(op->self->store);
    evh_wire_free(&record);
    return status;
}

static void clear_directory(directory *out)
{
    for (size_t i = 0; i < out->count; i++)
        free(out->list[i].customer);
    free(out->list);
    evh_buffer_clear(&out->names);
}

/* The name of a customer; "" when this side does not know it. */
static const char *name_of(const directory *all, const char *customer)
{
    known wanted = {.name = NULL};
    evh_wire_set_text(&wanted.customer, customer);
    const known *found =
        all->count == 0 ? NULL
                        : bsearch(&wanted, all->list, all->count, sizeof *all->list, by_customer);
    return found == NULL ? "" : found->name;
}

/* ---- the answer ---- */

static int by_name(const void *a, const void *b)
{
    const Evenhand__V1__ReportRow *one = *(Evenhand__V1__ReportRow *const *)a;
    const Evenhand__V1__ReportRow *two = *(Evenhand__V1__ReportRow *const *)b;
    int order = strcmp(one->name, two->name);
    return order != 0 ? order : strcmp(one->customer, two->customer);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

typedef struct sheet {
    Evenhand__V1__ReportRow *lines;
    Evenhand__V1__ReportRow **rows;
    char **missing;
    size_t count, missing_count;
} sheet;

static evh_status fill_sheet(sheet *out, const evh_report_list *list, const directory *all)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_alloc(&out->lines, list->count, sizeof *out->lines, "reports"));
    EVH_TRY(evh_alloc(&out->rows, list->count, sizeof(void *), "reports"));
    EVH_TRY(evh_alloc(&out->missing, list->count, sizeof(void *), "reports"));
    for (size_t i = 0; i < list->count; i++) {
        const evh_report_row *from = &list->rows[i];
        const char *name = name_of(all, from->customer);
        Evenhand__V1__ReportRow *line = &out->lines[out->count];
        evenhand__v1__report_row__init(line);
        if (from->state == EVENHAND__V1__REPORT_STATE__REPORT_STATE_UNSPECIFIED) {
            evh_wire_set_text(&out->missing[out->missing_count++],
                              name[0] != '\0' ? name : from->customer);
            continue;
        }
        evh_wire_set_text(&line->customer, from->customer);
        evh_wire_set_text(&line->name, name);
        line->state = (Evenhand__V1__ReportState)from->state;
        line->reason = (Evenhand__V1__RejectReason)from->reason;
        line->received_ms = from->received_ms;
        out->rows[out->count++] = line;
    }
    qsort(out->rows, out->count, sizeof(void *), by_name);
    qsort(out->missing, out->missing_count, sizeof(void *), by_text);
done:
    return status;
}

static void fill_round(Evenhand__V1__ListReportsResponse *response, Evenhand__V1__RoundRow *row,
                       const evh_round_row *from)
{
    evenhand__v1__round_row__init(row);
    row->state = (Evenhand__V1__RoundState)from->state;
    row->round = from->round;
    response->round = row;
}

static evh_status gather(const evh_operator *op, evh_report_list *list, evh_round_row *round,
                         directory *all, const ProtobufCBinaryData *field)
{
    uint8_t task_id[EVH_TASK_ID_LEN];
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_copy_bytes(task_id, sizeof task_id, field, "task_id"));
    EVH_TRY(evh_aggregator_find_round(op->self, round, task_id));
    EVH_TRY(evh_aggregator_list_reports(op->self, list, task_id));
    EVH_TRY(read_directory(op, all));
done:
    return status;
}

evh_status evh_operate_list_reports(const evh_operator *op, const evh_caller *caller,
                                    evh_view bytes, evh_buffer *out)
{
    Evenhand__V1__ListReportsRequest *request = NULL;
    Evenhand__V1__ListReportsResponse response;
    Evenhand__V1__RoundRow row;
    evh_round_row round = {.round = 0};
    evh_report_list list = {.count = 0};
    directory all = {.count = 0};
    sheet lines = {.count = 0};
    evh_refusal refusal;
    evenhand__v1__list_reports_response__init(&response);
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_operator(caller));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__list_reports_request__descriptor, bytes,
                            "request"));
    EVH_TRY(evh_refusal_take(&refusal, &response.refusal,
                             gather(op, &list, &round, &all, &request->task_id)));
    if (response.refusal == NULL) {
        fill_round(&response, &row, &round);
        EVH_TRY(fill_sheet(&lines, &list, &all));
        response.reports = lines.rows;
        response.n_reports = lines.count;
        response.missing = lines.missing;
        response.n_missing = lines.missing_count;
    }
    EVH_TRY(evh_wire_pack(out, &response.base));
done:
    free(lines.lines);
    free(lines.rows);
    free(lines.missing);
    clear_directory(&all);
    evh_report_list_clear(&list);
    evh_wire_free(&request);
    return status;
}
