/* SPDX-License-Identifier: Apache-2.0
 * What is SQLite's own: files, damage, kills, schema versions. */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "evenhand/store/sqlite.h"
#include "support/test.h"
#include "tests.h"

static char folder[256];
static char path[300];

static evh_store *create(void)
{
    evh_store *store = NULL;
    test_make_dir(folder);
    (void)snprintf(path, sizeof path, "%s/store.db", folder);
    assert_ok(evh_store_sqlite_create(&store, path));
    return store;
}

static evh_store *reopen(void)
{
    evh_store *store = NULL;
    assert_ok(evh_store_sqlite_open(&store, path));
    return store;
}

static void remove_store(void)
{
    test_remove_dir(folder);
}

store_maker sqlite_maker(void)
{
    store_maker maker = {.create = create, .reopen = reopen, .remove = remove_store};
    return maker;
}

static void put(evh_store *store, const char *key, const char *value)
{
    assert_ok(evh_store_begin(store));
    assert_ok(evh_store_put(store, EVH_STORE_META, evh_view_of_text(key), evh_view_of_text(value)));
    assert_ok(evh_store_commit(store));
}

static bool has(evh_store *store, const char *key)
{
    evh_buffer value = evh_buffer_init(1000);
    bool found = false;
    assert_ok(evh_store_begin(store));
    assert_ok(evh_store_get(store, EVH_STORE_META, evh_view_of_text(key), &value, &found));
    assert_ok(evh_store_commit(store));
    evh_buffer_clear(&value);
    return found;
}

static void test_file_is_owner_only_and_never_taken_over(void **state)
{
    (void)state;
    evh_store *store = create();
    evh_store *second = NULL;
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_fails_with(evh_store_sqlite_create(&second, path), EVH_ERR_STORE, "exists");
    assert_null(second);
    evh_store_close(&store);
    remove_store();
}

static void test_one_process_at_a_time(void **state)
{
    (void)state;
    evh_store *store = create();
    evh_store *second = NULL;
    put(store, "a", "1");
    assert_fails_with(evh_store_sqlite_open(&second, path), EVH_ERR_STORE, "another process");
    assert_null(second);
    evh_store_close(&store);
    remove_store();
}

