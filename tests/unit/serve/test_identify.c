/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "evenhand/aggregator/identify.h"
#include "evenhand/seal/signing.h"
#include "support/test.h"
#include "tests.h"

static evh_rpc_peer peer_of(const char *uri)
{
    evh_rpc_peer peer;
    memset(&peer, 0, sizeof peer);
    (void)snprintf(peer.uri, sizeof peer.uri, "%s", uri);
    return peer;
}

static void expect_role(const char *uri, evh_role role)
{
    evh_identified who;
    evh_rpc_peer peer = peer_of(uri);
    assert_ok(evh_caller_identify(&who, (evh_role)0, &peer));
    assert_int_equal(who.caller.role, role);
    assert_null(who.caller.customer);
    assert_null(who.caller.invitation);
}

static void expect_refused(const char *uri)
{
    evh_identified who;
    evh_rpc_peer peer = peer_of(uri);
    assert_fails(evh_caller_identify(&who, (evh_role)0, &peer), EVH_ERR_KEY);
    assert_int_equal(who.caller.role, EVH_ROLE_OBSERVER);
    assert_null(who.caller.customer);
    assert_null(who.caller.invitation);
}

static void test_identify_customer(void **state)
{
    (void)state;
    test_rng seed;
    evh_rng rng = test_rng_seeded(&seed, 1);
    evh_signing_key key;
    evh_buffer vkey = evh_buffer_init(256);
    evh_identified who;
    evh_rpc_peer peer;
    memset(&peer, 0, sizeof peer);
    assert_ok(evh_signing_key_generate(&key, EVH_IDENTITY_ED25519, view_of_literal("acme"), &rng));
    assert_ok(evh_identity_format(&vkey, &key.identity));
    (void)snprintf(peer.uri, sizeof peer.uri, "evenhand:customer/%.*s", (int)vkey.len,
                   (const char *)vkey.data);
    assert_ok(evh_caller_identify(&who, (evh_role)0, &peer));
    assert_int_equal(who.caller.role, EVH_ROLE_CUSTOMER);
    assert_ptr_equal(who.caller.customer, &who.customer);
    assert_true(evh_identity_equal(&who.customer, &key.identity));
    for (size_t len = strlen("evenhand:customer/"); len < strlen(peer.uri); len++) {
        char cut[160];
        (void)snprintf(cut, sizeof cut, "%.*s", (int)len, peer.uri);
        expect_refused(cut);
    }
    (void)strcat(peer.uri, "x");
    expect_refused(peer.uri);
    evh_buffer_clear(&vkey);
    evh_signing_key_clear(&key);
}

static void test_identify_invitation(void **state)
{
    (void)state;
    evh_identified who;
    evh_rpc_peer peer = peer_of("evenhand:invitation/0123456789abcdef0123456789abcdef");
    assert_ok(evh_caller_identify(&who, (evh_role)0, &peer));
    assert_int_equal(who.caller.role, EVH_ROLE_INVITED);
    assert_string_equal(who.caller.invitation, "0123456789abcdef0123456789abcdef");
    assert_null(who.caller.customer);
    expect_refused("evenhand:invitation/");
    expect_refused("evenhand:invitation/0123456789abcdef0123456789abcde");
    expect_refused("evenhand:invitation/0123456789abcdef0123456789abcdef0");
    expect_refused("evenhand:invitation/0123456789ABCDEF0123456789abcdef");
    expect_refused("evenhand:invitation/0123456789abcdef0123456789abcde/");
}

static void test_identify_operator_and_observers(void **state)
{
    (void)state;
    expect_role("evenhand:operator", EVH_ROLE_OPERATOR);
    expect_role("evenhand:operator/", EVH_ROLE_OBSERVER);
    expect_role("evenhand:operatorx", EVH_ROLE_OBSERVER);
    expect_role("Evenhand:operator", EVH_ROLE_OBSERVER);
    expect_role("evenhand:leader", EVH_ROLE_OBSERVER);
    expect_role("evenhand:", EVH_ROLE_OBSERVER);
    expect_role("https://example/evenhand:operator", EVH_ROLE_OBSERVER);
    expect_role("", EVH_ROLE_OBSERVER);
}

/* What a peer's certificate says about itself is worth nothing. */
static void test_identify_pinned_before_uri(void **state)
{
    (void)state;
    static const char *const uris[] = {"", "evenhand:operator", "evenhand:customer/nonsense",
                                       "evenhand:invitation/x"};
    for (size_t i = 0; i < sizeof uris / sizeof uris[0]; i++) {
        evh_identified who;
        evh_rpc_peer peer = peer_of(uris[i]);
        assert_ok(evh_caller_identify(&who, EVH_ROLE_COLLECTOR, &peer));
        assert_int_equal(who.caller.role, EVH_ROLE_COLLECTOR);
    }
}

int run_identify_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identify_customer),
        cmocka_unit_test(test_identify_invitation),
        cmocka_unit_test(test_identify_operator_and_observers),
        cmocka_unit_test(test_identify_pinned_before_uri),
    };
    return cmocka_run_group_tests_name("identify", tests, NULL, NULL);
}
