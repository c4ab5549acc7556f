/* SPDX-License-Identifier: Apache-2.0
 * report/findings.h: what an evaluation found, as members of a JSON object: one form for result.json
 * and for a customer's own report.
 * Source   docs/reference/result.md, "Findings"; docs/reference/result.schema.json
 * Secret   as the evaluation that is written
 * Memory   the writer's buffer; transient         Threads  one thread per writer
 * Tests    unit/report/test_result.c, test_findings.c; integration/client/test_fairlearn.py */
#ifndef EVH_REPORT_FINDINGS_H
#define EVH_REPORT_FINDINGS_H

#include "evenhand/fairness/evaluation.h"
#include "evenhand/fairness/named.h"
#include "evenhand/json/writer.h"
#include "evenhand/plan/groups.h"
#include "evenhand/report/formats.h"

/* Failures of the writer are kept in it; a status here is of what is computed for the writing. */

/* "release", "model" where the plan names models, "group": where a number belongs. */
void evh_findings_put_place(evh_json *json, const evh_plan *plan, const evh_plan_grouping *grouping,
                            size_t group, size_t model);

/* "release": the attributes of a grouping. */
void evh_findings_put_release(evh_json *json, const evh_plan *plan,
                              const evh_plan_grouping *grouping);

/* {"accent": "arabic", ...}; null for EVH_NO_GROUP. */
void evh_findings_put_values(evh_json *json, const char *key, const evh_plan *plan,
                             const evh_plan_grouping *grouping, size_t group);

/* Null for what is not finite: the ends of a ratio's interval may be open. */
void evh_findings_put_number(evh_json *json, const char *key, double value);

/* A number that may not exist. */
void evh_findings_put_estimate(evh_json *json, const char *key, evh_estimate estimate);

/* A number with its intervals, and why it is not there if it is not. */
void evh_findings_put_finding(evh_json *json, const char *key, const evh_finding *finding);

/* "statistics": confidence, comparisons, quantiles. */
void evh_findings_put_statistics(evh_json *json, const evh_evaluation *evaluation);

/* "metrics": every rate that the cells can tell. */
void evh_findings_put_metrics(evh_json *json, const evh_evaluation *evaluation);

/* "rates", "findings", "disparities" of one group. Fails MEMORY */
EVH_MUST_USE evh_status evh_findings_put_group(evh_json *json, const evh_evaluation *evaluation,
                                               size_t grouping, size_t group, size_t model);

/* "disparities": how far the declared groups of every grouping are apart in every rate. */
void evh_findings_put_disparities(evh_json *json, const evh_evaluation *evaluation);

/* "named": the measures of Fairlearn and SageMaker Clarify; empty for cells that cannot tell them.
 * Fails MEMORY; RANGE sums that pass 63 bits */
EVH_MUST_USE evh_status evh_findings_put_named(evh_json *json, const evh_evaluation *evaluation);

/* The same of one grouping as tables for a terminal; nothing where there are none. Appends to
 * `out`. Fails as evh_findings_put_named */
EVH_MUST_USE evh_status evh_findings_named_text(evh_buffer *out, const evh_evaluation *evaluation,
                                                size_t grouping,
                                                const evh_result_terminal *terminal);

/* For a terminal: each question's sentence, verdict and plot (without questions the first rate of
 * every grouping), and the named measures of the groupings asked about. Appends to `out`, whole or not at all.
 * Fails    MEMORY; RANGE sums that pass 63 bits */
EVH_MUST_USE evh_status evh_findings_text(evh_buffer *out, const evh_evaluation *evaluation,
                                          const evh_result_terminal *terminal);

/* "questions": what the plan asks, and the verdicts. Fails MEMORY */
EVH_MUST_USE evh_status evh_findings_put_questions(evh_json *json,
                                                   const evh_evaluation *evaluation);

#endif
