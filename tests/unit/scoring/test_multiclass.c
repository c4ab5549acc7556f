/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

static evh_scorer *make_classes(void)
{
    const evh_view classes[] = {view_of_literal("cat"), view_of_literal("dog"),
                                view_of_literal("ape")};
    const evh_scorer_options options = {.kind = EVH_SCORER_MULTICLASS,
                                        .multiclass = {.classes = classes, .class_count = 3}};
    return make_scorer(&options);
}

static void test_multiclass_names(void **state)
{
    (void)state;
    static const char *const names[] = {"tp:cat", "fp:cat", "fn:cat", "tp:dog", "fp:dog",
                                        "fn:dog", "tp:ape", "fp:ape", "fn:ape"};
    evh_scorer *scorer = make_classes();
    assert_int_equal(evh_scorer_cell_count(scorer), 9);
    assert_int_equal(evh_scorer_width(scorer), 2);
    for (size_t i = 0; i < 9; i++)
        assert_string_equal(evh_scorer_cell_name(scorer, i), names[i]);
    evh_scorer_free(&scorer);
}

static void test_multiclass_one_against_rest(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"cat", "cat"}, {"cat", "dog"}, {"dog", "dog"}, {"ape", "dog"}, {" ape", "ape "}};
    evh_scorer *scorer = make_classes();
    uint32_t values[10];
    for (size_t i = 0; i < 5; i++) {
        evh_score score = score_of(scorer, pairs[i][0], pairs[i][1]);
        values[2 * i] = score.values[0];
        values[2 * i + 1] = score.values[1];
    }
    int64_t cells[9] = {0};
    assert_ok(evh_scorer_reduce(scorer, cells, values, 5));
    const int64_t expected[9] = {1, 0, 1, 1, 2, 0, 1, 0, 1};
    assert_memory_equal(cells, expected, sizeof expected);
    const uint32_t wrong[] = {0, 3};
    assert_fails(evh_scorer_reduce(scorer, cells, wrong, 1), EVH_ERR_ARG);
    evh_scorer_free(&scorer);
}

static void test_multiclass_undeclared_is_bad(void **state)
{
    (void)state;
    evh_scorer *scorer = make_classes();
    evh_score score;
    evh_view cat = view_of_literal("cat");
    assert_fails_with(evh_scorer_score(scorer, &score, view_of_literal("cow"), cat), EVH_ERR_INPUT,
                      "the class is none of the plan's 3");
    assert_fails_with(evh_scorer_score(scorer, &score, cat, view_of_literal("Cat")), EVH_ERR_INPUT,
                      "predicted class is none");
    assert_fails_with(evh_scorer_score(scorer, &score, cat, view_of_literal("")), EVH_ERR_INPUT,
                      "predicted class is empty");
    evh_scorer_free(&scorer);
}

static void test_multiclass_errors_only(void **state)
{
    (void)state;
    const evh_scorer_options options = {.kind = EVH_SCORER_MULTICLASS};
    evh_scorer *scorer = make_scorer(&options);
    assert_int_equal(evh_scorer_cell_count(scorer), 2);
    assert_string_equal(evh_scorer_cell_name(scorer, 1), "errors");
    assert_int_equal(score_of(scorer, "any", " any").values[0], 0);
    assert_int_equal(score_of(scorer, "caf\xc3\xa9", "cafe\xcc\x81").values[0], 0);
    assert_int_equal(score_of(scorer, "any", "other").values[0], 1);
    evh_score score;
    assert_fails(evh_scorer_score(scorer, &score, view_of_literal(""), view_of_literal("")),
                 EVH_ERR_INPUT);
    evh_scorer_free(&scorer);
}

static void test_multiclass_new_bad_classes(void **state)
{
    (void)state;
    evh_scorer *scorer = NULL;
    const evh_view one[] = {view_of_literal("cat")};
    const evh_view twice[] = {view_of_literal("cat"), view_of_literal("cat")};
    const evh_view nul[] = {view_of_literal("cat"), view_of_literal("do\0g")};
    evh_scorer_options options = {.kind = EVH_SCORER_MULTICLASS,
                                  .multiclass = {.classes = one, .class_count = 1}};
    assert_fails_with(evh_scorer_new(&scorer, &options), EVH_ERR_ARG, "2 to 4096");
    options.multiclass = (evh_multiclass_options){.classes = twice, .class_count = 2};
    assert_fails_with(evh_scorer_new(&scorer, &options), EVH_ERR_ARG, "twice");
    options.multiclass = (evh_multiclass_options){.classes = nul, .class_count = 2};
    assert_fails_with(evh_scorer_new(&scorer, &options), EVH_ERR_ARG, "NUL");
    options.multiclass = (evh_multiclass_options){.classes = nul, .class_count = 4097};
    assert_fails(evh_scorer_new(&scorer, &options), EVH_ERR_ARG);
    assert_null(scorer);
}

int run_multiclass_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_multiclass_names),
        cmocka_unit_test(test_multiclass_one_against_rest),
        cmocka_unit_test(test_multiclass_undeclared_is_bad),
        cmocka_unit_test(test_multiclass_errors_only),
        cmocka_unit_test(test_multiclass_new_bad_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
