/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/secret.h"

#include <string.h>
#include <sys/resource.h>

#include "support/test.h"
#include "tests.h"

/* Compiled with the optimiser of the release build: what is wiped right before it goes out of use
 * must still read as zeros. The array is volatile-free on purpose; only the check reads through a
 * volatile pointer. */
static void test_wipe_survives_the_optimiser(void **state)
{
    (void)state;
    uint8_t secret[64];
    memset(secret, 0x5a, sizeof secret);
    volatile const uint8_t *watch = secret;
    evh_wipe(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++)
        assert_int_equal(watch[i], 0);
    evh_wipe(NULL, 0);
}

static void test_secret_new_is_zero_and_freed(void **state)
{
    (void)state;
    uint64_t *words = NULL;
    assert_ok(evh_secret_new(&words, 16, sizeof *words));
    for (size_t i = 0; i < 16; i++)
        assert_true(words[i] == 0);
    evh_secret_free(&words);
    assert_null(words);
    evh_secret_free(&words);
    assert_fails(evh_secret_new(&words, SIZE_MAX / 2, 8), EVH_ERR_MEMORY);
    assert_null(words);
}

static void test_equal_ct(void **state)
{
    (void)state;
    uint8_t a[33] = {1};
    uint8_t b[33] = {1};
    assert_true(evh_equal_ct(a, b, sizeof a));
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] ^= 0x80;
        assert_false(evh_equal_ct(a, b, sizeof a));
        b[i] ^= 0x80;
    }
    assert_true(evh_equal_ct(NULL, NULL, 0));
}

static void test_opaque_keeps_the_word(void **state)
{
    (void)state;
    const uint64_t words[] = {0, 1, (uint64_t)1 << 63, UINT64_MAX};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_true(evh_opaque(words[i]) == words[i]);
}

static void test_forbid_core_dumps(void **state)
{
    (void)state;
    assert_ok(evh_forbid_core_dumps());
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
    assert_true(limit.rlim_cur == 0 && limit.rlim_max == 0);
}

int run_secret_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wipe_survives_the_optimiser),
        cmocka_unit_test(test_secret_new_is_zero_and_freed),
        cmocka_unit_test(test_equal_ct),
        cmocka_unit_test(test_opaque_keeps_the_word),
        cmocka_unit_test(test_forbid_core_dumps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
