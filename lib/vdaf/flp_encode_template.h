/* SPDX-License-Identifier: Apache-2.0
 * vdaf/flp_encode_template.h: measurements into elements and back, for the field that as_field64.h
 * or as_field128.h names. Nothing branches on a value. */

/* The bits of value <= max as digits of weights 1, 2, 4, ..., 2^(bits-2) and, for the last, what is
 * missing to max. draft-irtf-cfrg-vdaf-20 section 7.4.2, encode_range_checked_int. */
static void encode_integer(const evh_flp *flp, fe *out, evh_u128 value)
{
    size_t low_digits = flp->bits - 1;
    evh_u128 low_max = ((evh_u128)1 << low_digits) - 1;
    uint64_t above = evh_opaque(value > low_max);
    uint64_t mask = 0 - above;
    evh_u128 rest = value - (evh_flp_last_weight(flp) & EVH_U128(mask, mask));
    for (size_t digit = 0; digit < low_digits; digit++)
        out[digit] = (fe)((rest >> digit) & 1);
    out[low_digits] = (fe)above;
}

/* 1 in the place of the value and 0 elsewhere. */
static void encode_bucket(const evh_flp *flp, fe *out, evh_u128 value)
{
    uint64_t bucket = (uint64_t)value;
    for (uint64_t i = 0; i < flp->length; i++)
        out[i] = (fe)(FE_NAME(equal_mask)((fe)i, (fe)bucket) & 1);
}

static void encode_bits(const evh_flp *flp, fe *out, const evh_u128 *values)
{
    evh_u128 weight = 0;
    for (size_t i = 0; i < flp->length; i++) {
        out[i] = (fe)values[i];
        weight += values[i];
    }
    encode_integer(flp, out + flp->length, weight);
}

static void encode(const evh_flp *flp, void *out, const evh_u128 *values)
{
    fe *meas = out;
    if (flp->kind == EVH_PRIO3_HISTOGRAM) {
        encode_bucket(flp, meas, values[0]);
    } else if (flp->kind == EVH_PRIO3_MULTIHOT_COUNT) {
        encode_bits(flp, meas, values);
    } else {
        for (size_t i = 0; i < flp->length; i++)
            encode_integer(flp, meas + i * flp->bits, values[i]);
    }
}

/* The weighted sum of an integer's digits, by doubling from the highest power of two down. */
static fe decode_integer(const evh_flp *flp, const fe *digits)
{
    const flp_tables *tables = flp->tables;
    fe value = 0;
    for (size_t digit = flp->bits - 1; digit-- > 0;)
        value = FE_NAME(add)(FE_NAME(add)(value, value), digits[digit]);
    return FE_NAME(add)(value, FE_NAME(mul)(tables->last_weight, digits[flp->bits - 1]));
}

static void truncate_meas(const evh_flp *flp, void *out, const void *meas)
{
    const fe *elements = meas;
    fe *result = out;
    bool integers = flp->kind != EVH_PRIO3_HISTOGRAM && flp->kind != EVH_PRIO3_MULTIHOT_COUNT;
    for (size_t i = 0; i < flp->output_len; i++)
        result[i] = integers ? decode_integer(flp, elements + i * flp->bits) : elements[i];
}
