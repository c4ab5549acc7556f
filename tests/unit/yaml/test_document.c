/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/yaml/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/alloc_fail.h"
#include "support/test.h"
#include "tests.h"

static evh_yaml *parse_good(evh_view bytes)
{
    evh_yaml *document = NULL;
    evh_diagnostics list = evh_diagnostics_init(10);
    assert_ok(evh_yaml_parse(&document, "f.yaml", bytes, &list));
    assert_int_equal(list.count, 0);
    assert_non_null(document);
    return document;
}

static void assert_mark(const evh_yaml_node *node, uint64_t line, uint64_t column)
{
    evh_mark mark = evh_yaml_mark(node);
    assert_string_equal(mark.file, "f.yaml");
    assert_int_equal(mark.line, line);
    assert_int_equal(mark.column, column);
}

static void assert_text(const evh_yaml_node *node, const char *text)
{
    assert_non_null(node);
    assert_views_equal(evh_yaml_text(node), evh_view_of_text(text));
    assert_int_equal(evh_yaml_text(node).data[strlen(text)], 0);
}

static void test_parse_tree_and_marks(void **state)
{
    (void)state;
    evh_yaml *document =
        parse_good(evh_view_of_text("# note\n"
                                    "name: caf\xc3\xa9 noir  # x\n"
                                    "\xc3\xa9t\xc3\xa9: {a: [1, '2', \"\\u00e9\"], b: {}}\n"
                                    "list:\n"
                                    "  - x\n"
                                    "  - {k: v}\n"
                                    "empty:\n"));
    const evh_yaml_node *root = evh_yaml_root(document);
    assert_int_equal(evh_yaml_kind_of(root), EVH_YAML_MAP);
    assert_int_equal(evh_yaml_count(root), 4);
    assert_mark(root, 2, 1);
    assert_text(evh_yaml_key(root, 0), "name");
    assert_text(evh_yaml_find(root, "name"), "caf\xc3\xa9 noir");
    assert_mark(evh_yaml_find(root, "name"), 2, 7);
    assert_true(evh_yaml_is_plain(evh_yaml_find(root, "name")));
    const evh_yaml_node *summer = evh_yaml_find(root, "\xc3\xa9t\xc3\xa9");
    assert_mark(summer, 3, 6); /* columns count characters, not bytes */
    const evh_yaml_node *a = evh_yaml_find(summer, "a");
    assert_int_equal(evh_yaml_kind_of(a), EVH_YAML_LIST);
    assert_int_equal(evh_yaml_count(a), 3);
    assert_text(evh_yaml_item(a, 0), "1");
    assert_text(evh_yaml_item(a, 1), "2");
    assert_false(evh_yaml_is_plain(evh_yaml_item(a, 1)));
    assert_text(evh_yaml_item(a, 2), "\xc3\xa9");
    assert_int_equal(evh_yaml_count(evh_yaml_find(summer, "b")), 0);
    const evh_yaml_node *item = evh_yaml_item(evh_yaml_find(root, "list"), 1);
    assert_text(evh_yaml_find(item, "k"), "v");
    assert_mark(evh_yaml_find(item, "k"), 6, 9);
    assert_int_equal(evh_yaml_text(evh_yaml_find(root, "empty")).len, 0);
    assert_null(evh_yaml_find(root, "nam"));
    assert_null(evh_yaml_find(a, "a"));
    assert_null(evh_yaml_find(NULL, "a"));
    assert_int_equal(evh_yaml_text(root).len, 0);
    evh_yaml_free(&document);
    assert_null(document);
    evh_yaml_free(&document);
}

static void test_parse_json_and_line_ends(void **state)
{
    (void)state;
    evh_yaml *document = parse_good(
        view_of_literal("\xef\xbb\xbf---\r\n{\"name\": \"p\",\r\n \"n\": [1, -2]}\r\n...\r\n"));
    const evh_yaml_node *root = evh_yaml_root(document);
    assert_text(evh_yaml_find(root, "name"), "p");
    assert_text(evh_yaml_item(evh_yaml_find(root, "n"), 1), "-2");
    assert_mark(evh_yaml_find(root, "n"), 3, 7);
    evh_yaml_free(&document);
    document = parse_good(view_of_literal("\"a\\0b\""));
    assert_views_equal(evh_yaml_text(evh_yaml_root(document)), view_of_literal("a\0b"));
    evh_yaml_free(&document);
}

