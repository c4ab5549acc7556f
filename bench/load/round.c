/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <time.h>

#include "evenhand/protocol/report.h"
#include "evenhand/rpc/client.h"
#include "evenhand/wire/message.h"
#include "load.h"
#include "log.pb-c.h"
#include "operator.pb-c.h"
#include "service.pb-c.h"

enum {
    CALL_MS = 60000,
    ANSWER_BYTES = 4 << 20,
    HOUR_MS = 3600000,
    TRIES = 600,
    PAUSE_NS = 100000000
};

static void pause_a_little(void)
{
    struct timespec pause = {.tv_sec = 0, .tv_nsec = PAUSE_NS};
    (void)nanosleep(&pause, NULL);
}

static evh_status ask_to_open(load *l, evh_rpc_client *client)
{
    Evenhand__V1__OpenRoundRequest request;
    Evenhand__V1__OpenRoundResponse *response = NULL;
    evh_buffer question = evh_buffer_init(4096);
    evh_buffer answer = evh_buffer_init(ANSWER_BYTES);
    evenhand__v1__open_round_request__init(&request);
    evh_status status = evh_ok();
    evh_wire_set_bytes(&request.plan_id, evh_view_of(l->plan_id, sizeof l->plan_id));
    request.round = 1;
    request.deadline_ms = (uint64_t)evh_clock_wall_ms(&l->clock) + HOUR_MS;
    EVH_TRY(evh_wire_pack(&question, &request.base));
    EVH_TRY(evh_rpc_client_unary(client, "/evenhand.v1.Operator/OpenRound",
                                 evh_buffer_view(&question), CALL_MS, &answer));
    EVH_TRY(evh_wire_unpack(&response, &evenhand__v1__open_round_response__descriptor,
                            evh_buffer_view(&answer), "answer"));
    EVH_REQUIRE(response->round != NULL, EVH_ERR_REFUSED, "the round was not opened");
done:
    evh_wire_free(&response);
    evh_buffer_clear(&question);
    evh_buffer_clear(&answer);
    return status;
}

/* Takes the round from an entry if it opens one. */
static evh_status take_entry(load *l, const evh_deployment *d, evh_view bytes, bool *found)
{
    Evenhand__V1__LogEntry *entry = NULL;
    evh_buffer opened = evh_buffer_init(1 << 16);
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_unpack(&entry, &evenhand__v1__log_entry__descriptor, bytes, "entry"));
    if (entry->kind_case != EVENHAND__V1__LOG_ENTRY__KIND_ROUND_OPENED)
        goto done;
    EVH_TRY(evh_wire_pack(&opened, &entry->round_opened->base));
    EVH_TRY(evh_task_read(&l->task, evh_buffer_view(&opened), &d->leader.identity,
                          &d->helper.identity));
    *found = true;
done:
    evh_wire_free(&entry);
    evh_buffer_clear(&opened);
    return status;
}

/* The leader shows what is cosigned: once the entry is there, uploads are taken. */
static evh_status find_round(load *l, const evh_deployment *d, evh_rpc_client *client, bool *found)
{
    Evenhand__V1__GetEntriesRequest request;
    Evenhand__V1__GetEntriesResponse *response = NULL;
    evh_buffer question = evh_buffer_init(64);
    evh_buffer answer = evh_buffer_init(ANSWER_BYTES);
    evenhand__v1__get_entries_request__init(&request);
    evh_status status = evh_ok();
    request.start = l->log_size;
    request.count = 10;
    EVH_TRY(evh_wire_pack(&question, &request.base));
    status = evh_rpc_client_unary(client, "/evenhand.v1.Leader/GetEntries",
                                  evh_buffer_view(&question), CALL_MS, &answer);
    if (status.code == EVH_ERR_RANGE) {
        status = evh_ok(); /* not cosigned yet */
        goto done;
    }
    EVH_TRY(status);
    EVH_TRY(evh_wire_unpack(&response, &evenhand__v1__get_entries_response__descriptor,
                            evh_buffer_view(&answer), "answer"));
    for (size_t i = 0; i < response->n_entries && !*found; i++)
        EVH_TRY(take_entry(l, d, evh_wire_bytes(&response->entries[i]), found));
done:
    evh_wire_free(&response);
    evh_buffer_clear(&question);
    evh_buffer_clear(&answer);
    return status;
}

static evh_status make_report(load *l, customer *c, const evh_prio3 *prio3,
                              evh_prio3_workspace *workspace, const evh_u128 *cells)
{
    uint8_t id[EVH_PRIO3_NONCE_LEN];
    uint8_t head[EVH_LEDGER_HEAD_LEN];
    const evh_report_in in = {.task = &l->task,
                              .prio3 = prio3,
                              .cells = cells,
                              .cell_count = l->terms.vdaf.length,
                              .customer = &c->key,
                              .report_id = id,
                              .ledger_sequence = 1,
                              .ledger_head = head};
    evh_status status = evh_ok();
    EVH_TRY(evh_rng_fill(&l->rng, id, sizeof id));
    EVH_TRY(evh_rng_fill(&l->rng, head, sizeof head));
    c->report = evh_buffer_init(EVH_REPORT_BYTES_MAX);
    EVH_TRY(evh_report_make(&c->report, workspace, &in, &l->rng));
done:
    return status;
}

static evh_status make_reports(load *l)
{
    evh_prio3 *prio3 = NULL;
    evh_prio3_workspace *workspace = NULL;
    static evh_u128 cells[EVH_PLAN_CELLS_MAX];
    evh_status status = evh_ok();
    for (size_t i = 0; i < l->terms.vdaf.length; i++)
        cells[i] = l->terms.offset + i;
    EVH_TRY(evh_prio3_new(&prio3, &l->terms.vdaf));
    EVH_TRY(evh_prio3_workspace_new(&workspace, prio3));
    for (size_t i = 0; i < l->count; i++)
        EVH_TRY(make_report(l, &l->customers[i], prio3, workspace, cells));
done:
    evh_prio3_workspace_free(&workspace);
    evh_prio3_free(&prio3);
    return status;
}

evh_status load_open_round(load *l)
{
    evh_deployment *d = NULL;
    evh_rpc_client *client = NULL;
    evh_rpc_client_options to;
    bool found = false;
    const evh_deployment_options options = {.config = l->leader_config,
                                            .use = EVH_DEPLOYMENT_CALL,
                                            .clock = l->clock,
                                            .rng = l->rng,
                                            .diagnostics = &l->diagnostics};
    evh_status status = evh_ok();
    EVH_TRY(evh_deployment_open(&d, &options));
    EVH_TRY(evh_deployment_client(d, EVH_ROLE_OPERATOR, &to));
    to.response_bytes_max = ANSWER_BYTES;
    EVH_TRY(evh_rpc_client_new(&client, &to));
    EVH_TRY(ask_to_open(l, client));
    for (int i = 0; i < TRIES && !found; i++) {
        EVH_TRY(find_round(l, d, client, &found));
        if (!found)
            pause_a_little();
    }
    EVH_REQUIRE(found, EVH_ERR_UNAVAILABLE, "the round was not cosigned in time");
    EVH_TRY(make_reports(l));
done:
    evh_rpc_client_free(&client);
    evh_deployment_close(&d);
    return status;
}
