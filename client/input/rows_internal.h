/* SPDX-License-Identifier: Apache-2.0
 * input/rows_internal.h: what each format brings to the one interface. */
#ifndef EVH_INPUT_ROWS_INTERNAL_H
#define EVH_INPUT_ROWS_INTERNAL_H

#include "evenhand/base/status.h"
#include "evenhand/input/rows.h"

/* One format's reader. */
typedef struct evh_input_reader {
    /* As evh_input_rows_next, but not asked again after END or a failure; *failure is written, and
     * false returned, on failure only. */
    bool (*next)(void *self, evh_input_event *event, evh_input_row *row, evh_status *failure);
    void (*free)(void *self);
    void *self;
} evh_input_reader;

/* Each makes a reader; on failure *out is all zero. Failures as in evh_input_rows_new. */
EVH_MUST_USE evh_status evh_input_csv_new(evh_input_reader *out, const evh_input_options *options);
EVH_MUST_USE evh_status evh_input_jsonl_new(evh_input_reader *out,
                                            const evh_input_options *options);
EVH_MUST_USE evh_status evh_input_manifest_new(evh_input_reader *out,
                                               const evh_input_options *options);

#endif
