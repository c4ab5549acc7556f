/* SPDX-License-Identifier: Apache-2.0
 * The text is read back by a reader that knows the format and forgives nothing. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/aggregator/meters.h"
#include "support/test.h"
#include "tests.h"

enum { FAMILIES_MAX = 64, SAMPLES_MAX = 512, TEXT_MAX = 1 << 18 };

typedef struct sample {
    char name[200]; /* with its labels */
    double value;
} sample;

typedef struct exposition {
    char families[FAMILIES_MAX][80];
    size_t family_count;
    char type[16]; /* of the newest */
    sample samples[SAMPLES_MAX];
    size_t sample_count;
} exposition;

static size_t name_len(const char *text)
{
    size_t len = 0;
    while (isalnum((unsigned char)text[len]) || text[len] == '_' || text[len] == ':')
        len++;
    assert_true(len > 0 && !isdigit((unsigned char)text[0]));
    return len;
}

/* "# HELP name text" and then "# TYPE name type", each family once. */
static void read_comment(exposition *e, const char *line)
{
    bool help = strncmp(line, "# HELP ", 7) == 0;
    assert_true(help || strncmp(line, "# TYPE ", 7) == 0);
    size_t len = name_len(line + 7);
    assert_true(len < 80 && line[7 + len] == ' ' && line[8 + len] != 0);
    assert_int_equal(strncmp(line + 7, "evenhand_", 9), 0);
    if (!help) {
        assert_int_equal(strncmp(e->families[e->family_count - 1], line + 7, len), 0);
        const char *type = line + 8 + len;
        assert_true(strcmp(type, "counter") == 0 || strcmp(type, "gauge") == 0 ||
                    strcmp(type, "histogram") == 0);
        (void)snprintf(e->type, sizeof e->type, "%s", type);
        return;
    }
    e->type[0] = 0;
    assert_true(e->family_count < FAMILIES_MAX);
    char *family = e->families[e->family_count];
    (void)snprintf(family, 80, "%.*s", (int)len, line + 7);
    for (size_t i = 0; i < e->family_count; i++)
        assert_string_not_equal(e->families[i], family);
    e->family_count++;
}

static const char *skip_labels(const char *at)
{
    if (*at != '{')
        return at;
    do {
        at++;
        at += name_len(at);
        assert_int_equal(strncmp(at, "=\"", 2), 0);
        at += 2;
        at += strcspn(at, "\"\\\n");
        assert_int_equal(*at, '"');
        at++;
    } while (*at == ',');
    assert_int_equal(*at, '}');
    return at + 1;
}

static void read_sample(exposition *e, const char *line)
{
    const char *family = e->families[e->family_count - 1];
    size_t len = name_len(line);
    size_t own = strlen(family);
    assert_true(e->type[0] != 0 && len >= own && strncmp(line, family, own) == 0);
    bool histogram = strcmp(e->type, "histogram") == 0;
    bool suffix = strncmp(line + own, "_bucket{", 8) == 0 || strncmp(line + own, "_sum{", 5) == 0 ||
                  strncmp(line + own, "_count{", 7) == 0;
    assert_true(histogram ? suffix : len == own);
    if (strcmp(e->type, "counter") == 0)
        assert_string_equal(family + own - 6, "_total");
    const char *end = skip_labels(line + len);
    assert_int_equal(*end, ' ');
    assert_true(e->sample_count < SAMPLES_MAX);
    sample *s = &e->samples[e->sample_count++];
    (void)snprintf(s->name, sizeof s->name, "%.*s", (int)(end - line), line);
    for (size_t i = 0; i + 1 < e->sample_count; i++)
        assert_string_not_equal(e->samples[i].name, s->name);
    char *rest = NULL;
    s->value = strtod(end + 1, &rest);
    assert_true(rest != end + 1 && *rest == 0);
}

static void read_exposition(exposition *e, const evh_buffer *text)
{
    char *copy = calloc(text->len + 1, 1);
    assert_non_null(copy);
    memcpy(copy, text->data, text->len);
    assert_true(text->len > 0 && copy[text->len - 1] == '\n');
    memset(e, 0, sizeof *e);
    for (char *line = copy; *line != 0;) {
        char *end = strchr(line, '\n');
        *end = 0;
        if (*line == '#')
            read_comment(e, line);
        else
            read_sample(e, line);
        line = end + 1;
    }
    free(copy);
}

static double value_of(const exposition *e, const char *name)
{
    for (size_t i = 0; i < e->sample_count; i++)
        if (strcmp(e->samples[i].name, name) == 0)
            return e->samples[i].value;
    fail_msg("no %s", name);
    return 0;
}

static bool has(const exposition *e, const char *name)
{
    for (size_t i = 0; i < e->sample_count; i++)
        if (strcmp(e->samples[i].name, name) == 0)
            return true;
    return false;
}

static const char *const served[] = {"/s.A/One", "/s.A/Two"};
static const char *const made[] = {"/s.B/Three"};

static evh_meters *new_meters(size_t made_count)
{
    const evh_meter_methods methods[EVH_METER_SIDES] = {
        [EVH_METER_SERVED] = {.paths = served, .count = 2},
        [EVH_METER_MADE] = {.paths = made, .count = made_count}};
    evh_meters *meters = NULL;
    assert_ok(evh_meters_new(&meters, methods));
    return meters;
}

