/* SPDX-License-Identifier: Apache-2.0 */
#include "plans.h"

#include <string.h>

#include "evenhand/plan/noise.h"
#include "support/test.h"

const int64_t compas_cells[COMPAS_CELLS] = {
    1369, 805, 532, 990, 505, 349, 461, 1139, /* two races */
    103,  87,  129, 318, 43,  36,  90,  208,  6, 2, 3, 21, 9, 3, 1, 5};

const char plan_compas[] =
    "name: p\n"
    "scorer: binary\n"
    "attributes:\n"
    "  - {name: race, values: [African-American, Caucasian, Hispanic, Other, Asian, Native]}\n"
    "releases: [[race]]\n"
    "privacy: {mechanism: discrete-laplace, epsilon: \"1\"}\n"
    "questions:\n"
    "  - {id: fpr, metric: false_positive_rate, by: race, reference: Caucasian, tolerance: 0.05}\n"
    "  - {id: fnr, metric: false_negative_rate, by: race, tolerance: 0.1}\n"
    "  - {id: di, metric: selection_rate, by: race, reference: Caucasian, measure: ratio,\n"
    "     tolerance: 0.8}\n";

evh_plan *draft_without_noise(const char *yaml)
{
    evh_plan *plan = NULL;
    evh_diagnostics list = evh_diagnostics_init(10);
    assert_ok(evh_plan_parse(&plan, "plan.yaml", evh_view_of_text(yaml), &list));
    evh_diagnostics_clear(&list);
    return plan;
}

evh_plan *drafted_plan(const char *yaml)
{
    evh_plan *plan = draft_without_noise(yaml);
    evh_plan *out = NULL;
    assert_ok(evh_plan_draft(&out, plan, EVH_ADD_REMOVE));
    evh_plan_free(&plan);
    return out;
}

evh_evaluation *evaluate(const evh_plan *plan, const int64_t *cells, uint32_t customers)
{
    const evh_evaluation_options options = {.customers = customers};
    evh_evaluation *out = NULL;
    assert_ok(evh_evaluation_new(&out, plan, cells, &options));
    return out;
}

size_t kind_named(const evh_evaluation *evaluation, const char *name)
{
    for (size_t i = 0; i < evaluation->kind_count; i++)
        if (strcmp(evaluation->kinds[i].name, name) == 0)
            return i;
    fail_msg("no rate %s", name);
    return 0;
}
