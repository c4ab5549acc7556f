/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/plan/noise.h"

enum { YAML_MAX = 8192 };

/* So many times the people of a round stand for what is there on average. */
static const double MULTITUDE = 1e6;

static const char *const names[MECHANISMS] = {"none", "discrete-laplace", "discrete-gaussian",
                                              "skellam"};

const char *mechanism_name(mechanism of)
{
    return names[of];
}

void write_values(char out[VALUES_MAX], char letter, size_t count)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(out + used, VALUES_MAX - used, "%s%c%zu", i > 0 ? ", " : "",
                                 letter, i);
}

static void write_plan(char yaml[YAML_MAX], const setting *of, const plan_text *text)
{
    char privacy[160] = "mechanism: none";
    if (of->mechanism != MECHANISM_NONE)
        (void)snprintf(privacy, sizeof privacy, "mechanism: %s, epsilon: \"1\", delta: \"%s\"%s",
                       names[of->mechanism], of->mechanism == MECHANISM_LAPLACE ? "0" : "1e-6",
                       of->mechanism == MECHANISM_SKELLAM ? ", placement: distributed" : "");
    (void)snprintf(yaml, YAML_MAX,
                   "name: coverage\n%sprivacy: {%s%s}\n"
                   "rounds: {min_honest: %u, assumed_corrupt: 0}\n%s",
                   text->head, privacy, text->privacy, of->customers > 12 ? of->customers / 2 : 6,
                   text->questions);
}

static evh_plan *make_plan(const setting *of, const plan_text *text)
{
    char yaml[YAML_MAX];
    evh_plan *read = NULL;
    evh_plan *out = NULL;
    evh_diagnostics list = evh_diagnostics_init(10);
    write_plan(yaml, of, text);
    evh_status parsed = evh_plan_parse(&read, "plan", evh_view_of_text(yaml), &list);
    if (parsed.code != EVH_OK)
        (void)fprintf(stderr, "%s\n", yaml);
    check(parsed);
    check(evh_plan_draft(&out, read, EVH_ADD_REMOVE));
    evh_plan_free(&read);
    evh_diagnostics_clear(&list);
    return out;
}

/* One seed for each setting. */
static uint64_t seed_of(const setting *of)
{
    return of->seed + ((uint64_t)of->mechanism << 60 | (uint64_t)of->customers << 40 |
                       (uint64_t)of->size << 16);
}

void world_start(world *out, const setting *of, const plan_text *text)
{
    *out = (world){.of = *of, .plan = make_plan(of, text)};
    source_start(&out->from, seed_of(of), of->rounds);
    const evh_plan *plan = out->plan;
    const evh_plan_grouping *release = evh_plan_grouping_at(plan, 0);
    size_t cells = evh_plan_cells_per_group(plan);
    out->groups = release->group_count;
    out->width = cells * evh_plan_model_slots(plan);
    out->noise = checked(calloc(out->width, sizeof *out->noise));
    out->lives_in = checked(calloc(out->groups, sizeof *out->lives_in));
    out->exact = checked(calloc(evh_plan_cell_count(plan), sizeof(int64_t)));
    out->cells = checked(calloc(evh_plan_cell_count(plan), sizeof(int64_t)));
    for (size_t i = 0; i < out->width; i++) {
        size_t position = evh_plan_cell_at(plan, 0, 0, i / cells, i % cells);
        size_t class = evh_plan_noise_class_of(plan, position);
        out->noise[i] = noise_pool_new(&evh_plan_noise_of(plan)->classes[class], of->customers,
                                       2 * of->rounds, &out->from);
    }
}

void world_free(world *of)
{
    for (size_t i = 0; i < of->width; i++)
        noise_pool_free(&of->noise[i]);
    free(of->noise);
    free(of->lives_in);
    free(of->exact);
    free(of->cells);
    evh_plan_free(&of->plan);
}

static evh_evaluation *evaluate(const world *of, const int64_t *cells, uint32_t customers)
{
    evh_evaluation *out = NULL;
    check(evh_evaluation_new(&out, of->plan, cells,
                             &(evh_evaluation_options){.customers = customers}));
    return out;
}

evh_evaluation *true_evaluation(const world *of)
{
    int64_t *cells = checked(calloc(evh_plan_cell_count(of->plan), sizeof *cells));
    for (size_t group = 0; group < of->groups; group++) {
        const residents *those = &of->lives_in[group];
        const double *mean = those->count == 0 ? NULL : mean_of_people(those->of, those->count);
        for (size_t i = 0; mean != NULL && i < of->width; i++)
            cells[group * of->width + i] =
                (int64_t)round(mean[i] * (double)those->count * MULTITUDE);
    }
    evh_evaluation *out = evaluate(of, cells, 0);
    free(cells);
    return out;
}

evh_evaluation *next_round(world *of)
{
    size_t count = of->groups * of->width;
    memset(of->exact, 0, count * sizeof *of->exact);
    for (size_t group = 0; group < of->groups; group++)
        if (of->lives_in[group].count > 0)
            draw_people(of->exact + group * of->width, of->lives_in[group].of,
                        of->lives_in[group].count, &of->from);
    for (size_t i = 0; i < count; i++)
        of->cells[i] = of->exact[i] + draw_noise(&of->noise[i % of->width], &of->from);
    return evaluate(of, of->cells, of->of.customers);
}
