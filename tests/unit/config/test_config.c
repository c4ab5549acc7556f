/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/config/config.h"

#include <string.h>

#include "support/alloc_fail.h"
#include "support/test.h"
#include "tests.h"

static const char whole[] =
    "customer: acme\n"
    "leader: leader.example:8443\n"
    "proxy: http://proxy.example:3128\n"
    "tls: {ca: ca.pem, cert: acme.pem, key: acme.key}\n"
    "signing_key: acme.ed25519\n"
    "trust:\n"
    "  log: " LOG_KEY "\n"
    "  leader: " LEADER_KEY "\n"
    "  helper: " HELPER_KEY "\n"
    "  collector: " COLLECTOR_KEY "\n"
    "  witness: " COSIGNER_KEY "\n"
    "  witnesses: policy.txt\n"
    "ledger: acme.db\n"
    "limits: {patients-en: {epsilon: \"4\", delta: \"1e-5\", per_year: true}, staff: {epsilon: "
    "0.5}}\n"
    "policy: {plans: accept, smallest_group: 20}\n"
    "data:\n"
    "  population: patients-en\n"
    "  format: manifest\n"
    "  path: /data/calls.csv\n"
    "  columns: {unit: speaker_id, accent: Akzent, hypothesis: {asr-3: hyp_old, asr-4: hyp_new}}\n"
    "  values: {accent: {\"British English\": english_uk, \" caf\\u0065\\u0301 \": x, n/a: "
    "_missing},\n"
    "           age: {alt: \"65\"}}\n"
    "  max_unmapped: \"0.025\"\n";

static evh_config *parse_good(const char *text)
{
    evh_config *config = NULL;
    evh_diagnostics diagnostics = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
    assert_ok(evh_config_parse(&config, "client.yaml", evh_view_of_text(text), &diagnostics));
    assert_int_equal(diagnostics.count, 0);
    assert_non_null(config);
    evh_diagnostics_clear(&diagnostics);
    return config;
}

static void test_config_parse_every_key(void **state)
{
    (void)state;
    evh_config *config = parse_good(whole);
    assert_string_equal(config->customer, "acme");
    assert_string_equal(config->leader_host, "leader.example");
    assert_int_equal(config->leader_port, 8443);
    assert_true(config->has_tls && config->has_trust && config->has_data);
    assert_string_equal(config->tls.ca, "ca.pem");
    assert_string_equal(config->tls.cert, "acme.pem");
    assert_string_equal(config->tls.key, "acme.key");
    assert_string_equal(config->signing_key, "acme.ed25519");
    assert_string_equal(config->trust.log.name, "log.example");
    assert_string_equal(config->trust.leader.name, "leader.example");
    assert_string_equal(config->trust.helper.name, "helper.example");
    assert_string_equal(config->trust.collector.name, "collector.example");
    assert_true(config->trust.has_witness);
    assert_string_equal(config->trust.witness.name, "witness.example");
    assert_string_equal(config->trust.witnesses, "policy.txt");
    assert_string_equal(config->proxy, "http://proxy.example:3128");
    assert_string_equal(config->ledger, "acme.db");
    assert_int_equal(config->plans, EVH_CONFIG_PLANS_ACCEPT);
    assert_true(config->smallest_group == 20);
    assert_string_equal(config->data.population, "patients-en");
    assert_int_equal(config->data.format, EVH_CONFIG_MANIFEST);
    assert_string_equal(config->data.path, "/data/calls.csv");
    assert_true(config->data.max_unmapped_numerator == 1);
    assert_true(config->data.max_unmapped_denominator == 40);
    evh_config_free(&config);
    assert_null(config);
    evh_config_free(&config);
}

static void test_config_parse_defaults(void **state)
{
    (void)state;
    evh_config *config = parse_good("data: {path: a.csv}\n");
    assert_null(config->customer);
    assert_null(config->leader_host);
    assert_null(config->signing_key);
    assert_null(config->ledger);
    assert_false(config->has_tls || config->has_trust);
    assert_int_equal(config->limit_count, 0);
    assert_int_equal(config->plans, EVH_CONFIG_PLANS_ASK);
    assert_true(config->smallest_group == 0);
    assert_null(config->data.population);
    assert_int_equal(config->data.format, EVH_CONFIG_CSV);
    assert_true(config->data.max_unmapped_numerator == 1);
    assert_true(config->data.max_unmapped_denominator == 50);
    evh_config_free(&config);
    config = parse_good("{}\n");
    assert_false(config->has_data);
    assert_true(config->data.max_unmapped_denominator == 50);
    evh_config_free(&config);
}