static void test_open_refuses_what_is_no_store(void **state)
{
    (void)state;
    evh_store *store = create();
    evh_store_close(&store);
    assert_fails(evh_store_sqlite_open(&store, "/nonexistent/store.db"), EVH_ERR_STORE);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++)
        assert_true(fputs("this is no database\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_fails(evh_store_sqlite_open(&store, path), EVH_ERR_STORE);
    assert_int_equal(unlink(path), 0);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE x (y)", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_fails_with(evh_store_sqlite_open(&store, path), EVH_ERR_STORE, "no store");
    remove_store();
}

static void set_version(int version)
{
    sqlite3 *db = NULL;
    char sql[64];
    (void)snprintf(sql, sizeof sql, "PRAGMA user_version = %d", version);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_newer_schema_is_refused(void **state)
{
    (void)state;
    evh_store *store = create();
    int from = 0;
    evh_store_close(&store);
    assert_ok(evh_store_sqlite_migrate(path, &from));
    assert_int_equal(from, EVH_STORE_SCHEMA_VERSION);
    set_version(EVH_STORE_SCHEMA_VERSION + 1);
    assert_fails_with(evh_store_sqlite_open(&store, path), EVH_ERR_STORE, "newer program");
    assert_fails_with(evh_store_sqlite_migrate(path, &from), EVH_ERR_STORE, "newer program");
    remove_store();
}

static void test_check_finds_damage(void **state)
{
    (void)state;
    evh_store *store = create();
    for (int i = 0; i < 300; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "key-%d", i);
        put(store, key, "0123456789012345678901234567890123456789012345678901234567890123456789");
    }
    assert_ok(evh_store_check(store));
    evh_store_close(&store);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    char junk[2000];
    memset(junk, 0x5a, sizeof junk);
    assert_true(pwrite(fd, junk, sizeof junk, 8192) == (ssize_t)sizeof junk);
    assert_int_equal(close(fd), 0);
    evh_status status = evh_store_sqlite_open(&store, path);
    if (status.code == EVH_OK)
        status = evh_store_check(store);
    assert_fails(status, EVH_ERR_STORE);
    evh_store_close(&store);
    remove_store();
}

static void test_backup_is_a_store(void **state)
{
    (void)state;
    evh_store *store = create();
    char copy[320];
    (void)snprintf(copy, sizeof copy, "%s/copy.db", folder);
    put(store, "a", "1");
    assert_ok(evh_store_backup(store, copy));
    assert_fails(evh_store_backup(store, copy), EVH_ERR_STORE);
    put(store, "b", "1");
    evh_store_close(&store);
    assert_ok(evh_store_sqlite_open(&store, copy));
    assert_true(has(store, "a"));
    assert_false(has(store, "b"));
    evh_store_close(&store);
    remove_store();
}

/* A child commits one key after another and reports each on a pipe once it is committed; it is
 * killed in between. What was reported must be there, in order and without holes. */
static void test_kill_loses_nothing_committed(void **state)
{
    (void)state;
    for (int round = 0; round < 5; round++) {
        evh_store *store = create();
        evh_store_close(&store);
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            store = reopen();
            for (int i = 0;; i++) {
                char key[16];
                (void)snprintf(key, sizeof key, "key-%d", i);
                put(store, key, "value");
                if (write(ends[1], "x", 1) != 1)
                    _exit(1);
            }
        }
        assert_int_equal(close(ends[1]), 0);
        char byte = 0;
        int reported = 0;
        while (reported < 20 + 7 * round && read(ends[0], &byte, 1) == 1)
            reported++;
        assert_int_equal(kill(child, SIGKILL), 0);
        while (read(ends[0], &byte, 1) == 1)
            reported++;
        assert_int_equal(close(ends[0]), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        store = reopen();
        assert_ok(evh_store_check(store));
        for (int i = 0; i < reported; i++) {
            char key[16];
            (void)snprintf(key, sizeof key, "key-%d", i);
            assert_true(has(store, key));
        }
        evh_store_close(&store);
        remove_store();
    }
}

/* A file that may not grow stands for a full disk: the transaction fails, earlier ones stay. */
static void test_full_disk_fails_and_keeps_the_rest(void **state)
{
    (void)state;
    evh_store *store = create();
    put(store, "before", "1");
    struct rlimit old;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    struct rlimit small = {.rlim_cur = 200000, .rlim_max = old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    evh_buffer big = evh_buffer_init(1 << 20);
    uint8_t *bytes = NULL;
    assert_ok(evh_buffer_extend(&big, 1 << 20, &bytes));
    assert_ok(evh_store_begin(store));
    evh_status status =
        evh_store_put(store, EVH_STORE_REPORTS, evh_view_of_text("big"), evh_buffer_view(&big));
    if (status.code == EVH_OK)
        status = evh_store_commit(store);
    assert_fails(status, EVH_ERR_STORE);
    evh_store_rollback(store);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    (void)signal(SIGXFSZ, SIG_DFL);
    assert_true(has(store, "before"));
    put(store, "after", "1");
    evh_store_close(&store);
    store = reopen();
    assert_true(has(store, "before") && has(store, "after") && !has(store, "big"));
    evh_store_close(&store);
    evh_buffer_clear(&big);
    remove_store();
}

static void test_compact_gives_room_back(void **state)
{
    (void)state;
    evh_store *store = create();
    evh_buffer big = evh_buffer_init(1 << 20);
    uint8_t *bytes = NULL;
    uint64_t before = 0;
    uint64_t after = 0;
    assert_ok(evh_buffer_extend(&big, 1 << 20, &bytes));
    put(store, "stays", "1");
    assert_ok(evh_store_begin(store));
    assert_ok(evh_store_put(store, EVH_STORE_META, evh_view_of_text("big"), evh_buffer_view(&big)));
    assert_ok(evh_store_commit(store));
    assert_ok(evh_store_begin(store));
    assert_ok(evh_store_delete(store, EVH_STORE_META, evh_view_of_text("big")));
    assert_ok(evh_store_commit(store));
    assert_fails(evh_store_sqlite_compact(path, &before, &after), EVH_ERR_STORE);
    evh_store_close(&store);
    assert_ok(evh_store_sqlite_compact(path, &before, &after));
    assert_true(before > 1 << 20 && after < 1 << 16);
    store = reopen();
    assert_true(has(store, "stays"));
    assert_ok(evh_store_check(store));
    evh_store_close(&store);
    evh_buffer_clear(&big);
    remove_store();
    assert_fails(evh_store_sqlite_compact(path, &before, &after), EVH_ERR_STORE);
}

int run_sqlite_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file_is_owner_only_and_never_taken_over),
        cmocka_unit_test(test_one_process_at_a_time),
        cmocka_unit_test(test_open_refuses_what_is_no_store),
        cmocka_unit_test(test_newer_schema_is_refused),
        cmocka_unit_test(test_check_finds_damage),
        cmocka_unit_test(test_backup_is_a_store),
        cmocka_unit_test(test_kill_loses_nothing_committed),
        cmocka_unit_test(test_compact_gives_room_back),
        cmocka_unit_test(test_full_disk_fails_and_keeps_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
