/* SPDX-License-Identifier: Apache-2.0 */
#include "desk.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evenhand/base/limits.h"
#include "evenhand/protocol/result_entry.h"
#include "evenhand/report/result.h"
#include "evenhand/store/sqlite.h"
#include "evenhand/wire/message.h"

typedef evh_status (*method)(const evh_aggregator *self, const evh_caller *caller, evh_view request,
                             evh_buffer *response);

typedef struct entry_point {
    const char *path;
    method call;
} entry_point;

static const entry_point of_leader[] = {
    {"/evenhand.v1.Leader/GetCheckpoint", evh_aggregator_get_checkpoint},
    {"/evenhand.v1.Leader/GetEntries", evh_aggregator_get_entries},
    {"/evenhand.v1.Leader/GetAggregateShare", evh_aggregator_get_share},
    {"/evenhand.v1.Leader/PublishResult", evh_leader_publish_result},
    {"/evenhand.v1.Leader/GetResult", evh_leader_get_result},
};
static const entry_point of_helper[] = {
    {"/evenhand.v1.Helper/GetAggregateShare", evh_aggregator_get_share},
};

static evh_status edit_share(desk *d, bool leader, evh_buffer *response)
{
    Evenhand__V1__AggregateShare *answer = NULL;
    assert_ok(evh_wire_unpack(&answer, &evenhand__v1__aggregate_share__descriptor,
                              evh_buffer_view(response), "share"));
    d->edit(d, leader, answer);
    evh_buffer_clear(response);
    assert_ok(evh_wire_pack(response, &answer->base));
    evh_wire_free(&answer);
    return evh_ok();
}

static evh_status dispatch(desk *d, const evh_aggregator *to, const entry_point *points,
                           size_t count, const char *path, evh_view request, evh_buffer *response)
{
    evh_caller collector = as_collector();
    evh_status status = evh_fail(EVH_ERR_TYPE, "no such method");
    d->calls++;
    assert_int_equal(response->len, 0);
    if (d->lost_call != NULL && strcmp(path, d->lost_call) == 0)
        return evh_fail(EVH_ERR_UNAVAILABLE, "not reached");
    for (size_t i = 0; i < count; i++)
        if (strcmp(points[i].path, path) == 0)
            status = points[i].call(to, &collector, request, response);
    if (d->lost_answer != NULL && strcmp(path, d->lost_answer) == 0) {
        evh_buffer_clear(response);
        return evh_fail(EVH_ERR_UNAVAILABLE, "no answer");
    }
    if (status.code == EVH_OK && d->edit != NULL && strstr(path, "GetAggregateShare") != NULL)
        return edit_share(d, to->role == EVH_ROLE_LEADER, response);
    return status;
}

static evh_status call_leader(void *context, const char *path, evh_view request,
                              evh_buffer *response)
{
    desk *d = context;
    return dispatch(d, &d->f->leader.aggregator, of_leader, sizeof of_leader / sizeof of_leader[0],
                    path, request, response);
}

static evh_status call_helper(void *context, const char *path, evh_view request,
                              evh_buffer *response)
{
    desk *d = context;
    return dispatch(d, d->swapped ? &d->f->leader.aggregator : &d->f->helper.aggregator, of_helper,
                    1, path, request, response);
}

static void write_line(void *context, const char *line, size_t len)
{
    desk *d = context;
    if (d->lines.len + len < DESK_LOG_BYTES)
        assert_ok(evh_buffer_append(&d->lines, evh_view_of(line, len)));
}

/* ---- set-up ---- */

static void make_collector(desk *d)
{
    fixture *f = d->f;
    d->self = f->leader.aggregator;
    d->self.role = EVH_ROLE_COLLECTOR;
    d->self.store = d->mirror;
    d->self.signing = &f->collector_id;
    d->self.note_key = NULL;
    d->self.cache = NULL;
    memset(&d->self.vault, 0, sizeof d->self.vault);
    d->events.write = write_line;
    d->events.context = d;
    d->events.least = EVH_LOG_DEBUG;
    d->events.clock = f->leader.aggregator.clock;
    d->self.events = &d->events;
    d->collect.self = &d->self;
    d->collect.keys = f->collector_ring;
    d->collect.leader.call = call_leader;
    d->collect.leader.context = d;
    d->collect.helper.call = call_helper;
    d->collect.helper.context = d;
    d->collect.folder = d->results;
    d->collect.late_ms = 86400000;
}