static void test_parse_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        uint64_t line;
        uint64_t column;
        const char *wrong;
        const char *right;
    } rows[] = {
        {"", 0, 0, "the file is empty", "a YAML document"},
        {"# only\n", 2, 1, "nothing but comments", "a YAML document"},
        {"a: 1\nb:\t2\n", 2, 3, "a tab (U+0009)", "spaces"},
        {"a: 1\nb: \"x\ty\"\n", 2, 6, "a tab (U+0009)", "\\t between double quotes"},
        {"a: 1\nb: \xc3\xa9\xff\n", 2, 5, "a byte 0xff that is not valid UTF-8", "UTF-8"},
        {"a: \xed\xa0\x80\n", 1, 4, "a byte 0xed", "UTF-8"},
        {"a: \xc3", 1, 4, "a byte 0xc3", "UTF-8"},
        {"a: x\x01\n", 1, 5, "a control character (U+0001)", "plain text"},
        {"a: x\x7f\n", 1, 5, "a control character (U+007F)", "plain text"},
        {"a: x\xc2\x85y\n", 1, 5, "a control character (U+0085)", "plain text"},
        {"a: x\xe2\x80\xa8y\n", 1, 5, "an invisible line break (U+2028)", "plain text"},
        {"a: x\rb: y\n", 1, 5, "a carriage return alone", "newline"},
        {"a: x\xef\xbb\xbf\n", 1, 5, "a byte order mark inside", "plain text"},
        {"a: x\xef\xbf\xbf\n", 1, 5, "no character (U+FFFF)", "plain text"},
        {"a: 1\nb: 2\na: 3\n", 3, 1, "duplicate key \"a\", first on line 1", "each key once"},
        {"a: {x: 1, y: 2,\n  x: 3}\n", 2, 3, "duplicate key \"x\"", "each key once"},
        {"a: {x: 1, 'x': 3}\n", 1, 11, "duplicate key \"x\"", "each key once"},
        {"a: &x 1\nb: *x\n", 1, 4, "an anchor (&)", "quote"},
        {"a: &x [1]\n", 1, 4, "an anchor (&)", "quote"},
        {"a: &x {b: 1}\n", 1, 4, "an anchor (&)", "quote"},
        {"a: 1\nb: *x\n", 2, 4, "an alias (*)", "quote"},
        {"a: !!str 1\n", 1, 4, "a tag (!)", "quote"},
        {"a: ! 1\n", 1, 4, "a tag (!)", "quote"},
        {"a: !!seq [1]\n", 1, 4, "a tag (!)", "quote"},
        {"a: !mine {b: 1}\n", 1, 4, "a tag (!)", "quote"},
        {"%YAML 1.1\n---\na: 1\n", 1, 1, "a directive (%)", "without directives"},
        {"%TAG ! tag:x,2000:\n---\na: 1\n", 1, 1, "a directive (%)", "without directives"},
        {"a: 1\n---\nb: 2\n", 2, 1, "a second document", "one document"},
        {"[a]: 1\n", 1, 1, "a list or map as a key", "a text as a key"},
        {"x: 1\n? {a: b}\n: 1\n", 2, 3, "a list or map as a key", "a text as a key"},
        {"a: [1, 2\nb: 3\n", 2, 2, "not YAML: ", "brackets"},
        {"a: 'x\n", 2, 1, "not YAML: ", "quotes"},
        {"a: b: c\n", 1, 5, "not YAML: ", "indentation"},
        {"a:\n  - 1\n - 2\n", 3, 2, "not YAML: ", "indentation"},
        {"- @x\n", 1, 3, "not YAML: ", "quotes"},
        {"}\n", 1, 1, "not YAML: ", "brackets"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        evh_yaml *document = NULL;
        evh_diagnostics list = evh_diagnostics_init(10);
        evh_view bytes = evh_view_of_text(rows[i].bytes);
        evh_status status = evh_yaml_parse(&document, "f.yaml", bytes, &list);
        if (status.code != EVH_ERR_INPUT || list.count != 1)
            fail_msg("row %zu: %s", i, status.text);
        assert_null(document);
        if (list.items[0].line != rows[i].line || list.items[0].column != rows[i].column ||
            strstr(list.items[0].wrong, rows[i].wrong) == NULL ||
            strstr(list.items[0].right, rows[i].right) == NULL)
            fail_msg("row %zu gave %s", i, status.text);
        evh_diagnostics_clear(&list);
    }
}

static void test_parse_refuses_nul(void **state)
{
    (void)state;
    evh_yaml *document = NULL;
    evh_diagnostics list = evh_diagnostics_init(10);
    assert_fails_with(evh_yaml_parse(&document, "f", view_of_literal("a: 1\0\n"), &list),
                      EVH_ERR_INPUT, "f:1:5: error: a NUL character");
    evh_diagnostics_clear(&list);
}

