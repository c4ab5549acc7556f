/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/sizes.h"

#include <stdlib.h>

#include "support/test.h"
#include "tests.h"

static void test_checked_arithmetic_at_the_edges(void **state)
{
    (void)state;
    size_t size = 0;
    uint64_t u64 = 0;
    int64_t i64 = 0;
    assert_true(evh_size_add(SIZE_MAX - 1, 1, &size));
    assert_true(size == SIZE_MAX);
    assert_false(evh_size_add(SIZE_MAX, 1, &size));
    assert_false(evh_size_mul(SIZE_MAX / 2 + 1, 2, &size));
    assert_false(evh_u64_mul((uint64_t)1 << 32, (uint64_t)1 << 32, &u64));
    assert_false(evh_i64_add(INT64_MAX, 1, &i64));
    assert_false(evh_i64_sub(INT64_MIN, 1, &i64));
    assert_false(evh_i64_mul(INT64_MIN, -1, &i64));
    assert_true(evh_i64_mul(INT64_MIN, 1, &i64));
}

static void test_bit_length(void **state)
{
    (void)state;
    assert_int_equal(evh_bit_length(0), 0);
    assert_int_equal(evh_bit_length(1), 1);
    assert_int_equal(evh_bit_length(255), 8);
    assert_int_equal(evh_bit_length(256), 9);
    assert_int_equal(evh_bit_length(UINT64_MAX), 64);
}

static void test_alloc_zero_and_overflow(void **state)
{
    (void)state;
    uint32_t *items = NULL;
    assert_ok(evh_alloc(&items, 3, sizeof *items, "items"));
    assert_int_equal(items[0] | items[1] | items[2], 0);
    free(items);
    assert_ok(evh_alloc(&items, 0, sizeof *items, "items"));
    assert_non_null(items);
    free(items);
    assert_fails(evh_alloc(&items, SIZE_MAX / 2, 4, "items"), EVH_ERR_MEMORY);
    assert_null(items);
}

static void test_array_reserve_keeps_and_zeroes(void **state)
{
    (void)state;
    uint32_t *items = NULL;
    size_t capacity = 0;
    for (size_t i = 0; i < 100; i++) {
        assert_ok(evh_array_reserve(&items, &capacity, i + 1, sizeof *items, "items"));
        assert_int_equal(items[i], 0);
        items[i] = (uint32_t)i;
    }
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(items[i], i);
    size_t before = capacity;
    assert_fails(evh_array_reserve(&items, &capacity, SIZE_MAX / 2, sizeof *items, "items"),
                 EVH_ERR_MEMORY);
    assert_int_equal(capacity, before);
    assert_int_equal(items[99], 99);
    free(items);
}

int run_sizes_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checked_arithmetic_at_the_edges),
        cmocka_unit_test(test_bit_length),
        cmocka_unit_test(test_alloc_zero_and_overflow),
        cmocka_unit_test(test_array_reserve_keeps_and_zeroes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
