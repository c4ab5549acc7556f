/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests.h"

static const char plan[] = "version: 1\n"
                           "name: screening\n"
                           "scorer: binary\n"
                           "binary: {positive: [\"1\"]}\n"
                           "attributes: [{name: sex, values: [f, m]}]\n"
                           "releases: [[sex]]\n"
                           "derive: [[]]\n"
                           "privacy: {population: people, records_per_unit: 1, epsilon: \"0.5\"}\n"
                           "rounds: {count: 12, min_honest: 2}\n";

static const char data[] = "unit,sex,label,prediction\n"
                           "a,f,1,1\nb,f,0,1\nc,m,0,0\nd,m,1,1\n";

static const char config[] = "customer: acme\n"
                             "signing_key: acme.ed25519\n"
                             "ledger: acme.db\n"
                             "limits: {people: {epsilon: \"4\", per_year: true}}\n"
                             "data: {population: people, path: data.csv}\n";

static void write_all(const site *s)
{
    site_write(s, "plan.yaml", plan);
    site_write(s, "data.csv", data);
    site_write(s, "acme.yaml", config);
}

static void test_explain_in_plain_words(void **state)
{
    site *s = *state;
    write_all(s);
    site_expect(s, 0, "explain -p @plan.yaml");
    site_wrote(s, "What leaves this machine");
    site_wrote(s, "16 counts, each with noise added");
    site_wrote(s, "epsilon 0.5 and delta 0 in each round, for every person of population people");
    site_wrote(s, "The plan has 12 rounds: epsilon 6 in all");
    site_wrote(s, "Standard deviation of the noise");
    site_expect(s, 0, "keygen acme --out @acme.ed25519 -q");
    site_expect(s, 0, "explain -p @plan.yaml -c @acme.yaml");
    site_wrote(s, "leave room for 8 of them"); /* 4 / 0.5 */
    site_wrote(s, "+-noise");
    site_expect(s, 0, "explain -p @plan.yaml -c @acme.yaml --json");
    assert_int_equal(json_integer_value(json_object_get(s->json, "rounds_your_limit_allows")), 8);
    assert_int_equal(json_integer_value(json_object_get(s->json, "counts_sent_per_round")), 16);
    assert_true(json_is_true(json_object_get(s->json, "noise_is_drafted")));
}

/* Discrete Laplace for one moved count at epsilon 0.5: variance 2 q / (1 - q)^2, q = exp(-1/2).
 * Everything derived sums the noise of four groups. */
static void test_explain_noise_sizes(void **state)
{
    site *s = *state;
    write_all(s);
    site_expect(s, 0, "explain -p @plan.yaml --json");
    json_t *noise = json_object_get(site_group(s, "sex", "f", NULL), "noise_sd");
    assert_close(json_real_value(json_object_get(noise, "tp")), 2.7991, 0.01);
    noise = json_object_get(site_group(s, "", "", NULL), "noise_sd");
    assert_close(json_real_value(json_object_get(noise, "tp")), 2 * 2.7991, 0.02);
}

/* Nothing is drawn: the same records give the same bytes, around the exact rate. */
static void test_preview_is_no_draw(void **state)
{
    site *s = *state;
    write_all(s);
    site_expect(s, 0, "preview -p @plan.yaml --data @data.csv --json --metric error_rate");
    json_t *group = site_group(s, "sex", "f", NULL);
    assert_close(json_real_value(json_object_get(group, "rate")), 0.5, 0.0);
    /* error = 1, records = 2: slopes are -1/4 for right and +1/4 for wrong counts, four cells */
    double expected = 1.959963984540054 * 2.7991 * 0.5;
    assert_close(json_real_value(json_object_get(group, "half_width")), expected, 0.02);
    char first[20000];
    (void)snprintf(first, sizeof first, "%s", (const char *)s->out.data);
    site_expect(s, 0, "preview -p @plan.yaml --data @data.csv --json --metric error_rate");
    assert_string_equal((const char *)s->out.data, first);
    json_t *empty = site_group(s, "sex", "_missing", NULL);
    assert_true(json_is_null(json_object_get(empty, "rate")));
    assert_true(json_is_null(json_object_get(empty, "half_width")));
    site_expect(s, 2, "preview -p @plan.yaml");
    site_expect(s, 2, "preview -p @plan.yaml --data @data.csv --metric nonsense");
}

static void test_check_lists_what_is_wrong(void **state)
{
    site *s = *state;
    char key[400];
    write_all(s);
    site_expect(s, 2, "check");
    site_expect(s, 3, "check -c @acme.yaml -p @plan.yaml");
    site_wrote(s, "FAIL  signing key");
    site_expect(s, 0, "keygen acme --out @acme.ed25519 -q");
    site_expect(s, 0, "check -c @acme.yaml -p @plan.yaml");
    site_wrote(s, "ok    signing key");
    site_wrote(s, "ok    records");
    site_wrote(s, "-     leader");
    (void)snprintf(key, sizeof key, "%s/acme.ed25519", s->dir);
    assert_int_equal(chmod(key, 0644), 0);
    site_expect(s, 3, "check -c @acme.yaml -p @plan.yaml --json");
    assert_true(json_is_false(json_object_get(s->json, "passed")));
    assert_int_equal(chmod(key, 0600), 0);
    site_write(s, "data.csv", "unit,label,prediction\na,1,1\n");
    site_expect(s, 3, "check -c @acme.yaml -p @plan.yaml");
    site_wrote(s, "FAIL  records");
    site_write(s, "acme.yaml", "nonsense: 1\n");
    site_expect(s, 3, "check -c @acme.yaml");
    site_wrote(s, "FAIL  configuration");
    site_said(s, "acme.yaml:1:1");
}

int run_look_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_explain_in_plain_words, site_setup, site_teardown),
        cmocka_unit_test_setup_teardown(test_explain_noise_sizes, site_setup, site_teardown),
        cmocka_unit_test_setup_teardown(test_preview_is_no_draw, site_setup, site_teardown),
        cmocka_unit_test_setup_teardown(test_check_lists_what_is_wrong, site_setup, site_teardown),
    };
    return cmocka_run_group_tests_name("client look", tests, NULL, NULL);
}
