/* SPDX-License-Identifier: Apache-2.0
 * input/file.h: sources and folders from the file system. The only place of this module that opens
 * files.
 * Threads  one thread per object          Tests    unit/input/test_file.c */
#ifndef EVH_INPUT_FILE_H
#define EVH_INPUT_FILE_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/input/source.h"

typedef struct evh_input_file evh_input_file;

/* Opens a data file for reading. Pipes and terminals are read as they come; a regular file is
 * remembered (identity, size, time of change), so that finish can tell that it changed.
 * Fails INPUT: no such file, no permission, a folder; STORE the medium; RANGE, MEMORY. */
EVH_MUST_USE evh_status evh_input_file_open(evh_input_file **out, const char *path);

/* Puts the file's path in front of what is wrong with its content (INPUT), unless it is there. */
EVH_MUST_USE evh_status evh_input_status_in(evh_status status, const char *path);

/* Closes and frees; takes the address, accepts NULL, leaves NULL. */
void evh_input_file_free(evh_input_file **file);

/* The file as a source; borrows it. */
evh_input_source evh_input_file_source(evh_input_file *file);

/* True for a regular file: it can be read more than once. */
bool evh_input_file_is_regular(const evh_input_file *file);

/* Back to the start of a regular file, for another source of it. The finish of that source also
 * tells whether the file changed since it was opened. Fails STORE. */
EVH_MUST_USE evh_status evh_input_file_rewind(evh_input_file *file);

/* Size in bytes of a regular file when it was opened, 0 of anything else: for progress. */
uint64_t evh_input_file_size(const evh_input_file *file);

typedef struct evh_input_dir evh_input_dir;

/* The folder that holds the file at `path` (a manifest). Opens nothing yet.
 * Fails RANGE when the path is too long or empty. */
EVH_MUST_USE evh_status evh_input_dir_open_of(evh_input_dir **out, const char *path);

/* Takes the address, accepts NULL, leaves NULL. */
void evh_input_dir_free(evh_input_dir **dir);

/* The folder as a handle; borrows it. Only regular files are read; symbolic links are followed. */
evh_input_folder evh_input_dir_folder(evh_input_dir *dir);

#endif
