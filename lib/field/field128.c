/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/field/as_field128.h"
#include "vector_template.h"

/* The columns add up to low + 2^128 high + 2^256 over. Divided by 2^128, the last term is
 * over * 2^128, that is over * (28 * 2^64 - 1). */
evh_f128 evh_f128_acc_reduce(const evh_f128_acc *acc)
{
    evh_u128 low = 0;
    evh_u128 high = 0;
    uint64_t carry = __builtin_add_overflow(acc->low, acc->middle << 64, &low);
    uint64_t over = acc->high_over;
    evh_u128 small = (acc->middle >> 64) + ((evh_u128)acc->middle_over << 64) + acc->low_over;
    over += __builtin_add_overflow(acc->high, small, &high);
    over += __builtin_add_overflow(high, carry, &high);
    evh_f128 reduced = evh_f128_redc(low, evh_f128_canonical(high));
    return evh_f128_add(reduced, over * EVH_F128_FOLD);
}
