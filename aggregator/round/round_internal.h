/* SPDX-License-Identifier: Apache-2.0
 * What the parts of an aggregator use of each other. Unless they say otherwise these functions need
 * a running transaction. */
#ifndef EVH_AGGREGATOR_ROUND_INTERNAL_H
#define EVH_AGGREGATOR_ROUND_INTERNAL_H

#include "cache_internal.h"
#include "evenhand/aggregator/aggregator.h"
#include "evenhand/base/failpoint.h"
#include "evenhand/plan/population.h"
#include "evenhand/protocol/report.h"
#include "evenhand/seal/key_ring.h"
#include "evenhand/store/record.h"
#include "evenhand/wire/message.h"
#include "log.pb-c.h"
#include "service.pb-c.h"
#include "store.pb-c.h"

enum { EVH_VKEY_BYTES_MAX = 512, EVH_PLACE_BYTES_MAX = EVH_TASK_ID_LEN + 1 + EVH_VKEY_BYTES_MAX };

#define EVH_LABEL_AGREED "evenhand/agreed/1"
#define EVH_LABEL_RESULT "evenhand/result/1"

/* Commits; a test can have the power fail right before and right after it (base/failpoint.h). */
#define EVH_COMMIT(store, name)                                                                    \
    do {                                                                                           \
        EVH_FAILPOINT(name "-before");                                                             \
        EVH_TRY(evh_store_commit(store));                                                          \
        EVH_FAILPOINT(name "-after");                                                              \
    } while (0)

/* A key of the store. */
typedef struct evh_place {
    uint8_t bytes[EVH_PLACE_BYTES_MAX];
    size_t len;
} evh_place;

static inline evh_view evh_place_view(const evh_place *place)
{
    return evh_view_of(place->bytes, place->len);
}

/* head | U8(part) | tail; without the middle when part is negative. Fails LENGTH. */
EVH_MUST_USE evh_status evh_place_make(evh_place *out, evh_view head, int part, evh_view tail);

/* The parts of a customer's report in a round: what became of it, its bytes, and at the leader a
 * mark as long as it is in no job. */
enum { EVH_PART_STATUS = 0, EVH_PART_BODY = 1, EVH_PART_WAITING = 2 };

EVH_MUST_USE evh_status evh_require_role(const evh_caller *caller, evh_role role);

/* A 32-byte task_id of a request. Fails LENGTH. */
EVH_MUST_USE evh_status evh_task_id_of(const ProtobufCBinaryData *field, const uint8_t **task_id);

/* ---- populations and plans ---- */

#define EVH_POPULATION_PREFIX "population/" /* in META: then the hash */

EVH_MUST_USE evh_status evh_population_keep(const evh_aggregator *self, const uint8_t *hash,
                                            uint64_t index, evh_view bytes);
EVH_MUST_USE evh_status evh_population_find(const evh_aggregator *self, bool *found,
                                            evh_population *out, uint64_t *index,
                                            const uint8_t *hash);

/* The hash of the population of that name. Fails REFUSED when there is none. */
EVH_MUST_USE evh_status evh_population_named(const evh_aggregator *self, uint8_t *hash,
                                             const char *name);

/* The record of a plan, NULL when it is not in the log; free with evh_wire_free. */
EVH_MUST_USE evh_status evh_plan_find(const evh_aggregator *self, Evenhand__V1__StoredPlan **out,
                                      const uint8_t *plan_id);
EVH_MUST_USE evh_status evh_plan_save(const evh_aggregator *self, const uint8_t *plan_id,
                                      const Evenhand__V1__StoredPlan *changed);

/* A plan of the log, decoded; let it go with evh_cache_release_plan. Fails REFUSED when it is not
 * in the log. */
EVH_MUST_USE evh_status evh_plan_hold(const evh_aggregator *self, const evh_known_plan **out,
                                      const uint8_t *plan_id);

/* Whether a population's budget allows the rounds opened so far and `more` of a plan.
 *   hash     of the population
 *   plan_id  of a plan in the log; NULL with more 0 */
EVH_MUST_USE evh_status evh_budget_allows(const evh_aggregator *self, bool *allowed,
                                          const uint8_t *hash, const uint8_t *plan_id,
                                          uint32_t more);

/* An upper bound on the epsilon of the rounds opened so far, and their number. */
EVH_MUST_USE evh_status evh_budget_spent(const evh_aggregator *self, double *epsilon,
                                         uint32_t *rounds, const uint8_t *hash,
                                         const evh_population *population);

/* The window of a plan's round, both 0 when the plan has none. Fails RANGE. */
EVH_MUST_USE evh_status evh_plan_window_of(const evh_plan *plan, uint32_t round, uint64_t *start_ms,
                                           uint64_t *end_ms);

