/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/fairness/local.h"
#include "evenhand/plan/noise.h"
#include "plans.h"
#include "support/alloc_fail.h"
#include "tests.h"

static const evh_finding *rate(const evh_evaluation *e, const char *name, size_t group)
{
    return evh_evaluation_rate(e, 0, kind_named(e, name), group, 0);
}

static void test_new_without_noise_has_no_privacy_part(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_compas);
    evh_evaluation *e = evaluate(plan, compas_cells, 0);
    assert_int_equal(e->kind_count, 13);
    assert_int_equal(e->answer_count, 3);
    for (size_t kind = 0; kind < e->kind_count; kind++) {
        for (size_t group = 0; group < 6; group++) {
            const evh_finding *of = evh_evaluation_rate(e, 0, kind, group, 0);
            evh_estimate estimate;
            assert_ok(evh_fairness_estimate(&estimate, e->kinds[kind].metric, &e->meaning,
                                            compas_cells + group * 4, 0));
            assert_int_equal(of->withheld, EVH_SHOWN);
            assert_close(of->estimate.value, estimate.value, 1e-15);
            assert_true(of->privacy_sd == 0 && of->sampling_sd > 0);
            assert_true(of->pointwise.sampling_low == of->pointwise.low);
            assert_true(of->pointwise.sampling_high == of->pointwise.high);
            assert_true(of->pointwise.low < of->estimate.value &&
                        of->estimate.value < of->pointwise.high);
        }
        for (size_t group = 6; group < 8; group++) {
            const evh_finding *of = evh_evaluation_rate(e, 0, kind, group, 0);
            assert_int_equal(of->withheld, EVH_WITHHELD_UNDEFINED);
            assert_false(of->estimate.defined);
        }
    }
    assert_close(rate(e, "false_positive_rate", 0)->estimate.value, 805.0 / 1795, 1e-15);
    evh_evaluation_free(&e);
    assert_null(e);
    evh_plan_free(&plan);
}

static void test_new_gives_simultaneous_intervals_to_what_is_asked(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_compas);
    evh_evaluation *e = evaluate(plan, compas_cells, 0);
    /* Five against the reference, twice; 15 pairs of six groups. */
    assert_int_equal(e->comparisons, 25);
    assert_close(e->pointwise_z, 1.959963984540054, 1e-9);
    assert_close(erfc(e->comparison_z / sqrt(2)), 0.04 / 25, 1e-12);
    assert_close(erfc(e->rate_z / sqrt(2)), 0.01 / 24, 1e-12);
    assert_int_equal(rate(e, "accuracy", 0)->simultaneous.withheld, EVH_WITHHELD_NOT_ASKED);
    const evh_finding *asked = rate(e, "false_positive_rate", 0);
    assert_true(asked->simultaneous.low < asked->pointwise.low);
    assert_true(asked->simultaneous.high > asked->pointwise.high);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

static const char plan_events[] = "name: p\n"
                                  "scorer: event\n"
                                  "attributes: [{name: a, values: [x, y]}]\n"
                                  "releases: [[a]]\n"
                                  "privacy: {mechanism: discrete-laplace}\n"
                                  "questions:\n"
                                  "  - {id: q, metric: event_rate, by: a, tolerance: 0.1}\n";

/* Ends solve equations that can be solved by hand: 0 of 30, where two thirds of the chance of no
 * event are left over; and many, where Wilson's interval is exact enough. */
static void test_intervals_by_hand(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_events);
    const int64_t cells[] = {30, 0, 100000, 30000, 30, 30, 0, 0};
    evh_evaluation *e = evaluate(plan, cells, 0);
    const evh_finding *none = rate(e, "event_rate", 0);
    assert_true(none->pointwise.low == 0);
    assert_close(none->pointwise.high, 1 - pow(0.025 * 3 / 2, 1.0 / 30), 1e-9);
    const evh_finding *all = rate(e, "event_rate", 2);
    assert_true(all->pointwise.high == 1);
    assert_close(all->pointwise.low, pow(0.025 * 3 / 2, 1.0 / 30), 1e-9);
    assert_true(none->sampling_sd > 0 && all->sampling_sd > 0);
    const evh_finding *many = rate(e, "event_rate", 1);
    double z = e->pointwise_z;
    double middle = (0.3 + z * z / 2e5) / (1 + z * z / 1e5);
    double half = z * sqrt(0.21 / 1e5 + z * z / 4e10) / (1 + z * z / 1e5);
    assert_close(many->pointwise.low, middle - half, 5e-6);
    assert_close(many->pointwise.high, middle + half, 5e-6);
    assert_close(many->sampling_sd, sqrt(0.21 / 1e5), 1e-12);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

