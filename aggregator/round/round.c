/* SPDX-License-Identifier: Apache-2.0
 * Rounds and their records. */
#include <string.h>

#include "evenhand/base/limits.h"
#include "round_internal.h"

evh_status evh_place_make(evh_place *out, evh_view head, int part, evh_view tail)
{
    memset(out, 0, sizeof *out);
    if (head.len + tail.len + 1 > sizeof out->bytes)
        return evh_fail(EVH_ERR_LENGTH, "a name of %zu bytes is too long", tail.len);
    memcpy(out->bytes, head.data, head.len);
    out->len = head.len;
    if (part >= 0)
        out->bytes[out->len++] = (uint8_t)part;
    if (tail.len > 0)
        memcpy(out->bytes + out->len, tail.data, tail.len);
    out->len += tail.len;
    return evh_ok();
}

evh_status evh_require_role(const evh_caller *caller, evh_role role)
{
    if (caller->role != role)
        return evh_fail(EVH_ERR_REFUSED, "this call is not for role %d", (int)caller->role);
    return evh_ok();
}

evh_status evh_task_id_of(const ProtobufCBinaryData *field, const uint8_t **task_id)
{
    *task_id = field->data;
    if (field->len != EVH_TASK_ID_LEN)
        return evh_fail(EVH_ERR_LENGTH, "a task_id of %zu bytes", field->len);
    return evh_ok();
}

/* ---- records ---- */

evh_status evh_round_load(const evh_aggregator *self, evh_round *out, const uint8_t *task_id)
{
    memset(out, 0, sizeof *out);
    evh_status status = evh_ok();
    EVH_TRY(evh_record_get(self->store, EVH_STORE_ROUNDS, evh_view_of(task_id, EVH_TASK_ID_LEN),
                           &evenhand__v1__stored_round__descriptor, &out->stored));
    EVH_REQUIRE(out->stored != NULL, EVH_ERR_REFUSED, "no such round");
    if (!evh_cache_find_task(self->cache, &out->task, task_id)) {
        EVH_TRY(evh_task_read(&out->task, evh_wire_bytes(&out->stored->round_opened), &self->leader,
                              &self->helper));
        evh_cache_keep_task(self->cache, &out->task);
    }
    out->cache = self->cache;
    EVH_TRY(evh_plan_hold(self, &out->known, out->task.plan_id));
    out->terms = &out->known->terms;
    out->prio3 = out->known->prio3;
done:
    if (status.code != EVH_OK)
        evh_round_clear(out);
    return status;
}

void evh_round_clear(evh_round *round)
{
    evh_wire_free(&round->stored);
    evh_cache_release_plan(round->cache, &round->known);
}

evh_status evh_round_save(const evh_aggregator *self, const uint8_t *task_id,
                          const Evenhand__V1__StoredRound *changed)
{
    return evh_record_put(self->store, EVH_STORE_ROUNDS, evh_view_of(task_id, EVH_TASK_ID_LEN),
                          &changed->base);
}

static const char *state_name(Evenhand__V1__RoundState state)
{
    static const char *const names[] = {"unknown", "open", "closed", "agreed", "collected", "void"};
    size_t number = (size_t)state;
    return number < sizeof names / sizeof names[0] ? names[number] : names[0];
}

evh_status evh_round_require(const evh_round *round, Evenhand__V1__RoundState state)
{
    if (round->stored->state != state)
        return evh_fail(EVH_ERR_REFUSED, "the round is %s, not %s",
                        state_name(round->stored->state), state_name(state));
    return evh_ok();
}

evh_status evh_round_require_running(const evh_round *round)
{
    if (round->stored->state == EVENHAND__V1__ROUND_STATE__ROUND_STATE_CLOSED)
        return evh_ok();
    return evh_round_require(round, EVENHAND__V1__ROUND_STATE__ROUND_STATE_OPEN);
}
