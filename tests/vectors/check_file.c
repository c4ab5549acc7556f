/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "vectors.h"

void vector_file_name(const char *path, char name[VECTOR_NAME_LEN])
{
    const char *slash = strrchr(path, '/');
    (void)snprintf(name, VECTOR_NAME_LEN, "%s", slash != NULL ? slash + 1 : path);
    size_t len = strlen(name);
    if (len > 5 && strcmp(name + len - 5, ".json") == 0)
        name[len - 5] = '\0';
}

evh_status vector_check_file(const char *path, char summary[VECTOR_SUMMARY_LEN])
{
    evh_status status = evh_ok();
    json_t *file = NULL;
    char name[VECTOR_NAME_LEN];
    summary[0] = '\0';
    vector_file_name(path, name);
    name[strcspn(name, "_")] = '\0';
    EVH_REQUIRE(strcmp(name, "Prio3HigherDegree") != 0, EVH_ERR_TYPE, "%s is not supported", name);
    EVH_TRY(vector_load(&file, path));
    if (strcmp(name, "XofTurboShake128") == 0)
        EVH_TRY(vector_check_xof(file, summary));
    else
        EVH_TRY(vector_check_prio3(file, name, summary));
done:
    json_decref(file);
    return status;
}
