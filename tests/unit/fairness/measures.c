/* SPDX-License-Identifier: Apache-2.0
 * For test_fairlearn.py: reads `tp fp fn tn` of five groups from standard input, one a line, and
 * writes every rate of every group and every named measure, as `name group value` or `name - value`,
 * "undefined" where there is none. Clarify's measures are of each group against the others. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "evenhand/fairness/named.h"

enum { GROUPS = 5, CELLS = 4 };

static const char yaml[] = "name: p\n"
                           "scorer: binary\n"
                           "attributes: [{name: g, values: [g0, g1, g2, g3, g4]}]\n"
                           "releases: [[g]]\n"
                           "privacy: {}\n";

static void check(evh_status status)
{
    if (status.code == EVH_OK)
        return;
    (void)fprintf(stderr, "measures: %s\n", status.text);
    exit(1);
}

static void put(const char *name, const char *group, evh_estimate estimate)
{
    if (estimate.defined)
        (void)printf("%s %s %.17g\n", name, group, estimate.value);
    else
        (void)printf("%s %s undefined\n", name, group);
}

static void put_group(const evh_evaluation *e, size_t group)
{
    char name[8];
    (void)snprintf(name, sizeof name, "g%zu", group);
    for (size_t kind = 0; kind < e->kind_count; kind++)
        put(e->kinds[kind].name, name, evh_evaluation_rate(e, 0, kind, group, 0)->estimate);
    for (int measure = 0; measure < EVH_CLARIFY_GE; measure++) {
        evh_finding out;
        check(evh_clarify_measure(
            &out, e, (evh_clarify)measure,
            &(evh_clarify_asked){.disfavoured = group, .favoured = EVH_NO_GROUP}));
        put(evh_clarify_name((evh_clarify)measure), name, out.estimate);
    }
}

int main(void)
{
    int64_t cells[(GROUPS + 2) * CELLS] = {0};
    evh_plan *plan = NULL;
    evh_evaluation *e = NULL;
    evh_diagnostics list = evh_diagnostics_init(10);
    for (size_t i = 0; i < (size_t)GROUPS * CELLS; i++) {
        if (scanf("%" SCNd64, &cells[i]) != 1)
            return 2;
    }
    check(evh_plan_parse(&plan, "plan", evh_view_of_text(yaml), &list));
    check(evh_evaluation_new(&e, plan, cells, &(evh_evaluation_options){.customers = 0}));
    for (size_t group = 0; group < GROUPS; group++)
        put_group(e, group);
    for (int measure = 0; measure < EVH_FAIRLEARN_COUNT; measure++) {
        evh_estimate out;
        evh_estimate corrected;
        check(evh_fairlearn_measure(&out, &corrected, e, (evh_fairlearn)measure, 0, 0, SIZE_MAX));
        put(evh_fairlearn_name((evh_fairlearn)measure), "-", out);
    }
    evh_finding entropy;
    check(evh_clarify_measure(&entropy, e, EVH_CLARIFY_GE,
                              &(evh_clarify_asked){.favoured = EVH_NO_GROUP}));
    put("GE", "-", entropy.estimate);
    evh_evaluation_free(&e);
    evh_plan_free(&plan);
    evh_diagnostics_clear(&list);
    return 0;
}
