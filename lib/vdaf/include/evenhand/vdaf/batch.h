/* SPDX-License-Identifier: Apache-2.0
 * vdaf/batch.h: many reports with the same parameters in one call.
 * Each report has its own status and verdict: a malformed or false one never disturbs the others.
 * Source   draft-irtf-cfrg-vdaf-20 section 7; the same messages as vdaf/prio3.h, one by one
 * Secret   as in vdaf/prio3.h          Threads  one workspace per thread
 * Memory   allocates nothing           Tests    unit/vdaf/test_batch.c */
#ifndef EVH_VDAF_BATCH_H
#define EVH_VDAF_BATCH_H

#include "evenhand/vdaf/ping_pong.h"
#include "evenhand/vdaf/prio3.h"

/* One measurement to be sharded; see evh_prio3_shard. */
typedef struct evh_prio3_shard_item {
    evh_prio3_shard_in in;
    evh_prio3_shard_out out;
    evh_status status; /* out */
} evh_prio3_shard_item;

/* Shards every item with fresh randomness. Fails as the first item that failed. */
EVH_MUST_USE evh_status evh_prio3_shard_batch(const evh_prio3 *prio3,
                                              evh_prio3_workspace *workspace,
                                              evh_prio3_shard_item *items, size_t count,
                                              const evh_rng *rng);

/* One report to be verified; see evh_prio3_verify_init. */
typedef struct evh_prio3_init_item {
    evh_prio3_report report;
    uint8_t *state;          /* out, [sizes.state] */
    uint8_t *verifier_share; /* out, [sizes.verifier_share] */
    evh_status status;       /* out */
} evh_prio3_init_item;

/* Every report of one aggregator. What goes wrong with a report is in its item only. */
void evh_prio3_verify_init_batch(const evh_prio3 *prio3, evh_prio3_workspace *workspace,
                                 const evh_prio3_task *task, uint32_t agg_id,
                                 evh_prio3_init_item *items, size_t count);

/* One report of the leader's message at the helper; see evh_ping_pong_helper. */
typedef struct evh_ping_pong_helper_item {
    evh_prio3_report report;
    evh_view inbound;             /* the leader's message */
    evh_ping_pong_helper_out out; /* its buffers are the caller's */
    evh_status status;            /* out */
} evh_ping_pong_helper_item;

/* The helper's whole part for every report of an aggregation job. */
void evh_ping_pong_helper_batch(const evh_prio3 *prio3, evh_prio3_workspace *workspace,
                                const evh_prio3_task *task, evh_ping_pong_helper_item *items,
                                size_t count);

/* Adds count output shares. The aggregate share is unchanged if any of them is malformed.
 * Fails LENGTH, TRAILING, ENCODING. */
EVH_MUST_USE evh_status evh_prio3_aggregate_add_batch(const evh_prio3 *prio3,
                                                      uint8_t *aggregate_share,
                                                      const evh_view *output_shares, size_t count);

#endif
