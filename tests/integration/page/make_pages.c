/* SPDX-License-Identifier: Apache-2.0
 * Writes results and their pages into a folder, for the browser test: the shipped examples with
 * made-up counts over several rounds, and a plan whose names are as odd as a plan allows. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "evenhand/plan/groups.h"
#include "evenhand/plan/window.h"
#include "evenhand/report/page.h"
#include "results.h"
#include "support/test.h"

enum { CUSTOMERS = 40, ROUNDS = 3, PATH_LEN = 512, MANY_BYTES = 1 << 16 };

static const char population_screened[] = "{name: screened, unit: person, adjacency: add-remove,\n"
                                          " budget: {epsilon: \"10\", delta: \"0\"}}\n";
static const char plan_apart[] =
    "name: apart\nscorer: binary\n"
    "attributes: [{name: site, values: [north, south, west]}]\nreleases: [[site]]\nderive: [[]]\n"
    "privacy: {population: screened, mechanism: discrete-laplace, epsilon: \"1\"}\n"
    "rounds: {count: 4, min_honest: 5, assumed_corrupt: 1, max_clients: 100}\n"
    "questions:\n"
    "  - {id: apart, metric: false_negative_rate, by: site, measure: difference, "
    "tolerance: \"0.05\"}\n"
    "  - {id: ratio, metric: selection_rate, by: site, measure: ratio, tolerance: \"0.8\"}\n"
    "noise:\n  adjacency: add-remove\n  offset: 90\n"
    "  cells: [{release: [site], cells: [tp, fp, fn, tn], parameter: \"1/1\"}]\n"
    "  shifts: [[{noise: 0, by: 1, cells: 1}]]\n";
static const char crossed_hours[] =
    "  - {name: hour, bins: [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24]}\n"
    "releases: [[region, hour]]\nderive: [[], [region]]\n";

static void write_file(const char *folder, const char *name, const evh_buffer *bytes)
{
    char path[PATH_LEN];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes->data, 1, bytes->len, file), bytes->len);
    assert_int_equal(fclose(file), 0);
}

static evh_buffer read_example(const char *name)
{
    char path[PATH_LEN];
    evh_buffer text = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    (void)snprintf(path, sizeof path, EVH_SOURCE_DIR "/examples/%s", name);
    assert_true(test_read_file(&text, path));
    assert_ok(evh_buffer_u8(&text, 0));
    return text;
}

/* Something like noise: the same in every run. */
static double wiggle(size_t i, uint32_t round)
{
    return sin((double)(i * 37 + round * 101)) * 2;
}

/* Speakers per group, a spread within each group, and accents that drift apart by round. */
static void count_speech(test_result *result)
{
    size_t width = evh_plan_cells_per_group(result->plan);
    assert_int_equal(width, 3);
    for (size_t i = 0; i < result->facts.sum_count; i += width) {
        size_t group = i / width;
        size_t accent = group / 5;
        double units = group % 5 >= 3 || group >= 15 ? 0 : 900 + 260 * (double)(group % 4);
        double mean = 0.12 + 0.04 * (double)accent * (double)result->facts.round;
        result->sums[i] = (int64_t)(units + 10 * wiggle(i, result->facts.round));
        result->sums[i + 1] =
            (int64_t)(units * 100 * mean + 300 * wiggle(i + 1, result->facts.round));
        result->sums[i + 2] = (int64_t)(units * 100 * (mean * mean + 0.01) +
                                        600 * wiggle(i + 2, result->facts.round));
    }
}

/* tp fp fn tn; every third group is small. */
static void count_screening(test_result *result)
{
    for (size_t i = 0; i < result->facts.sum_count; i += 4) {
        size_t group = i / 4;
        size_t age = group / 4;
        bool extra = group % 4 >= 2 || group >= 20;
        double size = extra ? 0 : group % 3 == 2 ? 60 : 6000;
        double missed = 0.1 + 0.03 * (double)age;
        const double cells[] = {0.3 * (1 - missed), 0.07, 0.3 * missed, 0.63};
        for (size_t j = 0; j < 4; j++)
            result->sums[i + j] =
                (int64_t)(size * cells[j] + 5 * wiggle(i + j, result->facts.round));
    }
}

static void set_round(test_result *result, uint32_t round)
{
    int64_t start = 0;
    int64_t end = 0;
    result->facts.round = round;
    result->facts.customers = CUSTOMERS;
    if (!evh_plan_terms_of(result->plan)->has_window)
        return;
    assert_ok(evh_plan_round_window(result->plan, round, &start, &end));
    result->facts.window_start_ms = (uint64_t)start;
    result->facts.window_end_ms = (uint64_t)end;
}

static void write_page(const char *folder, const char *name, test_result *results, size_t count)
{
    char file[PATH_LEN];
    const evh_result_facts *facts[ROUNDS];
    evh_buffer page = evh_buffer_init(EVH_PAGE_BYTES_MAX);
    evh_buffer json = evh_buffer_init(EVH_RESULT_BYTES_MAX);
    for (size_t i = 0; i < count; i++)
        facts[i] = &results[i].facts;
    assert_ok(evh_result_page(&page, facts, count));
    (void)snprintf(file, sizeof file, "%s.html", name);
    write_file(folder, file, &page);
    for (size_t i = 0; i < count; i++) {
        evh_buffer_clear(&json);
        assert_ok(evh_result_write(&json, facts[i]));
        (void)snprintf(file, sizeof file, "%s-%" PRIu32 ".json", name, facts[i]->round);
        write_file(folder, file, &json);
    }
    (void)snprintf(file, sizeof file, "%s.json", name);
    write_file(folder, file, &json);
    for (size_t i = 0; i < count; i++)
        test_result_clear(&results[i]);
    evh_buffer_clear(&page);
    evh_buffer_clear(&json);
}

