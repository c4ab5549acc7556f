/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/protocol/invitation.h"

#include <stdio.h>
#include <string.h>

#include "tests.h"

static const char certificate[] = "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n";
static const char key[] = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";

enum { EXPIRES_MS = 1767225600 };

static void fill(fixture *f, evh_invitation *out)
{
    evh_signing_key witness = {.secret = NULL};
    *out = evh_invitation_init();
    assert_ok(evh_signing_key_generate(&witness, EVH_IDENTITY_COSIGNATURE,
                                       view_of_literal("helper.example"), &f->rng));
    (void)snprintf(out->name, sizeof out->name, "%s", "St. \"Mary\" \\ \xC3\xA9");
    memset(out->salt.bytes, 0xAB, sizeof out->salt.bytes);
    memset(out->id, '7', sizeof out->id - 1);
    out->expires_ms = (int64_t)EXPIRES_MS * 1000;
    (void)snprintf(out->leader_address, sizeof out->leader_address, "leader.example:8443");
    out->log = f->leader.identity;
    out->leader = f->leader.identity;
    out->helper = f->helper.identity;
    out->collector = f->collector.identity;
    out->witness = witness.identity;
    assert_ok(evh_buffer_append(&out->ca_pem, evh_view_of_text(certificate)));
    assert_ok(evh_buffer_append(&out->cert_pem, evh_view_of_text(certificate)));
    assert_ok(evh_buffer_append(&out->key_pem, evh_view_of_text(key)));
    evh_signing_key_clear(&witness);
}

static void test_invitation_round_trip(void **state)
{
    evh_invitation in;
    evh_invitation out = evh_invitation_init();
    evh_buffer file = evh_buffer_init(EVH_INVITATION_BYTES_MAX);
    evh_diagnostics diagnostics = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
    fill(*state, &in);
    assert_ok(evh_invitation_write(&file, &in));
    assert_ok(evh_invitation_read(&out, "i.yaml", evh_buffer_view(&file), &diagnostics));
    assert_string_equal(out.name, in.name);
    assert_memory_equal(&out.salt, &in.salt, sizeof in.salt);
    assert_string_equal(out.id, in.id);
    assert_int_equal(out.expires_ms, in.expires_ms);
    assert_string_equal(out.leader_address, in.leader_address);
    assert_true(evh_identity_equal(&out.log, &in.log));
    assert_true(evh_identity_equal(&out.leader, &in.leader));
    assert_true(evh_identity_equal(&out.helper, &in.helper));
    assert_true(evh_identity_equal(&out.collector, &in.collector));
    assert_true(evh_identity_equal(&out.witness, &in.witness));
    assert_views_equal(evh_buffer_view(&out.ca_pem), evh_view_of_text(certificate));
    assert_views_equal(evh_buffer_view(&out.cert_pem), evh_view_of_text(certificate));
    assert_views_equal(evh_buffer_view(&out.key_pem), evh_view_of_text(key));
    evh_invitation_clear(&in);
    evh_invitation_clear(&out);
    evh_buffer_clear(&file);
    evh_diagnostics_clear(&diagnostics);
}

static void test_invitation_write_refuses(void **state)
{
    evh_invitation in;
    evh_buffer file = evh_buffer_init(EVH_INVITATION_BYTES_MAX);
    fill(*state, &in);
    in.name[0] = '\n';
    assert_fails(evh_invitation_write(&file, &in), EVH_ERR_INPUT);
    in.name[0] = 'S';
    in.id[3] = 'x';
    assert_fails(evh_invitation_write(&file, &in), EVH_ERR_ARG);
    in.id[3] = '7';
    in.leader_address[2] = '"';
    assert_fails(evh_invitation_write(&file, &in), EVH_ERR_ARG);
    evh_invitation_clear(&in);
    evh_buffer_clear(&file);
}

