/* SPDX-License-Identifier: Apache-2.0
 * What a deployment says of keys and certificates that do not fit. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evenhand/files/files.h"
#include "fixture.h"
#include "support/test.h"
#include "tests.h"

enum { FILE_MAX = 1 << 16 };

static void copy_file(const char *from, const char *to, evh_file_access access)
{
    evh_buffer bytes = evh_buffer_init(FILE_MAX);
    assert_ok(evh_file_read(&bytes, from));
    assert_ok(evh_file_replace(to, evh_buffer_view(&bytes), access));
    evh_buffer_clear(&bytes);
}

static evh_status open_once(fixture *f, const char *folder, evh_deployment_use use)
{
    evh_deployment *d = NULL;
    evh_status status = open_in(f, folder, use, &d);
    assert_true((status.code == EVH_OK) == (d != NULL));
    evh_deployment_close(&d);
    return status;
}

static void test_deployment_open_certificate_times(void **state)
{
    fixture *f = *state;
    const int64_t day_ms = INT64_C(86400000);
    const int64_t start_ms = f->now_ms;
    make_three(f);
    pair_three(f);
    f->now_ms = start_ms + 396 * day_ms;
    assert_ok(open_once(f, f->leader, EVH_DEPLOYMENT_RUN));
    f->now_ms = start_ms + 398 * day_ms;
    assert_fails_with(open_once(f, f->leader, EVH_DEPLOYMENT_RUN), EVH_ERR_INPUT,
                      "tls/server.pem ('keys rotate tls' renews): the certificate expired");
    assert_fails_with(open_once(f, f->leader, EVH_DEPLOYMENT_CALL), EVH_ERR_INPUT,
                      "tls/operator.pem");
    assert_ok(open_once(f, f->collector, EVH_DEPLOYMENT_RUN));
    f->now_ms = start_ms + 1096 * day_ms;
    assert_fails_with(open_once(f, f->collector, EVH_DEPLOYMENT_RUN), EVH_ERR_INPUT,
                      "tls/client.pem ('keys rotate client' renews)");
    f->now_ms = start_ms - day_ms;
    assert_fails_with(open_once(f, f->leader, EVH_DEPLOYMENT_RUN), EVH_ERR_INPUT, "clock");
}

static void test_deployment_open_wrong_files(void **state)
{
    fixture *f = *state;
    static const struct {
        const char *from, *to; /* copied from the helper's folder to the leader's */
        evh_code code;
        const char *text;
    } cases[] = {
        {"tls/server.key", "tls/server.key", EVH_ERR_INPUT, "does not belong to the certificate"},
        {"tls/ca.pem", "tls/ca.pem", EVH_ERR_INPUT, "does not belong to the certificate"},
        {"keys/identity.ed25519", "keys/identity.ed25519", EVH_ERR_KEY, "put back what init made"},
        {"keys/witness.ed25519", "keys/log.ed25519", EVH_ERR_KEY, "put back what init made"},
        {"tls/client.pem", "keys/log.ed25519", EVH_ERR_KEY, "is no signing key"},
        {"introduction.yaml", "introduction.yaml", EVH_ERR_INPUT, "of a helper, not of a leader"},
        {"introduction.yaml", "peers/collector.yaml", EVH_ERR_INPUT, "of a helper, not of a"},
    };
    make_three(f);
    pair_three(f);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const file_path target = path_in(f->leader, cases[i].to);
        copy_file(target.text, path_in(f->dir, "kept").text, EVH_FILE_OWNER_ONLY);
        copy_file(path_in(f->helper, cases[i].from).text, target.text, EVH_FILE_OWNER_ONLY);
        assert_fails_with(open_once(f, f->leader, EVH_DEPLOYMENT_RUN), cases[i].code,
                          cases[i].text);
        copy_file(path_in(f->dir, "kept").text, target.text, EVH_FILE_OWNER_ONLY);
    }
    /* The pair of somebody else's authority. */
    copy_file(path_in(f->helper, "tls/server.pem").text, path_in(f->leader, "tls/server.pem").text,
              EVH_FILE_SHARED);
    copy_file(path_in(f->helper, "tls/server.key").text, path_in(f->leader, "tls/server.key").text,
              EVH_FILE_OWNER_ONLY);
    assert_fails_with(open_once(f, f->leader, EVH_DEPLOYMENT_RUN), EVH_ERR_INPUT,
                      "not issued by this authority");
}

