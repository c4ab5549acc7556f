/* SPDX-License-Identifier: Apache-2.0
 * vectors/prio3_vector.h: one Prio3 file while its operations are carried out. */
#ifndef EVH_VECTORS_PRIO3_VECTOR_H
#define EVH_VECTORS_PRIO3_VECTOR_H

#include "evenhand/vdaf/prio3.h"
#include "vectors.h"

typedef struct prio3_vector {
    const json_t *file;
    evh_prio3 *prio3;
    evh_prio3_workspace *workspace;
    evh_buffer ctx;
    evh_buffer verify_key;
    evh_buffer agg_param;
    json_t *reports;
    evh_buffer *states; /* [reports * shares], empty until verify_init */
    size_t report_count;
} prio3_vector;

/* Makes the instance that the name and the file's parameters describe. Fails TYPE not supported;
 * INPUT, RANGE. */
EVH_MUST_USE evh_status prio3_vector_instance(const json_t *file, const char *name,
                                              evh_prio3 **out);

/* One operation of a report or of the batch. */
typedef struct prio3_operation {
    const json_t *report; /* NULL for aggregate and unshard */
    size_t report_index;
    uint32_t agg_id;
    uint64_t round;
    bool success; /* what the file says */
} prio3_operation;

/* Each carries out one operation. *outcome is what the library said: OK, its failure, or REFUSED
 * for a verdict. If that is OK, the results are compared with the file's. Fails INPUT if the file
 * is malformed or a result differs. */
typedef evh_status prio3_step(prio3_vector *vector, const prio3_operation *operation,
                              evh_status *outcome);
prio3_step prio3_vector_shard;
prio3_step prio3_vector_verify_init;
prio3_step prio3_vector_shares_to_message;
prio3_step prio3_vector_verify_next;
prio3_step prio3_vector_aggregate;
prio3_step prio3_vector_unshard;

#endif
