/* SPDX-License-Identifier: Apache-2.0
 * field/field.h: which fields there are.
 * Source   draft-irtf-cfrg-vdaf-20 section 6.1
 * Threads  values, no state            Memory  allocates nothing
 * Tests    unit/field/ */
#ifndef EVH_FIELD_FIELD_H
#define EVH_FIELD_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/status.h"
#include "evenhand/base/uint128.h"

/* The number is the size of the modulus in bits; 0 stands for a default where one exists. */
typedef enum evh_field_id {
    EVH_FIELD_DEFAULT = 0,
    EVH_FIELD_64 = 64,  /* p = 2^64 - 2^32 + 1 */
    EVH_FIELD_128 = 128 /* p = 2^128 - 28 * 2^64 + 1 */
} evh_field_id;

/* Bytes of an encoded element: 8 or 16. */
size_t evh_field_element_bytes(evh_field_id field);

/* The modulus. */
evh_u128 evh_field_modulus(evh_field_id field);

/* True if the sum of count integers, each at most max, is below the modulus, so that sums of
 * shares never wrap. Public parameters only. */
EVH_MUST_USE bool evh_field_sum_fits(evh_field_id field, uint64_t count, evh_u128 max);

#endif
