/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/field/field.h"

#include "evenhand/field/chunk.h"
#include "evenhand/field/field128.h"
#include "evenhand/field/field64.h"
#include "support/test.h"
#include "tests.h"

static void test_field_facts(void **state)
{
    (void)state;
    assert_int_equal(evh_field_element_bytes(EVH_FIELD_64), 8);
    assert_int_equal(evh_field_element_bytes(EVH_FIELD_128), 16);
    assert_true(evh_field_modulus(EVH_FIELD_64) == EVH_F64_MODULUS);
    assert_true(evh_field_modulus(EVH_FIELD_128) == EVH_F128_MODULUS);
    assert_true(EVH_F64_MODULUS == (uint64_t)0 - ((uint64_t)1 << 32) + 1);
    assert_true(EVH_F128_MODULUS == (evh_u128)0 - ((evh_u128)28 << 64) + 1);
}

static void test_sum_fits_at_the_modulus(void **state)
{
    (void)state;
    assert_true(evh_field_sum_fits(EVH_FIELD_64, 1, EVH_F64_MODULUS - 1));
    assert_false(evh_field_sum_fits(EVH_FIELD_64, 1, EVH_F64_MODULUS));
    assert_true(evh_field_sum_fits(EVH_FIELD_64, (uint64_t)1 << 32, 0xffffffff));
    assert_false(evh_field_sum_fits(EVH_FIELD_64, (uint64_t)1 << 32, (evh_u128)1 << 32));
    assert_true(evh_field_sum_fits(EVH_FIELD_128, UINT64_MAX, UINT64_MAX - 27));
    assert_false(evh_field_sum_fits(EVH_FIELD_128, UINT64_MAX, UINT64_MAX - 26));
    assert_false(evh_field_sum_fits(EVH_FIELD_128, UINT64_MAX, (evh_u128)1 << 64));
    assert_false(evh_field_sum_fits(EVH_FIELD_128, UINT64_MAX, EVH_F128_MODULUS - 1));
    assert_true(evh_field_sum_fits(EVH_FIELD_128, 0, EVH_F128_MODULUS));
}

static void test_chunk_length_rule(void **state)
{
    (void)state;
    /* 24000 elements: the smallest proof has p = 128, the rule takes p = 256, c = 24000 / 255. */
    assert_int_equal(evh_chunk_length(24000), 95);
    assert_int_equal(evh_chunk_length(0), 1);
    assert_int_equal(evh_chunk_length(1), 1);
    for (uint64_t encoded = 1; encoded < 3000; encoded++) {
        uint64_t chunk = evh_chunk_length(encoded);
        assert_true(chunk >= 1 && chunk <= encoded);
        assert_true(chunk * chunk <= 4 * encoded);
    }
    assert_true(evh_chunk_length(UINT64_MAX) > 1);
}

int run_field_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_field_facts),
        cmocka_unit_test(test_sum_fits_at_the_modulus),
        cmocka_unit_test(test_chunk_length_rule),
    };
    return cmocka_run_group_tests_name("field", tests, NULL, NULL);
}
