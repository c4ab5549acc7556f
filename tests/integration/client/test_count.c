/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "tests.h"

static const char binary_plan[] = "version: 1\n"
                                  "name: small\n"
                                  "scorer: binary\n"
                                  "binary: {positive: [\"1\", yes]}\n"
                                  "attributes:\n"
                                  "  - {name: sex, values: [f, m]}\n"
                                  "  - {name: age, bins: [18, 40, 65]}\n"
                                  "releases: [[sex, age]]\n"
                                  "derive: [[], [sex]]\n"
                                  "privacy: {population: people, records_per_unit: 2, "
                                  "epsilon: \"1\"}\n";

static void test_count_binary_every_group(void **state)
{
    site *s = *state;
    site_write(s, "plan.yaml", binary_plan);
    site_write(s, "data.csv",
               "label,age,unit,sex,prediction\r\n"
               "1,20,a,f,1\r\n"
               "yes,20,b, f ,no\r\n"
               "0,39.9,c,m,1\r\n"
               "0,40,d,m,0\r\n"
               "1,64,e,x,1\r\n"
               "1,65,f,,1\r\n"
               "1,20,,f,1\r\n");
    site_expect(s, 0, "count -p @plan.yaml --data @data.csv --json");
    assert_string_equal((const char *)s->err.data, "");
    assert_true(json_is_null(json_object_get(s->json, "plan_id")));
    assert_true(json_is_true(json_object_get(s->json, "exact")));
    assert_string_equal(json_string_value(json_object_get(s->json, "order_key")), "zero");
    json_t *records = json_object_get(s->json, "records");
    json_t *expected =
        json_pack("{s:i,s:i,s:i,s:i}", "read", 7, "used", 6, "skipped", 1, "clipped", 0);
    assert_true(json_equal(records, expected));
    json_decref(expected);
    /* (2 + 2) sexes * (2 + 2) ages, everything, (2 + 2) sexes */
    assert_int_equal(json_array_size(json_object_get(s->json, "groups")), 16 + 1 + 4);
    assert_int_equal(site_cell(s, "sex,age", "f,[18,40)", "tp"), 1);
    assert_int_equal(site_cell(s, "sex,age", "f,[18,40)", "fn"), 1);
    assert_int_equal(site_cell(s, "sex,age", "m,[18,40)", "fp"), 1);
    assert_int_equal(site_cell(s, "sex,age", "m,[40,65)", "tn"), 1);
    assert_int_equal(site_cell(s, "sex,age", "_other,[40,65)", "tp"), 1);
    assert_int_equal(site_cell(s, "sex,age", "_missing,_other", "tp"), 1);
    assert_int_equal(site_cell(s, "sex,age", "f,_missing", "tp"), 0);
    assert_int_equal(site_cell(s, "sex", "_missing", "tp"), 1);
    assert_int_equal(site_cell(s, "", "", "tp"), 3);
    const json_t *unmapped = json_object_get(json_object_get(s->json, "unmapped"), "sex");
    assert_int_equal(json_integer_value(json_object_get(unmapped, "total")), 1);
}

/* Which records of a unit over its cap count: figures of a program of its own that was written after
 * docs/reference/scoring.md. */
static void test_count_takes_records_in_the_documented_order(void **state)
{
    site *s = *state;
    char data[2048] = "unit,sex,age,label,prediction\n";
    for (int unit = 1; unit <= 8; unit++)
        for (int i = 0; i < 4; i++) {
            size_t used = strlen(data);
            (void)snprintf(data + used, sizeof data - used, "u%d,f,%d,%d,%d\n", unit, 20 + i, i < 2,
                           i % 2 == 0);
        }
    site_write(s, "plan.yaml", binary_plan);
    site_write(s, "data.csv", data);
    site_expect(s, 0, "count -p @plan.yaml --data @data.csv --json");
    assert_int_equal(site_cell(s, "sex,age", "f,[18,40)", "tp"), 3);
    assert_int_equal(site_cell(s, "sex,age", "f,[18,40)", "fp"), 5);
    assert_int_equal(site_cell(s, "sex,age", "f,[18,40)", "fn"), 3);
    assert_int_equal(site_cell(s, "sex,age", "f,[18,40)", "tn"), 5);
    site_expect(s, 0, "count -p @plan.yaml --data @data.csv --json -n 7");
    assert_int_equal(site_cell(s, "sex,age", "f,[18,40)", "tp"), 4);
    assert_int_equal(site_cell(s, "sex,age", "f,[18,40)", "fp"), 3);
    assert_int_equal(site_cell(s, "sex,age", "f,[18,40)", "fn"), 4);
    assert_int_equal(site_cell(s, "sex,age", "f,[18,40)", "tn"), 5);
}

