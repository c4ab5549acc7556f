/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/report/comparison.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results.h"
#include "support/alloc_fail.h"
#include "support/test.h"
#include "tests.h"

/* No noise: everything can be worked out with a pencil. */
static const char plan_bare[] =
    "name: bare\n"
    "scorer: binary\n"
    "attributes: [{name: sex, values: [f, m]}]\n"
    "releases: [[sex]]\n"
    "derive: [[]]\n"
    "privacy: {population: screened, mechanism: none}\n"
    "rounds: {count: 4, min_honest: 5, assumed_corrupt: 1, max_clients: 100}\n"
    "questions:\n"
    "  - {id: missed, metric: false_negative_rate, by: sex, reference: m, tolerance: \"0.05\"}\n"
    "  - {id: f1, metric: f1_score, by: sex, tolerance: \"0.05\"}\n"
    "noise:\n"
    "  adjacency: add-remove\n"
    "  offset: 0\n"
    "  cells: [{release: [sex], cells: [tp, fp, fn, tn]}]\n"
    "  shifts: [[{noise: 0, by: 1, cells: 1}]]\n";

/* tp fp fn tn of f, m, _other, _missing: women are missed here as nowhere else. */
static const int64_t all_sites[] = {2850, 400, 150, 6000, 2500, 350, 500, 6100,
                                    30,   2,   1,   40,   0,    0,   0,   0};
static const int64_t one_site[] = {80, 20, 60, 400, 170, 25, 35, 420, 0, 0, 0, 0, 0, 0, 0, 0};

typedef struct fixture {
    test_result result;
    evh_own_counts own;
    evh_buffer out;
} fixture;

static void make(fixture *f, const char *plan)
{
    test_result_make(&f->result, plan, population_screening, 0, 0);
    memcpy(f->result.sums, all_sites, sizeof all_sites);
    f->own = (evh_own_counts){.customer = "acme", .counts = one_site};
    memset(f->own.result_hash, 0x11, sizeof f->own.result_hash);
    f->out = evh_buffer_init(1 << 22);
}

static void clear(fixture *f)
{
    test_result_clear(&f->result);
    evh_buffer_clear(&f->out);
}

static json_t *read_json(fixture *f)
{
    json_error_t error;
    json_t *root = NULL;
    evh_buffer_clear(&f->out);
    assert_ok(evh_comparison_write(&f->out, &f->result.facts, &f->own));
    root = json_loadb((char *)f->out.data, f->out.len, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(root);
    return root;
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static double value_of(const json_t *object, const char *key)
{
    const json_t *finding = json_object_get(object, key);
    assert_true(json_is_real(json_object_get(finding, "value")));
    return json_real_value(json_object_get(finding, "value"));
}

/* The object about a group of the release in a metric. */
static json_t *group_of(const json_t *root, const char *metric, const char *sex)
{
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach(json_object_get(root, "groups"), i, row)
    {
        const char *value = text_of(json_object_get(row, "group"), "sex");
        if (value != NULL && strcmp(value, sex) == 0 && strcmp(text_of(row, "metric"), metric) == 0)
            return row;
    }
    fail_msg("no group %s", sex);
    return NULL;
}

static void test_write_without_noise_is_plain_arithmetic(void **state)
{
    (void)state;
    fixture f;
    make(&f, plan_bare);
    json_t *root = read_json(&f);
    assert_string_equal(text_of(root, "format"), "evenhand-comparison");
    assert_int_equal(json_integer_value(json_object_get(root, "version")), 1);
    assert_true(json_is_true(json_object_get(root, "confidential")));
    assert_true(json_is_false(json_object_get(json_object_get(root, "plan"), "noised")));
    json_t *women = group_of(root, "false_negative_rate", "f");
    assert_close(value_of(women, "local"), 60.0 / 140, 1e-15);
    assert_close(value_of(women, "global"), 150.0 / 3000, 1e-15);
    assert_close(value_of(women, "difference"), 60.0 / 140 - 150.0 / 3000, 1e-12);
    assert_close(json_real_value(json_object_get(women, "share")), 140.0 / 3000, 1e-15);
    assert_true(json_is_true(json_object_get(women, "differs")));
    assert_true(json_is_true(json_object_get(women, "worse")));
    assert_string_equal(text_of(women, "side"), "higher");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(women, "counts"), "fn")),
                     60);
    json_t *men = group_of(root, "false_negative_rate", "m");
    assert_close(value_of(men, "difference"), 35.0 / 205 - 500.0 / 3000, 1e-12);
    assert_true(json_is_false(json_object_get(men, "differs")));
    assert_true(json_is_null(json_object_get(men, "side")));
    assert_true(json_is_null(json_object_get(men, "worse")));
    json_t *score = group_of(root, "f1_score", "f");
    assert_close(value_of(score, "difference"), 160.0 / 240 - 5700.0 / 6250, 1e-12);
    assert_string_equal(text_of(score, "side"), "lower");
    assert_true(json_is_true(json_object_get(score, "worse")));
    json_t *other = group_of(root, "false_negative_rate", "_other");
    assert_string_equal(text_of(json_object_get(other, "local"), "withheld"), "undefined");
    assert_true(json_is_null(json_object_get(other, "differs")));
    assert_close(json_real_value(json_object_get(other, "share")), 0, 1e-15);
    assert_true(
        json_is_null(json_object_get(group_of(root, "false_negative_rate", "_missing"), "share")));
    json_decref(root);
    clear(&f);
}

