/* SPDX-License-Identifier: Apache-2.0
 * Published data: counts and rates that others computed from the same records. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests.h"

enum { FILE_MAX = 4 << 20, LINE_MAX_BYTES = 20000 };

/* Copies a shared csv into the site, with one column of its header renamed. */
static void copy_renamed(const site *s, const char *name, const char *from, const char *to)
{
    char path[400];
    evh_buffer content = evh_buffer_init(FILE_MAX);
    (void)snprintf(path, sizeof path, "%s/data/%s", test_shared_dir(), name);
    assert_true(test_read_file(&content, path));
    assert_ok(evh_buffer_u8(&content, 0));
    char *text = (char *)content.data;
    char *column = strstr(text, from);
    assert_non_null(column);
    assert_true(column < strchr(text, '\n'));
    (void)snprintf(path, sizeof path, "%s/data.csv", s->dir);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fprintf(file, "%.*s%s%s", (int)(column - text), text, to, column + strlen(from)) >
                0);
    assert_int_equal(fclose(file), 0);
    evh_buffer_clear(&content);
}

static const char compas_plan[] =
    "version: 1\n"
    "name: compas\n"
    "scorer: binary\n"
    "binary: {positive: [\"1\"]}\n"
    "attributes:\n"
    "  - {name: race, values: [African-American, Asian, Caucasian, Hispanic, Native American, "
    "Other]}\n"
    "  - {name: sex, values: [Female, Male]}\n"
    "  - {name: age, values: [Less than 25, 25 - 45, Greater than 45]}\n"
    "releases: [[race, sex, age]]\n"
    "derive: [[], [race]]\n"
    "privacy: {population: defendants, records_per_unit: 1, epsilon: \"1\"}\n"
    "questions: [{id: fpr, metric: false_positive_rate, by: race, reference: Caucasian,\n"
    "             tolerance: \"0.05\"}]\n";

static void test_compas_counts(void **state)
{
    site *s = *state;
    if (test_shared_dir() == NULL)
        test_skip_without_shared();
    copy_renamed(s, "compas.csv", "person", "unit");
    site_write(s, "plan.yaml", compas_plan);
    site_expect(s, 0, "count -p @plan.yaml --data @data.csv --json");
    const json_t *used = json_object_get(json_object_get(s->json, "records"), "used");
    assert_int_equal(json_integer_value(used), 7214);
    assert_int_equal(site_cell(s, "race", "African-American", "tp"), 1369);
    assert_int_equal(site_cell(s, "race", "African-American", "fp"), 805);
    assert_int_equal(site_cell(s, "race", "African-American", "fn"), 532);
    assert_int_equal(site_cell(s, "race", "African-American", "tn"), 990);
    assert_int_equal(site_cell(s, "race", "Caucasian", "tp"), 505);
    assert_int_equal(site_cell(s, "race", "Caucasian", "fp"), 349);
    assert_int_equal(site_cell(s, "race", "_missing", "tp"), 0);
    assert_int_equal(site_cell(s, "race", "_other", "tp"), 0);
    assert_int_equal(site_cell(s, "", "", "tp") + site_cell(s, "", "", "fn"), 3251);
}

static double rate_of(const site *s, const char *race, const char *rate)
{
    const json_t *rates = json_object_get(site_group(s, "race", race, NULL), "rates");
    const json_t *value = json_object_get(rates, rate);
    assert_true(json_is_real(value));
    return json_real_value(value);
}

