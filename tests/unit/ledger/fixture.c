/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/clock.h"
#include "tests.h"

int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    test_make_dir(f->dir);
    (void)snprintf(f->path, sizeof f->path, "%s/acme.db", f->dir);
    f->rng = test_rng_seeded(&f->source, 1);
    f->report = evh_buffer_init(1 << 20);
    assert_ok(evh_ledger_create(f->path, view_of_literal("acme"), &f->rng));
    assert_ok(evh_ledger_open(&f->ledger, f->path, EVH_LEDGER_WRITE));
    *state = f;
    return 0;
}

int teardown(void **state)
{
    fixture *f = *state;
    evh_ledger_free(&f->ledger);
    evh_buffer_clear(&f->report);
    test_remove_dir(f->dir);
    free(f);
    return 0;
}

void reopen(fixture *f, evh_ledger_access access)
{
    evh_ledger_free(&f->ledger);
    assert_ok(evh_ledger_open(&f->ledger, f->path, access));
}

evh_decimal decimal(const char *text)
{
    evh_decimal value;
    assert_ok(evh_decimal_parse(evh_view_of_text(text), &value));
    return value;
}

static int64_t month_ms(uint32_t months)
{
    evh_civil civil = {
        .year = 2026 + (int)(months / 12), .month = 1 + (int)(months % 12), .day = 1};
    return evh_civil_to_unix(civil) * 1000;
}

evh_ledger_charge charge_of(uint32_t round)
{
    static const evh_noise classes[] = {
        {.kind = EVH_NOISE_DISCRETE_LAPLACE, .parameter = {.num = 3, .den = 1}},
        {.kind = EVH_NOISE_DISCRETE_LAPLACE, .parameter = {.num = 7, .den = 2}}};
    static const evh_shift_term terms[] = {{.noise = 0, .magnitude = 1, .cells = 1},
                                           {.noise = 1, .magnitude = 100, .cells = 2},
                                           {.noise = 0, .magnitude = 2, .cells = 1}};
    static const evh_shift shifts[] = {{.terms = terms, .count = 2},
                                       {.terms = terms + 2, .count = 1}};
    evh_ledger_charge what = {.population = view_of_literal("patients-en"),
                              .round = round,
                              .has_window = true,
                              .window_start_ms = month_ms(round - 1),
                              .window_end_ms = month_ms(round),
                              .epsilon = decimal("0.1"),
                              .delta = decimal("1e-7"),
                              .customers_per_unit = 1,
                              .classes = classes,
                              .class_count = 2,
                              .shifts = shifts,
                              .shift_count = 2};
    memset(what.plan_id, 0x11, sizeof what.plan_id);
    return what;
}

void expected_report(uint8_t out[REPORT_BYTES], const evh_ledger_position *position)
{
    for (size_t i = 0; i < REPORT_BYTES; i++)
        out[i] =
            (uint8_t)(position->head[i % EVH_LEDGER_HASH_LEN] ^ (i * 31U) ^ position->sequence);
}

static evh_status make(void *context, const evh_ledger_position *position, evh_buffer *report)
{
    (void)context;
    static uint8_t bytes[REPORT_BYTES];
    expected_report(bytes, position);
    return evh_buffer_append(report, evh_view_of(bytes, sizeof bytes));
}

const uint8_t test_fingerprint[EVH_LEDGER_FINGERPRINT_LEN] = {0x77, 1, 2, 3};

evh_ledger_maker test_maker(void)
{
    evh_ledger_maker maker = {.make = make, .fingerprint = test_fingerprint};
    return maker;
}

evh_status charge(fixture *f, const evh_ledger_charge *what, const evh_ledger_limit *limit)
{
    evh_ledger_maker maker = test_maker();
    return evh_ledger_charge_round(f->ledger, &f->report, &f->position, what, limit, &maker,
                                   month_ms(5));
}
