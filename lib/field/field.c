/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/field/field.h"

#include "evenhand/field/chunk.h"
#include "evenhand/field/field128.h"
#include "evenhand/field/field64.h"

size_t evh_field_element_bytes(evh_field_id field)
{
    return field == EVH_FIELD_64 ? EVH_F64_BYTES : EVH_F128_BYTES;
}

evh_u128 evh_field_modulus(evh_field_id field)
{
    return field == EVH_FIELD_64 ? EVH_F64_MODULUS : EVH_F128_MODULUS;
}

bool evh_field_sum_fits(evh_field_id field, uint64_t count, evh_u128 max)
{
    evh_u128 sum = 0;
    return !__builtin_mul_overflow((evh_u128)count, max, &sum) && sum < evh_field_modulus(field);
}

/* Elements of the proof that depend on k, without the constant: 2c + 2p. */
static evh_u128 proof_cost(uint64_t encoded_len, unsigned k)
{
    uint64_t calls = ((uint64_t)1 << k) - 1;
    uint64_t chunk = encoded_len / calls + (encoded_len % calls != 0);
    return (evh_u128)2 * chunk + ((evh_u128)2 << k);
}

uint64_t evh_chunk_length(uint64_t encoded_len)
{
    if (encoded_len == 0)
        return 1;
    unsigned best = 1;
    while (best < 62 && proof_cost(encoded_len, best + 1) <= proof_cost(encoded_len, best))
        best++;
    uint64_t calls = ((uint64_t)2 << best) - 1;
    return encoded_len / calls + (encoded_len % calls != 0);
}
