/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/address.h"

#include "support/test.h"
#include "tests.h"

static void test_address_read_good(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host;
        uint16_t port;
    } cases[] = {{"leader.example:8443", "leader.example", 8443},
                 {"127.0.0.1:1", "127.0.0.1", 1},
                 {"[2001:db8::1]:65535", "2001:db8::1", 65535},
                 {"[fe80::1%eth0]:443", "fe80::1%eth0", 443}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char host[EVH_HOST_LEN];
        char again[EVH_ADDRESS_LEN];
        uint16_t port = 0;
        assert_ok(evh_address_read(host, &port, evh_view_of_text(cases[i].text)));
        assert_string_equal(host, cases[i].host);
        assert_int_equal(port, cases[i].port);
        evh_address_write(again, host, port);
        assert_string_equal(again, cases[i].text);
    }
}

static void test_address_read_bad(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",          "leader",       ":443",   "leader:",          "leader:0",
        "leader:08", "leader:65536", "[]:443", "2001:db8::1:443",  "https://leader:443",
        "a b:443",   "leader:99999", "a:443 ", "leader:4294967300"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char host[EVH_HOST_LEN] = "x";
        uint16_t port = 0;
        assert_fails_with(evh_address_read(host, &port, evh_view_of_text(cases[i])), EVH_ERR_ARG,
                          "host:port");
        assert_string_equal(host, "");
    }
    char long_text[EVH_HOST_LEN + 4];
    char host[EVH_HOST_LEN];
    uint16_t port = 0;
    for (size_t i = 0; i < EVH_HOST_LEN; i++)
        long_text[i] = 'a';
    long_text[EVH_HOST_LEN] = ':';
    long_text[EVH_HOST_LEN + 1] = '1';
    assert_fails(evh_address_read(host, &port, evh_view_of(long_text, EVH_HOST_LEN + 2)),
                 EVH_ERR_ARG);
    assert_ok(evh_address_read(host, &port, evh_view_of(long_text + 1, EVH_HOST_LEN + 1)));
}

static void test_host_is_good(void **state)
{
    (void)state;
    assert_true(evh_host_is_good("leader.example") && evh_host_is_good("::1"));
    assert_false(evh_host_is_good("") || evh_host_is_good("[::1]") || evh_host_is_good("a/b"));
}

int run_address_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address_read_good),
        cmocka_unit_test(test_address_read_bad),
        cmocka_unit_test(test_host_is_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