/* A round that is about to open. */
typedef struct evh_opening {
    const uint8_t *plan_id;
    uint32_t round;
    uint64_t window_start_ms, window_end_ms;
} evh_opening;

/* Fails REFUSED when the round was opened before. */
EVH_MUST_USE evh_status evh_round_check_new(const evh_aggregator *self, const uint8_t *plan_id,
                                            uint32_t round);

/* Fails REFUSED unless the plan is in the log, not retired, has that round with that window, and
 * its population's budget allows one more. */
EVH_MUST_USE evh_status evh_round_check_plan(const evh_aggregator *self,
                                             const evh_opening *opening);

/* ---- rounds ---- */

/* A round with everything that follows from its record; all zero is empty. */
typedef struct evh_round {
    Evenhand__V1__StoredRound *stored;
    evh_task task;
    evh_cache *cache;
    const evh_known_plan *known;
    const evh_terms *terms; /* of the known plan, like prio3 */
    const evh_prio3 *prio3;
} evh_round;

/* Fails REFUSED when there is no such round. Clear it afterwards. */
EVH_MUST_USE evh_status evh_round_load(const evh_aggregator *self, evh_round *out,
                                       const uint8_t *task_id);
void evh_round_clear(evh_round *round);
EVH_MUST_USE evh_status evh_round_save(const evh_aggregator *self, const uint8_t *task_id,
                                       const Evenhand__V1__StoredRound *changed);

/* Fails REFUSED unless the round is in that state. */
EVH_MUST_USE evh_status evh_round_require(const evh_round *round, Evenhand__V1__RoundState state);

/* Fails REFUSED unless it is open or closed. */
EVH_MUST_USE evh_status evh_round_require_running(const evh_round *round);

/* The commitment to this aggregator's own random: the name of its secrets in the vault. */
const uint8_t *evh_round_own_name(const evh_aggregator *self, const evh_task *task);

/* Makes this aggregator's secrets and keeps them; needs no transaction.
 *   signed_key  the public key with this aggregator's signature is appended */
EVH_MUST_USE evh_status evh_round_secrets_make(const evh_aggregator *self, uint8_t name[32],
                                               evh_buffer *signed_key);

/* Whether the vault still has this aggregator's secrets of a round. Needs no transaction. */
EVH_MUST_USE evh_status evh_round_has_secrets(const evh_aggregator *self, bool *has,
                                              const uint8_t *task_id);

/* This aggregator's round key and the round's verification key, which are held against the log when
 * they are made; let them go with evh_cache_release_keys. Needs no transaction. Fails REFUSED before
 * the reveal; KEY when a random is not what the log commits to, or the vault has no secrets. */
EVH_MUST_USE evh_status evh_round_hold_keys(const evh_aggregator *self, const evh_round *round,
                                            const evh_round_keys **out);

/* ---- the log ---- */

/* What an entry means for this aggregator: checks it and does what follows. A visitor; context is
 * the evh_aggregator. Fails REFUSED for an entry against the rules. */
EVH_MUST_USE evh_status evh_entry_apply(void *context, uint64_t index, evh_view entry);

/* The leader appends an entry, with its time, and applies it. */
EVH_MUST_USE evh_status evh_entry_append(const evh_aggregator *self, Evenhand__V1__LogEntry *entry,
                                         uint64_t *index);

/* The round's part of evh_entry_apply. */
EVH_MUST_USE evh_status evh_entry_apply_round(const evh_aggregator *self, uint64_t index,
                                              const Evenhand__V1__LogEntry *entry);

/* Entries in a row, as fields of a message; .fields NULL is empty. */
typedef struct evh_entry_run {
    ProtobufCBinaryData *fields; /* [count], borrowed from bytes */
    size_t count;
    evh_buffer bytes;
} evh_entry_run;

/* Reads entries from start to end, as many as about `bytes` hold, at least one if there is one.
 * Clear the run whatever the outcome. */
EVH_MUST_USE evh_status evh_entries_read(const evh_aggregator *self, evh_entry_run *out,
                                         uint64_t start, uint64_t end, size_t bytes);
void evh_entries_clear(evh_entry_run *run);

/* The part of evh_entry_apply about populations and plans. */
EVH_MUST_USE evh_status evh_entry_apply_plan(const evh_aggregator *self, uint64_t index,
                                             const Evenhand__V1__LogEntry *entry);

/* Whether an entry is one that this store has lost and gets back: what it says was agreed to
 * before. */
EVH_MUST_USE evh_status evh_entry_is_repeated(const evh_aggregator *self, bool *repeated,
                                              uint64_t index);

/* Active customers of the roster. */
EVH_MUST_USE evh_status evh_roster_count(const evh_aggregator *self, uint32_t *active);

