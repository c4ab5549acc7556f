/* SPDX-License-Identifier: Apache-2.0
 * vdaf/sample_internal.h: field elements from a stream of bytes, by rejection.
 * The stream is an argument so that tests can script one: real streams reject an element about once
 * in 2^32 or 2^59.
 * Source   draft-irtf-cfrg-vdaf-20 section 6.2, next_vec */
#ifndef EVH_VDAF_SAMPLE_INTERNAL_H
#define EVH_VDAF_SAMPLE_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/field/field128.h"
#include "evenhand/field/field64.h"

typedef void evh_stream(void *context, uint8_t *out, size_t len);

/* Fills out[count] with the stream's next elements below the modulus. */
void evh_sample_vec_64(evh_stream *next, void *context, evh_f64 *out, size_t count);
void evh_sample_vec_128(evh_stream *next, void *context, evh_f128 *out, size_t count);

#endif