static void test_count_as_text(void **state)
{
    site *s = *state;
    site_write(s, "plan.yaml", binary_plan);
    site_write(s, "data.csv", "label,age,unit,sex,prediction\n1,20,a,w,1\n");
    site_expect(s, 0, "count -p @plan.yaml --data @data.csv");
    site_wrote(s, "Records: 1 read, 1 used, 0 skipped, 0 clipped; 1 units.");
    site_wrote(s, "sex       age");
    site_wrote(s, "exact counts of your own records");
    site_said(s, "all-zero key");
    site_said(s, "sex: \"w\" is not in the plan: counted as _other (1)");
    site_expect(s, 0, "count -p @plan.yaml --data @data.csv -q");
    assert_string_equal((const char *)s->err.data, "");
}

static void test_count_bad_rows_stop_the_run(void **state)
{
    site *s = *state;
    site_write(s, "plan.yaml", binary_plan);
    site_write(s, "data.csv",
               "label,age,unit,sex,prediction\n1,20,a,f,1\n,20,b,f,1\n1,20,c,f,1,9\n");
    site_expect(s, 3, "count -p @plan.yaml --data @data.csv");
    assert_string_equal((const char *)s->out.data, "");
    site_said(s, "data.csv:3: error:");
    site_said(s, "data.csv:4: error:");
    site_expect(s, 3, "count -p @plan.yaml --data @data.csv --json");
    site_said(s, "\"line\": 3");
    site_expect(s, 3, "count -p @plan.yaml --data @data.csv --json --bad-rows 1");
    site_expect(s, 0, "count -p @plan.yaml --data @data.csv --bad-rows 2");
    site_said(s, "data.csv:3: warning:");
    site_wrote(s, "Records: 3 read, 1 used, 2 skipped, 0 clipped");
}

static void test_count_says_which_file_and_why(void **state)
{
    static const struct {
        const char *data, *said;
    } cases[] = {
        {"unit;sex;age;label;prediction\na;f;20;1;1\n",
         "data.csv: the header has semicolons where"},
        {"unit\tsex\tage\na\tf\t20\n", "data.csv: the header has tabs where"},
        {"unit,sex,age,label\na,f,20,1\n", "data.csv: no column \"prediction\" in the header"},
        {"unit,sex,age,label,prediction\na,f,20,1,\"1\n", "data.csv: line 2: the file ends inside"},
        {"unit,sex,age,label,prediction\na,f,20,,1\n", "data.csv: 1 bad row, the first on line 2"},
        {"", "data.csv: the file is empty"},
    };
    site *s = *state;
    site_write(s, "plan.yaml", binary_plan);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        site_write(s, "data.csv", cases[i].data);
        site_expect(s, 3, "count -p @plan.yaml --data @data.csv");
        site_said(s, cases[i].said);
    }
}

static void test_count_endless_bad_rows_stop_early(void **state)
{
    site *s = *state;
    site_write(s, "plan.yaml", binary_plan);
    char data[4000] = "label,age,unit,sex,prediction\n";
    for (int i = 0; i < 200; i++)
        (void)strcat(data, ",20,a,f,1\n");
    site_write(s, "data.csv", data);
    site_expect(s, 3, "count -p @plan.yaml --data @data.csv");
    site_said(s, "data.csv:21: error:");
    assert_null(strstr((const char *)s->err.data, "data.csv:22: error:"));
}