/* What plans name may be in any writing: it is kept as plans keep it, trimmed and in NFC. */
static void test_config_parse_terms_are_those_of_plans(void **state)
{
    (void)state;
    evh_config *config = parse_good("limits: {\" A\\u0308rzte & co\": {epsilon: 1}}\n"
                                    "data:\n"
                                    "  population: \"A\\u0308rzte & co \"\n"
                                    "  columns: {\"Stra\xc3\x9f"
                                    "e e\\u0301\": col, hypothesis: {\"e\\u0301\": h}}\n"
                                    "  values: {\"e\\u0301\": {x: y}}\n");
    assert_string_equal(config->data.population, "\xc3\x84rzte & co");
    assert_non_null(evh_config_find_limit(config, evh_view_of_text(config->data.population)));
    assert_string_equal(config->data.columns[0].role, "Stra\xc3\x9f"
                                                      "e \xc3\xa9");
    assert_string_equal(config->data.columns[1].model, "\xc3\xa9");
    assert_string_equal(config->data.values[0].attribute, "\xc3\xa9");
    evh_config_free(&config);
}

static void test_config_parse_leader_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host;
        uint16_t port;
    } cases[] = {{"leader: 127.0.0.1:1\n", "127.0.0.1", 1},
                 {"leader: \"[2001:db8::1]:65535\"\n", "2001:db8::1", 65535},
                 {"leader: a-b.example:443\n", "a-b.example", 443}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        evh_config *config = parse_good(cases[i].text);
        assert_string_equal(config->leader_host, cases[i].host);
        assert_int_equal(config->leader_port, cases[i].port);
        evh_config_free(&config);
    }
}

static void test_config_find_limit(void **state)
{
    (void)state;
    evh_config *config = parse_good(whole);
    const evh_config_limit *limit = evh_config_find_limit(config, view_of_literal("patients-en"));
    assert_non_null(limit);
    assert_int_equal(evh_decimal_compare(limit->epsilon, evh_decimal_of(4)), 0);
    assert_true(limit->delta.digits == 1 && limit->delta.exponent == -5);
    assert_true(limit->per_year);
    limit = evh_config_find_limit(config, view_of_literal("staff"));
    assert_non_null(limit);
    assert_true(limit->epsilon.digits == 5 && limit->epsilon.exponent == -1);
    assert_true(limit->delta.digits == 0 && !limit->per_year);
    assert_null(evh_config_find_limit(config, view_of_literal("patients")));
    evh_config_free(&config);
}

static void assert_column(const evh_config_data *data, const char *role, const char *model,
                          const char *expected)
{
    evh_buffer out = evh_buffer_init(1000);
    assert_ok(evh_config_find_column(&out, data, evh_view_of_text(role), evh_view_of_text(model)));
    assert_views_equal(evh_buffer_view(&out), evh_view_of_text(expected));
    evh_buffer_clear(&out);
}

static void test_config_find_column(void **state)
{
    (void)state;
    evh_config *config = parse_good(whole);
    evh_view hypothesis = view_of_literal("hypothesis");
    evh_view none = {.data = NULL, .len = 0};
    evh_buffer out = evh_buffer_init(1000);
    assert_column(&config->data, "unit", "", "speaker_id");
    assert_column(&config->data, "accent", "", "Akzent");
    assert_column(&config->data, "noise", "", "noise");
    assert_column(&config->data, "hypothesis", "asr-3", "hyp_old");
    assert_column(&config->data, "hypothesis", "asr-4", "hyp_new");
    assert_column(&config->data, "prediction", "asr-4", "prediction_asr-4");
    assert_column(NULL, "unit", "", "unit");
    assert_column(NULL, "hypothesis", "m", "hypothesis_m");
    assert_fails_with(
        evh_config_find_column(&out, &config->data, hypothesis, view_of_literal("asr-5")),
        EVH_ERR_INPUT, "data.columns.hypothesis has no column for the model asr-5");
    assert_fails_with(evh_config_find_column(&out, &config->data, hypothesis, none), EVH_ERR_INPUT,
                      "data.columns.hypothesis names columns by model");
    assert_fails_with(evh_config_find_column(&out, &config->data, view_of_literal("unit"),
                                             view_of_literal("asr-3")),
                      EVH_ERR_INPUT, "data.columns.unit names one column");
    assert_int_equal(out.len, 0);
    evh_config_free(&config);
}

static void test_config_find_value_in_nfc(void **state)
{
    (void)state;
    evh_config *config = parse_good(whole);
    evh_view accent = view_of_literal("accent");
    const evh_config_data *data = &config->data;
    assert_string_equal(evh_config_find_value(data, accent, view_of_literal("British English")),
                        "english_uk");
    assert_string_equal(evh_config_find_value(data, accent, view_of_literal("caf\xc3\xa9")), "x");
    assert_string_equal(evh_config_find_value(data, accent, view_of_literal("n/a")), "_missing");
    assert_string_equal(evh_config_find_value(data, view_of_literal("age"), view_of_literal("alt")),
                        "65");
    assert_null(evh_config_find_value(data, accent, view_of_literal("alt")));
    assert_null(evh_config_find_value(data, accent, view_of_literal("british english")));
    assert_null(evh_config_find_value(data, view_of_literal(""), view_of_literal("")));
    evh_config_free(&config);
}

