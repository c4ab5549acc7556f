/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/plan/population.h"

#include <string.h>

#include "evenhand/scoring/text.h"
#include "evenhand/yaml/read.h"

static const char *const accountant_names[] = {"basic-1", "pld-1"};
static const char *const adjacency_names[] = {"add-remove", "replace-one"};

const char *evh_accountant_name(evh_accountant accountant)
{
    return accountant_names[accountant];
}

const char *evh_adjacency_name(evh_adjacency adjacency)
{
    return adjacency_names[adjacency];
}

static bool read_name(const evh_yaml_node *root, evh_population *out, evh_diagnostics *diagnostics)
{
    const evh_yaml_node *node = NULL;
    evh_view text;
    evh_view normal;
    evh_buffer scratch = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    if (!evh_yaml_require(root, "the population", "name", "name: what plans call it", &node,
                          diagnostics) ||
        !evh_yaml_read_text(node, "name", 1, EVH_PLAN_NAME_MAX, &text, diagnostics))
        return false;
    evh_status status = evh_text_nfc(&normal, &scratch, evh_view_trim(text));
    bool good = status.code == EVH_OK && normal.len >= 1 && normal.len <= EVH_PLAN_NAME_MAX;
    if (good)
        memcpy(out->name, normal.data, normal.len);
    else
        evh_yaml_wrong(node, diagnostics, "a text of 1 to 128 bytes", "name cannot be used");
    evh_buffer_clear(&scratch);
    return good;
}

/* A decimal of the budget that is a fraction of 64-bit numbers, least < value <= most. */
static bool read_amount(const evh_yaml_node *budget, const char *key, const char *right,
                        int64_t least, evh_decimal most, evh_decimal *out,
                        evh_diagnostics *diagnostics)
{
    const evh_yaml_node *node = NULL;
    evh_decimal value;
    uint64_t numerator = 0;
    uint64_t denominator = 0;
    if (!evh_yaml_require(budget, "budget", key, right, &node, diagnostics) ||
        !evh_yaml_read_decimal(node, key, right, &value, diagnostics))
        return false;
    evh_status status = evh_decimal_fraction(value, &numerator, &denominator);
    if (status.code != EVH_OK || evh_decimal_compare(value, evh_decimal_of(least)) < 0 ||
        evh_decimal_compare(value, most) > 0) {
        evh_view text = evh_yaml_text(node);
        evh_yaml_wrong(node, diagnostics, right, "%s is %.*s", key, (int)text.len,
                       (const char *)text.data);
        return false;
    }
    *out = value;
    return true;
}

static bool read_budget(const evh_yaml_node *root, evh_population *out,
                        evh_diagnostics *diagnostics)
{
    static const char *const keys[] = {"epsilon", "delta"};
    const evh_yaml_node *budget = NULL;
    evh_decimal delta_max = {.digits = 1, .exponent = -3};
    if (!evh_yaml_require(root, "the population", "budget", "budget: {epsilon: ..., delta: ...}",
                          &budget, diagnostics) ||
        !evh_yaml_read_map(budget, "budget", keys, 2, diagnostics))
        return false;
    bool good = read_amount(budget, "epsilon", "a decimal above 0, at most 1000", 0,
                            evh_decimal_of(1000), &out->epsilon, diagnostics);
    if (good && out->epsilon.digits == 0) {
        evh_yaml_wrong(evh_yaml_find(budget, "epsilon"), diagnostics,
                       "a decimal above 0, at most 1000", "epsilon is 0");
        good = false;
    }
    good &= read_amount(budget, "delta", "a decimal from 0 to 0.001", 0, delta_max, &out->delta,
                        diagnostics);
    return good;
}

static bool read_population(const evh_yaml_node *root, evh_population *out,
                            evh_diagnostics *diagnostics)
{
    static const char *const keys[] = {"name",   "unit",      "adjacency", "customers_per_unit",
                                       "budget", "accountant"};
    static const char *const units[] = {"person"};
    const evh_yaml_node *unit = evh_yaml_find(root, "unit");
    const evh_yaml_node *adjacency = evh_yaml_find(root, "adjacency");
    const evh_yaml_node *customers = evh_yaml_find(root, "customers_per_unit");
    const evh_yaml_node *accountant = evh_yaml_find(root, "accountant");
    size_t chosen = 0;
    int64_t count = 1;
    if (!evh_yaml_read_map(root, "the population", keys, 6, diagnostics))
        return false;
    bool good = read_name(root, out, diagnostics);
    good &= unit == NULL || evh_yaml_read_choice(unit, "unit", units, 1, &chosen, diagnostics);
    good &= adjacency == NULL ||
            evh_yaml_read_choice(adjacency, "adjacency", adjacency_names, 2, &chosen, diagnostics);
    out->adjacency = adjacency == NULL ? EVH_ADD_REMOVE : (evh_adjacency)chosen;
    chosen = 0;
    good &= accountant == NULL || evh_yaml_read_choice(accountant, "accountant", accountant_names,
                                                       2, &chosen, diagnostics);
    out->accountant = (evh_accountant)chosen;
    good &= customers == NULL ||
            evh_yaml_read_integer(customers, "customers_per_unit", 1, EVH_POPULATION_CUSTOMERS_MAX,
                                  &count, diagnostics);
    out->customers_per_unit = (uint32_t)count;
    return read_budget(root, out, diagnostics) && good;
}

evh_status evh_population_parse(evh_population *out, const char *file, evh_view text,
                                evh_diagnostics *diagnostics)
{
    evh_status status = evh_ok();
    evh_yaml *document = NULL;
    evh_population made = {.name = ""};
    *out = made;
    EVH_TRY(evh_yaml_parse(&document, file, text, diagnostics));
    if (!read_population(evh_yaml_root(document), &made, diagnostics)) {
        evh_diagnostics_sort(diagnostics);
        EVH_TRY(evh_diagnostics_status(diagnostics));
    }
    *out = made;
done:
    evh_yaml_free(&document);
    return status;
}

evh_budget evh_population_budget(const evh_population *population)
{
    evh_budget budget = {.epsilon = {.num = 0, .den = 1}, .delta = {.num = 0, .den = 1}};
    evh_status_discard(
        evh_decimal_fraction(population->epsilon, &budget.epsilon.num, &budget.epsilon.den),
        "checked when it was read, and then the strictest value");
    evh_status_discard(
        evh_decimal_fraction(population->delta, &budget.delta.num, &budget.delta.den),
        "checked when it was read, and then the strictest value");
    return budget;
}
