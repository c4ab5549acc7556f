/* SPDX-License-Identifier: Apache-2.0
 * A file system under SQLite that fails at its n-th change: the process dies, the power goes, or
 * the disk is full. */
#ifndef EVH_UNIT_LEDGER_FAULT_VFS_H
#define EVH_UNIT_LEDGER_FAULT_VFS_H

typedef enum fault_kind {
    FAULT_KILL,       /* the process dies before the change */
    FAULT_TORN_WRITE, /* it dies in the middle of a write */
    FAULT_POWER,      /* everything not synced is lost, or some of it (by chance) */
    FAULT_FULL,       /* this change and all after it fail: no space */
    FAULT_READ_ONLY   /* the same: not permitted */
} fault_kind;

enum { FAULT_EXIT = 99 };

/* Makes it SQLite's default file system of this process; meant for a forked child. */
void fault_vfs_install(fault_kind kind, unsigned step, unsigned seed);

/* Changes seen so far. */
unsigned fault_vfs_steps(void);

#endif
