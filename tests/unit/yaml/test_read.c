/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/yaml/read.h"

#include <string.h>

#include "support/test.h"
#include "tests.h"

typedef struct fixture {
    evh_yaml *document;
    const evh_yaml_node *root;
    evh_diagnostics list;
} fixture;

static int setup(void **state)
{
    static fixture shared;
    static const char text[] = "text: hello\n"
                               "quoted: \"24\"\n"
                               "number: 24\n"
                               "negative: -5\n"
                               "hundred: 100\n"
                               "decimal: \"0.05\"\n"
                               "plain_decimal: 1e-5\n"
                               "long_decimal: 0.1234567890123456789\n"
                               "yes: true\n"
                               "no: false\n"
                               "quoted_bool: 'true'\n"
                               "nothing:\n"
                               "tilde: ~\n"
                               "'null': 'null'\n"
                               "list: [a, b, c]\n"
                               "map: {alpha: 1, beta: 2}\n"
                               "control: \"a\\u0007\"\n"
                               "huge: 99999999999999999999999\n"
                               "fraction: 1.5\n"
                               "power: 1e3\n";
    shared.list = evh_diagnostics_init(10);
    assert_ok(evh_yaml_parse(&shared.document, "f", view_of_literal(text), &shared.list));
    shared.root = evh_yaml_root(shared.document);
    *state = &shared;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    evh_yaml_free(&f->document);
    evh_diagnostics_clear(&f->list);
    return 0;
}

/* The newest diagnostic stands at this key's value and contains both texts. */
static void assert_said(const fixture *f, const char *key, const char *wrong, const char *right)
{
    assert_true(f->list.count > 0);
    const evh_diagnostic *last = &f->list.items[f->list.count - 1];
    assert_int_equal(last->line, evh_yaml_mark(evh_yaml_find(f->root, key)).line);
    assert_int_equal(last->column, evh_yaml_mark(evh_yaml_find(f->root, key)).column);
    if (strstr(last->wrong, wrong) == NULL || strstr(last->right, right) == NULL)
        fail_msg("said: %s (expected %s)", last->wrong, last->right);
}