/* ProPublica's table: 44.85 % and 27.99 %, 23.45 % and 47.72 %; here as unrounded fractions. */
static void test_compas_rates(void **state)
{
    site *s = *state;
    if (test_shared_dir() == NULL)
        test_skip_without_shared();
    copy_renamed(s, "compas.csv", "person", "unit");
    site_write(s, "plan.yaml", compas_plan);
    site_expect(s, 0, "report -p @plan.yaml --data @data.csv --json");
    assert_close(rate_of(s, "African-American", "false_positive_rate"), 805.0 / 1795.0, 0.0);
    assert_close(rate_of(s, "African-American", "false_negative_rate"), 532.0 / 1901.0, 0.0);
    assert_close(rate_of(s, "Caucasian", "false_positive_rate"), 349.0 / 1488.0, 0.0);
    assert_close(rate_of(s, "Caucasian", "false_negative_rate"), 461.0 / 966.0, 0.0);
    const json_t *missing = site_group(s, "race", "_missing", NULL);
    const json_t *rates = json_object_get(missing, "rates");
    assert_true(json_is_null(json_object_get(rates, "false_positive_rate")));
    const json_t *nothing = json_object_get(missing, "findings");
    assert_string_equal(json_string_value(json_object_get(
                            json_object_get(nothing, "false_positive_rate"), "withheld")),
                        "undefined");
    const json_t *finding = json_object_get(
        json_object_get(site_group(s, "race", "African-American", NULL), "findings"),
        "false_positive_rate");
    const json_t *interval = json_object_get(finding, "pointwise");
    assert_close(json_real_value(json_object_get(interval, "low")), 0.4256, 5e-4);
    assert_close(json_real_value(json_object_get(interval, "high")), 0.4716, 5e-4);
    const json_t *answer = json_array_get(json_object_get(s->json, "questions"), 0);
    assert_string_equal(json_string_value(json_object_get(answer, "verdict")), "exceeds_tolerance");
    const json_t *gap = json_object_get(answer, "gap");
    assert_close(json_real_value(json_object_get(gap, "value")), 805.0 / 1795 - 349.0 / 1488,
                 1e-15);
    site_expect(s, 0, "report -p @plan.yaml --data @data.csv");
    site_wrote(s, "0.448468");
    site_wrote(s, "Exceeds tolerance: false positive rate by race");
    site_expect(s, 0, "report -p @plan.yaml --data @data.csv --metric precision");
    site_wrote(s, "0.629715");
    site_expect(s, 2, "report -p @plan.yaml --data @data.csv --metric fairness");
    site_said(s, "no such rate");
}

/* The sums of the counts that NIST's sclite gave, by accent; "" for all. */
static void sum_sclite(const site *s, const char *accent, long long sums[4])
{
    char path[400];
    char line[LINE_MAX_BYTES];
    (void)snprintf(path, sizeof path, "%s/data.csv", s->dir);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    memset(sums, 0, 4 * sizeof *sums);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file) != NULL) {
        char its[100];
        assert_int_equal(sscanf(line, "google,%99[^,],", its), 1);
        if (accent[0] != '\0' && strcmp(its, accent) != 0)
            continue;
        long long counts[4]; /* correct, substitutions, deletions, insertions: the last columns */
        for (int i = 3; i >= 0; i--) {
            char *comma = strrchr(line, ',');
            assert_non_null(comma);
            counts[i] = atoll(comma + 1);
            *comma = '\0';
        }
        sums[0] += counts[0] + counts[1] + counts[2];
        for (int i = 1; i < 4; i++)
            sums[i] += counts[i];
    }
    (void)fclose(file);
}

