/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/rng.h"

#include <string.h>

#include "support/test.h"
#include "tests.h"

static void test_rng_os_fills_and_differs(void **state)
{
    (void)state;
    evh_rng rng = evh_rng_os();
    uint8_t a[32] = {0};
    uint8_t b[32] = {0};
    assert_ok(evh_rng_fill(&rng, a, sizeof a));
    assert_ok(evh_rng_fill(&rng, b, sizeof b));
    /* Equal by chance once in 2^256. */
    assert_memory_not_equal(a, b, sizeof a);
    assert_ok(evh_rng_fill(&rng, NULL, 0));
}

static void test_rng_failure_leaves_zeros(void **state)
{
    (void)state;
    test_script script;
    evh_rng rng = test_rng_scripted(&script, view_of_literal("abcd"));
    uint8_t out[3];
    assert_ok(evh_rng_fill(&rng, out, 3));
    assert_memory_equal(out, "abc", 3);
    assert_fails(evh_rng_fill(&rng, out, 3), EVH_ERR_RNG);
    assert_int_equal(out[0] | out[1] | out[2], 0);
}

int run_rng_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rng_os_fills_and_differs),
        cmocka_unit_test(test_rng_failure_leaves_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
