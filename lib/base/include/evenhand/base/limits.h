/* SPDX-License-Identifier: Apache-2.0
 * base/limits.h: every ceiling on what comes from outside, in one place. */
#ifndef EVH_BASE_LIMITS_H
#define EVH_BASE_LIMITS_H

enum {
    EVH_PLAN_BYTES_MAX = 1 << 20,    /* a plan or configuration file */
    EVH_PLAN_CELLS_MAX = 65536,      /* cells of one plan, all releases together */
    EVH_PLAN_CELL_BITS_MAX = 40,     /* range of one customer's noised cell */
    EVH_KEY_FILE_BYTES_MAX = 16384,  /* a key or certificate file */
    EVH_VDAF_CTX_BYTES_MAX = 65000,  /* application context: its length must fit two bytes */
    EVH_VDAF_SHARES_MAX = 255,       /* Prio3 aggregators */
    EVH_VDAF_MEAS_LEN_MAX = 1 << 22, /* field elements of one encoded measurement */
    EVH_REPORT_BYTES_MAX = 64 << 20, /* one report, sealed */
    EVH_CLIENTS_MAX = 1000000        /* customers of one round */
};

#endif