static void make_speech(const char *folder)
{
    evh_buffer plan = read_example("speech/plan.yaml");
    evh_buffer population = read_example("speech/population.yaml");
    test_result results[ROUNDS];
    for (uint32_t i = 0; i < ROUNDS; i++) {
        test_result_make(&results[i], (char *)plan.data, (char *)population.data, 0, 0);
        set_round(&results[i], i + 1);
        count_speech(&results[i]);
    }
    write_page(folder, "speech", results, ROUNDS);
    evh_buffer_clear(&plan);
    evh_buffer_clear(&population);
}

static void make_screening(const char *folder)
{
    evh_buffer plan = read_example("screening/plan.yaml");
    evh_buffer population = read_example("screening/population.yaml");
    test_result result;
    test_result_make(&result, (char *)plan.data, (char *)population.data, 0, 0);
    set_round(&result, 2);
    count_screening(&result);
    write_page(folder, "screening", &result, 1);
    evh_buffer_clear(&plan);
    evh_buffer_clear(&population);
}

/* Records over many groups, all of one plan's kind: its text is made here, without a file. */
static void make_many(const char *folder, const char *name, size_t values, const char *crossed)
{
    char *text = malloc(MANY_BYTES);
    assert_non_null(text);
    size_t len = (size_t)snprintf(text, MANY_BYTES,
                                  "name: %s\nscorer: binary\nattributes:\n"
                                  "  - {name: region, values: [",
                                  name);
    for (size_t i = 0; i < values; i++)
        len += (size_t)snprintf(text + len, MANY_BYTES - len, "%sr%zu", i > 0 ? ", " : "", i);
    (void)snprintf(text + len, MANY_BYTES - len,
                   "]}\n%s"
                   "privacy: {population: screened, mechanism: discrete-laplace, epsilon: \"1\"}\n"
                   "rounds: {count: 4, min_honest: 5, assumed_corrupt: 1, max_clients: 100}\n"
                   "questions:\n"
                   "  - {id: missed, metric: false_negative_rate, by: region, reference: r0, "
                   "measure: difference, tolerance: \"0.05\"}\n"
                   "noise:\n  adjacency: add-remove\n  offset: 90\n"
                   "  cells: [{release: [%s], cells: [tp, fp, fn, tn], parameter: \"1/1\"}]\n"
                   "  shifts: [[{noise: 0, by: 1, cells: 1}]]\n",
                   crossed[0] != '\0' ? crossed : "releases: [[region]]\n",
                   crossed[0] != '\0' ? "region, hour" : "region");
    test_result result;
    test_result_make(&result, text, population_screened, 0, 0);
    set_round(&result, 1);
    for (size_t i = 0; i < result.facts.sum_count; i += 4) {
        const double size = 30 + 400 * (double)((i / 4 * 37 + 60) % 71);
        const double missed = 0.08 + 0.0015 * (double)(i / 4 * 53 % 67);
        const double cells[] = {0.3 * (1 - missed), 0.07, 0.3 * missed, 0.63};
        for (size_t j = 0; j < 4; j++)
            result.sums[i + j] = (int64_t)(size * cells[j] + 5 * wiggle(i + j, 1));
    }
    write_page(folder, name, &result, 1);
    free(text);
}

/* A binary plan of two questions without a reference: who is furthest apart changes. */
static void make_apart(const char *folder)
{
    static const int64_t misses[ROUNDS][3] = {{90, 300, 310}, {210, 300, 290}, {420, 300, 280}};
    test_result results[ROUNDS];
    for (uint32_t i = 0; i < ROUNDS; i++) {
        test_result_make(&results[i], plan_apart, population_screened, 0, 0);
        set_round(&results[i], i + 1);
        for (size_t group = 0; group < 3; group++) {
            int64_t *cells = results[i].sums + 4 * group;
            cells[0] = 3000 - misses[i][group];
            cells[1] = 400;
            cells[2] = misses[i][group];
            cells[3] = 6000;
        }
    }
    write_page(folder, "apart", results, ROUNDS);
}

/* Nothing but noise. */
static void make_empty(const char *folder)
{
    test_result results[2];
    for (uint32_t round = 1; round <= 2; round++) {
        test_result *result = &results[round - 1];
        test_result_make(result, plan_apart, population_screened, 0, 0);
        set_round(result, round);
        for (size_t i = 0; i < result->facts.sum_count; i++)
            result->sums[i] = (int64_t)(6 * wiggle(i, round));
    }
    write_page(folder, "empty", results, 2);
}

static void make_odd(const char *folder)
{
    test_result result;
    test_result_make(&result, plan_speech, population_speech, 0, 0);
    set_round(&result, 1);
    for (size_t i = 0; i < result.facts.sum_count; i += 3) {
        result.sums[i] = 400 + (int64_t)(40 * wiggle(i, 1));
        result.sums[i + 1] = 6000 + (int64_t)(2000 * wiggle(i, 2));
        result.sums[i + 2] = 1500 + (int64_t)(400 * wiggle(i, 3));
    }
    write_page(folder, "odd", &result, 1);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[2], "large") == 0) { /* takes seconds */
        make_many(argv[1], "large", 90, crossed_hours);
        return 0;
    }
    if (argc != 2) {
        (void)fprintf(stderr, "usage: make_pages FOLDER [large]\n");
        return 2;
    }
    make_speech(argv[1]);
    make_screening(argv[1]);
    make_odd(argv[1]);
    make_apart(argv[1]);
    make_empty(argv[1]);
    make_many(argv[1], "many", 70, "");
    return 0;
}