static void test_write_answers_each_question(void **state)
{
    (void)state;
    fixture f;
    make(&f, plan_bare);
    json_t *root = read_json(&f);
    json_t *questions = json_object_get(root, "questions");
    assert_int_equal(json_array_size(questions), 2);
    json_t *missed = json_array_get(questions, 0);
    assert_string_equal(text_of(missed, "id"), "missed");
    assert_int_equal(json_integer_value(json_object_get(missed, "groups")), 4);
    assert_int_equal(json_integer_value(json_object_get(missed, "compared")), 2);
    assert_int_equal(json_integer_value(json_object_get(missed, "decided")), 2);
    assert_int_equal(json_integer_value(json_object_get(missed, "differing")), 1);
    assert_string_equal(text_of(missed, "sentence"),
                        "This site differs from the others beyond chance in 1 of the 2 groups that "
                        "can be compared. Against all customers together: f, 37.9 percentage "
                        "points above (worse).");
    assert_string_equal(text_of(json_object_get(missed, "local"), "verdict"), "exceeds_tolerance");
    assert_close(value_of(json_object_get(missed, "global"), "gap"), 150.0 / 3000 - 500.0 / 3000,
                 1e-12);
    assert_close(value_of(json_object_get(missed, "local"), "gap"), 60.0 / 140 - 35.0 / 205, 1e-12);
    json_decref(root);
    clear(&f);
}

static void test_write_says_whose_counts_they_are(void **state)
{
    (void)state;
    static const char *const names[] = {"submitted", "changed", "unchecked"};
    static const char *const starts[] = {"Counted again", "THE RECORDS HAVE CHANGED",
                                         "The ledger does not know"};
    const evh_result_terminal terminal = {.unicode = false, .columns = 200};
    for (size_t i = 0; i < 3; i++) {
        fixture f;
        make(&f, plan_screening);
        f.own.origin = (evh_counts_origin)i;
        json_t *root = read_json(&f);
        assert_string_equal(text_of(json_object_get(root, "counts"), "origin"), names[i]);
        json_decref(root);
        evh_buffer_clear(&f.out);
        assert_ok(evh_comparison_text(&f.out, &f.result.facts, &f.own, &terminal));
        assert_holds(&f.out, starts[i]);
        clear(&f);
    }
}

static void test_write_same_facts_same_bytes(void **state)
{
    (void)state;
    fixture f[2];
    for (size_t i = 0; i < 2; i++) {
        make(&f[i], plan_screening);
        assert_ok(evh_comparison_write(&f[i].out, &f[i].result.facts, &f[i].own));
    }
    assert_views_equal(evh_buffer_view(&f[0].out), evh_buffer_view(&f[1].out));
    clear(&f[0]);
    clear(&f[1]);
}

