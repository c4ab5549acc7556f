/* SPDX-License-Identifier: Apache-2.0
 * vdaf-vectors FILE...: checks published test vectors against lib/vdaf. */
#include <stdio.h>

#include "evenhand/base/secret.h"
#include "vectors.h"

int main(int argc, char **argv)
{
    bool all = argc > 1;
    if (!all)
        (void)fputs("Usage: vdaf-vectors FILE...\n"
                    "Checks test vectors for Prio3 and XofTurboShake128, one line per file.\n",
                    stderr);
    if (evh_base_start().code != EVH_OK)
        return evh_code_info(EVH_ERR_RNG)->exit;
    for (int i = 1; i < argc; i++) {
        char name[VECTOR_NAME_LEN];
        char summary[VECTOR_SUMMARY_LEN];
        vector_file_name(argv[i], name);
        evh_status status = vector_check_file(argv[i], summary);
        if (status.code == EVH_OK)
            (void)printf("ok %s (%s)\n", name, summary);
        else
            (void)printf("FAIL %s: %s\n", name, status.text);
        all = all && status.code == EVH_OK;
    }
    if (argc < 2)
        return evh_code_info(EVH_ERR_ARG)->exit;
    return all && fflush(stdout) == 0 ? 0 : 1;
}
