/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/plan/scoring.h"

#include "plans.h"
#include "support/test.h"
#include "tests.h"

/* The scorer made from a plan has the plan's cells, whatever the scorer. */
static void test_scorer_options_give_the_plan_s_cells(void **state)
{
    (void)state;
    static const char *const scorers[] = {
        "binary\nbinary: {positive: [y, t], threshold: -0.25}",
        "multiclass",
        "multiclass\nmulticlass: {classes: [x, \xc3\xa9t\xc3\xa9]}",
        "wer",
        "wer\nwer: {average: word, normalizer: basic, empty_reference: count}",
        "wer\nwer: {average: word, detail: sdi, alignment: levenshtein}",
        "regression\nregression: {bound: '0.5', steps: 20}",
        "event\nevent: {positive: [call]}",
    };
    for (size_t i = 0; i < sizeof scorers / sizeof scorers[0]; i++) {
        evh_buffer yaml = evh_buffer_init(4096);
        assert_ok(evh_buffer_format(
            &yaml, "name: p\nscorer: %s\nattributes: []\nreleases: [[]]\nprivacy: {}\n",
            scorers[i]));
        assert_ok(evh_buffer_u8(&yaml, 0));
        evh_plan *plan = parse_plan((const char *)yaml.data);
        evh_scorer *scorer = NULL;
        assert_ok(evh_scorer_new(&scorer, evh_plan_scorer_options(plan)));
        assert_int_equal(evh_scorer_cell_count(scorer), evh_plan_cells_per_group(plan));
        for (size_t c = 0; c < evh_plan_cells_per_group(plan); c++)
            assert_string_equal(evh_scorer_cell_name(scorer, c), evh_plan_cell_name(plan, c));
        evh_scorer_free(&scorer);
        evh_plan_free(&plan);
        evh_buffer_clear(&yaml);
    }
}

static void test_scorer_options_threshold(void **state)
{
    (void)state;
    evh_plan *plan = parse_plan("name: p\nscorer: binary\nattributes: []\nreleases: [[]]\n"
                                "privacy: {}\nbinary: {threshold: -0.25}\n");
    evh_scorer *scorer = NULL;
    evh_score score;
    assert_ok(evh_scorer_new(&scorer, evh_plan_scorer_options(plan)));
    assert_ok(evh_scorer_score(scorer, &score, evh_view_of_text("1"), evh_view_of_text("-0.25")));
    assert_int_equal(score.values[0], 0);
    assert_ok(evh_scorer_score(scorer, &score, evh_view_of_text("0"), evh_view_of_text("-0.26")));
    assert_int_equal(score.values[0], 3);
    evh_scorer_free(&scorer);
    evh_plan_free(&plan);
}

static void test_bounding_options_place_every_cell(void **state)
{
    (void)state;
    evh_plan *plan = parse_plan(plan_speech);
    evh_bounding_options options = evh_plan_bounding_options(plan);
    assert_null(options.scorer);
    assert_int_equal(options.release_count, 1);
    assert_int_equal(options.model_count, 2);
    assert_int_equal(options.cell_count, evh_plan_cell_count(plan));
    assert_int_equal(options.records_per_unit, 5);
    assert_int_equal(options.groups_per_unit, 2);
    assert_int_equal(options.words_per_unit, 0);
    for (size_t g = 0; g < options.releases[0].groups; g++)
        for (size_t m = 0; m < 2; m++)
            for (size_t c = 0; c < 3; c++)
                assert_int_equal(options.releases[0].first + g * options.releases[0].group_stride +
                                     m * options.releases[0].model_stride + c,
                                 evh_plan_cell_at(plan, 0, g, m, c));
    evh_plan_free(&plan);
}

int run_scoring_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scorer_options_give_the_plan_s_cells),
        cmocka_unit_test(test_scorer_options_threshold),
        cmocka_unit_test(test_bounding_options_place_every_cell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
