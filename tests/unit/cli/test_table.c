/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/cli/table.h"

#include <string.h>

#include "support/test.h"
#include "tests.h"

static void expect(const evh_table *table, const char *text)
{
    evh_buffer out = evh_buffer_init(1 << 16);
    assert_ok(evh_table_format(&out, table));
    assert_views_equal(evh_buffer_view(&out), evh_view_of_text(text));
    evh_buffer_clear(&out);
}

static void test_table_numbers_stand_right(void **state)
{
    (void)state;
    static const char *const cells[] = {"name",      "count", "state", "acme", "7", "open",
                                        "b\xC3\xA9", "-1200", "",      "c",    "",  "void"};
    evh_table table = evh_table_of(3);
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        assert_ok(evh_table_add(&table, "%s", cells[i]));
    expect(&table, "name  count  state\n"
                   "acme      7  open\n"
                   "b\xC3\xA9    -1200\n"
                   "c            void\n");
    evh_table_clear(&table);
    assert_int_equal(table.count, 0);
    evh_table_clear(&table);
}

static void test_table_ids_stand_left(void **state)
{
    (void)state;
    evh_table table = evh_table_of(2);
    assert_ok(evh_table_add(&table, "a long heading of ids"));
    assert_ok(evh_table_add(&table, "n"));
    assert_ok(evh_table_add(&table, "3f00000000000000"));
    assert_ok(evh_table_add(&table, "1"));
    expect(&table, "a long heading of ids  n\n"
                   "3f00000000000000       1\n");
    evh_table_clear(&table);
}

static void test_table_heading_alone(void **state)
{
    (void)state;
    evh_table table = evh_table_of(2);
    assert_ok(evh_table_add(&table, "a"));
    assert_ok(evh_table_add(&table, "bc"));
    expect(&table, "a  bc\n");
    evh_table_clear(&table);
}

static void test_table_lines_end_without_spaces(void **state)
{
    (void)state;
    evh_table table = evh_table_of(2);
    const char *cells[] = {"a", "remark", "x", "", "long", "seen"};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        assert_ok(evh_table_add(&table, "%s", cells[i]));
    expect(&table, "a     remark\nx\nlong  seen\n");
    evh_table_clear(&table);
}

static void test_table_cell_is_cut(void **state)
{
    (void)state;
    char text[2 * EVH_TABLE_CELL_LEN];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    evh_table table = evh_table_of(1);
    assert_ok(evh_table_add(&table, "%s", text));
    text[EVH_TABLE_CELL_LEN - 1] = '\n';
    text[EVH_TABLE_CELL_LEN] = '\0';
    expect(&table, text);
    evh_table_clear(&table);
}

int run_table_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_numbers_stand_right),
        cmocka_unit_test(test_table_ids_stand_left),
        cmocka_unit_test(test_table_heading_alone),
        cmocka_unit_test(test_table_lines_end_without_spaces),
        cmocka_unit_test(test_table_cell_is_cut),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
