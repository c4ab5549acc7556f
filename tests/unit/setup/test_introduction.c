/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/aggregator/introduction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/files/files.h"
#include "fixture.h"
#include "support/test.h"
#include "tests.h"

enum { TEXT_MAX = 1 << 16 };

static void read_introduction(const char *folder, evh_buffer *text)
{
    *text = evh_buffer_init(TEXT_MAX);
    assert_ok(evh_file_read(text, path_in(folder, "introduction.yaml").text));
}

static evh_status read_back(evh_introduction *out, evh_view text)
{
    evh_diagnostics d = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
    evh_status status = evh_introduction_read(out, "introduction.yaml", text, &d);
    evh_diagnostics_clear(&d);
    return status;
}

/* The text with the first `from` replaced by `to`. */
static void replace_text(evh_buffer *out, const evh_buffer *in, const char *from, const char *to)
{
    char *copy = calloc(1, in->len + 1);
    assert_non_null(copy);
    memcpy(copy, in->data, in->len);
    const char *at = strstr(copy, from);
    assert_non_null(at);
    *out = evh_buffer_init(TEXT_MAX);
    assert_ok(evh_buffer_format(out, "%.*s%s%s", (int)(at - copy), copy, to, at + strlen(from)));
    free(copy);
}

static void test_introduction_read_what_was_written(void **state)
{
    fixture *f = *state;
    const char *const folders[] = {f->leader, f->helper, f->collector};
    make_three(f);
    for (size_t i = 0; i < 3; i++) {
        evh_introduction in = evh_introduction_init();
        evh_buffer text;
        read_introduction(folders[i], &text);
        assert_ok(read_back(&in, evh_buffer_view(&text)));
        assert_string_equal(in.identity.name, in.name);
        assert_true((in.role == EVH_ROLE_LEADER) == (in.log.name[0] != '\0'));
        assert_true((in.role == EVH_ROLE_HELPER) == (in.witness.name[0] != '\0'));
        assert_true((in.role == EVH_ROLE_COLLECTOR) == (in.collector_key.suite.kem != 0));
        assert_true((in.role == EVH_ROLE_COLLECTOR) == (in.ca_pem.len == 0));
        evh_introduction_clear(&in);
        evh_buffer_clear(&text);
    }
}

static void test_introduction_read_refuses_changes(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *from, *to, *wrong;
    } cases[] = {
        {"127.0.0.1:8443", "127.0.0.2:8443", "signature is not right"},
        {"name: \"leader", "name: \"header", "signature is not right"},
        {"role: leader", "role: helper", "witness"},
        {"version: 1", "version: 2", "version"},
        {"address: ", "adress: ", "adress"},
        {"signature: \"", "signature: \"A", "signature"},
        {"log: \"leader.example/log+", "log: \"leader.example/lag+", "log"},
        {"identity: \"leader.example+", "identity: \"\\\"+", "identity"},
        {"-----END CERTIFICATE-----\nclient",
         "-----END CERTIFICATE-----\n  -----BEGIN CERTIFICATE-----\nclient",
         "authority is not one certificate"},
    };
    evh_buffer text;
    make_three(f);
    read_introduction(f->leader, &text);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        evh_introduction in = evh_introduction_init();
        evh_buffer changed;
        replace_text(&changed, &text, cases[i].from, cases[i].to);
        assert_fails_with(read_back(&in, evh_buffer_view(&changed)), EVH_ERR_INPUT, cases[i].wrong);
        assert_int_equal(in.role, 0);
        evh_buffer_clear(&changed);
    }
    evh_buffer_clear(&text);
}

/* A second certificate behind the first would be trusted along with it, and one that can issue
 * others would let its holder make callers up. */
static void test_introduction_read_refuses_other_certificates(void **state)
{
    fixture *f = *state;
    evh_introduction in = evh_introduction_init();
    evh_introduction twisted = evh_introduction_init();
    evh_deployment *d = NULL;
    evh_buffer text = evh_buffer_init(TEXT_MAX);
    make_three(f);
    pair_three(f);
    assert_ok(open_in(f, f->leader, EVH_DEPLOYMENT_RUN, &d));
    twisted = d->leader;
    twisted.client_pem = d->leader.ca_pem;
    assert_ok(evh_introduction_write(&text, &twisted, d->self.signing));
    assert_fails_with(read_back(&in, evh_buffer_view(&text)), EVH_ERR_INPUT,
                      "client_certificate is a certificate of another kind");
    twisted.client_pem = evh_buffer_init(TEXT_MAX);
    assert_ok(evh_buffer_append(&twisted.client_pem, evh_buffer_view(&d->leader.client_pem)));
    assert_ok(evh_buffer_append(&twisted.client_pem, evh_buffer_view(&d->leader.ca_pem)));
    evh_buffer_clear(&text);
    assert_ok(evh_introduction_write(&text, &twisted, d->self.signing));
    assert_fails_with(read_back(&in, evh_buffer_view(&text)), EVH_ERR_INPUT,
                      "client_certificate is not one certificate");
    evh_buffer_clear(&twisted.client_pem);
    /* Somebody else's key does not sign for this party. */
    twisted = d->helper;
    evh_buffer_clear(&text);
    assert_fails(evh_introduction_write(&text, &twisted, d->self.signing), EVH_ERR_KEY);
    evh_deployment_close(&d);
    evh_buffer_clear(&text);
}

static void test_introduction_read_cut_and_flipped(void **state)
{
    fixture *f = *state;
    evh_introduction in = evh_introduction_init();
    evh_buffer text;
    make_three(f);
    read_introduction(f->collector, &text);
    /* The newline at the end is all that can be missing. */
    for (size_t len = 0; len < text.len - 1; len += 3)
        assert_fails(read_back(&in, evh_view_of(text.data, len)), EVH_ERR_INPUT);
    const char *end_of_comments = strstr((const char *)text.data, "version");
    size_t start = (size_t)(end_of_comments - (const char *)text.data);
    for (size_t i = start; i < text.len - 1; i += 7) {
        text.data[i] ^= 0x02;
        evh_status status = read_back(&in, evh_buffer_view(&text));
        text.data[i] ^= 0x02;
        if (status.code == EVH_OK) /* white space and quotes: the same members */
            assert_string_equal(in.name, "collector.example");
        else
            assert_int_equal(status.code, EVH_ERR_INPUT);
    }
    assert_ok(read_back(&in, evh_buffer_view(&text)));
    evh_introduction_clear(&in);
    evh_buffer_clear(&text);
}

static void test_fingerprint_text_groups(void **state)
{
    (void)state;
    const uint8_t fingerprint[EVH_FINGERPRINT_LEN] = {0x01, 0x23, 0xab, 0xcd};
    char text[EVH_FINGERPRINT_TEXT_LEN];
    evh_fingerprint_text(text, fingerprint);
    assert_string_equal(text, "0123 abcd 0000 0000 0000 0000 0000 0000");
}

int run_introduction_tests(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_introduction_read_what_was_written),
        WITH_FIXTURE(test_introduction_read_refuses_changes),
        WITH_FIXTURE(test_introduction_read_refuses_other_certificates),
        WITH_FIXTURE(test_introduction_read_cut_and_flipped),
        cmocka_unit_test(test_fingerprint_text_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
