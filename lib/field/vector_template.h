/* SPDX-License-Identifier: Apache-2.0
 * field/vector_template.h: vectors, powers and inverses of the field that as_field64.h or
 * as_field128.h names. Contracts are in field64.h and field128.h. */
#include <string.h>

#include "evenhand/base/secret.h"

void FE_NAME(vec_add)(fe *target, const fe *a, size_t count)
{
    for (size_t i = 0; i < count; i++)
        target[i] = FE_NAME(add)(target[i], a[i]);
}

void FE_NAME(vec_sub)(fe *target, const fe *a, size_t count)
{
    for (size_t i = 0; i < count; i++)
        target[i] = FE_NAME(sub)(target[i], a[i]);
}

bool FE_NAME(vec_canonical)(const fe *a, size_t count)
{
    uint64_t all = UINT64_MAX;
    for (size_t i = 0; i < count; i++)
        all &= FE_NAME(equal_mask)(a[i], FE_NAME(canonical)(a[i]));
    evh_declassify(&all, sizeof all, "whether a vector is canonical decides if it is refused");
    return all != 0;
}

bool FE_NAME(vec_decode)(fe *out, const uint8_t *bytes, size_t count)
{
    if (count == 0)
        return true;
    memcpy(out, bytes, count * sizeof *out);
    if (FE_NAME(vec_canonical)(out, count))
        return true;
    evh_wipe(out, count * sizeof *out);
    return false;
}

fe FE_NAME(weight_pow)(fe a, evh_u128 exponent)
{
    fe power = FE_NAME(weight_one)();
    for (unsigned bit = 128; bit-- > 0;) {
        power = FE_NAME(mul)(power, power);
        if (((exponent >> bit) & 1) != 0)
            power = FE_NAME(mul)(power, a);
    }
    return power;
}

/* Fermat: a^(p-2). */
fe FE_NAME(weight_inv)(fe a)
{
    return FE_NAME(weight_pow)(a, (evh_u128)FE_MODULUS - 2);
}

/* Montgomery's trick: invert the product of all, then peel one factor off at a time. */
void FE_NAME(vec_weight_inv)(fe *a, fe *scratch, size_t count)
{
    fe product = FE_NAME(weight_one)();
    for (size_t i = 0; i < count; i++) {
        scratch[i] = product;
        product = FE_NAME(mul)(product, a[i]);
    }
    fe inverse = FE_NAME(weight_inv)(product);
    for (size_t i = count; i-- > 0;) {
        fe next = FE_NAME(mul)(inverse, a[i]);
        a[i] = FE_NAME(mul)(inverse, scratch[i]);
        inverse = next;
    }
}

fe FE_NAME(root)(unsigned log)
{
    fe root = FE_NAME(to_weight)(FE_GENERATOR);
    for (unsigned i = log; i < FE_LOG_ORDER; i++)
        root = FE_NAME(mul)(root, root);
    return root;
}
