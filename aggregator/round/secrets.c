/* SPDX-License-Identifier: Apache-2.0
 * The secrets that exist for one round only: made, used through the cache, destroyed. */
#include <string.h>

#include "round_internal.h"

#define STATE(name) EVENHAND__V1__ROUND_STATE__ROUND_STATE_##name

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
    EVH_FAILPOINT("secrets-keep-before");
    EVH_TRY(self->vault.keep(self->vault.context, name, &secrets));
    EVH_FAILPOINT("secrets-keep-after");
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

/* Both randoms are held against the log. */
static evh_status make_keys(const evh_aggregator *self, const evh_round *round, evh_key_ring **ring,
                            evh_seed32 *verify_key)
{
    evh_round_secrets secrets;
    evh_seed32 peer;
    bool leads = self->role == EVH_ROLE_LEADER;
    evh_status status = evh_ok();
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
    return status;
}

evh_status evh_round_hold_keys(const evh_aggregator *self, const evh_round *round,
                               const evh_round_keys **out)
{
    evh_key_ring *ring = NULL;
    evh_seed32 verify_key;
    evh_status status = evh_ok();
    memset(&verify_key, 0, sizeof verify_key);
    *out = evh_cache_hold_keys(self->cache, round->task.id);
    if (*out != NULL)
        goto done;
    EVH_TRY(make_keys(self, round, &ring, &verify_key));
    EVH_TRY(evh_cache_add_keys(self->cache, out, round->task.id, &ring, &verify_key));
done:
    evh_key_ring_free(&ring);
    evh_wipe(&verify_key, sizeof verify_key);
    return status;
}

evh_status evh_round_has_secrets(const evh_aggregator *self, bool *has, const uint8_t *task_id)
{
    evh_round round = {.stored = NULL};
    evh_round_secrets secrets;
    evh_status status = evh_ok();
    memset(&secrets, 0, sizeof secrets);
    *has = false;
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_round_load(self, &round, task_id));
    evh_store_rollback(self->store);
    status = self->vault.find(self->vault.context, evh_round_own_name(self, &round.task), &secrets);
    *has = status.code == EVH_OK;
    if (status.code == EVH_ERR_KEY)
        status = evh_ok();
done:
    evh_store_rollback(self->store);
    evh_wipe(&secrets, sizeof secrets);
    evh_round_clear(&round);
    return status;
}

/* ---- the end ---- */

typedef struct sweep {
    const evh_aggregator *self;
    evh_buffer ended; /* task_id | name in the vault */
} sweep;

enum { ENDED_LEN = EVH_TASK_ID_LEN + EVH_COMMITMENT_LEN, ENDED_BYTES_MAX = 1 << 26 };

static evh_status note_ended(void *context, evh_view key, evh_view value, bool *stop)
{
    sweep *s = context;
    Evenhand__V1__StoredRound *stored = NULL;
    Evenhand__V1__RoundOpened *opened = NULL;
    bool leads = s->self->role == EVH_ROLE_LEADER;
    evh_status status = evh_ok();
    *stop = false;
    EVH_TRY(
        evh_wire_unpack(&stored, &evenhand__v1__stored_round__descriptor, value, "stored round"));
    if (stored->secrets_destroyed ||
        (stored->state != STATE(COLLECTED) && stored->state != STATE(VOID)))
        goto done;
    EVH_TRY(evh_wire_unpack(&opened, &evenhand__v1__round_opened__descriptor,
                            evh_wire_bytes(&stored->round_opened), "stored round"));
    EVH_TRY(evh_buffer_append(&s->ended, key));
    EVH_TRY(evh_buffer_append(&s->ended, evh_wire_bytes(leads ? &opened->leader_commitment
                                                              : &opened->helper_commitment)));
done:
    evh_wire_free(&stored);
    evh_wire_free(&opened);
    return status;
}

