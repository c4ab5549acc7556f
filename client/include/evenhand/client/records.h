/* SPDX-License-Identifier: Apache-2.0
 * client/records.h: where a customer's records are and what their columns are called.
 * Source   docs/customer/commands.md, "Records"
 * Memory   owns its names                    Tests    unit/client/test_records.c */
#ifndef EVH_CLIENT_RECORDS_H
#define EVH_CLIENT_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/status.h"
#include "evenhand/config/config.h"
#include "evenhand/input/rows.h"
#include "evenhand/plan/plan.h"

#define EVH_RECORDS_NO_COLUMN UINT32_MAX

/* Read the members; make it with evh_records_make. */
typedef struct evh_records {
    char *path;
    evh_input_format format;
    evh_input_column *columns; /* [column_count], names owned by `names` */
    char **names;
    size_t column_count;
    size_t column_capacity;
    uint32_t unit, truth;
    uint32_t estimate; /* the first of [estimate_count]: one per model, none for events */
    size_t estimate_count;
    uint32_t time; /* EVH_RECORDS_NO_COLUMN when the plan has no window */
    uint32_t
        *attributes; /* [attribute_count] of the plan; EVH_RECORDS_NO_COLUMN: made from another */
    size_t attribute_count;
    const evh_config_data *config; /* borrowed; NULL without a configuration */
} evh_records;

/* Which columns the plan needs and what they are called.
 *   config  NULL: every column has the name of its role; spellings are those of the plan, and as
 *           many may fall to _other as want to
 *   path    copied
 *   format  NULL: the configuration's; without one by the name's end (.jsonl, .ndjson), else csv,
 *           or a manifest when the transcript columns of its first row name .trn, .txt or .json
 *           files
 * Fails    INPUT, MEMORY; *out is then empty */
EVH_MUST_USE evh_status evh_records_make(evh_records *out, const evh_plan *plan,
                                         const evh_config_data *config, const char *path,
                                         const char *format);

/* Frees; leaves it empty. All zero is empty. */
void evh_records_clear(evh_records *records);

#endif
