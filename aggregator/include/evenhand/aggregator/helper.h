/* SPDX-License-Identifier: Apache-2.0
 * aggregator/helper.h: the service methods of the helper (service Helper of proto/service.proto).
 * The helper believes nothing that the leader says: it checks the log's growth, every signature,
 * the roster, the minimum and the differencing rule itself. Repeating a call repeats its answer.
 * All of them fail REFUSED for a caller other than the leader, and ENCODING or LENGTH for a
 * malformed request.
 * Source   docs/reference/protocol.md          Secret, threads, memory  as aggregator/aggregator.h
 * Tests    unit/aggregator */
#ifndef EVH_AGGREGATOR_HELPER_H
#define EVH_AGGREGATOR_HELPER_H

#include "evenhand/aggregator/aggregator.h"

/* Cosign: takes the log's growth and cosigns. Fails REFUSED when the log does not grow, or an entry
 * is not what this helper would have agreed to. */
EVH_MUST_USE evh_status evh_helper_cosign(const evh_aggregator *self, const evh_caller *caller,
                                          evh_view request, evh_buffer *response);

/* PrepareRound: makes this round's key and random. The same request again gets the same answer;
 * another one, as long as the round is not open, replaces what was prepared. Fails REFUSED for an
 * unknown plan, a round that it does not have or that was opened before. */
EVH_MUST_USE evh_status evh_helper_prepare_round(const evh_aggregator *self,
                                                 const evh_caller *caller, evh_view request,
                                                 evh_buffer *response);

/* Reveal: exchanges the randoms of a round that is in the log. Fails KEY when the leader's is not
 * what the log commits to; REFUSED. */
EVH_MUST_USE evh_status evh_helper_reveal(const evh_aggregator *self, const evh_caller *caller,
                                          evh_view request, evh_buffer *response);

/* Aggregate: evaluates each report of a job, once. Fails REFUSED for a round that is not open here,
 * or a job id with other content. */
EVH_MUST_USE evh_status evh_helper_aggregate(const evh_aggregator *self, const evh_caller *caller,
                                             evh_view request, evh_buffer *response);

/* Agree: ends aggregation, and signs the batch if it is the same here, large enough and not too
 * close to an earlier one. Fails REFUSED for a second, different batch; KEY when the leader has not
 * signed it. */
EVH_MUST_USE evh_status evh_helper_agree(const evh_aggregator *self, const evh_caller *caller,
                                         evh_view request, evh_buffer *response);

/* CommitShare: the commitment to this helper's aggregate share. Fails REFUSED before agreement. */
EVH_MUST_USE evh_status evh_helper_commit_share(const evh_aggregator *self,
                                                const evh_caller *caller, evh_view request,
                                                evh_buffer *response);

#endif
