/* SPDX-License-Identifier: Apache-2.0
 * Who may ask, and what is told to whom. */
#include "operate_internal.h"

evh_status evh_operate_require_operator(const evh_caller *caller)
{
    if (caller->role != EVH_ROLE_OPERATOR)
        return evh_fail(EVH_ERR_REFUSED, "this call is for the operator");
    return evh_ok();
}

evh_status evh_operate_require_leader(const evh_operator *op)
{
    if (op->self->role != EVH_ROLE_LEADER)
        return evh_fail(EVH_ERR_REFUSED, "this is a helper: only the leader does that");
    return evh_ok();
}

uint64_t evh_operate_now_ms(const evh_operator *op)
{
    int64_t now_ms = evh_clock_wall_ms(&op->self->clock);
    return now_ms > 0 ? (uint64_t)now_ms : 0;
}

void evh_operate_wake(const evh_operator *op)
{
    if (op->wake != NULL)
        op->wake(op->wake_context);
}

evh_status evh_refusal_take(evh_refusal *refusal, Evenhand__V1__Refusal **field, evh_status outcome)
{
    switch (outcome.code) {
    case EVH_OK:
    case EVH_ERR_STORE:
    case EVH_ERR_MEMORY:
    case EVH_ERR_RNG:
    case EVH_ERR_INTERNAL:
        return outcome;
    default:
        break;
    }
    evenhand__v1__refusal__init(&refusal->message);
    refusal->status = outcome;
    evh_wire_set_text(&refusal->message.code, evh_code_info(outcome.code)->name);
    refusal->message.text = refusal->status.text;
    *field = &refusal->message;
    return evh_ok();
}
