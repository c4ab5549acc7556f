/* SPDX-License-Identifier: Apache-2.0
 * What the parts of the leader's driver use of each other. */
#ifndef EVH_AGGREGATOR_DRIVE_INTERNAL_H
#define EVH_AGGREGATOR_DRIVE_INTERNAL_H

#include "evenhand/aggregator/drive.h"
#include "round_internal.h"

typedef struct evh_drive_pass {
    const evh_aggregator *self;
    const evh_peer *helper;
    evh_drive *drive;
    evh_drive_outcome *outcome;
    evh_buffer request, response;
    bool stopped;
    bool helper_lost_keys; /* the last call failed because the helper has no keys for it */
} evh_drive_pass;

/* Calls a method of the helper: request to response. */
EVH_MUST_USE evh_status evh_drive_call(evh_drive_pass *p, const char *path);

/* Publishes the log and has all of it cosigned. */
EVH_MUST_USE evh_status evh_drive_cosign(evh_drive_pass *p);

/* A store that is behind its own published log gets from the helper what it has lost. */
EVH_MUST_USE evh_status evh_drive_recover(evh_drive_pass *p);

/* Now; 0 for a clock before 1970. */
uint64_t evh_drive_now_ms(const evh_aggregator *self);

#endif