static void test_read_text(void **state)
{
    fixture *f = *state;
    evh_view out = evh_view_of_text("before");
    assert_true(evh_yaml_read_text(evh_yaml_find(f->root, "text"), "text", 1, 5, &out, &f->list));
    assert_views_equal(out, evh_view_of_text("hello"));
    assert_true(evh_yaml_read_text(evh_yaml_find(f->root, "number"), "n", 1, 5, &out, &f->list));
    assert_views_equal(out, evh_view_of_text("24"));
    assert_true(evh_yaml_read_text(evh_yaml_find(f->root, "null"), "n", 1, 5, &out, &f->list));
    assert_int_equal(f->list.errors, 0);
    static const struct {
        const char *key;
        const char *wrong;
        const char *right;
    } rows[] = {
        {"list", "t is a list", "a text"},          {"map", "t is a map", "a text"},
        {"nothing", "t is empty", "1 to 4 bytes"},  {"tilde", "t is \"~\"", "quote it"},
        {"text", "t is \"hello\"", "1 to 4 bytes"}, {"control", "t is", "control characters"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        out = evh_view_of_text("before");
        assert_false(
            evh_yaml_read_text(evh_yaml_find(f->root, rows[i].key), "t", 1, 4, &out, &f->list));
        assert_said(f, rows[i].key, rows[i].wrong, rows[i].right);
        assert_views_equal(out, evh_view_of_text("before"));
    }
    size_t before = f->list.errors;
    assert_false(evh_yaml_read_text(NULL, "t", 1, 4, &out, &f->list));
    assert_int_equal(f->list.errors, before);
}

static void test_read_integer(void **state)
{
    fixture *f = *state;
    int64_t out = 77;
    assert_true(
        evh_yaml_read_integer(evh_yaml_find(f->root, "number"), "n", 24, 24, &out, &f->list));
    assert_int_equal(out, 24);
    assert_true(
        evh_yaml_read_integer(evh_yaml_find(f->root, "hundred"), "n", 0, 999, &out, &f->list));
    assert_int_equal(out, 100);
    assert_true(
        evh_yaml_read_integer(evh_yaml_find(f->root, "negative"), "n", -5, 0, &out, &f->list));
    assert_true(out == -5);
    static const char *const bad[] = {"text", "quoted", "decimal", "list",     "nothing",
                                      "huge", "power",  "hundred", "negative", "fraction"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(
            evh_yaml_read_integer(evh_yaml_find(f->root, bad[i]), "n", 1, 99, &out, &f->list));
        assert_said(f, bad[i], "n is ", "a whole number from 1 to 99");
        assert_true(out == -5);
    }
}

static void test_read_decimal(void **state)
{
    fixture *f = *state;
    evh_decimal out = {.digits = 77};
    assert_true(evh_yaml_read_decimal(evh_yaml_find(f->root, "decimal"), "d", "x", &out, &f->list));
    assert_true(out.digits == 5 && out.exponent == -2);
    assert_true(
        evh_yaml_read_decimal(evh_yaml_find(f->root, "plain_decimal"), "d", "x", &out, &f->list));
    assert_true(out.digits == 1 && out.exponent == -5);
    assert_false(
        evh_yaml_read_decimal(evh_yaml_find(f->root, "text"), "d", "a decimal", &out, &f->list));
    assert_said(f, "text", "d is \"hello\"", "a decimal");
    assert_false(
        evh_yaml_read_decimal(evh_yaml_find(f->root, "long_decimal"), "d", "x", &out, &f->list));
    assert_said(f, "long_decimal", "18 significant digits", "x");
    assert_false(evh_yaml_read_decimal(evh_yaml_find(f->root, "map"), "d", "x", &out, &f->list));
    assert_said(f, "map", "d is a map", "x");
    assert_true(out.digits == 1 && out.exponent == -5);
}

static void test_read_bool(void **state)
{
    fixture *f = *state;
    bool out = false;
    assert_true(evh_yaml_read_bool(evh_yaml_find(f->root, "yes"), "b", &out, &f->list));
    assert_true(out);
    assert_true(evh_yaml_read_bool(evh_yaml_find(f->root, "no"), "b", &out, &f->list));
    assert_false(out);
    assert_false(evh_yaml_read_bool(evh_yaml_find(f->root, "quoted_bool"), "b", &out, &f->list));
    assert_said(f, "quoted_bool", "b is \"true\"", "true or false");
    assert_false(evh_yaml_read_bool(evh_yaml_find(f->root, "list"), "b", &out, &f->list));
    assert_said(f, "list", "b is a list", "true or false");
}

static void test_read_choice(void **state)
{
    fixture *f = *state;
    static const char *const names[] = {"hallo", "help"};
    static const char *const exact[] = {"other", "hello"};
    size_t out = 9;
    assert_true(
        evh_yaml_read_choice(evh_yaml_find(f->root, "text"), "c", exact, 2, &out, &f->list));
    assert_int_equal(out, 1);
    assert_false(
        evh_yaml_read_choice(evh_yaml_find(f->root, "text"), "c", names, 2, &out, &f->list));
    assert_said(f, "text", "c is \"hello\"", "\"hallo\"; allowed: hallo or help");
    assert_false(
        evh_yaml_read_choice(evh_yaml_find(f->root, "list"), "c", names, 2, &out, &f->list));
    assert_said(f, "list", "c is a list", "hallo or help");
    assert_int_equal(out, 1);
}

static void test_read_list(void **state)
{
    fixture *f = *state;
    assert_true(evh_yaml_read_list(evh_yaml_find(f->root, "list"), "l", 3, 3, &f->list));
    assert_false(evh_yaml_read_list(evh_yaml_find(f->root, "list"), "l", 4, 9, &f->list));
    assert_said(f, "list", "l has 3 items", "4 to 9");
    assert_false(evh_yaml_read_list(evh_yaml_find(f->root, "list"), "l", 0, 2, &f->list));
    assert_said(f, "list", "l has 3 items", "0 to 2");
    assert_false(evh_yaml_read_list(evh_yaml_find(f->root, "text"), "l", 0, 2, &f->list));
    assert_said(f, "text", "l is \"hello\"", "a list");
    assert_false(evh_yaml_read_list(NULL, "l", 0, 2, &f->list));
}

static void test_read_map_and_require(void **state)
{
    fixture *f = *state;
    static const char *const keys[] = {"alpha", "beta", "gamma"};
    const evh_yaml_node *map = evh_yaml_find(f->root, "map");
    assert_true(evh_yaml_read_map(map, "map", keys, 3, &f->list));
    const evh_yaml_node *value = NULL;
    assert_true(evh_yaml_require(map, "map", "beta", "a number", &value, &f->list));
    assert_ptr_equal(value, evh_yaml_find(map, "beta"));
    assert_false(evh_yaml_require(map, "map", "gamma", "a number", &value, &f->list));
    assert_said(f, "map", "map has no key \"gamma\"", "a number");
    assert_ptr_equal(value, evh_yaml_find(map, "beta"));
    static const char *const others[] = {"alpha", "bet"};
    assert_false(evh_yaml_read_map(map, "map", others, 2, &f->list));
    const evh_diagnostic *last = &f->list.items[f->list.count - 1];
    assert_string_equal(last->wrong, "unknown key \"beta\" in map");
    assert_string_equal(last->right, "\"bet\"; allowed: alpha or bet");
    assert_int_equal(last->column, evh_yaml_mark(evh_yaml_key(map, 1)).column);
    assert_false(evh_yaml_read_map(evh_yaml_find(f->root, "list"), "m", keys, 3, &f->list));
    assert_said(f, "list", "m is a list", "a map");
    assert_false(evh_yaml_read_map(NULL, "m", keys, 3, &f->list));
    assert_false(evh_yaml_require(NULL, "m", "k", "r", &value, &f->list));
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const names[] = {"epsilon", "delta", "mechanism", "placement"};
    assert_string_equal(evh_yaml_nearest(evh_view_of_text("epsilom"), names, 4), "epsilon");
    assert_string_equal(evh_yaml_nearest(evh_view_of_text("Delta"), names, 4), "delta");
    assert_string_equal(evh_yaml_nearest(evh_view_of_text("mechansim"), names, 4), "mechanism");
    assert_null(evh_yaml_nearest(evh_view_of_text("colour"), names, 4));
    assert_null(evh_yaml_nearest(evh_view_of_text(""), names, 4));
    char longer[200];
    memset(longer, 'e', sizeof longer);
    assert_null(evh_yaml_nearest(evh_view_of(longer, sizeof longer), names, 4));
}

int run_read_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read_integer, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read_decimal, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read_bool, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read_choice, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read_list, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read_map_and_require, setup, teardown),
        cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
