/* SPDX-License-Identifier: Apache-2.0
 * The fixture's helper as the leader's driver reaches it, with a network in between that loses,
 * repeats, delays and cuts. */
#ifndef EVH_UNIT_AGGREGATOR_PEER_H
#define EVH_UNIT_AGGREGATOR_PEER_H

#include "evenhand/aggregator/drive.h"
#include "fixture.h"

typedef enum peer_fault {
    PEER_GOOD,
    PEER_REQUEST_LOST, /* the helper never sees the call */
    PEER_ANSWER_LOST,  /* the helper does what is asked, the leader does not hear of it */
    PEER_REPEATED,     /* the helper sees the call twice; the leader gets the second answer */
    PEER_OLD_REPEATED, /* before the call the helper sees an earlier one of its kind again */
    PEER_AWAY,         /* this call and the next three are not served */
    PEER_RESTARTED,    /* both stores are opened anew in the middle of the call */
    PEER_FAULT_COUNT
} peer_fault;

enum { PEER_METHODS = 8 };

typedef struct fake_peer {
    fixture *f;
    peer_fault fault;
    size_t fault_at;    /* index of the call that it happens to */
    bool always;        /* to every second call from fault_at on */
    size_t calls, away; /* calls so far; calls that are still not served */
    evh_buffer old[PEER_METHODS];
} fake_peer;

void fake_peer_init(fake_peer *peer, fixture *f);
void fake_peer_clear(fake_peer *peer);
evh_peer fake_peer_handle(fake_peer *peer);

#endif
