/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/report/formats.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/report/page.h"
#include "results.h"
#include "support/alloc_fail.h"
#include "support/test.h"
#include "tests.h"

/* 9 customers' counts that are far above their noise, and empty groups beside them. */
static void make_screening(test_result *out)
{
    static const int64_t cells[] = {2850, 400, 150, 6000, 2500, 350, 500, 6100,
                                    3,    -2,  1,   4,    -1,   0,   2,   -3};
    test_result_make(out, plan_screening, population_screening, 0, 0);
    memcpy(out->sums, cells, sizeof cells);
}

static size_t count_of(const evh_buffer *text, const char *part)
{
    size_t found = 0;
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= text->len; i++)
        found += memcmp(text->data + i, part, len) == 0;
    return found;
}

static void test_csv_has_a_row_for_each_group_and_metric(void **state)
{
    (void)state;
    test_result result;
    evh_buffer out = evh_buffer_init(1 << 20);
    make_screening(&result);
    assert_ok(evh_result_csv(&out, &result.facts));
    /* By sex: Fairlearn's eight, Clarify's ten of f and of m, GE. */
    assert_int_equal(count_of(&out, "\r\n"), 1 + 5 * 13 + 8 + 2 * 10 + 1);
    assert_holds(&out,
                 "\"plan_id\",\"plan\",\"round\",\"window_start\",\"window_end\",\"customers\","
                 "\"release\",\"model\",\"sex\",\"metric\",\"value\",\"withheld\",");
    assert_holds(&out, "\"corrected\",\"rest_difference\",\"rest_difference_low\",");
    assert_holds(&out, ",\"reference_ratio_high\",\"released:tp\",");
    assert_holds(&out, "\"f\",\"DPPL\",");
    assert_holds(&out, "\"sex\",\"\",\"\",\"equalized_odds_ratio\",");
    assert_holds(&out, "\"released:tp\",\"released:fp\",\"released:fn\",\"released:tn\"\r\n");
    assert_holds(&out,
                 ",2,,,9,\"sex\",\"\",\"f\",\"false_negative_rate\",0.050000000000000003,\"\",");
    assert_holds(&out, ",2850,400,150,6000\r\n");
    assert_holds(&out, "\"_missing\",\"false_negative_rate\",,\"unclear_denominator\",,,,,,,,");
    test_result_clear(&result);
    evh_buffer_clear(&out);
}

static void test_csv_doubles_quotes(void **state)
{
    (void)state;
    test_result result;
    evh_buffer out = evh_buffer_init(1 << 20);
    test_result_make(&result, plan_speech, population_speech, 5, 0);
    assert_ok(evh_result_csv(&out, &result.facts));
    assert_holds(&out, "\"accents <b>\"\"&'</script>\"");
    assert_holds(&out, ",2026-11-01T00:00:00.000Z,2026-12-01T00:00:00.000Z,9,\"accent+noise\","
                       "\"asr-3\",\"a<b>\",");
    test_result_clear(&result);
    evh_buffer_clear(&out);
}

/* Names that a spreadsheet would run; what reads the table takes one apostrophe away. */
static void test_csv_defuses_formulas(void **state)
{
    (void)state;
    static const char plan[] =
        "name: \"'=1+1\"\n"
        "scorer: event\n"
        "attributes: [{name: a, values: [\"=cmd\", \"+1\", \"-1\", \"@x\", \"''@y\", \"'z\", "
        "\"\xef\xbc\x9dw\", \"a=b\"]}]\n"
        "releases: [[a]]\n"
        "privacy: {population: screened, mechanism: none}\n"
        "noise: {adjacency: add-remove, offset: 0,\n"
        "  cells: [{release: [a], cells: [records]}, {release: [a], cells: [events]}],\n"
        "  shifts: [[{noise: 0, by: 1, cells: 1}, {noise: 1, by: 1, cells: 1}]]}\n";
    static const char *const fields[] = {
        "\"''=1+1\",", "\"'=cmd\",",         "\"'+1\",", "\"'-1\",",
        "\"'@x\",",    "\"'''@y\",",         "\"'z\",",  "\"'\xef\xbc\x9dw\",",
        "\"a=b\",",    "\"released:events\""};
    test_result result;
    evh_buffer out = evh_buffer_init(1 << 20);
    test_result_make(&result, plan, population_screening, 1, 0);
    result.facts.round = 1;
    assert_ok(evh_result_csv(&out, &result.facts));
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        assert_holds(&out, fields[i]);
    assert_false(test_holds(&out, "\"="));
    test_result_clear(&result);
    evh_buffer_clear(&out);
}

