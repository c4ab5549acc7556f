/* SPDX-License-Identifier: Apache-2.0
 * For test_intervals.py: intervals of binary rates. Arguments: mechanism, customers. Writes the noise
 * parameter of the cells as `num den`; then reads `tp fp fn tn` from standard input, one group a line,
 * and writes for each rate `name low high`, or `name WHY` where it is withheld. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/fairness/evaluation.h"
#include "evenhand/plan/noise.h"

enum { CELLS = 4, GROUPS = 3 };

static void check(evh_status status)
{
    if (status.code == EVH_OK)
        return;
    (void)fprintf(stderr, "intervals: %s\n", status.text);
    exit(1);
}

static evh_plan *drafted(const char *mechanism)
{
    char yaml[512];
    evh_plan *read = NULL;
    evh_plan *out = NULL;
    evh_diagnostics list = evh_diagnostics_init(10);
    (void)snprintf(yaml, sizeof yaml,
                   "name: p\nscorer: binary\nattributes: [{name: g, values: [g0]}]\n"
                   "releases: [[g]]\nprivacy: {mechanism: %s, epsilon: \"1\", delta: \"%s\"}\n",
                   mechanism, strcmp(mechanism, "discrete-laplace") == 0 ? "0" : "1e-6");
    check(evh_plan_parse(&read, "plan", evh_view_of_text(yaml), &list));
    check(evh_plan_draft(&out, read, EVH_ADD_REMOVE));
    evh_plan_free(&read);
    evh_diagnostics_clear(&list);
    return out;
}

static void put_group(const evh_plan *plan, const int64_t *cells, uint32_t customers)
{
    evh_evaluation *e = NULL;
    check(evh_evaluation_new(&e, plan, cells, &(evh_evaluation_options){.customers = customers}));
    for (size_t kind = 0; kind < e->kind_count; kind++) {
        const evh_interval *of = &evh_evaluation_rate(e, 0, kind, 0, 0)->pointwise;
        if (of->withheld == EVH_SHOWN)
            (void)printf("%s %.17g %.17g\n", e->kinds[kind].name, of->low, of->high);
        else
            (void)printf("%s %s\n", e->kinds[kind].name, evh_withheld_name(of->withheld));
    }
    evh_evaluation_free(&e);
}

int main(int argc, char **argv)
{
    int64_t cells[GROUPS * CELLS] = {0};
    if (argc != 3)
        return 2;
    evh_plan *plan = drafted(argv[1]);
    uint32_t customers = (uint32_t)strtoul(argv[2], NULL, 10);
    const evh_noise *noise = &evh_plan_noise_of(plan)->classes[0];
    (void)printf("%" PRIu32 " %" PRIu32 "\n", noise->parameter.num, noise->parameter.den);
    while (scanf("%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64, &cells[0], &cells[1], &cells[2],
                 &cells[3]) == CELLS)
        put_group(plan, cells, customers);
    evh_plan_free(&plan);
    return 0;
}