/* Every cut is refused, and no message says anything of the key. */
static void test_invitation_read_cut(void **state)
{
    evh_invitation in;
    evh_invitation out = evh_invitation_init();
    evh_buffer file = evh_buffer_init(EVH_INVITATION_BYTES_MAX);
    fill(*state, &in);
    assert_ok(evh_invitation_write(&file, &in));
    const char *found = strstr((const char *)file.data, "\nkey: |\n");
    assert_non_null(found);
    size_t head = (size_t)(found - (const char *)file.data) + strlen("\nkey: |\n");
    for (size_t len = 0; len < file.len; len++) {
        evh_diagnostics diagnostics = evh_diagnostics_init(4);
        evh_status status =
            evh_invitation_read(&out, "i.yaml", evh_view_of(file.data, len), &diagnostics);
        bool whole_lines = len > head && file.data[len - 1] == '\n';
        assert_int_equal(status.code, whole_lines ? EVH_OK : EVH_ERR_INPUT);
        assert_null(strstr(status.text, "c2Vj"));
        for (size_t i = 0; i < diagnostics.count; i++)
            assert_null(strstr(diagnostics.items[i].wrong, "c2Vj"));
        evh_diagnostics_clear(&diagnostics);
        evh_invitation_clear(&out);
    }
    evh_invitation_clear(&in);
    evh_buffer_clear(&file);
}

/* One line of the file exchanged for another. */
static void expect_refused(const evh_buffer *file, const char *line, const char *other,
                           const char *text)
{
    evh_invitation out = evh_invitation_init();
    evh_buffer changed = evh_buffer_init(EVH_INVITATION_BYTES_MAX);
    evh_diagnostics diagnostics = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
    const char *start = strstr((const char *)file->data, line);
    assert_non_null(start);
    size_t at = (size_t)(start - (const char *)file->data);
    size_t end = at + strcspn(start, "\n");
    assert_ok(evh_buffer_append(&changed, evh_view_of(file->data, at)));
    assert_ok(evh_buffer_append(&changed, evh_view_of_text(other)));
    assert_ok(evh_buffer_append(&changed, evh_view_of(file->data + end, file->len - end)));
    assert_fails_with(evh_invitation_read(&out, "i.yaml", evh_buffer_view(&changed), &diagnostics),
                      EVH_ERR_INPUT, text);
    assert_int_equal(out.key_pem.len, 0);
    evh_buffer_clear(&changed);
    evh_diagnostics_clear(&diagnostics);
}

static void test_invitation_read_refuses(void **state)
{
    evh_invitation in;
    evh_buffer file = evh_buffer_init(EVH_INVITATION_BYTES_MAX);
    fill(*state, &in);
    assert_ok(evh_invitation_write(&file, &in));
    assert_ok(evh_buffer_u8(&file, 0));
    file.len--;
    expect_refused(&file, "version: 1", "version: 2", "version");
    expect_refused(&file, "version: 1", "versions: 1", "versions");
    expect_refused(&file, "name: ", "name: \" x\"", "space");
    expect_refused(&file, "name: ", "name: [x]", "name");
    expect_refused(&file, "salt: ", "salt: \"abc\"", "salt has 64 hex digits");
    expect_refused(&file, "invitation: \"", "invitation: \"zz\"", "invitation has 32 hex digits");
    expect_refused(&file, "expires: ", "expires: soon", "expires is no time");
    expect_refused(&file, "leader: \"", "leader: \"\"", "leader");
    expect_refused(&file, "  helper: ", "  helper: x+y", "helper");
    expect_refused(&file, "  witness: ", "  other: x", "other");
    expect_refused(&file, "certificate: |", "certificates: |", "certificates");
    expect_refused(&file, "key: |", "key: >", "does not end with its key");
    evh_invitation_clear(&in);
    evh_buffer_clear(&file);
}

static void test_invitation_read_refuses_a_witness_of_the_wrong_type(void **state)
{
    fixture *f = *state;
    evh_invitation in;
    evh_invitation out = evh_invitation_init();
    evh_buffer file = evh_buffer_init(EVH_INVITATION_BYTES_MAX);
    evh_diagnostics diagnostics = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
    fill(f, &in);
    in.witness = f->helper.identity;
    assert_ok(evh_invitation_write(&file, &in));
    assert_fails_with(evh_invitation_read(&out, "i.yaml", evh_buffer_view(&file), &diagnostics),
                      EVH_ERR_INPUT, "witness");
    evh_invitation_clear(&in);
    evh_buffer_clear(&file);
    evh_diagnostics_clear(&diagnostics);
}

int run_invitation_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_invitation_round_trip),
        cmocka_unit_test(test_invitation_write_refuses),
        cmocka_unit_test(test_invitation_read_cut),
        cmocka_unit_test(test_invitation_read_refuses),
        cmocka_unit_test(test_invitation_read_refuses_a_witness_of_the_wrong_type),
    };
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
