/* SPDX-License-Identifier: Apache-2.0
 * Bad configurations, each with the place, the complaint and the advice it must give. */
#include <string.h>

#include "evenhand/config/config.h"
#include "support/test.h"
#include "tests.h"

#define TRUST_BUT_HELPER                                                                           \
    "trust:\n  log: " LOG_KEY "\n  leader: " LEADER_KEY "\n  collector: " COLLECTOR_KEY "\n"

typedef struct mistake {
    const char *text;
    uint64_t line, column;
    const char *wrong, *right; /* parts of the texts */
} mistake;

static const mistake mistakes[] = {
    {"", 0, 0, "the file is empty", "a YAML document"},
    {"- a\n", 1, 1, "the configuration is a list", "a map"},
    {"acme\n", 1, 1, "the configuration is \"acme\"", "a map"},
    {"custmer: acme\n", 1, 1, "unknown key \"custmer\" in the configuration", "customer"},
    {"customer: a\ncustomer: b\n", 2, 1, "customer", ""},
    {"customer: [a]\n", 1, 11, "customer is a list", ""},
    {"customer: \"\"\n", 1, 11, "customer is empty", ""},
    {"customer: two words\n", 1, 11, "customer is \"two words\"", "letters, digits"},
    {"customer: -acme\n", 1, 11, "customer is \"-acme\"", "the first a letter or digit"},
    {"customer: &x acme\n", 1, 11, "", ""},
    {"leader: leader.example\n", 1, 9, "leader is \"leader.example\"", "host:port"},
    {"leader: leader.example:0\n", 1, 9, "leader is", "host:port"},
    {"leader: leader.example:65536\n", 1, 9, "leader is", "host:port"},
    {"leader: leader.example:08\n", 1, 9, "leader is", "host:port"},
    {"leader: leader.example:https\n", 1, 9, "leader is", "host:port"},
    {"leader: https://leader.example:443\n", 1, 9, "leader is", "host:port"},
    {"leader: 2001:db8::1:443\n", 1, 9, "leader is", "[2001:db8::1]:8443"},
    {"leader: \":443\"\n", 1, 9, "leader is", "host:port"},
    {"leader: \"[]:443\"\n", 1, 9, "leader is", "host:port"},
    {"tls: ca.pem\n", 1, 6, "tls is \"ca.pem\"", "a map"},
    {"tls: {ca: a, cert: b}\n", 1, 6, "key", "key: the certificate's key"},
    {"tls: {ca: a, cert: b, key: c, password: d}\n", 1, 31, "unknown key \"password\" in tls", ""},
    {"tls: {ca: a, cert: b, key: \"-----BEGIN PRIVATE KEY-----\"}\n", 1, 28,
     "key holds a key or certificate itself", "the path of a file"},
    {"signing_key: PRIVATE+KEY+acme+00000000+AA\n", 1, 14, "signing_key holds a key", "the path"},
    {"signing_key: 'a\tb'\n", 1, 0, "", ""},
    {"trust: {}\n", 1, 8, "log", "a verifier key"},
    {TRUST_BUT_HELPER, 2, 3, "helper", "a verifier key"},
    {TRUST_BUT_HELPER "  helper: helper.example\n", 5, 11, "helper: ", "a verifier key"},
    {TRUST_BUT_HELPER "  helper: helper.example+00000000+AAAA\n", 5, 11,
     "helper: ", "a verifier key"},
    {TRUST_BUT_HELPER "  helper: " COSIGNER_KEY "\n", 5, 11, "helper is a key for cosignatures",
     "Ed25519 signing key"},
    {TRUST_BUT_HELPER "  helper: " LEADER_KEY "\n", 5, 11, "leader and helper have the same key",
     "another organisation"},
    {"proxy: proxy.example:3128\n", 1, 8, "proxy is no such address", "http://host:port"},
    {"proxy: http://proxy.example\n", 1, 8, "proxy is no such address", "http://host:port"},
    {"proxy: http://:3128\n", 1, 8, "proxy is no such address", "http://host:port"},
    {"proxy: http://me:secret@proxy.example:3128\n", 1, 8, "proxy is no such address", ""},
    {"proxy: https://proxy.example:3128\n", 1, 8, "proxy is no such address", "http://host:port"},
    {TRUST_BUT_HELPER "  helper: " HELPER_KEY "\n  witness: " HELPER_KEY "\n", 6, 12,
     "witness is a signing key", "a key for cosignatures"},
    {TRUST_BUT_HELPER "  helper: " HELPER_KEY "\n  witness: x\n", 6, 12,
     "witness: ", "a verifier key"},
    {"ledger: {path: a}\n", 1, 9, "ledger is a map", ""},
    {"limits: [a]\n", 1, 9, "limits is not a map", "population"},
    {"limits: {p: 4}\n", 1, 13, "p is \"4\"", "a map"},
    {"limits: {p: {delta: \"0\"}}\n", 1, 13, "epsilon", "epsilon: \"4\""},
    {"limits: {p: {epsilon: \"0\"}}\n", 1, 23, "epsilon is not above 0", "above 0"},
    {"limits: {p: {epsilon: \"-1\"}}\n", 1, 23, "epsilon is not above 0", "above 0"},
    {"limits: {p: {epsilon: lots}}\n", 1, 23, "epsilon", "a decimal above 0"},
    {"limits: {p: {epsilon: 1, delta: \"1\"}}\n", 1, 33, "delta is out of range", "delta < 1"},
    {"limits: {p: {epsilon: 1, delta: \"-1e-9\"}}\n", 1, 33, "delta is out of range", "delta < 1"},
    {"limits: {p: {epsilon: 1, per_year: yes}}\n", 1, 36, "per_year is \"yes\"", "true or false"},
    {"limits: {\" \": {epsilon: 1}}\n", 1, 10, "population is only white space", "the plan"},
    {"limits: {p q: {epsilon: 1}, \"p q \": {epsilon: 2}}\n", 1, 29,
     "population \"p q\" is there twice", "once"},
    {"limits: {p: {epsilon: 1}, p: {epsilon: 2}}\n", 1, 27, "p", ""},
    {"policy: {plans: maybe}\n", 1, 17, "plans is \"maybe\"", "ask or accept"},
    {"policy: {smallest_group: -1}\n", 1, 26, "smallest_group", "0"},
    {"policy: {smallest_group: 2.5}\n", 1, 26, "smallest_group", ""},
    {"policy: {smallest: 2}\n", 1, 10, "unknown key \"smallest\" in policy", "smallest_group"},
    {"data: calls.csv\n", 1, 7, "data is \"calls.csv\"", "a map"},
    {"data: {format: excel}\n", 1, 16, "format is \"excel\"", "csv, jsonl or manifest"},
    {"data: {format: CSV}\n", 1, 16, "format is \"CSV\"", "csv"},
    {"data: {path: }\n", 1, 0, "path", ""},
    {"data: {population: \" \"}\n", 1, 20, "population is only white space", "the plan"},
    {"data: {columns: [unit]}\n", 1, 17, "columns is not a map", "unit: speaker_id"},
    {"data: {columns: {unit: [a]}}\n", 1, 24, "unit is a list", ""},
    {"data: {columns: {hypothesis: {}}}\n", 1, 30, "hypothesis names no column", "{model: column}"},
    {"data: {columns: {hypothesis: {m: {n: c}}}}\n", 1, 34, "hypothesis is a map", ""},
    {"data: {columns: {unit: a, unit: b}}\n", 1, 27, "unit", ""},
    {"data: {values: {accent: uk}}\n", 1, 25, "accent is not a map of spellings", "british"},
    {"data: {values: accent}\n", 1, 16, "values is not a map", "accent"},
    {"data: {values: {accent: {uk: [a]}}}\n", 1, 30, "a value is a list", ""},
    {"data: {values: {accent: {\"  \": a}}}\n", 1, 26, "a spelling is only white space",
     "_missing"},
    {"data: {values: {accent: {uk: \" \"}}}\n", 1, 30, "a value is only white space", ""},
    {"data: {values: {accent: {uk: a, \"uk \": b}}}\n", 1, 16,
     "the spelling \"uk\" is there twice after trimming", "once"},
    {"data: {max_unmapped: 2%}\n", 1, 22, "max_unmapped", "\"0.02\""},
    {"data: {max_unmapped: \"1.01\"}\n", 1, 22, "max_unmapped is out of range", "from 0 to 1"},
    {"data: {max_unmapped: \"-0.1\"}\n", 1, 22, "max_unmapped is out of range", "from 0 to 1"},
    {"data: {max_unmapped: \"1e-99\"}\n", 1, 22, "max_unmapped is out of range", "from 0 to 1"},
    {"customer: acme\n---\ncustomer: b\n", 2, 1, "", ""},
    {"customer: \xff\n", 1, 0, "", ""},
};

