/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/store/record.h"

#include <string.h>

enum { KEYS_BYTES_MAX = 1 << 30 };

evh_status evh_record_get(evh_store *store, evh_store_table table, evh_view key,
                          const struct ProtobufCMessageDescriptor *type, void *message)
{
    void *none = NULL;
    memcpy(message, &none, sizeof none);
    evh_buffer value = evh_buffer_init(EVH_STORE_VALUE_BYTES_MAX);
    bool found = false;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_get(store, table, key, &value, &found));
    if (found)
        EVH_TRY(evh_wire_unpack(message, type, evh_buffer_view(&value), "stored record"));
done:
    evh_buffer_clear(&value);
    if (status.code == EVH_ERR_ENCODING)
        status = evh_fail(EVH_ERR_STORE, "a record of table %d is damaged", (int)table);
    return status;
}

evh_status evh_record_put(evh_store *store, evh_store_table table, evh_view key,
                          const struct ProtobufCMessage *message)
{
    evh_buffer value = evh_buffer_init(EVH_STORE_VALUE_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_pack(&value, message));
    EVH_TRY(evh_store_put(store, table, key, evh_buffer_view(&value)));
done:
    evh_buffer_clear(&value);
    return status;
}

static evh_status note_key(void *context, evh_view key, evh_view value, bool *stop)
{
    evh_buffer *keys = context;
    (void)value;
    *stop = false;
    evh_status status = evh_buffer_be16(keys, (uint16_t)key.len);
    return status.code == EVH_OK ? evh_buffer_append(keys, key) : status;
}

evh_status evh_record_delete_all(evh_store *store, evh_store_table table, evh_view prefix)
{
    evh_buffer keys = evh_buffer_init(KEYS_BYTES_MAX);
    evh_reader reader;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_scan(store, table, prefix, note_key, &keys));
    reader = evh_reader_of(evh_buffer_view(&keys));
    while (reader.rest.len > 0) {
        uint16_t len = 0;
        evh_view key;
        EVH_TRY(evh_read_be16(&reader, "key", &len));
        EVH_TRY(evh_read_view(&reader, "key", len, &key));
        EVH_TRY(evh_store_delete(store, table, key));
    }
done:
    evh_buffer_clear(&keys);
    return status;
}
