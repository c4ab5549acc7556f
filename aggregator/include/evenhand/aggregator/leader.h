/* SPDX-License-Identifier: Apache-2.0
 * aggregator/leader.h: the leader: its service methods for customers and collector, and its side of
 * the conversation with the helper. That side comes in pairs: one function makes a request from
 * what is stored, another takes the response. A request may be made and sent again at any time, and
 * a response taken again: lost, repeated and late answers change nothing.
 * Source   docs/reference/protocol.md          Secret, threads, memory  as aggregator/aggregator.h
 * Tests    unit/aggregator */
#ifndef EVH_AGGREGATOR_LEADER_H
#define EVH_AGGREGATOR_LEADER_H

#include "evenhand/aggregator/aggregator.h"

/* ---- the log ---- */

/* Appends an entry about people, plans or keys.
 *   entry  canonical LogEntry without a time
 * Fails    REFUSED when it is not endorsed or does not follow the rules; as evh_translog_append */
EVH_MUST_USE evh_status evh_leader_append(const evh_aggregator *self, evh_view entry);

/* Logs a population. The same one again is found and nothing is logged.
 *   population  canonical bytes (plan/population.h)
 *   index       of its entry
 * Fails    REFUSED another one of that name, or an accountant other than basic-1; ENCODING; as
 *          evh_translog_append */
EVH_MUST_USE evh_status evh_leader_add_population(const evh_aggregator *self, uint64_t *index,
                                                  evh_view population);

/* Logs a plan. The same one again is found and nothing is logged.
 *   plan     canonical bytes with noise (plan/canonical.h); its population must be in the log
 *   plan_id  [32]
 *   index    of its entry
 * Fails    REFUSED a draft, an unknown population, noise for another adjacency, noise that does not
 *          keep the plan's promise, or a population whose budget does not allow even one round;
 *          ENCODING; as evh_translog_append */
EVH_MUST_USE evh_status evh_leader_publish_plan(const evh_aggregator *self, uint8_t *plan_id,
                                                uint64_t *index, evh_view plan);

/* Logs that no further round of a plan is opened; open ones go on. Retiring again does nothing.
 * Fails REFUSED when there is no such plan. */
EVH_MUST_USE evh_status evh_leader_retire_plan(const evh_aggregator *self, uint64_t *index,
                                               const uint8_t *plan_id);

/* Signs the log as it is, and makes a CosignRequest from helper_size on, what the helper has. */
EVH_MUST_USE evh_status evh_leader_cosign_request(const evh_aggregator *self, evh_buffer *request,
                                                  uint64_t helper_size);

/* Takes a CosignResponse; *helper_size is what to ask with next. Fails KEY on a cosignature that
 * does not fit. */
EVH_MUST_USE evh_status evh_leader_take_cosignature(const evh_aggregator *self, evh_view response,
                                                    uint64_t *helper_size);

/* ---- opening ---- */

/* Opens a round: own key and random, its entry in the log.
 *   request   the PrepareRoundRequest that the helper has answered
 *   response  its PrepareRoundResponse
 * Fails    REFUSED when the round is open already, unknown or against the plan; KEY when the
 *          helper's key is not signed by it; as evh_translog_append */
EVH_MUST_USE evh_status evh_leader_open_round(const evh_aggregator *self,
                                              uint8_t task_id[EVH_TASK_ID_LEN], evh_view request,
                                              evh_view response);

/* The exchange of randoms. Making the request fails REFUSED until the helper has cosigned the
 * round's entry; taking the response fails KEY when the random is not what the log commits to. */
EVH_MUST_USE evh_status evh_leader_reveal_request(const evh_aggregator *self, evh_buffer *request,
                                                  const uint8_t *task_id);
EVH_MUST_USE evh_status evh_leader_take_reveal(const evh_aggregator *self, const uint8_t *task_id,
                                               evh_view response);

/* ---- customers ---- */

/* How many bytes an encoded Report of a round has at most: to be asked before one is received.
 * Fails REFUSED when there is no such round. */
EVH_MUST_USE evh_status evh_leader_report_bytes_max(const evh_aggregator *self, size_t *bytes_max,
                                                    const uint8_t *task_id);

