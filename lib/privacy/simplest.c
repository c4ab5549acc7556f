/* SPDX-License-Identifier: Apache-2.0 */
#include "simplest_internal.h"

#include <math.h>

enum { DIGITS_MAX = 48 };

/* Continued fractions: as long as both ends have the same whole part it belongs to the answer;
 * where they part, the smallest whole number between them ends it. The convergents num/den and
 * before are built as the digits come. */
bool evh_simplest_rational(double low, double high, evh_rational *out)
{
    double num = 1;
    double den = 0;
    double num_before = 0;
    double den_before = 1;
    for (int i = 0; i < DIGITS_MAX; i++) {
        double digit = ceil(low);
        bool last = digit <= high;
        if (!last)
            digit = floor(low);
        double next_num = digit * num + num_before;
        double next_den = digit * den + den_before;
        num_before = num;
        den_before = den;
        num = next_num;
        den = next_den;
        if (!(num <= UINT32_MAX && den <= UINT32_MAX))
            return false;
        if (last) {
            out->num = (uint32_t)num;
            out->den = (uint32_t)den;
            return num >= 1 && den >= 1;
        }
        double swap = 1 / (low - digit);
        low = 1 / (high - digit);
        high = swap;
    }
    return false;
}
