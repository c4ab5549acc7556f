/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/plan/canonical.h"

#include <string.h>

#include "evenhand/plan/groups.h"
#include "evenhand/plan/noise.h"
#include "plans.h"
#include "support/alloc_fail.h"
#include "support/test.h"
#include "tests.h"

static void encode_draft(evh_buffer *bytes, const char *yaml)
{
    evh_plan *plan = parse_plan(yaml);
    evh_plan *drafted = NULL;
    assert_ok(evh_plan_draft(&drafted, plan, EVH_ADD_REMOVE));
    assert_ok(evh_plan_encode(drafted, bytes));
    evh_plan_free(&drafted);
    evh_plan_free(&plan);
}

static void test_decode_gives_the_plan_again(void **state)
{
    (void)state;
    static const char *const plans[] = {plan_speech, plan_smallest, plan_two_releases};
    for (size_t i = 0; i < 3; i++) {
        evh_buffer bytes = evh_buffer_init(EVH_PLAN_BYTES_MAX);
        evh_buffer again = evh_buffer_init(EVH_PLAN_BYTES_MAX);
        evh_plan *from_yaml = parse_plan(plans[i]);
        evh_plan *from_bytes = NULL;
        assert_ok(evh_plan_encode(from_yaml, &bytes));
        assert_ok(evh_plan_decode(&from_bytes, evh_buffer_view(&bytes)));
        assert_ok(evh_plan_encode(from_bytes, &again));
        assert_views_equal(evh_buffer_view(&again), evh_buffer_view(&bytes));
        assert_null(evh_plan_id(from_bytes));
        assert_int_equal(evh_plan_cell_count(from_bytes), evh_plan_cell_count(from_yaml));
        assert_int_equal(evh_plan_grouping_count(from_bytes), evh_plan_grouping_count(from_yaml));
        assert_string_equal(evh_plan_terms_of(from_bytes)->name,
                            evh_plan_terms_of(from_yaml)->name);
        evh_plan_free(&from_bytes);
        evh_plan_free(&from_yaml);
        evh_buffer_clear(&bytes);
        evh_buffer_clear(&again);
    }
}

/* What people write in another order or spelling is the same plan. */
static void test_id_does_not_depend_on_spelling(void **state)
{
    (void)state;
    evh_buffer one = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evh_buffer two = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    encode_draft(&one, "name: caf\xc3\xa9\nscorer: binary\nbinary: {positive: [a, b]}\n"
                       "attributes: [{name: x, values: [u]}, {name: y, values: [v, w]},\n"
                       "  {name: z, from: y, map: {k: [v, w]}}]\n"
                       "releases: [[x, y]]\nprivacy: {epsilon: 0.5}\n");
    encode_draft(&two, "privacy: {epsilon: \"0.50\", delta: \"0\", records_per_unit: 1,\n"
                       "  cell_bits: 24, mechanism: discrete-laplace, placement: local}\n"
                       "scorer: 'binary'\nbinary: {positive: ['b', 'a']}\n"
                       "rounds: {count: 1, min_honest: 5, assumed_corrupt: 1, max_clients: 1000}\n"
                       "attributes:\n- values: [u]\n  name: x\n- {name: y, values: [v, w]}\n"
                       "- {name: z, from: y, map: {k: [w, v]}, per_unit: false}\n"
                       "releases: [[y, x]]\nname: cafe\xcc\x81\nversion: 1\nconfidence: 0.950\n");
    assert_views_equal(evh_buffer_view(&two), evh_buffer_view(&one));
    evh_buffer_clear(&one);
    evh_buffer_clear(&two);
}

/* The ids of plans that are fixed for good, noise included. A change here is a change of every
 * plan_id: it needs a new version of the schema. */