int desk_set_up(void **state)
{
    static desk d;
    void *f = NULL;
    memset(&d, 0, sizeof d);
    (void)round_set_up(&f);
    d.f = f;
    d.lines = evh_buffer_init(DESK_LOG_BYTES);
    (void)snprintf(d.mirror_path, sizeof d.mirror_path, "%s/mirror.db", d.f->folder);
    (void)snprintf(d.results, sizeof d.results, "%s/results", d.f->folder);
    assert_int_equal(mkdir(d.results, 0700), 0);
    assert_ok(evh_store_sqlite_create(&d.mirror, d.mirror_path));
    make_collector(&d);
    *state = &d;
    return 0;
}

int desk_tear_down(void **state)
{
    desk *d = *state;
    void *f = d->f;
    evh_store_close(&d->mirror);
    evh_buffer_clear(&d->lines);
    return round_tear_down(&f);
}

void reopen_mirror(desk *d, bool empty)
{
    evh_store_close(&d->mirror);
    if (empty) {
        (void)snprintf(d->mirror_path, sizeof d->mirror_path, "%s/another.db", d->f->folder);
        assert_ok(evh_store_sqlite_create(&d->mirror, d->mirror_path));
    } else
        assert_ok(evh_store_sqlite_open(&d->mirror, d->mirror_path));
    d->self.store = d->mirror;
}

/* ---- steps ---- */

void make_ready(desk *d, uint32_t round, size_t customers)
{
    open_round(d->f, round);
    for (size_t i = 0; i < customers; i++)
        report(d->f, i, 10);
    aggregate(d->f, 100);
    assert_int_equal(agree(d->f), EVH_AGREEMENT_REACHED);
    cosign(d->f);
    commit(d->f);
    cosign(d->f);
}

void pass(desk *d)
{
    assert_ok(evh_collect_pass(&d->collect, &d->outcome));
}

evh_collect_row row_of(desk *d, uint32_t round)
{
    evh_collect_list list = {.rows = NULL};
    evh_collect_row row = {.round = 0};
    assert_ok(evh_collect_list_rounds(&d->collect, &list));
    for (size_t i = 0; i < list.count; i++)
        if (list.rows[i].round == round)
            row = list.rows[i];
    evh_collect_list_clear(&list);
    assert_int_equal(row.round, round);
    return row;
}

bool logged(const desk *d, const char *part)
{
    char text[DESK_LOG_BYTES + 1];
    if (d->lines.len > 0)
        memcpy(text, d->lines.data, d->lines.len);
    text[d->lines.len] = '\0';
    return strstr(text, part) != NULL;
}

bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

void entry_path_of(char out[400], const evh_collect_row *row)
{
    const size_t stem = strlen(row->path) - strlen(".json");
    (void)snprintf(out, 400, "%.*s.entry", (int)stem, row->path);
}

void assert_confirmed(desk *d, uint32_t round, uint32_t customers)
{
    char entry_path[400];
    evh_buffer json = evh_buffer_init(1 << 20);
    evh_buffer entry = evh_buffer_init(1 << 20);
    evh_result *result = NULL;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    const evh_collect_row row = row_of(d, round);
    assert_int_equal(row.state, EVH_COLLECT_CONFIRMED);
    entry_path_of(entry_path, &row);
    assert_true(test_read_file(&json, row.path));
    assert_true(test_read_file(&entry, entry_path));
    assert_ok(evh_result_entry_check(&verdict, evh_buffer_view(&entry), row.task_id,
                                     evh_buffer_view(&json), &d->f->collector_id.identity));
    assert_int_equal(verdict, EVH_SEAL_ACCEPTED);
    assert_ok(evh_result_read(&result, evh_buffer_view(&json)));
    const evh_result_facts *facts = evh_result_facts_of(result);
    assert_int_equal(facts->customers, customers);
    assert_int_equal(facts->round, round);
    assert_memory_equal(facts->task_id, row.task_id, sizeof row.task_id);
    assert_string_equal(facts->log_origin, "leader.example/log");
    assert_int_equal(facts->entries.round_opened, row.opened_index);
    assert_int_equal(facts->sum_count, CELLS);
    for (size_t i = 0; i < CELLS; i++)
        assert_int_equal(facts->sums[i], (10 + (int64_t)i) * customers);
    evh_result_free(&result);
    evh_buffer_clear(&json);
    evh_buffer_clear(&entry);
}
