/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/report/result.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/plan/canonical.h"
#include "evenhand/plan/groups.h"
#include "results.h"
#include "support/alloc_fail.h"
#include "support/test.h"
#include "tests.h"

static json_t *written(const test_result *result)
{
    evh_buffer out = evh_buffer_init(1 << 20);
    json_error_t error;
    assert_ok(evh_result_write(&out, &result->facts));
    json_t *root = json_loadb((const char *)out.data, out.len, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(root);
    evh_buffer_clear(&out);
    return root;
}

static json_t *group_at(json_t *root, size_t index)
{
    return json_array_get(json_object_get(root, "groups"), index);
}

static json_int_t whole(json_t *root, const char *object, const char *key)
{
    json_t *value = json_object_get(json_object_get(root, object), key);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static const char *text(json_t *root, const char *object, const char *key)
{
    const char *value = json_string_value(json_object_get(json_object_get(root, object), key));
    assert_non_null(value);
    return value;
}

static void test_write_small_result(void **state)
{
    (void)state;
    test_result result;
    test_result_make(&result, plan_screening, population_screening, 10, 15);
    json_t *root = written(&result);
    assert_int_equal(json_array_size(json_object_get(root, "groups")), 5);
    /* f m _other _missing, then all of them together; cells tp fp fn tn */
    static const char *const names[] = {"f", "m", "_other", "_missing"};
    static const char *const cells[] = {"tp", "fp", "fn", "tn"};
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(text(group_at(root, i), "group", "sex"), names[i]);
        for (size_t j = 0; j < 4; j++)
            assert_int_equal(whole(group_at(root, i), "released", cells[j]),
                             (json_int_t)(10 * (4 * i + j)) - 15);
    }
    assert_int_equal(json_object_size(json_object_get(group_at(root, 4), "group")), 0);
    assert_int_equal(whole(group_at(root, 4), "released", "tp"), 10 * (0 + 4 + 8 + 12) - 4 * 15);
    assert_null(json_object_get(group_at(root, 0), "model"));
    assert_null(json_object_get(group_at(root, 0), "cells"));
    assert_string_equal(text(root, "privacy", "mechanism"), "discrete-laplace");
    assert_int_equal(whole(root, "privacy", "epsilon"), 1);
    assert_int_equal(whole(root, "round", "customers"), 9);
    assert_int_equal(whole(root, "round", "number"), 2);
    assert_true(json_is_null(json_object_get(json_object_get(root, "round"), "window_start")));
    json_decref(root);
    test_result_clear(&result);
}

/* Discrete Laplace of scale 1: 2 e^-1 / (1 - e^-1)^2 for each customer and group summed. */
static void test_write_noise_variance(void **state)
{
    (void)state;
    test_result result;
    test_result_make(&result, plan_screening, population_screening, 10, 15);
    json_t *root = written(&result);
    const double one = 1.8413471884155; /* worked out by hand */
    for (size_t i = 0; i < 5; i++) {
        json_t *variance =
            json_object_get(json_object_get(group_at(root, i), "noise_variance"), "fn");
        assert_close(json_real_value(variance), 9 * (i == 4 ? 4 : 1) * one, 1e-9);
    }
    json_decref(root);
    test_result_clear(&result);
}

static void test_write_budget_spent(void **state)
{
    (void)state;
    test_result result;
    test_result_make(&result, plan_screening, population_screening, 10, 15);
    json_t *root = written(&result);
    json_t *spent = json_object_get(json_object_get(root, "privacy"), "spent");
    assert_int_equal(json_integer_value(json_object_get(spent, "rounds")), 2);
    assert_close(json_real_value(json_object_get(spent, "epsilon")), 2, 1e-9);
    assert_string_equal(text(root, "population", "name"), "screened");
    json_decref(root);
    test_result_clear(&result);
}

static void test_write_models_and_names(void **state)
{
    (void)state;
    test_result result;
    test_result_make(&result, plan_speech, population_speech, 1, 0);
    json_t *root = written(&result);
    /* 5 accents, 4 noises; all together; 5 accents; each for 2 models */
    assert_int_equal(json_array_size(json_object_get(root, "groups")), 2 * (20 + 1 + 5));
    assert_string_equal(json_string_value(json_object_get(group_at(root, 1), "model")), "asr-4");
    assert_string_equal(text(group_at(root, 0), "group", "accent"), "a<b>");
    assert_string_equal(text(group_at(root, 8), "group", "accent"), "</script>");
    assert_string_equal(text(group_at(root, 2), "group", "noise"), "\xf0\x9f\x9a\x91");
    assert_string_equal(text(root, "round", "window_start"), "2026-11-01T00:00:00.000Z");
    json_decref(root);
    test_result_clear(&result);
}

static void test_write_same_facts_same_bytes(void **state)
{
    (void)state;
    evh_buffer bytes[2] = {evh_buffer_init(1 << 20), evh_buffer_init(1 << 20)};
    for (size_t i = 0; i < 2; i++) {
        test_result result;
        test_result_make(&result, plan_speech, population_speech, 7, 3);
        assert_ok(evh_result_write(&bytes[i], &result.facts));
        test_result_clear(&result);
    }
    assert_views_equal(evh_buffer_view(&bytes[0]), evh_buffer_view(&bytes[1]));
    evh_buffer_clear(&bytes[0]);
    evh_buffer_clear(&bytes[1]);
}

static void refused(test_result *result, evh_code code)
{
    evh_buffer out = evh_buffer_init(1 << 20);
    assert_ok(evh_buffer_append(&out, view_of_literal("before")));
    assert_fails(evh_result_write(&out, &result->facts), code);
    assert_views_equal(evh_buffer_view(&out), view_of_literal("before"));
    evh_buffer_clear(&out);
}

static void test_write_refuses_facts_that_do_not_fit(void **state)
{
    (void)state;
    test_result result;
    test_result_make(&result, plan_screening, population_screening, 10, 15);
    const evh_result_facts good = result.facts;
    result.facts.round = 0;
    refused(&result, EVH_ERR_ARG);
    result.facts.round = 5;
    refused(&result, EVH_ERR_ARG);
    result.facts = good;
    result.facts.customers = 0;
    refused(&result, EVH_ERR_ARG);
    result.facts.customers = 101;
    refused(&result, EVH_ERR_ARG);
    result.facts = good;
    result.facts.sum_count--;
    refused(&result, EVH_ERR_ARG);
    result.facts = good;
    result.facts.window_end_ms = 1;
    refused(&result, EVH_ERR_ARG);
    result.facts = good;
    result.facts.log_origin = "\xff";
    refused(&result, EVH_ERR_ENCODING);
    result.facts = good;
    result.population.name[0] = 'x';
    refused(&result, EVH_ERR_ARG);
    result.population.name[0] = 's';
    result.sums[0] = INT64_MAX;
    result.sums[4] = 1;
    refused(&result, EVH_ERR_RANGE);
    test_result_clear(&result);
    test_result_make(&result, plan_speech, population_speech, 1, 0);
    result.facts.window_end_ms = result.facts.window_start_ms;
    refused(&result, EVH_ERR_ARG);
    result.facts.window_end_ms = UINT64_MAX;
    refused(&result, EVH_ERR_ARG);
    test_result_clear(&result);
}

static void test_write_refuses_a_plan_without_noise(void **state)
{
    (void)state;
    test_result result;
    static const char draft[] = "name: d\nscorer: event\nattributes: [{name: a, values: [x]}]\n"
                                "releases: [[a]]\nprivacy: {population: screened, epsilon: 1}\n";
    test_result_make(&result, draft, population_screening, 1, 0);
    result.facts.round = 1;
    refused(&result, EVH_ERR_INPUT);
    test_result_clear(&result);
}

static void test_write_without_mechanism_is_marked(void **state)
{
    (void)state;
    test_result result;
    static const char bare[] =
        "name: d\nscorer: event\nattributes: [{name: a, values: [x]}]\nreleases: [[a]]\n"
        "privacy: {population: screened, mechanism: none}\n"
        "noise: {adjacency: add-remove, offset: 0,\n"
        "  cells: [{release: [a], cells: [records]}, {release: [a], cells: [events]}],\n"
        "  shifts: [[{noise: 0, by: 1, cells: 1}, {noise: 1, by: 1, cells: 1}]]}\n";
    test_result_make(&result, bare, population_screening, 1, 0);
    result.facts.round = 1;
    json_t *root = written(&result);
    json_t *privacy = json_object_get(root, "privacy");
    assert_true(json_is_false(json_object_get(privacy, "noised")));
    assert_true(json_is_null(json_object_get(privacy, "epsilon")));
    assert_true(json_is_null(json_object_get(json_object_get(privacy, "spent"), "epsilon")));
    json_decref(root);
    test_result_clear(&result);
}

static evh_status write_once(void *context)
{
    evh_buffer out = evh_buffer_init(1 << 20);
    evh_status status = evh_result_write(&out, context);
    evh_buffer_clear(&out);
    return status;
}

static void test_write_out_of_memory(void **state)
{
    (void)state;
    test_result result;
    test_result_make(&result, plan_speech, population_speech, 1, 0);
    assert_true(test_alloc_sweep(write_once, &result.facts) > 5);
    test_result_clear(&result);
}

int run_result_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_small_result),
        cmocka_unit_test(test_write_noise_variance),
        cmocka_unit_test(test_write_budget_spent),
        cmocka_unit_test(test_write_models_and_names),
        cmocka_unit_test(test_write_same_facts_same_bytes),
        cmocka_unit_test(test_write_refuses_facts_that_do_not_fit),
        cmocka_unit_test(test_write_refuses_a_plan_without_noise),
        cmocka_unit_test(test_write_without_mechanism_is_marked),
        cmocka_unit_test(test_write_out_of_memory),
    };
    return cmocka_run_group_tests_name("result", tests, NULL, NULL);
}