static void test_golden_ids(void **state)
{
    (void)state;
    static const char speech_noise[] =
        "noise:\n"
        "  adjacency: add-remove\n"
        "  offset: 84153\n"
        "  cells:\n"
        "    - {release: [accent, noise], cells: [units], parameter: \"169/8\"}\n"
        "    - {release: [accent, noise], cells: [rate_sum], parameter: \"9392/13\"}\n"
        "    - {release: [accent, noise], cells: [rate_squared_sum], parameter: \"3113/2\"}\n"
        "  shifts:\n"
        "    - [{noise: 0, by: 1, cells: 4}, {noise: 1, by: 100, cells: 4}, "
        "{noise: 2, by: 100, cells: 4}]\n";
    static const char smallest_noise[] =
        "noise:\n"
        "  adjacency: replace-one\n"
        "  offset: 150\n"
        "  cells: [{release: [sex], cells: [tp, fp, fn, tn], parameter: 2}]\n"
        "  shifts: [[{noise: 0, by: 1, cells: 2}]]\n";
    static const struct {
        const char *plan;
        const char *noise;
        const char *id;
    } rows[] = {
        {plan_speech, speech_noise,
         "b49720fcfea574af7dd6f282f48204918d4c1dbdcc0543d0a899ed61b3aaf7c1"},
        {plan_smallest, smallest_noise,
         "278e8ef427d4404ed51519efd86e91a2a1eaf9fe1b6d0ac5b81949f17c8015cc"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        evh_buffer yaml = evh_buffer_init(8192);
        char hex[2 * EVH_PLAN_ID_LEN + 1];
        assert_ok(evh_buffer_format(&yaml, "%s%s", rows[i].plan, rows[i].noise));
        assert_ok(evh_buffer_u8(&yaml, 0));
        evh_plan *plan = parse_plan((const char *)yaml.data);
        evh_hex_encode(hex, evh_view_of(evh_plan_id(plan), EVH_PLAN_ID_LEN));
        assert_string_equal(hex, rows[i].id);
        evh_plan_free(&plan);
        evh_buffer_clear(&yaml);
    }
}

/* No damaged encoding is taken for a plan unless it is a plan that encodes to just those bytes. */
static void check_damaged(const uint8_t *bytes, size_t len)
{
    evh_plan *plan = NULL;
    evh_buffer again = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    evh_status status = evh_plan_decode(&plan, evh_view_of(bytes, len));
    if (status.code == EVH_OK) {
        assert_ok(evh_plan_encode(plan, &again));
        assert_views_equal(evh_buffer_view(&again), evh_view_of(bytes, len));
    } else {
        assert_int_equal(status.code, EVH_ERR_ENCODING);
        assert_null(plan);
    }
    evh_plan_free(&plan);
    evh_buffer_clear(&again);
}

static void test_decode_every_cut_and_flip(void **state)
{
    (void)state;
    evh_buffer bytes = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    encode_draft(&bytes, plan_speech);
    for (size_t cut = 0; cut < bytes.len; cut++)
        check_damaged(bytes.data, cut);
    for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
        bytes.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        check_damaged(bytes.data, bytes.len);
        bytes.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
    for (unsigned extra = 0; extra < 256; extra++) {
        assert_ok(evh_buffer_u8(&bytes, (uint8_t)extra));
        evh_plan *plan = NULL;
        assert_fails(evh_plan_decode(&plan, evh_buffer_view(&bytes)), EVH_ERR_ENCODING);
        evh_buffer_truncate(&bytes, bytes.len - 1);
    }
    evh_buffer_clear(&bytes);
}

/* A message of the smallest plan with one thing changed in its bytes, by replacing text of the same
 * length: what YAML cannot say must not come in through the bytes either. */
static void test_decode_refuses_what_is_not_resolved(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        const char *after;
        const char *text;
    } rows[] = {
        {"p", " ", "normal form"},
        {"p", "\x01", "normal form"},
        {"0.95", "0.9 ", "normal form"},
        {"0.95", ".950", "shortest"},
        {"0.95", "00.9", "shortest"},
        {"sex", "\xe2\x84\xab", "normal form"},
        {"0.95", "1.95", "confidence is 1.95"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        evh_buffer bytes = evh_buffer_init(EVH_PLAN_BYTES_MAX);
        evh_plan *plan = NULL;
        bool changed = false;
        encode_draft(&bytes, plan_smallest);
        size_t len = strlen(rows[i].before);
        for (size_t at = 0; !changed && at + len <= bytes.len; at++) {
            changed = memcmp(bytes.data + at, rows[i].before, len) == 0;
            if (changed)
                memcpy(bytes.data + at, rows[i].after, len);
        }
        assert_true(changed);
        assert_fails_with(evh_plan_decode(&plan, evh_buffer_view(&bytes)), EVH_ERR_ENCODING,
                          rows[i].text);
        assert_null(plan);
        evh_buffer_clear(&bytes);
    }
}

static void test_decode_refuses_too_long(void **state)
{
    (void)state;
    evh_plan *plan = NULL;
    evh_view huge = {.data = (const uint8_t *)"x", .len = (size_t)EVH_PLAN_BYTES_MAX + 1};
    assert_fails(evh_plan_decode(&plan, huge), EVH_ERR_RANGE);
    assert_null(plan);
    assert_fails(evh_plan_decode(&plan, evh_view_of(NULL, 0)), EVH_ERR_ENCODING);
}

static evh_status decode_once(void *context)
{
    const evh_buffer *bytes = context;
    evh_plan *plan = NULL;
    evh_status status = evh_plan_decode(&plan, evh_buffer_view(bytes));
    assert_true((status.code == EVH_OK) == (plan != NULL));
    evh_plan_free(&plan);
    return status;
}

static void test_decode_without_memory(void **state)
{
    (void)state;
    evh_buffer bytes = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    encode_draft(&bytes, plan_smallest);
    assert_true(test_alloc_sweep(decode_once, &bytes) > 2);
    evh_buffer_clear(&bytes);
}

int run_canonical_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode_gives_the_plan_again),
        cmocka_unit_test(test_id_does_not_depend_on_spelling),
        cmocka_unit_test(test_golden_ids),
        cmocka_unit_test(test_decode_every_cut_and_flip),
        cmocka_unit_test(test_decode_refuses_what_is_not_resolved),
        cmocka_unit_test(test_decode_refuses_too_long),
        cmocka_unit_test(test_decode_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
