/* SPDX-License-Identifier: Apache-2.0
 * arena_internal.h: memory that is freed all at once. A plan is a few hundred small things that
 * live and die together; no file can make them take more than a ceiling. */
#ifndef EVH_PLAN_ARENA_INTERNAL_H
#define EVH_PLAN_ARENA_INTERNAL_H

#include <stddef.h>

#include "evenhand/base/status.h"

enum { EVH_PLAN_ARENA_MAX = 64 << 20 }; /* bytes */

typedef struct evh_plan_arena {
    struct evh_plan_arena_block *blocks; /* newest first */
    size_t bytes;                        /* given out */
} evh_plan_arena;

/* Zeroed memory for count elements, aligned for anything. Fails MEMORY; *out is then NULL. */
EVH_MUST_USE evh_status evh_plan_arena_take(evh_plan_arena *arena, void *out, size_t count,
                                            size_t size);

/* Frees everything; the arena stays usable and empty. */
void evh_plan_arena_clear(evh_plan_arena *arena);

#endif
