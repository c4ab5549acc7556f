/* SPDX-License-Identifier: Apache-2.0
 * service/outbox_internal.h: what leader and mirror know of a ledger. */
#ifndef EVH_SERVICE_OUTBOX_INTERNAL_H
#define EVH_SERVICE_OUTBOX_INTERNAL_H

#include "evenhand/service/outbox.h"

/* Whether the ledger lacks something that was made with it: by what was written down beside the
 * mirror, and by the leader, which is asked about every round that the ledger does not know. Fails
 * as a call of the leader; STORE. */
evh_status evh_ledger_has_lost(evh_site *site, bool *lost);

#endif
