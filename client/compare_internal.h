/* SPDX-License-Identifier: Apache-2.0
 * client/compare_internal.h: a site's own exact rates beside a published result. */
#ifndef EVH_CLIENT_COMPARE_INTERNAL_H
#define EVH_CLIENT_COMPARE_INTERNAL_H

#include "sending_internal.h"

/* What can be refused before anything is read: a place where the comparison would not be
 * confidential, a file that is there already. */
evh_status evh_compare_check(const evh_cli *cli, const evh_results_options *options);

/* Against a mirror that was just brought up to date: finds the one round that is asked for, fetches
 * its result, counts the records again, and writes the comparison. */
evh_status evh_compare(evh_sending *sending, const evh_results_options *options);

#endif
