/* SPDX-License-Identifier: Apache-2.0
 * Follows draft-irtf-cfrg-vdaf-20 sections 7.3 and 7.4 literally. */
#include "reference.h"

#include <stdlib.h>

#include "evenhand/field/field128.h"
#include "evenhand/field/field64.h"
#include "support/test.h"

evh_u128 ref_add(const ref_flp *ref, evh_u128 a, evh_u128 b)
{
    return a >= ref->modulus - b ? a - (ref->modulus - b) : a + b;
}

evh_u128 ref_sub(const ref_flp *ref, evh_u128 a, evh_u128 b)
{
    return a >= b ? a - b : ref->modulus - (b - a);
}

evh_u128 ref_mul(const ref_flp *ref, evh_u128 a, evh_u128 b)
{
    evh_u128 product = 0;
    if (ref->modulus == EVH_F64_MODULUS)
        return (a * b) % ref->modulus;
    for (unsigned bit = 128; bit-- > 0;) {
        product = ref_add(ref, product, product);
        if (((b >> bit) & 1) != 0)
            product = ref_add(ref, product, a);
    }
    return product;
}

evh_u128 ref_pow(const ref_flp *ref, evh_u128 a, evh_u128 exponent)
{
    evh_u128 power = 1;
    for (; exponent != 0; exponent >>= 1) {
        if ((exponent & 1) != 0)
            power = ref_mul(ref, power, a);
        a = ref_mul(ref, a, a);
    }
    return power;
}

evh_u128 ref_inv(const ref_flp *ref, evh_u128 a)
{
    return ref_pow(ref, a, ref->modulus - 2);
}

ref_flp ref_flp_of(evh_field_id field, const evh_flp *shape)
{
    bool narrow = field == EVH_FIELD_64;
    ref_flp ref = {.modulus = evh_field_modulus(field), .shape = shape, .p = 1};
    evh_u128 generator = narrow ? EVH_F64_GENERATOR : EVH_F128_GENERATOR;
    unsigned log = narrow ? EVH_F64_LOG_ORDER : EVH_F128_LOG_ORDER;
    while (ref.p < shape->calls + 1)
        ref.p *= 2;
    for (size_t order = ref.p; order > 1; order /= 2)
        log--;
    ref.root_p = ref_pow(&ref, generator, (evh_u128)1 << log);
    ref.root_2p = ref_pow(&ref, generator, (evh_u128)1 << (log - 1));
    return ref;
}

/* The Lagrange weights at t of the points root^i, i < n; release with free. */
static evh_u128 *lagrange_weights(const ref_flp *ref, evh_u128 root, size_t n, evh_u128 t)
{
    evh_u128 *points = calloc(n, sizeof *points);
    evh_u128 *weights = calloc(n, sizeof *weights);
    assert_non_null(points);
    assert_non_null(weights);
    points[0] = 1;
    for (size_t i = 1; i < n; i++)
        points[i] = ref_mul(ref, points[i - 1], root);
    for (size_t i = 0; i < n; i++) {
        evh_u128 above = 1;
        evh_u128 below = 1;
        for (size_t j = 0; j < n; j++) {
            if (j == i)
                continue;
            above = ref_mul(ref, above, ref_sub(ref, t, points[j]));
            below = ref_mul(ref, below, ref_sub(ref, points[i], points[j]));
        }
        weights[i] = above == 0 ? 0 : ref_mul(ref, above, ref_inv(ref, below));
    }
    free(points);
    return weights;
}

static evh_u128 weighted_sum(const ref_flp *ref, const evh_u128 *weights, const evh_u128 *values,
                             size_t n)
{
    evh_u128 sum = 0;
    for (size_t i = 0; i < n; i++)
        if (weights[i] != 0)
            sum = ref_add(ref, sum, ref_mul(ref, weights[i], values[i]));
    return sum;
}

evh_u128 ref_digit_weight(const ref_flp *ref, size_t digit)
{
    const evh_flp *shape = ref->shape;
    evh_u128 power = (evh_u128)1 << digit;
    return digit + 1 < shape->bits ? power : shape->max - (power - 1);
}

/* The wires' values, [arity][p] in one array: seed, inputs of the calls, zeros. */
static evh_u128 *fill_wires(const ref_flp *ref, const evh_u128 *meas, const evh_u128 *seeds,
                            const evh_u128 *joint_rand, uint32_t shares)
{
    const evh_flp *shape = ref->shape;
    evh_u128 *wires = calloc(shape->arity * ref->p, sizeof *wires);
    evh_u128 share = ref_inv(ref, shares);
    assert_non_null(wires);
    for (size_t wire = 0; wire < shape->arity; wire++)
        wires[wire * ref->p] = seeds[wire];
    for (size_t call = 0; call < shape->calls; call++) {
        evh_u128 *input = wires + call + 1;
        if (shape->gadget != EVH_FLP_CHUNK) {
            for (size_t wire = 0; wire < shape->arity; wire++)
                input[wire * ref->p] = meas[call];
            continue;
        }
        evh_u128 power = joint_rand[call];
        for (size_t j = 0; j < shape->chunk; j++) {
            size_t index = call * shape->chunk + j;
            evh_u128 x = index < shape->meas_len ? meas[index] : 0;
            input[2 * j * ref->p] = ref_mul(ref, power, x);
            input[(2 * j + 1) * ref->p] = ref_sub(ref, x, share);
            power = ref_mul(ref, power, joint_rand[call]);
        }
    }
    return wires;
}

