/* SPDX-License-Identifier: Apache-2.0
 * service/results.h: the released result of a round, as far as a customer can check it.
 * Source   docs/customer/sending.md              Secret   nothing
 * Memory   one document                          Tests    unit/service/test_results.c */
#ifndef EVH_SERVICE_RESULTS_H
#define EVH_SERVICE_RESULTS_H

#include "evenhand/report/result.h"
#include "evenhand/service/mirror.h"
#include "evenhand/service/site.h"

/* Fetches result.json and holds it against the log: its hash and sums are those of the ResultEntry,
 * which the collector has signed and which is in the mirror, and it is about this very round.
 *   json    replaced by the document; its ceiling bounds it
 *   result  the same, read; free with evh_result_free; NULL on failure
 * Fails    ARG the round is not collected; PRIVACY a document that is not the one in the log, or says
 *          something else; as a call; MEMORY */
EVH_MUST_USE evh_status evh_results_fetch(evh_site *site, evh_buffer *json, evh_result **result,
                                          const evh_mirror_round *round);

/* Writes the document into the folder LEDGER.results, as PLAN_ID-ROUND.json with 16 digits of the
 * plan's id, unless it is there.
 *   path  of the file
 *   new   false when it was there
 * Fails    as above; STORE */
EVH_MUST_USE evh_status evh_results_keep(evh_site *site, char path[EVH_PATH_BYTES_MAX], bool *new,
                                         const evh_mirror_round *round);

#endif
