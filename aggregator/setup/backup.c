/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/aggregator/backup.h"

#include <stdio.h>
#include <unistd.h>

#include "evenhand/base/failpoint.h"
#include "evenhand/files/files.h"
#include "evenhand/store/sqlite.h"
#include "evenhand/translog/translog.h"

static evh_status mark(const char *path, uint64_t *log_size)
{
    evh_status status = evh_ok();
    evh_store *copy = NULL;
    EVH_TRY(evh_store_sqlite_open(&copy, path));
    EVH_TRY(evh_store_begin(copy));
    EVH_TRY(evh_store_put(copy, EVH_STORE_META, evh_view_of_text(EVH_BACKUP_MARK),
                          evh_view_of_text("1")));
    EVH_TRY(evh_translog_size(copy, log_size));
    EVH_TRY(evh_store_commit(copy));
done:
    evh_store_close(&copy);
    return status;
}

evh_status evh_aggregator_backup(evh_store *store, const char *path, uint64_t *log_size)
{
    evh_status status = evh_ok();
    char part[EVH_PATH_BYTES_MAX];
    bool made = false;
    *log_size = 0;
    int len = snprintf(part, sizeof part, "%s.part", path);
    EVH_REQUIRE(len > 0 && (size_t)len < sizeof part, EVH_ERR_ARG, "the path is too long");
    EVH_REQUIRE(!evh_file_exists(path), EVH_ERR_ARG,
                "the file of the backup exists and is never overwritten: choose another name");
    /* The back end writes into an empty file; one that it makes itself would be open to all. */
    EVH_TRY(evh_file_create(part, evh_view_of(NULL, 0), EVH_FILE_OWNER_ONLY));
    made = true;
    EVH_TRY(evh_store_backup(store, part));
    EVH_FAILPOINT("backup-copied");
    EVH_TRY(mark(part, log_size));
    EVH_FAILPOINT("backup-marked");
    EVH_TRY(evh_file_move_new(part, path));
    made = false;
done:
    if (made)
        (void)unlink(part);
    return status;
}
