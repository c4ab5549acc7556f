/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/scoring/bounding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "slow_bounding.h"
#include "tests.h"

static const evh_bounding_release one_release = {.groups = 3, .group_stride = 4};

static evh_bounding_options binary_options(const evh_scorer *scorer, uint32_t records_per_unit)
{
    return (evh_bounding_options){.scorer = scorer,
                                  .releases = &one_release,
                                  .release_count = 1,
                                  .model_count = 1,
                                  .cell_count = 12,
                                  .records_per_unit = records_per_unit,
                                  .groups_per_unit = records_per_unit,
                                  .passes = EVH_BOUNDING_ONE_PASS};
}

static evh_bounding *make_bounding(const evh_bounding_options *options)
{
    evh_bounding *bounding = NULL;
    assert_ok(evh_bounding_new(&bounding, options));
    return bounding;
}

static void add(evh_bounding *bounding, const char *unit, const char *record, uint32_t group,
                uint32_t value)
{
    const evh_score score = {.values = {value}};
    assert_ok(evh_bounding_add(bounding, evh_view_of_text(unit), evh_view_of_text(record), &group,
                               &score));
}

static int64_t sum(const int64_t *cells, size_t count)
{
    int64_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += cells[i];
    return total;
}

static void test_bounding_counts_without_clipping(void **state)
{
    (void)state;
    evh_scorer *scorer = make_binary();
    const evh_bounding_options options = binary_options(scorer, 5);
    evh_bounding *bounding = make_bounding(&options);
    add(bounding, "ann", "1", 0, 0);
    add(bounding, "ann", "2", 0, 0);
    add(bounding, "ann", "3", 2, 3);
    add(bounding, "bob", "1", 1, 2);
    int64_t cells[12];
    evh_bounding_statistics statistics;
    assert_ok(evh_bounding_finish(bounding, cells, &statistics));
    const int64_t expected[12] = {2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
    assert_memory_equal(cells, expected, sizeof cells);
    assert_int_equal(statistics.records, 4);
    assert_int_equal(statistics.used, 4);
    assert_int_equal(statistics.clipped, 0);
    assert_int_equal(statistics.units, 2);
    assert_int_equal(statistics.units_clipped, 0);
    evh_bounding_free(&bounding);
    assert_null(bounding);
    evh_bounding_free(&bounding);
    evh_scorer_free(&scorer);
}

static void test_bounding_nothing_added(void **state)
{
    (void)state;
    evh_scorer *scorer = make_binary();
    const evh_bounding_options options = binary_options(scorer, 5);
    evh_bounding *bounding = make_bounding(&options);
    int64_t cells[12] = {7};
    evh_bounding_statistics statistics = {.used = 7};
    assert_ok(evh_bounding_finish(bounding, cells, &statistics));
    assert_int_equal(sum(cells, 12), 0);
    assert_int_equal(statistics.used, 0);
    evh_bounding_free(&bounding);
    evh_scorer_free(&scorer);
}

static void test_bounding_records_per_unit(void **state)
{
    (void)state;
    evh_scorer *scorer = make_binary();
    const evh_bounding_options options = binary_options(scorer, 2);
    evh_bounding *bounding = make_bounding(&options);
    for (int i = 0; i < 1000; i++) {
        char record[16];
        assert_true(snprintf(record, sizeof record, "%d", i) > 0);
        add(bounding, i % 10 == 0 ? "rare" : "often", record, (uint32_t)i % 3, (uint32_t)i % 4);
    }
    add(bounding, "once", "x", 0, 0);
    int64_t cells[12];
    evh_bounding_statistics statistics;
    assert_ok(evh_bounding_finish(bounding, cells, &statistics));
    assert_int_equal(sum(cells, 12), 5);
    assert_int_equal(statistics.records, 1001);
    assert_int_equal(statistics.used, 5);
    assert_int_equal(statistics.clipped, 996);
    assert_int_equal(statistics.units, 3);
    assert_int_equal(statistics.units_clipped, 2);
    evh_bounding_free(&bounding);
    evh_scorer_free(&scorer);
}

/* A round, a plan or a customer of its own orders the records anew. */
static void test_bounding_key_depends_on_all_parts(void **state)
{
    (void)state;
    const evh_seed32 none = {{0}};
    const evh_seed32 secret = {{1}};
    evh_order_key keys[5];
    evh_bounding_key(&keys[0], &none, view_of_literal("plan"), 1);
    evh_bounding_key(&keys[1], &secret, view_of_literal("plan"), 1);
    evh_bounding_key(&keys[2], &none, view_of_literal("other"), 1);
    evh_bounding_key(&keys[3], &none, view_of_literal("plan"), 2);
    evh_bounding_key(&keys[4], &none, view_of_literal("plan"), UINT64_MAX);
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(&keys[i], &keys[j], sizeof keys[0]);
    evh_order_key again;
    evh_bounding_key(&again, &none, view_of_literal("plan"), 1);
    assert_memory_equal(&again, &keys[0], sizeof again);
}

/* Over many keys each of four records of one unit is the one that is used about equally often:
 * 4000 draws, and 1000 +- 150 is over five standard deviations; less than one in 10^6 fails. */
static void test_bounding_chooses_evenly(void **state)
{
    (void)state;
    evh_scorer *scorer = make_binary();
    int64_t chosen[12] = {0};
    for (uint64_t round = 0; round < 4000; round++) {
        evh_bounding_options options = binary_options(scorer, 1);
        const evh_seed32 secret = {{3}};
        evh_bounding_key(&options.key, &secret, view_of_literal("plan"), round);
        evh_bounding *bounding = make_bounding(&options);
        static const char *const names[] = {"a", "b", "c", "d"};
        for (uint32_t i = 0; i < 4; i++)
            add(bounding, "ann", names[i], 0, i);
        int64_t cells[12];
        evh_bounding_statistics statistics;
        assert_ok(evh_bounding_finish(bounding, cells, &statistics));
        for (size_t i = 0; i < 12; i++)
            chosen[i] += cells[i];
        evh_bounding_free(&bounding);
    }
    for (size_t i = 0; i < 4; i++)
        assert_in_range(chosen[i], 850, 1150);
    assert_int_equal(sum(chosen, 12), 4000);
    evh_scorer_free(&scorer);
}

static void test_bounding_add_refuses(void **state)
{
    (void)state;
    evh_scorer *scorer = make_binary();
    const evh_bounding_options options = binary_options(scorer, 2);
    evh_bounding *bounding = make_bounding(&options);
    evh_view ann = view_of_literal("ann");
    evh_view none = evh_view_of(NULL, 0);
    const uint32_t group = 0;
    const uint32_t wrong_group = 3;
    const evh_score score = {.values = {0}};
    const evh_score skipped = {.skipped = true};
    assert_fails_with(evh_bounding_add(bounding, none, ann, &group, &score), EVH_ERR_INPUT,
                      "unit is empty");
    static const uint8_t long_name[EVH_BOUNDING_UNIT_BYTES_MAX + 1] = {1};
    assert_fails_with(
        evh_bounding_add(bounding, evh_view_of(long_name, sizeof long_name), ann, &group, &score),
        EVH_ERR_INPUT, "4096 are possible");
    assert_fails_with(evh_bounding_add(bounding, ann, none, &wrong_group, &score), EVH_ERR_ARG,
                      "no group 3");
    assert_fails(evh_bounding_add(bounding, ann, none, &group, &skipped), EVH_ERR_ARG);
    assert_ok(evh_bounding_add(bounding, evh_view_of(long_name, sizeof long_name - 1), none, &group,
                               &score));
    int64_t cells[12];
    evh_bounding_statistics statistics;
    assert_ok(evh_bounding_finish(bounding, cells, &statistics));
    assert_int_equal(statistics.records, 1);
    assert_int_equal(statistics.units, 1);
    assert_fails_with(evh_bounding_add(bounding, ann, none, &group, &score), EVH_ERR_ARG,
                      "finished");
    assert_fails(evh_bounding_finish(bounding, cells, &statistics), EVH_ERR_ARG);
    assert_int_equal(sum(cells, 12), 0);
    evh_bounding_free(&bounding);
    evh_scorer_free(&scorer);
}

static void test_bounding_finish_refuses_impossible_scores(void **state)
{
    (void)state;
    evh_scorer *scorer = make_binary();
    const evh_bounding_options options = binary_options(scorer, 2);
    evh_bounding *bounding = make_bounding(&options);
    add(bounding, "ann", "1", 0, 0);
    add(bounding, "bob", "1", 0, 4);
    int64_t cells[12] = {7};
    evh_bounding_statistics statistics = {.used = 7};
    assert_fails(evh_bounding_finish(bounding, cells, &statistics), EVH_ERR_ARG);
    assert_int_equal(sum(cells, 12), 0);
    assert_int_equal(statistics.used, 0);
    evh_bounding_free(&bounding);
    evh_scorer_free(&scorer);
}

static void check_new_fails(const evh_bounding_options *options, const char *part)
{
    evh_bounding *bounding = NULL;
    assert_fails_with(evh_bounding_new(&bounding, options), EVH_ERR_ARG, part);
    assert_null(bounding);
}

static void test_bounding_new_bad_options(void **state)
{
    (void)state;
    evh_scorer *scorer = make_binary();
    const evh_bounding_options good = binary_options(scorer, 2);
    evh_bounding_options options = good;
    options.release_count = 0;
    check_new_fails(&options, "releases");
    options.release_count = EVH_BOUNDING_RELEASES_MAX + 1;
    check_new_fails(&options, "releases");
    options = good;
    options.model_count = 0;
    check_new_fails(&options, "models");
    options.model_count = EVH_BOUNDING_MODELS_MAX + 1;
    check_new_fails(&options, "models");
    options = good;
    options.records_per_unit = 0;
    check_new_fails(&options, "records per unit");
    options.records_per_unit = EVH_BOUNDING_RECORDS_MAX + 1;
    check_new_fails(&options, "records per unit");
    options = good;
    options.groups_per_unit = 0;
    check_new_fails(&options, "groups per unit");
    options = good;
    options.words_per_unit = 5;
    check_new_fails(&options, "words per unit");
    options = good;
    options.cell_count = 11;
    check_new_fails(&options, "release 0 lie outside the 11");
    options = good;
    evh_bounding_release release = one_release;
    options.releases = &release;
    release.groups = 0;
    check_new_fails(&options, "release 0");
    release = (evh_bounding_release){.groups = 3, .group_stride = SIZE_MAX / 2 + 1};
    check_new_fails(&options, "release 0");
    release = (evh_bounding_release){.groups = 3, .group_stride = 4, .first = SIZE_MAX};
    check_new_fails(&options, "release 0");
    evh_scorer_free(&scorer);
}

/* ---- against the slow reference, over random data and options ---- */

/* One shape of plan: what the random records of it look like. */
typedef struct plan_shape {
    evh_scorer *scorer;
    size_t models;
    size_t releases;
    bool words; /* scores are a wer scorer's */
    bool caps;  /* on words and insertions */
} plan_shape;

enum { GROUPS_A = 4, GROUPS_B = 3, UNITS = 12 };

static void random_record(slow_record *record, const plan_shape *shape, const evh_rng *rng,
                          int number)
{
    *record = (slow_record){.unit = random_below(rng, UNITS) % (1 + random_below(rng, UNITS))};
    /* One record in four is the twin of others, as far as its bytes go. */
    int id = random_below(rng, 4) == 0 ? 0 : number;
    assert_true(snprintf(record->bytes, sizeof record->bytes, "row %d", id) > 0);
    record->groups[0] = random_below(rng, GROUPS_A);
    record->groups[1] = random_below(rng, GROUPS_B);
    for (size_t m = 0; m < shape->models; m++) {
        if (!shape->words) {
            record->scores[m].values[0] = random_below(rng, 4);
            continue;
        }
        uint32_t words = random_below(rng, 30);
        record->scores[m].values[0] = words;
        record->scores[m].values[1] = random_below(rng, words + 1);
        record->scores[m].values[2] = random_below(rng, words + 1 - record->scores[m].values[1]);
        record->scores[m].values[3] = random_below(rng, 5);
    }
}

static void shuffle(slow_record *records, size_t count, const evh_rng *rng)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = random_below(rng, (uint32_t)i);
        slow_record moved = records[i - 1];
        records[i - 1] = records[j];
        records[j] = moved;
    }
}

