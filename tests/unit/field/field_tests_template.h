/* SPDX-License-Identifier: Apache-2.0
 * The tests of either field, against a reference that knows only comparison and addition of
 * integers: sums by comparing with what is left to the modulus, products by doubling and adding. */
#include <stdlib.h>
#include <string.h>

#include "evenhand/field/field.h"
#include "support/test.h"
#include "tests.h"

static const evh_u128 modulus = FE_MODULUS;

static evh_u128 reference_add(evh_u128 a, evh_u128 b)
{
    return a >= modulus - b ? a - (modulus - b) : a + b;
}

static evh_u128 reference_sub(evh_u128 a, evh_u128 b)
{
    return a >= b ? a - b : modulus - (b - a);
}

static evh_u128 reference_mul(evh_u128 a, evh_u128 b)
{
    evh_u128 product = 0;
    for (unsigned bit = 128; bit-- > 0;) {
        product = reference_add(product, product);
        if (((b >> bit) & 1) != 0)
            product = reference_add(product, a);
    }
    return product;
}

/* Edges: around 0, the modulus, powers of two and their neighbours, words of ones. */
static size_t edge_elements(fe *out, size_t room)
{
    size_t count = 0;
    for (fe i = 0; i < 3; i++) {
        out[count++] = i;
        out[count++] = (fe)(modulus - 1 - i);
        out[count++] = (fe)(modulus / 2 + i);
    }
    for (unsigned shift = 1; shift < 8 * FE_BYTES; shift += 3) {
        fe power = (fe)1 << shift;
        out[count++] = power % (fe)modulus;
        out[count++] = (power - 1) % (fe)modulus;
        out[count++] = (fe)(modulus - power % (fe)modulus) % (fe)modulus;
    }
    assert_true(count <= room);
    return count;
}

static fe random_element(const evh_rng *rng)
{
    fe element = 0;
    do {
        assert_ok(evh_rng_fill(rng, (uint8_t *)&element, sizeof element));
    } while (element >= modulus);
    return element;
}

static void check_pair(fe a, fe b)
{
    fe weight = FE_NAME(to_weight)(a);
    assert_true(FE_NAME(add)(a, b) == reference_add(a, b));
    assert_true(FE_NAME(sub)(a, b) == reference_sub(a, b));
    assert_true(FE_NAME(neg)(a) == reference_sub(0, a));
    assert_true(FE_NAME(mul)(weight, b) == reference_mul(a, b));
    assert_true(FE_NAME(from_weight)(weight) == a);
    assert_true(FE_NAME(equal_mask)(a, b) == (a == b ? UINT64_MAX : 0));
    assert_true(FE_NAME(equal_mask)(a, a) == UINT64_MAX);
    fe_acc acc;
    memset(&acc, 0, sizeof acc);
    FE_NAME(acc_mac)(&acc, weight, b);
    assert_true(FE_NAME(acc_reduce)(&acc) == reference_mul(a, b));
}

static void test_arithmetic_at_the_edges(void **state)
{
    (void)state;
    fe edges[160];
    size_t count = edge_elements(edges, 160);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            check_pair(edges[i], edges[j]);
}

static void test_arithmetic_random(void **state)
{
    (void)state;
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 1);
    for (size_t i = 0; i < 3000; i++)
        check_pair(random_element(&rng), random_element(&rng));
}

static void test_canonical_any_word(void **state)
{
    (void)state;
    for (fe i = 0; i < 5; i++) {
        fe above = (fe)(modulus + i); /* wraps for none of these: 2^bits - p > 5 */
        assert_true(FE_NAME(canonical)(above) == i);
        assert_true(FE_NAME(canonical)((fe)(modulus - 1 - i)) == modulus - 1 - i);
        fe top = (fe)0 - 1 - i;
        assert_true(FE_NAME(canonical)(top) == top - (fe)modulus);
        assert_true(FE_NAME(from_u128)(top) == top % (fe)modulus);
    }
}

