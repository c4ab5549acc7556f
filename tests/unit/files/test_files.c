/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/files/files.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

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
    (void)snprintf(f->path, sizeof f->path, "%s/file", f->dir);
    f->content = evh_buffer_init(100000);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    evh_buffer_clear(&f->content);
    test_remove_dir(f->dir);
    free(f);
    return 0;
}

static size_t files_in(const char *dir)
{
    size_t count = 0;
    DIR *folder = opendir(dir);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        count += entry->d_name[0] != '.';
    (void)closedir(folder);
    return count;
}

static mode_t mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(lstat(path, &info), 0);
    return info.st_mode & 07777U;
}

static void test_read_gives_what_was_created(void **state)
{
    fixture *f = *state;
    evh_buffer big = evh_buffer_init(100000);
    for (unsigned i = 0; i < 100000; i++)
        assert_ok(evh_buffer_u8(&big, (uint8_t)(i * 7U)));
    assert_ok(evh_file_create(f->path, evh_buffer_view(&big), EVH_FILE_SHARED));
    assert_ok(evh_file_read(&f->content, f->path));
    assert_views_equal(evh_buffer_view(&f->content), evh_buffer_view(&big));
    evh_buffer_clear(&big);
}

static void test_read_replaces_old_content(void **state)
{
    fixture *f = *state;
    assert_ok(evh_file_create(f->path, view_of_literal("new"), EVH_FILE_SHARED));
    assert_ok(evh_buffer_append(&f->content, view_of_literal("old and longer")));
    assert_ok(evh_file_read(&f->content, f->path));
    assert_views_equal(evh_buffer_view(&f->content), view_of_literal("new"));
}

static void test_read_ceiling(void **state)
{
    fixture *f = *state;
    assert_ok(evh_file_create(f->path, view_of_literal("12345"), EVH_FILE_SHARED));
    evh_buffer exact = evh_buffer_init(5);
    assert_ok(evh_file_read(&exact, f->path));
    assert_int_equal(exact.len, 5);
    evh_buffer small = evh_buffer_init(4);
    assert_fails_with(evh_file_read(&small, f->path), EVH_ERR_INPUT, "larger than 4 bytes");
    assert_int_equal(small.len, 0);
    evh_buffer endless = evh_buffer_init(200000);
    assert_fails_with(evh_file_read(&endless, "/dev/zero"), EVH_ERR_INPUT, "larger than 200000");
    evh_buffer_clear(&exact);
    evh_buffer_clear(&small);
    evh_buffer_clear(&endless);
}

static void test_read_empty_file(void **state)
{
    fixture *f = *state;
    assert_ok(evh_file_read(&f->content, "/dev/null"));
    assert_int_equal(f->content.len, 0);
}

static void test_read_missing_or_folder(void **state)
{
    fixture *f = *state;
    assert_fails_with(evh_file_read(&f->content, f->path), EVH_ERR_INPUT, "No such file");
    assert_fails_with(evh_file_read(&f->content, f->dir), EVH_ERR_INPUT, "expected a file");
}

static void test_create_never_overwrites(void **state)
{
    fixture *f = *state;
    assert_ok(evh_file_create(f->path, view_of_literal("first"), EVH_FILE_OWNER_ONLY));
    assert_fails_with(evh_file_create(f->path, view_of_literal("second"), EVH_FILE_OWNER_ONLY),
                      EVH_ERR_ARG, "never overwritten");
    assert_ok(evh_file_read(&f->content, f->path));
    assert_views_equal(evh_buffer_view(&f->content), view_of_literal("first"));
    char dangling[300];
    (void)snprintf(dangling, sizeof dangling, "%s/link", f->dir);
    assert_int_equal(symlink("/nonexistent/target", dangling), 0);
    assert_fails(evh_file_create(dangling, view_of_literal("x"), EVH_FILE_SHARED), EVH_ERR_ARG);
}

static void test_create_permissions(void **state)
{
    fixture *f = *state;
    mode_t mask = umask(0);
    assert_ok(evh_file_create(f->path, view_of_literal("x"), EVH_FILE_OWNER_ONLY));
    assert_int_equal(mode_of(f->path), 0600);
    assert_int_equal(unlink(f->path), 0);
    (void)umask(0777);
    assert_ok(evh_file_create(f->path, view_of_literal("x"), EVH_FILE_OWNER_ONLY));
    assert_int_equal(mode_of(f->path), 0600);
    assert_int_equal(unlink(f->path), 0);
    (void)umask(027);
    assert_ok(evh_file_create(f->path, view_of_literal("x"), EVH_FILE_SHARED));
    assert_int_equal(mode_of(f->path), 0640);
    (void)umask(mask);
}

static void test_create_in_missing_folder(void **state)
{
    fixture *f = *state;
    char path[320];
    (void)snprintf(path, sizeof path, "%s/none/file", f->dir);
    assert_fails_with(evh_file_create(path, view_of_literal("x"), EVH_FILE_SHARED), EVH_ERR_STORE,
                      "make its folder first");
    assert_fails(evh_file_replace(path, view_of_literal("x"), EVH_FILE_SHARED), EVH_ERR_STORE);
}

