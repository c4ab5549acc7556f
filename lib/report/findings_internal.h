/* SPDX-License-Identifier: Apache-2.0
 * report/findings_internal.h: parts that findings are written from. */
#ifndef EVH_REPORT_FINDINGS_INTERNAL_H
#define EVH_REPORT_FINDINGS_INTERNAL_H

#include "evenhand/report/findings.h"

/* Release and model of what is about a whole grouping. */
void evh_findings_put_part(evh_json *json, const evh_evaluation *evaluation, size_t grouping,
                           size_t model);

/* "value", "low" and "high" of the pointwise interval, in an object that is open; or "value" null
 * and "withheld". */
void evh_findings_put_short_members(evh_json *json, const evh_finding *finding);

/* An object of these. */
void evh_findings_put_short(evh_json *json, const char *key, const evh_finding *finding);

/* What a rate of one group is compared with: all other groups, the best declared one, the reference
 * that the plan names, the first model. */
enum { EVH_AGAINST_NAMES = 4 };
extern const char *const evh_against_names[EVH_AGAINST_NAMES];

typedef struct evh_group_disparity {
    bool there; /* false where there is nothing to compare: a rate that is withheld, itself */
    evh_disparity found;
} evh_group_disparity;

/*   asked  grouping, kind, group, model; the rest is not read        Fails  MEMORY */
EVH_MUST_USE evh_status evh_group_disparities(evh_group_disparity out[EVH_AGAINST_NAMES],
                                              const evh_evaluation *evaluation,
                                              evh_disparity_asked asked);

/* ---- named measures ---- */

/* Calls `put` for each CDDPL of a grouping: every facet that the attributes but one make, with the
 * one as its stratum. `asked` is complete then.
 *   base   grouping, model, metric_class */
typedef evh_status evh_put_conditional(void *context, const evh_clarify_asked *asked);
EVH_MUST_USE evh_status evh_findings_each_conditional(const evh_evaluation *evaluation,
                                                      evh_clarify_asked base,
                                                      evh_put_conditional *put, void *context);

#endif
