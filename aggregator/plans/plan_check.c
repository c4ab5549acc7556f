/* SPDX-License-Identifier: Apache-2.0
 * What a finished plan promises, costs and can answer. Parsing has verified it; here mistakes of
 * intent are looked for: a budget that does not last, cells too narrow, questions out of reach. */
#include "plan_check_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/aggregator/aggregator.h"
#include "evenhand/plan/groups.h"
#include "evenhand/plan/noise.h"
#include "evenhand/plan/outlook.h"
#include "evenhand/plan/scoring.h"

enum { RATE_BYTES = 1050 }; /* of one rate in result.json: 890 to 1050 were seen */

static evh_status read_assumptions(evh_plan_findings *findings, const evh_plan *plan,
                                   const evh_plan_options *options)
{
    evh_decimal rate = {.digits = 2, .exponent = -1};
    char text[EVH_DECIMAL_TEXT_LEN];
    findings->assumptions = evh_outlook_assume(plan);
    if (options->customers > 0)
        findings->assumptions.customers = (uint32_t)options->customers;
    if (options->rate != NULL) {
        evh_status status = evh_decimal_parse(evh_view_of_text(options->rate), &rate);
        if (status.code != EVH_OK || rate.digits <= 0 ||
            evh_decimal_compare(rate, evh_decimal_of(1)) >= 0)
            return evh_fail(EVH_ERR_ARG, "--rate %s: a decimal above 0 and below 1", options->rate);
    }
    evh_decimal_format(text, rate);
    findings->assumptions.rate = strtod(text, NULL);
    return evh_ok();
}

/* Epsilon of one round against whom the plan promises it, and of one report alone. */
static evh_status find_epsilons(evh_plan_findings *findings, const evh_plan *plan)
{
    evh_status status = evh_ok();
    evh_budget budget = evh_plan_budget(plan);
    evh_charge promised = evh_plan_charge(plan, evh_plan_promised_view(plan), 1, 1);
    evh_charge alone = evh_plan_charge(plan, EVH_PLAN_VIEW_ALONE, 1, 1);
    findings->epsilon = INFINITY;
    findings->epsilon_alone = INFINITY;
    if (evh_plan_terms_of(plan)->privacy.mechanism == EVH_NOISE_NONE)
        goto done;
    EVH_TRY(evh_privacy_epsilon(&findings->epsilon, &promised, 1, budget.delta));
    EVH_TRY(evh_privacy_epsilon(&findings->epsilon_alone, &alone, 1, budget.delta));
done:
    return status;
}

static evh_status find_rounds(evh_plan_findings *findings, const evh_plan_files *files,
                              evh_cli *cli)
{
    evh_status status = evh_ok();
    const evh_plan *plan = files->plan;
    const evh_population *population = &files->population;
    uint32_t planned = evh_plan_terms_of(plan)->rounds.count;
    evh_budget budget = evh_population_budget(population);
    evh_charge charge =
        evh_plan_charge(plan, evh_plan_promised_view(plan), 1, population->customers_per_unit);
    if (evh_plan_noise_of(plan)->adjacency != population->adjacency)
        evh_diagnostics_add(&cli->diagnostics, EVH_SEVERITY_ERROR,
                            evh_plan_files_mark(files, "noise", SIZE_MAX, "adjacency"),
                            "noise drafted with this population",
                            "the noise is for %s, the population is %s",
                            evh_adjacency_name(evh_plan_noise_of(plan)->adjacency),
                            evh_adjacency_name(population->adjacency));
    if (population->accountant == EVH_ACCOUNTANT_PLD)
        evh_diagnostics_add(&cli->diagnostics, EVH_SEVERITY_WARNING, (evh_mark){.file = NULL}, NULL,
                            "rounds are counted with the upper bounds of basic-1: pld-1 may allow "
                            "more");
    if (evh_plan_terms_of(plan)->privacy.mechanism == EVH_NOISE_NONE)
        goto done;
    EVH_TRY(evh_privacy_rounds_within(&findings->rounds, &charge, NULL, 0, &budget));
    if (findings->rounds < planned)
        evh_diagnostics_add(&cli->diagnostics, EVH_SEVERITY_ERROR,
                            evh_plan_files_mark(files, "rounds", SIZE_MAX, "count"),
                            "fewer rounds, a smaller epsilon, or a larger budget",
                            "the plan has %" PRIu32 " rounds, the budget of %s affords %" PRIu32,
                            planned, population->name, findings->rounds);
done:
    return status;
}

/* An average over units counts a unit once in every group of the release; summed over groups in
 * which the same unit may be, it answers another question than the one that is asked. */
static void check_question(const evh_plan_files *files, evh_cli *cli, size_t index)
{
    const evh_plan_terms *terms = evh_plan_terms_of(files->plan);
    size_t attribute = 0;
    if (evh_outlook_grouping_is_sound(files->plan, terms->questions[index].grouping, &attribute))
        return;
    const char *name = terms->attributes[attribute].name;
    char right[EVH_DIAGNOSTIC_TEXT_LEN];
    (void)snprintf(right, sizeof right,
                   "per_unit: true for %s if it is constant for a unit, or a release of its own",
                   name);
    evh_diagnostics_add(&cli->diagnostics, EVH_SEVERITY_ERROR,
                        evh_plan_files_mark(files, "questions", index, "by"), right,
                        "question %s averages over units that may be in several groups of %s",
                        terms->questions[index].id, name);
}

