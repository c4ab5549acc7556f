/* SPDX-License-Identifier: Apache-2.0
 * aggregator/aggregator.h: what leader and helper share: who they are, what they were given, and
 * the states of a round. No transport: a service method takes the request's bytes and who sent
 * them, and appends the response's bytes. Each one is a transaction of its own: what it answers is
 * durable before it returns, and a call that failed has changed nothing.
 * Source   docs/reference/protocol.md
 * Secret   the vault's content; what is stored of a round until it ends
 * Threads  calls of one aggregator exclude each other in its store
 * Memory   one message and one job at a time       Tests    unit/aggregator */
#ifndef EVH_AGGREGATOR_AGGREGATOR_H
#define EVH_AGGREGATOR_AGGREGATOR_H

#include <stdint.h>

#include "evenhand/aggregator/cache.h"
#include "evenhand/aggregator/terms.h"
#include "evenhand/base/bytes.h"
#include "evenhand/base/clock.h"
#include "evenhand/base/log.h"
#include "evenhand/base/rng.h"
#include "evenhand/base/secret.h"
#include "evenhand/base/status.h"
#include "evenhand/protocol/batch.h"
#include "evenhand/protocol/task.h"
#include "evenhand/seal/identity.h"
#include "evenhand/seal/key_config.h"
#include "evenhand/seal/signing.h"
#include "evenhand/store/store.h"
#include "evenhand/vdaf/prio3.h"

enum {
    EVH_JOB_ID_LEN = 16,
    EVH_JOB_REPORTS_MAX = 1000,
    EVH_MESSAGE_BYTES_MAX = 64 << 20,
    EVH_ENTRIES_BYTES = 1 << 20 /* of one GetEntries response */
};

/* Who is calling, as the transport has authenticated it. */
typedef struct evh_caller {
    evh_role role;
    const evh_identity *customer; /* for EVH_ROLE_CUSTOMER: whose certificate it is */
    const char *invitation;       /* for EVH_ROLE_INVITED: id of the invitation, 32 hex digits */
} evh_caller;

/* What exists for one round only, and is destroyed when it ends. */
typedef struct evh_round_secrets {
    uint8_t hpke[EVH_HPKE_KEY_LEN]; /* secret key of this aggregator's round key */
    evh_seed32 random;              /* half of the verification key */
    evh_seed32 salt;                /* of the commitment to the aggregate share */
} evh_round_secrets;

/* Where they are kept: outside of the store and of its backups. `name` is the commitment to the
 * random, which the log shows. */
typedef struct evh_vault {
    /* Durable when it returns. */
    evh_status (*keep)(void *context, const uint8_t name[32], const evh_round_secrets *secrets);
    /* Fails KEY when they are gone for good, and the round with them; STORE for trouble that
     * somebody can mend. */
    evh_status (*find)(void *context, const uint8_t name[32], evh_round_secrets *out);
    /* Succeeds also when they are gone already. */
    evh_status (*destroy)(void *context, const uint8_t name[32]);
    void *context;
} evh_vault;

/* Where the newest checkpoint is kept outside of the store, so that a store that was restored from
 * a backup shows itself at the next start. `keep` is called before a checkpoint leaves: at the
 * leader before it is sent or served, at the helper before its cosignature is. Durable when it
 * returns. May be NULL: nothing is kept. */
typedef struct evh_published {
    evh_status (*keep)(void *context, evh_view note);
    void *context;
} evh_published;

/* One leader or one helper; everything is borrowed. */
typedef struct evh_aggregator {
    evh_role role; /* EVH_ROLE_LEADER or EVH_ROLE_HELPER */
    evh_store *store;
    evh_clock clock;
    evh_rng rng;
    evh_vault vault;
    /* Pinned, never learned from a peer. */
    evh_identity leader, helper, collector;
    evh_identity log;     /* its name is the log's origin */
    evh_identity witness; /* the helper's cosignature key */
    evh_key_config collector_key;
    const evh_signing_key *signing;  /* this aggregator's identity */
    const evh_signing_key *note_key; /* leader: the log's key; helper: its cosignature key */
    evh_published published;
    evh_cache *cache;      /* of this store */
    const evh_log *events; /* may be NULL */
} evh_aggregator;

/* The other aggregator, as the leader reaches it: one call of a method of service Helper.
 *   path      "/evenhand.v1.Helper/Agree"
 *   response  cleared first
 * Fails     UNAVAILABLE when it should be tried again later; what the peer refused with */
typedef struct evh_peer {
    evh_status (*call)(void *context, const char *path, evh_view request, evh_buffer *response);
    void *context;
} evh_peer;

/* Destroys the secrets of every round that has ended. The calls that end a round do so themselves;
 * a program calls it when it starts, for a crash in between. Fails like store and vault. */
EVH_MUST_USE evh_status evh_aggregator_sweep(const evh_aggregator *self);

/* Appends the names of all secrets that the store refers to, 32 bytes each: of rounds whose secrets
 * have not been destroyed, and at a helper of rounds that it has prepared. Whatever else is in the
 * vault was left there by a crash, and belongs to no round that there is or will be.
 * Fails    as the store, and for a single record that cannot be read: ENCODING, STORE. Nothing is to
 *          be concluded from names that were appended before that. */
EVH_MUST_USE evh_status evh_aggregator_secret_names(const evh_aggregator *self, evh_buffer *names);

/* ---- served by both ---- */

/* The log as it may be read by every caller of any role: at the leader what the helper has cosigned
 * and no more, with that cosignature; at the helper what it has cosigned itself. */

/* GetCheckpoint. Fails RANGE when known_size is above the checkpoint's size: the caller has seen
 * more than there is; UNAVAILABLE before the first checkpoint; ENCODING. */
EVH_MUST_USE evh_status evh_aggregator_get_checkpoint(const evh_aggregator *self,
                                                      const evh_caller *caller, evh_view request,
                                                      evh_buffer *response);

/* GetEntries: at least one entry, and at most about EVH_ENTRIES_BYTES of them. Fails RANGE from the
 * checkpoint's size on; ENCODING. */
EVH_MUST_USE evh_status evh_aggregator_get_entries(const evh_aggregator *self,
                                                   const evh_caller *caller, evh_view request,
                                                   evh_buffer *response);

/* GetInclusion. Fails RANGE for a tree larger than the checkpoint's, or an index beyond it;
 * ENCODING. */
EVH_MUST_USE evh_status evh_aggregator_get_inclusion(const evh_aggregator *self,
                                                     const evh_caller *caller, evh_view request,
                                                     evh_buffer *response);

/* GetAggregateShare, for the collector, of a round whose share commitments are in the log.
 * Fails    REFUSED another caller, or a round that is not so far; ENCODING, LENGTH */
EVH_MUST_USE evh_status evh_aggregator_get_share(const evh_aggregator *self,
                                                 const evh_caller *caller, evh_view request,
                                                 evh_buffer *response);

#endif
