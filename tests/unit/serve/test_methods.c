/* SPDX-License-Identifier: Apache-2.0
 * The tables hold what proto/service.proto says, each method once. */
#include <stdio.h>
#include <string.h>

#include "evenhand/aggregator/methods.h"
#include "evenhand/base/limits.h"
#include "support/test.h"
#include "tests.h"

static const evh_service_method *find(evh_role role, const char *path)
{
    evh_method_table table = evh_methods_of(role);
    const evh_service_method *found = NULL;
    for (size_t i = 0; i < table.count; i++) {
        if (strcmp(table.methods[i].path, path) != 0)
            continue;
        assert_null(found);
        found = &table.methods[i];
    }
    return found;
}

static void expect(evh_role role, const char *path, unsigned callers)
{
    const evh_service_method *method = find(role, path);
    if (method == NULL)
        fail_msg("no method %s", path);
    assert_int_equal(method->callers, callers);
    assert_non_null(method->call);
    assert_true(method->request_bytes_max >= 1024);
    assert_true(method->request_bytes_max <= EVH_REPORT_BYTES_MAX);
    assert_int_equal(method->upload, strstr(path, "/Upload") != NULL);
}

static void test_methods_of_leader(void **state)
{
    (void)state;
    expect(EVH_ROLE_LEADER, "/evenhand.v1.Leader/GetCheckpoint", EVH_ROLES_ALL);
    expect(EVH_ROLE_LEADER, "/evenhand.v1.Leader/GetEntries", EVH_ROLES_ALL);
    expect(EVH_ROLE_LEADER, "/evenhand.v1.Leader/GetInclusion", EVH_ROLES_ALL);
    expect(EVH_ROLE_LEADER, "/evenhand.v1.Leader/GetResult", EVH_ROLES_ALL);
    expect(EVH_ROLE_LEADER, "/evenhand.v1.Leader/Upload", EVH_ROLES(EVH_ROLE_CUSTOMER));
    expect(EVH_ROLE_LEADER, "/evenhand.v1.Leader/GetStatus", EVH_ROLES(EVH_ROLE_CUSTOMER));
    expect(EVH_ROLE_LEADER, "/evenhand.v1.Leader/GetAggregateShare", EVH_ROLES(EVH_ROLE_COLLECTOR));
    expect(EVH_ROLE_LEADER, "/evenhand.v1.Leader/PublishResult", EVH_ROLES(EVH_ROLE_COLLECTOR));
    assert_null(find(EVH_ROLE_LEADER, "/evenhand.v1.Helper/Cosign"));
}

static void test_methods_of_helper(void **state)
{
    (void)state;
    static const char *const for_leader[] = {"Cosign",    "PrepareRound", "Reveal",
                                             "Aggregate", "Agree",        "CommitShare"};
    for (size_t i = 0; i < sizeof for_leader / sizeof for_leader[0]; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "/evenhand.v1.Helper/%s", for_leader[i]);
        expect(EVH_ROLE_HELPER, path, EVH_ROLES(EVH_ROLE_LEADER));
    }
    expect(EVH_ROLE_HELPER, "/evenhand.v1.Helper/GetCheckpoint", EVH_ROLES_ALL);
    expect(EVH_ROLE_HELPER, "/evenhand.v1.Helper/GetEntries", EVH_ROLES_ALL);
    expect(EVH_ROLE_HELPER, "/evenhand.v1.Helper/GetInclusion", EVH_ROLES_ALL);
    expect(EVH_ROLE_HELPER, "/evenhand.v1.Helper/GetAggregateShare", EVH_ROLES(EVH_ROLE_COLLECTOR));
    assert_null(find(EVH_ROLE_HELPER, "/evenhand.v1.Leader/Upload"));
}

int run_methods_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_methods_of_leader),
        cmocka_unit_test(test_methods_of_helper),
    };
    return cmocka_run_group_tests_name("methods", tests, NULL, NULL);
}
