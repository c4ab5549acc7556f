/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/plan/noise.h"

#include <math.h>
#include <string.h>

#include "evenhand/field/chunk.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/plan/groups.h"
#include "plans.h"
#include "support/alloc_fail.h"
#include "support/test.h"
#include "tests.h"

/* Heads of plans by scorer; mechanisms to put behind them. */
static const char *const scorers[] = {
    "binary",
    "multiclass",
    "multiclass\nmulticlass: {classes: [x, y, z]}",
    "wer",
    "wer\nwer: {average: word}",
    "wer\nwer: {average: word, detail: sdi}",
    "regression\nregression: {bound: 10}",
    "event",
};
static const char *const mechanisms[] = {
    "mechanism: discrete-laplace",
    "mechanism: discrete-laplace, delta: 1e-6, epsilon: 0.3",
    "mechanism: discrete-gaussian, delta: 1e-6",
    "mechanism: skellam, delta: 1e-6, epsilon: 9",
    "mechanism: skellam, delta: 1e-6, epsilon: 9, placement: distributed",
    "mechanism: none",
};
enum {
    SCORERS = sizeof scorers / sizeof scorers[0],
    MECHANISMS = sizeof mechanisms / sizeof mechanisms[0]
};

static void write_plan(evh_buffer *yaml, size_t scorer, size_t mechanism)
{
    bool words = strstr(scorers[scorer], "word") != NULL;
    assert_ok(evh_buffer_format(yaml,
                                "name: p\n"
                                "scorer: %s\n"
                                "models: [m1, m2]\n"
                                "attributes:\n"
                                "  - {name: 'a \"1\"', values: [x, y]}\n"
                                "  - {name: b, values: [u]}\n"
                                "releases: [[b, 'a \"1\"'], []]\n"
                                "privacy: {records_per_unit: 4, groups_per_unit: 2, %s%s}\n",
                                scorers[scorer], words ? "words_per_unit: 50, " : "",
                                mechanisms[mechanism]));
}

static evh_plan *parse_buffer(const evh_buffer *yaml)
{
    evh_plan *plan = NULL;
    evh_diagnostics list = evh_diagnostics_init(10);
    assert_ok(evh_plan_parse(&plan, "plan.yaml", evh_buffer_view(yaml), &list));
    evh_diagnostics_clear(&list);
    return plan;
}

/* Whatever the scorer and mechanism: a draft meets its budget, its YAML reads back to the same
 * plan, and so do its bytes. */
static void test_draft_every_scorer_and_mechanism(void **state)
{
    (void)state;
    for (size_t i = 0; i < (size_t)SCORERS * MECHANISMS; i++) {
        evh_buffer yaml = evh_buffer_init(65536);
        write_plan(&yaml, i % SCORERS, i / SCORERS);
        evh_plan *plan = parse_buffer(&yaml);
        evh_plan *drafted = NULL;
        assert_null(evh_plan_noise_of(plan));
        assert_null(evh_plan_id(plan));
        evh_adjacency adjacency = i % 2 == 0 ? EVH_ADD_REMOVE : EVH_REPLACE_ONE;
        assert_ok(evh_plan_draft(&drafted, plan, adjacency));
        assert_int_equal(evh_plan_noise_of(drafted)->adjacency, adjacency);
        assert_non_null(evh_plan_id(drafted));
        bool none = evh_plan_terms_of(plan)->privacy.mechanism == EVH_NOISE_NONE;
        if (!none) {
            evh_charge charge = evh_plan_charge(drafted, evh_plan_promised_view(drafted), 1, 1);
            evh_budget budget = evh_plan_budget(drafted);
            double epsilon = INFINITY;
            assert_ok(evh_privacy_epsilon(&epsilon, &charge, 1, budget.delta));
            assert_true(epsilon <= evh_fraction_up(budget.epsilon));
            assert_true(epsilon >= 0.98 * evh_fraction_down(budget.epsilon));
        }
        assert_ok(evh_plan_noise_yaml(drafted, &yaml));
        evh_plan *read = parse_buffer(&yaml);
        assert_memory_equal(evh_plan_id(read), evh_plan_id(drafted), EVH_PLAN_ID_LEN);
        evh_plan_free(&read);
        evh_plan_free(&drafted);
        evh_plan_free(&plan);
        evh_buffer_clear(&yaml);
    }
}

