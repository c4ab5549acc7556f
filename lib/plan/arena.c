/* SPDX-License-Identifier: Apache-2.0 */
#include "arena_internal.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"

enum { BLOCK_BYTES = 16384, ALIGNMENT = alignof(max_align_t) };

typedef struct evh_plan_arena_block {
    struct evh_plan_arena_block *older;
    size_t used;
    size_t capacity;
    alignas(max_align_t) unsigned char bytes[];
} evh_plan_arena_block;

static evh_status add_block(evh_plan_arena *arena, size_t bytes)
{
    size_t capacity = bytes < BLOCK_BYTES ? BLOCK_BYTES : bytes;
    evh_plan_arena_block *block = NULL;
    evh_status status = evh_alloc(&block, 1, sizeof *block + capacity, "plan");
    if (status.code != EVH_OK)
        return status;
    block->capacity = capacity;
    block->older = arena->blocks;
    arena->blocks = block;
    return status;
}

evh_status evh_plan_arena_take(evh_plan_arena *arena, void *out, size_t count, size_t size)
{
    evh_status status = evh_ok();
    void *memory = NULL;
    size_t bytes = 0;
    memcpy(out, &memory, sizeof memory);
    EVH_REQUIRE(evh_size_mul(count == 0 ? 1 : count, size, &bytes) &&
                    bytes <= EVH_PLAN_ARENA_MAX - arena->bytes,
                EVH_ERR_MEMORY, "the plan needs more than %d MiB", EVH_PLAN_ARENA_MAX >> 20);
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (arena->blocks == NULL || arena->blocks->capacity - arena->blocks->used < bytes)
        EVH_TRY(add_block(arena, bytes));
    memory = arena->blocks->bytes + arena->blocks->used;
    arena->blocks->used += bytes;
    arena->bytes += bytes;
    memcpy(out, &memory, sizeof memory);
done:
    return status;
}

void evh_plan_arena_clear(evh_plan_arena *arena)
{
    while (arena->blocks != NULL) {
        evh_plan_arena_block *older = arena->blocks->older;
        free(arena->blocks);
        arena->blocks = older;
    }
    arena->bytes = 0;
}
