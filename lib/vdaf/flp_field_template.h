/* SPDX-License-Identifier: Apache-2.0
 * vdaf/flp_field_template.h: the table of operations of the field that as_field64.h or
 * as_field128.h names. */

static void expand(evh_turboshake128 *xof, void *out, size_t count)
{
    FE_OWN(evh_xof_vec)(xof, out, count);
}

static bool decode(void *out, const uint8_t *bytes, size_t count)
{
    return FE_NAME(vec_decode)(out, bytes, count);
}

static void add(void *target, const void *a, size_t count)
{
    FE_NAME(vec_add)(target, a, count);
}

static void sub(void *target, const void *a, size_t count)
{
    FE_NAME(vec_sub)(target, a, count);
}

/* The same on encoded vectors, which are aligned for nothing. */
static bool encoded_canonical(const uint8_t *bytes, size_t count)
{
    uint64_t all = UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        fe element = 0;
        memcpy(&element, bytes + i * sizeof element, sizeof element);
        all &= FE_NAME(equal_mask)(element, FE_NAME(canonical)(element));
    }
    evh_declassify(&all, sizeof all, "whether a share is canonical decides if it is refused");
    return all != 0;
}

static void encoded_add(uint8_t *target, const uint8_t *bytes, size_t count)
{
    for (size_t at = 0; at < count * sizeof(fe); at += sizeof(fe)) {
        fe sum = 0;
        fe summand = 0;
        memcpy(&sum, target + at, sizeof sum);
        memcpy(&summand, bytes + at, sizeof summand);
        sum = FE_NAME(add)(sum, summand);
        memcpy(target + at, &sum, sizeof sum);
    }
}

static evh_u128 encoded_integer(const uint8_t *bytes)
{
    fe element = 0;
    memcpy(&element, bytes, sizeof element);
    return FE_NAME(to_u128)(element);
}

const evh_flp_field FE_OWN(evh_flp_field) = {
    .element_bytes = FE_BYTES,
    .tables_bytes = tables_bytes,
    .prove_scratch_bytes = prove_scratch_bytes,
    .query_scratch_bytes = query_scratch_bytes,
    .tables_fill = tables_fill,
    .expand = expand,
    .decode = decode,
    .add = add,
    .sub = sub,
    .encoded_canonical = encoded_canonical,
    .encoded_add = encoded_add,
    .encoded_integer = encoded_integer,
    .encode = encode,
    .truncate = truncate_meas,
    .prove = prove,
    .query = query,
    .decide = decide,
};