/* With many records the noise of both counts enters as the delta method says. */
static void test_noise_enters_by_its_variance(void **state)
{
    (void)state;
    evh_plan *plan = drafted_plan(plan_events);
    const int64_t cells[] = {100000, 30000, 100000, 30000, 0, 0, 0, 0};
    evh_evaluation *e = evaluate(plan, cells, 400);
    const evh_plan_noise *noise = evh_plan_noise_of(plan);
    double records = evh_noise_variance(&noise->classes[0]);
    double events = evh_noise_variance(&noise->classes[1]);
    const evh_finding *of = rate(e, "event_rate", 0);
    double privacy = 400 * (events + 0.09 * records) / 1e10;
    assert_close(of->privacy_sd, sqrt(privacy), 1e-12);
    assert_close(of->pointwise.high - of->pointwise.low,
                 2 * e->pointwise_z * sqrt(privacy + 0.21 / 1e5), 1e-5);
    double inner = of->pointwise.sampling_high - of->pointwise.sampling_low;
    double outer = of->pointwise.high - of->pointwise.low;
    assert_close(inner / outer, sqrt(0.21e-5 / (privacy + 0.21e-5)), 1e-9);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

/* A denominator that exceeds the normal quantile and not that of the noise's long tails: there is no
 * interval, so there is no rate. Words may be fewer than errors, which leaves the interval open. */
static void test_a_rate_without_an_interval_is_withheld(void **state)
{
    (void)state;
    evh_plan *plan = drafted_plan("name: p\nscorer: wer\nwer: {average: word}\n"
                                  "attributes: [{name: a, values: [x, y]}]\nreleases: [[a]]\n"
                                  "privacy: {words_per_unit: 10}\nconfidence: 0.999\n");
    size_t shown = 0;
    for (int64_t words = 0; words < 1000; words += 5) {
        const int64_t cells[] = {words, words / 5, words, -words / 5, 0, 0, 0, 0};
        evh_evaluation *e = evaluate(plan, cells, 2);
        for (size_t group = 0; group < 2; group++) {
            const evh_finding *of = evh_evaluation_rate(e, 0, 0, group, 0);
            if (of->withheld == EVH_SHOWN)
                assert_true(of->pointwise.withheld == EVH_SHOWN ||
                            of->pointwise.withheld == EVH_WITHHELD_IMPOSSIBLE);
            else
                assert_int_equal(of->withheld, EVH_WITHHELD_UNCLEAR);
            shown += of->withheld == EVH_SHOWN;
        }
        evh_evaluation_free(&e);
    }
    assert_in_range(shown, 10, 399);
    evh_plan_free(&plan);
}

/* The first rate of two customers with the noise of this epsilon, beside what it is without. */
static void check_little_noise(const char *scorer, const char *epsilon, const int64_t *cells,
                               double tolerance)
{
    char yaml[512];
    (void)snprintf(yaml, sizeof yaml,
                   "name: p\nscorer: %s\nattributes: [{name: a, values: [x, y]}]\n"
                   "releases: [[a]]\nprivacy: {epsilon: \"%s\"}\n",
                   scorer, epsilon);
    evh_plan *plan = drafted_plan(yaml);
    evh_evaluation *noised = evaluate(plan, cells, 2);
    evh_evaluation *exact = evaluate(plan, cells, 0);
    for (size_t group = 0; group < 4; group++) {
        const evh_finding *of = evh_evaluation_rate(noised, 0, 0, group, 0);
        const evh_finding *without = evh_evaluation_rate(exact, 0, 0, group, 0);
        assert_int_equal(of->withheld, EVH_SHOWN);
        assert_int_equal(of->pointwise.withheld, EVH_SHOWN);
        assert_true(of->pointwise.low <= of->estimate.value);
        assert_true(of->pointwise.high >= of->estimate.value);
        assert_close(of->pointwise.low, without->pointwise.low, tolerance);
        assert_close(of->pointwise.high, without->pointwise.high, tolerance);
    }
    evh_evaluation_free(&exact);
    evh_evaluation_free(&noised);
    evh_plan_free(&plan);
}

/* Noise that is hardly ever other than 0 has endless tails in units of its deviation, and changes
 * nothing. */
static void test_little_noise_leaves_intervals_as_they_are(void **state)
{
    (void)state;
    const int64_t counts[] = {4, 1, 2, 0, 10, 5, 1000, 999};
    const int64_t rates[] = {4, 100, 30, 20, 100, 10, 100, 2000, 800, 2, 0, 0};
    check_little_noise("event", "100", counts, 1e-9);
    check_little_noise("event", "20", counts, 0.05);
    check_little_noise("event", "8", counts, 0.2);
    check_little_noise("wer", "100", rates, 0.1);
}

static void test_unclear_and_impossible_rates_are_withheld(void **state)
{
    (void)state;
    evh_plan *plan = drafted_plan(plan_events);
    const int64_t cells[] = {200, 20, -3, 5, 5000, -900, 0, 0};
    evh_evaluation *e = evaluate(plan, cells, 1000);
    for (size_t group = 0; group < 2; group++) {
        const evh_finding *of = rate(e, "event_rate", group);
        assert_int_equal(of->withheld, EVH_WITHHELD_UNCLEAR);
        assert_false(of->estimate.defined);
        assert_int_equal(of->pointwise.withheld, EVH_WITHHELD_UNCLEAR);
    }
    const evh_finding *negative = rate(e, "event_rate", 2);
    assert_int_equal(negative->withheld, EVH_SHOWN);
    assert_int_equal(negative->pointwise.withheld, EVH_WITHHELD_IMPOSSIBLE);
    assert_close(negative->raw, -0.18, 1e-15);
    assert_true(negative->estimate.defined && negative->estimate.value == 0);
    assert_int_equal(e->answers[0].verdict, EVH_INSUFFICIENT_EVIDENCE);
    assert_non_null(e->answers[0].reason);
    assert_true(e->groupings[0].released[2] == -3 && e->groupings[0].released[5] == -900);
    assert_true(e->groupings[0].adjusted[2] == 0 && e->groupings[0].adjusted[5] == 0);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

static void test_verdict_with_reference(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_compas);
    evh_evaluation *e = evaluate(plan, compas_cells, 0);
    const evh_answer *fpr = &e->answers[0];
    assert_int_equal(fpr->verdict, EVH_EXCEEDS_TOLERANCE);
    assert_null(fpr->reason);
    assert_int_equal(fpr->worst, 0);
    assert_int_equal(fpr->other, 1);
    assert_close(fpr->gap.estimate.value, 805.0 / 1795 - 349.0 / 1488, 1e-15);
    assert_true(fpr->gap.simultaneous.low > 0.05);
    assert_int_equal(fpr->comparison_count, 7);
    assert_true(fpr->comparisons[0].counted);
    assert_false(fpr->comparisons[5].counted);
    assert_int_equal(fpr->comparisons[5].group, 6);
    assert_int_equal(fpr->undecided, 4);
    assert_close(fpr->tolerance_low, -0.05, 0);
    const evh_answer *di = &e->answers[2];
    assert_int_equal(di->verdict, EVH_EXCEEDS_TOLERANCE);
    assert_close(di->gap.estimate.value, (2174.0 / 3696) / (854.0 / 2454), 1e-14);
    assert_close(di->tolerance_high, 1.25, 0);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

static void test_verdict_of_largest_against_smallest(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_compas);
    evh_evaluation *e = evaluate(plan, compas_cells, 0);
    const evh_answer *fnr = &e->answers[1];
    assert_int_equal(fnr->verdict, EVH_EXCEEDS_TOLERANCE);
    assert_int_equal(fnr->worst, 3);
    assert_int_equal(fnr->other, 5);
    assert_int_equal(fnr->comparison_count, 0);
    assert_close(fnr->gap.raw, 90.0 / 133 - 1.0 / 10, 1e-15);
    assert_true(fnr->gap.estimate.value < fnr->gap.raw); /* ten persons may be extreme by chance */
    assert_true(fnr->gap.simultaneous.low > 0.1);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

/* Equal groups of growing size: first nothing is known, then that they are alike. */
static void test_verdict_within_tolerance_needs_evidence(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_events);
    const int64_t few[] = {50, 15, 50, 15, 0, 0, 0, 0};
    const int64_t many[] = {5000, 1500, 5000, 1500, 0, 0, 0, 0};
    const int64_t one[] = {5000, 1500, 0, 0, 70, 70, 0, 0};
    evh_evaluation *e = evaluate(plan, few, 0);
    assert_int_equal(e->answers[0].verdict, EVH_INSUFFICIENT_EVIDENCE);
    assert_non_null(e->answers[0].reason);
    evh_evaluation_free(&e);
    e = evaluate(plan, many, 0);
    assert_int_equal(e->answers[0].verdict, EVH_WITHIN_TOLERANCE);
    assert_null(e->answers[0].reason);
    assert_close(e->answers[0].gap.estimate.value, 0, 1e-15);
    evh_evaluation_free(&e);
    e = evaluate(plan, one, 0);
    assert_int_equal(e->answers[0].verdict, EVH_INSUFFICIENT_EVIDENCE);
    assert_false(e->answers[0].gap.estimate.defined);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

static const char plan_repeated[] = "name: p\n"
                                    "scorer: event\n"
                                    "attributes: [{name: a, values: [x, y]}]\n"
                                    "releases: [[a]]\n"
                                    "privacy: {records_per_unit: 2}\n"
                                    "questions:\n"
                                    "  - {id: q, metric: event_rate, by: a, tolerance: 0.1}\n"
                                    "  - {id: r, metric: event_rate, by: a, reference: x, "
                                    "tolerance: 0.1}\n";

static void test_no_verdict_where_records_depend(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_repeated);
    const int64_t cells[] = {5000, 1500, 5000, 1500, 0, 0, 0, 0};
    evh_evaluation *e = evaluate(plan, cells, 0);
    assert_int_equal(e->groupings[0].caveats, EVH_ASSUMES_INDEPENDENT_RECORDS);
    assert_int_equal(e->answers[0].verdict, EVH_INSUFFICIENT_EVIDENCE);
    assert_non_null(strstr(e->answers[0].reason, "independent"));
    assert_int_equal(e->answers[0].gap.simultaneous.withheld, EVH_SHOWN);
    assert_int_equal(e->answers[1].comparisons[0].verdict, EVH_INSUFFICIENT_EVIDENCE);
    assert_int_equal(e->answers[1].undecided, 1);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

static const char plan_speakers[] =
    "name: p\n"
    "scorer: wer\n"
    "models: [old, new]\n"
    "attributes: [{name: accent, values: [x, y]}, {name: noise, values: [quiet]}]\n"
    "releases: [[accent, noise]]\n"
    "derive: [[accent]]\n"
    "privacy: {records_per_unit: 4, groups_per_unit: 2}\n"
    "questions:\n"
    "  - {id: q, metric: wer, by: [accent, noise], tolerance: 0.1}\n"
    "  - {id: d, metric: wer, by: accent, reference: x, tolerance: 0.1, model: new}\n";

/* units, sum, squares of two accents in quiet; the squares say how much speakers differ. */
static void test_speakers_are_what_counts(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_speakers);
    int64_t cells[4 * 3 * 2 * 3] = {0};
    const int64_t alike[] = {400, 8000, 1600 + 100};   /* sd 5 */
    const int64_t unlike[] = {400, 8000, 1600 + 1600}; /* sd 20 */
    memcpy(cells + evh_plan_cell_at(plan, 0, 0, 0, 0), alike, sizeof alike);
    memcpy(cells + evh_plan_cell_at(plan, 0, 0, 1, 0), alike, sizeof alike);
    memcpy(cells + evh_plan_cell_at(plan, 0, 3, 0, 0), unlike, sizeof unlike);
    memcpy(cells + evh_plan_cell_at(plan, 0, 3, 1, 0), unlike, sizeof unlike);
    evh_evaluation *e = evaluate(plan, cells, 0);
    const evh_finding *x = evh_evaluation_rate(e, 0, 0, 0, 0);
    const evh_finding *y = evh_evaluation_rate(e, 0, 0, 3, 0);
    /* 4.5 hundredths squared are what rounding loses on average. */
    assert_close(x->sampling_sd, sqrt(29.5) / 100 / 20, 1e-5);
    assert_close(y->sampling_sd, sqrt(404.5) / 100 / 20, 2e-5);
    assert_close(x->estimate.value, 0.2, 1e-15);
    assert_true(y->pointwise.high - y->pointwise.low > 3 * (x->pointwise.high - x->pointwise.low));
    assert_int_equal(e->groupings[0].caveats, 0);
    assert_int_equal(e->groupings[1].caveats, EVH_AVERAGES_UNIT_GROUP_PAIRS);
    assert_int_equal(e->answer_count, 3); /* each model, then one */
    assert_int_equal(e->answers[1].model, 1);
    assert_int_equal(e->answers[0].verdict, EVH_WITHIN_TOLERANCE);
    assert_int_equal(e->answers[2].model, 1);
    assert_int_equal(e->answers[2].verdict, EVH_INSUFFICIENT_EVIDENCE);
    assert_non_null(strstr(e->answers[2].reason, "summed"));
    const evh_models_asked models = {.model = 1, .other = 0};
    evh_finding gap = evh_evaluation_models(e, &models);
    assert_true(gap.estimate.defined && gap.estimate.value == 0);
    assert_true(gap.pointwise.low < 0 && gap.pointwise.high > 0);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

static void test_disparity_against_rest_and_best(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_compas);
    evh_evaluation *e = evaluate(plan, compas_cells, 0);
    evh_disparity_asked asked = {.kind = kind_named(e, "false_positive_rate"),
                                 .against = EVH_AGAINST_REST};
    evh_finding out;
    assert_ok(evh_evaluation_disparity(&out, e, &asked));
    assert_close(out.estimate.value,
                 805.0 / 1795 - (349.0 + 87 + 36 + 2 + 3) / (1488.0 + 405 + 244 + 23 + 8), 1e-14);
    assert_int_equal(out.simultaneous.withheld, EVH_WITHHELD_NOT_ASKED);
    asked.against = EVH_AGAINST_BEST;
    assert_ok(evh_evaluation_disparity(&out, e, &asked));
    assert_close(out.estimate.value, 805.0 / 1795 - 2.0 / 23, 1e-15);
    asked.measure = EVH_PLAN_RATIO;
    asked.against = EVH_AGAINST_GROUP;
    asked.reference = 1;
    assert_ok(evh_evaluation_disparity(&out, e, &asked));
    assert_close(out.estimate.value, (805.0 / 1795) / (349.0 / 1488), 1e-14);
    asked.reference = 7; /* nobody is _missing */
    assert_ok(evh_evaluation_disparity(&out, e, &asked));
    assert_int_equal(out.withheld, EVH_WITHHELD_UNDEFINED);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

/* Which groups rates are compared with, and no ratio to what may be noise. */
static void test_disparities_of_noised_sums(void **state)
{
    (void)state;
    evh_plan *plan = drafted_plan(plan_compas);
    int64_t cells[COMPAS_CELLS];
    memcpy(cells, compas_cells, sizeof cells);
    cells[4] = 3; /* hardly any positives among those with a reference's name */
    cells[5] = 2;
    evh_evaluation *e = evaluate(plan, cells, 10);
    const size_t selection = kind_named(e, "selection_rate");
    assert_int_equal(evh_evaluation_reference(e, 0, selection), 1);
    assert_int_equal(evh_evaluation_reference(e, 0, kind_named(e, "accuracy")), 1);
    assert_int_equal(evh_evaluation_best(e, 0, kind_named(e, "false_positive_rate"), 0), 1);
    evh_disparity both;
    assert_ok(evh_evaluation_disparities(
        &both, e,
        &(evh_disparity_asked){.kind = selection, .against = EVH_AGAINST_GROUP, .reference = 1}));
    assert_int_equal(both.difference.withheld, EVH_SHOWN);
    assert_int_equal(both.ratio.withheld, EVH_WITHHELD_UNCLEAR);
    assert_ok(evh_evaluation_disparities(
        &both, e, &(evh_disparity_asked){.kind = selection, .against = EVH_AGAINST_REST}));
    assert_int_equal(both.ratio.withheld, EVH_SHOWN);
    assert_true(both.ratio.privacy_sd > 0);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

/* A reference that may be 0 leaves the ratio open above; a ratio to 0 does not exist. */
static void test_ratio_to_small_references(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_events);
    const int64_t cells[] = {1000, 100, 30, 0, 0, 0, 0, 0};
    evh_evaluation *e = evaluate(plan, cells, 0);
    const evh_disparity_asked asked = {
        .against = EVH_AGAINST_GROUP, .reference = 1, .measure = EVH_PLAN_RATIO};
    evh_finding out;
    assert_ok(evh_evaluation_disparity(&out, e, &asked));
    assert_false(out.estimate.defined);
    assert_int_equal(out.pointwise.withheld, EVH_SHOWN);
    assert_true(out.pointwise.low > 0.5 && isinf(out.pointwise.high));
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

static const char plan_ratio[] = "name: p\n"
                                 "scorer: event\n"
                                 "attributes: [{name: a, values: [x, y]}]\n"
                                 "releases: [[a]]\n"
                                 "privacy: {mechanism: discrete-laplace}\n"
                                 "questions:\n"
                                 "  - {id: q, metric: event_rate, by: a, reference: y,\n"
                                 "     measure: ratio, tolerance: 0.8}\n";

/* Noise may lead a reference below 0 altogether: then no ratio agrees with the sums, and none is
 * outside of the tolerance for certain. */
static void test_ratio_to_impossible_reference(void **state)
{
    (void)state;
    evh_plan *plan = drafted_plan(plan_ratio);
    const int64_t cells[] = {5000, 900, 5000, -900, 0, 0, 0, 0};
    evh_evaluation *e = evaluate(plan, cells, 100);
    assert_int_equal(rate(e, "event_rate", 1)->pointwise.withheld, EVH_WITHHELD_IMPOSSIBLE);
    assert_int_equal(e->answers[0].verdict, EVH_INSUFFICIENT_EVIDENCE);
    assert_int_equal(e->answers[0].comparisons[0].disparity.withheld, EVH_WITHHELD_UNDEFINED);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

/* The rarer outcome of very many records is counted, whichever it is. */
static void test_intervals_of_huge_counts(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_events);
    const int64_t n = INT64_C(1) << 50;
    const int64_t cells[] = {n, 3, n, n - 3, 0, 0, 0, 0};
    evh_evaluation *e = evaluate(plan, cells, 0);
    const evh_interval *few = &rate(e, "event_rate", 0)->pointwise;
    const evh_interval *most = &rate(e, "event_rate", 1)->pointwise;
    assert_close(few->high * (double)n, 8.4, 0.2);
    assert_close((1 - most->low) * (double)n, 8.4, 0.4); /* in steps of the numbers below 1 */
    assert_true(most->high < 1 && few->low > 0);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

static void test_new_refuses(void **state)
{
    (void)state;
    evh_plan *plan = draft_without_noise(plan_events);
    evh_evaluation *e = NULL;
    int64_t cells[] = {1, 1, 1, 1, 1, 1, 1, 1};
    const evh_evaluation_options noisy = {.customers = 1};
    assert_fails_with(evh_evaluation_new(&e, plan, cells, &noisy), EVH_ERR_INPUT, "without noise");
    assert_null(e);
    const evh_evaluation_options exact = {.customers = 0};
    cells[0] = INT64_C(1) << 60;
    assert_fails(evh_evaluation_new(&e, plan, cells, &exact), EVH_ERR_RANGE);
    assert_null(e);
    evh_plan_free(&plan);
}

static const char plan_three_releases[] =
    "name: p\n"
    "scorer: event\n"
    "attributes:\n"
    "  - {name: a, values: [a1, a2]}\n"
    "  - {name: b, values: [b1]}\n"
    "  - {name: half, from: a, map: {low: [a1], high: [a2]}}\n"
    "releases: [[a], [half, b], [b]]\n"
    "privacy: {mechanism: discrete-laplace}\n";

static double sum_of(const evh_plan *plan, const evh_evaluation *e, size_t release, size_t groups,
                     size_t cell)
{
    double sum = 0;
    (void)plan;
    for (size_t group = 0; group < groups; group++)
        sum += e->groupings[release].adjusted[group * 2 + cell];
    return sum;
}

static void test_adjusted_sums_agree_and_are_nearest(void **state)
{
    (void)state;
    evh_plan *plan = drafted_plan(plan_three_releases);
    int64_t cells[(4 + 12 + 3) * 2] = {0};
    assert_int_equal(evh_plan_cell_count(plan), sizeof cells / sizeof cells[0]);
    cells[evh_plan_cell_at(plan, 0, 0, 0, 0)] = 100; /* a1 */
    cells[evh_plan_cell_at(plan, 0, 1, 0, 0)] = 50;  /* a2 */
    cells[evh_plan_cell_at(plan, 0, 2, 0, 0)] = -8;  /* _other */
    cells[evh_plan_cell_at(plan, 1, 0, 0, 0)] = 90;  /* b1, low */
    cells[evh_plan_cell_at(plan, 1, 1, 0, 0)] = 58;  /* b1, high */
    cells[evh_plan_cell_at(plan, 2, 0, 0, 0)] = 145; /* b1 */
    evh_evaluation *e = evaluate(plan, cells, 10);
    double total = sum_of(plan, e, 0, 4, 0);
    assert_close(sum_of(plan, e, 1, 12, 0), total, 1e-6);
    assert_close(sum_of(plan, e, 2, 3, 0), total, 1e-6);
    for (size_t release = 0; release < 3; release++)
        for (size_t i = 0; i < e->groupings[release].grouping->group_count * 2; i++)
            assert_true(e->groupings[release].adjusted[i] >= 0);
    /* a1 is low: both releases say the same of it. */
    const double *fine = e->groupings[1].adjusted;
    assert_close(e->groupings[0].adjusted[0], fine[0] + fine[4 * 2] + fine[8 * 2], 1e-6);
    assert_true(e->groupings[0].adjusted[0] > 90 && e->groupings[0].adjusted[0] < 100);
    assert_true(e->groupings[0].released[4] == -8);
    evh_evaluation_free(&e);
    e = evaluate(plan, cells, 0); /* exact counts stay as they are, but for what is negative */
    assert_true(e->groupings[0].adjusted[0] == 100 && e->groupings[1].adjusted[0] == 90);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

/* What is mapped from an attribute that two releases tell adds nothing to what they share: the
 * parts of 26 mapped attributes could not be numbered. */
static void test_adjusted_sums_with_many_mapped_attributes(void **state)
{
    (void)state;
    char yaml[4096];
    int len = snprintf(yaml, sizeof yaml,
                       "name: p\nscorer: event\nattributes:\n"
                       "  - {name: a, values: [a1, a2, a3]}\n  - {name: b, values: [b1]}\n"
                       "  - {name: c, values: [c1]}\n");
    for (int i = 0; i < 26; i++)
        len += snprintf(yaml + len, sizeof yaml - (size_t)len,
                        "  - {name: m%02d, from: a, map: {x: [a1], y: [a2], z: [a3]}}\n", i);
    (void)snprintf(yaml + len, sizeof yaml - (size_t)len,
                   "releases: [[a, b], [a, c]]\n"
                   "privacy: {mechanism: discrete-laplace}\n");
    evh_plan *plan = drafted_plan(yaml);
    int64_t cells[2 * 5 * 3 * 2] = {0};
    assert_int_equal(evh_plan_cell_count(plan), sizeof cells / sizeof cells[0]);
    cells[evh_plan_cell_at(plan, 0, 0, 0, 0)] = 100; /* a1, b1 */
    cells[evh_plan_cell_at(plan, 1, 0, 0, 0)] = 80;  /* a1, c1 */
    cells[evh_plan_cell_at(plan, 1, 3, 0, 0)] = 40;  /* a2, c1 */
    evh_evaluation *e = evaluate(plan, cells, 10);
    for (size_t a = 0; a < 5; a++) {
        double sums[2] = {0};
        for (size_t release = 0; release < 2; release++)
            for (size_t other = 0; other < 3; other++)
                sums[release] += e->groupings[release].adjusted[(a * 3 + other) * 2];
        assert_close(sums[0], sums[1], 1e-6);
        assert_true(a != 0 || (sums[0] > 80 && sums[0] < 100));
        assert_true(a != 1 || (sums[0] > 0 && sums[0] < 40));
    }
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
}

static evh_status evaluate_and_compare(void *context)
{
    evh_status status = evh_ok();
    static const int64_t cells[(4 + 12 + 3) * 2] = {100, 5, 90, 7, 20, 9, 50, 1, 2};
    evh_evaluation *all = NULL;
    evh_evaluation *site = NULL;
    evh_local_comparison *compared = NULL;
    size_t count = 0;
    evh_finding out;
    const evh_disparity_asked rest = {.against = EVH_AGAINST_REST};
    EVH_TRY(evh_evaluation_new(&all, context, cells, &(evh_evaluation_options){.customers = 6}));
    EVH_TRY(evh_evaluation_new(&site, context, cells, &(evh_evaluation_options){.customers = 0}));
    EVH_TRY(evh_local_compare(&compared, &count, site, all));
    EVH_TRY(evh_evaluation_disparity(&out, all, &rest));

done:
    free(compared);
    evh_evaluation_free(&all);
    evh_evaluation_free(&site);
    return status;
}

static void test_evaluation_out_of_memory(void **state)
{
    (void)state;
    evh_plan *plan = drafted_plan(plan_three_releases);
    assert_true(test_alloc_sweep(evaluate_and_compare, plan) > 20);
    evh_plan_free(&plan);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(evh_verdict_name(EVH_INSUFFICIENT_EVIDENCE), "insufficient_evidence");
    assert_string_equal(evh_verdict_name(EVH_WITHIN_TOLERANCE), "within_tolerance");
    assert_string_equal(evh_verdict_name(EVH_EXCEEDS_TOLERANCE), "exceeds_tolerance");
    assert_string_equal(evh_withheld_name(EVH_SHOWN), "shown");
    assert_string_equal(evh_withheld_name(EVH_WITHHELD_NOT_ASKED), "not_asked");
    assert_int_equal(evh_metric_worse(metric_of(EVH_CELLS_BINARY, "accuracy")), EVH_WORSE_LOW);
    assert_int_equal(evh_metric_worse(metric_of(EVH_CELLS_WER_UNITS, "word_error_rate")),
                     EVH_WORSE_HIGH);
    assert_int_equal(evh_metric_worse(metric_of(EVH_CELLS_EVENTS, "event_rate")),
                     EVH_WORSE_NEITHER);
}

int run_evaluation_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_without_noise_has_no_privacy_part),
        cmocka_unit_test(test_new_gives_simultaneous_intervals_to_what_is_asked),
        cmocka_unit_test(test_a_rate_without_an_interval_is_withheld),
        cmocka_unit_test(test_little_noise_leaves_intervals_as_they_are),
        cmocka_unit_test(test_intervals_by_hand),
        cmocka_unit_test(test_noise_enters_by_its_variance),
        cmocka_unit_test(test_unclear_and_impossible_rates_are_withheld),
        cmocka_unit_test(test_verdict_with_reference),
        cmocka_unit_test(test_verdict_of_largest_against_smallest),
        cmocka_unit_test(test_verdict_within_tolerance_needs_evidence),
        cmocka_unit_test(test_no_verdict_where_records_depend),
        cmocka_unit_test(test_speakers_are_what_counts),
        cmocka_unit_test(test_disparity_against_rest_and_best),
        cmocka_unit_test(test_disparities_of_noised_sums),
        cmocka_unit_test(test_ratio_to_small_references),
        cmocka_unit_test(test_ratio_to_impossible_reference),
        cmocka_unit_test(test_intervals_of_huge_counts),
        cmocka_unit_test(test_new_refuses),
        cmocka_unit_test(test_adjusted_sums_agree_and_are_nearest),
        cmocka_unit_test(test_adjusted_sums_with_many_mapped_attributes),
        cmocka_unit_test(test_evaluation_out_of_memory),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
