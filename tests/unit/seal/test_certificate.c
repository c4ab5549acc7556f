/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/seal/certificate.h"

#include <string.h>

#include "evenhand/base/limits.h"
#include "support/test.h"
#include "tests.h"

enum { NOW_S = 1790000000, DAY_S = 86400 };

typedef struct fixture {
    evh_buffer ca_cert, ca_key, key, request, cert;
} fixture;

static const char *const hosts[] = {"localhost", "127.0.0.1"};

static evh_certificate_options options_for(const char *name, const char *uri)
{
    evh_certificate_options options = {.common_name = name,
                                       .uri = uri,
                                       .hosts = hosts,
                                       .host_count = 2,
                                       .not_before_s = NOW_S - DAY_S,
                                       .not_after_s = NOW_S + DAY_S};
    return options;
}

static int set_up(void **state)
{
    static fixture f;
    f.ca_cert = f.ca_key = f.key = f.request = f.cert = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_certificate_options ca = options_for("Example CA", NULL);
    evh_certificate_options own = options_for("acme", "evenhand:customer:acme");
    assert_ok(evh_certificate_make_authority(&f.ca_cert, &f.ca_key, &ca));
    assert_ok(evh_certificate_make_key(&f.key));
    assert_ok(evh_certificate_make_request(&f.request, evh_buffer_view(&f.key), &own));
    assert_ok(evh_certificate_issue(&f.cert, evh_buffer_view(&f.request),
                                    evh_buffer_view(&f.ca_cert), evh_buffer_view(&f.ca_key), &own));
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    evh_buffer_clear(&f->ca_cert);
    evh_buffer_clear(&f->ca_key);
    evh_buffer_clear(&f->key);
    evh_buffer_clear(&f->request);
    evh_buffer_clear(&f->cert);
    return 0;
}

static evh_status check(const fixture *f, const evh_buffer *key, int64_t now_s,
                        evh_certificate_facts *facts)
{
    return evh_certificate_check(facts, evh_buffer_view(&f->ca_cert), evh_buffer_view(&f->cert),
                                 evh_buffer_view(key), now_s);
}

static void test_certificate_check_good_pair(void **state)
{
    fixture *f = *state;
    evh_certificate_facts facts;
    assert_ok(check(f, &f->key, NOW_S, &facts));
    assert_string_equal(facts.uri, "evenhand:customer:acme");
    assert_true(facts.not_before_s == NOW_S - DAY_S && facts.not_after_s == NOW_S + DAY_S);
}

static void test_certificate_check_says_what_is_wrong(void **state)
{
    fixture *f = *state;
    evh_certificate_facts facts;
    assert_fails_with(check(f, &f->key, NOW_S + 2 * DAY_S, &facts), EVH_ERR_INPUT, "expired at");
    assert_fails_with(check(f, &f->key, NOW_S - 2 * DAY_S, &facts), EVH_ERR_INPUT, "clock");
    assert_fails_with(check(f, &f->ca_key, NOW_S, &facts), EVH_ERR_INPUT, "does not belong");
    assert_fails_with(check(f, &f->cert, NOW_S, &facts), EVH_ERR_INPUT, "passphrase");
    evh_view nothing = evh_view_of(NULL, 0);
    assert_fails_with(evh_certificate_check(&facts, evh_buffer_view(&f->ca_cert), nothing,
                                            evh_buffer_view(&f->key), NOW_S),
                      EVH_ERR_INPUT, "PEM");
    assert_fails_with(evh_certificate_check(&facts, nothing, evh_buffer_view(&f->cert),
                                            evh_buffer_view(&f->key), NOW_S),
                      EVH_ERR_INPUT, "authority");
}

static void test_certificate_issue_refuses_foreign_parts(void **state)
{
    fixture *f = *state;
    evh_buffer out = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_certificate_options own = options_for("acme", NULL);
    assert_fails(evh_certificate_issue(&out, evh_buffer_view(&f->request),
                                       evh_buffer_view(&f->ca_cert), evh_buffer_view(&f->key),
                                       &own),
                 EVH_ERR_KEY);
    assert_fails(evh_certificate_issue(&out, evh_buffer_view(&f->cert),
                                       evh_buffer_view(&f->ca_cert), evh_buffer_view(&f->ca_key),
                                       &own),
                 EVH_ERR_ENCODING);
    own.common_name = "";
    assert_fails(evh_certificate_issue(&out, evh_buffer_view(&f->request),
                                       evh_buffer_view(&f->ca_cert), evh_buffer_view(&f->ca_key),
                                       &own),
                 EVH_ERR_ARG);
    assert_int_equal(out.len, 0);
}