/* The largest need among the declared groups of a question. */
static double largest_need(const evh_plan_findings *findings, const evh_plan *plan, size_t question)
{
    const evh_plan_grouping *grouping =
        evh_plan_grouping_at(plan, evh_plan_terms_of(plan)->questions[question].grouping);
    double most = 0;
    for (size_t g = 0; g < grouping->group_count; g++)
        if (evh_plan_group_is_declared(plan, grouping, g))
            most = fmax(most, evh_outlook_units_needed(plan, question, g, &findings->assumptions));
    return most;
}

static void check_range(const evh_plan_findings *findings, const evh_plan_files *files,
                        evh_cli *cli, const evh_plan_options *options)
{
    const evh_plan_terms *terms = evh_plan_terms_of(files->plan);
    evh_mark bits = evh_plan_files_mark(files, "privacy", SIZE_MAX, "cell_bits");
    if (options->largest > 0 && (double)options->largest > findings->units_that_fit)
        evh_diagnostics_add(&cli->diagnostics, EVH_SEVERITY_WARNING, bits, "more cell_bits",
                            "counts of a group with %" PRIu64
                            " units at one customer could be cut: %.0f surely fit",
                            options->largest, findings->units_that_fit);
    for (size_t q = 0; q < terms->question_count; q++) {
        double need = largest_need(findings, files->plan, q);
        double each = need / findings->assumptions.customers;
        if (!isfinite(need) || need > findings->units_that_fit * terms->rounds.max_clients)
            evh_diagnostics_add(&cli->diagnostics, EVH_SEVERITY_WARNING,
                                evh_plan_files_mark(files, "questions", q, NULL),
                                "a larger tolerance or epsilon, or more cell_bits",
                                "question %s cannot be answered: a group needs %.0f units, %" PRIu32
                                " customers with cells of this range hold fewer",
                                terms->questions[q].id, need, terms->rounds.max_clients);
        else if (each > findings->units_that_fit)
            evh_diagnostics_add(&cli->diagnostics, EVH_SEVERITY_WARNING, bits,
                                "more cell_bits or more customers",
                                "question %s needs %.0f units of a group at each of %" PRIu32
                                " customers, whose counts could be cut: %.0f surely fit",
                                terms->questions[q].id, each, findings->assumptions.customers,
                                findings->units_that_fit);
    }
}

/* Every group, model and rate is written with its interval and comparisons. */
static void check_result_size(const evh_plan_files *files, evh_cli *cli)
{
    const evh_plan *plan = files->plan;
    const evh_plan_scoring *scoring = &evh_plan_terms_of(plan)->scoring;
    const evh_cell_layout layout = evh_plan_cell_layout(plan);
    uint64_t rates = 0;
    uint64_t rows = 0;
    for (size_t i = 0; i < evh_metric_count(layout); i++)
        rates += evh_metric_at(layout, i)->of_class ? scoring->class_count : 1;
    for (size_t i = 0; i < evh_plan_grouping_count(plan); i++)
        rows += (uint64_t)evh_plan_grouping_at(plan, i)->group_count * evh_plan_model_slots(plan);
    if (rows * rates > EVH_MESSAGE_BYTES_MAX / RATE_BYTES)
        evh_diagnostics_add(&cli->diagnostics, EVH_SEVERITY_WARNING,
                            evh_plan_files_mark(files, "releases", SIZE_MAX, NULL),
                            "fewer groups, models or classes, or several plans",
                            "result.json may have more than 64 MiB, and could then not be "
                            "published: %" PRIu64 " groups of models with %" PRIu64 " rates",
                            rows, rates);
}

evh_status evh_command_plan_check(evh_cli *cli, void *own)
{
    const evh_plan_options *options = own;
    evh_status status = evh_ok();
    evh_plan_files files = evh_plan_files_init();
    evh_plan_findings findings = {.rounds = 0};
    EVH_TRY(evh_plan_files_read(&files, cli, options));
    if (evh_plan_noise_of(files.plan) == NULL) {
        evh_diagnostics_add(&cli->diagnostics, EVH_SEVERITY_ERROR,
                            evh_plan_files_mark(&files, "noise", SIZE_MAX, NULL),
                            "noise, as evenhand-aggregator plan draft writes it",
                            "the plan has no key noise: it is a draft");
        EVH_TRY(evh_diagnostics_status(&cli->diagnostics));
    }
    EVH_TRY(read_assumptions(&findings, files.plan, options));
    EVH_TRY(find_epsilons(&findings, files.plan));
    if (files.has_population)
        EVH_TRY(find_rounds(&findings, &files, cli));
    findings.units_that_fit = evh_outlook_units_that_fit(files.plan);
    for (size_t q = 0; q < evh_plan_terms_of(files.plan)->question_count; q++)
        check_question(&files, cli, q);
    check_range(&findings, &files, cli, options);
    check_result_size(&files, cli);
    evh_diagnostics_sort(&cli->diagnostics);
    EVH_TRY(cli->common.json ? evh_plan_findings_json(cli, &files, &findings)
                             : evh_plan_findings_text(cli, &files, &findings));
    EVH_TRY(evh_diagnostics_status(&cli->diagnostics));
done:
    evh_plan_files_clear(&files);
    return status;
}