/* The key in META of a plan's round. Fails LENGTH. */
#define EVH_PREPARED_PREFIX "prepared"
EVH_MUST_USE evh_status evh_round_place(evh_place *out, const char *prefix, const uint8_t *plan_id,
                                        uint32_t round);

/* ---- reports ---- */

typedef struct evh_report_status {
    evh_place key, body_key, waiting_key;
    Evenhand__V1__StoredReport *stored; /* NULL when there is none */
} evh_report_status;

/* What is known about a customer's report in a round; free .stored with evh_wire_free. */
EVH_MUST_USE evh_status evh_report_find(const evh_aggregator *self, evh_report_status *out,
                                        const uint8_t *task_id, const char *customer);

/* Counts a report that changes from one state to another; the round is saved by the caller. */
void evh_report_count(Evenhand__V1__StoredRound *round, Evenhand__V1__ReportState before,
                      Evenhand__V1__ReportState after);

/* Changes what became of a report that is there, and counts it. */
EVH_MUST_USE evh_status evh_report_set(const evh_aggregator *self, evh_round *round,
                                       const char *customer, Evenhand__V1__ReportState state,
                                       Evenhand__V1__RejectReason reason);

/* What both aggregators check before they touch a share; UNSPECIFIED when all is well, and then the
 * ledger's position is written down.
 *   customer   the header's verifier key as text
 *   signature  what evh_report_check_signature has said, outside of the transaction */
EVH_MUST_USE evh_status evh_report_admit(const evh_aggregator *self,
                                         Evenhand__V1__RejectReason *reason, const evh_round *round,
                                         const evh_report_header *header, const char *customer,
                                         evh_seal_verdict signature);

/* Failures that are a report's own, not this aggregator's. */
bool evh_report_is_malformed(evh_code code);

/* Appends the text of a verifier key with a NUL. */
EVH_MUST_USE evh_status evh_vkey_text(evh_buffer *out, const evh_identity *identity);

/* ---- jobs and batches ---- */

/* Sums jobs. */
typedef struct evh_job_sum {
    evh_buffer ids;       /* EVH_JOB_ID_LEN each, ascending */
    evh_buffer roots;     /* EVH_MERKLE_HASH_LEN each, in the same order */
    evh_buffer hashes;    /* of all accepted reports */
    evh_buffer customers; /* BE16 length | verifier key of each of them */
    evh_buffer share;     /* aggregate share; secret */
    const evh_prio3 *prio3;
    evh_view wanted; /* ids to be counted, EVH_JOB_ID_LEN each; data NULL: all */
    bool unanswered; /* a job waits for its answer */
} evh_job_sum;

/* Sums the jobs of a round: those wanted, without those dropped. Clear the sum whatever the
 * outcome. */
EVH_MUST_USE evh_status evh_jobs_sum(const evh_aggregator *self, evh_job_sum *out,
                                     const evh_round *round, evh_view wanted);
void evh_jobs_clear(evh_job_sum *sum);

/* True when an id is among ids of EVH_JOB_ID_LEN each. */
bool evh_job_listed(evh_view ids, const uint8_t *id);

/* The batch that a sum is. */
EVH_MUST_USE evh_status evh_jobs_batch(evh_batch *out, evh_job_sum *sum, const uint8_t *task_id);

/* Checks a signature over a batch. */
EVH_MUST_USE evh_status evh_batch_check(evh_seal_verdict *verdict, const evh_batch *batch,
                                        const evh_identity *signer,
                                        const ProtobufCBinaryData *signature);
EVH_MUST_USE evh_status evh_batch_sign(uint8_t signature[EVH_SIGNATURE_LEN], const evh_batch *batch,
                                       const evh_signing_key *key);

/* The batch that a round has agreed on. */
EVH_MUST_USE evh_status evh_round_batch(evh_batch *out, const evh_round *round);

/* Holds a batch against the plan's minimum, every earlier batch of the same people and the budget;
 * the reason to void it, or UNSPECIFIED. */
EVH_MUST_USE evh_status evh_batch_judge(const evh_aggregator *self,
                                        Evenhand__V1__VoidReason *reason, const evh_round *round,
                                        const evh_job_sum *sum);
/* Keeps the batch for later ones. */
EVH_MUST_USE evh_status evh_batch_keep(const evh_aggregator *self, const evh_round *round,
                                       const evh_job_sum *sum);

/* Keeps that there was a batch of customers that this store does not know: whatever could be held
 * against it is too close. */
EVH_MUST_USE evh_status evh_batch_keep_unknown(const evh_aggregator *self, const evh_round *round);

/* The commitment to this aggregator's share of an agreed round. */
EVH_MUST_USE evh_status evh_share_commit(const evh_aggregator *self, const evh_round *round,
                                         uint8_t out[EVH_COMMITMENT_LEN]);

#endif
