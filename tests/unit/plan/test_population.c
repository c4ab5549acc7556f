/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/plan/population.h"

#include <string.h>

#include "support/alloc_fail.h"
#include "support/test.h"
#include "tests.h"

static const char every_key[] = "name: ' patients-en '\n"
                                "unit: person\n"
                                "adjacency: replace-one\n"
                                "customers_per_unit: 3\n"
                                "budget: {epsilon: \"4.50\", delta: 1e-5}\n"
                                "accountant: pld-1\n";

static void test_population_parse(void **state)
{
    (void)state;
    evh_population population;
    evh_diagnostics list = evh_diagnostics_init(10);
    assert_ok(evh_population_parse(&population, "p", evh_view_of_text(every_key), &list));
    assert_string_equal(population.name, "patients-en");
    assert_int_equal(population.adjacency, EVH_REPLACE_ONE);
    assert_int_equal(population.customers_per_unit, 3);
    assert_int_equal(population.accountant, EVH_ACCOUNTANT_PLD);
    evh_budget budget = evh_population_budget(&population);
    assert_true(budget.epsilon.num == 9 && budget.epsilon.den == 2);
    assert_true(budget.delta.num == 1 && budget.delta.den == 100000);

    static const char json[] =
        "{\"name\": \"p\", \"budget\": {\"epsilon\": \"6\", \"delta\": \"0\"}}";
    assert_ok(evh_population_parse(&population, "p", evh_view_of_text(json), &list));
    assert_int_equal(population.adjacency, EVH_ADD_REMOVE);
    assert_int_equal(population.customers_per_unit, 1);
    assert_int_equal(population.accountant, EVH_ACCOUNTANT_BASIC);
    assert_int_equal(list.errors, 0);
    evh_diagnostics_clear(&list);
}

static void test_population_parse_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t line;
        uint64_t column;
        const char *wrong;
        const char *right;
    } rows[] = {
        {"[]", 1, 1, "the population is a list", "a map"},
        {"budget: {epsilon: 1, delta: 0}\n", 1, 1, "no key \"name\"", "name:"},
        {"name: p\n", 1, 1, "no key \"budget\"", "budget: {"},
        {"name: p\nbudget: 4\n", 2, 9, "budget is \"4\"", "a map"},
        {"name: p\nbudget: {delta: 0}\n", 2, 9, "budget has no key \"epsilon\"", "above 0"},
        {"name: p\nbudget: {epsilon: 1}\n", 2, 9, "budget has no key \"delta\"", "from 0 to"},
        {"name: p\nbudget: {epsilon: 0, delta: 0}\n", 2, 19, "epsilon is 0", "above 0"},
        {"name: p\nbudget: {epsilon: -1, delta: 0}\n", 2, 19, "epsilon is -1", "above 0"},
        {"name: p\nbudget: {epsilon: 1001, delta: 0}\n", 2, 19, "epsilon is 1001", "at most 1000"},
        {"name: p\nbudget: {epsilon: 1e-30, delta: 0}\n", 2, 19, "epsilon is 1e-30", "above 0"},
        {"name: p\nbudget: {epsilon: 1, delta: 0.01}\n", 2, 29, "delta is 0.01", "0.001"},
        {"name: p\nbudget: {epsilon: 1, delta: 0, rho: 1}\n", 2, 32, "unknown key \"rho\"",
         "epsilon or delta"},
        {"name: []\nbudget: {epsilon: 1, delta: 0}\n", 1, 7, "name is a list", "a text"},
        {"name: ' '\nbudget: {epsilon: 1, delta: 0}\n", 1, 7, "name cannot be used", "a text"},
        {"name: p\nunit: household\nbudget: {epsilon: 1, delta: 0}\n", 2, 7,
         "unit is \"household\"", "person"},
        {"name: p\nadjacency: both\nbudget: {epsilon: 1, delta: 0}\n", 2, 12,
         "adjacency is \"both\"", "add-remove or replace-one"},
        {"name: p\ncustomers_per_unit: 0\nbudget: {epsilon: 1, delta: 0}\n", 2, 21,
         "customers_per_unit is \"0\"", "1 to 1000"},
        {"name: p\naccountant: rdp\nbudget: {epsilon: 1, delta: 0}\n", 2, 13,
         "accountant is \"rdp\"", "basic-1 or pld-1"},
        {"name: p\nbugdet: {}\n", 2, 1, "unknown key \"bugdet\"", "\"budget\"; allowed"},
        {"name: p\nname: q\n", 2, 1, "duplicate key \"name\"", "once"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        evh_population population;
        evh_population none;
        memset(&none, 0, sizeof none);
        evh_diagnostics list = evh_diagnostics_init(10);
        evh_view text = evh_view_of_text(rows[i].text);
        evh_status status = evh_population_parse(&population, "p", text, &list);
        if (status.code != EVH_ERR_INPUT)
            fail_msg("%s: %s", rows[i].text, status.text);
        assert_memory_equal(&population, &none, sizeof none);
        const evh_diagnostic *first = &list.items[0];
        if (first->line != rows[i].line || first->column != rows[i].column ||
            strstr(first->wrong, rows[i].wrong) == NULL ||
            strstr(first->right, rows[i].right) == NULL)
            fail_msg("%s gave %s", rows[i].text, status.text);
        evh_diagnostics_clear(&list);
    }
}