static void test_certificate_request_needs_a_key(void **state)
{
    fixture *f = *state;
    evh_buffer out = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_certificate_options own = options_for("acme", NULL);
    assert_fails(evh_certificate_make_request(&out, evh_buffer_view(&f->cert), &own), EVH_ERR_KEY);
    own.common_name = "0123456789012345678901234567890123456789012345678901234567890123456789";
    assert_fails(evh_certificate_make_request(&out, evh_buffer_view(&f->key), &own), EVH_ERR_ARG);
    evh_buffer_clear(&out);
}

static void test_certificate_self_signed_is_no_authority(void **state)
{
    fixture *f = *state;
    evh_buffer cert = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_buffer key = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_buffer child = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_certificate_options own = options_for("helper.example", "evenhand:peer/helper.example");
    evh_certificate_facts facts;
    assert_ok(evh_certificate_make_self_signed(&cert, &key, &own));
    assert_ok(evh_certificate_check(&facts, evh_buffer_view(&cert), evh_buffer_view(&cert),
                                    evh_buffer_view(&key), NOW_S));
    assert_true(facts.self_signed && !facts.authority);
    assert_string_equal(facts.uri, "evenhand:peer/helper.example");
    /* What somebody issues with it anyway is not taken for issued. */
    assert_ok(evh_certificate_issue(&child, evh_buffer_view(&f->request), evh_buffer_view(&cert),
                                    evh_buffer_view(&key), &own));
    assert_fails_with(
        evh_certificate_check_issued(evh_buffer_view(&cert), evh_buffer_view(&child), NULL),
        EVH_ERR_INPUT, "not issued by");
    own.common_name = "";
    evh_buffer_clear(&cert);
    assert_fails(evh_certificate_make_self_signed(&cert, &key, &own), EVH_ERR_ARG);
    assert_int_equal(cert.len, 0);
    evh_buffer_clear(&key);
    evh_buffer_clear(&child);
}

static void test_certificate_read_facts(void **state)
{
    fixture *f = *state;
    evh_certificate_facts facts;
    assert_ok(evh_certificate_read(&facts, evh_buffer_view(&f->ca_cert)));
    assert_true(facts.authority && facts.self_signed);
    assert_ok(evh_certificate_read(&facts, evh_buffer_view(&f->cert)));
    assert_false(facts.authority || facts.self_signed);
    assert_true(facts.not_after_s == NOW_S + DAY_S);
    assert_fails_with(evh_certificate_read(&facts, evh_buffer_view(&f->key)), EVH_ERR_INPUT, "PEM");
    assert_int_equal(facts.not_after_s, 0);
}

static void test_certificate_check_issued_authority_and_host(void **state)
{
    fixture *f = *state;
    const evh_view ca = evh_buffer_view(&f->ca_cert);
    const evh_view cert = evh_buffer_view(&f->cert);
    assert_ok(evh_certificate_check_issued(ca, cert, NULL));
    assert_ok(evh_certificate_check_issued(ca, cert, "localhost"));
    assert_ok(evh_certificate_check_issued(ca, cert, "127.0.0.1"));
    assert_fails_with(evh_certificate_check_issued(ca, cert, "127.0.0.2"), EVH_ERR_INPUT,
                      "not for host 127.0.0.2");
    assert_fails_with(evh_certificate_check_issued(ca, cert, "acme"), EVH_ERR_INPUT,
                      "not for host acme");
    evh_buffer other_cert = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_buffer other_key = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    /* The same name as the true authority, and another key. */
    evh_certificate_options options = options_for("Example CA", NULL);
    assert_ok(evh_certificate_make_authority(&other_cert, &other_key, &options));
    assert_fails_with(evh_certificate_check_issued(evh_buffer_view(&other_cert), cert, NULL),
                      EVH_ERR_INPUT, "not issued by");
    assert_fails_with(evh_certificate_check_issued(evh_buffer_view(&other_key), cert, NULL),
                      EVH_ERR_INPUT, "authority");
    assert_fails_with(evh_certificate_check_issued(ca, evh_view_of(NULL, 0), NULL), EVH_ERR_INPUT,
                      "PEM");
    evh_buffer_clear(&other_cert);
    evh_buffer_clear(&other_key);
}

int run_certificate_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificate_check_good_pair),
        cmocka_unit_test(test_certificate_check_says_what_is_wrong),
        cmocka_unit_test(test_certificate_issue_refuses_foreign_parts),
        cmocka_unit_test(test_certificate_request_needs_a_key),
        cmocka_unit_test(test_certificate_self_signed_is_no_authority),
        cmocka_unit_test(test_certificate_read_facts),
        cmocka_unit_test(test_certificate_check_issued_authority_and_host),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
