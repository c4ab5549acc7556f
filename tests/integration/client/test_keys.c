/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests.h"

static void assert_mode(const site *s, const char *name, mode_t mode)
{
    char path[400];
    struct stat info;
    (void)snprintf(path, sizeof path, "%s/%s", s->dir, name);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777U, mode);
}

static void test_keygen_makes_owner_only_files_once(void **state)
{
    site *s = *state;
    mode_t mask = umask(022);
    site_expect(s, 0, "keygen acme --out @acme.ed25519");
    (void)umask(mask);
    assert_mode(s, "acme.ed25519", 0600);
    assert_mode(s, "acme.ed25519.order", 0600);
    assert_mode(s, "acme.ed25519.pub", 0644);
    site_wrote(s, "acme+");
    assert_null(strstr((const char *)s->out.data, "PRIVATE"));
    site_expect(s, 2, "keygen acme --out @acme.ed25519");
    site_said(s, "never overwritten");
}

static void test_keygen_as_json(void **state)
{
    site *s = *state;
    site_expect(s, 0, "keygen acme --out @k --json");
    const char *identity = json_string_value(json_object_get(s->json, "identity"));
    assert_non_null(identity);
    assert_memory_equal(identity, "acme+", 5);
}

static void test_keygen_wrong_names(void **state)
{
    site *s = *state;
    site_expect(s, 2, "keygen");
    site_said(s, "expected one name");
    site_expect(s, 2, "keygen a b");
    site_expect(s, 2, "keygen a+b --out @k");
    site_expect(s, 7, "keygen acme --out @none/k");
}

int run_keys_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_keygen_makes_owner_only_files_once, site_setup,
                                        site_teardown),
        cmocka_unit_test_setup_teardown(test_keygen_as_json, site_setup, site_teardown),
        cmocka_unit_test_setup_teardown(test_keygen_wrong_names, site_setup, site_teardown),
    };
    return cmocka_run_group_tests_name("client keys", tests, NULL, NULL);
}
