/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EVH_AGGREGATOR_METHODS_INTERNAL_H
#define EVH_AGGREGATOR_METHODS_INTERNAL_H

#include "evenhand/aggregator/aggregator.h"

/* Operator.BackupStore. Fails REFUSED another caller; ARG a path that is not absolute or that is
 * there already; STORE; ENCODING. */
EVH_MUST_USE evh_status evh_serve_backup(const evh_aggregator *self, const evh_caller *caller,
                                         evh_view request, evh_buffer *response);

#endif
