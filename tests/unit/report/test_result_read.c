/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "evenhand/plan/canonical.h"
#include "evenhand/report/result.h"
#include "results.h"
#include "support/alloc_fail.h"
#include "support/test.h"
#include "tests.h"

enum { FLIP_EVERY = 3001, CUT_EVERY = 499 }; /* of a document of many kilobytes: coprime to 8 */

static void write_result(evh_buffer *out, const char *plan, const char *population)
{
    test_result result;
    test_result_make(&result, plan, population, 97, 40);
    assert_ok(evh_result_write(out, &result.facts));
    test_result_clear(&result);
}

static void test_read_gives_the_facts_again(void **state)
{
    (void)state;
    static const char *const terms[][2] = {{plan_screening, population_screening},
                                           {plan_speech, population_speech}};
    for (size_t i = 0; i < 2; i++) {
        evh_buffer bytes = evh_buffer_init(1 << 20);
        evh_buffer again = evh_buffer_init(1 << 20);
        test_result made;
        evh_result *result = NULL;
        test_result_make(&made, terms[i][0], terms[i][1], 97, 40);
        assert_ok(evh_result_write(&bytes, &made.facts));
        assert_ok(evh_result_read(&result, evh_buffer_view(&bytes)));
        const evh_result_facts *facts = evh_result_facts_of(result);
        assert_memory_equal(evh_plan_id(facts->plan), evh_plan_id(made.plan), EVH_PLAN_ID_LEN);
        assert_int_equal(facts->sum_count, made.facts.sum_count);
        assert_memory_equal(facts->sums, made.sums, facts->sum_count * sizeof *facts->sums);
        assert_int_equal(facts->entries.share_commitment, 32);
        assert_int_equal(facts->window_end_ms, made.facts.window_end_ms);
        assert_string_equal(facts->log_origin, made.facts.log_origin);
        assert_ok(evh_result_write(&again, facts));
        assert_views_equal(evh_buffer_view(&again), evh_buffer_view(&bytes));
        evh_result_free(&result);
        evh_result_free(&result);
        test_result_clear(&made);
        evh_buffer_clear(&bytes);
        evh_buffer_clear(&again);
    }
}

static evh_status read_bytes(const uint8_t *data, size_t len)
{
    evh_result *result = NULL;
    evh_status status = evh_result_read(&result, evh_view_of(data, len));
    assert_true((result != NULL) == (status.code == EVH_OK));
    evh_result_free(&result);
    return status;
}

static void test_read_refuses_every_cut(void **state)
{
    (void)state;
    evh_buffer bytes = evh_buffer_init(1 << 20);
    write_result(&bytes, plan_screening, population_screening);
    /* The last byte is the end of the line. */
    for (size_t len = 0; len + 1 < bytes.len; len += len < 2000 ? 1 : CUT_EVERY)
        assert_fails(read_bytes(bytes.data, len), EVH_ERR_ENCODING);
    assert_ok(read_bytes(bytes.data, bytes.len - 1));
    assert_ok(evh_buffer_append(&bytes, view_of_literal("{}")));
    assert_fails(read_bytes(bytes.data, bytes.len), EVH_ERR_ENCODING);
    evh_buffer_clear(&bytes);
}

