/* SPDX-License-Identifier: Apache-2.0
 * report/result_internal.h: the parts of result.json. */
#ifndef EVH_REPORT_RESULT_INTERNAL_H
#define EVH_REPORT_RESULT_INTERNAL_H

#include "evenhand/fairness/evaluation.h"
#include "evenhand/json/writer.h"
#include "evenhand/plan/groups.h"
#include "evenhand/report/findings.h"
#include "evenhand/report/result.h"

#define EVH_RESULT_FORMAT "evenhand-result"

/* Whether the facts fit the plan; fails as evh_result_write. */
evh_status evh_result_facts_check(const evh_result_facts *facts);

/* Checks the facts and evaluates the sums; free with evh_evaluation_free. Fails as
 * evh_result_write. */
evh_status evh_result_evaluate(evh_evaluation **out, const evh_result_facts *facts);

/* Appends result.json of facts that were evaluated; nothing on failure. Fails as evh_result_write. */
evh_status evh_result_write_evaluated(evh_buffer *out, const evh_result_facts *facts,
                                      const evh_evaluation *evaluation);

/* An upper bound on the epsilon of the plan's rounds so far; INFINITY when there is none. */
evh_status evh_result_spent(double *epsilon, const evh_result_facts *facts);

/* A hash in hex; "round". */
void evh_result_put_hash(evh_json *json, const char *key, const uint8_t *hash);
void evh_result_put_round(evh_json *json, const evh_result_facts *facts);

/* "groups": every group of every release and derived grouping. */
evh_status evh_result_put_groups(evh_json *json, const evh_result_facts *facts,
                                 const evh_evaluation *evaluation);

/* Variance of the noise of all customers together in the cells of a release,
 * [evh_plan_cells_per_group] of each release in turn; free() it. */
evh_status evh_result_release_variances(double **out, const evh_result_facts *facts);

#endif