static void test_acc_largest_products(void **state)
{
    (void)state;
    /* Every term is (p-1)^2 in weight form, so each column wraps many times. */
    fe largest = (fe)(modulus - 1);
    evh_u128 term = reference_mul((evh_u128)FE_NAME(from_weight)(largest), largest);
    evh_u128 expected = 0;
    fe_acc acc;
    memset(&acc, 0, sizeof acc);
    assert_true(FE_NAME(acc_reduce)(&acc) == 0);
    for (size_t i = 0; i < 5000; i++) {
        FE_NAME(acc_mac)(&acc, largest, largest);
        expected = reference_add(expected, term);
        assert_true(FE_NAME(acc_reduce)(&acc) == expected);
    }
}

static void test_acc_random_sums(void **state)
{
    (void)state;
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 2);
    for (size_t round = 0; round < 20; round++) {
        evh_u128 expected = 0;
        fe_acc acc;
        memset(&acc, 0, sizeof acc);
        for (size_t i = 0; i < 100; i++) {
            fe a = random_element(&rng);
            fe b = random_element(&rng);
            FE_NAME(acc_mac)(&acc, FE_NAME(to_weight)(a), b);
            expected = reference_add(expected, reference_mul(a, b));
        }
        assert_true(FE_NAME(acc_reduce)(&acc) == expected);
    }
}

static void test_weight_pow_and_inv(void **state)
{
    (void)state;
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 3);
    fe one = FE_NAME(weight_one)();
    assert_true(one == FE_NAME(to_weight)(1));
    assert_true(FE_NAME(weight_inv)(0) == 0);
    for (size_t i = 0; i < 20; i++) {
        fe a = FE_NAME(to_weight)(random_element(&rng));
        assert_true(FE_NAME(weight_pow)(a, 0) == one);
        assert_true(FE_NAME(weight_pow)(a, 1) == a);
        assert_true(FE_NAME(weight_pow)(a, 5) == FE_NAME(mul)(a, FE_NAME(weight_pow)(a, 4)));
        assert_true(FE_NAME(weight_pow)(a, modulus - 1) == one);
        assert_true(FE_NAME(mul)(a, FE_NAME(weight_inv)(a)) == one);
    }
}

static void test_vec_weight_inv(void **state)
{
    (void)state;
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 4);
    fe values[33];
    fe inverses[33];
    fe scratch[33];
    for (size_t count = 0; count <= 33; count++) {
        for (size_t i = 0; i < count; i++)
            inverses[i] = values[i] = FE_NAME(to_weight)(random_element(&rng));
        FE_NAME(vec_weight_inv)(inverses, scratch, count);
        for (size_t i = 0; i < count; i++)
            assert_true(inverses[i] == FE_NAME(weight_inv)(values[i]));
    }
}

static void test_vec_add_sub(void **state)
{
    (void)state;
    fe edges[160];
    fe sums[160];
    size_t count = edge_elements(edges, 160);
    for (size_t i = 0; i < count; i++)
        sums[i] = edges[count - 1 - i];
    FE_NAME(vec_add)(sums, edges, count);
    for (size_t i = 0; i < count; i++)
        assert_true(sums[i] == reference_add(edges[i], edges[count - 1 - i]));
    FE_NAME(vec_sub)(sums, edges, count);
    for (size_t i = 0; i < count; i++)
        assert_true(sums[i] == edges[count - 1 - i]);
}

/* One bad element at any place of a vector is found; the vector then decodes to zeros. */
static void test_vec_decode_canonical_only(void **state)
{
    (void)state;
    enum { COUNT = 9 };
    uint8_t bytes[COUNT * FE_BYTES + 1];
    fe out[COUNT];
    const fe bad[] = {(fe)modulus, (fe)(modulus + 1), (fe)0 - 1};
    for (size_t place = 0; place < COUNT; place++) {
        for (size_t which = 0; which < sizeof bad / sizeof bad[0]; which++) {
            memset(bytes, 0, sizeof bytes);
            memcpy(bytes + 1 + place * FE_BYTES, &bad[which], FE_BYTES);
            memset(out, 0xff, sizeof out);
            assert_false(FE_NAME(vec_decode)(out, bytes + 1, COUNT));
            for (size_t i = 0; i < COUNT; i++)
                assert_true(out[i] == 0);
        }
        fe good = (fe)(modulus - 1);
        memcpy(bytes + 1 + place * FE_BYTES, &good, FE_BYTES);
        assert_true(FE_NAME(vec_decode)(out, bytes + 1, COUNT)); /* unaligned on purpose */
        assert_true(out[place] == good);
    }
    assert_true(FE_NAME(vec_decode)(NULL, NULL, 0));
}

