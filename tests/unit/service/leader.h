/* SPDX-License-Identifier: Apache-2.0
 * The calls of the leader in the fixture. */
#ifndef EVH_UNIT_SERVICE_LEADER_H
#define EVH_UNIT_SERVICE_LEADER_H

#include "fixture.h"

evh_status leader_call(void *context, const char *path, evh_view request, evh_buffer *response);
evh_status leader_upload(void *context, evh_view report, evh_buffer *receipt);

#endif