static void test_meters_write_counts(void **state)
{
    (void)state;
    static exposition e;
    evh_meters *meters = new_meters(1);
    evh_buffer text = evh_buffer_init(TEXT_MAX);
    evh_gauges gauges = {.role = "leader",
                         .version = "1.2.3",
                         .log_entries = 7,
                         .ready = true,
                         .next_deadline_s = -1,
                         .store = {.committed = 3, .cpu_ns = 1500000001}};
    const evh_meter_call calls[] = {
        {.method = 0, .took_ns = 1000000, .received_bytes = 10, .sent_bytes = 5},
        {.method = 0, .took_ns = 1000001, .received_bytes = 10, .sent_bytes = 5},
        {.method = 0, .code = EVH_ERR_REFUSED, .took_ns = INT64_C(90000000000)},
        {.side = EVH_METER_MADE, .method = 0, .code = EVH_ERR_UNAVAILABLE, .took_ns = 1},
        {.method = 2}, /* no such method: not counted */
    };
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        evh_meters_call(meters, &calls[i]);
    evh_meters_throttled(meters, EVH_THROTTLE_RATE);
    evh_meters_pass(meters, EVH_OK, 2);
    evh_meters_work(meters, EVH_METER_HANDLERS, 2000000000);
    assert_ok(evh_meters_write(&text, meters, &gauges));
    read_exposition(&e, &text);
    assert_true(value_of(&e, "evenhand_rpc_calls_total{method=\"/s.A/One\",code=\"OK\"}") == 2);
    assert_true(value_of(&e, "evenhand_rpc_calls_total{method=\"/s.A/One\",code=\"REFUSED\"}") ==
                1);
    assert_true(value_of(&e, "evenhand_rpc_calls_total{method=\"/s.A/Two\",code=\"OK\"}") == 0);
    assert_true(
        value_of(&e, "evenhand_rpc_call_seconds_bucket{method=\"/s.A/One\",le=\"0.001\"}") == 1);
    assert_true(
        value_of(&e, "evenhand_rpc_call_seconds_bucket{method=\"/s.A/One\",le=\"0.005\"}") == 2);
    assert_true(value_of(&e, "evenhand_rpc_call_seconds_bucket{method=\"/s.A/One\",le=\"60\"}") ==
                2);
    assert_true(value_of(&e, "evenhand_rpc_call_seconds_bucket{method=\"/s.A/One\",le=\"+Inf\"}") ==
                3);
    assert_true(value_of(&e, "evenhand_rpc_call_seconds_count{method=\"/s.A/One\"}") == 3);
    assert_close(value_of(&e, "evenhand_rpc_call_seconds_sum{method=\"/s.A/One\"}"), 90.002000001,
                 1e-9);
    assert_true(value_of(&e, "evenhand_rpc_received_bytes_total{method=\"/s.A/One\"}") == 20);
    assert_true(value_of(&e, "evenhand_rpc_sent_bytes_total{method=\"/s.A/One\"}") == 10);
    assert_true(
        value_of(&e, "evenhand_peer_calls_total{method=\"/s.B/Three\",code=\"UNAVAILABLE\"}") == 1);
    assert_true(value_of(&e, "evenhand_throttled_total{limit=\"rate\"}") == 1);
    assert_true(value_of(&e, "evenhand_throttled_total{limit=\"callers\"}") == 0);
    assert_true(value_of(&e, "evenhand_drive_passes_total{code=\"OK\"}") == 1);
    assert_true(value_of(&e, "evenhand_drive_troubles_total") == 2);
    assert_true(value_of(&e, "evenhand_cpu_seconds_total{part=\"handlers\"}") == 2);
    assert_close(value_of(&e, "evenhand_cpu_seconds_total{part=\"store\"}"), 1.500000001, 1e-12);
    assert_true(value_of(&e, "evenhand_info{role=\"leader\",version=\"1.2.3\"}") == 1);
    assert_true(value_of(&e, "evenhand_ready") == 1);
    assert_true(value_of(&e, "evenhand_log_entries") == 7);
    assert_false(has(&e, "evenhand_next_deadline_seconds")); /* not known */
    assert_true(value_of(&e, "evenhand_store_transactions_total{outcome=\"committed\"}") == 3);
    evh_buffer_clear(&text);
    evh_meters_free(&meters);
    assert_null(meters);
}

/* A helper makes no calls and drives nothing. */
static void test_meters_write_helper(void **state)
{
    (void)state;
    static exposition e;
    evh_meters *meters = new_meters(0);
    evh_buffer text = evh_buffer_init(TEXT_MAX);
    evh_buffer small = evh_buffer_init(100);
    evh_gauges gauges = {.role = "helper", .version = "0"};
    assert_ok(evh_meters_write(&text, meters, &gauges));
    read_exposition(&e, &text);
    assert_false(has(&e, "evenhand_drive_troubles_total"));
    assert_false(has(&e, "evenhand_peer_calls_total{method=\"/s.B/Three\",code=\"OK\"}"));
    assert_fails(evh_meters_write(&small, meters, &gauges), EVH_ERR_MEMORY);
    evh_buffer_clear(&small);
    evh_buffer_clear(&text);
    evh_meters_free(&meters);
}

static void test_meters_new_too_many_methods(void **state)
{
    (void)state;
    evh_meters *meters = NULL;
    const evh_meter_methods methods[EVH_METER_SIDES] = {
        [EVH_METER_SERVED] = {.paths = served, .count = EVH_METER_METHODS_MAX + 1}};
    assert_fails(evh_meters_new(&meters, methods), EVH_ERR_ARG);
    assert_null(meters);
}

int run_meters_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meters_write_counts),
        cmocka_unit_test(test_meters_write_helper),
        cmocka_unit_test(test_meters_new_too_many_methods),
    };
    return cmocka_run_group_tests_name("meters", tests, NULL, NULL);
}
