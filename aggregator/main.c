/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "evenhand/aggregator/program.h"
#include "evenhand/base/secret.h"

int main(int argc, char **argv)
{
    evh_status status = evh_base_start();
    if (status.code == EVH_OK)
        status = evh_forbid_core_dumps();
    if (status.code != EVH_OK) {
        (void)fprintf(stderr, "evenhand-aggregator: %s\n", status.text);
        return evh_code_info(status.code)->exit;
    }
    return evh_aggregator_run(EVH_VERSION, argc, argv, stdout, stderr);
}
