/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "evenhand/base/secret.h"
#include "evenhand/base/sizes.h"
#include "facet_internal.h"

enum { CLASS_CELLS = 3 }; /* tp fp fn of each class */

static void add_noise(evh_cell_noise *to, const evh_cell_noise *more)
{
    to->variance += more->variance;
    to->fourth += more->fourth;
}

/* Records are the tp and fn of all classes: each has one label. */
static evh_status fill_class(evh_facet *out, const int64_t *cells, const evh_cell_noise *noise,
                             size_t classes, size_t class)
{
    evh_status status = evh_ok();
    int64_t others = 0;
    out->of_class = true;
    for (size_t i = 0; i < classes; i++) {
        const size_t at = i * CLASS_CELLS;
        if (i == class)
            continue;
        EVH_REQUIRE(evh_i64_add(others, cells[at + EVH_TP], &others) &&
                        evh_i64_add(others, cells[at + EVH_FN], &others),
                    EVH_ERR_RANGE, "a sum passes 63 bits");
        add_noise(&out->noise[EVH_TN], &noise[at + EVH_TP]);
        add_noise(&out->noise[EVH_TN], &noise[at + EVH_FN]);
    }
    for (size_t i = 0; i < CLASS_CELLS; i++) {
        out->cells[i] = cells[class * CLASS_CELLS + i];
        out->noise[i] = noise[class * CLASS_CELLS + i];
    }
    EVH_REQUIRE(evh_i64_sub(others, out->cells[EVH_FP], &out->cells[EVH_TN]), EVH_ERR_RANGE,
                "a sum passes 63 bits");

done:
    return status;
}

static void fill_binary(evh_facet *out, const int64_t *cells, const evh_cell_noise *noise)
{
    for (size_t i = 0; i < EVH_FACET_CELLS; i++) {
        out->cells[i] = cells[i];
        out->noise[i] = noise[i];
    }
}

evh_status evh_facet_of(evh_facet *out, const evh_evaluation *e, const evh_clarify_asked *asked,
                        size_t group, bool rest)
{
    evh_status status = evh_ok();
    const size_t width = evh_plan_cells_per_group(e->plan);
    int64_t *cells = NULL;
    evh_cell_noise *noise = NULL;
    *out = (evh_facet){.of_class = false};
    EVH_TRY(evh_alloc(&cells, width, sizeof *cells, "sums"));
    EVH_TRY(evh_alloc(&noise, width, sizeof *noise, "noise"));
    if (rest) {
        evh_evaluation_rest(cells, noise, e, asked->grouping, group, asked->model);
    } else {
        evh_evaluation_noise(noise, e, asked->grouping, group);
        for (size_t i = 0; i < width; i++)
            cells[i] = evh_evaluation_cells(e, asked->grouping, group, asked->model)[i];
    }
    if (e->meaning.layout == EVH_CELLS_CLASSES)
        EVH_TRY(fill_class(out, cells, noise, e->meaning.classes, asked->metric_class));
    else
        fill_binary(out, cells, noise);

done:
    if (cells != NULL)
        evh_wipe(cells, width * sizeof *cells); /* may be exact */
    free(cells);
    free(noise);
    return status;
}

evh_status evh_facet_add(evh_facet *to, const evh_facet *more)
{
    evh_status status = evh_ok();
    to->of_class = more->of_class;
    for (size_t i = 0; i < EVH_FACET_CELLS; i++) {
        EVH_REQUIRE(evh_i64_add(to->cells[i], more->cells[i], &to->cells[i]), EVH_ERR_RANGE,
                    "a sum passes 63 bits");
        add_noise(&to->noise[i], &more->noise[i]);
    }

done:
    return status;
}

double evh_facet_noise(const evh_facet *facet, const double weights[EVH_FACET_CELLS])
{
    double variance = 0;
    for (size_t i = 0; i < EVH_FACET_CELLS; i++) {
        const bool twice = facet->of_class && i == EVH_FP;
        const double weight = weights[i] - (twice ? weights[EVH_TN] : 0);
        variance += weight * weight * facet->noise[i].variance;
    }
    return variance;
}

/* The same sum in terms of what noise was added to. */
static void to_noised(int8_t out[EVH_FACET_CELLS], const int8_t weights[EVH_FACET_CELLS],
                      bool of_class)
{
    for (size_t i = 0; i < EVH_FACET_CELLS; i++)
        out[i] = weights[i];
    if (of_class)
        out[EVH_FP] = (int8_t)(weights[EVH_FP] - weights[EVH_TN]);
}

evh_quotient evh_facet_quotient(const evh_evaluation *e, const evh_facet *facet,
                                const int8_t numerator[EVH_FACET_CELLS],
                                const int8_t denominator[EVH_FACET_CELLS], bool is_share)
{
    int8_t above[EVH_FACET_CELLS];
    int8_t below[EVH_FACET_CELLS];
    evh_quotient out =
        evh_quotient_of_counts(numerator, denominator, facet->cells, NULL, EVH_FACET_CELLS);
    if (is_share) {
        out.sampling = EVH_SAMPLING_BINOMIAL;
        out.highest = 1;
    }
    if (e->customers == 0)
        return out;
    to_noised(above, numerator, facet->of_class);
    to_noised(below, denominator, facet->of_class);
    const evh_quotient noised =
        evh_quotient_of_counts(above, below, facet->cells, facet->noise, EVH_FACET_CELLS);
    out.noise_numerator = noised.noise_numerator;
    out.noise_both = noised.noise_both;
    out.noise_denominator = noised.noise_denominator;
    for (size_t i = 0; i < sizeof out.fourth / sizeof out.fourth[0]; i++)
        out.fourth[i] = noised.fourth[i];
    return out;
}

evh_finding evh_delta_finding(const evh_evaluation *e, double value, double sampling,
                              double privacy, double lowest, double highest)
{
    double sd = sqrt(sampling + privacy);
    evh_limits limits = {.estimate = value,
                         .ends = {value - e->pointwise_z * sd, value + e->pointwise_z * sd},
                         .sampling_sd = sqrt(sampling),
                         .privacy_sd = sqrt(privacy),
                         .held = true};
    evh_finding out = {.raw = value,
                       .estimate = {.defined = true, .value = fmin(fmax(value, lowest), highest)},
                       .sampling_sd = limits.sampling_sd,
                       .privacy_sd = limits.privacy_sd,
                       .pointwise_ends = {limits.ends[0], limits.ends[1]},
                       .simultaneous = {.withheld = EVH_WITHHELD_NOT_ASKED}};
    out.pointwise = evh_interval_of(&limits, lowest, highest, EVH_WITHHELD_UNCLEAR);
    return out;
}

bool evh_count_is_clear(const evh_evaluation *e, double count, double variance)
{
    return count > 0 && count * count > e->pointwise_z * e->pointwise_z * variance;
}