static void add_slow(evh_bounding *bounding, const slow_record *record, bool wanted_only)
{
    char unit[16];
    assert_true(snprintf(unit, sizeof unit, "u%u", record->unit) > 0);
    if (wanted_only && !evh_bounding_wants(bounding, evh_view_of_text(unit)))
        return;
    assert_ok(evh_bounding_add(bounding, evh_view_of_text(unit), evh_view_of_text(record->bytes),
                               record->groups, record->scores));
}

/* The second pass runs backwards, over all records or over those that are wanted. */
static void count_all(const evh_bounding_options *options, const slow_record *records, size_t count,
                      int64_t *cells, evh_bounding_statistics *statistics)
{
    evh_bounding *bounding = make_bounding(options);
    bool again = false;
    for (size_t i = 0; i < count; i++)
        add_slow(bounding, &records[i], false);
    assert_ok(evh_bounding_end_pass(bounding, &again));
    for (size_t i = count; again && i > 0; i--)
        add_slow(bounding, &records[i - 1], count % 2 == 0);
    assert_ok(evh_bounding_finish(bounding, cells, statistics));
    evh_bounding_free(&bounding);
}

static void check_shape(const plan_shape *shape, const evh_rng *rng)
{
    static slow_record records[600];
    size_t cells = evh_scorer_cell_count(shape->scorer);
    size_t stride = cells * shape->models;
    const evh_bounding_release releases[2] = {
        {.groups = GROUPS_A, .group_stride = stride, .model_stride = cells},
        {.groups = GROUPS_B,
         .first = GROUPS_A * stride,
         .group_stride = cells,
         .model_stride = GROUPS_B * cells}};
    evh_bounding_options options = {.scorer = shape->scorer,
                                    .releases = releases,
                                    .release_count = shape->releases,
                                    .model_count = shape->models,
                                    .cell_count = (GROUPS_A + GROUPS_B) * stride,
                                    .records_per_unit = 1 + random_below(rng, 60),
                                    .groups_per_unit = 1 + random_below(rng, 5)};
    if (random_below(rng, 2) == 0)
        options.groups_per_unit = options.records_per_unit; /* the default of a plan */
    if (shape->caps && random_below(rng, 3) > 0)
        options.words_per_unit = 1 + random_below(rng, 200);
    if (shape->caps && random_below(rng, 3) > 0)
        options.insertions_per_unit = 1 + random_below(rng, 50);
    assert_ok(evh_rng_fill(rng, options.key.bytes, sizeof options.key.bytes));
    size_t count = random_below(rng, 600);
    for (size_t i = 0; i < count; i++)
        random_record(&records[i], shape, rng, (int)i);
    int64_t expected[256] = {0};
    int64_t actual[256];
    assert_in_range(options.cell_count, 1, 256);
    evh_bounding_statistics slow = slow_bounding(&options, records, count, expected);
    for (int order = 0; order < 3; order++) {
        evh_bounding_statistics statistics;
        options.passes = order == 0 ? EVH_BOUNDING_ONE_PASS : EVH_BOUNDING_TWO_PASSES;
        count_all(&options, records, count, actual, &statistics);
        assert_memory_equal(actual, expected, options.cell_count * sizeof *actual);
        assert_memory_equal(&statistics, &slow, sizeof slow);
        shuffle(records, count, rng);
    }
}

