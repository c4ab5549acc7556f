/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "evenhand/ledger/ledger.h"
#include "tests.h"

static void assert_mode(const site *s, const char *name, mode_t mode)
{
    char path[400];
    struct stat info;
    (void)snprintf(path, sizeof path, "%s/%s", s->dir, name);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777U, mode);
}

static void test_keygen_makes_owner_only_files_once(void **state)
{
    site *s = *state;
    mode_t mask = umask(022);
    site_expect(s, 0, "keygen acme --out @acme.ed25519");
    (void)umask(mask);
    assert_mode(s, "acme.ed25519", 0600);
    assert_mode(s, "acme.ed25519.order", 0600);
    assert_mode(s, "acme.ed25519.pub", 0644);
    site_wrote(s, "acme+");
    assert_null(strstr((const char *)s->out.data, "PRIVATE"));
    site_expect(s, 2, "keygen acme --out @acme.ed25519");
    site_said(s, "never overwritten");
}

static void test_keygen_as_json(void **state)
{
    site *s = *state;
    site_expect(s, 0, "keygen acme --out @k --json");
    const char *identity = json_string_value(json_object_get(s->json, "identity"));
    assert_non_null(identity);
    assert_memory_equal(identity, "acme+", 5);
}

static void test_keygen_wrong_names(void **state)
{
    site *s = *state;
    site_expect(s, 2, "keygen");
    site_said(s, "expected one name");
    site_expect(s, 2, "keygen a b");
    site_expect(s, 2, "keygen a+b --out @k");
    site_expect(s, 7, "keygen acme --out @none/k");
}

static evh_status make_report(void *context, const evh_ledger_position *position,
                              evh_buffer *report)
{
    (void)context;
    return evh_buffer_append(report, evh_view_of(position->head, sizeof position->head));
}

static void make_ledger(const site *s, const char *name, uint32_t rounds)
{
    char path[400];
    (void)snprintf(path, sizeof path, "%s/%s", s->dir, name);
    const evh_rng rng = evh_rng_os();
    const evh_noise noise = {.kind = EVH_NOISE_DISCRETE_LAPLACE, .parameter = {3, 1}};
    const evh_shift_term term = {.noise = 0, .magnitude = 1, .cells = 1};
    const evh_shift shift = {.terms = &term, .count = 1};
    evh_ledger_maker maker = {.make = make_report};
    evh_buffer report = evh_buffer_init(1000);
    evh_ledger_position position;
    evh_ledger *ledger = NULL;
    assert_ok(evh_ledger_create(path, view_of_literal("acme"), &rng));
    assert_ok(evh_ledger_open(&ledger, path, EVH_LEDGER_WRITE));
    for (uint32_t round = 1; round <= rounds; round++) {
        evh_ledger_charge charge = {.population = view_of_literal("patients-en"),
                                    .round = round,
                                    .epsilon = {.digits = 5, .exponent = -1},
                                    .customers_per_unit = 1,
                                    .classes = &noise,
                                    .class_count = 1,
                                    .shifts = &shift,
                                    .shift_count = 1};
        assert_ok(evh_ledger_charge_round(ledger, &report, &position, &charge, NULL, &maker,
                                          1790000000000));
    }
    evh_buffer_clear(&report);
    evh_ledger_free(&ledger);
}

static void test_ledger_show_and_verify(void **state)
{
    site *s = *state;
    make_ledger(s, "acme.db", 3);
    site_write(s, "acme.yaml",
               "ledger: acme.db\nlimits: {patients-en: {epsilon: \"4\", per_year: true}}\n");
    site_expect(s, 0, "ledger show -c @acme.yaml");
    site_wrote(s, "Ledger of acme");
    site_wrote(s, "patients-en: epsilon 1.5 over its whole life");
    site_wrote(s, "Your limit: epsilon 4 a year.");
    site_expect(s, 0, "ledger show @acme.db --json");
    assert_int_equal(json_array_size(json_object_get(s->json, "entries")), 3);
    const json_t *population = json_array_get(json_object_get(s->json, "populations"), 0);
    assert_string_equal(json_string_value(json_object_get(population, "life_epsilon")), "1.5");
    site_expect(s, 0, "ledger verify -c @acme.yaml");
    site_wrote(s, "3 entries, all intact");
    char path[400];
    (void)snprintf(path, sizeof path, "%s/acme.db", s->dir);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 4096, SEEK_SET), 0);
    for (int i = 0; i < 4096; i++)
        assert_int_not_equal(fputc(0x5a, file), EOF);
    assert_int_equal(fclose(file), 0);
    site_expect(s, 7, "ledger verify @acme.db");
    site_expect(s, 7, "ledger verify @acme.db --json");
    site_said(s, "\"exit\": 7");
}

static void test_ledger_show_before_the_first_charge(void **state)
{
    site *s = *state;
    site_write(s, "acme.yaml", "customer: acme\nledger: acme.db\n");
    site_expect(s, 0, "ledger show -c @acme.yaml");
    site_wrote(s, "Nothing charged yet");
    site_expect(s, 0, "ledger show -c @acme.yaml --json");
    assert_string_equal(json_string_value(json_object_get(s->json, "customer")), "acme");
    assert_int_equal(json_array_size(json_object_get(s->json, "entries")), 0);
    site_expect(s, 7, "ledger verify -c @acme.yaml");
    site_said(s, "made when a round is first charged");
    site_expect(s, 7, "ledger show @acme.db"); /* a file that was asked for by name */
}

static void test_ledger_wrong_input(void **state)
{
    site *s = *state;
    site_expect(s, 2, "ledger show");
    site_said(s, "needs the ledger");
    site_expect(s, 2, "ledger");
    site_expect(s, 7, "ledger show @none.db");
    site_said(s, "No such file");
    site_write(s, "acme.yaml", "customer: acme\n");
    site_expect(s, 3, "ledger verify -c @acme.yaml");
    site_said(s, "ledger");
}

int run_keys_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_keygen_makes_owner_only_files_once, site_setup,
                                        site_teardown),
        cmocka_unit_test_setup_teardown(test_keygen_as_json, site_setup, site_teardown),
        cmocka_unit_test_setup_teardown(test_keygen_wrong_names, site_setup, site_teardown),
        cmocka_unit_test_setup_teardown(test_ledger_show_and_verify, site_setup, site_teardown),
        cmocka_unit_test_setup_teardown(test_ledger_show_before_the_first_charge, site_setup,
                                        site_teardown),
        cmocka_unit_test_setup_teardown(test_ledger_wrong_input, site_setup, site_teardown),
    };
    return cmocka_run_group_tests_name("client keys", tests, NULL, NULL);
}
