/* SPDX-License-Identifier: Apache-2.0
 * files/files.h: whole files in and out, durable, with errors that name the path and what to do.
 * Source   POSIX.1-2008; a rename is durable once its folder was synced (fsync(2))
 * Secret   a secret file is read into and written from buffers that the caller wipes
 * Threads  any; no shared state       Memory   the caller's buffer, up to its ceiling
 * Tests    unit/files/test_files.c, test_secret_files.c */
#ifndef EVH_FILES_FILES_H
#define EVH_FILES_FILES_H

#include <stdbool.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

enum { EVH_PATH_BYTES_MAX = 4096 };

/* Replaces the content of `out` by the content of the file; out's ceiling bounds the size. Pipes
 * and devices are read to their end.
 * Fails    INPUT not there, not readable, a folder, or larger than the ceiling; MEMORY. out is then
 *          empty */
EVH_MUST_USE evh_status evh_file_read(evh_buffer *out, const char *path);

/* evh_file_read for keys: the file must be a regular file, not a symbolic link, owned by the user
 * who runs the program, and without any permission for group and others.
 * Fails    KEY any of these, not there, not readable, too large; MEMORY. out is then empty */
EVH_MUST_USE evh_status evh_file_read_secret(evh_buffer *out, const char *path);

/* Applies the rules of evh_file_read_secret to a file without reading it. Fails KEY. */
EVH_MUST_USE evh_status evh_file_check_secret(const char *path);

typedef enum evh_file_access {
    EVH_FILE_OWNER_ONLY, /* 0600 whatever the umask */
    EVH_FILE_SHARED      /* 0644 less the umask */
} evh_file_access;

/* Writes a new file and makes it durable; an existing file of any kind is never touched. Nothing is
 * left behind on failure.
 * Fails    ARG the path exists; STORE anything else */
EVH_MUST_USE evh_status evh_file_create(const char *path, evh_view content, evh_file_access access);

/* Replaces or creates the file in one step: a crash leaves the old content or the new, never a
 * mixture. A file that exists keeps its permissions unless OWNER_ONLY narrows them; a symbolic link
 * is replaced, not followed. What is neither file nor folder (a terminal, a pipe, /dev/stdout) is
 * written into, unless OWNER_ONLY.
 * Fails    STORE; the old file is then unchanged unless the text says that only durability is in
 *          doubt */
EVH_MUST_USE evh_status evh_file_replace(const char *path, evh_view content,
                                         evh_file_access access);

/* Gives a file that somebody else has written its name: makes its content durable and moves it from
 * one name to another of the same file system. An existing `to` of any kind is never touched.
 * Fails    ARG `to` exists; STORE anything else */
EVH_MUST_USE evh_status evh_file_move_new(const char *from, const char *to);

/* True when there is something under this path, a dangling symbolic link included. */
bool evh_file_exists(const char *path);

/* For a refusal before the work is done; evh_file_create refuses by itself. Fails ARG the path
 * exists */
EVH_MUST_USE evh_status evh_file_check_absent(const char *path);

/* Makes a folder for its owner only (0700 whatever the umask), durably. Fails ARG the path exists;
 * STORE anything else. */
EVH_MUST_USE evh_status evh_folder_make(const char *path);

/* Makes the names in the folder of `path` durable. Fails STORE. */
EVH_MUST_USE evh_status evh_folder_sync(const char *path);

/* Writes to `out` the path that `name`, read in the file `beside`, means: itself when absolute,
 * else relative to the folder of `beside`. beside NULL: relative to the current folder.
 * Fails    RANGE longer than EVH_PATH_BYTES_MAX, empty, or with a NUL inside */
EVH_MUST_USE evh_status evh_path_resolve(char out[EVH_PATH_BYTES_MAX], const char *beside,
                                         evh_view name);

enum { EVH_PATH_SHORT_LEN = 56 };

/* The path for a message: itself, or "..." and its end when it is longer than fits. */
void evh_path_short(char out[EVH_PATH_SHORT_LEN], const char *path);

#endif
