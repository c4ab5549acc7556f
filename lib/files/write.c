/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evenhand/files/files.h"

enum {
    MODE_OWNER_ONLY = 0600,
    MODE_SHARED = 0644,
    MODE_FOLDER = 0700,
    MODE_BITS = 07777,
    TEMPORARY_NAMES_MAX = 100
};

static const char *advice(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return "make its folder first";
    case EACCES:
    case EPERM:
    case EROFS:
        return "choose a folder that this user may write to";
    case EISDIR:
        return "name a file in it";
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return "make room on the disk";
    default:
        return "check the disk and try again";
    }
}

static evh_status cannot_write(const char *path, int error)
{
    char shown[EVH_PATH_SHORT_LEN];
    evh_path_short(shown, path);
    return evh_fail(EVH_ERR_STORE, "cannot write %s: %s; %s", shown, strerror(error),
                    advice(error));
}

static evh_status exists(const char *path)
{
    char shown[EVH_PATH_SHORT_LEN];
    evh_path_short(shown, path);
    return evh_fail(EVH_ERR_ARG,
                    "%s exists and is never overwritten; move it away or choose another name",
                    shown);
}

static evh_status write_all(int descriptor, evh_view content, const char *path)
{
    size_t done_bytes = 0;
    while (done_bytes < content.len) {
        ssize_t wrote = write(descriptor, content.data + done_bytes, content.len - done_bytes);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return cannot_write(path, errno);
        done_bytes += (size_t)wrote;
    }
    return evh_ok();
}

static evh_status write_durably(int descriptor, evh_view content, const char *path)
{
    evh_status status = write_all(descriptor, content, path);
    if (status.code == EVH_OK && fsync(descriptor) != 0)
        status = cannot_write(path, errno);
    return status;
}

/* Without this a crash may forget the name of a file whose bytes are safe. */
evh_status evh_folder_sync(const char *path)
{
    evh_status status = evh_ok();
    char folder[EVH_PATH_BYTES_MAX];
    int descriptor = -1;
    EVH_TRY(evh_path_resolve(folder, path, evh_view_of_text(".")));
    descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0 || fsync(descriptor) != 0)
        status = evh_status_in(cannot_write(path, errno), "written, but not surely durable");

done:
    if (descriptor >= 0)
        (void)close(descriptor);
    return status;
}

evh_status evh_file_create(const char *path, evh_view content, evh_file_access access)
{
    evh_status status = evh_ok();
    mode_t mode = access == EVH_FILE_OWNER_ONLY ? MODE_OWNER_ONLY : MODE_SHARED;
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (descriptor < 0) {
        status = errno == EEXIST ? exists(path) : cannot_write(path, errno);
        goto done;
    }
    if (access == EVH_FILE_OWNER_ONLY && fchmod(descriptor, MODE_OWNER_ONLY) != 0) {
        status = cannot_write(path, errno);
        goto done;
    }
    EVH_TRY(write_durably(descriptor, content, path));
    EVH_TRY(evh_folder_sync(path));

done:
    if (descriptor >= 0 && close(descriptor) != 0 && status.code == EVH_OK)
        status = cannot_write(path, errno);
    if (descriptor >= 0 && status.code != EVH_OK)
        (void)unlink(path);
    return status;
}

/* A new file beside `path`, made by open itself so that the umask applies. A name left behind by a
 * crash is skipped, as is one that another thread has just taken. */
static evh_status open_temporary(int *descriptor, char temporary[EVH_PATH_BYTES_MAX],
                                 const char *path, evh_file_access access)
{
    evh_status status = evh_ok();
    mode_t mode = access == EVH_FILE_OWNER_ONLY ? MODE_OWNER_ONLY : MODE_SHARED;
    struct stat old;
    for (unsigned attempt = 0; *descriptor < 0 && attempt < TEMPORARY_NAMES_MAX; attempt++) {
        int len =
            snprintf(temporary, EVH_PATH_BYTES_MAX, "%s.%ld-%u.tmp", path, (long)getpid(), attempt);
        EVH_REQUIRE(len > 0 && len < EVH_PATH_BYTES_MAX, EVH_ERR_RANGE,
                    "a path of more than %d bytes", EVH_PATH_BYTES_MAX - 1);
        *descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        if (*descriptor < 0 && errno != EEXIST)
            break;
    }
    if (*descriptor < 0) {
        status = cannot_write(path, errno);
        goto done;
    }
    if (lstat(path, &old) == 0 && S_ISREG(old.st_mode) && access == EVH_FILE_SHARED)
        mode = old.st_mode & MODE_BITS;
    else if (access == EVH_FILE_SHARED)
        goto done;
    if (fchmod(*descriptor, mode) != 0)
        status = cannot_write(path, errno);

done:
    return status;
}

/* A terminal, a pipe, /dev/null: what is written into and never replaced. */
static bool is_stream(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode);
}

static evh_status write_into(const char *path, evh_view content)
{
    evh_status status = evh_ok();
    int descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0)
        return cannot_write(path, errno);
    status = write_all(descriptor, content, path);
    if (close(descriptor) != 0 && status.code == EVH_OK)
        status = cannot_write(path, errno);
    return status;
}

evh_status evh_file_replace(const char *path, evh_view content, evh_file_access access)
{
    evh_status status = evh_ok();
    char temporary[EVH_PATH_BYTES_MAX] = "";
    int descriptor = -1;
    bool renamed = false;
    if (is_stream(path)) {
        EVH_REQUIRE(access == EVH_FILE_SHARED, EVH_ERR_STORE,
                    "a secret is written to a file, and %.60s is none", path);
        status = write_into(path, content);
        goto done;
    }
    EVH_TRY(open_temporary(&descriptor, temporary, path, access));
    EVH_TRY(write_durably(descriptor, content, path));
    if (rename(temporary, path) != 0) {
        status = cannot_write(path, errno);
        goto done;
    }
    renamed = true;
    EVH_TRY(evh_folder_sync(path));

done:
    if (descriptor >= 0 && !renamed)
        (void)unlink(temporary);
    if (descriptor >= 0 && close(descriptor) != 0 && status.code == EVH_OK)
        status = cannot_write(path, errno);
    return status;
}

evh_status evh_file_move_new(const char *from, const char *to)
{
    evh_status status = evh_ok();
    int descriptor = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0 || fsync(descriptor) != 0) {
        status = cannot_write(from, errno);
        goto done;
    }
    /* link, unlike rename, refuses a name that is taken. */
    if (link(from, to) != 0) {
        status = errno == EEXIST ? exists(to) : cannot_write(to, errno);
        goto done;
    }
    if (unlink(from) != 0) {
        status = cannot_write(from, errno);
        goto done;
    }
    EVH_TRY(evh_folder_sync(to));

done:
    if (descriptor >= 0)
        (void)close(descriptor);
    return status;
}

bool evh_file_exists(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0;
}

evh_status evh_file_check_absent(const char *path)
{
    return evh_file_exists(path) ? exists(path) : evh_ok();
}

evh_status evh_folder_make(const char *path)
{
    evh_status status = evh_ok();
    if (mkdir(path, MODE_FOLDER) != 0) {
        status = errno == EEXIST ? exists(path) : cannot_write(path, errno);
        goto done;
    }
    if (chmod(path, MODE_FOLDER) != 0) {
        status = cannot_write(path, errno);
        goto done;
    }
    EVH_TRY(evh_folder_sync(path));

done:
    return status;
}
