/* SPDX-License-Identifier: Apache-2.0
 * collect_internal.h: what the parts of the collector share. */
#ifndef EVH_COLLECT_INTERNAL_H
#define EVH_COLLECT_INTERNAL_H

#include "collect.pb-c.h"
#include "evenhand/aggregator/collect.h"
#include "evenhand/plan/population.h"
#include "evenhand/protocol/result_entry.h"
#include "evenhand/wire/message.h"
#include "log.pb-c.h"
#include "service.pb-c.h"

typedef Evenhand__V1__StoredCollection stored_collection;

/* ---- index.c: what the log says about rounds, by task ---- */

extern const char evh_collect_round_prefix[]; /* of the keys of rounds in META */

/* Takes note of an entry; for evh_follow_sync. context: const evh_collect * */
evh_status evh_collect_visit(void *context, uint64_t index, evh_view entry);

/* One round of the index, in a running transaction; *out stays NULL when there is none. */
EVH_MUST_USE evh_status evh_collect_find(evh_store *store, const uint8_t *task_id,
                                         stored_collection **out);

/* The entry of a plan or a population by its hash, in a running transaction; *out stays NULL when
 * there is none. */
EVH_MUST_USE evh_status evh_collect_find_plan(evh_store *store, const uint8_t plan_id[32],
                                              uint64_t *index, Evenhand__V1__LogEntry **out);
EVH_MUST_USE evh_status evh_collect_find_population(evh_store *store, const uint8_t hash[32],
                                                    uint64_t *index, Evenhand__V1__LogEntry **out);

/* Moves a published round to confirmed. */
EVH_MUST_USE evh_status evh_collect_confirm(const evh_collect *collect, const uint8_t *task_id);

/* ---- material.c: what the log says about one round, read ---- */

typedef struct evh_collect_material {
    stored_collection *places;
    evh_plan *plan;
    evh_population population;
    uint64_t plan_index, population_index;
    uint8_t population_hash[32];
    /* Canonical messages of the entries; the last two are empty before they are in the log. */
    evh_buffer opened, closed, committed, result;
} evh_collect_material;

evh_collect_material evh_collect_material_init(void);
void evh_collect_material_clear(evh_collect_material *material);

/* Fails INPUT when the log lacks an entry that the round needs, or has one that cannot be read. */
EVH_MUST_USE evh_status evh_collect_load(const evh_collect *collect, evh_collect_material *out,
                                         const uint8_t *task_id);

/* ---- results.c: the folder of results ---- */

/* result.json of a round and its signed ResultEntry. */
typedef struct evh_collect_files {
    evh_buffer json, entry;
} evh_collect_files;

evh_collect_files evh_collect_files_init(void);
void evh_collect_files_clear(evh_collect_files *files);

/* FOLDER/PLAN-ID-ROUND.json: the plan's name in plain characters, 8 hex digits of its id. Fails
 * RANGE. */
EVH_MUST_USE evh_status evh_collect_path(char out[EVH_PATH_BYTES_MAX], const evh_collect *collect,
                                         const evh_collect_row *row);

/* Reads both, if both are there; a file without its entry was never shown to anybody and is made
 * anew.
 * Fails    STORE when they do not fit together or are about another round. */
EVH_MUST_USE evh_status evh_collect_files_read(const evh_collect *collect, evh_collect_files *out,
                                               bool *found, const evh_collect_row *row);

/* Writes both, durable, the entry last. Fails STORE. */
EVH_MUST_USE evh_status evh_collect_files_write(const evh_collect_files *files,
                                                const evh_collect_row *row);

/* ---- calls ---- */

/* One call of the leader or the helper, unless it is time to stop. */
EVH_MUST_USE evh_status evh_collect_call(const evh_collect *collect, const evh_peer *peer,
                                         const char *path, const ProtobufCMessage *request,
                                         evh_buffer *response);

#endif
