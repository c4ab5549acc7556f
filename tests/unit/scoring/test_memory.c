/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "evenhand/scoring/bounding.h"
#include "support/alloc_fail.h"
#include "tests.h"

static evh_status add_records(evh_bounding *bounding, evh_scorer *scorer)
{
    evh_status status = evh_ok();
    for (uint32_t i = 0; i < 40; i++) {
        char record[16];
        (void)snprintf(record, sizeof record, "%u", i);
        const uint32_t groups[2] = {i % 3, i % 2};
        evh_score score;
        EVH_TRY(evh_scorer_score(scorer, &score, view_of_literal("Caf\xc3\xa9 au lait"),
                                 view_of_literal("a cafe\xcc\x81 lait")));
        EVH_TRY(evh_bounding_add(bounding, evh_view_of_text(i % 2 == 0 ? "ann" : "bob"),
                                 evh_view_of_text(record), groups, &score));
    }
done:
    return status;
}

static evh_status count_words(void *context)
{
    (void)context;
    evh_status status = evh_ok();
    const evh_scorer_options wer = {
        .kind = EVH_SCORER_WER,
        .wer = {.average = EVH_WER_BY_WORD, .normalizer = EVH_NORMALIZER_BASIC}};
    const evh_bounding_release releases[2] = {{.groups = 3, .group_stride = 2},
                                              {.groups = 2, .first = 6, .group_stride = 2}};
    evh_bounding_options options = {.releases = releases,
                                    .release_count = 2,
                                    .model_count = 1,
                                    .cell_count = 10,
                                    .records_per_unit = 30,
                                    .groups_per_unit = 3,
                                    .words_per_unit = 40,
                                    .passes = EVH_BOUNDING_TWO_PASSES};
    evh_scorer *scorer = NULL;
    evh_bounding *bounding = NULL;
    evh_bounding_statistics statistics;
    int64_t cells[10];
    bool again = false;
    EVH_TRY(evh_scorer_new(&scorer, &wer));
    options.scorer = scorer;
    EVH_TRY(evh_bounding_new(&bounding, &options));
    EVH_TRY(add_records(bounding, scorer));
    EVH_TRY(evh_bounding_end_pass(bounding, &again));
    if (again)
        EVH_TRY(add_records(bounding, scorer));
    EVH_TRY(evh_bounding_finish(bounding, cells, &statistics));
    EVH_REQUIRE(statistics.used == 26 && cells[0] + cells[2] + cells[4] == 78, EVH_ERR_INTERNAL,
                "%d records used", (int)statistics.used);
done:
    evh_bounding_free(&bounding);
    evh_scorer_free(&scorer);
    return status;
}

static void test_scoring_runs_out_of_memory(void **state)
{
    (void)state;
    assert_true(test_alloc_sweep(count_words, NULL) > 20);
}

static evh_status make_classes(void *context)
{
    (void)context;
    const evh_view classes[] = {view_of_literal("cat"), view_of_literal("dog")};
    const evh_scorer_options options = {.kind = EVH_SCORER_MULTICLASS,
                                        .multiclass = {.classes = classes, .class_count = 2}};
    evh_scorer *scorer = NULL;
    evh_status status = evh_scorer_new(&scorer, &options);
    evh_scorer_free(&scorer);
    return status;
}

static void test_scorer_new_runs_out_of_memory(void **state)
{
    (void)state;
    assert_true(test_alloc_sweep(make_classes, NULL) > 3);
}

int run_memory_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scoring_runs_out_of_memory),
        cmocka_unit_test(test_scorer_new_runs_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