/* Upload: a whole encoded Report, answered with a Receipt. The same report again gets the same
 * receipt.
 * Fails    REFUSED another's report, a customer that is not on the roster, a round that is not
 *          open, past its deadline or full, a second report, an old ledger; KEY a wrong signature;
 *          ENCODING, LENGTH malformed */
EVH_MUST_USE evh_status evh_leader_upload(const evh_aggregator *self, const evh_caller *caller,
                                          evh_view report, evh_buffer *receipt);

/* GetStatus, of the caller's own report. Fails REFUSED for another's. */
EVH_MUST_USE evh_status evh_leader_get_status(const evh_aggregator *self, const evh_caller *caller,
                                              evh_view request, evh_buffer *response);

/* ---- aggregation ---- */

/* Makes an AggregateRequest of at most `most` reports: the oldest job without an answer if there is
 * one, else a new one. request stays empty when nothing is left to do. Fails REFUSED unless the
 * round is open or closed and revealed. */
EVH_MUST_USE evh_status evh_leader_next_job(const evh_aggregator *self, evh_buffer *request,
                                            const uint8_t *task_id, size_t most);

/* Takes the AggregateResponse to such a request. An answer that cannot be right drops the whole
 * job: its reports are rejected. Fails REFUSED when the response is not one to this request. */
EVH_MUST_USE evh_status evh_leader_take_answers(const evh_aggregator *self, evh_view request,
                                                evh_view response);

/* ---- the end ---- */

/* Closes a round: no more uploads. Closing it again does nothing. Fails REFUSED after that. */
EVH_MUST_USE evh_status evh_leader_close_round(const evh_aggregator *self, const uint8_t *task_id);

/* Logs that uploads to an open round are taken until a later deadline. The same deadline again does
 * nothing. Fails REFUSED for a round that is not open, or an earlier deadline. */
EVH_MUST_USE evh_status evh_leader_extend_round(const evh_aggregator *self, const uint8_t *task_id,
                                                uint64_t deadline_ms);

/* Makes an AgreeRequest. Fails REFUSED unless the round is closed and every report has been dealt
 * with. */
EVH_MUST_USE evh_status evh_leader_agree_request(const evh_aggregator *self, evh_buffer *request,
                                                 const uint8_t *task_id);

typedef enum evh_agreement {
    EVH_AGREEMENT_REACHED, /* logged */
    EVH_AGREEMENT_DROPPED, /* jobs were dropped: ask again */
    EVH_AGREEMENT_VOID     /* the round is void, logged */
} evh_agreement;

/* Takes the AgreeResponse. Fails KEY when the helper has not signed the batch; REFUSED. */
EVH_MUST_USE evh_status evh_leader_take_agreement(const evh_aggregator *self, evh_agreement *out,
                                                  const uint8_t *task_id, evh_view response);

/* Makes a CommitShareRequest; takes the response and logs both commitments. Fails REFUSED unless
 * agreed. */
EVH_MUST_USE evh_status evh_leader_commit_request(const evh_aggregator *self, evh_buffer *request,
                                                  const uint8_t *task_id);
EVH_MUST_USE evh_status evh_leader_take_commitment(const evh_aggregator *self,
                                                   const uint8_t *task_id, evh_view response);

/* PublishResult, for the collector: logs the result and ends the round. Fails REFUSED another
 * caller, a round that is not so far, another result than before; KEY a wrong signature. */
EVH_MUST_USE evh_status evh_leader_publish_result(const evh_aggregator *self,
                                                  const evh_caller *caller, evh_view request,
                                                  evh_buffer *response);

/* GetResult, for any caller. Fails REFUSED when there is no such round; UNAVAILABLE when it has no
 * result yet, REFUSED when it never will; ENCODING, LENGTH. */
EVH_MUST_USE evh_status evh_leader_get_result(const evh_aggregator *self, const evh_caller *caller,
                                              evh_view request, evh_buffer *response);

/* Voids a round that has not been collected.
 *   reason  a VoidReason of proto/log.proto
 * Fails    REFUSED; ARG no such reason */
EVH_MUST_USE evh_status evh_leader_void_round(const evh_aggregator *self, const uint8_t *task_id,
                                              uint32_t reason);

#endif
