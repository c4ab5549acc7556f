/* SPDX-License-Identifier: Apache-2.0
 * vdaf/xof.h: TurboSHAKE128 and the XOF that Prio3 derives everything from.
 * Source   RFC 9861 section 2 (TurboSHAKE128); draft-irtf-cfrg-vdaf-20 section 6.2.1
 * Secret   seeds and output; timing depends on lengths only, and for field vectors on which
 *          elements of the stream are rejected (see evh_xof_vec_64)
 * Threads  one thread per object        Memory  allocates nothing
 * Tests    unit/vdaf/test_xof.c, tests/ctime */
#ifndef EVH_VDAF_XOF_H
#define EVH_VDAF_XOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/field/field128.h"
#include "evenhand/field/field64.h"

enum {
    EVH_TURBOSHAKE128_RATE = 168, /* bytes; RFC 9861 section 2.1 */
    EVH_XOF_SEED_LEN = 32,        /* draft section 6.2.1, SEED_SIZE */
    EVH_XOF_DST_LEN_MAX = 65535   /* its length is two bytes */
};

/* A sponge: absorb any number of times, then squeeze any number of times. Holds secrets once a
 * secret was absorbed: wipe it (evh_turboshake128_clear) when done. */
typedef struct evh_turboshake128 {
    uint64_t lanes[25];
    size_t offset; /* bytes of the current block in use, 0..RATE */
    uint8_t domain;
    bool squeezing;
} evh_turboshake128;

/* domain  1..127: the domain separation byte D */
void evh_turboshake128_init(evh_turboshake128 *sponge, uint8_t domain);

/* Absorbs more input. Not after the first squeeze. */
void evh_turboshake128_absorb(evh_turboshake128 *sponge, evh_view input);

/* Gives the next len bytes of output. */
void evh_turboshake128_squeeze(evh_turboshake128 *sponge, uint8_t *out, size_t len);

/* Wipes. */
void evh_turboshake128_clear(evh_turboshake128 *sponge);

/* Starts XofTurboShake128(seed, dst, binder): absorbs dst (the concatenation of two parts, together
 * at most EVH_XOF_DST_LEN_MAX bytes) and seed. What is absorbed afterwards is the binder.
 *   seed  [EVH_XOF_SEED_LEN], or any length up to 255 */
void evh_xof_init(evh_turboshake128 *xof, evh_view seed, evh_view dst_head, evh_view dst_tail);

/* Next field elements of the stream, by rejection: an element that is not below the modulus is
 * dropped. The place of a rejected element (odds 2^-32 and 2^-59) shows in the time; the accepted
 * ones do not depend on it.
 *   out  [count]; canonical */
void evh_xof_vec_64(evh_turboshake128 *xof, evh_f64 *out, size_t count);
void evh_xof_vec_128(evh_turboshake128 *xof, evh_f128 *out, size_t count);

#endif