static void test_text_begins_with_confidential(void **state)
{
    (void)state;
    static const char first[] = "CONFIDENTIAL: exact rates of acme's own records. Keep this on "
                                "your own premises.\nscreening\nRound 2 of 4, 9 customers\n";
    const evh_result_terminal terminal = {.unicode = false, .columns = 100};
    fixture f;
    make(&f, plan_screening);
    assert_ok(evh_comparison_text(&f.out, &f.result.facts, &f.own, &terminal));
    assert_memory_equal(f.out.data, first, sizeof first - 1);
    assert_holds(&f.out, "\nmissed\n  This site differs from the others beyond chance in 1 of ");
    assert_holds(&f.out, "  This site alone: Exceeds tolerance: false negative rate by sex: f (");
    assert_holds(&f.out, "  All customers: Exceeds tolerance: ");
    assert_holds(&f.out, "\n* f                        42.9 %    5.0 %     37.9 (");
    assert_holds(&f.out, " 4.7 %    higher, worse\n");
    assert_holds(&f.out, "\n  m                        17.1 %    16.7 %    ");
    assert_holds(&f.out, " none here\n");
    assert_false(test_holds(&f.out, " \n"));
    for (size_t i = 0; i < f.out.len; i++)
        assert_true(f.out.data[i] < 0x80);
    clear(&f);
}

static void test_text_tells_of_models_and_of_plans_without_questions(void **state)
{
    (void)state;
    static const char plan_events[] =
        "name: falls\n"
        "scorer: event\n"
        "models: [a, b]\n"
        "attributes: [{name: ward, values: [north]}]\n"
        "releases: [[ward]]\n"
        "privacy: {population: screened, mechanism: none}\n"
        "rounds: {count: 2, min_honest: 5, assumed_corrupt: 1, max_clients: 100}\n"
        "noise:\n"
        "  adjacency: add-remove\n"
        "  offset: 0\n"
        "  cells: [{release: [ward], cells: [records]}, {release: [ward], cells: [events]}]\n"
        "  shifts: [[{noise: 0, by: 1, cells: 2}, {noise: 1, by: 1, cells: 2}]]\n";
    const evh_result_terminal terminal = {.unicode = true, .columns = 100};
    fixture f;
    make(&f, plan_screening);
    test_result_clear(&f.result);
    test_result_make(&f.result, plan_events, population_screening, 0, 0);
    const int64_t sums[] = {1000, 100, 1000, 500, 0, 0, 0, 0, 0, 0, 0, 0};
    const int64_t counts[] = {100, 10, 100, 90, 0, 0, 0, 0, 0, 0, 0, 0};
    assert_int_equal(f.result.facts.sum_count, sizeof sums / sizeof sums[0]);
    memcpy(f.result.sums, sums, sizeof sums);
    f.own.counts = counts;
    assert_ok(evh_comparison_text(&f.out, &f.result.facts, &f.own, &terminal));
    assert_holds(&f.out, "\nevent rate, by ward, model a\n  This site does not differ from the "
                         "others beyond chance in any of the 1 groups");
    assert_holds(&f.out, "\nevent rate, by ward, model b\n  This site differs from the others "
                         "beyond chance in 1 of the 1 groups");
    assert_holds(&f.out, "north, 40.0 percentage points above");
    evh_buffer_clear(&f.out);
    assert_ok(evh_result_text(&f.out, &f.result.facts, &terminal));
    assert_holds(&f.out, "The plan asks no question.\n\nevent rate, by ward, model a\n  north ");
    assert_holds(&f.out, " 50.0 %  (");
    json_t *root = read_json(&f);
    assert_int_equal(json_array_size(json_object_get(root, "questions")), 0);
    assert_int_equal(json_array_size(json_object_get(root, "groups")), 6);
    json_decref(root);
    clear(&f);
}

