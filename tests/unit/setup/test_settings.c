/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/aggregator/settings.h"

#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "support/test.h"
#include "tests.h"

#define LEADER                                                                                     \
    "version: 1\nrole: leader\nname: leader.example\nlisten: 0.0.0.0:8443\n"                       \
    "address: leader.example:443\nhosts: [leader.example, 10.0.0.1]\n"

static evh_status parse(evh_settings *out, const char *text, evh_diagnostics *diagnostics)
{
    *diagnostics = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
    return evh_settings_parse(out, "aggregator.yaml", evh_view_of_text(text), diagnostics);
}

static void test_settings_parse_whole(void **state)
{
    (void)state;
    evh_settings s;
    evh_diagnostics d;
    assert_ok(parse(&s,
                    LEADER "metrics: 127.0.0.1:9100\nstore: /data/store.db\nvault: /vault\n"
                           "log_level: debug\npeers: {helper: a.yaml, collector: b.yaml}\n"
                           "limits: {workers: 16, report_bytes: 2048, job_reports: 1,"
                           " waiting_reports: 2, calls_per_minute: 3, receive_timeout_ms: 100,"
                           " result_late_hours: 7}\n",
                    &d));
    assert_int_equal(s.role, EVH_ROLE_LEADER);
    assert_string_equal(s.name, "leader.example");
    assert_string_equal(s.listen, "0.0.0.0:8443");
    assert_string_equal(s.address, "leader.example:443");
    assert_int_equal(s.host_count, 2);
    assert_string_equal(s.hosts[1], "10.0.0.1");
    assert_string_equal(s.metrics, "127.0.0.1:9100");
    assert_string_equal(s.store, "/data/store.db");
    assert_string_equal(s.helper, "a.yaml");
    assert_int_equal(s.log_level, EVH_LOG_DEBUG);
    assert_int_equal(s.limits.workers, 16);
    assert_int_equal(s.limits.receive_timeout_ms, 100);
    assert_int_equal(s.limits.result_late_hours, 7);
    evh_diagnostics_clear(&d);
}

static void test_settings_parse_defaults(void **state)
{
    (void)state;
    evh_settings s;
    evh_diagnostics d;
    assert_ok(parse(&s, "version: 1\nrole: collector\nname: c\n", &d));
    assert_int_equal(s.role, EVH_ROLE_COLLECTOR);
    assert_string_equal(s.store, "store.db");
    assert_string_equal(s.results, "results");
    assert_string_equal(s.leader, "peers/leader.yaml");
    assert_string_equal(s.metrics, "");
    assert_int_equal(s.log_level, EVH_LOG_INFO);
    assert_int_equal(s.limits.workers, 8);
    assert_int_equal(s.limits.result_late_hours, 24);
    evh_diagnostics_clear(&d);
}

static void test_settings_parse_says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t line;
        const char *wrong;
    } cases[] = {
        {"role: leader\n", 1, "version"},
        {"version: 2\nrole: leader\n", 1, "version"},
        {"version: 1\n", 1, "role"},
        {"version: 1\nrole: auditor\n", 2, "role"},
        {"version: 1\nrole: leader\nname: l\n", 1, "listen"},
        {"version: 1\nrole: leader\nname: l\nlisten: x:1\naddress: x:1\n", 1, "hosts"},
        {"version: 1\nrole: collector\nname: c\nlisten: x:1\n", 4, "listen"},
        {"version: 1\nrole: collector\nname: ../c\n", 3, "a name has"},
        {LEADER "listem: x\n", 7, "listem"},
        {LEADER "metrics: 9100\n", 7, "metrics"},
        {LEADER "metrics: \"x:0\"\n", 7, "metrics"},
        {LEADER "store: \"\"\n", 7, "store"},
        {LEADER "results: r\n", 7, "results in the settings of a leader"},
        {LEADER "vault: \"-----BEGIN PRIVATE KEY-----\"\n", 7, "holds a key itself"},
        {LEADER "store: PRIVATE+KEY+x\n", 7, "holds a key itself"},
        {LEADER "log_level: loud\n", 7, "log_level"},
        {LEADER "peers: {leader: x.yaml}\n", 7, "leader"},
        {LEADER "limits: {workers: 0}\n", 7, "workers"},
        {LEADER "limits: {workers: 257}\n", 7, "workers"},
        {LEADER "limits: {worker: 1}\n", 7, "worker"},
        {LEADER "limits: {result_late_hours: 0}\n", 7, "result_late_hours"},
        {LEADER "limits: {result_late_hours: 8761}\n", 7, "result_late_hours"},
        {LEADER "limits: {report_bytes: 67108865}\n", 7, "report_bytes"},
        {LEADER "limits: 3\n", 7, "limits"},
        {LEADER "version: 1\n", 7, "version"},
        {"[]\n", 1, "the file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        evh_settings s;
        evh_diagnostics d;
        assert_fails(parse(&s, cases[i].text, &d), EVH_ERR_INPUT);
        assert_int_equal(s.role, 0);
        assert_true(d.count > 0);
        if (d.items[0].line != cases[i].line || strstr(d.items[0].wrong, cases[i].wrong) == NULL)
            fail_msg("case %zu: line %llu: %s", i, (unsigned long long)d.items[0].line,
                     d.items[0].wrong);
        /* A key that was written into the file is not repeated. */
        assert_null(strstr(d.items[0].wrong, "BEGIN"));
        evh_diagnostics_clear(&d);
    }
}

