/* SPDX-License-Identifier: Apache-2.0
 * vdaf/ping_pong.h: the two-party message flow of Prio3: leader, helper, leader.
 * Source   draft-irtf-cfrg-vdaf-20 section 5.7 (ping-pong topology) for one round:
 *          a message is its type (1 byte), a length (4 bytes, big endian) and a payload.
 *          Type 0 initialize carries the leader's verifier share; type 2 finish carries the
 *          verifier message, which may be empty. Type 1 continue never occurs in Prio3.
 * Secret   as in vdaf/prio3.h          Threads  one workspace per thread
 * Memory   allocates nothing           Tests    unit/vdaf/test_ping_pong.c, tests/fuzz */
#ifndef EVH_VDAF_PING_PONG_H
#define EVH_VDAF_PING_PONG_H

#include "evenhand/vdaf/prio3.h"

/* Lengths of the leader's first message and of the helper's answer, in bytes. */
size_t evh_ping_pong_initial_len(const evh_prio3 *prio3);
size_t evh_ping_pong_final_len(const evh_prio3 *prio3);

/* Leader, first step: verify_init as aggregator 0.
 *   state     [sizes.state]; secret
 *   outbound  [evh_ping_pong_initial_len]
 * Fails ARG an instance that is not for two; as evh_prio3_verify_init. */
EVH_MUST_USE evh_status evh_ping_pong_leader_init(const evh_prio3 *prio3,
                                                  evh_prio3_workspace *workspace, uint8_t *state,
                                                  uint8_t *outbound, const evh_prio3_task *task,
                                                  const evh_prio3_report *report);

typedef struct evh_ping_pong_helper_out {
    uint8_t *output_share; /* [sizes.output_share]; all zero unless accepted */
    uint8_t *outbound;     /* [evh_ping_pong_final_len]; all zero unless accepted */
    evh_prio3_verdict verdict;
} evh_ping_pong_helper_out;

/* Helper, its only step: verify_init as aggregator 1, decide, finish.
 * Fails ARG an instance that is not for two; TYPE wrong message type; LENGTH, TRAILING, ENCODING a
 * malformed message or share; RANGE as evh_prio3_verify_init. */
EVH_MUST_USE evh_status evh_ping_pong_helper(const evh_prio3 *prio3, evh_prio3_workspace *workspace,
                                             evh_ping_pong_helper_out *out,
                                             const evh_prio3_task *task,
                                             const evh_prio3_report *report, evh_view inbound);

/* Leader, last step: verify_next on the helper's answer.
 *   output_share  [sizes.output_share]; all zero unless accepted
 *   state         consumed, whatever the outcome
 * Fails ARG a consumed state; TYPE, LENGTH, TRAILING malformed message. */
EVH_MUST_USE evh_status evh_ping_pong_leader_finish(const evh_prio3 *prio3, uint8_t *output_share,
                                                    evh_prio3_verdict *verdict, uint8_t *state,
                                                    evh_view inbound);

#endif
