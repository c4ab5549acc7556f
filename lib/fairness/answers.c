/* SPDX-License-Identifier: Apache-2.0
 * Questions of a plan: what the simultaneous intervals say about the tolerance. */
#include <math.h>
#include <stdlib.h>

#include "evaluation_internal.h"
#include "evenhand/base/sizes.h"

static const char *const verdict_names[] = {"insufficient_evidence", "within_tolerance",
                                            "exceeds_tolerance"};

const char *evh_verdict_name(evh_verdict verdict)
{
    return verdict_names[verdict];
}

static const char RECORDS_DEPEND[] =
    "records of one unit are counted as if they were independent of each other";
static const char UNITS_REPEAT[] = "a unit counts once in each of the groups that were summed";
static const char NO_REFERENCE[] = "nothing clear is known of the reference group";
static const char NO_RATES[] = "no two groups have rates that can be compared";
static const char GROUPS_MISSING[] = "nothing clear is known of some groups";
static const char WIDE[] = "the interval reaches over a bound of the tolerance";

static size_t count_declared(const evh_plan *plan, const evh_plan_grouping *grouping)
{
    size_t count = 0;
    for (size_t group = 0; group < grouping->group_count; group++)
        count += evh_plan_group_is_declared(plan, grouping, group);
    return count;
}

size_t evh_answer_comparison_count(const evh_plan *plan, const evh_plan_question *question)
{
    const evh_plan_grouping *grouping = evh_plan_grouping_at(plan, question->grouping);
    size_t groups = count_declared(plan, grouping);
    if (question->reference == EVH_NO_GROUP)
        return groups * (groups - (groups > 0)) / 2;
    return groups - evh_plan_group_is_declared(plan, grouping, question->reference);
}

static size_t kind_of(const evh_evaluation *e, const evh_plan_question *question)
{
    size_t kind = 0;
    while (e->kinds[kind].metric != question->metric ||
           e->kinds[kind].metric_class != question->metric_class)
        kind++;
    return kind;
}

static evh_verdict judge(const evh_interval *interval, double low, double high)
{
    if (interval->withheld != EVH_SHOWN)
        return EVH_INSUFFICIENT_EVIDENCE;
    if (interval->low >= low && interval->high <= high)
        return EVH_WITHIN_TOLERANCE;
    if (interval->low > high || interval->high < low)
        return EVH_EXCEEDS_TOLERANCE;
    return EVH_INSUFFICIENT_EVIDENCE;
}

/* How far a disparity is from none, to either side. */
static double distance(const evh_finding *finding, evh_plan_measure measure)
{
    if (!finding->estimate.defined)
        return -1;
    double value = finding->estimate.value;
    return measure == EVH_PLAN_RATIO ? fabs(log(value)) : fabs(value);
}

/* ---- the rates compared, with ends at the quantile of comparisons ---- */

static evh_status compared_rates(evh_finding **out, const evh_evaluation *e,
                                 const evh_answer *answer, size_t grouping)
{
    evh_status status = evh_ok();
    evh_cell_noise *noise = NULL;
    const evh_quantiles z = {.pointwise = e->pointwise_z, .simultaneous = e->comparison_z};
    size_t groups = evh_plan_grouping_at(e->plan, grouping)->group_count;
    EVH_TRY(evh_alloc(out, groups, sizeof **out, "rates"));
    EVH_TRY(evh_alloc(&noise, evh_plan_cells_per_group(e->plan), sizeof *noise, "noise"));
    for (size_t group = 0; group < groups; group++) {
        evh_evaluation_noise(noise, e, grouping, group);
        EVH_TRY(evh_evaluation_finding(&(*out)[group], e, answer->kind,
                                       evh_evaluation_cells(e, grouping, group, answer->model),
                                       noise, &z));
    }

done:
    free(noise);
    return status;
}

/* ---- against a reference ---- */

