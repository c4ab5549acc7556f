/* SPDX-License-Identifier: Apache-2.0
 * service/mirror_internal.h: how the mirror keeps what it has learned. CUSTOMERS, PLANS and ROUNDS
 * hold records of store.proto; RESULTS: task_id -> BE64 index of the result's entry; META: the
 * prefixes below. */
#ifndef EVH_SERVICE_MIRROR_INTERNAL_H
#define EVH_SERVICE_MIRROR_INTERNAL_H

#include "log.pb-c.h"
#include "service_internal.h"

#define EVH_MIRROR_PINS "pins"                        /* text: what the mirror was made with */
#define EVH_MIRROR_LEDGER "ledger"                    /* BE64 sequence | head */
#define EVH_MIRROR_PARTIES "parties"                  /* index of the newest keys entry */
#define EVH_MIRROR_SINCE "since/"                     /* verifier key -> index of first entry */
#define EVH_MIRROR_POPULATION "population/"           /* hash -> StoredPopulation */
#define EVH_MIRROR_POPULATION_NAME "population-name/" /* name -> index */
#define EVH_MIRROR_ROUND "round/"                     /* plan_id | BE32 round -> task_id */

/* All of these need a running transaction. */
evh_status evh_mirror_put_index(evh_site *site, const char *prefix, evh_view rest, uint64_t index);
evh_status evh_mirror_get_index(evh_site *site, bool *known, uint64_t *index, const char *prefix,
                                evh_view rest);
evh_status evh_mirror_put_result(evh_site *site, evh_view task_id, uint64_t index);

/* Checks the collector's signature. Fails PRIVACY. */
evh_status evh_mirror_check_result(evh_site *site, const Evenhand__V1__ResultEntry *entry);

#endif
