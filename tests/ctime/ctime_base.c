/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evenhand/base/secret.h"
#include "support/test.h"

static void check_equal_ct(size_t differing_at, size_t len, bool expected)
{
    uint8_t a[64];
    uint8_t b[64];
    memset(a, 0x3c, sizeof a);
    memset(b, 0x3c, sizeof b);
    if (differing_at < len)
        b[differing_at] ^= 1;
    evh_mark_secret(a, sizeof a);
    evh_mark_secret(b, sizeof b);
    bool equal = evh_equal_ct(a, b, len);
    evh_declassify(&equal, sizeof equal, "the verdict is what the caller asked for");
    assert_int_equal(equal, expected);
}

static void test_equal_ct_hides_where_they_differ(void **state)
{
    (void)state;
    check_equal_ct(64, 64, true);
    check_equal_ct(0, 64, false);
    check_equal_ct(63, 64, false);
    check_equal_ct(16, 17, false);
    check_equal_ct(17, 17, true);
}

static void test_wipe_and_buffer_take_secrets(void **state)
{
    (void)state;
    uint8_t secret[48];
    memset(secret, 0x5a, sizeof secret);
    evh_mark_secret(secret, sizeof secret);
    evh_buffer buffer = evh_buffer_init(1024);
    for (size_t i = 0; i < 8; i++)
        assert_ok(evh_buffer_append(&buffer, evh_view_of(secret, sizeof secret)));
    evh_buffer_truncate(&buffer, sizeof secret);
    bool same = evh_equal_ct(buffer.data, secret, sizeof secret);
    evh_declassify(&same, sizeof same, "the test checks it");
    assert_true(same);
    evh_buffer_clear(&buffer);
    evh_wipe(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++)
        assert_int_equal(secret[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_ct_hides_where_they_differ),
        cmocka_unit_test(test_wipe_and_buffer_take_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
