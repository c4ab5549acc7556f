/* SPDX-License-Identifier: Apache-2.0
 * fairness/evaluation.h: everything that the sums of one plan tell: rates, disparities, verdicts.
 * One code for a customer's exact counts and for released sums; without noise the privacy part of
 * every interval is 0. Deterministic: the same sums give the same numbers.
 * Source   docs/reference/metrics.md
 * Secret   exact counts, when it is given some, and all that is made of them
 * Threads  an evaluation is immutable once made: any
 * Memory   one tree, freed as one; borrows the plan
 * Tests    unit/fairness/test_evaluation.c, test_fairlearn.c; bench/coverage */
#ifndef EVH_FAIRNESS_EVALUATION_H
#define EVH_FAIRNESS_EVALUATION_H

#include "evenhand/fairness/interval.h"
#include "evenhand/plan/groups.h"
#include "evenhand/plan/plan.h"

#define EVH_NO_GROUP SIZE_MAX

/* How the sums came about. */
typedef struct evh_evaluation_options {
    uint32_t customers; /* whose noise is in the sums; 0: exact counts, there is no noise */
} evh_evaluation_options;

/* A rate that the cells can tell: a metric, or one of a class. */
typedef struct evh_rate_kind {
    const evh_metric *metric;
    size_t metric_class; /* SIZE_MAX unless metric->of_class */
    char *name;          /* "precision", "precision:cat" */
} evh_rate_kind;

/* Which way a rate is worse. */
typedef enum evh_worse { EVH_WORSE_NEITHER, EVH_WORSE_HIGH, EVH_WORSE_LOW } evh_worse;
evh_worse evh_metric_worse(const evh_metric *metric);

/* Why the sampling part of a grouping's intervals says less than it seems: flags. */
enum {
    EVH_ASSUMES_INDEPENDENT_RECORDS = 1, /* several records of a unit, or words, without squares */
    EVH_AVERAGES_UNIT_GROUP_PAIRS = 2    /* a unit counts once in each group that was summed */
};

/* How far the declared groups of a grouping are apart in one rate, for one model. `_other`,
 * `_missing` and withheld rates are not compared. */
typedef struct evh_spread_finding {
    size_t compared;         /* groups with a rate that is shown */
    size_t largest;          /* group, EVH_NO_GROUP without any */
    size_t smallest;         /* likewise */
    size_t worst;            /* the larger or the smaller; EVH_NO_GROUP when neither is worse */
    evh_estimate difference; /* largest - smallest, as Fairlearn */
    evh_estimate ratio;      /* smallest / largest, as Fairlearn */
    evh_estimate difference_corrected; /* without the upward bias of a maximum of uncertain rates */
    evh_estimate ratio_corrected;
} evh_spread_finding;

/* A release or a derived grouping. Arrays over groups have all of them: declared values, `_other`,
 * `_missing`, small and empty ones. */
typedef struct evh_grouping_findings {
    const evh_plan_grouping *grouping; /* borrowed from the plan */
    unsigned caveats;                  /* EVH_ASSUMES_..., EVH_AVERAGES_... */
    size_t *summed;                    /* [group] how many groups of the release each one adds up */
    int64_t *released;                 /* [group][model][cell], as summed */
    int64_t *totals;                   /* [model][cell] of all groups together */
    double *adjusted;   /* [group][model][cell]: none negative, totals as in other releases */
    evh_finding *rates; /* [kind][group][model] */
    evh_spread_finding *spreads; /* [kind][model] */
} evh_grouping_findings;

typedef enum evh_verdict {
    EVH_INSUFFICIENT_EVIDENCE,
    EVH_WITHIN_TOLERANCE,
    EVH_EXCEEDS_TOLERANCE
} evh_verdict;

/* "insufficient_evidence", "within_tolerance", "exceeds_tolerance". */
const char *evh_verdict_name(evh_verdict verdict);

/* One group against the reference. */
typedef struct evh_comparison {
    size_t group;
    bool counted;          /* for the verdict: declared values alone, not `_other`, `_missing` */
    evh_finding disparity; /* difference or ratio as the question asks; simultaneous if counted */
    evh_verdict verdict;   /* of this comparison alone; not counted: insufficient */
} evh_comparison;

