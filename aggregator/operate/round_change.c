/* SPDX-License-Identifier: Apache-2.0
 * Opening, closing, extending and voiding a round. */
#include <string.h>
#include <time.h>

#include "commands_internal.h"

static evh_status deadline_of(const evh_round_options *options, uint64_t *deadline_ms)
{
    const evh_clock clock = evh_clock_os();
    int64_t ms = 0;
    evh_status status = evh_ok();
    EVH_REQUIRE((options->duration != NULL) != (options->deadline != NULL), EVH_ERR_ARG,
                "say until when reports are taken: --for 7d, or --deadline 2026-12-31T12:00Z");
    if (options->duration != NULL) {
        EVH_TRY(evh_duration_read(options->duration, &ms));
        ms += evh_clock_wall_ms(&clock);
    } else {
        status = evh_time_parse(evh_view_of_text(options->deadline), 0, &ms);
        EVH_REQUIRE(status.code == EVH_OK && ms > 0, EVH_ERR_ARG, "--deadline: %s", status.text);
    }
    *deadline_ms = (uint64_t)ms;
done:
    return status;
}

/* What became of the round. */
static evh_status show(evh_office *office, const Evenhand__V1__RoundRow *row)
{
    char id[EVH_ID_TEXT_LEN];
    char until[EVH_TIME_TEXT_LEN];
    evh_buffer out = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evh_json json = evh_json_writer(&out);
    evh_status status = evh_ok();
    evh_id_text(id, &row->task_id);
    evh_minute_text(until, row->deadline_ms);
    if (office->cli->common.json) {
        evh_round_json(&json, NULL, row);
        EVH_TRY(evh_json_end(&json));
    } else {
        EVH_TRY(evh_buffer_format(&out, "%s\nround %u of %s is %s", id, row->round, row->plan,
                                  evh_round_state_word(row->state)));
        if (row->state == ROUND(OPEN))
            EVH_TRY(evh_buffer_format(&out, " until %s", until));
        EVH_TRY(evh_buffer_format(&out, "\n"));
    }
    EVH_TRY(evh_cli_write(office->cli, evh_buffer_view(&out)));
done:
    evh_buffer_clear(&out);
    return status;
}

/* ---- opening ---- */

static evh_status find_again(evh_office *office, Evenhand__V1__RoundRow *row, bool *cosigned)
{
    Evenhand__V1__ListRoundsRequest request;
    Evenhand__V1__ListRoundsResponse *all = NULL;
    evenhand__v1__list_rounds_request__init(&request);
    evh_status status = evh_ok();
    request.plan_id = row->plan_id;
    EVH_TRY(evh_office_ask(office, "ListRounds", &request.base,
                           &evenhand__v1__list_rounds_response__descriptor, &all));
    for (size_t i = 0; i < all->n_rounds; i++)
        if (evh_view_equal(evh_wire_bytes(&all->rounds[i]->task_id), evh_wire_bytes(&row->task_id)))
            *cosigned = all->rounds[i]->cosigned != 0;
done:
    evh_wire_free(&all);
    return status;
}

/* Uploads are taken once the helper has cosigned the opening, which follows at once when both are
 * well. */
static evh_status wait_until_cosigned(evh_office *office, Evenhand__V1__RoundRow *row)
{
    enum { TRIES = 100, PAUSE_NS = 200000000 };
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    bool cosigned = row->cosigned != 0;
    evh_status status = evh_ok();
    for (int i = 0; i < TRIES && !cosigned; i++) {
        (void)nanosleep(&pause, NULL);
        EVH_TRY(find_again(office, row, &cosigned));
    }
    row->cosigned = cosigned;
    if (!cosigned)
        evh_cli_note(office->cli, "the helper has not cosigned the opening yet: uploads are taken "
                                  "as soon as it has");
done:
    return status;
}