static void test_nothing_is_said_where_records_may_not_be_independent(void **state)
{
    (void)state;
    static const char plan_repeated[] =
        "name: repeated\n"
        "scorer: binary\n"
        "attributes: [{name: sex, values: [f, m]}]\n"
        "releases: [[sex]]\n"
        "privacy: {population: screened, mechanism: none, records_per_unit: 2}\n"
        "rounds: {count: 4, min_honest: 5, assumed_corrupt: 1, max_clients: 100}\n"
        "questions:\n"
        "  - {id: missed, metric: false_negative_rate, by: sex, tolerance: \"0.05\"}\n"
        "noise:\n"
        "  adjacency: add-remove\n"
        "  offset: 0\n"
        "  cells: [{release: [sex], cells: [tp, fp, fn, tn]}]\n"
        "  shifts: [[{noise: 0, by: 2, cells: 1}]]\n";
    fixture f;
    make(&f, plan_repeated);
    json_t *root = read_json(&f);
    json_t *missed = json_array_get(json_object_get(root, "questions"), 0);
    assert_int_equal(json_integer_value(json_object_get(missed, "compared")), 2);
    assert_int_equal(json_integer_value(json_object_get(missed, "decided")), 0);
    assert_string_equal(text_of(missed, "sentence"),
                        "It is not said whether this site differs beyond chance: records of one "
                        "unit are counted as if they were independent of each other.");
    json_t *women = group_of(root, "false_negative_rate", "f");
    assert_true(json_is_null(json_object_get(women, "differs")));
    assert_true(json_is_null(json_object_get(women, "side")));
    assert_close(value_of(women, "difference"), 60.0 / 140 - 150.0 / 3000, 1e-12);
    json_decref(root);
    clear(&f);
}

static void test_forms_leave_nothing_behind_on_failure(void **state)
{
    (void)state;
    const evh_result_terminal terminal = {.unicode = true, .columns = 100};
    fixture f;
    make(&f, plan_screening);
    assert_ok(evh_buffer_format(&f.out, "before"));
    f.result.facts.customers = 0;
    assert_fails(evh_comparison_write(&f.out, &f.result.facts, &f.own), EVH_ERR_ARG);
    assert_fails(evh_comparison_text(&f.out, &f.result.facts, &f.own, &terminal), EVH_ERR_ARG);
    f.result.facts.customers = 9;
    f.own.customer = "\xff";
    assert_fails(evh_comparison_write(&f.out, &f.result.facts, &f.own), EVH_ERR_ENCODING);
    assert_int_equal(f.out.len, strlen("before"));
    clear(&f);
}

static evh_status write_json_again(void *context)
{
    fixture *f = context;
    evh_buffer_clear(&f->out);
    return evh_comparison_write(&f->out, &f->result.facts, &f->own);
}

static evh_status write_text_again(void *context)
{
    fixture *f = context;
    const evh_result_terminal terminal = {.unicode = true, .columns = 100};
    evh_buffer_clear(&f->out);
    return evh_comparison_text(&f->out, &f->result.facts, &f->own, &terminal);
}

static void test_forms_out_of_memory(void **state)
{
    (void)state;
    fixture f;
    make(&f, plan_screening);
    assert_true(test_alloc_sweep(write_json_again, &f) > 10);
    assert_true(test_alloc_sweep(write_text_again, &f) > 10);
    clear(&f);
}

int run_comparison_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_without_noise_is_plain_arithmetic),
        cmocka_unit_test(test_write_answers_each_question),
        cmocka_unit_test(test_write_says_whose_counts_they_are),
        cmocka_unit_test(test_write_same_facts_same_bytes),
        cmocka_unit_test(test_text_begins_with_confidential),
        cmocka_unit_test(test_text_tells_of_models_and_of_plans_without_questions),
        cmocka_unit_test(test_nothing_is_said_where_records_may_not_be_independent),
        cmocka_unit_test(test_forms_leave_nothing_behind_on_failure),
        cmocka_unit_test(test_forms_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
