/* SPDX-License-Identifier: Apache-2.0
 * Which rates follow from which cells. */
#include <string.h>

#include "evenhand/plan/groups.h"
#include "plan_internal.h"

static const char *const binary[] = {"accuracy",
                                     "error_rate",
                                     "selection_rate",
                                     "prevalence",
                                     "true_positive_rate",
                                     "false_positive_rate",
                                     "true_negative_rate",
                                     "false_negative_rate",
                                     "precision",
                                     "false_discovery_rate",
                                     "negative_predictive_value",
                                     "false_omission_rate",
                                     NULL};
static const char *const records[] = {"accuracy", "error_rate", NULL};
static const char *const classes[] = {"accuracy",  "error_rate",          "true_positive_rate",
                                      "precision", "false_negative_rate", "false_discovery_rate",
                                      NULL};
static const char *const wer[] = {"wer", NULL};
static const char *const sdi[] = {"wer", "substitution_rate", "deletion_rate", "insertion_rate",
                                  NULL};
static const char *const regression[] = {"mean_error", "mean_absolute_error", "mean_squared_error",
                                         NULL};
static const char *const events[] = {"event_rate", NULL};

static const char *const *metrics_of(const evh_plan_terms *terms)
{
    switch (terms->scorer) {
    case EVH_PLAN_BINARY:
        return binary;
    case EVH_PLAN_MULTICLASS:
        return terms->scoring.class_count > 0 ? classes : records;
    case EVH_PLAN_WER:
        return terms->scoring.detail_sdi ? sdi : wer;
    case EVH_PLAN_REGRESSION:
        return regression;
    case EVH_PLAN_EVENT:
        return events;
    }
    return events;
}

size_t evh_plan_metric_count(const evh_plan *plan)
{
    size_t count = 0;
    while (metrics_of(&plan->terms)[count] != NULL)
        count++;
    return count;
}

const char *evh_plan_metric_name(const evh_plan *plan, size_t metric)
{
    return metrics_of(&plan->terms)[metric];
}

bool evh_plan_metric_has_class(const evh_plan *plan, size_t metric)
{
    return plan->terms.scoring.class_count > 0 && metric >= 2;
}