static void encode_every_key(evh_buffer *bytes)
{
    evh_population population;
    evh_diagnostics list = evh_diagnostics_init(10);
    assert_ok(evh_population_parse(&population, "p", evh_view_of_text(every_key), &list));
    assert_ok(evh_population_encode(&population, bytes));
    evh_diagnostics_clear(&list);
}

static void test_population_bytes(void **state)
{
    (void)state;
    evh_buffer bytes = evh_buffer_init(4096);
    evh_buffer again = evh_buffer_init(4096);
    evh_population population;
    encode_every_key(&bytes);
    char hex[256];
    evh_hex_encode(hex, evh_buffer_view(&bytes));
    /* version, name, unit, adjacency, customers_per_unit; "4.5", "0.00001", accountant */
    assert_string_equal(hex, "0801120b70617469656e74732d656e180120022803"
                             "3203342e353a07302e30303030314002");
    assert_ok(evh_population_decode(&population, evh_buffer_view(&bytes)));
    assert_string_equal(population.name, "patients-en");
    assert_int_equal(population.customers_per_unit, 3);
    assert_ok(evh_population_encode(&population, &again));
    assert_views_equal(evh_buffer_view(&again), evh_buffer_view(&bytes));
    evh_buffer_clear(&again);
    evh_buffer_clear(&bytes);
}

/* Whatever is taken for a population encodes to just the bytes it came from. */
static void test_population_decode_every_cut_and_flip(void **state)
{
    (void)state;
    evh_buffer bytes = evh_buffer_init(4096);
    encode_every_key(&bytes);
    for (size_t i = 0; i < 9 * bytes.len; i++) {
        evh_buffer again = evh_buffer_init(4096);
        evh_population population;
        size_t len = i < bytes.len ? i : bytes.len;
        size_t bit = i < bytes.len ? 0 : i - bytes.len;
        if (i >= bytes.len)
            bytes.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        evh_status status = evh_population_decode(&population, evh_view_of(bytes.data, len));
        if (status.code == EVH_OK) {
            assert_ok(evh_population_encode(&population, &again));
            assert_views_equal(evh_buffer_view(&again), evh_view_of(bytes.data, len));
        } else {
            assert_int_equal(status.code, EVH_ERR_ENCODING);
            assert_int_equal(population.customers_per_unit, 0);
        }
        if (i >= bytes.len)
            bytes.data[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        evh_buffer_clear(&again);
    }
    evh_population population;
    evh_view huge = {.data = bytes.data, .len = (size_t)EVH_PLAN_BYTES_MAX + 1};
    assert_fails(evh_population_decode(&population, huge), EVH_ERR_RANGE);
    evh_buffer_clear(&bytes);
}

static evh_status decode_once(void *context)
{
    evh_population population;
    return evh_population_decode(&population, evh_buffer_view(context));
}

static void test_population_without_memory(void **state)
{
    (void)state;
    evh_buffer bytes = evh_buffer_init(4096);
    encode_every_key(&bytes);
    assert_true(test_alloc_sweep(decode_once, &bytes) > 2);
    evh_buffer_clear(&bytes);
}

int run_population_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_population_parse),
        cmocka_unit_test(test_population_parse_refuses),
        cmocka_unit_test(test_population_bytes),
        cmocka_unit_test(test_population_decode_every_cut_and_flip),
        cmocka_unit_test(test_population_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
