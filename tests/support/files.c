/* SPDX-License-Identifier: Apache-2.0 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/test.h"

bool test_read_file(evh_buffer *buffer, const char *path)
{
    evh_buffer_clear(buffer);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    uint8_t chunk[4096];
    size_t got = 0;
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        assert_ok(evh_buffer_append(buffer, evh_view_of(chunk, got)));
    assert_int_equal(ferror(file), 0);
    assert_int_equal(fclose(file), 0);
    return true;
}

const char *test_shared_dir(void)
{
    struct stat info;
    return stat(EVH_SHARED_DIR, &info) == 0 && S_ISDIR(info.st_mode) ? EVH_SHARED_DIR : NULL;
}

void test_skip_without_shared(void)
{
    print_message("skipped: %s with shared data and vectors is not there\n", EVH_SHARED_DIR);
    skip();
}

void test_make_dir(char path[256])
{
    const char *base = getenv("TMPDIR");
    int len = snprintf(path, 256, "%s/evh-test-XXXXXX", base != NULL ? base : "/tmp");
    assert_true(len > 0 && len < 256);
    assert_non_null(mkdtemp(path));
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

void test_remove_dir(const char *path)
{
    assert_int_equal(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}
