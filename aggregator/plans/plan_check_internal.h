/* SPDX-License-Identifier: Apache-2.0
 * plan_check_internal.h: what `plan check` finds out, and how it shows it. */
#ifndef EVH_AGGREGATOR_PLAN_CHECK_INTERNAL_H
#define EVH_AGGREGATOR_PLAN_CHECK_INTERNAL_H

#include "evenhand/plan/groups.h"
#include "evenhand/plan/outlook.h"
#include "plan_files_internal.h"

typedef struct evh_plan_findings {
    evh_outlook_assumptions assumptions;
    double epsilon;       /* of one round, against whom the plan promises it */
    double epsilon_alone; /* of one round, when one customer's vector is seen by itself */
    uint32_t rounds;      /* that the population's budget affords */
    double units_that_fit;
} evh_plan_findings;

/* Write the findings to standard output. Fail MEMORY, STORE. */
EVH_MUST_USE evh_status evh_plan_findings_text(evh_cli *cli, const evh_plan_files *files,
                                               const evh_plan_findings *findings);
EVH_MUST_USE evh_status evh_plan_findings_json(evh_cli *cli, const evh_plan_files *files,
                                               const evh_plan_findings *findings);

#endif
