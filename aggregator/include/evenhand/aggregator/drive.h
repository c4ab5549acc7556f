/* SPDX-License-Identifier: Apache-2.0
 * aggregator/drive.h: the leader's side of all rounds, moved on as far as it goes. A process calls
 * evh_leader_drive in one thread, again and again: when something has arrived, and at the latest
 * when the last call said that something is due. Whatever happens between two steps, the next pass
 * finds out from the store where each round stands.
 * Source   docs/reference/protocol.md
 * Secret, threads, memory  as aggregator/aggregator.h; one driver at a time
 * Tests    unit/aggregator/test_drive.c */
#ifndef EVH_AGGREGATOR_DRIVE_H
#define EVH_AGGREGATOR_DRIVE_H

#include "evenhand/aggregator/aggregator.h"

enum {
    EVH_DRIVE_IDLE_MS = 60000, /* the longest wait */
    EVH_DRIVE_RETRY_MS = 250,  /* before the first retry; doubles with each that fails */
    EVH_DRIVE_JOB_REPORTS = 64 /* a good size for jobs */
};

/* What a process keeps from pass to pass; all zero but for the options to begin with. */
typedef struct evh_drive {
    size_t job_reports;          /* most reports in one job, 1..EVH_JOB_REPORTS_MAX */
    bool (*stop)(void *context); /* asked before each call of the helper; may be NULL */
    void *context;               /* of stop */
    /* After a start and after an absence the helper is asked once more what it has: the log, and the
     * keys of rounds. */
    bool log_checked, rounds_checked;
    uint32_t failures; /* passes in a row in which the helper could not be reached */
} evh_drive;

/* What a pass has found. */
typedef struct evh_drive_outcome {
    int64_t wait_ms;     /* until something is due if nothing arrives; 0..EVH_DRIVE_IDLE_MS */
    bool helper_reached; /* every call of the helper was answered; also when there was none */
    bool log_cosigned;   /* the helper has cosigned all of the log */
    uint32_t troubled;   /* rounds that could not be moved on for another reason; logged */
} evh_drive_outcome;

/* One pass over everything: gets back what a restored store lacks of the log from the helper, voids
 * rounds whose secrets are lost here or there (VOID_REASON_RESTORED), closes rounds past their
 * deadline, publishes the log and has it
 * cosigned, exchanges randoms, sends jobs, agrees, commits, cosigns again. Trouble with one round
 * is logged (docs/operator/events.md) and stops no other.
 * Fails    as the store does, ARG; *outcome is filled whatever happens. */
EVH_MUST_USE evh_status evh_leader_drive(const evh_aggregator *self, const evh_peer *helper,
                                         evh_drive *drive, evh_drive_outcome *outcome);

/* Opens a round: prepares it with the helper, which must know the plan, and logs it. The next pass
 * has it cosigned; uploads are taken from then on. Asked again after a lost answer it goes on with
 * what the helper has prepared, as long as the deadline is the same.
 *   plan_id      [32]; the window follows from the plan
 *   round        1..rounds of the plan
 *   deadline_ms  when uploads end
 *   task_id      [EVH_TASK_ID_LEN]; all zero on failure
 * Fails    REFUSED unknown or retired plan, a round it does not have or that was opened before, a
 *          deadline that has passed, a budget that does not allow it; UNAVAILABLE; as
 *          evh_leader_open_round */
EVH_MUST_USE evh_status evh_leader_open(const evh_aggregator *self, const evh_peer *helper,
                                        uint8_t *task_id, const uint8_t *plan_id, uint32_t round,
                                        uint64_t deadline_ms);

/* Publishes the log as it is and has it cosigned, in as many calls as it takes. Fails UNAVAILABLE;
 * REFUSED when the helper finds an entry against the rules. */
EVH_MUST_USE evh_status evh_leader_cosign(const evh_aggregator *self, const evh_peer *helper);

#endif
