/* SPDX-License-Identifier: Apache-2.0
 * aggregator/intake.h: a report put together from the chunks of an upload. Nothing is kept before
 * it is known how much the round admits: the first bytes name the round.
 * Source   proto/service.proto (UploadChunk), proto/report.proto (Report)
 * Secret   nothing: shares are sealed           Threads  values
 * Memory   one report, of the size that its first chunk has announced and the round admits
 * Tests    unit/aggregator/test_intake.c */
#ifndef EVH_AGGREGATOR_INTAKE_H
#define EVH_AGGREGATOR_INTAKE_H

#include "evenhand/aggregator/aggregator.h"

enum {
    EVH_CHUNK_BYTES_MAX = 1 << 20, /* data of one chunk */
    EVH_CHUNK_MESSAGE_BYTES_MAX = EVH_CHUNK_BYTES_MAX + 64
};

/* How many bytes a report of a round has at most.
 * Fails    as the upload of any report of that round would */
typedef evh_status (*evh_intake_admits)(void *context, const uint8_t task_id[EVH_TASK_ID_LEN],
                                        size_t *bytes_max);

typedef struct evh_intake {
    evh_buffer report;
    size_t total; /* announced; 0 before the first chunk */
    bool admitted;
    evh_intake_admits admits;
    void *context;
} evh_intake;

/* An intake without a chunk; allocates nothing. */
evh_intake evh_intake_start(evh_intake_admits admits, void *context);

/* Takes the next chunk.
 *   chunk  canonical UploadChunk
 * Fails    ENCODING malformed, a total in a later chunk, or bytes that are no report's beginning;
 *          LENGTH no total, a total over what the round admits, a chunk without data; TRAILING more
 *          data than announced; MEMORY; as admits */
EVH_MUST_USE evh_status evh_intake_take(evh_intake *intake, evh_view chunk);

/* The whole report, borrowed. Fails LENGTH when something is missing. */
EVH_MUST_USE evh_status evh_intake_end(const evh_intake *intake, evh_view *report);

/* Wipes and frees. */
void evh_intake_clear(evh_intake *intake);

#endif
