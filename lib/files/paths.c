/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "evenhand/files/files.h"

evh_status evh_path_resolve(char out[EVH_PATH_BYTES_MAX], const char *beside, evh_view name)
{
    evh_status status = evh_ok();
    const char *slash = NULL;
    size_t folder = 0;
    out[0] = '\0';
    EVH_REQUIRE(name.len > 0, EVH_ERR_RANGE, "an empty path; expected the name of a file");
    EVH_REQUIRE(memchr(name.data, '\0', name.len) == NULL, EVH_ERR_RANGE,
                "a path with a NUL byte; expected the name of a file");
    if (beside != NULL && name.data[0] != '/')
        slash = strrchr(beside, '/');
    if (slash != NULL)
        folder = (size_t)(slash - beside) + 1;
    EVH_REQUIRE(folder < EVH_PATH_BYTES_MAX && name.len < EVH_PATH_BYTES_MAX - folder,
                EVH_ERR_RANGE, "a path of more than %d bytes", EVH_PATH_BYTES_MAX - 1);
    if (folder > 0)
        memcpy(out, beside, folder);
    memcpy(out + folder, name.data, name.len);
    out[folder + name.len] = '\0';

done:
    return status;
}

void evh_path_short(char out[EVH_PATH_SHORT_LEN], const char *path)
{
    size_t len = strlen(path);
    if (len < EVH_PATH_SHORT_LEN) {
        memcpy(out, path, len + 1);
        return;
    }
    const char *tail = path + len - (EVH_PATH_SHORT_LEN - 1 - 3);
    while (((unsigned char)*tail & 0xC0U) == 0x80U) /* never cut inside a UTF-8 character */
        tail++;
    (void)snprintf(out, EVH_PATH_SHORT_LEN, "...%s", tail);
}