static evh_status ask_to_open(evh_office *office, Evenhand__V1__OpenRoundResponse **response,
                              uint64_t deadline_ms)
{
    Evenhand__V1__OpenRoundRequest request;
    uint8_t plan_id[EVH_PLAN_ID_LEN];
    evenhand__v1__open_round_request__init(&request);
    evh_status status = evh_ok();
    EVH_TRY(evh_plan_meant(office, plan_id, office->cli->common.plan));
    evh_wire_set_bytes(&request.plan_id, evh_view_of(plan_id, sizeof plan_id));
    request.round = office->cli->common.round;
    request.deadline_ms = deadline_ms;
    EVH_TRY(evh_office_ask(office, "OpenRound", &request.base,
                           &evenhand__v1__open_round_response__descriptor, response));
    EVH_TRY(evh_office_refusal((*response)->refusal));
    EVH_REQUIRE((*response)->round != NULL, EVH_ERR_ENCODING, "an answer without a round");
done:
    return status;
}

evh_status evh_command_round_open(evh_cli *cli, void *own)
{
    const evh_round_options *options = own;
    evh_office office = {.cli = cli};
    Evenhand__V1__OpenRoundResponse *response = NULL;
    uint64_t deadline_ms = 0;
    evh_status status = evh_ok();
    EVH_TRY(evh_cli_need(cli, EVH_CLI_TAKES_PLAN));
    EVH_TRY(evh_cli_need(cli, EVH_CLI_TAKES_ROUND));
    EVH_TRY(deadline_of(options, &deadline_ms));
    EVH_TRY(evh_office_open(&office, cli));
    EVH_TRY(ask_to_open(&office, &response, deadline_ms));
    if (!options->no_wait)
        EVH_TRY(wait_until_cosigned(&office, response->round));
    EVH_TRY(show(&office, response->round));
done:
    evh_wire_free(&response);
    evh_office_close(&office);
    return status;
}

/* ---- afterwards ---- */

/* The messages of the three methods, of which one is sent. */
typedef struct change {
    const char *method;
    Evenhand__V1__CloseRoundRequest close;
    Evenhand__V1__ExtendRoundRequest extend;
    Evenhand__V1__VoidRoundRequest end;
    ProtobufCMessage *message;
    ProtobufCBinaryData *task_id;
} change;

static evh_status run_change(evh_cli *cli, change *c)
{
    evh_office office = {.cli = cli};
    Evenhand__V1__ListRoundsResponse *all = NULL;
    Evenhand__V1__RoundRow *found = NULL;
    Evenhand__V1__RoundResponse *response = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_office_open(&office, cli));
    EVH_TRY(evh_round_meant(&office, &all, &found));
    *c->task_id = found->task_id;
    EVH_TRY(evh_office_ask(&office, c->method, c->message,
                           &evenhand__v1__round_response__descriptor, &response));
    EVH_TRY(evh_office_refusal(response->refusal));
    EVH_REQUIRE(response->round != NULL, EVH_ERR_ENCODING, "an answer without a round");
    EVH_TRY(show(&office, response->round));
done:
    evh_wire_free(&response);
    evh_wire_free(&all);
    evh_office_close(&office);
    return status;
}

evh_status evh_command_round_close(evh_cli *cli, void *own)
{
    change c = {.method = "CloseRound", .message = &c.close.base, .task_id = &c.close.task_id};
    (void)own;
    evenhand__v1__close_round_request__init(&c.close);
    return run_change(cli, &c);
}

evh_status evh_command_round_extend(evh_cli *cli, void *own)
{
    change c = {.method = "ExtendRound", .message = &c.extend.base, .task_id = &c.extend.task_id};
    evh_status status = evh_ok();
    evenhand__v1__extend_round_request__init(&c.extend);
    EVH_TRY(deadline_of(own, &c.extend.deadline_ms));
    EVH_TRY(run_change(cli, &c));
done:
    return status;
}

evh_status evh_command_round_void(evh_cli *cli, void *own)
{
    change c = {.method = "VoidRound", .message = &c.end.base, .task_id = &c.end.task_id};
    (void)own;
    evenhand__v1__void_round_request__init(&c.end);
    return run_change(cli, &c);
}