/* strstr that does not mind case: some advice quotes an example. */
static bool has_part(const char *text, const char *part)
{
    size_t len = strlen(part);
    for (; *text != '\0'; text++) {
        size_t same = 0;
        while (same < len && ((text[same] | 0x20) == (part[same] | 0x20)))
            same++;
        if (same == len)
            return true;
    }
    return len == 0;
}

static void test_config_parse_names_each_mistake(void **state)
{
    (void)state;
    size_t failed = 0;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        const mistake *bad = &mistakes[i];
        evh_config *config = NULL;
        evh_diagnostics diagnostics = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
        evh_status status =
            evh_config_parse(&config, "client.yaml", evh_view_of_text(bad->text), &diagnostics);
        if (status.code != EVH_ERR_INPUT || diagnostics.count == 0)
            fail_msg("%s gives %d %s", bad->text, (int)status.code, status.text);
        assert_null(config);
        const evh_diagnostic *item = &diagnostics.items[0];
        bool good = item->line == bad->line && (bad->column == 0 || item->column == bad->column) &&
                    has_part(item->wrong, bad->wrong) && has_part(item->right, bad->right) &&
                    strcmp(item->file, "client.yaml") == 0;
        if (!good)
            print_error("%s\ngives %d:%d: %s (%s)\n", bad->text, (int)item->line, (int)item->column,
                        item->wrong, item->right);
        failed += !good;
        evh_diagnostics_clear(&diagnostics);
    }
    assert_int_equal(failed, 0);
}

