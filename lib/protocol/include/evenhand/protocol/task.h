/* SPDX-License-Identifier: Apache-2.0
 * protocol/task.h: one round of one plan, as the log's round-opened entry fixes it.
 * task_id is the SHA-256 of that entry; it is in the VDAF's context, in every AAD and under every
 * signature, so nothing made for one round is worth anything in another.
 * Source   docs/reference/protocol.md, proto/log.proto
 * Secret   the verification key and the randoms it is made of      Threads  values
 * Memory   the caller's; transient buffers                         Tests    unit/protocol */
#ifndef EVH_PROTOCOL_TASK_H
#define EVH_PROTOCOL_TASK_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/secret.h"
#include "evenhand/base/status.h"
#include "evenhand/seal/identity.h"
#include "evenhand/seal/key_config.h"

enum {
    EVH_TASK_ID_LEN = 32, /* bytes */
    EVH_TASK_CTX_LEN = 8 + 1 + EVH_TASK_ID_LEN,
    EVH_COMMITMENT_LEN = 32 /* bytes */
};

/* The ends of a message; the numbers are on the wire. */
typedef enum evh_role {
    EVH_ROLE_CUSTOMER = 1,
    EVH_ROLE_LEADER = 2,
    EVH_ROLE_HELPER = 3,
    EVH_ROLE_COLLECTOR = 4,
    EVH_ROLE_OPERATOR = 5, /* of the very aggregator that is called */
    EVH_ROLE_INVITED = 6,  /* holds an invitation and is no customer yet */
    EVH_ROLE_OBSERVER = 7  /* anyone else with a certificate: may read the log */
} evh_role;

typedef struct evh_task {
    uint8_t id[EVH_TASK_ID_LEN];
    uint8_t plan_id[32];
    uint32_t round; /* 1 or more */
    uint64_t window_start_ms, window_end_ms;
    uint64_t deadline_ms;
    evh_key_config leader_key, helper_key; /* this round's, signatures checked */
    uint8_t leader_commitment[EVH_COMMITMENT_LEN];
    uint8_t helper_commitment[EVH_COMMITMENT_LEN];
    uint32_t roster_size;
    char log_origin[EVH_IDENTITY_NAME_BYTES_MAX + 1];
} evh_task;

/* Reads a round-opened entry.
 *   round_opened    canonical RoundOpened bytes
 *   leader, helper  whose signatures must be on the two HPKE keys: pinned identities, never taken
 *                   from the entry or from the leader's word
 * Fails    ENCODING, LENGTH, TYPE malformed; KEY a key that its owner has not signed; MEMORY. *out
 * is then all zero. */
EVH_MUST_USE evh_status evh_task_read(evh_task *out, evh_view round_opened,
                                      const evh_identity *leader, const evh_identity *helper);

/* The VDAF's application context: "evenhand" | U8(1) | task_id. */
void evh_task_ctx(uint8_t out[EVH_TASK_CTX_LEN], const evh_task *task);

/* SHA-256 of 32 random bytes: what an aggregator publishes before the round. Fails MEMORY. */
EVH_MUST_USE evh_status evh_task_commit(uint8_t out[EVH_COMMITMENT_LEN], const evh_seed32 *random);

/* The verification key of a round: HKDF-SHA256(leader random | helper random, info
 * "evenhand/verify-key/1" | task_id). Both randoms must be what the entry commits to: neither
 * aggregator can choose the key after having seen the other's random. Fails    KEY a random that
 * does not fit its commitment; MEMORY. *out is then all zero. */
EVH_MUST_USE evh_status evh_task_verify_key(evh_seed32 *out, const evh_task *task,
                                            const evh_seed32 *leader_random,
                                            const evh_seed32 *helper_random);

/* The HPKE info of a message: label | U8(from) | U8(to). Fails MEMORY. */
EVH_MUST_USE evh_status evh_task_hpke_info(evh_buffer *out, const char *label, evh_role from,
                                           evh_role to);

#endif
