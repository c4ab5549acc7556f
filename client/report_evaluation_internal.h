/* SPDX-License-Identifier: Apache-2.0
 * client/report_evaluation_internal.h: intervals and verdicts in the JSON of `report` and `results`.
 */
#ifndef EVH_CLIENT_REPORT_EVALUATION_INTERNAL_H
#define EVH_CLIENT_REPORT_EVALUATION_INTERNAL_H

#include "evenhand/fairness/evaluation.h"
#include "evenhand/json/writer.h"

/* "intervals": every rate of a group, null where there is none. */
void evh_report_put_intervals(evh_json *json, const evh_evaluation *evaluation, size_t grouping,
                              size_t group, size_t model);

/* "questions": verdict, gap and interval of every question of the plan. */
void evh_report_put_questions(evh_json *json, const evh_evaluation *evaluation);

#endif
