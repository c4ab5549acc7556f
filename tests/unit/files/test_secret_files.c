/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evenhand/files/files.h"
#include "support/test.h"
#include "tests.h"

typedef struct fixture {
    char dir[256];
    char path[300];
    evh_buffer content;
} fixture;

static int setup(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    test_make_dir(f->dir);
    (void)snprintf(f->path, sizeof f->path, "%s/key", f->dir);
    f->content = evh_buffer_init(64);
    *state = f;
    return evh_file_create(f->path, view_of_literal("secret"), EVH_FILE_OWNER_ONLY).code == EVH_OK
               ? 0
               : -1;
}

static int teardown(void **state)
{
    fixture *f = *state;
    evh_buffer_clear(&f->content);
    test_remove_dir(f->dir);
    free(f);
    return 0;
}

static void test_read_secret_owner_only(void **state)
{
    fixture *f = *state;
    assert_ok(evh_file_check_secret(f->path));
    assert_ok(evh_file_read_secret(&f->content, f->path));
    assert_views_equal(evh_buffer_view(&f->content), view_of_literal("secret"));
    assert_int_equal(chmod(f->path, 0400), 0);
    assert_ok(evh_file_check_secret(f->path));
}

static void test_read_secret_refuses_every_other_permission(void **state)
{
    fixture *f = *state;
    for (mode_t bit = 1; bit <= 040; bit <<= 1) {
        assert_int_equal(chmod(f->path, 0600 | bit), 0);
        assert_fails_with(evh_file_read_secret(&f->content, f->path), EVH_ERR_KEY, "chmod 600");
        assert_int_equal(f->content.len, 0);
        assert_fails(evh_file_check_secret(f->path), EVH_ERR_KEY);
    }
}

static void test_read_secret_refuses_links_folders_pipes(void **state)
{
    fixture *f = *state;
    char other[320];
    (void)snprintf(other, sizeof other, "%s/link", f->dir);
    assert_int_equal(symlink(f->path, other), 0);
    assert_fails_with(evh_file_read_secret(&f->content, other), EVH_ERR_KEY, "symbolic link");
    assert_fails_with(evh_file_read_secret(&f->content, f->dir), EVH_ERR_KEY, "not a regular file");
    (void)snprintf(other, sizeof other, "%s/pipe", f->dir);
    assert_int_equal(mkfifo(other, 0600), 0);
    assert_fails_with(evh_file_read_secret(&f->content, other), EVH_ERR_KEY, "not a regular file");
    (void)snprintf(other, sizeof other, "%s/none", f->dir);
    assert_fails_with(evh_file_read_secret(&f->content, other), EVH_ERR_KEY, "No such file");
}

static void test_read_secret_refuses_other_owner(void **state)
{
    fixture *f = *state;
    /* Only root can give a file away; anybody else is refused a file of root by the same rule. */
    if (geteuid() == 0) {
        assert_int_equal(chown(f->path, 65534, 65534), 0);
        assert_fails_with(evh_file_read_secret(&f->content, f->path), EVH_ERR_KEY, "another user");
    } else {
        assert_fails(evh_file_read_secret(&f->content, "/etc/hostname"), EVH_ERR_KEY);
    }
}

static void test_read_secret_ceiling(void **state)
{
    fixture *f = *state;
    evh_buffer small = evh_buffer_init(5);
    assert_fails_with(evh_file_read_secret(&small, f->path), EVH_ERR_KEY, "larger than 5");
    assert_int_equal(small.len, 0);
    evh_buffer_clear(&small);
}

int run_secret_files_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read_secret_owner_only, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read_secret_refuses_every_other_permission, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_read_secret_refuses_links_folders_pipes, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_read_secret_refuses_other_owner, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read_secret_ceiling, setup, teardown),
    };
    return cmocka_run_group_tests_name("secret files", tests, NULL, NULL);
}