static void test_bounding_equals_slow_in_any_order(void **state)
{
    (void)state;
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 77);
    const evh_scorer_options wer[] = {
        {.kind = EVH_SCORER_WER, .wer = {.average = EVH_WER_BY_UNIT}},
        {.kind = EVH_SCORER_WER, .wer = {.average = EVH_WER_BY_WORD}},
        {.kind = EVH_SCORER_WER, .wer = {.average = EVH_WER_BY_WORD, .detail = EVH_WER_SDI}}};
    evh_scorer *scorers[4] = {make_binary(), make_scorer(&wer[0]), make_scorer(&wer[1]),
                              make_scorer(&wer[2])};
    for (size_t i = 0; i < 400; i++) {
        evh_scorer *scorer = scorers[i % 4];
        /* The caps of by-unit rates are on records and groups alone. */
        plan_shape shape = {.scorer = scorer,
                            .models = 1 + i / 4 % 2,
                            .releases = 1 + i / 8 % 2,
                            .words = i % 4 >= 1,
                            .caps = i % 4 >= 2};
        check_shape(&shape, &rng);
    }
    for (size_t i = 0; i < 4; i++)
        evh_scorer_free(&scorers[i]);
}

/* Only the unit that is over its cap is wanted again, and has to come whole. */
static void test_bounding_second_pass_is_checked(void **state)
{
    (void)state;
    evh_scorer *scorer = make_binary();
    evh_bounding_options options = binary_options(scorer, 2);
    options.passes = EVH_BOUNDING_TWO_PASSES;
    for (int given = 2; given <= 4; given++) {
        evh_bounding *bounding = make_bounding(&options);
        int64_t cells[12];
        evh_bounding_statistics statistics;
        bool again = false;
        add(bounding, "ann", "1", 0, 0);
        add(bounding, "ann", "2", 0, 0);
        for (int i = 0; i < 3; i++)
            add(bounding, "bob", "same", 1, 1);
        assert_ok(evh_bounding_end_pass(bounding, &again));
        assert_true(again);
        assert_false(evh_bounding_wants(bounding, evh_view_of_text("ann")));
        assert_true(evh_bounding_wants(bounding, evh_view_of_text("bob")));
        add(bounding, "ann", "1", 0, 0);
        for (int i = 0; i < given; i++)
            add(bounding, "bob", "same", 1, 1);
        evh_status status = evh_bounding_finish(bounding, cells, &statistics);
        if (given != 3) {
            assert_fails_with(status, EVH_ERR_INPUT, "second time");
        } else {
            assert_ok(status);
            assert_int_equal(sum(cells, 12), 4);
            assert_int_equal(statistics.records, 5);
            assert_int_equal(statistics.used, 4);
            assert_int_equal(statistics.clipped, 1);
            assert_int_equal(statistics.units_clipped, 1);
        }
        evh_bounding_free(&bounding);
    }
    evh_scorer_free(&scorer);
}