static void test_deployment_open_permissions(void **state)
{
    fixture *f = *state;
    static const char *const secrets[] = {"keys/identity.ed25519", "keys/log.ed25519", "tls/ca.key",
                                          "tls/server.key", "tls/client.key"};
    make_three(f);
    pair_three(f);
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        const file_path path = path_in(f->leader, secrets[i]);
        assert_int_equal(chmod(path.text, 0640), 0);
        assert_fails_with(open_once(f, f->leader, EVH_DEPLOYMENT_RUN), EVH_ERR_KEY, "chmod");
        assert_int_equal(chmod(path.text, 0600), 0);
    }
    assert_int_equal(chmod(path_in(f->leader, "vault").text, 0755), 0);
    assert_fails_with(open_once(f, f->leader, EVH_DEPLOYMENT_RUN), EVH_ERR_KEY, "vault");
    assert_int_equal(chmod(path_in(f->leader, "vault").text, 0700), 0);
    assert_ok(open_once(f, f->leader, EVH_DEPLOYMENT_RUN));
    assert_int_equal(unlink(path_in(f->leader, "store.db").text), 0);
    assert_fails(open_once(f, f->leader, EVH_DEPLOYMENT_RUN), EVH_ERR_STORE);
}

/* The others call by the host of `address`: a certificate for another one is of no use. */
static void test_deployment_open_other_host(void **state)
{
    fixture *f = *state;
    evh_settings settings = settings_of(EVH_ROLE_LEADER, "leader.example");
    char folder[300];
    (void)snprintf(settings.address, sizeof settings.address, "leader.example:8443");
    (void)snprintf(folder, sizeof folder, "%s/other", f->dir);
    make_three(f);
    assert_ok(evh_deployment_create(folder, &settings, &f->clock, &f->rng));
    evh_pairing pairing = EVH_PAIRING_SAME;
    assert_ok(pair_with(f, folder, f->helper, &pairing));
    assert_ok(pair_with(f, folder, f->collector, &pairing));
    assert_fails_with(open_once(f, folder, EVH_DEPLOYMENT_RUN), EVH_ERR_INPUT,
                      "not for host leader.example");
}

static void test_deployment_open_collector_keys(void **state)
{
    fixture *f = *state;
    const file_path path = path_in(f->collector, "keys/collector.hpke");
    evh_buffer text = evh_buffer_init(FILE_MAX);
    make_three(f);
    pair_three(f);
    assert_ok(evh_file_read(&text, path.text));
    for (size_t len = 0; len + 1 < text.len; len += 4) {
        assert_ok(evh_file_replace(path.text, evh_view_of(text.data, len), EVH_FILE_OWNER_ONLY));
        assert_fails_with(open_once(f, f->collector, EVH_DEPLOYMENT_RUN), EVH_ERR_KEY,
                          "keys/collector.hpke is damaged");
    }
    text.data[60] = text.data[60] == 'A' ? 'B' : 'A';
    assert_ok(evh_file_replace(path.text, evh_buffer_view(&text), EVH_FILE_OWNER_ONLY));
    assert_fails_with(open_once(f, f->collector, EVH_DEPLOYMENT_RUN), EVH_ERR_KEY,
                      "does not begin with the key");
    evh_buffer_clear(&text);
}

int run_keys_tests(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_deployment_open_certificate_times),
        WITH_FIXTURE(test_deployment_open_wrong_files),
        WITH_FIXTURE(test_deployment_open_permissions),
        WITH_FIXTURE(test_deployment_open_other_host),
        WITH_FIXTURE(test_deployment_open_collector_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