static void test_card_escapes_and_tells(void **state)
{
    (void)state;
    test_result result;
    evh_buffer out = evh_buffer_init(1 << 20);
    make_screening(&result);
    assert_ok(evh_result_card(&out, &result.facts));
    assert_holds(
        &out, "- **missed**: Exceeds tolerance: false negative rate by sex: f (5.0 %) is 11.7 "
              "percentage points below m (16.7 %) (95 % interval for all comparisons together: ");
    assert_holds(&out, "| f | 5.0 % | ");
    assert_holds(&out, "| \\_missing | - | too few: it may be all noise |");
    test_result_clear(&result);
    evh_buffer_clear(&out);
    test_result_make(&result, plan_speech, population_speech, 5, 0);
    assert_ok(evh_result_card(&out, &result.facts));
    assert_holds(&out, "accents &#60;b&#62;\"&#38;'&#60;/script&#62;");
    assert_false(test_holds(&out, "<"));
    test_result_clear(&result);
    evh_buffer_clear(&out);
}

/* DPPL of f against m: 2850/9450 of m, 3250/9400 of f; nobody else is there. */
static void test_analysis_has_clarifys_shape(void **state)
{
    (void)state;
    test_result result;
    json_error_t error;
    evh_buffer out = evh_buffer_init(1 << 20);
    make_screening(&result);
    memset(result.sums + 8, 0, 8 * sizeof *result.sums);
    assert_ok(evh_result_analysis(&out, &result.facts, 0));
    json_t *root = json_loadb((char *)out.data, out.len, JSON_REJECT_DUPLICATES, &error);
    json_t *metrics = json_object_get(root, "post_training_bias_metrics");
    json_t *values = json_object_get(json_object_get(metrics, "facets"), "sex");
    assert_int_equal(json_array_size(values), 2);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(values, 0), "value_or_threshold")), "f");
    json_t *first = json_array_get(json_object_get(json_array_get(values, 0), "metrics"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "name")), "DPPL");
    assert_close(json_real_value(json_object_get(first, "value")),
                 2850.0 / 9450.0 - 3250.0 / 9400.0, 1e-12);
    json_decref(root);
    evh_buffer_clear(&out);
    assert_fails(evh_result_analysis(&out, &result.facts, 1), EVH_ERR_ARG);
    test_result_clear(&result);
    test_result_make(&result, plan_speech, population_speech, 5, 0);
    assert_fails(evh_result_analysis(&out, &result.facts, 0), EVH_ERR_TYPE);
    assert_int_equal(out.len, 0);
    test_result_clear(&result);
    evh_buffer_clear(&out);
}

static void test_text_in_unicode_and_ascii(void **state)
{
    (void)state;
    test_result result;
    evh_buffer out = evh_buffer_init(1 << 20);
    make_screening(&result);
    assert_ok(evh_result_text(&out, &result.facts, &(evh_result_terminal){true, 100}));
    assert_holds(&out, "\nmissed\n  Exceeds tolerance: false negative rate by sex: f (5.0 %) is "
                       "11.7 percentage points below m");
    assert_holds(&out, "\xe2\x97\x8f");
    evh_buffer_clear(&out);
    assert_ok(evh_result_text(&out, &result.facts, &(evh_result_terminal){false, 60}));
    for (size_t i = 0; i < out.len; i++)
        assert_true(out.data[i] < 0x80);
    assert_holds(&out, "*");
    for (unsigned columns = 40; columns <= 100; columns += 20) {
        size_t width = 0;
        evh_buffer_clear(&out);
        assert_ok(evh_result_text(&out, &result.facts, &(evh_result_terminal){false, columns}));
        for (size_t i = 0; i < out.len; i++) {
            width = out.data[i] == '\n' ? 0 : width + 1;
            assert_true(width <= columns);
        }
    }
    assert_holds(&out, "\n! f ");
    assert_holds(&out, "\n= m ");
    assert_holds(&out, "\n. _other ");
    assert_holds(&out, "\n! exceeds tolerance, + within tolerance, ? insufficient evidence, ");
    test_result_clear(&result);
    evh_buffer_clear(&out);
}

static void test_page_escapes_names(void **state)
{
    (void)state;
    test_result result;
    evh_buffer out = evh_buffer_init(EVH_PAGE_BYTES_MAX);
    test_result_make(&result, plan_speech, population_speech, 5, 0);
    const evh_result_facts *facts = &result.facts;
    assert_ok(evh_result_page(&out, &facts, 1));
    assert_holds(&out, "<bdi>accents &lt;b&gt;&quot;&amp;&#39;&lt;/script&gt;</bdi>");
    assert_int_equal(count_of(&out, "</script>"), 3);
    assert_int_equal(count_of(&out, "<script"), 3);
    assert_false(test_holds(&out, "<b>"));
    assert_int_equal(count_of(&out, "'sha256-"), 3);
    test_result_clear(&result);
    evh_buffer_clear(&out);
}