static void test_noise_class_of_every_cell(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCORERS; i++) {
        evh_buffer yaml = evh_buffer_init(65536);
        write_plan(&yaml, i, 0);
        evh_plan *plan = parse_buffer(&yaml);
        size_t counted[8] = {0};
        assert_true(evh_plan_noise_class_count(plan) <= 8);
        for (size_t r = 0; r < 2; r++)
            for (size_t g = 0; g < evh_plan_grouping_at(plan, r)->group_count; g++)
                for (size_t m = 0; m < 2; m++)
                    for (size_t c = 0; c < evh_plan_cells_per_group(plan); c++) {
                        size_t class =
                            evh_plan_noise_class_of(plan, evh_plan_cell_at(plan, r, g, m, c));
                        const evh_plan_noise_class *known = evh_plan_noise_class_at(plan, class);
                        const char *name = evh_plan_cell_name(plan, c);
                        bool named = false;
                        for (size_t n = 0; n < known->name_count; n++)
                            named |= strncmp(name, known->names[n], strcspn(name, ":")) == 0;
                        assert_true(named);
                        assert_int_equal(known->release, r);
                        counted[class]++;
                    }
        for (size_t k = 0; k < evh_plan_noise_class_count(plan); k++)
            assert_int_equal(counted[k], evh_plan_noise_class_at(plan, k)->cell_count);
        evh_plan_free(&plan);
        evh_buffer_clear(&yaml);
    }
}

static void test_cell_noise_follows_classes(void **state)
{
    (void)state;
    evh_plan *plan = parse_plan(plan_speech);
    evh_plan *drafted = NULL;
    evh_noise cells[150];
    assert_int_equal(evh_plan_cell_count(plan), 150);
    assert_fails_with(evh_plan_cell_noise(plan, cells), EVH_ERR_INPUT, "run plan draft");
    assert_ok(evh_plan_draft(&drafted, plan, EVH_ADD_REMOVE));
    assert_ok(evh_plan_cell_noise(drafted, cells));
    for (size_t i = 0; i < 150; i++) {
        const evh_noise *expected = &evh_plan_noise_of(drafted)->classes[i % 3];
        assert_memory_equal(&cells[i], expected, sizeof cells[i]);
    }
    evh_plan_free(&drafted);
    evh_plan_free(&plan);
}

static void test_vdaf_parameters(void **state)
{
    (void)state;
    evh_plan *plan = parse_plan(plan_speech);
    evh_plan_vdaf vdaf = evh_plan_vdaf_of(plan);
    assert_int_equal(vdaf.length, 150);
    assert_int_equal(vdaf.max, (1 << 24) - 1);
    assert_int_equal(vdaf.chunk_length, evh_chunk_length((uint64_t)150 * 24));
    assert_int_equal(evh_plan_cell_max(plan), vdaf.max);
    evh_plan_free(&plan);
}

static void test_sum_fits(void **state)
{
    (void)state;
    assert_true(evh_plan_sum_fits(EVH_CLIENTS_MAX, ((uint64_t)1 << EVH_PLAN_CELL_BITS_MAX) - 1));
    assert_true(evh_plan_sum_fits(1, INT64_MAX));
    assert_false(evh_plan_sum_fits(1, (uint64_t)INT64_MAX + 1));
    assert_false(evh_plan_sum_fits(UINT64_MAX, UINT64_MAX)); /* over the modulus, too */
    assert_true(evh_plan_sum_fits(0, UINT64_MAX));
}

/* The offset leaves room on both sides, and noise leaves it with probability below 2^-60 in all. */
static void test_draft_offset(void **state)
{
    (void)state;
    evh_plan *plan = parse_plan(plan_speech);
    evh_plan *drafted = NULL;
    assert_ok(evh_plan_draft(&drafted, plan, EVH_ADD_REMOVE));
    const evh_plan_noise *noise = evh_plan_noise_of(drafted);
    double probability = 0;
    for (size_t i = 0; i < 3; i++)
        probability += 50 * 1000 * exp2(evh_noise_tail_log2(&noise->classes[i], noise->offset));
    assert_true(probability <= 0x1p-60);
    assert_true(2 * noise->offset < evh_plan_cell_max(drafted));
    evh_plan_free(&drafted);
    evh_plan_free(&plan);
}

