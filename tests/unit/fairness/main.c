/* SPDX-License-Identifier: Apache-2.0 */
#include "tests.h"

const evh_metric *metric_of(evh_cell_layout layout, const char *name)
{
    const evh_metric *metric = evh_metric_find(layout, evh_view_of_text(name));
    if (metric == NULL)
        fail_msg("no metric %s", name);
    return metric;
}

int main(void)
{
    return run_compas_tests() + run_estimate_tests() + run_evaluation_tests() + run_local_tests() +
           run_named_tests() + run_spread_tests();
}