static void test_bounding_passes_are_ended(void **state)
{
    (void)state;
    evh_scorer *scorer = make_binary();
    evh_bounding_options options = binary_options(scorer, 2);
    options.passes = EVH_BOUNDING_TWO_PASSES;
    evh_bounding *bounding = make_bounding(&options);
    int64_t cells[12];
    evh_bounding_statistics statistics;
    bool again = true;
    add(bounding, "ann", "1", 0, 0);
    assert_fails_with(evh_bounding_finish(bounding, cells, &statistics), EVH_ERR_ARG, "first pass");
    assert_ok(evh_bounding_end_pass(bounding, &again));
    assert_false(again);
    assert_ok(evh_bounding_finish(bounding, cells, &statistics));
    assert_int_equal(sum(cells, 12), 1);
    assert_fails(evh_bounding_end_pass(bounding, &again), EVH_ERR_ARG);
    evh_bounding_free(&bounding);
    evh_scorer_free(&scorer);
}

/* What one unit adds does not depend on who else is there. */
static void test_bounding_units_are_independent(void **state)
{
    (void)state;
    evh_scorer *scorer = make_binary();
    const evh_bounding_options options = binary_options(scorer, 3);
    int64_t total[12] = {0};
    int64_t cells[12];
    evh_bounding_statistics statistics;
    for (int who = 0; who <= 20; who++) {
        evh_bounding *bounding = make_bounding(&options);
        for (int i = 0; i < 1000; i++) {
            char unit[16];
            char record[16];
            assert_true(snprintf(unit, sizeof unit, "%d", i % 20) > 0);
            assert_true(snprintf(record, sizeof record, "%d", i) > 0);
            if (who == 20 || who == i % 20)
                add(bounding, unit, record, (uint32_t)i % 3, (uint32_t)i / 7 % 4);
        }
        assert_ok(evh_bounding_finish(bounding, cells, &statistics));
        evh_bounding_free(&bounding);
        for (size_t i = 0; who < 20 && i < 12; i++)
            total[i] += cells[i];
    }
    assert_memory_equal(cells, total, sizeof total);
    evh_scorer_free(&scorer);
}