static void test_accents_equal_sclite(void **state)
{
    site *s = *state;
    static const char *const accents[] = {"arabic",  "english_uk", "french",   "german",
                                          "hindi",   "italian",    "mandarin", "portuguese",
                                          "spanish", "thai",       "urdu",     ""};
    static const char *const cells[] = {"words", "substitutions", "deletions", "insertions"};
    char plan[2000] = "version: 1\nname: accents\nscorer: wer\n"
                      "wer: {average: word, detail: sdi}\n"
                      "attributes: [{name: accent, values: [dutch";
    if (test_shared_dir() == NULL)
        test_skip_without_shared();
    copy_renamed(s, "accents_google.csv", "utterance_id", "unit");
    for (size_t i = 0; accents[i][0] != '\0'; i++) {
        (void)strcat(plan, ", ");
        (void)strcat(plan, accents[i]);
    }
    (void)strcat(plan, "]}]\nreleases: [[accent]]\nderive: [[]]\n"
                       "privacy: {population: readers, records_per_unit: 1, words_per_unit: 1000, "
                       "epsilon: \"1\"}\n");
    site_write(s, "plan.yaml", plan);
    site_expect(s, 0, "count -p @plan.yaml --data @data.csv --json");
    for (size_t i = 0; i < sizeof accents / sizeof accents[0]; i++) {
        long long sums[4];
        sum_sclite(s, accents[i], sums);
        for (size_t j = 0; j < 4; j++)
            assert_int_equal(
                site_cell(s, accents[i][0] != '\0' ? "accent" : "", accents[i], cells[j]), sums[j]);
    }
    assert_true(site_cell(s, "", "", "words") > 40000);
}

/* Words, substitutions, deletions, insertions of each recording; sclite gives the same on the
 * normalised texts. */
static void test_transcribe_manifest_figures(void **state)
{
    site *s = *state;
    static const struct {
        const char *name, *speaker;
        long long counts[4];
    } figures[] = {
        {"b", "b-rea1-f1", {179, 10, 2, 4}}, {"c", "c-rea1-m1", {189, 14, 5, 3}},
        {"j", "j-rea1-f2", {187, 8, 1, 3}},  {"l", "l-rea1-f3", {188, 12, 3, 3}},
        {"n", "n-rea1-m2", {179, 33, 3, 7}}, {"p", "p-rea1-f5", {183, 18, 7, 2}},
    };
    static const char *const cells[] = {"words", "substitutions", "deletions", "insertions"};
    char manifest[2000] = "unit,dialect,reference,hypothesis\n";
    char path[400];
    char target[400];
    if (test_shared_dir() == NULL)
        test_skip_without_shared();
    (void)snprintf(target, sizeof target, "%s/data/transcribe", test_shared_dir());
    (void)snprintf(path, sizeof path, "%s/files", s->dir);
    assert_int_equal(symlink(target, path), 0);
    for (size_t i = 0; i < 6; i++) {
        char row[300];
        (void)snprintf(row, sizeof row, "%s,%s,files/%s_ref.trn,files/%sen-GB.json\n",
                       figures[i].speaker, figures[i].name, figures[i].speaker, figures[i].speaker);
        (void)strcat(manifest, row);
    }
    site_write(s, "calls.csv", manifest);
    site_write(s, "plan.yaml",
               "version: 1\nname: dialects\nscorer: wer\n"
               "wer: {average: word, detail: sdi, normalizer: basic}\n"
               "attributes: [{name: dialect, values: [b, c, j, l, n, p]}]\n"
               "releases: [[dialect]]\n"
               "privacy: {population: readers, records_per_unit: 1, words_per_unit: 2000, "
               "epsilon: \"1\"}\n");
    site_expect(s, 0, "count -p @plan.yaml --data @calls.csv --json");
    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < 4; j++)
            assert_int_equal(site_cell(s, "dialect", figures[i].name, cells[j]),
                             figures[i].counts[j]);
    site_expect(s, 0, "count -p @plan.yaml --data @calls.csv --format manifest --json");
    assert_int_equal(site_cell(s, "dialect", "b", "words"), 179);
    assert_int_equal(unlink(path), 0);
}

int run_shared_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_compas_counts, site_setup, site_teardown),
        cmocka_unit_test_setup_teardown(test_compas_rates, site_setup, site_teardown),
        cmocka_unit_test_setup_teardown(test_accents_equal_sclite, site_setup, site_teardown),
        cmocka_unit_test_setup_teardown(test_transcribe_manifest_figures, site_setup,
                                        site_teardown),
    };
    return cmocka_run_group_tests_name("client, published data", tests, NULL, NULL);
}
