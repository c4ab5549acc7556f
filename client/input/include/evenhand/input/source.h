/* SPDX-License-Identifier: Apache-2.0
 * input/source.h: where the bytes of a data file come from, as handles.
 * The readers never open anything: they are handed a source, and the manifest reader a folder.
 * input/file.h makes both from the file system; tests make them from memory.
 * Threads  one thread per handle          Tests    unit/input/ */
#ifndef EVH_INPUT_SOURCE_H
#define EVH_INPUT_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"

typedef struct evh_input_source {
    /* Reads 1..capacity bytes into out; *got is 0 at the end only. capacity is at least 1.
     * Fails STORE when the medium does. */
    evh_status (*read)(void *context, uint8_t *out, size_t capacity, size_t *got);
    /* Asked once, after read said that the end is reached: fails INPUT if what was read is not one
     * consistent whole, for example because the file changed meanwhile. May be NULL. */
    evh_status (*finish)(void *context);
    void *context;
} evh_input_source;

/* The folder of a manifest, and everything below it. */
typedef struct evh_input_folder {
    /* Appends the whole content of the file at a relative path to out, at most out's ceiling.
     * Fails INPUT when there is no such regular file, it cannot be read, is too large, or changed
     * while it was read. */
    evh_status (*read_file)(void *context, evh_view path, evh_buffer *out);
    void *context;
} evh_input_folder;

/* A source of the bytes of *rest, which is advanced; rest is borrowed for the source's life. */
evh_input_source evh_input_source_of_view(evh_view *rest);

#endif
