/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evenhand/files/files.h"

enum { READ_CHUNK_BYTES = 65536 };

static const char *advice(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return "check the name";
    case EACCES:
    case EPERM:
        return "give this user permission to read it";
    case ELOOP:
        return "name the file itself, not a symbolic link";
    case EISDIR:
        return "expected a file";
    default:
        return "check the disk and try again";
    }
}

static evh_status cannot_read(evh_code code, const char *path, int error)
{
    char shown[EVH_PATH_SHORT_LEN];
    evh_path_short(shown, path);
    return evh_fail(code, "%s: %s; %s", shown, strerror(error), advice(error));
}

/* Reads to the end of the descriptor. One byte over the ceiling is asked for, so that a file of
 * exactly the ceiling passes and a longer one is seen. */
static evh_status read_all(evh_buffer *out, int descriptor, evh_code code, const char *path)
{
    evh_status status = evh_ok();
    char shown[EVH_PATH_SHORT_LEN];
    evh_path_short(shown, path);
    for (;;) {
        size_t room = out->ceiling - out->len;
        uint8_t beyond = 0;
        uint8_t *target = &beyond;
        size_t want = room < READ_CHUNK_BYTES ? room : READ_CHUNK_BYTES;
        size_t before = out->len;
        if (want > 0)
            EVH_TRY(evh_buffer_extend(out, want, &target));
        ssize_t got = 0;
        do {
            got = read(descriptor, target, want > 0 ? want : 1);
        } while (got < 0 && errno == EINTR);
        if (got < 0) {
            status = cannot_read(code, path, errno);
            goto done;
        }
        EVH_REQUIRE(want > 0 || got == 0, code, "%s: larger than %zu bytes, the most it may have",
                    shown, out->ceiling);
        if (want > 0)
            evh_buffer_truncate(out, before + (size_t)got);
        if (got == 0)
            break;
    }

done:
    return status;
}

evh_status evh_file_read(evh_buffer *out, const char *path)
{
    evh_status status = evh_ok();
    evh_buffer_clear(out);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        status = cannot_read(EVH_ERR_INPUT, path, errno);
        goto done;
    }
    EVH_TRY(read_all(out, descriptor, EVH_ERR_INPUT, path));

done:
    if (descriptor >= 0)
        (void)close(descriptor);
    if (status.code != EVH_OK)
        evh_buffer_clear(out);
    return status;
}

static evh_status open_secret(int *descriptor, const char *path)
{
    evh_status status = evh_ok();
    char shown[EVH_PATH_SHORT_LEN];
    evh_path_short(shown, path);
    /* O_NONBLOCK: a pipe put in place of the key must not hang the program. */
    *descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (*descriptor < 0) {
        status = cannot_read(EVH_ERR_KEY, path, errno);
        goto done;
    }
    struct stat info;
    if (fstat(*descriptor, &info) != 0) {
        status = cannot_read(EVH_ERR_KEY, path, errno);
        goto done;
    }
    EVH_REQUIRE(S_ISREG(info.st_mode), EVH_ERR_KEY, "%s: not a regular file", shown);
    EVH_REQUIRE(info.st_uid == geteuid(), EVH_ERR_KEY,
                "%s: belongs to another user; make it yours (chown)", shown);
    EVH_REQUIRE((info.st_mode & (S_IRWXG | S_IRWXO)) == 0, EVH_ERR_KEY,
                "%s: mode %04o lets others use it; run chmod 600 on it", shown,
                (unsigned)info.st_mode & 07777U);

done:
    if (status.code != EVH_OK && *descriptor >= 0) {
        (void)close(*descriptor);
        *descriptor = -1;
    }
    return status;
}

evh_status evh_file_read_secret(evh_buffer *out, const char *path)
{
    evh_status status = evh_ok();
    int descriptor = -1;
    evh_buffer_clear(out);
    EVH_TRY(open_secret(&descriptor, path));
    EVH_TRY(read_all(out, descriptor, EVH_ERR_KEY, path));

done:
    if (descriptor >= 0)
        (void)close(descriptor);
    if (status.code != EVH_OK)
        evh_buffer_clear(out);
    return status;
}

evh_status evh_file_check_secret(const char *path)
{
    int descriptor = -1;
    evh_status status = open_secret(&descriptor, path);
    if (descriptor >= 0)
        (void)close(descriptor);
    return status;
}
