/* SPDX-License-Identifier: Apache-2.0
 * vdaf/prio3.h: verifiable secret sharing of measurements that add up.
 * Source   draft-irtf-cfrg-vdaf-20 sections 5 (VDAF) and 7 (Prio3), version byte 18
 * Secret   measurement, shard randomness, verify key, input shares, states, output shares,
 *          aggregate shares; timing depends on lengths and parameters only (tests/ctime)
 * Threads  an instance is immutable and may be shared; one workspace per thread
 * Memory   an instance and a workspace allocate when they are made; the functions below do not
 * Tests    unit/vdaf/, tests/vectors, tests/ctime, tests/fuzz
 *
 * Messages are fixed-length bytes, with the lengths in evh_prio3_sizes. Every function reads them
 * strictly and fails LENGTH (too short), TRAILING (too long) or ENCODING (an element that is not
 * below the modulus). Outputs are all zero unless the call succeeds, or accepts where it gives a
 * verdict. A verdict is no error: it is set to rejected on entry and the status is OK. */
#ifndef EVH_VDAF_PRIO3_H
#define EVH_VDAF_PRIO3_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/rng.h"
#include "evenhand/base/status.h"
#include "evenhand/base/uint128.h"
#include "evenhand/field/field.h"

enum {
    EVH_PRIO3_VERSION = 18, /* draft-irtf-cfrg-vdaf-20 section 6.2.3, VERSION */
    EVH_PRIO3_NONCE_LEN = 16,
    EVH_PRIO3_SEED_LEN = 32,
    EVH_PRIO3_VERIFY_KEY_LEN = 32
};

/* Values are the draft's algorithm identifiers, except for the last (0xFFFFFFFF on the wire). */
typedef enum evh_prio3_kind {
    EVH_PRIO3_COUNT = 1,             /* one bit, counted */
    EVH_PRIO3_SUM = 2,               /* one integer 0..max_measurement */
    EVH_PRIO3_SUM_VEC = 3,           /* length integers 0..max_measurement each */
    EVH_PRIO3_HISTOGRAM = 4,         /* one bucket 0..length-1 */
    EVH_PRIO3_MULTIHOT_COUNT = 5,    /* length bits, at most max_measurement of them set */
    EVH_PRIO3_SUM_VEC_MULTIPROOF = 6 /* as SUM_VEC, over Field64 with several proofs */
} evh_prio3_kind;

/* What an instance is made from. Zero means: the kind's own default, or not used by the kind. */
typedef struct evh_prio3_params {
    evh_prio3_kind kind;
    evh_field_id field;       /* default Field64 for COUNT, SUM and MULTIPROOF, else Field128 */
    uint32_t shares;          /* 2..EVH_VDAF_SHARES_MAX aggregators; no default */
    uint32_t proofs;          /* 1..255; default 1, with MULTIPROOF 3 */
    uint64_t length;          /* SUM_VEC, HISTOGRAM, MULTIHOT_COUNT, MULTIPROOF */
    uint64_t chunk_length;    /* same kinds; see evh_chunk_length in field/chunk.h */
    evh_u128 max_measurement; /* SUM, SUM_VEC, MULTIPROOF; for MULTIHOT_COUNT the largest weight */
} evh_prio3_params;

/* Lengths of an instance, all in bytes but for the first two. */
typedef struct evh_prio3_sizes {
    size_t measurement_count; /* integers in a measurement: 1 or length */
    size_t result_count;      /* integers in an aggregate result */
    size_t rand;              /* what shard consumes */
    size_t public_share;
    size_t leader_share; /* input share of aggregator 0 */
    size_t helper_share; /* input share of every other aggregator */
    size_t verifier_share;
    size_t verifier_message;
    size_t state; /* what an aggregator keeps between verify_init and verify_next */
    size_t output_share;
    size_t aggregate_share; /* same form as an output share */
} evh_prio3_sizes;

/* Set to rejected on entry by every function that gives one. */
typedef enum evh_prio3_verdict { EVH_PRIO3_REJECTED = 0, EVH_PRIO3_ACCEPTED = 1 } evh_prio3_verdict;

typedef struct evh_prio3 evh_prio3;
typedef struct evh_prio3_workspace evh_prio3_workspace;

/* Makes an instance: checks the parameters and precomputes tables.
 * Fails ARG unknown kind; RANGE parameters out of range: they would overflow the field, give too
 * long an encoding, or too few proofs for the field (at least 3 with joint randomness over
 * Field64); MEMORY. *out is then NULL. */
EVH_MUST_USE evh_status evh_prio3_new(evh_prio3 **out, const evh_prio3_params *params);
void evh_prio3_free(evh_prio3 **prio3);

/* The instance's parameters with all defaults filled in, and its lengths. */
const evh_prio3_params *evh_prio3_params_of(const evh_prio3 *prio3);
const evh_prio3_sizes *evh_prio3_sizes_of(const evh_prio3 *prio3);

/* The length of aggregator agg_id's input share. */
size_t evh_prio3_input_share_len(const evh_prio3 *prio3, uint32_t agg_id);

/* Fails RANGE unless the sum of `reports` measurements is below the modulus in every result, so
 * that no aggregate can wrap. */
EVH_MUST_USE evh_status evh_prio3_check_capacity(const evh_prio3 *prio3, uint64_t reports);