/* A flipped bit gives another document, or none; never one that contradicts itself. */
static void test_read_every_flipped_bit(void **state)
{
    (void)state;
    evh_buffer bytes = evh_buffer_init(1 << 20);
    evh_buffer again = evh_buffer_init(1 << 20);
    write_result(&bytes, plan_screening, population_screening);
    for (size_t bit = 0; bit < 8 * bytes.len; bit += FLIP_EVERY) {
        bytes.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        evh_result *result = NULL;
        evh_status status = evh_result_read(&result, evh_buffer_view(&bytes));
        if (status.code == EVH_OK) {
            evh_buffer_clear(&again);
            assert_ok(evh_result_write(&again, evh_result_facts_of(result)));
        } else {
            assert_true(status.code == EVH_ERR_ENCODING || status.code == EVH_ERR_TYPE);
        }
        evh_result_free(&result);
        bytes.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
    evh_buffer_clear(&bytes);
    evh_buffer_clear(&again);
}

/* Puts `to` in the place of the first `from`. */
static void replace(evh_buffer *out, evh_view in, const char *from, const char *to)
{
    evh_buffer_clear(out);
    size_t at = 0;
    size_t len = strlen(from);
    while (at + len <= in.len && memcmp(in.data + at, from, len) != 0)
        at++;
    assert_true(at + len <= in.len);
    assert_ok(evh_buffer_append(out, evh_view_of(in.data, at)));
    assert_ok(evh_buffer_append(out, evh_view_of_text(to)));
    assert_ok(evh_buffer_append(out, evh_view_of(in.data + at + len, in.len - at - len)));
}

static void test_read_refuses_changed_documents(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        evh_code code;
        const char *says;
    } rows[] = {
        {"\"version\": 1", "\"version\": 2", EVH_ERR_TYPE, "version 2"},
        {"evenhand-result", "evenhand-results", EVH_ERR_ENCODING, "format"},
        {"\"number\": 2", "\"number\": 5", EVH_ERR_ENCODING, "round 5"},
        {"\"number\": 2", "\"number\": -2", EVH_ERR_ENCODING, "round.number"},
        {"\"number\": 2", "\"number\": 2.0", EVH_ERR_ENCODING, "round.number"},
        {"\"number\": 2", "\"number\": 4294967298", EVH_ERR_ENCODING, "round.number"},
        {"\"number\": 2,", "\"number\": 2, \"number\": 2,", EVH_ERR_ENCODING, "duplicate"},
        {"\"number\": 2,", "", EVH_ERR_ENCODING, "round.number"},
        {"\"of\": 4", "\"of\": 5", EVH_ERR_ENCODING, "round.of"},
        {"\"customers\": 9", "\"customers\": 10", EVH_ERR_ENCODING, "contradicts itself"},
        {"\"customers\": 9", "\"customers\": 0", EVH_ERR_ENCODING, "0 customers"},
        {"a5a5", "a5", EVH_ERR_ENCODING, "task_id"},
        {"a5a5", "zza5", EVH_ERR_ENCODING, "task_id"},
        {"\"epsilon\": 1,", "\"epsilon\": 2,", EVH_ERR_ENCODING, "contradicts itself"},
        {"\"tp\": -40", "\"tp\": -41", EVH_ERR_ENCODING, "contradicts itself"},
        {"\"tp\": -40", "\"tp\": -40.0", EVH_ERR_ENCODING, "groups[0]"},
        {"\"tp\": -40", "\"tp\": 99999999999999999999", EVH_ERR_ENCODING, "too big"},
        {"\"tp\": -40, ", "", EVH_ERR_ENCODING, "groups[0]"},
        {"\"tp\": -40, ", "\"tp\": -40, \"more\": 1, ", EVH_ERR_ENCODING, "no place"},
        {"\"sex\": \"m\"", "\"sex\": \"f\"", EVH_ERR_ENCODING, "contradicts itself"},
        {"\"window_start\": null", "\"window_start\": \"2026-10-01T00:00:00.000Z\"",
         EVH_ERR_ENCODING, "window"},
        {"\"window_start\": null", "\"window_start\": \"soon\"", EVH_ERR_ENCODING, "window"},
        {"\"reports_root\"", "\"root\"", EVH_ERR_ENCODING, "reports_root"},
        {"\"canonical\": \"", "\"canonical\": \"AA", EVH_ERR_ENCODING, "plan"},
        {"\"canonical\": \"", "\"canonical\": \"!", EVH_ERR_ENCODING, "plan"},
    };
    evh_buffer bytes = evh_buffer_init(1 << 20);
    evh_buffer changed = evh_buffer_init(1 << 20);
    write_result(&bytes, plan_screening, population_screening);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        replace(&changed, evh_buffer_view(&bytes), rows[i].from, rows[i].to);
        assert_fails_with(read_bytes(changed.data, changed.len), rows[i].code, rows[i].says);
    }
    evh_buffer_clear(&bytes);
    evh_buffer_clear(&changed);
}

/* What another JSON tool writes differently is the same document. */
static void test_read_takes_another_form(void **state)
{
    (void)state;
    evh_buffer bytes = evh_buffer_init(1 << 20);
    evh_buffer changed = evh_buffer_init(1 << 20);
    write_result(&bytes, plan_screening, population_screening);
    replace(&changed, evh_buffer_view(&bytes), "\"epsilon\": 1,", "\"epsilon\" :\t1 ,");
    assert_ok(read_bytes(changed.data, changed.len));
    replace(&changed, evh_buffer_view(&bytes), "\"version\": 1,", "\"\\u0076ersion\": 1,");
    assert_ok(read_bytes(changed.data, changed.len));
    evh_buffer_clear(&bytes);
    evh_buffer_clear(&changed);
}

static void test_read_refuses_huge(void **state)
{
    (void)state;
    static const uint8_t nothing[1] = {0};
    assert_fails(read_bytes(nothing, (size_t)EVH_RESULT_BYTES_MAX + 1), EVH_ERR_RANGE);
    assert_fails(read_bytes(NULL, 0), EVH_ERR_ENCODING);
}

static evh_status read_once(void *context)
{
    const evh_buffer *bytes = context;
    evh_result *result = NULL;
    evh_status status = evh_result_read(&result, evh_buffer_view(bytes));
    evh_result_free(&result);
    return status;
}

static void test_read_out_of_memory(void **state)
{
    (void)state;
    evh_buffer bytes = evh_buffer_init(1 << 20);
    write_result(&bytes, plan_screening, population_screening);
    assert_true(test_alloc_sweep(read_once, &bytes) > 10);
    evh_buffer_clear(&bytes);
}

int run_result_read_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_gives_the_facts_again),
        cmocka_unit_test(test_read_refuses_every_cut),
        cmocka_unit_test(test_read_every_flipped_bit),
        cmocka_unit_test(test_read_refuses_changed_documents),
        cmocka_unit_test(test_read_takes_another_form),
        cmocka_unit_test(test_read_refuses_huge),
        cmocka_unit_test(test_read_out_of_memory),
    };
    return cmocka_run_group_tests_name("result_read", tests, NULL, NULL);
}
