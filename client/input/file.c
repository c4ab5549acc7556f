/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/input/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evenhand/base/sizes.h"
#include "evenhand/files/files.h"
#include "evenhand/input/rows.h"

struct evh_input_file {
    int fd;
    char path[EVH_PATH_BYTES_MAX];
    struct stat opened;
    uint64_t read_bytes;
};

struct evh_input_dir {
    char manifest[EVH_PATH_BYTES_MAX];
};

/* Why a path cannot be read, in words for the person who wrote it. */
static evh_status cannot_read(const char *path, int error)
{
    char shown[EVH_PATH_SHORT_LEN];
    evh_path_short(shown, path);
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return evh_fail(EVH_ERR_INPUT, "%s: there is no such file", shown);
    case EACCES:
    case EPERM:
        return evh_fail(EVH_ERR_INPUT, "%s: no permission to read it", shown);
    case EISDIR:
        return evh_fail(EVH_ERR_INPUT, "%s is a folder, not a file", shown);
    default:
        return evh_fail(EVH_ERR_STORE, "%s cannot be read: %s", shown, strerror(error));
    }
}

evh_status evh_input_status_in(evh_status status, const char *path)
{
    char shown[EVH_PATH_SHORT_LEN];
    evh_path_short(shown, path);
    if (status.code != EVH_ERR_INPUT || strncmp(status.text, shown, strlen(shown)) == 0)
        return status;
    return evh_status_in(status, "%s", shown);
}

evh_status evh_input_file_open(evh_input_file **out, const char *path)
{
    evh_status status = evh_ok();
    evh_input_file *file = NULL;
    *out = NULL;
    EVH_TRY(evh_alloc(&file, 1, sizeof *file, "files"));
    file->fd = -1;
    EVH_TRY(evh_path_resolve(file->path, NULL, evh_view_of_text(path)));
    file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file->fd < 0 || fstat(file->fd, &file->opened) != 0)
        EVH_TRY(cannot_read(path, errno));
    if (S_ISDIR(file->opened.st_mode))
        EVH_TRY(cannot_read(path, EISDIR));
    *out = file;
    file = NULL;

done:
    evh_input_file_free(&file);
    return status;
}

void evh_input_file_free(evh_input_file **file)
{
    if (*file == NULL)
        return;
    if ((*file)->fd >= 0)
        (void)close((*file)->fd); /* only read from: nothing can be lost */
    free(*file);
    *file = NULL;
}

bool evh_input_file_is_regular(const evh_input_file *file)
{
    return S_ISREG(file->opened.st_mode);
}

evh_status evh_input_file_rewind(evh_input_file *file)
{
    if (lseek(file->fd, 0, SEEK_SET) != 0)
        return cannot_read(file->path, errno);
    file->read_bytes = 0;
    return evh_ok();
}

uint64_t evh_input_file_size(const evh_input_file *file)
{
    return S_ISREG(file->opened.st_mode) ? (uint64_t)file->opened.st_size : 0;
}

static evh_status read_file(void *context, uint8_t *out, size_t capacity, size_t *got)
{
    evh_input_file *file = context;
    ssize_t count = 0;
    *got = 0;
    do
        count = read(file->fd, out, capacity);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return cannot_read(file->path, errno);
    *got = (size_t)count;
    file->read_bytes += *got;
    return evh_ok();
}

static bool same_content(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* The file that was opened must be as it was, must have been read whole, and must still be the one
 * that the path names. */
static evh_status finish_file(void *context)
{
    evh_input_file *file = context;
    if (!S_ISREG(file->opened.st_mode))
        return evh_ok();
    struct stat now;
    struct stat named;
    char shown[EVH_PATH_SHORT_LEN];
    evh_path_short(shown, file->path);
    if (fstat(file->fd, &now) != 0)
        return cannot_read(file->path, errno);
    if (!same_content(&file->opened, &now) || file->read_bytes != (uint64_t)now.st_size)
        return evh_fail(EVH_ERR_INPUT, "%s changed while it was read; run again when it is at rest",
                        shown);
    if (stat(file->path, &named) != 0 || named.st_dev != now.st_dev || named.st_ino != now.st_ino)
        return evh_fail(EVH_ERR_INPUT,
                        "%s was replaced while it was read; run again when it is at rest", shown);
    return evh_ok();
}

evh_input_source evh_input_file_source(evh_input_file *file)
{
    evh_input_source source = {.read = read_file, .finish = finish_file, .context = file};
    return source;
}

evh_status evh_input_dir_open_of(evh_input_dir **out, const char *path)
{
    evh_status status = evh_ok();
    evh_input_dir *dir = NULL;
    *out = NULL;
    EVH_TRY(evh_alloc(&dir, 1, sizeof *dir, "folders"));
    EVH_TRY(evh_path_resolve(dir->manifest, NULL, evh_view_of_text(path)));
    *out = dir;
    dir = NULL;

done:
    evh_input_dir_free(&dir);
    return status;
}

void evh_input_dir_free(evh_input_dir **dir)
{
    free(*dir);
    *dir = NULL;
}

static evh_status read_whole(evh_input_file *file, evh_buffer *out)
{
    evh_status status = evh_ok();
    size_t got = 1;
    while (got > 0) {
        uint8_t chunk[16384];
        EVH_TRY(read_file(file, chunk, sizeof chunk, &got));
        EVH_REQUIRE(got <= out->ceiling - out->len, EVH_ERR_INPUT,
                    "the file is larger than %zu bytes", out->ceiling);
        EVH_TRY(evh_buffer_append(out, evh_view_of(chunk, got)));
    }
    EVH_TRY(finish_file(file));

done:
    return status;
}

static evh_status read_in_dir(void *context, evh_view path, evh_buffer *out)
{
    const evh_input_dir *dir = context;
    evh_status status = evh_ok();
    evh_input_file *file = NULL;
    size_t before = out->len;
    char full[EVH_PATH_BYTES_MAX];
    struct stat info;
    EVH_TRY(evh_path_resolve(full, dir->manifest, path));
    /* Looked at before it is opened: opening a pipe would wait for its writer. */
    if (stat(full, &info) != 0)
        EVH_TRY(cannot_read(full, errno));
    EVH_REQUIRE(S_ISREG(info.st_mode), EVH_ERR_INPUT, "it is not a regular file");
    EVH_TRY(evh_input_file_open(&file, full));
    EVH_TRY(read_whole(file, out));

done:
    evh_input_file_free(&file);
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    return status;
}

evh_input_folder evh_input_dir_folder(evh_input_dir *dir)
{
    evh_input_folder folder = {.read_file = read_in_dir, .context = dir};
    return folder;
}