static void test_draft_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *plan;
        evh_code code;
        const char *text;
    } rows[] = {
        {"name: p\nscorer: wer\nwer: {average: word}\nattributes: []\nreleases: [[]]\nprivacy: "
         "{}\n",
         EVH_ERR_INPUT, "words_per_unit"},
        {"name: p\nscorer: wer\nattributes: []\nreleases: [[]]\nprivacy: {cell_bits: 10}\n",
         EVH_ERR_INPUT, "cells of 10 bits have no room"},
        {"name: p\nscorer: wer\nattributes: []\nreleases: [[]]\n"
         "privacy: {mechanism: skellam, delta: 1e-18, epsilon: 0.0001}\n",
         EVH_ERR_PRIVACY, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        evh_plan *plan = parse_plan(rows[i].plan);
        evh_plan *drafted = NULL;
        assert_fails_with(evh_plan_draft(&drafted, plan, EVH_ADD_REMOVE), rows[i].code,
                          rows[i].text);
        assert_null(drafted);
        evh_plan_free(&plan);
    }
    evh_plan *draft = parse_plan(plan_smallest);
    evh_buffer yaml = evh_buffer_init(4096);
    assert_fails(evh_plan_noise_yaml(draft, &yaml), EVH_ERR_INPUT);
    assert_int_equal(yaml.len, 0);
    evh_plan_free(&draft);
}

#define HEAD                                                                                       \
    "name: p\nscorer: event\nattributes: [{name: a, values: [x]}]\nreleases: [[a]]\n"              \
    "privacy: {records_per_unit: 2, cell_bits: 20, epsilon: 1}\nnoise:\n"
#define CELLS(records, events)                                                                     \
    "  cells:\n"                                                                                   \
    "    - {release: [a], cells: [records], parameter: \"" records "\"}\n"                         \
    "    - {release: [a], cells: [events], parameter: \"" events "\"}\n"
#define SHIFTS "  shifts:\n    - [{noise: 0, by: 2, cells: 1}, {noise: 1, by: 2, cells: 1}]\n"

