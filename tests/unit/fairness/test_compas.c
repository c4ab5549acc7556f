/* SPDX-License-Identifier: Apache-2.0
 * ProPublica's data through scorer, bounding and estimates: the known counts and rates. */
#include <stdio.h>
#include <string.h>

#include "evenhand/scoring/bounding.h"
#include "tests.h"

enum { RACES = 6, CELLS = 4 };

static const struct {
    const char *race;
    int64_t cells[CELLS]; /* tp fp fn tn, counted with Python's csv module */
} known[RACES] = {{"African-American", {1369, 805, 532, 990}},
                  {"Caucasian", {505, 349, 461, 1139}},
                  {"Hispanic", {103, 87, 129, 318}},
                  {"Other", {43, 36, 90, 208}},
                  {"Asian", {6, 2, 3, 21}},
                  {"Native American", {9, 3, 1, 5}}};

/* person, site, sex, age, race, decile, prediction, label; the file has no quotes. */
static void add_row(evh_bounding *bounding, evh_scorer *scorer, evh_view row)
{
    evh_view fields[8];
    size_t at = 0;
    for (size_t i = 0; i < 8; i++) {
        size_t len = 0;
        while (at + len < row.len && row.data[at + len] != ',')
            len++;
        fields[i] = evh_view_of(row.data + at, len);
        at += len + 1;
    }
    uint32_t group = 0;
    while (group < RACES && !evh_view_equal(fields[4], evh_view_of_text(known[group].race)))
        group++;
    assert_in_range(group, 0, RACES - 1);
    evh_score score;
    assert_ok(evh_scorer_score(scorer, &score, fields[7], fields[6]));
    assert_ok(evh_bounding_add(bounding, fields[0], row, &group, &score));
}

static void count_compas(int64_t cells[RACES * CELLS])
{
    const evh_view positive[] = {view_of_literal("1")};
    const evh_scorer_options binary = {.kind = EVH_SCORER_BINARY,
                                       .binary = {.positive = positive, .positive_count = 1}};
    const evh_bounding_release release = {.groups = RACES, .group_stride = CELLS};
    evh_scorer *scorer = NULL;
    evh_bounding *bounding = NULL;
    evh_bounding_statistics statistics;
    char path[512];
    evh_buffer file = evh_buffer_init(1 << 22);
    assert_true(snprintf(path, sizeof path, "%s/data/compas.csv", test_shared_dir()) > 0);
    assert_true(test_read_file(&file, path));
    assert_ok(evh_scorer_new(&scorer, &binary));
    const evh_bounding_options options = {.scorer = scorer,
                                          .releases = &release,
                                          .release_count = 1,
                                          .model_count = 1,
                                          .cell_count = RACES * CELLS,
                                          .records_per_unit = 1,
                                          .groups_per_unit = 1};
    assert_ok(evh_bounding_new(&bounding, &options));
    const uint8_t *end = file.data + file.len;
    const uint8_t *line = (const uint8_t *)memchr(file.data, '\n', file.len) + 1;
    while (line < end) {
        const uint8_t *stop = memchr(line, '\n', (size_t)(end - line));
        assert_non_null(stop);
        add_row(bounding, scorer, evh_view_trim(evh_view_of(line, (size_t)(stop - line))));
        line = stop + 1;
    }
    assert_ok(evh_bounding_finish(bounding, cells, &statistics));
    assert_int_equal(statistics.used, 7214);
    assert_int_equal(statistics.clipped, 0);
    evh_bounding_free(&bounding);
    evh_scorer_free(&scorer);
    evh_buffer_clear(&file);
}

static double rate(const int64_t *cells, const char *name)
{
    const evh_cells_meaning binary = {.layout = EVH_CELLS_BINARY};
    evh_estimate out;
    assert_ok(evh_fairness_estimate(&out, metric_of(EVH_CELLS_BINARY, name), &binary, cells, 0));
    assert_true(out.defined);
    return out.value;
}

static void test_compas_counts_and_rates(void **state)
{
    (void)state;
    if (test_shared_dir() == NULL)
        test_skip_without_shared();
    int64_t cells[RACES * CELLS];
    count_compas(cells);
    for (size_t i = 0; i < RACES; i++)
        assert_memory_equal(cells + i * CELLS, known[i].cells, sizeof known[i].cells);
    /* ProPublica, "How We Analyzed the COMPAS Recidivism Algorithm" (2016): 44.85 and 23.45 per
     * cent false positives, 27.99 and 47.72 per cent false negatives. */
    assert_close(rate(cells, "false_positive_rate"), 805.0 / 1795, 0);
    assert_close(rate(cells, "false_positive_rate"), 0.448468, 5e-7);
    assert_close(rate(cells, "false_negative_rate"), 532.0 / 1901, 0);
    assert_close(rate(cells, "false_negative_rate"), 0.2799, 5e-5);
    assert_close(rate(cells + CELLS, "false_positive_rate"), 0.2345, 5e-5);
    assert_close(rate(cells + CELLS, "false_negative_rate"), 0.4772, 5e-5);
}

/* Fairlearn 0.15's MetricFrame(selection_rate, false_positive_rate).difference() and .ratio() over
 * race: largest against smallest. */
static void test_compas_spread(void **state)
{
    (void)state;
    evh_estimate selection[RACES];
    evh_estimate false_positive[RACES];
    const evh_cells_meaning binary = {.layout = EVH_CELLS_BINARY};
    for (size_t i = 0; i < RACES; i++) {
        assert_ok(evh_fairness_estimate(&selection[i],
                                        metric_of(EVH_CELLS_BINARY, "selection_rate"), &binary,
                                        known[i].cells, 0));
        assert_ok(evh_fairness_estimate(&false_positive[i],
                                        metric_of(EVH_CELLS_BINARY, "false_positive_rate"), &binary,
                                        known[i].cells, 0));
    }
    evh_spread spread = evh_fairness_spread(selection, RACES);
    assert_string_equal(known[spread.largest].race, "Native American");
    assert_string_equal(known[spread.smallest].race, "Other");
    assert_close(spread.difference.value, 12.0 / 18 - 79.0 / 377, 1e-15);
    assert_close(spread.ratio.value, (79.0 / 377) / (12.0 / 18), 1e-15);
    spread = evh_fairness_spread(false_positive, RACES);
    assert_close(spread.difference.value, 805.0 / 1795 - 2.0 / 23, 1e-15);
}

int run_compas_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compas_counts_and_rates),
        cmocka_unit_test(test_compas_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
