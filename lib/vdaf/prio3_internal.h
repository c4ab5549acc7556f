/* SPDX-License-Identifier: Apache-2.0
 * vdaf/prio3_internal.h: an instance and its workspace, and what is derived from seeds.
 * Source   draft-irtf-cfrg-vdaf-20 section 7.2 */
#ifndef EVH_VDAF_PRIO3_INTERNAL_H
#define EVH_VDAF_PRIO3_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/vdaf/prio3.h"
#include "flp_internal.h"

struct evh_prio3 {
    evh_prio3_params params;
    evh_prio3_sizes sizes;
    evh_flp flp;
    const evh_flp_field *field;
    uint32_t algorithm_id;
};

/* Arrays of elements unless it says bytes. The aggregator's come first: verify_init uses and wipes
 * them alone. */
struct evh_prio3_workspace {
    uint8_t *memory;
    size_t memory_bytes;
    size_t aggregator_bytes; /* the part in front that an aggregator uses */
    void *meas;              /* [meas_len] */
    void *proofs;            /* [proofs * proof_len] */
    void *rands;             /* [proofs * max(prove_rand_len, query_rand_len)] */
    void *joint_rands;       /* [proofs * joint_rand_len] */
    void *verifiers;         /* [proofs * verifier_len] */
    void *summand;           /* [max(proofs * verifier_len, output_len)] */
    void *output;            /* [output_len] */
    uint8_t *parts;          /* [shares * EVH_PRIO3_SEED_LEN] bytes */
    uint8_t *scratch;        /* bytes for prove or query */
    uint8_t *own_state;      /* [sizes.state] bytes, helper in ping-pong only */
    uint8_t *own_verifier;   /* [sizes.verifier_share] bytes, likewise */
    void *leader;            /* [meas_len], client only */
    void *spread;            /* [max(meas_len, proofs * proof_len)], client only */
};

/* What a seed is used for: the usage in the domain separation tag. */
typedef enum evh_prio3_usage {
    EVH_PRIO3_USE_MEAS_SHARE = 1,
    EVH_PRIO3_USE_PROOF_SHARE = 2,
    EVH_PRIO3_USE_JOINT_RANDOMNESS = 3,
    EVH_PRIO3_USE_PROVE_RANDOMNESS = 4,
    EVH_PRIO3_USE_QUERY_RANDOMNESS = 5,
    EVH_PRIO3_USE_JOINT_RAND_SEED = 6,
    EVH_PRIO3_USE_JOINT_RAND_PART = 7
} evh_prio3_usage;

/* An instance together with the application context of a call. */
typedef struct evh_prio3_scope {
    const evh_prio3 *prio3;
    evh_view ctx;
} evh_prio3_scope;

/* Expands a seed into count elements.
 *   seed  [EVH_PRIO3_SEED_LEN] */
void evh_prio3_expand(const evh_prio3_scope *scope, void *out, size_t count, evh_prio3_usage usage,
                      const uint8_t *seed, evh_view binder);

/* A helper's share of the encoded measurement, and of all proofs. */
void evh_prio3_helper_meas(const evh_prio3_scope *scope, void *out, const uint8_t *seed,
                           uint32_t agg_id);
void evh_prio3_helper_proofs(const evh_prio3_scope *scope, void *out, const uint8_t *seed,
                             uint32_t agg_id);

/* The randomness of all proofs at once. */
void evh_prio3_joint_rands(const evh_prio3_scope *scope, void *out, const uint8_t *seed);
void evh_prio3_prove_rands(const evh_prio3_scope *scope, void *out, const uint8_t *seed);
void evh_prio3_query_rands(const evh_prio3_scope *scope, void *out, const uint8_t *verify_key,
                           const uint8_t *nonce);

/* The joint randomness part of one aggregator, bound to its measurement share.
 *   part  [EVH_PRIO3_SEED_LEN] */
void evh_prio3_joint_rand_part(const evh_prio3_scope *scope, uint8_t *part, const uint8_t *blind,
                               uint32_t agg_id, const uint8_t *nonce, const void *meas_share);

/* The joint randomness seed from all parts, in the order of aggregators.
 *   parts  [shares * EVH_PRIO3_SEED_LEN] */
void evh_prio3_joint_rand_seed(const evh_prio3_scope *scope, uint8_t *seed, const uint8_t *parts);

/* Whether the circuit uses joint randomness. */
static inline bool evh_prio3_joint(const evh_prio3 *prio3)
{
    return prio3->flp.joint_rand_len > 0;
}

/* Fails LENGTH or TRAILING unless the message has exactly the expected length. */
EVH_MUST_USE evh_status evh_prio3_check_length(evh_view message, size_t expected, const char *what);

/* Fails ARG if the context is too long for the domain separation tag. */
EVH_MUST_USE evh_status evh_prio3_check_ctx(evh_view ctx);

/* evh_prio3_verify_init without the final wipe of the workspace, where more reports follow. */
EVH_MUST_USE evh_status evh_prio3_verify_init_no_wipe(const evh_prio3 *prio3,
                                                      evh_prio3_workspace *workspace,
                                                      uint8_t *state, uint8_t *verifier_share,
                                                      const evh_prio3_task *task, uint32_t agg_id,
                                                      const evh_prio3_report *report);

/* evh_prio3_verifier_shares_to_message, likewise. */
EVH_MUST_USE evh_status evh_prio3_combine_no_wipe(const evh_prio3 *prio3,
                                                  evh_prio3_workspace *workspace, uint8_t *message,
                                                  evh_prio3_verdict *verdict, evh_view ctx,
                                                  const evh_view *verifier_shares, size_t count);

/* Wipes what an aggregator's calls leave in the workspace. */
void evh_prio3_workspace_wipe(evh_prio3_workspace *workspace);

#endif