static void test_root_orders(void **state)
{
    (void)state;
    fe one = FE_NAME(weight_one)();
    assert_true(FE_NAME(root)(0) == one);
    assert_true(FE_NAME(root)(FE_LOG_ORDER) == FE_NAME(to_weight)(FE_GENERATOR));
    for (unsigned log = 1; log <= FE_LOG_ORDER; log++) {
        fe root = FE_NAME(root)(log);
        assert_true(FE_NAME(mul)(root, root) == FE_NAME(root)(log - 1));
        fe half = FE_NAME(weight_pow)(root, (evh_u128)1 << (log - 1));
        assert_true(half == FE_NAME(neg)(one)); /* so its order is exactly 2^log */
    }
}

static size_t bit_reversed(size_t i, unsigned log)
{
    size_t reversed = 0;
    for (unsigned bit = 0; bit < log; bit++)
        reversed |= ((i >> bit) & 1) << (log - 1 - bit);
    return reversed;
}

static void test_ntt_equals_naive_sum(void **state)
{
    (void)state;
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 5);
    for (unsigned log = 0; log <= 6; log++) {
        size_t n = (size_t)1 << log;
        fe coefficients[64];
        fe values[64];
        fe table[64];
        for (size_t i = 0; i < n; i++) {
            coefficients[i] = random_element(&rng);
            values[bit_reversed(i, log)] = coefficients[i];
        }
        FE_NAME(ntt_table)(table, log, false);
        FE_NAME(ntt)(values, table, log);
        evh_u128 root = FE_NAME(from_weight)(FE_NAME(root)(log));
        evh_u128 point = 1;
        for (size_t k = 0; k < n; k++) {
            evh_u128 expected = 0;
            for (size_t i = n; i-- > 0;)
                expected = reference_add(reference_mul(expected, point), coefficients[i]);
            assert_true(values[k] == expected);
            point = reference_mul(point, root);
        }
        assert_true(point == 1);
    }
}

static void test_intt_inverts_ntt(void **state)
{
    (void)state;
    test_rng seeded;
    evh_rng rng = test_rng_seeded(&seeded, 6);
    fe values[1024];
    fe original[1024];
    fe forward[1024];
    fe inverse[1024];
    for (unsigned log = 0; log <= 10; log++) {
        size_t n = (size_t)1 << log;
        for (size_t i = 0; i < n; i++)
            values[i] = original[i] = random_element(&rng);
        FE_NAME(ntt_table)(forward, log, false);
        FE_NAME(ntt_table)(inverse, log, true);
        FE_NAME(intt)(values, inverse, log);
        FE_NAME(ntt)(values, forward, log);
        for (size_t i = 0; i < n; i++)
            assert_true(values[i] == reference_mul(original[i], n));
    }
}

static int run_template_tests(const char *name)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arithmetic_at_the_edges),
        cmocka_unit_test(test_arithmetic_random),
        cmocka_unit_test(test_canonical_any_word),
        cmocka_unit_test(test_acc_largest_products),
        cmocka_unit_test(test_acc_random_sums),
        cmocka_unit_test(test_weight_pow_and_inv),
        cmocka_unit_test(test_vec_weight_inv),
        cmocka_unit_test(test_vec_add_sub),
        cmocka_unit_test(test_vec_decode_canonical_only),
        cmocka_unit_test(test_root_orders),
        cmocka_unit_test(test_ntt_equals_naive_sum),
        cmocka_unit_test(test_intt_inverts_ntt),
    };
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
