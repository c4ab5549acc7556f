/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "collect_internal.h"

evh_status evh_collect_follow(const evh_collect *collect, evh_follow_report *report)
{
    const evh_follow_peer peer = {.call = collect->leader.call, .context = collect->leader.context};
    const evh_follow_policy policy = {.log = &collect->self->log,
                                      .helper = &collect->self->witness};
    evh_collect copy = *collect; /* a visitor's context is not const */
    return evh_follow_sync(collect->self->store, report, &peer, &policy, evh_collect_visit, &copy);
}

static void note_trouble(const evh_collect *collect, const evh_collect_row *row, evh_code code)
{
    EVH_LOG(collect->self->events, code == EVH_ERR_UNAVAILABLE ? EVH_LOG_INFO : EVH_LOG_WARN,
            "collector", "round_troubled",
            evh_log_hex("task", evh_view_of(row->task_id, sizeof row->task_id)),
            evh_log_u64("round", row->round),
            evh_log_id("state", evh_collect_state_name(row->state)), evh_log_code(code));
}

static void count_round(evh_collect_outcome *outcome, evh_collect_state state)
{
    switch (state) {
    case EVH_COLLECT_OPEN:
    case EVH_COLLECT_CLOSED:
        outcome->open++;
        break;
    case EVH_COLLECT_READY:
        outcome->ready++;
        break;
    case EVH_COLLECT_PUBLISHED:
        outcome->published++;
        break;
    case EVH_COLLECT_CONFIRMED:
        outcome->confirmed++;
        break;
    case EVH_COLLECT_VOID:
        outcome->voided++;
        break;
    }
}

/* A result that is published late is said once in each pass until it is there. */
static void check_late(const evh_collect *collect, const evh_collect_row *row,
                       evh_collect_outcome *outcome)
{
    const int64_t now_ms = evh_clock_wall_ms(&collect->self->clock);
    const int64_t waited_ms = now_ms - (int64_t)row->ready_ms;
    if (row->state != EVH_COLLECT_READY || waited_ms <= collect->late_ms)
        return;
    outcome->late++;
    EVH_LOG(collect->self->events, EVH_LOG_WARN, "collector", "result_late",
            evh_log_hex("task", evh_view_of(row->task_id, sizeof row->task_id)),
            evh_log_u64("round", row->round), evh_log_i64("waited_ms", waited_ms));
}

/* Memory, or a limit of it, fails the pass in the end; the rest is one round's own. */
static evh_status move_round(const evh_collect *collect, const evh_collect_row *row,
                             evh_collect_outcome *outcome)
{
    bool moved = false;
    evh_status status = evh_collect_round(collect, row, &moved);
    if (status.code == EVH_OK)
        return status;
    outcome->troubled++;
    if (status.code == EVH_ERR_UNAVAILABLE)
        outcome->peers_reached = false;
    note_trouble(collect, row, status.code);
    return status.code == EVH_ERR_MEMORY ? status : evh_ok();
}

static void note_memory(evh_status *first, evh_status status)
{
    if (first->code == EVH_OK)
        *first = status;
}

/* Trouble on this side fails the pass; trouble with the leader is part of its outcome. */
static evh_status follow(const evh_collect *collect, evh_collect_outcome *outcome)
{
    const evh_status status = evh_collect_follow(collect, &outcome->log);
    const evh_follow_finding finding = outcome->log.finding;
    outcome->log_code = status.code;
    if (status.code == EVH_OK)
        return status;
    outcome->peers_reached = finding != EVH_FOLLOW_UNREACHABLE;
    EVH_LOG(collect->self->events, outcome->peers_reached ? EVH_LOG_ERROR : EVH_LOG_INFO,
            "collector", "log_not_followed",
            evh_log_id("finding", evh_follow_finding_name(finding)), evh_log_code(status.code));
    return finding == EVH_FOLLOW_LOCAL || finding == EVH_FOLLOW_VISIT ? status : evh_ok();
}

evh_status evh_collect_pass(const evh_collect *collect, evh_collect_outcome *outcome)
{
    evh_collect_list list = {.rows = NULL};
    evh_status memory = evh_ok(); /* one round may need too much: others still go on */
    evh_status status = evh_ok();
    memset(outcome, 0, sizeof *outcome);
    outcome->peers_reached = true;
    EVH_TRY(follow(collect, outcome));
    EVH_TRY(evh_collect_list_rounds(collect, &list));
    for (size_t i = 0; i < list.count; i++) {
        /* Nothing is shown to a leader whose log is not the one that was followed so far. */
        if (outcome->log_code == EVH_OK)
            note_memory(&memory, move_round(collect, &list.rows[i], outcome));
        check_late(collect, &list.rows[i], outcome);
    }
    evh_collect_list_clear(&list);
    EVH_TRY(evh_collect_list_rounds(collect, &list));
    for (size_t i = 0; i < list.count; i++)
        count_round(outcome, list.rows[i].state);
    status = memory;
done:
    evh_collect_list_clear(&list);
    return status;
}
