/* SPDX-License-Identifier: Apache-2.0
 * The linker sends the calls here (--wrap, see cmake/EvhTargets.cmake), so the state cannot be
 * handed in: it is this file's. */
#include "support/alloc_fail.h"

#include <stdatomic.h>
#include <stdlib.h>

/* Names that the linker's --wrap asks for. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static atomic_size_t left; /* allocations until the one that fails; 0: none will */
static atomic_bool failed;

static bool fails_now(void)
{
    size_t now = atomic_load(&left);
    if (now == 0)
        return false;
    atomic_store(&left, now - 1);
    if (now > 1)
        return false;
    atomic_store(&failed, true);
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails_now() ? NULL : __real_realloc(memory, size);
}

void test_alloc_fail_at(size_t k)
{
    atomic_store(&failed, false);
    atomic_store(&left, k);
}

bool test_alloc_has_failed(void)
{
    return atomic_load(&failed);
}

size_t test_alloc_sweep(test_operation operation, void *context)
{
    for (size_t k = 1;; k++) {
        test_alloc_fail_at(k);
        evh_status status = operation(context);
        bool cut = test_alloc_has_failed();
        test_alloc_fail_at(0);
        if (!cut) {
            assert_ok(status);
            if (k == 1)
                fail_msg("the operation allocates nothing: the sweep tests nothing");
            return k - 1;
        }
        if (status.code != EVH_ERR_MEMORY)
            print_error("allocation %zu failed\n", k);
        assert_fails(status, EVH_ERR_MEMORY);
    }
}
