/* SPDX-License-Identifier: Apache-2.0
 * The folder of results: PLAN-ID-ROUND.json with PLAN-ID-ROUND.entry beside it. The entry is written
 * last: with it the result stands, without it nobody has seen the file. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collect_internal.h"
#include "evenhand/base/failpoint.h"
#include "evenhand/report/result.h"

enum { NAME_MAX_CHARACTERS = 60, ID_DIGITS = 8 };

evh_collect_files evh_collect_files_init(void)
{
    evh_collect_files files = {.json = evh_buffer_init(EVH_RESULT_BYTES_MAX),
                               .entry = evh_buffer_init(EVH_RESULT_ENTRY_BYTES_MAX)};
    return files;
}

void evh_collect_files_clear(evh_collect_files *files)
{
    evh_buffer_clear(&files->json);
    evh_buffer_clear(&files->entry);
}

/* A plan's name may hold anything; a file's must not. */
static void plain_name(char out[NAME_MAX_CHARACTERS + 1], const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    size_t len = 0;
    for (; name[len] != '\0' && len < NAME_MAX_CHARACTERS; len++) {
        out[len] = '_';
        if (strchr(plain, name[len]) != NULL)
            out[len] = name[len];
    }
    out[len] = '\0';
}

evh_status evh_collect_path(char out[EVH_PATH_BYTES_MAX], const evh_collect *collect,
                            const evh_collect_row *row)
{
    char name[NAME_MAX_CHARACTERS + 1];
    char id[ID_DIGITS + 1];
    plain_name(name, row->plan[0] != '\0' ? row->plan : "plan");
    evh_hex_encode(id, evh_view_of(row->plan_id, ID_DIGITS / 2));
    int len = snprintf(out, EVH_PATH_BYTES_MAX, "%s/%s-%s-%u.json", collect->folder, name, id,
                       row->round);
    if (len < 0 || len >= EVH_PATH_BYTES_MAX)
        return evh_fail(EVH_ERR_RANGE, "the path of a result is too long");
    return evh_ok();
}

static evh_status entry_path(char out[EVH_PATH_BYTES_MAX], const evh_collect_row *row)
{
    const size_t stem = strlen(row->path) - strlen(".json");
    int len = snprintf(out, EVH_PATH_BYTES_MAX, "%.*s.entry", (int)stem, row->path);
    if (len < 0 || len >= EVH_PATH_BYTES_MAX)
        return evh_fail(EVH_ERR_RANGE, "the path of a result is too long");
    return evh_ok();
}

static evh_status check_fit(const evh_collect *collect, const evh_collect_files *files,
                            const evh_collect_row *row)
{
    char shown[EVH_PATH_SHORT_LEN];
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_status status =
        evh_result_entry_check(&verdict, evh_buffer_view(&files->entry), row->task_id,
                               evh_buffer_view(&files->json), &collect->self->collector);
    if (status.code == EVH_ERR_MEMORY || verdict == EVH_SEAL_ACCEPTED)
        return status;
    evh_path_short(shown, row->path);
    return evh_fail(EVH_ERR_STORE, "%s and its .entry do not fit together: move both away", shown);
}

evh_status evh_collect_files_read(const evh_collect *collect, evh_collect_files *out, bool *found,
                                  const evh_collect_row *row)
{
    char entry[EVH_PATH_BYTES_MAX];
    evh_status status = evh_ok();
    *found = false;
    EVH_TRY(entry_path(entry, row));
    if (access(row->path, F_OK) != 0 || access(entry, F_OK) != 0)
        goto done;
    EVH_TRY(evh_file_read(&out->json, row->path));
    EVH_TRY(evh_file_read(&out->entry, entry));
    EVH_TRY(check_fit(collect, out, row));
    *found = true;
done:
    return status;
}

evh_status evh_collect_files_write(const evh_collect_files *files, const evh_collect_row *row)
{
    char entry[EVH_PATH_BYTES_MAX];
    evh_status status = evh_ok();
    EVH_TRY(entry_path(entry, row));
    EVH_TRY(evh_file_replace(row->path, evh_buffer_view(&files->json), EVH_FILE_SHARED));
    EVH_FAILPOINT("collector-between");
    EVH_TRY(evh_file_replace(entry, evh_buffer_view(&files->entry), EVH_FILE_SHARED));
done:
    return status;
}
