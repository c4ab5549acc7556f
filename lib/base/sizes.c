/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/sizes.h"

#include <stdlib.h>
#include <string.h>

/* Pointers to objects share one representation on the platforms this is written for, so any
 * element pointer can be stored through its bytes. */
static void store_pointer(void *address_of_pointer, void *value)
{
    memcpy(address_of_pointer, &value, sizeof value);
}

evh_status evh_alloc(void *out, size_t count, size_t size, const char *what)
{
    void *memory = calloc(count == 0 ? 1 : count, size);
    store_pointer(out, memory);
    if (memory == NULL)
        return evh_fail(EVH_ERR_MEMORY, "no memory for %zu %s", count, what);
    return evh_ok();
}

evh_status evh_array_reserve(void *array, size_t *capacity, size_t needed, size_t size,
                             const char *what)
{
    if (needed <= *capacity)
        return evh_ok();
    size_t grown = 0;
    if (!evh_size_mul(*capacity, 2, &grown) || grown < needed)
        grown = needed;
    if (grown < 8)
        grown = 8;
    size_t bytes = 0;
    if (!evh_size_mul(grown, size, &bytes))
        return evh_fail(EVH_ERR_MEMORY, "no memory for %zu %s", needed, what);
    void *old = NULL;
    memcpy(&old, array, sizeof old);
    void *memory = realloc(old, bytes);
    if (memory == NULL)
        return evh_fail(EVH_ERR_MEMORY, "no memory for %zu %s", needed, what);
    memset((unsigned char *)memory + *capacity * size, 0, (grown - *capacity) * size);
    store_pointer(array, memory);
    *capacity = grown;
    return evh_ok();
}