static void take_as_worst(evh_answer *out, const evh_comparison *comparison)
{
    out->gap = comparison->disparity;
    out->worst = comparison->group;
}

/* What exceeds the tolerance for certain is worse than what seems to. */
static bool is_worse(const evh_comparison *comparison, const evh_answer *than,
                     evh_verdict than_verdict, evh_plan_measure measure)
{
    bool exceeds = comparison->verdict == EVH_EXCEEDS_TOLERANCE;
    if (exceeds != (than_verdict == EVH_EXCEEDS_TOLERANCE))
        return exceeds;
    return distance(&comparison->disparity, measure) > distance(&than->gap, measure);
}

static void conclude(evh_answer *out, const evh_plan_question *question,
                     const evh_finding *reference)
{
    size_t exceeding = 0;
    size_t counted = 0;
    size_t missing = 0;
    evh_verdict worst = EVH_INSUFFICIENT_EVIDENCE;
    out->gap = evh_finding_withheld(EVH_WITHHELD_UNDEFINED);
    for (size_t i = 0; i < out->comparison_count; i++) {
        const evh_comparison *comparison = &out->comparisons[i];
        if (!comparison->counted)
            continue;
        counted++;
        exceeding += comparison->verdict == EVH_EXCEEDS_TOLERANCE;
        out->undecided += comparison->verdict == EVH_INSUFFICIENT_EVIDENCE;
        missing += comparison->disparity.withheld != EVH_SHOWN;
        if (out->worst == EVH_NO_GROUP || is_worse(comparison, out, worst, question->measure)) {
            take_as_worst(out, comparison);
            worst = comparison->verdict;
        }
    }
    if (exceeding > 0)
        out->verdict = EVH_EXCEEDS_TOLERANCE;
    else if (counted > 0 && out->undecided == 0)
        out->verdict = EVH_WITHIN_TOLERANCE;
    else if (reference->withheld != EVH_SHOWN)
        out->reason = NO_REFERENCE;
    else if (counted == 0)
        out->reason = NO_RATES;
    else
        out->reason = missing > 0 ? GROUPS_MISSING : WIDE;
}

static evh_status against_reference(evh_answer *out, const evh_evaluation *e,
                                    const evh_plan_question *question, const evh_finding *rates)
{
    evh_status status = evh_ok();
    const evh_plan_grouping *grouping = evh_plan_grouping_at(e->plan, question->grouping);
    EVH_TRY(evh_alloc(&out->comparisons, grouping->group_count, sizeof *out->comparisons,
                      "comparisons"));
    out->other = question->reference;
    for (size_t group = 0; group < grouping->group_count; group++) {
        if (group == question->reference)
            continue;
        evh_comparison *next = &out->comparisons[out->comparison_count++];
        next->group = group;
        next->counted = evh_plan_group_is_declared(e->plan, grouping, group);
        next->disparity = evh_pair_disparity(e, out->kind, &rates[group],
                                             &rates[question->reference], question->measure);
        if (next->counted)
            next->verdict =
                judge(&next->disparity.simultaneous, out->tolerance_low, out->tolerance_high);
        else
            next->disparity.simultaneous = (evh_interval){.withheld = EVH_WITHHELD_NOT_ASKED};
    }
    conclude(out, question, &rates[question->reference]);

done:
    return status;
}

/* ---- largest against smallest ---- */

/* The errors of a ratio are those of smallest / largest, as the ratio is. */
static void fill_gap(evh_answer *out, const evh_spread_finding *spread, const evh_finding *rates,
                     evh_plan_measure measure)
{
    bool ratio = measure == EVH_PLAN_RATIO;
    const evh_finding *largest = &rates[spread->largest];
    const evh_finding *smallest = &rates[spread->smallest];
    out->gap.estimate = ratio ? spread->ratio_corrected : spread->difference_corrected;
    out->gap.raw = ratio ? spread->ratio.value : spread->difference.value;
    const evh_finding pair = ratio ? evh_finding_ratio(smallest, largest)
                                   : evh_finding_difference(largest, smallest, INFINITY);
    out->gap.sampling_sd = pair.sampling_sd;
    out->gap.privacy_sd = pair.privacy_sd;
}