static void test_config_parse_collects_mistakes(void **state)
{
    (void)state;
    evh_config *config = NULL;
    evh_diagnostics diagnostics = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
    evh_view text = view_of_literal("leader: x\n"
                                    "data: {format: excel, max_unmapped: 7}\n"
                                    "customer: a b\n"
                                    "policy: {plans: no}\n");
    assert_fails(evh_config_parse(&config, "client.yaml", text, &diagnostics), EVH_ERR_INPUT);
    assert_int_equal(diagnostics.errors, 5);
    static const uint64_t lines[] = {1, 2, 2, 3, 4};
    for (size_t i = 0; i < 5; i++)
        assert_true(diagnostics.items[i].line == lines[i]);
    evh_diagnostics_clear(&diagnostics);
}

static void test_config_parse_never_repeats_a_secret(void **state)
{
    (void)state;
    evh_config *config = NULL;
    evh_diagnostics diagnostics = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
    evh_buffer out = evh_buffer_init(10000);
    evh_view text = view_of_literal("signing_key: PRIVATE+KEY+acme+00000000+c2VjcmV0\n");
    assert_fails(evh_config_parse(&config, "client.yaml", text, &diagnostics), EVH_ERR_INPUT);
    assert_ok(evh_diagnostics_format(&out, &diagnostics));
    assert_ok(evh_buffer_u8(&out, 0));
    assert_null(strstr((const char *)out.data, "c2VjcmV0"));
    evh_buffer_clear(&out);
    evh_diagnostics_clear(&diagnostics);
}

int run_config_mistakes_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config_parse_names_each_mistake),
        cmocka_unit_test(test_config_parse_collects_mistakes),
        cmocka_unit_test(test_config_parse_never_repeats_a_secret),
    };
    return cmocka_run_group_tests_name("config_mistakes", tests, NULL, NULL);
}
