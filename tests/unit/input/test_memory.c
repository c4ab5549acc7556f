/* SPDX-License-Identifier: Apache-2.0
 * Every allocation fails once: the answer is MEMORY, and nothing is left behind. */
#include "evenhand/input/bad_rows.h"
#include "evenhand/input/rows.h"
#include "evenhand/input/spellings.h"
#include "reading.h"
#include "support/alloc_fail.h"
#include "tests.h"

/* jansson's own allocations are in a shared library: they are neither counted nor cut. */
static evh_status read_rows(void *context)
{
    evh_view rest = view_of_literal("a,b\n1,\"2\"\"\"\n3,4\n");
    const evh_input_column columns[] = {{.name = evh_view_of_text("a")},
                                        {.name = evh_view_of_text("b")}};
    const evh_input_options options = {.format = *(const evh_input_format *)context,
                                       .source = evh_input_source_of_view(&rest),
                                       .columns = columns,
                                       .column_count = 2};
    if (options.format == EVH_INPUT_JSONL)
        rest = view_of_literal("{\"a\":1,\"b\":2}\n{\"a\":1.50,\"b\":\"x\"}\n");
    evh_status status = evh_ok();
    evh_input_rows *rows = NULL;
    evh_input_event event = EVH_INPUT_ROW;
    EVH_TRY(evh_input_rows_new(&rows, &options));
    while (event != EVH_INPUT_END) {
        evh_input_row row;
        EVH_TRY(evh_input_rows_next(rows, &event, &row));
    }

done:
    evh_input_rows_free(&rows);
    return status;
}

static evh_status read_no_file(void *context, evh_view path, evh_buffer *out)
{
    (void)context;
    return evh_buffer_append(out, path.data[0] == 'j'
                                      ? view_of_literal("{\"results\":{\"transcripts\":"
                                                        "[{\"transcript\":\"x\"}]}}")
                                      : view_of_literal("a b (1)\nc (2)\n"));
}

static evh_status read_manifest(void *context)
{
    (void)context;
    evh_view rest = view_of_literal("a,b\nx.trn,y.trn\nx.trn,j.json\n");
    const evh_input_column columns[] = {{.name = evh_view_of_text("a"), .transcript = true},
                                        {.name = evh_view_of_text("b"), .transcript = true}};
    const evh_input_options options = {.format = EVH_INPUT_MANIFEST,
                                       .source = evh_input_source_of_view(&rest),
                                       .folder = {.read_file = read_no_file},
                                       .columns = columns,
                                       .column_count = 2};
    evh_status status = evh_ok();
    evh_input_rows *rows = NULL;
    evh_input_event event = EVH_INPUT_ROW;
    EVH_TRY(evh_input_rows_new(&rows, &options));
    while (event != EVH_INPUT_END) {
        evh_input_row row;
        EVH_TRY(evh_input_rows_next(rows, &event, &row));
        EVH_REQUIRE(event != EVH_INPUT_BAD_ROW, EVH_ERR_INPUT, "%s", row.reason);
    }

done:
    evh_input_rows_free(&rows);
    return status;
}

static evh_status count_spellings(void *context)
{
    (void)context;
    evh_status status = evh_ok();
    evh_input_spellings *spellings = NULL;
    evh_input_bad_rows bad_rows = {.rows = NULL};
    EVH_TRY(evh_input_bad_rows_init(&bad_rows, 20));
    EVH_TRY(evh_input_spellings_new(&spellings));
    for (uint8_t i = 0; i < 20; i++)
        EVH_TRY(evh_input_spellings_add_other(spellings, evh_view_of(&i, 1)));

done:
    evh_input_spellings_free(&spellings);
    evh_input_bad_rows_clear(&bad_rows);
    return status;
}

static void test_rows_without_memory(void **state)
{
    (void)state;
    evh_input_format format = EVH_INPUT_CSV;
    assert_true(test_alloc_sweep(read_rows, &format) >= 5);
    format = EVH_INPUT_JSONL;
    assert_true(test_alloc_sweep(read_rows, &format) >= 5);
    assert_true(test_alloc_sweep(read_manifest, NULL) >= 10);
}

static void test_counting_without_memory(void **state)
{
    (void)state;
    assert_true(test_alloc_sweep(count_spellings, NULL) >= 20);
}

int run_memory_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_without_memory),
        cmocka_unit_test(test_counting_without_memory),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
