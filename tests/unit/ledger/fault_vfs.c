/* SPDX-License-Identifier: Apache-2.0 */
#include "fault_vfs.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a write that was not synced yet covered up. */
typedef struct undo {
    struct undo *older;
    sqlite3_file *file;
    sqlite3_int64 offset, old_size;
    int len; /* bytes kept; 0 for a truncation */
    unsigned char bytes[];
} undo;

typedef struct shim_file {
    sqlite3_file base;
    sqlite3_file *real; /* right behind this struct */
} shim_file;

static struct {
    sqlite3_vfs shim;
    sqlite3_vfs *real;
    fault_kind kind;
    unsigned step, steps;
    unsigned random;
    undo *newest;
} state;

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((shim_file *)file)->real;
}

static void undo_everything(void)
{
    for (undo *u = state.newest; u != NULL; u = u->older) {
        state.random = state.random * 1103515245U + 12345U;
        if (((state.random >> 16) & 3U) == 0) /* a quarter had reached the disk anyhow */
            continue;
        if (u->len > 0)
            (void)u->file->pMethods->xWrite(u->file, u->bytes, u->len, u->offset);
        (void)u->file->pMethods->xTruncate(u->file, u->old_size);
    }
}

/* Counts a change; gives an error code when it is to fail. Does not return when the process dies.
 */
static int change(sqlite3_file *file, const void *data, int len, sqlite3_int64 offset)
{
    state.steps++;
    if (state.steps < state.step)
        return SQLITE_OK;
    if (state.kind == FAULT_FULL)
        return SQLITE_FULL;
    if (state.kind == FAULT_READ_ONLY)
        return SQLITE_READONLY;
    if (state.kind == FAULT_TORN_WRITE && data != NULL)
        (void)file->pMethods->xWrite(file, data, len / 2, offset);
    if (state.kind == FAULT_POWER)
        undo_everything();
    _exit(FAULT_EXIT);
}

static void remember(sqlite3_file *file, int len, sqlite3_int64 offset)
{
    undo *u = malloc(sizeof *u + (size_t)len);
    if (u == NULL)
        abort();
    *u = (undo){.older = state.newest, .file = file, .offset = offset};
    (void)file->pMethods->xFileSize(file, &u->old_size);
    if (offset < u->old_size) {
        sqlite3_int64 covered = u->old_size - offset;
        u->len = covered < len ? (int)covered : len;
        (void)file->pMethods->xRead(file, u->bytes, u->len, offset);
    }
    state.newest = u;
}

static void forget(const sqlite3_file *file)
{
    for (undo **at = &state.newest; *at != NULL;) {
        undo *u = *at;
        if (u->file != file) {
            at = &u->older;
            continue;
        }
        *at = u->older;
        free(u);
    }
}

static int shim_close(sqlite3_file *file)
{
    forget(real_of(file));
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int shim_read(sqlite3_file *file, void *out, int len, sqlite3_int64 offset)
{
    return real_of(file)->pMethods->xRead(real_of(file), out, len, offset);
}

static int shim_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 offset)
{
    sqlite3_file *real = real_of(file);
    int code = change(real, data, len, offset);
    if (code != SQLITE_OK)
        return code;
    remember(real, len, offset);
    return real->pMethods->xWrite(real, data, len, offset);
}

static int shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    sqlite3_file *real = real_of(file);
    int code = change(real, NULL, 0, 0);
    return code != SQLITE_OK ? code : real->pMethods->xTruncate(real, size);
}

static int shim_sync(sqlite3_file *file, int flags)
{
    sqlite3_file *real = real_of(file);
    int code = change(real, NULL, 0, 0);
    if (code != SQLITE_OK)
        return code;
    forget(real);
    return real->pMethods->xSync(real, flags);
}

static int shim_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int shim_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int shim_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int shim_check_lock(sqlite3_file *file, int *out)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}

static int shim_control(sqlite3_file *file, int operation, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int shim_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int shim_device(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int shim_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}

static int shim_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}

static void shim_shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int shim_shm_unmap(sqlite3_file *file, int remove)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_check_lock,
    .xFileControl = shim_control,
    .xSectorSize = shim_sector,
    .xDeviceCharacteristics = shim_device,
    .xShmMap = shim_shm_map,
    .xShmLock = shim_shm_lock,
    .xShmBarrier = shim_shm_barrier,
    .xShmUnmap = shim_shm_unmap,
};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    shim_file *shim = (shim_file *)file;
    shim->real = (sqlite3_file *)(shim + 1);
    int code = state.real->xOpen(state.real, name, shim->real, flags, out);
    file->pMethods = shim->real->pMethods != NULL ? &methods : NULL;
    return code;
}

static int shim_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    (void)vfs;
    int code = change(NULL, NULL, 0, 0);
    return code != SQLITE_OK ? code : state.real->xDelete(state.real, name, sync_folder);
}

void fault_vfs_install(fault_kind kind, unsigned step, unsigned seed)
{
    state.real = sqlite3_vfs_find(NULL);
    state.kind = kind;
    state.step = step;
    state.random = seed;
    state.shim = *state.real;
    state.shim.zName = "fault";
    state.shim.szOsFile = (int)sizeof(shim_file) + state.real->szOsFile;
    state.shim.xOpen = shim_open;
    state.shim.xDelete = shim_delete;
    if (sqlite3_vfs_register(&state.shim, 1) != SQLITE_OK)
        abort();
}

unsigned fault_vfs_steps(void)
{
    return state.steps;
}
