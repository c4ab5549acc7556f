/* SPDX-License-Identifier: Apache-2.0
 * Rounds: their records, and the secrets that exist for one round only. */
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
    EVH_TRY(evh_task_read(&out->task, evh_wire_bytes(&out->stored->round_opened), &self->leader,
                          &self->helper));
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

/* ---- secrets ---- */

const uint8_t *evh_round_own_name(const evh_aggregator *self, const evh_task *task)
{
    return self->role == EVH_ROLE_LEADER ? task->leader_commitment : task->helper_commitment;
}

evh_status evh_round_secrets_make(const evh_aggregator *self, uint8_t name[32],
                                  evh_buffer *signed_key)
{
    evh_round_secrets secrets;
    evh_hpke_secret_key *secret = NULL;
    evh_key_config config = {.suite = evh_hpke_suite_aes128gcm()};
    evh_status status = evh_ok();
    memset(&secrets, 0, sizeof secrets);
    EVH_TRY(evh_hpke_key_generate(&secret, &config.key, &self->rng));
    memcpy(secrets.hpke, secret->bytes, sizeof secrets.hpke);
    EVH_TRY(evh_rng_fill(&self->rng, secrets.random.bytes, sizeof secrets.random.bytes));
    EVH_TRY(evh_rng_fill(&self->rng, secrets.salt.bytes, sizeof secrets.salt.bytes));
    EVH_TRY(evh_task_commit(name, &secrets.random));
    EVH_TRY(evh_key_config_sign(signed_key, &config, self->signing));
    EVH_TRY(self->vault.keep(self->vault.context, name, &secrets));
done:
    evh_hpke_secret_key_free(&secret);
    evh_wipe(&secrets, sizeof secrets);
    return status;
}

static evh_status fill_ring(evh_key_ring *ring, const evh_round_secrets *secrets)
{
    evh_hpke_secret_key *secret = NULL;
    evh_hpke_public_key public_key;
    evh_status status = evh_ok();
    EVH_TRY(
        evh_hpke_key_load(&secret, &public_key, evh_view_of(secrets->hpke, sizeof secrets->hpke)));
    EVH_TRY(evh_key_ring_add_take(ring, NULL, evh_hpke_suite_aes128gcm(), &secret));
done:
    evh_hpke_secret_key_free(&secret);
    return status;
}

evh_status evh_round_open_keys(const evh_aggregator *self, const evh_round *round,
                               evh_key_ring **ring, evh_seed32 *verify_key)
{
    evh_round_secrets secrets;
    evh_seed32 peer;
    bool leads = self->role == EVH_ROLE_LEADER;
    evh_status status = evh_ok();
    *ring = NULL;
    memset(&secrets, 0, sizeof secrets);
    memset(&peer, 0, sizeof peer);
    EVH_REQUIRE(round->stored->peer_random.len == sizeof peer.bytes, EVH_ERR_REFUSED,
                "the round's randoms have not been exchanged");
    memcpy(peer.bytes, round->stored->peer_random.data, sizeof peer.bytes);
    EVH_TRY(
        self->vault.find(self->vault.context, evh_round_own_name(self, &round->task), &secrets));
    EVH_TRY(evh_task_verify_key(verify_key, &round->task, leads ? &secrets.random : &peer,
                                leads ? &peer : &secrets.random));
    EVH_TRY(evh_key_ring_new(ring));
    EVH_TRY(fill_ring(*ring, &secrets));
done:
    evh_wipe(&secrets, sizeof secrets);
    evh_wipe(&peer, sizeof peer);
    if (status.code != EVH_OK) {
        evh_key_ring_free(ring);
        evh_wipe(verify_key, sizeof *verify_key);
    }
    return status;
}

/* ---- the end ---- */

typedef struct sweep {
    const evh_aggregator *self;
    evh_buffer names;
} sweep;

static evh_status note_ended(void *context, evh_view key, evh_view value, bool *stop)
{
    sweep *s = context;
    Evenhand__V1__StoredRound *stored = NULL;
    evh_task task;
    evh_status status = evh_ok();
    (void)key;
    *stop = false;
    EVH_TRY(
        evh_wire_unpack(&stored, &evenhand__v1__stored_round__descriptor, value, "stored round"));
    if (stored->state != EVENHAND__V1__ROUND_STATE__ROUND_STATE_COLLECTED &&
        stored->state != EVENHAND__V1__ROUND_STATE__ROUND_STATE_VOID)
        goto done;
    EVH_TRY(evh_task_read(&task, evh_wire_bytes(&stored->round_opened), &s->self->leader,
                          &s->self->helper));
    EVH_TRY(evh_buffer_append(&s->names, evh_view_of(evh_round_own_name(s->self, &task), 32)));
done:
    evh_wire_free(&stored);
    return status;
}

evh_status evh_aggregator_sweep(const evh_aggregator *self)
{
    enum { NAMES_BYTES_MAX = 1 << 26 };
    sweep s = {.self = self, .names = evh_buffer_init(NAMES_BYTES_MAX)};
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_store_scan(self->store, EVH_STORE_ROUNDS, evh_view_of(NULL, 0), note_ended, &s));
    evh_store_rollback(self->store);
    for (size_t at = 0; at < s.names.len; at += 32)
        EVH_TRY(self->vault.destroy(self->vault.context, s.names.data + at));
done:
    evh_store_rollback(self->store);
    evh_buffer_clear(&s.names);
    return status;
}