static void test_replace_content_and_permissions(void **state)
{
    fixture *f = *state;
    mode_t mask = umask(022);
    assert_ok(evh_file_replace(f->path, view_of_literal("one"), EVH_FILE_SHARED));
    assert_int_equal(mode_of(f->path), 0644);
    assert_int_equal(chmod(f->path, 0604), 0);
    assert_ok(evh_file_replace(f->path, view_of_literal("two"), EVH_FILE_SHARED));
    assert_int_equal(mode_of(f->path), 0604);
    assert_ok(evh_file_replace(f->path, view_of_literal("three"), EVH_FILE_OWNER_ONLY));
    assert_int_equal(mode_of(f->path), 0600);
    assert_ok(evh_file_read(&f->content, f->path));
    assert_views_equal(evh_buffer_view(&f->content), view_of_literal("three"));
    assert_int_equal(files_in(f->dir), 1);
    (void)umask(mask);
}

static void test_replace_skips_leftovers(void **state)
{
    fixture *f = *state;
    char leftover[400];
    (void)snprintf(leftover, sizeof leftover, "%s.%ld-0.tmp", f->path, (long)getpid());
    assert_ok(evh_file_create(leftover, view_of_literal("half"), EVH_FILE_SHARED));
    assert_ok(evh_file_replace(f->path, view_of_literal("whole"), EVH_FILE_SHARED));
    assert_ok(evh_file_read(&f->content, f->path));
    assert_views_equal(evh_buffer_view(&f->content), view_of_literal("whole"));
}

static void test_replace_folder_leaves_nothing(void **state)
{
    fixture *f = *state;
    assert_int_equal(mkdir(f->path, 0700), 0);
    assert_fails(evh_file_replace(f->path, view_of_literal("x"), EVH_FILE_SHARED), EVH_ERR_STORE);
    assert_int_equal(files_in(f->dir), 1);
}

/* What is no file is written into; were it replaced, a shell's /dev/stdout or /dev/null would go. */
static void test_replace_writes_into_streams(void **state)
{
    fixture *f = *state;
    assert_int_equal(symlink("/dev/full", f->path), 0);
    assert_fails(evh_file_replace(f->path, view_of_literal("x"), EVH_FILE_SHARED), EVH_ERR_STORE);
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(symlink("/dev/null", f->path), 0);
    assert_ok(evh_file_replace(f->path, view_of_literal("x"), EVH_FILE_SHARED));
    assert_fails(evh_file_replace(f->path, view_of_literal("x"), EVH_FILE_OWNER_ONLY),
                 EVH_ERR_STORE);
    struct stat found;
    assert_int_equal(stat(f->path, &found), 0);
    assert_true(S_ISCHR(found.st_mode));
    assert_int_equal(files_in(f->dir), 1);
}

/* A size limit of the process stands for a full disk. */
static void test_full_disk_leaves_old_content(void **state)
{
    fixture *f = *state;
    assert_ok(evh_file_create(f->path, view_of_literal("old"), EVH_FILE_SHARED));
    char other[320];
    (void)snprintf(other, sizeof other, "%s/other", f->dir);
    void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    struct rlimit tiny = {.rlim_cur = 5, .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tiny), 0);
    evh_status replaced =
        evh_file_replace(f->path, view_of_literal("longer than that"), EVH_FILE_SHARED);
    evh_status created =
        evh_file_create(other, view_of_literal("longer than that"), EVH_FILE_OWNER_ONLY);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    (void)signal(SIGXFSZ, before);
    assert_fails_with(replaced, EVH_ERR_STORE, "make room");
    assert_fails_with(created, EVH_ERR_STORE, "make room");
    assert_ok(evh_file_read(&f->content, f->path));
    assert_views_equal(evh_buffer_view(&f->content), view_of_literal("old"));
    assert_int_equal(files_in(f->dir), 1);
}

static void test_path_resolve(void **state)
{
    (void)state;
    static char out[EVH_PATH_BYTES_MAX];
    assert_ok(evh_path_resolve(out, "a/b/config.yaml", view_of_literal("keys/k")));
    assert_string_equal(out, "a/b/keys/k");
    assert_ok(evh_path_resolve(out, "config.yaml", view_of_literal("k")));
    assert_string_equal(out, "k");
    assert_ok(evh_path_resolve(out, "/etc/config.yaml", view_of_literal("/k")));
    assert_string_equal(out, "/k");
    assert_ok(evh_path_resolve(out, "/config.yaml", view_of_literal("k")));
    assert_string_equal(out, "/k");
    assert_ok(evh_path_resolve(out, NULL, view_of_literal("k")));
    assert_string_equal(out, "k");
}

