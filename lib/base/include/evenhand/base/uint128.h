/* SPDX-License-Identifier: Apache-2.0
 * base/uint128.h: 128-bit words and the platform facts the code relies on. */
#ifndef EVH_BASE_UINT128_H
#define EVH_BASE_UINT128_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#ifndef __SIZEOF_INT128__
#error "Evenhand needs a compiler with 128-bit integers"
#endif
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Evenhand is written for little-endian machines; elements are copied to the wire as they are"
#endif

__extension__ typedef unsigned __int128 evh_u128;
__extension__ typedef __int128 evh_i128;

_Static_assert(sizeof(evh_u128) == 16, "two 64-bit words");
_Static_assert(CHAR_BIT == 8, "bytes");
_Static_assert(sizeof(size_t) == 8, "64-bit sizes");
_Static_assert((-1 >> 1) == -1, "arithmetic shift of negative numbers");

#endif
