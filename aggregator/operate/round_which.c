/* SPDX-License-Identifier: Apache-2.0
 * Which round is meant, until when, and how one is told. */
#include <string.h>

#include "commands_internal.h"

enum { PREFIX_LEN_MIN = 8 };

evh_status evh_duration_read(const char *text, int64_t *ms)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}, {'w', 604800000}};
    enum { DIGITS_MAX = 6 };
    size_t digits = strspn(text, "0123456789");
    int64_t number = 0;
    *ms = 0;
    for (size_t i = 0; i < digits && digits <= DIGITS_MAX; i++)
        number = 10 * number + (text[i] - '0');
    for (size_t i = 0; i < sizeof units / sizeof units[0] && digits > 0; i++)
        if (text[digits] == units[i].unit && text[digits + 1] == '\0')
            *ms = number * units[i].ms;
    if (*ms == 0)
        return evh_fail(EVH_ERR_ARG, "%.40s: expected a duration like 90s, 15m, 36h, 7d or 2w",
                        text);
    return evh_ok();
}

static evh_status ask_rounds(evh_office *office, Evenhand__V1__ListRoundsResponse **all,
                             const char *plan)
{
    Evenhand__V1__ListRoundsRequest request;
    uint8_t plan_id[EVH_PLAN_ID_LEN];
    evenhand__v1__list_rounds_request__init(&request);
    evh_status status = evh_ok();
    if (plan != NULL) {
        EVH_TRY(evh_plan_meant(office, plan_id, plan));
        evh_wire_set_bytes(&request.plan_id, evh_view_of(plan_id, sizeof plan_id));
    }
    EVH_TRY(evh_office_ask(office, "ListRounds", &request.base,
                           &evenhand__v1__list_rounds_response__descriptor, all));
done:
    return status;
}

static bool is_meant(const Evenhand__V1__RoundRow *row, const char *text, uint32_t round)
{
    char task_id[EVH_ID_TEXT_LEN];
    evh_id_text(task_id, &row->task_id);
    return text == NULL ? row->round == round : strncmp(task_id, text, strlen(text)) == 0;
}

evh_status evh_round_meant(evh_office *office, Evenhand__V1__ListRoundsResponse **all,
                           Evenhand__V1__RoundRow **found)
{
    const evh_cli *cli = office->cli;
    const char *text = cli->argument_count > 0 ? cli->arguments[0] : NULL;
    size_t hits = 0;
    evh_status status = evh_ok();
    *found = NULL;
    EVH_REQUIRE((text != NULL) != (cli->common.plan != NULL && cli->common.round > 0) &&
                    cli->argument_count <= 1 && (text == NULL || cli->common.plan == NULL),
                EVH_ERR_ARG, "%s needs a task_id, or -p PLAN and -n N", cli->command->name);
    EVH_REQUIRE(text == NULL || (strlen(text) >= PREFIX_LEN_MIN &&
                                 text[strspn(text, "0123456789abcdef")] == '\0'),
                EVH_ERR_ARG, "%.70s: expected a task_id, or at least its first %d digits", text,
                PREFIX_LEN_MIN);
    EVH_TRY(ask_rounds(office, all, text == NULL ? cli->common.plan : NULL));
    for (size_t i = 0; i < (*all)->n_rounds; i++) {
        if (!is_meant((*all)->rounds[i], text, cli->common.round))
            continue;
        *found = (*all)->rounds[i];
        hits++;
    }
    EVH_REQUIRE(hits > 0, EVH_ERR_REFUSED,
                "there is no such round: evenhand-aggregator round status shows all");
    EVH_REQUIRE(hits == 1, EVH_ERR_ARG, "%zu rounds are meant: give more of the task_id", hits);
done:
    return status;
}

static void json_time(evh_json *json, const char *key, uint64_t unix_ms)
{
    char text[EVH_TIME_TEXT_LEN];
    if (unix_ms == 0) {
        evh_json_null(json, key);
        return;
    }
    evh_time_format(text, (int64_t)unix_ms);
    evh_json_text(json, key, text);
}

void evh_round_json(evh_json *json, const char *key, const Evenhand__V1__RoundRow *row)
{
    char id[EVH_ID_TEXT_LEN];
    evh_json_row_open(json, key);
    evh_id_text(id, &row->task_id);
    evh_json_text(json, "task_id", id);
    evh_id_text(id, &row->plan_id);
    evh_json_text(json, "plan_id", id);
    evh_json_text(json, "plan", row->plan);
    evh_json_u64(json, "round", row->round);
    evh_json_text(json, "state", evh_round_state_word(row->state));
    if (row->state == ROUND(VOID))
        evh_json_text(json, "void_reason", evh_void_reason_words(row->void_reason));
    json_time(json, "deadline", row->deadline_ms);
    json_time(json, "window_start", row->window_start_ms);
    json_time(json, "window_end", row->window_end_ms);
    evh_json_u64(json, "customers", row->customers);
    evh_json_u64(json, "customers_needed", row->customers_needed);
    evh_json_u64(json, "received", row->received);
    evh_json_u64(json, "accepted", row->accepted);
    evh_json_u64(json, "rejected", row->rejected);
    evh_json_bool(json, "cosigned", row->cosigned != 0);
    evh_json_close(json);
}
