/* SPDX-License-Identifier: Apache-2.0
 * Opening a round together with the helper. */
#include <string.h>

#include "drive_internal.h"
#include "evenhand/aggregator/leader.h"

uint64_t evh_drive_now_ms(const evh_aggregator *self)
{
    int64_t wall_ms = evh_clock_wall_ms(&self->clock);
    return wall_ms > 0 ? (uint64_t)wall_ms : 0;
}

/* The question to the helper, once it is clear that the answer would be taken. */
static evh_status ask_to_prepare(const evh_aggregator *self, evh_buffer *request,
                                 const uint8_t *plan_id, uint32_t round, uint64_t deadline_ms)
{
    const evh_known_plan *known = NULL;
    Evenhand__V1__PrepareRoundRequest message;
    evenhand__v1__prepare_round_request__init(&message);
    evh_opening opening = {.plan_id = plan_id, .round = round};
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(self->store));
    EVH_REQUIRE(deadline_ms > evh_drive_now_ms(self), EVH_ERR_REFUSED,
                "a deadline that has passed");
    EVH_TRY(evh_plan_hold(self, &known, plan_id));
    EVH_REQUIRE(round >= 1 && round <= known->terms.rounds, EVH_ERR_REFUSED,
                "the plan has no round %u: they go from 1 to %u", round, known->terms.rounds);
    EVH_TRY(
        evh_plan_window_of(known->plan, round, &opening.window_start_ms, &opening.window_end_ms));
    EVH_TRY(evh_round_check_new(self, plan_id, round));
    EVH_TRY(evh_round_check_plan(self, &opening));
    evh_wire_set_bytes(&message.plan_id, evh_view_of(plan_id, EVH_PLAN_ID_LEN));
    message.round = round;
    message.window_start_ms = opening.window_start_ms;
    message.window_end_ms = opening.window_end_ms;
    message.deadline_ms = deadline_ms;
    EVH_TRY(evh_wire_pack(request, &message.base));
done:
    evh_store_rollback(self->store);
    evh_cache_release_plan(self->cache, &known);
    return status;
}

evh_status evh_leader_open(const evh_aggregator *self, const evh_peer *helper, uint8_t *task_id,
                           const uint8_t *plan_id, uint32_t round, uint64_t deadline_ms)
{
    evh_buffer request = evh_buffer_init(EVH_MESSAGE_BYTES_MAX);
    evh_buffer response = evh_buffer_init(EVH_MESSAGE_BYTES_MAX);
    evh_status status = evh_ok();
    memset(task_id, 0, EVH_TASK_ID_LEN);
    EVH_TRY(ask_to_prepare(self, &request, plan_id, round, deadline_ms));
    /* The helper must have the plan, and the roster that the entry counts. */
    EVH_TRY(evh_leader_cosign(self, helper));
    EVH_TRY(helper->call(helper->context, "/evenhand.v1.Helper/PrepareRound",
                         evh_buffer_view(&request), &response));
    EVH_TRY(evh_leader_open_round(self, task_id, evh_buffer_view(&request),
                                  evh_buffer_view(&response)));
    EVH_LOG(self->events, EVH_LOG_INFO, "aggregator", "round_opened",
            evh_log_hex("task", evh_view_of(task_id, EVH_TASK_ID_LEN)),
            evh_log_u64("round", round));
done:
    evh_buffer_clear(&request);
    evh_buffer_clear(&response);
    return status;
}