static void test_count_wrong_input(void **state)
{
    site *s = *state;
    site_write(s, "plan.yaml", binary_plan);
    site_write(s, "bad.yaml", "version: 1\nname: x\nscorer: nonsense\nfoo: 1\n");
    site_write(s, "data.csv", "label,age,unit,prediction\n1,20,a,1\n");
    site_write(s, "empty.csv", "");
    site_expect(s, 2, "count --data @data.csv");
    site_said(s, "count needs the plan: -p FILE");
    site_expect(s, 2, "count -p @plan.yaml");
    site_said(s, "--data FILE");
    site_expect(s, 3, "count -p @none.yaml --data @data.csv");
    site_said(s, "No such file");
    site_expect(s, 3, "count -p @bad.yaml --data @data.csv");
    site_said(s, "bad.yaml:3:");
    site_said(s, "bad.yaml:4:");
    site_expect(s, 3, "count -p @plan.yaml --data @none.csv");
    site_expect(s, 3, "count -p @plan.yaml --data @data.csv");
    site_said(s, "sex");
    site_expect(s, 3, "count -p @plan.yaml --data @empty.csv");
    site_expect(s, 3, "count -p @plan.yaml --data @data.csv --format xml");
    site_expect(s, 3, "count -p @plan.yaml -c @none.yaml");
}

static const char wer_plan[] = "version: 1\n"
                               "name: speech\n"
                               "scorer: wer\n"
                               "wer: {average: word, detail: sdi}\n"
                               "models: [old, new]\n"
                               "attributes:\n"
                               "  - {name: accent, values: [arabic, french]}\n"
                               "  - {name: family, from: accent, map: {romance: [french]}}\n"
                               "releases: [[accent]]\n"
                               "derive: [[family]]\n"
                               "window: {every: month, start: 2026-10-01, timezone: \"+01:00\"}\n"
                               "privacy: {population: speakers, records_per_unit: 2, "
                               "words_per_unit: 100, epsilon: \"1\"}\n";

static const char wer_data[] =
    "{\"unit\": \"a\", \"time\": \"2026-09-30T23:30:00Z\", \"accent\": \"french\", "
    "\"reference\": \"a b c\", \"hypothesis_old\": \"a x c d\", \"hypothesis_new\": \"a b c\"}\n"
    "{\"unit\": \"b\", \"time\": \"2026-10-31T23:00:00Z\", \"accent\": \"french\", "
    "\"reference\": \"a\", \"hypothesis_old\": \"\", \"hypothesis_new\": \"b\"}\n"
    "{\"unit\": \"c\", \"time\": \"2026-10-05\", \"accent\": \"arabic\", "
    "\"reference\": \" \", \"hypothesis_old\": \"a\", \"hypothesis_new\": \"b\"}\n";

static long long cell_of_model(const site *s, const char *release, const char *values,
                               const char *model, const char *cell)
{
    json_t *cells = json_object_get(site_group(s, release, values, model), "cells");
    return json_integer_value(json_object_get(cells, cell));
}

static void test_count_models_windows_and_jsonl(void **state)
{
    site *s = *state;
    site_write(s, "plan.yaml", wer_plan);
    site_write(s, "data.jsonl", wer_data);
    site_expect(s, 2, "count -p @plan.yaml --data @data.jsonl");
    site_said(s, "-n N");
    site_expect(s, 0, "count -p @plan.yaml --data @data.jsonl -n 1 --json");
    assert_int_equal(cell_of_model(s, "accent", "french", "old", "words"), 3);
    assert_int_equal(cell_of_model(s, "accent", "french", "old", "substitutions"), 1);
    assert_int_equal(cell_of_model(s, "accent", "french", "old", "insertions"), 1);
    assert_int_equal(cell_of_model(s, "accent", "french", "new", "substitutions"), 0);
    assert_int_equal(cell_of_model(s, "family", "romance", "old", "words"), 3);
    const json_t *because = json_object_get(s->json, "skipped_because");
    assert_int_equal(json_integer_value(json_object_get(because, "outside_window")), 1);
    assert_int_equal(json_integer_value(json_object_get(because, "empty_reference")), 1);
    site_expect(s, 0, "count -p @plan.yaml --data @data.jsonl -n 2 --json");
    assert_int_equal(cell_of_model(s, "family", "romance", "old", "deletions"), 1);
    assert_int_equal(cell_of_model(s, "family", "romance", "new", "substitutions"), 1);
    site_expect(s, 3, "count -p @plan.yaml --data @data.jsonl -n 10001");
}