static evh_u128 gadget(const ref_flp *ref, const evh_u128 *inputs)
{
    const evh_flp *shape = ref->shape;
    if (shape->gadget == EVH_FLP_BIT)
        return ref_sub(ref, ref_mul(ref, inputs[0], inputs[0]), inputs[0]);
    evh_u128 sum = 0;
    for (size_t j = 0; j < shape->arity; j += 2)
        sum = ref_add(ref, sum, ref_mul(ref, inputs[j], inputs[j + 1]));
    return sum;
}

static void wires_at(const ref_flp *ref, evh_u128 *out, const evh_u128 *wires, evh_u128 t)
{
    evh_u128 *weights = lagrange_weights(ref, ref->root_p, ref->p, t);
    for (size_t wire = 0; wire < ref->shape->arity; wire++)
        out[wire] = weighted_sum(ref, weights, wires + wire * ref->p, ref->p);
    free(weights);
}

void ref_prove(const ref_flp *ref, evh_u128 *proof, const evh_u128 *meas,
               const evh_u128 *prove_rand, const evh_u128 *joint_rand)
{
    size_t arity = ref->shape->arity;
    evh_u128 *wires = fill_wires(ref, meas, prove_rand, joint_rand, 1);
    evh_u128 *inputs = calloc(arity, sizeof *inputs);
    evh_u128 point = 1;
    assert_non_null(inputs);
    for (size_t wire = 0; wire < arity; wire++)
        proof[wire] = prove_rand[wire];
    for (size_t i = 0; i < 2 * ref->p - 1; i++) {
        wires_at(ref, inputs, wires, point);
        proof[arity + i] = gadget(ref, inputs);
        point = ref_mul(ref, point, ref->root_2p);
    }
    free(inputs);
    free(wires);
}

/* The gadget polynomial, of degree at most 2p - 2, at any point. */
static evh_u128 gadget_poly_at(const ref_flp *ref, const evh_u128 *proof, evh_u128 t)
{
    size_t n = 2 * ref->p - 1;
    const evh_u128 *values = proof + ref->shape->arity;
    evh_u128 point = 1;
    for (size_t i = 0; i < n; i++) {
        if (point == t)
            return values[i];
        point = ref_mul(ref, point, ref->root_2p);
    }
    evh_u128 *weights = lagrange_weights(ref, ref->root_2p, n, t);
    evh_u128 value = weighted_sum(ref, weights, values, n);
    free(weights);
    return value;
}

static evh_u128 digits_value(const ref_flp *ref, const evh_u128 *digits)
{
    evh_u128 sum = 0;
    for (size_t digit = 0; digit < ref->shape->bits; digit++)
        sum = ref_add(ref, sum, ref_mul(ref, ref_digit_weight(ref, digit), digits[digit]));
    return sum;
}

/* The circuit's outputs, with the gadget's outputs taken from the proof. */
static void evaluate_circuit(const ref_flp *ref, evh_u128 *out, const evh_u128 *meas,
                             const evh_u128 *proof)
{
    const evh_flp *shape = ref->shape;
    evh_u128 range = 0;
    evh_u128 weight = 0;
    for (size_t call = 0; call < shape->calls; call++) {
        evh_u128 value = gadget_poly_at(ref, proof, ref_pow(ref, ref->root_p, call + 1));
        range = ref_add(ref, range, value);
        if (shape->gadget == EVH_FLP_BIT)
            out[call] = value;
    }
    if (shape->gadget == EVH_FLP_BIT)
        return;
    for (size_t i = 0; i < shape->length; i++)
        weight = ref_add(ref, weight, meas[i]);
    out[0] = shape->gadget == EVH_FLP_SQUARE ? ref_sub(ref, range, meas[0]) : range;
    if (shape->kind == EVH_PRIO3_HISTOGRAM)
        out[1] = ref_sub(ref, weight, ref_inv(ref, shape->shares));
    if (shape->kind == EVH_PRIO3_MULTIHOT_COUNT)
        out[1] = ref_sub(ref, weight, digits_value(ref, meas + shape->length));
}

bool ref_query(const ref_flp *ref, evh_u128 *verifier, const evh_u128 *meas, const evh_u128 *proof,
               const evh_u128 *query_rand, const evh_u128 *joint_rand)
{
    const evh_flp *shape = ref->shape;
    evh_u128 t = query_rand[shape->eval_len > 1 ? shape->eval_len : 0];
    if (ref_pow(ref, t, ref->p) == 1)
        return false;
    evh_u128 *outputs = calloc(shape->eval_len, sizeof *outputs);
    evh_u128 *wires = fill_wires(ref, meas, proof, joint_rand, shape->shares);
    assert_non_null(outputs);
    evaluate_circuit(ref, outputs, meas, proof);
    verifier[0] = outputs[0];
    if (shape->eval_len > 1) {
        verifier[0] = 0;
        for (size_t i = 0; i < shape->eval_len; i++)
            verifier[0] = ref_add(ref, verifier[0], ref_mul(ref, query_rand[i], outputs[i]));
    }
    wires_at(ref, verifier + 1, wires, t);
    verifier[shape->arity + 1] = gadget_poly_at(ref, proof, t);
    free(wires);
    free(outputs);
    return true;
}

bool ref_decide(const ref_flp *ref, const evh_u128 *verifier)
{
    return verifier[0] == 0 && gadget(ref, verifier + 1) == verifier[ref->shape->arity + 1];
}
