/* SPDX-License-Identifier: Apache-2.0
 * aggregator/create.h: making the folder of a leader, helper or collector, and pairing it with the
 * other two.
 * Source   docs/operator/setup.md          Secret   the keys it makes
 * Threads  one folder by one at a time     Memory   a few PEM texts
 * Tests    unit/setup/test_create.c, integration/setup */
#ifndef EVH_AGGREGATOR_CREATE_H
#define EVH_AGGREGATOR_CREATE_H

#include <stdbool.h>

#include "evenhand/aggregator/introduction.h"
#include "evenhand/aggregator/settings.h"
#include "evenhand/base/clock.h"
#include "evenhand/base/rng.h"
#include "evenhand/yaml/diagnostics.h"

/* Makes keys, certificates, store, vault, settings and the introduction.
 *   folder    must not exist, or be empty; it appears in one step when everything in it is durable.
 *             What a crash leaves is called FOLDER.partial
 *   settings  of a leader or helper with listen, address and hosts
 * Fails    ARG the folder is not empty, or FOLDER.partial is there; STORE; MEMORY. Then nothing was
 *          made. */
EVH_MUST_USE evh_status evh_deployment_create(const char *folder, const evh_settings *settings,
                                              const evh_clock *clock, const evh_rng *rng);

typedef enum evh_pairing {
    EVH_PAIRING_NEW,     /* pinned from now on */
    EVH_PAIRING_SAME,    /* nothing has changed */
    EVH_PAIRING_RENEWED, /* the same party with new certificates, address or collector key */
} evh_pairing;

/* Takes the introduction of another party.
 *   config       path of aggregator.yaml
 *   file         the introduction
 *   out          initialised; what was read, to be shown; the caller clears it
 * Fails    INPUT a mistake in a file, this party itself, or a party that differs in identity, log
 *          or witness key from the one that is pinned; STORE; MEMORY. Then nothing has changed. */
EVH_MUST_USE evh_status evh_deployment_pair(evh_introduction *out, evh_pairing *pairing,
                                            const char *config, const char *file,
                                            evh_diagnostics *diagnostics);

#endif