static void test_path_resolve_refuses(void **state)
{
    (void)state;
    static char out[EVH_PATH_BYTES_MAX];
    static uint8_t long_name[EVH_PATH_BYTES_MAX];
    memset(long_name, 'a', sizeof long_name);
    assert_fails(evh_path_resolve(out, NULL, view_of_literal("")), EVH_ERR_RANGE);
    assert_fails(evh_path_resolve(out, NULL, evh_view_of("a\0b", 3)), EVH_ERR_RANGE);
    assert_fails(evh_path_resolve(out, NULL, evh_view_of(long_name, EVH_PATH_BYTES_MAX)),
                 EVH_ERR_RANGE);
    assert_fails(evh_path_resolve(out, "d/c", evh_view_of(long_name, EVH_PATH_BYTES_MAX - 2)),
                 EVH_ERR_RANGE);
    assert_ok(evh_path_resolve(out, "d/c", evh_view_of(long_name, EVH_PATH_BYTES_MAX - 3)));
    assert_int_equal(strlen(out), EVH_PATH_BYTES_MAX - 1);
}

static void test_path_short(void **state)
{
    (void)state;
    char out[EVH_PATH_SHORT_LEN];
    evh_path_short(out, "plans/accents.yaml");
    assert_string_equal(out, "plans/accents.yaml");
    evh_path_short(out, "/a/very/long/path/that/has/many/folders/in/it/and/ends/with/plan.yaml");
    assert_int_equal(strlen(out), EVH_PATH_SHORT_LEN - 1);
    assert_memory_equal(out, "...", 3);
    assert_non_null(strstr(out, "/ends/with/plan.yaml"));
    evh_path_short(out, "0123456789"
                        "äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöü");
    assert_true(((unsigned char)out[3] & 0xC0U) != 0x80U);
}

static void test_move_new_never_overwrites(void **state)
{
    fixture *f = *state;
    char from[300];
    char missing[320];
    (void)snprintf(from, sizeof from, "%s/part", f->dir);
    (void)snprintf(missing, sizeof missing, "%s/no/such", f->dir);
    assert_ok(evh_file_create(from, view_of_literal("new"), EVH_FILE_OWNER_ONLY));
    assert_true(evh_file_exists(from) && !evh_file_exists(f->path));
    assert_ok(evh_file_move_new(from, f->path));
    assert_true(!evh_file_exists(from) && evh_file_exists(f->path));
    assert_int_equal(mode_of(f->path), 0600);
    assert_ok(evh_file_create(from, view_of_literal("newer"), EVH_FILE_OWNER_ONLY));
    assert_fails_with(evh_file_move_new(from, f->path), EVH_ERR_ARG, "never overwritten");
    assert_fails(evh_file_move_new(from, missing), EVH_ERR_STORE);
    assert_fails(evh_file_move_new(missing, from), EVH_ERR_STORE);
    assert_ok(evh_file_read(&f->content, f->path));
    assert_views_equal(evh_buffer_view(&f->content), view_of_literal("new"));
    assert_true(evh_file_exists(from));
}

static void test_exists_sees_dangling_links(void **state)
{
    fixture *f = *state;
    assert_int_equal(symlink("nowhere", f->path), 0);
    assert_true(evh_file_exists(f->path));
    assert_true(evh_file_exists(f->dir));
    assert_fails_with(evh_file_check_absent(f->path), EVH_ERR_ARG, "never overwritten");
}

static void test_folder_make_for_the_owner_only(void **state)
{
    fixture *f = *state;
    char inner[320];
    (void)snprintf(inner, sizeof inner, "%s/inner", f->path);
    mode_t before = umask(0777);
    assert_ok(evh_folder_make(f->path));
    (void)umask(before);
    assert_int_equal(mode_of(f->path), 0700);
    assert_fails_with(evh_folder_make(f->path), EVH_ERR_ARG, "never overwritten");
    assert_ok(evh_folder_make(inner));
    assert_ok(evh_folder_sync(inner));
    (void)snprintf(inner, sizeof inner, "%s/no/inner", f->path);
    assert_fails(evh_folder_make(inner), EVH_ERR_STORE);
    assert_fails(evh_folder_sync(inner), EVH_ERR_STORE);
}

int run_files_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read_gives_what_was_created, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read_replaces_old_content, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read_ceiling, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read_empty_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read_missing_or_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(test_create_never_overwrites, setup, teardown),
        cmocka_unit_test_setup_teardown(test_create_permissions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_create_in_missing_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(test_replace_content_and_permissions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_replace_skips_leftovers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_replace_folder_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_replace_writes_into_streams, setup, teardown),
        cmocka_unit_test_setup_teardown(test_full_disk_leaves_old_content, setup, teardown),
        cmocka_unit_test_setup_teardown(test_move_new_never_overwrites, setup, teardown),
        cmocka_unit_test_setup_teardown(test_exists_sees_dangling_links, setup, teardown),
        cmocka_unit_test_setup_teardown(test_folder_make_for_the_owner_only, setup, teardown),
        cmocka_unit_test(test_path_resolve),
        cmocka_unit_test(test_path_resolve_refuses),
        cmocka_unit_test(test_path_short),
    };
    return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
