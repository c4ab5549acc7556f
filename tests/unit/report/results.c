/* SPDX-License-Identifier: Apache-2.0 */
#include "results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "evenhand/plan/groups.h"
#include "support/test.h"

const char plan_screening[] =
    "name: screening\n"
    "scorer: binary\n"
    "attributes: [{name: sex, values: [f, m]}]\n"
    "releases: [[sex]]\n"
    "derive: [[]]\n"
    "privacy: {population: screened, mechanism: discrete-laplace, epsilon: \"1\"}\n"
    "rounds: {count: 4, min_honest: 5, assumed_corrupt: 1, max_clients: 100}\n"
    "questions:\n"
    "  - {id: missed, metric: false_negative_rate, by: sex, reference: m, measure: difference, "
    "tolerance: \"0.05\"}\n"
    "noise:\n"
    "  adjacency: add-remove\n"
    "  offset: 51\n"
    "  cells: [{release: [sex], cells: [tp, fp, fn, tn], parameter: \"1/1\"}]\n"
    "  shifts: [[{noise: 0, by: 1, cells: 1}]]\n";
const char population_screening[] = "{name: screened, unit: person, adjacency: add-remove,\n"
                                    " budget: {epsilon: \"4\", delta: \"0\"}}\n";

const char plan_speech[] =
    "name: accents <b>\"&'</script>\n"
    "scorer: wer\n"
    "models: [asr-3, asr-4]\n"
    "attributes:\n"
    "  - {name: accent, values: [\"a<b>\", \"</script>\", \"\xd7\xa2\xd7\x91\"], per_unit: true}\n"
    "  - {name: noise, values: [quiet, \"\xf0\x9f\x9a\x91\"], per_unit: true}\n"
    "releases: [[accent, noise]]\n"
    "derive: [[], [accent]]\n"
    "window: {every: month, start: 2026-10-01, timezone: UTC}\n"
    "privacy: {population: speakers, records_per_unit: 5, groups_per_unit: 1, cell_bits: 24,\n"
    "  mechanism: discrete-laplace, epsilon: \"1\"}\n"
    "rounds: {count: 6, min_honest: 5, assumed_corrupt: 1, max_clients: 100}\n"
    "questions:\n"
    "  - {id: gap, metric: wer, by: accent, measure: difference, tolerance: \"0.05\"}\n"
    "noise:\n"
    "  adjacency: add-remove\n"
    "  offset: 39380\n"
    "  cells:\n"
    "    - {release: [accent, noise], cells: [units], parameter: \"169/16\"}\n"
    "    - {release: [accent, noise], cells: [rate_sum], parameter: \"4696/13\"}\n"
    "    - {release: [accent, noise], cells: [rate_squared_sum], parameter: \"3113/4\"}\n"
    "  shifts:\n"
    "    - [{noise: 0, by: 1, cells: 2}, {noise: 1, by: 100, cells: 2}, "
    "{noise: 2, by: 100, cells: 2}]\n";
const char population_speech[] = "{name: speakers, unit: person, adjacency: add-remove,\n"
                                 " budget: {epsilon: \"6\", delta: \"0\"}}\n";

static void read_terms(test_result *out, const char *plan, const char *population)
{
    evh_diagnostics list = evh_diagnostics_init(10);
    assert_ok(evh_plan_parse(&out->plan, "plan.yaml", evh_view_of_text(plan), &list));
    assert_ok(evh_population_parse(&out->population, "population.yaml",
                                   evh_view_of_text(population), &list));
    evh_diagnostics_clear(&list);
}

void test_result_make(test_result *out, const char *plan, const char *population, int64_t step,
                      int64_t below)
{
    memset(out, 0, sizeof *out);
    read_terms(out, plan, population);
    size_t count = evh_plan_cell_count(out->plan);
    assert_ok(evh_alloc(&out->sums, count, sizeof *out->sums, "sums"));
    for (size_t i = 0; i < count; i++)
        out->sums[i] = (int64_t)i * step - below;
    out->facts = (evh_result_facts){.plan = out->plan,
                                    .population = &out->population,
                                    .round = 2,
                                    .log_origin = "log.example/evenhand",
                                    .entries = {3, 4, 20, 31, 32},
                                    .customers = 9,
                                    .sums = out->sums,
                                    .sum_count = count};
    memset(out->facts.task_id, 0xa5, sizeof out->facts.task_id);
    memset(out->facts.reports_root, 0x5a, sizeof out->facts.reports_root);
    if (evh_plan_terms_of(out->plan)->has_window) {
        out->facts.window_start_ms = 1793491200000; /* 2026-11-01 */
        out->facts.window_end_ms = 1796083200000;   /* 2026-12-01 */
    }
}

void test_result_clear(test_result *result)
{
    evh_plan_free(&result->plan);
    free(result->sums);
}

bool test_holds(const evh_buffer *text, const char *part)
{
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= text->len; i++)
        if (memcmp(text->data + i, part, len) == 0)
            return true;
    return false;
}

void assert_holds(const evh_buffer *text, const char *part)
{
    if (!test_holds(text, part))
        (void)fprintf(stderr, "no \"%s\" in:\n%.*s\n", part, (int)text->len, (char *)text->data);
    assert_true(test_holds(text, part));
}
