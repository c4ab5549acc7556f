/* SPDX-License-Identifier: Apache-2.0
 * Rounds, as the operator opens, closes, extends, voids and watches them. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/aggregator/drive.h"
#include "evenhand/aggregator/leader.h"
#include "evenhand/aggregator/listing.h"
#include "evenhand/base/sizes.h"
#include "operate_internal.h"

/* A row of a message; borrows from `from`. */
static void fill_row(Evenhand__V1__RoundRow *out, evh_round_row *from)
{
    evenhand__v1__round_row__init(out);
    evh_wire_set_bytes(&out->task_id, evh_view_of(from->task_id, sizeof from->task_id));
    evh_wire_set_bytes(&out->plan_id, evh_view_of(from->plan_id, sizeof from->plan_id));
    out->plan = from->plan;
    out->round = from->round;
    out->state = (Evenhand__V1__RoundState)from->state;
    out->deadline_ms = from->deadline_ms;
    out->void_reason = (Evenhand__V1__VoidReason)from->void_reason;
    out->received = from->received;
    out->accepted = from->accepted;
    out->rejected = from->rejected;
    out->customers = from->customers;
    out->customers_needed = from->customers_needed;
    out->window_start_ms = from->window_start_ms;
    out->window_end_ms = from->window_end_ms;
    out->cosigned = from->cosigned;
}

/* ---- opening ---- */

static evh_status open_round(const evh_operator *op, evh_round_row *row,
                             const Evenhand__V1__OpenRoundRequest *request)
{
    uint8_t plan_id[EVH_PLAN_ID_LEN];
    uint8_t task_id[EVH_TASK_ID_LEN];
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_leader(op));
    EVH_TRY(evh_wire_copy_bytes(plan_id, sizeof plan_id, &request->plan_id, "plan_id"));
    EVH_TRY(evh_leader_open(op->self, op->helper, task_id, plan_id, request->round,
                            request->deadline_ms));
    evh_operate_wake(op);
    EVH_TRY(evh_aggregator_find_round(op->self, row, task_id));
done:
    return status;
}

evh_status evh_operate_open_round(const evh_operator *op, const evh_caller *caller, evh_view bytes,
                                  evh_buffer *out)
{
    Evenhand__V1__OpenRoundRequest *request = NULL;
    Evenhand__V1__OpenRoundResponse response;
    Evenhand__V1__RoundRow line;
    evh_round_row row = {.round = 0};
    evh_refusal refusal;
    evenhand__v1__open_round_response__init(&response);
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_operator(caller));
    EVH_TRY(
        evh_wire_unpack(&request, &evenhand__v1__open_round_request__descriptor, bytes, "request"));
    EVH_TRY(evh_refusal_take(&refusal, &response.refusal, open_round(op, &row, request)));
    if (response.refusal == NULL) {
        fill_row(&line, &row);
        response.round = &line;
    }
    EVH_TRY(evh_wire_pack(out, &response.base));
done:
    evh_wire_free(&request);
    return status;
}

/* ---- changes of one round ---- */

typedef enum change { CHANGE_CLOSE, CHANGE_EXTEND, CHANGE_VOID } change;

static evh_status apply(const evh_operator *op, evh_round_row *row, change what,
                        const ProtobufCBinaryData *field, uint64_t deadline_ms)
{
    uint8_t task_id[EVH_TASK_ID_LEN];
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_leader(op));
    EVH_TRY(evh_wire_copy_bytes(task_id, sizeof task_id, field, "task_id"));
    switch (what) {
    case CHANGE_CLOSE:
        EVH_TRY(evh_leader_close_round(op->self, task_id));
        break;
    case CHANGE_EXTEND:
        EVH_TRY(evh_leader_extend_round(op->self, task_id, deadline_ms));
        break;
    default:
        EVH_TRY(evh_leader_void_round(op->self, task_id,
                                      EVENHAND__V1__VOID_REASON__VOID_REASON_OPERATOR));
    }
    evh_operate_wake(op);
    EVH_TRY(evh_aggregator_find_round(op->self, row, task_id));