static void test_count_with_configuration(void **state)
{
    site *s = *state;
    site_write(s, "plan.yaml", binary_plan);
    site_write(s, "acme.yaml",
               "customer: acme\n"
               "signing_key: acme.ed25519\n"
               "data:\n"
               "  population: people\n"
               "  path: calls.csv\n"
               "  columns: {unit: person, label: truth}\n"
               "  values: {sex: {Female: f, \"n/a\": _missing}}\n"
               "  max_unmapped: \"0.4\"\n");
    site_write(s, "calls.csv",
               "truth,age,person,sex,prediction\n"
               "1,20,a,Female,1\n1,20,b,n/a,1\n1,20,c,m,0\n1,20,d,w,0\n");
    site_expect(s, 3, "count -p @plan.yaml -c @acme.yaml");
    site_said(s, "acme.ed25519.order");
    site_expect(s, 0, "keygen acme --out @acme.ed25519 -q");
    site_expect(s, 0, "count -p @plan.yaml -c @acme.yaml --json");
    assert_string_equal(json_string_value(json_object_get(s->json, "order_key")), "customer");
    assert_int_equal(site_cell(s, "sex", "f", "tp"), 1);
    assert_int_equal(site_cell(s, "sex", "_missing", "tp"), 1);
    assert_int_equal(site_cell(s, "sex", "_other", "fn"), 1);
    site_write(s, "calls.csv",
               "truth,age,person,sex,prediction\n1,20,a,Female,1\n1,20,b,w,1\n1,20,c,v,0\n");
    site_expect(s, 3, "count -p @plan.yaml -c @acme.yaml");
    site_said(s, "sex");
    site_write(s, "other.yaml", "data: {population: strangers, path: calls.csv}\n");
    site_expect(s, 3, "count -p @plan.yaml -c @other.yaml");
    site_said(s, "the data are of strangers");
}

/* Whatever the order of the file, the same records of a unit are used. */
static void test_count_does_not_depend_on_file_order(void **state)
{
    site *s = *state;
    static const char *const rows[] = {"1,20,a,f,1\n", "1,20,a,f,0\n", "0,20,a,f,1\n",
                                       "0,20,a,m,0\n", "1,50,a,m,0\n"};
    json_t *first = NULL;
    site_write(s, "plan.yaml", binary_plan);
    for (size_t shift = 0; shift < 5; shift++) {
        char data[400] = "label,age,unit,sex,prediction\n";
        for (size_t i = 0; i < 5; i++)
            (void)strcat(data, rows[(i * 2 + shift) % 5]);
        site_write(s, "data.csv", data);
        site_expect(s, 0, "count -p @plan.yaml --data @data.csv --json");
        json_t *clipped = json_object_get(json_object_get(s->json, "records"), "clipped");
        assert_int_equal(json_integer_value(clipped), 3);
        if (first == NULL)
            first = json_incref(json_object_get(s->json, "groups"));
        assert_true(json_equal(first, json_object_get(s->json, "groups")));
    }
    json_decref(first);
}

int run_count_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_count_binary_every_group, site_setup, site_teardown),
        cmocka_unit_test_setup_teardown(test_count_takes_records_in_the_documented_order,
                                        site_setup, site_teardown),
        cmocka_unit_test_setup_teardown(test_count_as_text, site_setup, site_teardown),
        cmocka_unit_test_setup_teardown(test_count_bad_rows_stop_the_run, site_setup,
                                        site_teardown),
        cmocka_unit_test_setup_teardown(test_count_says_which_file_and_why, site_setup,
                                        site_teardown),
        cmocka_unit_test_setup_teardown(test_count_endless_bad_rows_stop_early, site_setup,
                                        site_teardown),
        cmocka_unit_test_setup_teardown(test_count_wrong_input, site_setup, site_teardown),
        cmocka_unit_test_setup_teardown(test_count_models_windows_and_jsonl, site_setup,
                                        site_teardown),
        cmocka_unit_test_setup_teardown(test_count_with_configuration, site_setup, site_teardown),
        cmocka_unit_test_setup_teardown(test_count_does_not_depend_on_file_order, site_setup,
                                        site_teardown),
    };
    return cmocka_run_group_tests_name("client count", tests, NULL, NULL);
}