/* Scratch memory for one thread; wiped after every call and when freed. Fails MEMORY. */
EVH_MUST_USE evh_status evh_prio3_workspace_new(evh_prio3_workspace **out, const evh_prio3 *prio3);
void evh_prio3_workspace_free(evh_prio3_workspace **workspace);

/* ---- client ---- */

typedef struct evh_prio3_shard_in {
    evh_view ctx;                /* application context, at most EVH_VDAF_CTX_BYTES_MAX; public */
    const uint8_t *nonce;        /* [EVH_PRIO3_NONCE_LEN]; public, random, never used twice */
    const evh_u128 *measurement; /* [measurement_count]; secret */
    size_t measurement_len;      /* integers, must be measurement_count */
} evh_prio3_shard_in;

typedef struct evh_prio3_shard_out {
    uint8_t *public_share;  /* [sizes.public_share]; may be NULL if that is 0 */
    uint8_t *leader_share;  /* [sizes.leader_share] */
    uint8_t *helper_shares; /* [(shares - 1) * sizes.helper_share], in the order of agg_id 1.. */
} evh_prio3_shard_out;

/* Splits a measurement into shares with fresh randomness.
 * Fails ARG wrong measurement_len or a ctx that is too long; RANGE a value that the instance does
 * not admit; RNG. The outputs are then all zero. */
EVH_MUST_USE evh_status evh_prio3_shard(const evh_prio3 *prio3, evh_prio3_workspace *workspace,
                                        const evh_prio3_shard_out *out,
                                        const evh_prio3_shard_in *in, const evh_rng *rng);

/* The same with given randomness: only for published vectors and for interoperability tests, since
 * randomness that is used twice gives the measurement away.
 *   rand   [sizes.rand]; secret, uniform, for this one call
 * Fails LENGTH wrong length of rand, and as above. */
EVH_MUST_USE evh_status evh_prio3_shard_with_rand(const evh_prio3 *prio3,
                                                  evh_prio3_workspace *workspace,
                                                  const evh_prio3_shard_out *out,
                                                  const evh_prio3_shard_in *in, evh_view rand);

/* ---- aggregators ---- */

/* What all reports of one task share. */
typedef struct evh_prio3_task {
    evh_view ctx;              /* application context, as the clients used it */
    const uint8_t *verify_key; /* [EVH_PRIO3_VERIFY_KEY_LEN]; secret from clients */
} evh_prio3_task;

/* One report as an aggregator sees it. */
typedef struct evh_prio3_report {
    const uint8_t *nonce; /* [EVH_PRIO3_NONCE_LEN] */
    evh_view public_share;
    evh_view input_share; /* this aggregator's own */
} evh_prio3_report;

/* Checks and expands the own input share and computes the own verifier share.
 *   state           [sizes.state]; secret; holds the output share, which is worth nothing before
 *                   verify_next accepts
 *   verifier_share  [sizes.verifier_share]; for the other aggregators
 * Fails ARG agg_id or ctx out of range; LENGTH, TRAILING, ENCODING malformed shares; RANGE the
 * query point is a root of unity (about once in 2^50 reports; the draft demands to give up then).
 */
EVH_MUST_USE evh_status evh_prio3_verify_init(const evh_prio3 *prio3,
                                              evh_prio3_workspace *workspace, uint8_t *state,
                                              uint8_t *verifier_share, const evh_prio3_task *task,
                                              uint32_t agg_id, const evh_prio3_report *report);

/* Combines the verifier shares of all aggregators, in the order of their ids, and decides.
 *   message  [sizes.verifier_message]; may be NULL if that is 0; all zero if rejected
 * Fails ARG count is not the number of shares; LENGTH, TRAILING, ENCODING. */
EVH_MUST_USE evh_status evh_prio3_verifier_shares_to_message(
    const evh_prio3 *prio3, evh_prio3_workspace *workspace, uint8_t *message,
    evh_prio3_verdict *verdict, evh_view ctx, const evh_view *verifier_shares, size_t count);

/* Finishes: compares the message with the state and hands out the output share.
 *   output_share  [sizes.output_share]; all zero if rejected
 *   state         consumed: wiped whatever the outcome; a second use fails ARG
 * Fails ARG a consumed state; LENGTH, TRAILING malformed message. */
EVH_MUST_USE evh_status evh_prio3_verify_next(const evh_prio3 *prio3, uint8_t *output_share,
                                              evh_prio3_verdict *verdict, uint8_t *state,
                                              evh_view message);

/* The aggregate share of no reports: all zero. */
void evh_prio3_aggregate_init(const evh_prio3 *prio3, uint8_t *aggregate_share);

/* Adds an output share, or another aggregate share of the same aggregator.
 *   aggregate_share  [sizes.aggregate_share]; in and out; unchanged on failure
 * Fails LENGTH, TRAILING, ENCODING either is malformed. */
EVH_MUST_USE evh_status evh_prio3_aggregate_add(const evh_prio3 *prio3, uint8_t *aggregate_share,
                                                evh_view output_share);

/* ---- collector ---- */

/* Adds the aggregate shares of all aggregators. As in the draft, a sum that exceeded the modulus
 * has wrapped: evh_prio3_check_capacity says beforehand whether it can.
 *   result  [result_count] integers below the modulus
 * Fails ARG count is not the number of shares; LENGTH, TRAILING,
 * ENCODING. */
EVH_MUST_USE evh_status evh_prio3_unshard(const evh_prio3 *prio3, evh_u128 *result,
                                          const evh_view *aggregate_shares, size_t count);

#endif
