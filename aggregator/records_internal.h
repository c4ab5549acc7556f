/* SPDX-License-Identifier: Apache-2.0
 * Records of the store as protobuf messages. */
#ifndef EVH_AGGREGATOR_RECORDS_INTERNAL_H
#define EVH_AGGREGATOR_RECORDS_INTERNAL_H

#include <protobuf-c/protobuf-c.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/store/store.h"
#include "evenhand/wire/message.h"

/* Reads a record; *message stays NULL when there is none. Free it with evh_wire_free. To change a
 * record, change a copy of its top-level struct, which borrows, and write that. */
EVH_MUST_USE evh_status evh_record_get(evh_store *store, evh_store_table table, evh_view key,
                                       const ProtobufCMessageDescriptor *type, void *message);

/* Writes a record over whatever was there. */
EVH_MUST_USE evh_status evh_record_put(evh_store *store, evh_store_table table, evh_view key,
                                       const ProtobufCMessage *message);

/* Deletes every record whose key starts with a prefix. */
EVH_MUST_USE evh_status evh_record_delete_all(evh_store *store, evh_store_table table,
                                              evh_view prefix);

#endif
