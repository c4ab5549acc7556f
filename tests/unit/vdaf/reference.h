/* SPDX-License-Identifier: Apache-2.0
 * unit/vdaf/reference.h: the proof system once more, from the text of the draft and without any of
 * the shortcuts: integers modulo p by doubling and adding, polynomials by plain Lagrange sums.
 * It is an oracle for the tests; it also proves invalid encodings, as a dishonest client would. */
#ifndef EVH_UNIT_VDAF_REFERENCE_H
#define EVH_UNIT_VDAF_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "evenhand/base/uint128.h"
#include "flp_internal.h"

typedef struct ref_flp {
    evh_u128 modulus;
    const evh_flp *shape; /* only its lengths and parameters are used */
    size_t p;             /* points of a wire polynomial */
    evh_u128 root_p;      /* principal p-th root of unity */
    evh_u128 root_2p;
} ref_flp;

ref_flp ref_flp_of(evh_field_id field, const evh_flp *shape);

evh_u128 ref_add(const ref_flp *ref, evh_u128 a, evh_u128 b);
evh_u128 ref_sub(const ref_flp *ref, evh_u128 a, evh_u128 b);
evh_u128 ref_mul(const ref_flp *ref, evh_u128 a, evh_u128 b);
evh_u128 ref_pow(const ref_flp *ref, evh_u128 a, evh_u128 exponent);
evh_u128 ref_inv(const ref_flp *ref, evh_u128 a);

/* The weights of an integer's digits. */
evh_u128 ref_digit_weight(const ref_flp *ref, size_t digit);

/* A proof of whatever meas holds, true or not. */
void ref_prove(const ref_flp *ref, evh_u128 *proof, const evh_u128 *meas,
               const evh_u128 *prove_rand, const evh_u128 *joint_rand);

/* False if the query point is a p-th root of unity. */
bool ref_query(const ref_flp *ref, evh_u128 *verifier, const evh_u128 *meas, const evh_u128 *proof,
               const evh_u128 *query_rand, const evh_u128 *joint_rand);

bool ref_decide(const ref_flp *ref, const evh_u128 *verifier);

#endif
