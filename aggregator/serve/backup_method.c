/* SPDX-License-Identifier: Apache-2.0
 * Operator.BackupStore. A copy is made by the process that has the store, and so on its own disk. */
#include <string.h>

#include "evenhand/aggregator/backup.h"
#include "evenhand/wire/message.h"
#include "methods_internal.h"
#include "operator.pb-c.h"

evh_status evh_serve_backup(const evh_aggregator *self, const evh_caller *caller, evh_view bytes,
                            evh_buffer *response)
{
    Evenhand__V1__BackupStoreRequest *request = NULL;
    Evenhand__V1__BackupStoreResponse message;
    evenhand__v1__backup_store_response__init(&message);
    evh_status status = evh_ok();
    EVH_REQUIRE(caller->role == EVH_ROLE_OPERATOR, EVH_ERR_REFUSED, "this call is the operator's");
    EVH_TRY(evh_wire_unpack(&request, &evenhand__v1__backup_store_request__descriptor, bytes,
                            "request"));
    EVH_REQUIRE(request->path[0] == '/', EVH_ERR_ARG, "a backup needs an absolute path");
    EVH_TRY(evh_aggregator_backup(self->store, request->path, &message.log_size));
    EVH_TRY(evh_wire_pack(response, &message.base));
done:
    evh_wire_free(&request);
    return status;
}
