/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/fairness/trend.h"

static bool meet(const evh_interval *a, const evh_interval *b)
{
    if (a->withheld != EVH_SHOWN || b->withheld != EVH_SHOWN)
        return true;
    return a->low <= b->high && b->low <= a->high;
}

bool evh_trend_mark(evh_trend_point *points, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        points[i].drifted = false;
        points[i].since = 0;
        for (size_t j = 0; j < i; j++) {
            if (meet(&points[i].gap.simultaneous, &points[j].gap.simultaneous))
                continue;
            points[i].drifted = true;
            points[i].since = points[j].round;
        }
    }
    return count > 0 && points[count - 1].drifted;
}