/* A question, of one model. */
typedef struct evh_answer {
    size_t question; /* index in the plan */
    size_t model;    /* 0 without models */
    size_t kind;     /* index of the rate */
    evh_verdict verdict;
    const char *reason; /* a fixed sentence that says why the verdict is insufficient; else NULL */
    size_t undecided;   /* counted comparisons whose interval decides nothing */
    evh_finding gap;    /* with a reference: the worst comparison. Without: largest against
                          * smallest, corrected for its upward bias */
    size_t worst;       /* group furthest from the reference, or the worse end of the spread */
    size_t other;       /* what it is compared with */
    double tolerance;
    double tolerance_low; /* what lies between is tolerated: -0.05 and 0.05, or 0.8 and 1.25 */
    double tolerance_high;
    evh_comparison *comparisons; /* with a reference: all other groups */
    size_t comparison_count;
} evh_answer;

typedef struct evh_evaluation {
    const evh_plan *plan; /* borrowed */
    evh_cells_meaning meaning;
    uint32_t customers;  /* as in the options */
    double confidence;   /* pointwise, and of all comparisons together */
    size_t comparisons;  /* that the simultaneous intervals of disparities are for */
    double pointwise_z;  /* standard normal quantiles */
    double comparison_z; /* of disparities */
    double rate_z;       /* of the rates of questions */
    size_t model_count;  /* slots: 1 without models */
    size_t kind_count;
    evh_rate_kind *kinds;
    size_t grouping_count;
    evh_grouping_findings *groupings; /* in the plan's order */
    size_t answer_count;
    evh_answer *answers; /* in the order of questions, then models */
} evh_evaluation;

/* Evaluates the sums of all releases.
 *   out    NULL on failure; free with evh_evaluation_free
 *   plan   borrowed until then; with noise when options->customers > 0
 *   cells  [evh_plan_cell_count], customers' offsets taken off; may be negative
 * Fails    INPUT noise is to be in the sums and the plan has none; RANGE sums pass 53 bits; MEMORY
 * Cost     O(groups * rates), about 10 us each */
EVH_MUST_USE evh_status evh_evaluation_new(evh_evaluation **out, const evh_plan *plan,
                                           const int64_t *cells,
                                           const evh_evaluation_options *options);

/* Takes the address, accepts NULL, leaves NULL. */
void evh_evaluation_free(evh_evaluation **evaluation);

/* The rate of a group: an entry of evh_grouping_findings.rates. */
const evh_finding *evh_evaluation_rate(const evh_evaluation *evaluation, size_t grouping,
                                       size_t kind, size_t group, size_t model);

/* The declared group with the best rate, EVH_NO_GROUP when no rate is shown. */
size_t evh_evaluation_best(const evh_evaluation *evaluation, size_t grouping, size_t kind,
                           size_t model);

/* The group of a grouping that the plan's questions compare with: the first question about this rate
 * that names one, else the first about the grouping; EVH_NO_GROUP when none does. */
size_t evh_evaluation_reference(const evh_evaluation *evaluation, size_t grouping, size_t kind);

/* What a group is compared with. */
typedef enum evh_against {
    EVH_AGAINST_GROUP, /* the group named */
    EVH_AGAINST_REST,  /* all other groups of the grouping together, `_other` and `_missing` too */
    EVH_AGAINST_BEST   /* evh_evaluation_best: the smallest rate where high is worse, the largest
                        * where low is; of rates with no better side, the largest */
} evh_against;

/* One disparity with its pointwise interval (simultaneous: EVH_WITHHELD_NOT_ASKED).
 *   reference  read for EVH_AGAINST_GROUP only
 * A ratio is withheld (EVH_WITHHELD_UNCLEAR) unless the rate below the line is above 0 for certain,
 * as far as noise goes. Against the best, the best is taken as it was found: the interval does not
 * know that it was chosen. With several models both rates are of one model. */
typedef struct evh_disparity_asked {
    size_t grouping, kind, model;
    size_t group;
    evh_against against;
    size_t reference;
    evh_plan_measure measure;
} evh_disparity_asked;
EVH_MUST_USE evh_status evh_evaluation_disparity(evh_finding *out, const evh_evaluation *evaluation,
                                                 const evh_disparity_asked *asked);

/* Both measures: asked->measure is not read. */
typedef struct evh_disparity {
    evh_finding difference;
    evh_finding ratio;
} evh_disparity;
EVH_MUST_USE evh_status evh_evaluation_disparities(evh_disparity *out,
                                                   const evh_evaluation *evaluation,
                                                   const evh_disparity_asked *asked);

/* model - other, or model / other, of one group: models count the same records, so their errors
 * go together and the interval is wider than it need be. */
typedef struct evh_models_asked {
    size_t grouping, kind, group;
    size_t model, other;
    evh_plan_measure measure;
} evh_models_asked;
evh_finding evh_evaluation_models(const evh_evaluation *evaluation, const evh_models_asked *asked);

#endif
