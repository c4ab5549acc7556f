/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/input/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/test.h"
#include "tests.h"

typedef struct folder {
    char dir[256];
    char path[300]; /* of data.csv in it */
} folder;

static void write_text(const char *path, const char *mode, const char *text)
{
    FILE *file = fopen(path, mode);
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state)
{
    static folder made;
    test_make_dir(made.dir);
    (void)snprintf(made.path, sizeof made.path, "%s/data.csv", made.dir);
    write_text(made.path, "w", "a,b\n1,2\n");
    *state = &made;
    return 0;
}

static int remove_folder(void **state)
{
    folder *made = *state;
    test_remove_dir(made->dir);
    return 0;
}

static void read_to_end(const evh_input_source *source, size_t expected)
{
    uint8_t bytes[64];
    size_t total = 0;
    size_t got = 1;
    while (got > 0) {
        assert_ok(source->read(source->context, bytes, sizeof bytes, &got));
        total += got;
    }
    assert_int_equal(total, expected);
}

static void test_file_read_whole(void **state)
{
    folder *made = *state;
    evh_input_file *file = NULL;
    assert_ok(evh_input_file_open(&file, made->path));
    assert_true(evh_input_file_size(file) == 8);
    evh_input_source source = evh_input_file_source(file);
    read_to_end(&source, 8);
    assert_ok(source.finish(source.context));
    evh_input_file_free(&file);
    assert_null(file);
}

static void test_file_open_refuses(void **state)
{
    folder *made = *state;
    evh_input_file *file = NULL;
    char path[300];
    assert_fails_with(evh_input_file_open(&file, made->dir), EVH_ERR_INPUT, "is a folder");
    (void)snprintf(path, sizeof path, "%s/none.csv", made->dir);
    assert_fails_with(evh_input_file_open(&file, path), EVH_ERR_INPUT, "there is no such file");
    (void)snprintf(path, sizeof path, "%s/data.csv/x", made->dir);
    assert_fails_with(evh_input_file_open(&file, path), EVH_ERR_INPUT, "there is no such file");
    assert_fails(evh_input_file_open(&file, ""), EVH_ERR_RANGE);
    assert_null(file);
}

static void test_file_open_without_permission(void **state)
{
    folder *made = *state;
    evh_input_file *file = NULL;
    uid_t user = geteuid();
    assert_int_equal(chmod(made->path, 0), 0);
    if (user == 0) /* root reads everything: be nobody for a moment */
        assert_int_equal(seteuid(65534), 0);
    evh_status status = evh_input_file_open(&file, made->path);
    if (user == 0)
        assert_int_equal(seteuid(0), 0);
    assert_fails_with(status, EVH_ERR_INPUT, "no permission to read it");
    assert_null(file);
}

static void test_file_finish_sees_changes(void **state)
{
    folder *made = *state;
    static const char *const changes[] = {"appended", "rewritten", "cut", "replaced", "removed"};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        char other[320];
        (void)snprintf(other, sizeof other, "%s.new", made->path);
        (void)remove(made->path);
        write_text(made->path, "w", "a,b\n1,2\n");
        const struct timespec past[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
        assert_int_equal(utimensat(AT_FDCWD, made->path, past, 0), 0);
        evh_input_file *file = NULL;
        assert_ok(evh_input_file_open(&file, made->path));
        evh_input_source source = evh_input_file_source(file);
        read_to_end(&source, 8);
        switch (i) {
        case 0:
            write_text(made->path, "a", "3,4\n");
            break;
        case 1:
            write_text(made->path, "w", "a,b\n3,4\n");
            break;
        case 2:
            assert_int_equal(truncate(made->path, 4), 0);
            break;
        case 3:
            write_text(other, "w", "a,b\n1,2\n");
            assert_int_equal(rename(other, made->path), 0);
            break;
        default:
            assert_int_equal(remove(made->path), 0);
            break;
        }
        assert_fails_with(source.finish(source.context), EVH_ERR_INPUT,
                          i < 3 ? "changed while it was read" : "was replaced while it was read");
        evh_input_file_free(&file);
    }
}

static void test_file_finish_sees_unread_rest(void **state)
{
    folder *made = *state;
    evh_input_file *file = NULL;
    assert_ok(evh_input_file_open(&file, made->path));
    evh_input_source source = evh_input_file_source(file);
    assert_fails_with(source.finish(source.context), EVH_ERR_INPUT, "changed while it was read");
    evh_input_file_free(&file);
}

static void test_file_pipe_is_read_as_it_comes(void **state)
{
    (void)state;
    int ends[2];
    char path[64];
    evh_input_file *file = NULL;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "a,b\n1,2\n", 8), 8);
    (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    assert_ok(evh_input_file_open(&file, path));
    assert_int_equal(close(ends[1]), 0);
    assert_true(evh_input_file_size(file) == 0);
    evh_input_source source = evh_input_file_source(file);
    read_to_end(&source, 8);
    assert_ok(source.finish(source.context));
    evh_input_file_free(&file);
    assert_int_equal(close(ends[0]), 0);
}

static void test_dir_reads_beside_the_manifest(void **state)
{
    folder *made = *state;
    evh_input_dir *dir = NULL;
    evh_buffer out = evh_buffer_init(10);
    char pipe_path[300];
    (void)snprintf(pipe_path, sizeof pipe_path, "%s/pipe.txt", made->dir);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_ok(evh_input_dir_open_of(&dir, made->path));
    evh_input_folder below = evh_input_dir_folder(dir);
    assert_ok(evh_buffer_append(&out, view_of_literal("xy")));
    assert_ok(below.read_file(below.context, view_of_literal("data.csv"), &out));
    assert_views_equal(evh_buffer_view(&out), view_of_literal("xya,b\n1,2\n"));
    assert_fails_with(below.read_file(below.context, view_of_literal("data.csv"), &out),
                      EVH_ERR_INPUT, "larger than 10 bytes");
    evh_buffer_truncate(&out, 2);
    assert_fails_with(below.read_file(below.context, view_of_literal("none.txt"), &out),
                      EVH_ERR_INPUT, "there is no such file");
    assert_fails_with(below.read_file(below.context, view_of_literal("pipe.txt"), &out),
                      EVH_ERR_INPUT, "not a regular file");
    assert_fails_with(below.read_file(below.context, view_of_literal("."), &out), EVH_ERR_INPUT,
                      "not a regular file");
    assert_views_equal(evh_buffer_view(&out), view_of_literal("xy"));
    evh_buffer_clear(&out);
    evh_input_dir_free(&dir);
    assert_null(dir);
}

int run_file_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_file_read_whole, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_file_open_refuses, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_file_open_without_permission, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_file_finish_sees_changes, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_file_finish_sees_unread_rest, make_folder,
                                        remove_folder),
        cmocka_unit_test(test_file_pipe_is_read_as_it_comes),
        cmocka_unit_test_setup_teardown(test_dir_reads_beside_the_manifest, make_folder,
                                        remove_folder),
    };
    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
