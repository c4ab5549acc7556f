/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/wire/message.h"

#include <string.h>

#include "log.pb-c.h"
#include "support/test.h"

static evh_status unpack(evh_view bytes, Evenhand__V1__RoundVoid **out)
{
    return evh_wire_unpack(out, &evenhand__v1__round_void__descriptor, bytes, "void entry");
}

static void test_pack_and_unpack(void **state)
{
    (void)state;
    uint8_t id[3] = {1, 2, 3};
    Evenhand__V1__RoundVoid message;
    evenhand__v1__round_void__init(&message);
    message.task_id.data = id;
    message.task_id.len = sizeof id;
    message.reason = EVENHAND__V1__VOID_REASON__VOID_REASON_OPERATOR;
    evh_buffer bytes = evh_buffer_init(100);
    assert_ok(evh_wire_pack(&bytes, &message.base));
    assert_views_equal(evh_buffer_view(&bytes), view_of_literal("\x0a\x03\x01\x02\x03\x10\x04"));
    Evenhand__V1__RoundVoid *back = NULL;
    assert_ok(unpack(evh_buffer_view(&bytes), &back));
    assert_int_equal(back->reason, message.reason);
    assert_int_equal(back->task_id.len, 3);
    evh_wire_free(&back);
    assert_null(back);
    evh_wire_free(&back);
    evh_buffer small = evh_buffer_init(6);
    assert_fails(evh_wire_pack(&small, &message.base), EVH_ERR_MEMORY);
    assert_int_equal(small.len, 0);
    evh_buffer_clear(&small);
    evh_buffer_clear(&bytes);
}

static void test_unpack_refuses_what_is_not_canonical(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
    } bad[] = {
        {"\x10\x04\x0a\x01\x01", 5},     /* fields out of order */
        {"\x0a\x01\x01\x10\x00", 5},     /* a default that is written */
        {"\x0a\x01\x01\x10\x84\x00", 6}, /* a padded number */
        {"\x0a\x01\x01\x0a\x01\x02", 6}, /* a field twice */
        {"\x0a\x01\x01\x18\x01", 5},     /* an unknown field */
        {"\x0a\x05\x01", 3},             /* cut */
        {"\x0a\x81\x00\x01", 4},         /* a padded length */
        {"\xff", 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        Evenhand__V1__RoundVoid *message = NULL;
        assert_fails_with(unpack(evh_view_of(bad[i].bytes, bad[i].len), &message), EVH_ERR_ENCODING,
                          "void entry");
        assert_null(message);
    }
}

/* Unknown fields inside a nested message. */
static void test_unpack_refuses_unknown_fields_inside(void **state)
{
    (void)state;
    static const char nested[] = "\x52\x05\x0a\x01\x01\x10\x04"; /* round_void {id, reason} */
    static const char unknown[] = "\x52\x07\x0a\x01\x01\x10\x04\x18\x01"; /* and a field 3 */
    Evenhand__V1__LogEntry *entry = NULL;
    assert_ok(evh_wire_unpack(&entry, &evenhand__v1__log_entry__descriptor, view_of_literal(nested),
                              "entry"));
    assert_int_equal(entry->kind_case, EVENHAND__V1__LOG_ENTRY__KIND_ROUND_VOID);
    evh_wire_free(&entry);
    assert_fails(evh_wire_unpack(&entry, &evenhand__v1__log_entry__descriptor,
                                 view_of_literal(unknown), "entry"),
                 EVH_ERR_ENCODING);
}

static void test_set_text_borrows(void **state)
{
    (void)state;
    static const char text[] = "a text";
    char *field = NULL;
    evh_wire_set_text(&field, text);
    assert_ptr_equal(field, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_text_borrows),
        cmocka_unit_test(test_pack_and_unpack),
        cmocka_unit_test(test_unpack_refuses_what_is_not_canonical),
        cmocka_unit_test(test_unpack_refuses_unknown_fields_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
