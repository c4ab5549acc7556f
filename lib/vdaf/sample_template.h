/* SPDX-License-Identifier: Apache-2.0
 * vdaf/sample_template.h: sampling for the field that as_field64.h or as_field128.h names. */
#include "evenhand/base/secret.h"
#include "sample_internal.h"

/* Moves the elements below the modulus to the front and counts them. */
static size_t keep_accepted(fe *out, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        fe element = out[i];
        bool accepted = FE_NAME(vec_canonical)(&element, 1);
        if (accepted)
            out[kept++] = element;
    }
    return kept;
}

/* Squeezes straight into the vector: an accepted element is its own encoding. */
void FE_OWN(evh_sample_vec)(evh_stream *next, void *context, fe *out, size_t count)
{
    size_t filled = 0;
    while (filled < count) {
        size_t asked = count - filled;
        next(context, (uint8_t *)(out + filled), asked * sizeof *out);
        if (FE_NAME(vec_canonical)(out + filled, asked))
            return;
        filled += keep_accepted(out + filled, asked);
    }
}
