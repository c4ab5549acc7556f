/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/input/source.h"

#include <string.h>

static evh_status read_view(void *context, uint8_t *out, size_t capacity, size_t *got)
{
    evh_view *rest = context;
    *got = rest->len < capacity ? rest->len : capacity;
    if (*got > 0) {
        memcpy(out, rest->data, *got);
        rest->data += *got;
        rest->len -= *got;
    }
    return evh_ok();
}

evh_input_source evh_input_source_of_view(evh_view *rest)
{
    evh_input_source source = {.read = read_view, .finish = NULL, .context = rest};
    return source;
}