/* Cut anywhere, a file is settings or a diagnostic, never anything else. */
static void test_settings_parse_cut(void **state)
{
    (void)state;
    static const char text[] = LEADER "limits: {workers: 16}\n";
    for (size_t len = 0; len < sizeof text - 1; len++) {
        evh_settings s;
        evh_diagnostics d = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
        evh_status status = evh_settings_parse(&s, "f", evh_view_of(text, len), &d);
        assert_true(status.code == EVH_OK || status.code == EVH_ERR_INPUT);
        assert_true((status.code == EVH_OK) == (d.errors == 0));
        evh_diagnostics_clear(&d);
    }
}

static void test_settings_format_reads_back(void **state)
{
    (void)state;
    static const evh_role roles[] = {EVH_ROLE_LEADER, EVH_ROLE_HELPER, EVH_ROLE_COLLECTOR};
    for (size_t i = 0; i < 3; i++)
        for (int changed = 0; changed < 2; changed++) {
            evh_settings s = settings_of(roles[i], "a-name.example");
            evh_settings back;
            evh_diagnostics d = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
            evh_buffer text = evh_buffer_init(1 << 16);
            evh_buffer again = evh_buffer_init(1 << 16);
            if (changed == 1) {
                s.limits.workers = 3;
                s.log_level = EVH_LOG_WARN;
                (void)snprintf(s.metrics, sizeof s.metrics, "[::1]:9100");
                (void)snprintf(s.store, sizeof s.store, "/elsewhere/store.db");
            }
            assert_ok(evh_settings_format(&text, &s));
            assert_ok(evh_settings_parse(&back, "f", evh_buffer_view(&text), &d));
            assert_int_equal(back.limits.workers, s.limits.workers);
            assert_int_equal(back.log_level, s.log_level);
            assert_string_equal(back.store, s.store);
            /* The rest: what was read is written in the same way. */
            assert_ok(evh_settings_format(&again, &back));
            assert_views_equal(evh_buffer_view(&again), evh_buffer_view(&text));
            evh_buffer_clear(&again);
            evh_buffer_clear(&text);
            evh_diagnostics_clear(&d);
        }
}

static void test_party_name_check_bounds(void **state)
{
    (void)state;
    assert_ok(evh_party_name_check("a"));
    assert_ok(evh_party_name_check("0123456789012345678901234567890123456789"));
    assert_fails(evh_party_name_check("01234567890123456789012345678901234567890"), EVH_ERR_ARG);
    assert_fails(evh_party_name_check(""), EVH_ERR_ARG);
    assert_fails(evh_party_name_check(".a"), EVH_ERR_ARG);
    assert_fails(evh_party_name_check("a+b"), EVH_ERR_ARG);
    assert_fails(evh_party_name_check("a b"), EVH_ERR_ARG);
}

int run_settings_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings_parse_whole),
        cmocka_unit_test(test_settings_parse_defaults),
        cmocka_unit_test(test_settings_parse_says_what_is_wrong),
        cmocka_unit_test(test_settings_parse_cut),
        cmocka_unit_test(test_settings_format_reads_back),
        cmocka_unit_test(test_party_name_check_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