done:
    return status;
}

static evh_status answer(const evh_operator *op, evh_buffer *out, change what,
                         const ProtobufCBinaryData *task_id, uint64_t deadline_ms)
{
    Evenhand__V1__RoundResponse response;
    Evenhand__V1__RoundRow line;
    evh_round_row row = {.round = 0};
    evh_refusal refusal;
    evenhand__v1__round_response__init(&response);
    evh_status status = evh_ok();
    EVH_TRY(
        evh_refusal_take(&refusal, &response.refusal, apply(op, &row, what, task_id, deadline_ms)));
    if (response.refusal == NULL) {
        fill_row(&line, &row);
        response.round = &line;
    }
    EVH_TRY(evh_wire_pack(out, &response.base));
done:
    return status;
}

evh_status evh_operate_close_round(const evh_operator *op, const evh_caller *caller, evh_view bytes,
                                   evh_buffer *out)
{
    Evenhand__V1__CloseRoundRequest *request = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_operator(caller));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__close_round_request__descriptor, bytes,
                            "request"));
    EVH_TRY(answer(op, out, CHANGE_CLOSE, &request->task_id, 0));
done:
    evh_wire_free(&request);
    return status;
}

evh_status evh_operate_extend_round(const evh_operator *op, const evh_caller *caller,
                                    evh_view bytes, evh_buffer *out)
{
    Evenhand__V1__ExtendRoundRequest *request = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_operator(caller));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__extend_round_request__descriptor, bytes,
                            "request"));
    EVH_TRY(answer(op, out, CHANGE_EXTEND, &request->task_id, request->deadline_ms));
done:
    evh_wire_free(&request);
    return status;
}

evh_status evh_operate_void_round(const evh_operator *op, const evh_caller *caller, evh_view bytes,
                                  evh_buffer *out)
{
    Evenhand__V1__VoidRoundRequest *request = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_operator(caller));
    EVH_TRY(
        evh_wire_unpack(&request, &evenhand__v1__void_round_request__descriptor, bytes, "request"));
    EVH_TRY(answer(op, out, CHANGE_VOID, &request->task_id, 0));
done:
    evh_wire_free(&request);
    return status;
}

/* ---- the list ---- */

static evh_status pack_rounds(evh_buffer *out, evh_round_list *list)
{
    Evenhand__V1__ListRoundsResponse response;
    Evenhand__V1__RoundRow *lines = NULL;
    Evenhand__V1__RoundRow **rows = NULL;
    evenhand__v1__list_rounds_response__init(&response);
    evh_status status = evh_ok();
    EVH_TRY(evh_alloc(&lines, list->count, sizeof *lines, "rounds"));
    EVH_TRY(evh_alloc(&rows, list->count, sizeof(void *), "rounds"));
    for (size_t i = 0; i < list->count; i++) {
        fill_row(&lines[i], &list->rows[i]);
        rows[i] = &lines[i];
    }
    response.rounds = rows;
    response.n_rounds = list->count;
    EVH_TRY(evh_wire_pack(out, &response.base));
done:
    free(lines);
    free(rows);
    return status;
}

evh_status evh_operate_list_rounds(const evh_operator *op, const evh_caller *caller, evh_view bytes,
                                   evh_buffer *out)
{
    Evenhand__V1__ListRoundsRequest *request = NULL;
    evh_round_list list = {.count = 0};
    uint8_t plan_id[EVH_PLAN_ID_LEN];
    bool one = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_operate_require_operator(caller));
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__list_rounds_request__descriptor, bytes,
                            "request"));
    one = request->plan_id.len > 0;
    if (one)
        EVH_TRY(evh_wire_copy_bytes(plan_id, sizeof plan_id, &request->plan_id, "plan_id"));
    EVH_TRY(evh_aggregator_list_rounds(op->self, &list, one ? plan_id : NULL));
    EVH_TRY(pack_rounds(out, &list));
done:
    evh_round_list_clear(&list);
    evh_wire_free(&request);
    return status;
}