static void test_config_require_names_what_is_missing(void **state)
{
    (void)state;
    evh_diagnostics diagnostics = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
    const unsigned all = EVH_CONFIG_NEED_DATA | EVH_CONFIG_NEED_POPULATION |
                         EVH_CONFIG_NEED_SERVICE | EVH_CONFIG_NEED_SIGNING | EVH_CONFIG_NEED_LEDGER;
    evh_config *config = parse_good(whole);
    assert_ok(evh_config_require(config, "client.yaml", all, &diagnostics));
    evh_config_free(&config);
    config = parse_good("policy: {}\n");
    assert_ok(evh_config_require(config, "client.yaml", 0, &diagnostics));
    assert_int_equal(diagnostics.count, 0);
    assert_fails_with(evh_config_require(config, "client.yaml", all, &diagnostics), EVH_ERR_INPUT,
                      "customer is missing");
    static const char *const keys[] = {"customer", "leader", "tls",       "signing_key",
                                       "trust",    "ledger", "data.path", "data.population"};
    assert_int_equal(diagnostics.count, sizeof keys / sizeof keys[0]);
    for (size_t i = 0; i < diagnostics.count; i++)
        assert_true(strncmp(diagnostics.items[i].wrong, keys[i], strlen(keys[i])) == 0);
    evh_diagnostics_clear(&diagnostics);
    assert_fails_with(
        evh_config_require(config, "client.yaml", EVH_CONFIG_NEED_LEDGER, &diagnostics),
        EVH_ERR_INPUT, "ledger is missing");
    assert_int_equal(diagnostics.count, 1);
    evh_config_free(&config);
    evh_diagnostics_clear(&diagnostics);
}

static void test_config_require_names_a_missing_witness(void **state)
{
    (void)state;
    evh_diagnostics diagnostics = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
    evh_config *config =
        parse_good("trust:\n  log: " LOG_KEY "\n  leader: " LEADER_KEY "\n  helper: " HELPER_KEY
                   "\n  collector: " COLLECTOR_KEY "\ncustomer: a\nleader: a:1\n"
                   "tls: {ca: a, cert: b, key: c}\n");
    assert_false(config->trust.has_witness);
    assert_fails_with(
        evh_config_require(config, "client.yaml", EVH_CONFIG_NEED_SERVICE, &diagnostics),
        EVH_ERR_INPUT, "trust.witness is missing");
    assert_int_equal(diagnostics.count, 1);
    evh_config_free(&config);
    evh_diagnostics_clear(&diagnostics);
}

static void test_config_parse_cut_at_every_byte(void **state)
{
    (void)state;
    for (size_t len = 0; len + 1 < sizeof whole; len++) {
        evh_config *config = NULL;
        evh_diagnostics diagnostics = evh_diagnostics_init(3);
        evh_status status = evh_config_parse(&config, "x", evh_view_of(whole, len), &diagnostics);
        assert_true((status.code == EVH_OK) == (config != NULL));
        assert_true(status.code == EVH_OK || status.code == EVH_ERR_INPUT);
        assert_true((status.code == EVH_OK) == (diagnostics.errors == 0));
        evh_config_free(&config);
        evh_diagnostics_clear(&diagnostics);
    }
}

static evh_status parse_whole(void *context)
{
    (void)context;
    evh_config *config = NULL;
    evh_diagnostics diagnostics = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
    evh_status status =
        evh_config_parse(&config, "client.yaml", evh_view_of_text(whole), &diagnostics);
    evh_config_free(&config);
    evh_diagnostics_clear(&diagnostics);
    return status;
}

static void test_config_parse_without_memory(void **state)
{
    (void)state;
    assert_true(test_alloc_sweep(parse_whole, NULL) >= 20);
}

int run_config_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config_parse_every_key),
        cmocka_unit_test(test_config_parse_defaults),
        cmocka_unit_test(test_config_parse_terms_are_those_of_plans),
        cmocka_unit_test(test_config_parse_leader_forms),
        cmocka_unit_test(test_config_find_limit),
        cmocka_unit_test(test_config_find_column),
        cmocka_unit_test(test_config_find_value_in_nfc),
        cmocka_unit_test(test_config_require_names_what_is_missing),
        cmocka_unit_test(test_config_require_names_a_missing_witness),
        cmocka_unit_test(test_config_parse_cut_at_every_byte),
        cmocka_unit_test(test_config_parse_without_memory),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
