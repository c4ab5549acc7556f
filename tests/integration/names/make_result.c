/* SPDX-License-Identifier: Apache-2.0
 * Writes the result.json of a round of one customer whose report holds the sums on standard input:
 * for tests of what follows from known counts. Usage: make_result PLAN POPULATION */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "evenhand/base/sizes.h"
#include "evenhand/plan/groups.h"
#include "evenhand/plan/noise.h"
#include "evenhand/report/result.h"

static void check(evh_status status)
{
    if (status.code == EVH_OK)
        return;
    (void)fprintf(stderr, "make_result: %s\n", status.text);
    exit(1);
}

static evh_buffer read_file(const char *path)
{
    evh_buffer out = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        exit(2);
    for (int c = getc(file); c != EOF; c = getc(file))
        check(evh_buffer_u8(&out, (uint8_t)c));
    (void)fclose(file);
    return out;
}

static int64_t *read_sums(size_t count)
{
    int64_t *sums = NULL;
    check(evh_alloc(&sums, count, sizeof *sums, "sums"));
    for (size_t i = 0; i < count; i++)
        if (scanf("%" SCNd64, &sums[i]) != 1)
            exit(2);
    return sums;
}

int main(int argc, char **argv)
{
    evh_plan *draft = NULL;
    evh_plan *plan = NULL;
    evh_population population = {0};
    evh_diagnostics list = evh_diagnostics_init(10);
    evh_buffer out = evh_buffer_init(EVH_RESULT_BYTES_MAX);
    if (argc != 3)
        return 2;
    evh_buffer plan_text = read_file(argv[1]);
    evh_buffer population_text = read_file(argv[2]);
    check(evh_plan_parse(&draft, argv[1], evh_buffer_view(&plan_text), &list));
    check(evh_population_parse(&population, argv[2], evh_buffer_view(&population_text), &list));
    check(evh_plan_draft(&plan, draft, population.adjacency));
    int64_t *sums = read_sums(evh_plan_cell_count(plan));
    const evh_result_facts facts = {.plan = plan,
                                    .population = &population,
                                    .round = 1,
                                    .log_origin = "log.example",
                                    .customers = 1,
                                    .sums = sums,
                                    .sum_count = evh_plan_cell_count(plan)};
    check(evh_result_write(&out, &facts));
    (void)fwrite(out.data, 1, out.len, stdout);
    free(sums);
    evh_plan_free(&draft);
    evh_plan_free(&plan);
    evh_diagnostics_clear(&list);
    evh_buffer_clear(&plan_text);
    evh_buffer_clear(&population_text);
    evh_buffer_clear(&out);
    return 0;
}
