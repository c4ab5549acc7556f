/* SPDX-License-Identifier: Apache-2.0
 * vdaf/keccak_internal.h: the permutation under TurboSHAKE128.
 * Source   FIPS 202 section 3 (Keccak-p[1600, 12]: the last 12 of Keccak-f's 24 rounds) */
#ifndef EVH_VDAF_KECCAK_INTERNAL_H
#define EVH_VDAF_KECCAK_INTERNAL_H

#include <stdint.h>

/* Permutes 25 lanes, lane x + 5y at index x + 5y. */
void evh_keccak_p1600_12(uint64_t lanes[25]);

#endif