/* A large cap takes no memory by itself, and many units are no trouble. */
static void test_bounding_many_units_large_cap(void **state)
{
    (void)state;
    evh_scorer *scorer = make_binary();
    const evh_bounding_options options = binary_options(scorer, EVH_BOUNDING_RECORDS_MAX);
    evh_bounding *bounding = make_bounding(&options);
    for (uint32_t i = 0; i < 60000; i++) {
        char unit[16];
        assert_true(snprintf(unit, sizeof unit, "unit-%u", i % 20000) > 0);
        add(bounding, unit, unit, i % 3, i % 4);
    }
    for (uint32_t i = 0; i < 20000; i++)
        add(bounding, "one", "same", i % 3, i % 4);
    int64_t cells[12];
    evh_bounding_statistics statistics;
    assert_ok(evh_bounding_finish(bounding, cells, &statistics));
    assert_int_equal(sum(cells, 12), 80000);
    assert_int_equal(statistics.units, 20001);
    assert_int_equal(statistics.clipped, 0);
    evh_bounding_free(&bounding);
    evh_scorer_free(&scorer);
}

int run_bounding_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bounding_counts_without_clipping),
        cmocka_unit_test(test_bounding_nothing_added),
        cmocka_unit_test(test_bounding_records_per_unit),
        cmocka_unit_test(test_bounding_key_depends_on_all_parts),
        cmocka_unit_test(test_bounding_chooses_evenly),
        cmocka_unit_test(test_bounding_add_refuses),
        cmocka_unit_test(test_bounding_finish_refuses_impossible_scores),
        cmocka_unit_test(test_bounding_new_bad_options),
        cmocka_unit_test(test_bounding_equals_slow_in_any_order),
        cmocka_unit_test(test_bounding_second_pass_is_checked),
        cmocka_unit_test(test_bounding_passes_are_ended),
        cmocka_unit_test(test_bounding_units_are_independent),
        cmocka_unit_test(test_bounding_many_units_large_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
