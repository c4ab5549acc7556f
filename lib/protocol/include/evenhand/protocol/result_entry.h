/* SPDX-License-Identifier: Apache-2.0
 * protocol/result_entry.h: the collector's signed entry that goes with a result.json: how anybody
 * checks that a file is the result of a round.
 * Source   proto/log.proto (ResultEntry)     Tests    unit/protocol/test_result_entry.c */
#ifndef EVH_PROTOCOL_RESULT_ENTRY_H
#define EVH_PROTOCOL_RESULT_ENTRY_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/protocol/task.h"
#include "evenhand/seal/identity.h"

enum { EVH_RESULT_ENTRY_BYTES_MAX = 1 << 20 };

/* The verdict on an entry: the collector has signed it, it is about this round, and it holds the
 * hash of this very file.
 *   entry        canonical ResultEntry
 *   task_id      [EVH_TASK_ID_LEN]
 *   result_json  the file's bytes
 *   collector    pinned
 * Fails    ENCODING, LENGTH malformed; MEMORY. */
EVH_MUST_USE evh_status evh_result_entry_check(evh_seal_verdict *verdict, evh_view entry,
                                               const uint8_t *task_id, evh_view result_json,
                                               const evh_identity *collector);

#endif