static evh_status note_destroyed(const evh_aggregator *self, const uint8_t *task_id)
{
    Evenhand__V1__StoredRound *stored = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_record_get(self->store, EVH_STORE_ROUNDS, evh_view_of(task_id, EVH_TASK_ID_LEN),
                           &evenhand__v1__stored_round__descriptor, &stored));
    EVH_INVARIANT(stored != NULL);
    stored->secrets_destroyed = true;
    EVH_TRY(evh_round_save(self, task_id, stored));
    EVH_COMMIT(self->store, "swept");
done:
    evh_store_rollback(self->store);
    evh_wire_free(&stored);
    return status;
}

evh_status evh_aggregator_sweep(const evh_aggregator *self)
{
    sweep s = {.self = self, .ended = evh_buffer_init(ENDED_BYTES_MAX)};
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_store_scan(self->store, EVH_STORE_ROUNDS, evh_view_of(NULL, 0), note_ended, &s));
    evh_store_rollback(self->store);
    for (size_t at = 0; at + ENDED_LEN <= s.ended.len; at += ENDED_LEN) {
        const uint8_t *task_id = s.ended.data + at;
        evh_cache_forget_keys(self->cache, task_id);
        EVH_FAILPOINT("secrets-destroy-before");
        EVH_TRY(self->vault.destroy(self->vault.context, task_id + EVH_TASK_ID_LEN));
        EVH_FAILPOINT("secrets-destroy-after");
        EVH_TRY(note_destroyed(self, task_id));
    }
done:
    evh_store_rollback(self->store);
    evh_buffer_clear(&s.ended);
    return status;
}

/* ---- what is still needed ---- */

typedef struct gathering {
    const evh_aggregator *self;
    evh_buffer *names;
} gathering;

static evh_status add_secret_name(evh_buffer *names, const ProtobufCBinaryData *commitment)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(commitment->len == EVH_COMMITMENT_LEN, EVH_ERR_STORE,
                "a stored commitment of %zu bytes", commitment->len);
    EVH_TRY(evh_buffer_append(names, evh_wire_bytes(commitment)));
done:
    return status;
}

static evh_status gather_round(void *context, evh_view key, evh_view value, bool *stop)
{
    gathering *g = context;
    Evenhand__V1__StoredRound *stored = NULL;
    Evenhand__V1__RoundOpened *opened = NULL;
    bool leads = g->self->role == EVH_ROLE_LEADER;
    evh_status status = evh_ok();
    (void)key;
    *stop = false;
    EVH_TRY(
        evh_wire_unpack(&stored, &evenhand__v1__stored_round__descriptor, value, "stored round"));
    if (stored->secrets_destroyed)
        goto done;
    EVH_TRY(evh_wire_unpack(&opened, &evenhand__v1__round_opened__descriptor,
                            evh_wire_bytes(&stored->round_opened), "stored round"));
    EVH_TRY(
        add_secret_name(g->names, leads ? &opened->leader_commitment : &opened->helper_commitment));
done:
    evh_wire_free(&stored);
    evh_wire_free(&opened);
    return status;
}

static evh_status gather_prepared(void *context, evh_view key, evh_view value, bool *stop)
{
    gathering *g = context;
    Evenhand__V1__StoredPreparation *prepared = NULL;
    evh_status status = evh_ok();
    (void)key;
    *stop = false;
    EVH_TRY(evh_wire_unpack(&prepared, &evenhand__v1__stored_preparation__descriptor, value,
                            "stored preparation"));
    EVH_TRY(add_secret_name(g->names, &prepared->commitment));
done:
    evh_wire_free(&prepared);
    return status;
}

evh_status evh_aggregator_secret_names(const evh_aggregator *self, evh_buffer *names)
{
    gathering g = {.self = self, .names = names};
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(self->store));
    EVH_TRY(evh_store_scan(self->store, EVH_STORE_ROUNDS, evh_view_of(NULL, 0), gather_round, &g));
    EVH_TRY(evh_store_scan(self->store, EVH_STORE_META, evh_view_of_text(EVH_PREPARED_PREFIX),
                           gather_prepared, &g));
done:
    evh_store_rollback(self->store);
    return status;
}
