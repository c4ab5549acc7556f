/* SPDX-License-Identifier: Apache-2.0
 * store/record.h: values of a store as protobuf messages, in a running transaction.
 * Memory   a record is on protobuf-c's heap until evh_wire_free      Tests  unit/aggregator */
#ifndef EVH_STORE_RECORD_H
#define EVH_STORE_RECORD_H

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/store/store.h"
#include "evenhand/wire/message.h"

/* Reads a record; *message stays NULL when there is none. Free it with evh_wire_free. To change a
 * record, change a copy of its top-level struct, which borrows, and write that. */
EVH_MUST_USE evh_status evh_record_get(evh_store *store, evh_store_table table, evh_view key,
                                       const struct ProtobufCMessageDescriptor *type,
                                       void *message);

/* Writes a record over whatever was there. */
EVH_MUST_USE evh_status evh_record_put(evh_store *store, evh_store_table table, evh_view key,
                                       const struct ProtobufCMessage *message);

/* Deletes every record whose key starts with a prefix. */
EVH_MUST_USE evh_status evh_record_delete_all(evh_store *store, evh_store_table table,
                                              evh_view prefix);

#endif