/* Lines: noise 6, offset 7, cells 8 to 10, shifts 11 and 12. */
static void test_parse_refuses_bad_noise(void **state)
{
    (void)state;
    static const struct {
        const char *plan;
        uint64_t line;
        uint64_t column;
        const char *wrong;
        const char *right;
    } rows[] = {
        {HEAD "  offset: 300\n" CELLS("4", "3") SHIFTS, 7, 3,
         "this noise does not meet epsilon 1 and delta 0: it gives epsilon 1.16667", "plan draft"},
        {HEAD "  offset: 200\n" CELLS("4", "4") SHIFTS, 7, 11,
         "with offset 200 noise may be clamped", "plan draft"},
        {HEAD "  offset: 524287\n" CELLS("4", "4") SHIFTS, 5, 43,
         "cells of 20 bits have no room for noise", "more cell_bits"},
        {HEAD "  offset: -1\n" CELLS("4", "4") SHIFTS, 7, 11, "offset is \"-1\"", "from 0 to"},
        {HEAD CELLS("4", "4") SHIFTS, 7, 3, "noise has no key \"offset\"", "plan draft"},
        {HEAD "  offset: 300\n" SHIFTS, 7, 3, "noise has no key \"cells\"", "plan draft"},
        {HEAD "  offset: 300\n" CELLS("4", "4"), 7, 3, "noise has no key \"shifts\"", "plan draft"},
        {HEAD "  offset: 300\n" CELLS("4.5", "4") SHIFTS, 9, 51, "parameter is \"4.5\"",
         "a fraction"},
        {HEAD "  offset: 300\n" CELLS("0/3", "4") SHIFTS, 9, 51, "parameter is \"0/3\"",
         "from 1 to 4294967295"},
        {HEAD "  offset: 300\n" CELLS("4", "4294967296") SHIFTS, 10, 50,
         "parameter is \"4294967296\"", "from 1 to 4294967295"},
        {HEAD "  offset: 300\n" CELLS("4", "4/") SHIFTS, 10, 50, "parameter is \"4/\"",
         "a fraction"},
        {HEAD "  offset: 300\n" CELLS("4", "4") "  shifts:\n    - [{noise: 0, by: 1, cells: 1}, "
                                                "{noise: 1, by: 2, cells: 1}]\n",
         12, 5, "not the changes that one unit can cause", "plan draft"},
        {HEAD "  offset: 300\n" CELLS("4", "4") "  shifts: []\n", 11, 11,
         "not the changes that one unit can cause", "plan draft"},
        {HEAD "  adjacency: replace-one\n  offset: 300\n" CELLS("4", "4") SHIFTS, 13, 5,
         "not the changes that one unit can cause", "plan draft"},
        {HEAD "  adjacency: both\n  offset: 300\n" CELLS("4", "4") SHIFTS, 7, 14,
         "adjacency is \"both\"", "add-remove or replace-one"},
        {HEAD "  offset: 300\n  cells:\n    - {release: [a], cells: [records], parameter: "
              "\"4\"}\n" SHIFTS,
         9, 5, "noise for 1 kinds of cells, the plan has 2", "plan draft"},
        {HEAD "  offset: 300\n  cells:\n"
              "    - {release: [a], cells: [records], parameter: \"4\"}\n"
              "    - {release: [a], cells: [errors], parameter: \"4\"}\n" SHIFTS,
         10, 7, "noise for other cells than the plan has here", "plan draft"},
        {HEAD "  offset: 300\n  cells:\n"
              "    - {release: [], cells: [records], parameter: \"4\"}\n"
              "    - {release: [a], cells: [events], parameter: \"4\"}\n" SHIFTS,
         9, 17, "noise for a release that the plan does not have", "one of the plan's releases"},
        {HEAD "  offset: 300\n  cells:\n"
              "    - {release: [a], cells: [records]}\n"
              "    - {release: [a], cells: [events], parameter: \"4\"}\n" SHIFTS,
         9, 7, "parameter 0/0 for mechanism discrete-laplace", "a fraction in lowest terms"},
        {HEAD "  offset: 300\n  sigma: 3\n" CELLS("4", "4") SHIFTS, 8, 3,
         "unknown key \"sigma\" in noise", "adjacency, offset"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        evh_plan *plan = NULL;
        evh_diagnostics list = evh_diagnostics_init(10);
        evh_status status =
            evh_plan_parse(&plan, "plan.yaml", evh_view_of_text(rows[i].plan), &list);
        if (status.code != EVH_ERR_INPUT)
            fail_msg("row %zu: %s", i, status.text);
        const evh_diagnostic *first = &list.items[0];
        if (first->line != rows[i].line || first->column != rows[i].column ||
            strstr(first->wrong, rows[i].wrong) == NULL ||
            strstr(first->right, rows[i].right) == NULL)
            fail_msg("row %zu gave %s", i, status.text);
        evh_diagnostics_clear(&list);
    }
    evh_plan *good = parse_plan(HEAD "  offset: 300\n" CELLS("8/2", "4") SHIFTS);
    assert_int_equal(evh_plan_noise_of(good)->classes[0].parameter.num, 4);
    assert_int_equal(evh_plan_noise_of(good)->classes[0].parameter.den, 1);
    evh_plan_free(&good);
}

static evh_status draft_once(void *context)
{
    evh_plan *drafted = NULL;
    evh_status status = evh_plan_draft(&drafted, context, EVH_ADD_REMOVE);
    assert_true((status.code == EVH_OK) == (drafted != NULL));
    evh_plan_free(&drafted);
    return status;
}

static void test_draft_without_memory(void **state)
{
    (void)state;
    evh_plan *plan = parse_plan(plan_two_releases);
    assert_true(test_alloc_sweep(draft_once, plan) > 4);
    evh_plan_free(&plan);
}

int run_noise_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_draft_every_scorer_and_mechanism),
        cmocka_unit_test(test_noise_class_of_every_cell),
        cmocka_unit_test(test_cell_noise_follows_classes),
        cmocka_unit_test(test_vdaf_parameters),
        cmocka_unit_test(test_sum_fits),
        cmocka_unit_test(test_draft_offset),
        cmocka_unit_test(test_draft_refuses),
        cmocka_unit_test(test_parse_refuses_bad_noise),
        cmocka_unit_test(test_draft_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