/* Repeats opening brackets; the limit itself is allowed. */
static void test_parse_depth_limit(void **state)
{
    (void)state;
    for (size_t depth = EVH_YAML_DEPTH_MAX; depth <= EVH_YAML_DEPTH_MAX + 1; depth++) {
        evh_buffer text = evh_buffer_init(4096);
        for (size_t i = 0; i < depth; i++)
            assert_ok(evh_buffer_u8(&text, '['));
        for (size_t i = 0; i < depth; i++)
            assert_ok(evh_buffer_u8(&text, ']'));
        evh_yaml *document = NULL;
        evh_diagnostics list = evh_diagnostics_init(10);
        evh_status status = evh_yaml_parse(&document, "f", evh_buffer_view(&text), &list);
        if (depth <= EVH_YAML_DEPTH_MAX)
            assert_ok(status);
        else
            assert_fails_with(status, EVH_ERR_INPUT, "f:1:17: error: nested too deep");
        evh_yaml_free(&document);
        evh_diagnostics_clear(&list);
        evh_buffer_clear(&text);
    }
}

static void test_parse_size_limits(void **state)
{
    (void)state;
    size_t len = (size_t)EVH_PLAN_BYTES_MAX + 1;
    char *bytes = malloc(len);
    assert_non_null(bytes);
    memset(bytes, ' ', len);
    bytes[0] = 'a';
    evh_yaml *document = NULL;
    evh_diagnostics list = evh_diagnostics_init(10);
    assert_fails_with(evh_yaml_parse(&document, "f", evh_view_of(bytes, len), &list), EVH_ERR_INPUT,
                      "f: error: the file has 1048577 bytes");
    evh_diagnostics_clear(&list);
    assert_ok(evh_yaml_parse(&document, "f", evh_view_of(bytes, len - 1), &list));
    evh_yaml_free(&document);
    for (size_t i = 0; i < len - 1; i++)
        bytes[i] = i % 2 == 0 ? ',' : 'x';
    bytes[0] = '[';
    assert_fails_with(evh_yaml_parse(&document, "f", evh_view_of(bytes, len - 1), &list),
                      EVH_ERR_INPUT, "too many values");
    assert_null(document);
    evh_diagnostics_clear(&list);
    free(bytes);
}

/* Many keys must not take quadratic time: with it this test runs for minutes. */
static void test_parse_many_keys(void **state)
{
    (void)state;
    evh_buffer text = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    for (unsigned i = 0; i < 80000; i++)
        assert_ok(evh_buffer_format(&text, "k%u: 1\n", i));
    evh_yaml *document = parse_good(evh_buffer_view(&text));
    assert_int_equal(evh_yaml_count(evh_yaml_root(document)), 80000);
    evh_yaml_free(&document);
    evh_buffer_clear(&text);
}

/* No beginning and no single changed byte may crash, leak or give a document and a failure. */
static void test_parse_every_cut_and_flip(void **state)
{
    (void)state;
    static const char good[] =
        "name: 'x'\nlist: [a, {b: \"\\u00e9\"}]\nmore:\n  - 1\n  - >-\n    t\n";
    char bytes[sizeof good];
    for (size_t cut = 0; cut < sizeof good; cut++) {
        evh_yaml *document = NULL;
        evh_diagnostics list = evh_diagnostics_init(3);
        evh_status status = evh_yaml_parse(&document, "f", evh_view_of(good, cut), &list);
        assert_true((status.code == EVH_OK) == (document != NULL));
        assert_true((status.code == EVH_OK) == (list.errors == 0));
        evh_yaml_free(&document);
        evh_diagnostics_clear(&list);
    }
    for (size_t i = 0; i < (sizeof good - 1) * 8; i++) {
        memcpy(bytes, good, sizeof good);
        bytes[i / 8] = (char)(bytes[i / 8] ^ (1 << (i % 8)));
        evh_yaml *document = NULL;
        evh_diagnostics list = evh_diagnostics_init(3);
        evh_status status =
            evh_yaml_parse(&document, "f", evh_view_of(bytes, sizeof good - 1), &list);
        assert_true((status.code == EVH_OK) == (document != NULL));
        assert_true((status.code == EVH_OK) == (list.errors == 0));
        evh_yaml_free(&document);
        evh_diagnostics_clear(&list);
    }
}

static evh_status parse_once(void *context)
{
    evh_yaml *document = NULL;
    evh_diagnostics list = evh_diagnostics_init(3);
    evh_status status = evh_yaml_parse(&document, "f", evh_view_of_text(context), &list);
    assert_true((status.code == EVH_OK) == (document != NULL));
    evh_yaml_free(&document);
    evh_diagnostics_clear(&list);
    return status;
}

static void test_parse_without_memory(void **state)
{
    (void)state;
    char text[] = "a: [1, {b: c}]\nd: {}\n";
    assert_true(test_alloc_sweep(parse_once, text) > 4);
}

int run_document_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_tree_and_marks),
        cmocka_unit_test(test_parse_json_and_line_ends),
        cmocka_unit_test(test_parse_refusals),
        cmocka_unit_test(test_parse_refuses_nul),
        cmocka_unit_test(test_parse_depth_limit),
        cmocka_unit_test(test_parse_size_limits),
        cmocka_unit_test(test_parse_many_keys),
        cmocka_unit_test(test_parse_every_cut_and_flip),
        cmocka_unit_test(test_parse_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