static void test_page_same_results_same_bytes(void **state)
{
    (void)state;
    evh_buffer pages[2] = {evh_buffer_init(EVH_PAGE_BYTES_MAX),
                           evh_buffer_init(EVH_PAGE_BYTES_MAX)};
    for (size_t i = 0; i < 2; i++) {
        test_result result;
        make_screening(&result);
        const evh_result_facts *facts = &result.facts;
        assert_ok(evh_result_page(&pages[i], &facts, 1));
        test_result_clear(&result);
    }
    assert_views_equal(evh_buffer_view(&pages[0]), evh_buffer_view(&pages[1]));
    evh_buffer_clear(&pages[0]);
    evh_buffer_clear(&pages[1]);
}

static void test_page_refuses_rounds_that_do_not_fit(void **state)
{
    (void)state;
    test_result a;
    test_result b;
    evh_buffer out = evh_buffer_init(EVH_PAGE_BYTES_MAX);
    make_screening(&a);
    test_result_make(&b, plan_speech, population_speech, 5, 0);
    const evh_result_facts *same[] = {&a.facts, &a.facts};
    const evh_result_facts *plans[] = {&a.facts, &b.facts};
    assert_fails(evh_result_page(&out, same, 2), EVH_ERR_ARG);
    assert_fails(evh_result_page(&out, plans, 2), EVH_ERR_ARG);
    assert_fails(evh_result_page(&out, same, 0), EVH_ERR_ARG);
    assert_fails(evh_result_page(&out, same, EVH_PAGE_ROUNDS_MAX + 1), EVH_ERR_ARG);
    a.facts.customers = 0;
    assert_fails(evh_result_page(&out, same, 1), EVH_ERR_ARG);
    assert_fails(evh_result_csv(&out, &a.facts), EVH_ERR_ARG);
    assert_fails(evh_result_card(&out, &a.facts), EVH_ERR_ARG);
    assert_fails(evh_result_text(&out, &a.facts, &(evh_result_terminal){true, 80}), EVH_ERR_ARG);
    assert_int_equal(out.len, 0);
    test_result_clear(&a);
    test_result_clear(&b);
    evh_buffer_clear(&out);
}

enum { FORM_CSV, FORM_CARD, FORM_ANALYSIS, FORM_TEXT, FORM_PAGE, FORMS };

typedef struct operation {
    const evh_result_facts *facts;
    size_t form; /* FORM_... */
} operation;

static evh_status write_form(void *context)
{
    const operation *asked = context;
    const evh_result_terminal terminal = {true, 80};
    evh_buffer out = evh_buffer_init(EVH_PAGE_BYTES_MAX);
    evh_status status = evh_ok();
    if (asked->form == FORM_CSV)
        status = evh_result_csv(&out, asked->facts);
    else if (asked->form == FORM_CARD)
        status = evh_result_card(&out, asked->facts);
    else if (asked->form == FORM_ANALYSIS)
        status = evh_result_analysis(&out, asked->facts, 0);
    else if (asked->form == FORM_TEXT)
        status = evh_result_text(&out, asked->facts, &terminal);
    else
        status = evh_result_page(&out, &asked->facts, 1);
    assert_true((out.len > 0) == (status.code == EVH_OK));
    evh_buffer_clear(&out);
    return status;
}

static void test_forms_out_of_memory(void **state)
{
    (void)state;
    test_result result;
    make_screening(&result);
    for (size_t form = FORM_CSV; form < FORMS; form++) {
        operation asked = {.facts = &result.facts, .form = form};
        assert_true(test_alloc_sweep(write_form, &asked) > 5);
    }
    test_result_clear(&result);
}

int run_formats_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv_has_a_row_for_each_group_and_metric),
        cmocka_unit_test(test_csv_doubles_quotes),
        cmocka_unit_test(test_csv_defuses_formulas),
        cmocka_unit_test(test_card_escapes_and_tells),
        cmocka_unit_test(test_analysis_has_clarifys_shape),
        cmocka_unit_test(test_text_in_unicode_and_ascii),
        cmocka_unit_test(test_page_escapes_names),
        cmocka_unit_test(test_page_same_results_same_bytes),
        cmocka_unit_test(test_page_refuses_rounds_that_do_not_fit),
        cmocka_unit_test(test_forms_out_of_memory),
    };
    return cmocka_run_group_tests_name("formats", tests, NULL, NULL);
}