static void among_all(evh_answer *out, const evh_evaluation *e, const evh_plan_question *question,
                      const evh_finding *rates)
{
    const evh_spread_finding *spread =
        &e->groupings[question->grouping].spreads[out->kind * e->model_count + out->model];
    out->gap = evh_finding_withheld(EVH_WITHHELD_UNDEFINED);
    out->reason = NO_RATES;
    if (spread->compared < 2)
        return;
    evh_worse worse = evh_metric_worse(e->kinds[out->kind].metric);
    out->worst = worse == EVH_WORSE_HIGH ? spread->largest : spread->smallest;
    out->other = worse == EVH_WORSE_HIGH ? spread->smallest : spread->largest;
    out->gap = (evh_finding){.withheld = EVH_SHOWN};
    fill_gap(out, spread, rates, question->measure);
    const evh_pairs_asked pairs = {question->grouping, out->kind, question->measure, rates};
    size_t missing = evh_pairs_interval(&out->gap.simultaneous, e, &pairs);
    missing +=
        count_declared(e->plan, e->groupings[question->grouping].grouping) - spread->compared;
    out->gap.pointwise = out->gap.simultaneous;
    out->undecided = missing;
    out->verdict = judge(&out->gap.simultaneous, out->tolerance_low, out->tolerance_high);
    out->reason = NULL;
    if (out->verdict == EVH_WITHIN_TOLERANCE && missing > 0)
        out->verdict = EVH_INSUFFICIENT_EVIDENCE;
    if (out->verdict == EVH_INSUFFICIENT_EVIDENCE)
        out->reason = missing > 0 ? GROUPS_MISSING : WIDE;
}

/* ---- one answer ---- */

static void set_tolerance(evh_answer *out, const evh_plan_question *question)
{
    out->tolerance = evh_decimal_to_double(question->tolerance);
    bool ratio = question->measure == EVH_PLAN_RATIO;
    out->tolerance_low = ratio ? out->tolerance : -out->tolerance;
    out->tolerance_high = ratio ? 1 / out->tolerance : out->tolerance;
}

/* Where the sampling part is not to be trusted there is no verdict. */
static void heed_caveats(evh_answer *out, unsigned caveats)
{
    if (caveats == 0)
        return;
    out->verdict = EVH_INSUFFICIENT_EVIDENCE;
    out->reason = (caveats & EVH_ASSUMES_INDEPENDENT_RECORDS) != 0 ? RECORDS_DEPEND : UNITS_REPEAT;
    if (out->comparison_count > 0)
        out->undecided = 0;
    for (size_t i = 0; i < out->comparison_count; i++) {
        out->comparisons[i].verdict = EVH_INSUFFICIENT_EVIDENCE;
        out->undecided += out->comparisons[i].counted;
    }
}

evh_status evh_answer_fill(evh_answer *out, const evh_evaluation *e, size_t question, size_t model)
{
    evh_status status = evh_ok();
    evh_finding *rates = NULL;
    const evh_plan_question *asked = &evh_plan_terms_of(e->plan)->questions[question];
    *out = (evh_answer){.question = question,
                        .model = model,
                        .kind = kind_of(e, asked),
                        .worst = EVH_NO_GROUP,
                        .other = EVH_NO_GROUP};
    set_tolerance(out, asked);
    EVH_TRY(compared_rates(&rates, e, out, asked->grouping));
    if (asked->reference == EVH_NO_GROUP)
        among_all(out, e, asked, rates);
    else
        EVH_TRY(against_reference(out, e, asked, rates));
    heed_caveats(out, e->groupings[asked->grouping].caveats);

done:
    free(rates);
    return status;
}
