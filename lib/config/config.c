/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/config/config.h"

#include <stdlib.h>
#include <string.h>

#include "config_internal.h"
#include "evenhand/base/sizes.h"
#include "evenhand/scoring/text.h"

bool evh_config_keep(evh_config_context *context, evh_status status)
{
    if (context->failure.code == EVH_OK)
        context->failure = status;
    return status.code == EVH_OK;
}

/* A copy of a text that lives as long as the configuration. */
static bool keep_copy(evh_config_context *context, evh_view text, const char **out)
{
    struct evh_config_storage *storage = context->config->storage;
    char *copy = NULL;
    if (!evh_config_keep(context, evh_array_reserve(&storage->texts, &storage->text_capacity,
                                                    storage->text_count + 1, sizeof *storage->texts,
                                                    "texts")) ||
        !evh_config_keep(context, evh_alloc(&copy, text.len + 1, 1, "texts")))
        return false;
    memcpy(copy, text.data, text.len);
    storage->texts[storage->text_count++] = copy;
    *out = copy;
    return true;
}

bool evh_config_normal_text(evh_config_context *context, const evh_yaml_node *node,
                            const char *what, const evh_config_text_rule *rule, const char **out)
{
    evh_view text;
    evh_view normal = {.data = NULL, .len = 0};
    evh_buffer scratch = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    bool good = evh_yaml_read_text(node, what, 1, rule->most, &text, context->diagnostics) &&
                evh_config_keep(context, evh_text_nfc(&normal, &scratch, evh_view_trim(text)));
    if (good && normal.len == 0) {
        evh_yaml_wrong(node, context->diagnostics, rule->blank, "%s is only white space", what);
        good = false;
    }
    if (good && normal.len > rule->most) {
        evh_yaml_wrong(node, context->diagnostics, "a shorter text",
                       "%s is over %zu bytes long in its normal form", what, rule->most);
        good = false;
    }
    good = good && keep_copy(context, normal, out);
    evh_buffer_clear(&scratch);
    return good;
}

bool evh_config_read_term(evh_config_context *context, const evh_yaml_node *node, const char *what,
                          const char **out)
{
    static const evh_config_text_rule rule = {.most = EVH_CONFIG_TERM_BYTES_MAX,
                                              .blank = "the name that the plan gives"};
    return evh_config_normal_text(context, node, what, &rule, out);
}

static void read_root(evh_config_context *context, const evh_yaml_node *root)
{
    static const char *const keys[] = {"customer", "leader", "proxy",  "tls",    "signing_key",
                                       "trust",    "ledger", "limits", "policy", "data"};
    evh_config *config = context->config;
    if (!evh_yaml_read_map(root, "the configuration", keys, sizeof keys / sizeof keys[0],
                           context->diagnostics) &&
        evh_yaml_kind_of(root) != EVH_YAML_MAP)
        return;
    evh_config_read_customer(context, evh_yaml_find(root, "customer"));
    evh_config_read_leader(context, evh_yaml_find(root, "leader"));
    evh_config_read_proxy(context, evh_yaml_find(root, "proxy"));
    evh_config_read_tls(context, evh_yaml_find(root, "tls"));
    evh_config_read_path(context, evh_yaml_find(root, "signing_key"), "signing_key",
                         &config->signing_key);
    evh_config_read_trust(context, evh_yaml_find(root, "trust"));
    evh_config_read_path(context, evh_yaml_find(root, "ledger"), "ledger", &config->ledger);
    evh_config_read_limits(context, evh_yaml_find(root, "limits"));
    evh_config_read_policy(context, evh_yaml_find(root, "policy"));
    evh_config_read_data(context, evh_yaml_find(root, "data"));
}

evh_status evh_config_parse(evh_config **out, const char *file, evh_view bytes,
                            evh_diagnostics *diagnostics)
{
    evh_status status = evh_ok();
    evh_config *config = NULL;
    size_t errors = diagnostics->errors;
    evh_config_context context = {.diagnostics = diagnostics, .failure = evh_ok()};
    *out = NULL;
    EVH_TRY(evh_alloc(&config, 1, sizeof *config, "configurations"));
    EVH_TRY(evh_alloc(&config->storage, 1, sizeof *config->storage, "configurations"));
    config->data.max_unmapped_numerator = 1; /* 2 % */
    config->data.max_unmapped_denominator = 50;
    EVH_TRY(evh_yaml_parse(&config->storage->document, file, bytes, diagnostics));
    context.config = config;
    read_root(&context, evh_yaml_root(config->storage->document));
    EVH_TRY(context.failure);
    if (diagnostics->errors > errors) {
        evh_diagnostics_sort(diagnostics);
        EVH_TRY(evh_diagnostics_status(diagnostics));
    }
    *out = config;
    config = NULL;

done:
    evh_config_free(&config);
    return status;
}

void evh_config_free(evh_config **config)
{
    evh_config *old = *config;
    if (old == NULL)
        return;
    free(old->data.values);
    free(old->data.columns);
    free(old->limits);
    if (old->storage != NULL) {
        for (size_t i = 0; i < old->storage->text_count; i++)
            free(old->storage->texts[i]);
        free(old->storage->texts);
        free(old->storage->leader_host);
        evh_yaml_free(&old->storage->document);
        free(old->storage);
    }
    free(old);
    *config = NULL;
}

evh_status evh_config_require(const evh_config *config, const char *file, unsigned needs,
                              evh_diagnostics *diagnostics)
{
    const bool both = (needs & (EVH_CONFIG_NEED_SERVICE | EVH_CONFIG_NEED_SIGNING)) != 0;
    const struct {
        bool missing;
        const char *key, *right;
    } rows[] = {
        {both && config->customer == NULL, "customer", "customer: the name you are enrolled under"},
        {(needs & EVH_CONFIG_NEED_SERVICE) != 0 && config->leader_host == NULL, "leader",
         "leader: host:port"},
        {(needs & EVH_CONFIG_NEED_SERVICE) != 0 && !config->has_tls, "tls",
         "tls: {ca: ca.pem, cert: acme.pem, key: acme.key}"},
        {(needs & EVH_CONFIG_NEED_SIGNING) != 0 && config->signing_key == NULL, "signing_key",
         "signing_key: path of the key that keygen made"},
        {(needs & EVH_CONFIG_NEED_SERVICE) != 0 && !config->has_trust, "trust",
         "trust: {log: KEY, leader: KEY, helper: KEY, collector: KEY, witness: KEY}"},
        {(needs & EVH_CONFIG_NEED_SERVICE) != 0 && config->has_trust && !config->trust.has_witness,
         "trust.witness", "witness: the helper's key for cosignatures"},
        {(needs & EVH_CONFIG_NEED_LEDGER) != 0 && config->ledger == NULL, "ledger",
         "ledger: path of the privacy ledger"},
        {(needs & EVH_CONFIG_NEED_DATA) != 0 && config->data.path == NULL, "data.path",
         "data: {path: calls.csv}, or --data FILE"},
        {(needs & EVH_CONFIG_NEED_POPULATION) != 0 && config->data.population == NULL,
         "data.population", "data: {population: the name of whose data these are}"},
    };
    bool good = true;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!rows[i].missing)
            continue;
        const evh_mark whole = {.file = file, .line = 0, .column = 0};
        evh_diagnostics_add(diagnostics, EVH_SEVERITY_ERROR, whole, rows[i].right,
                            "%s is missing, and this command needs it", rows[i].key);
        good = false;
    }
    return good ? evh_ok() : evh_diagnostics_status(diagnostics);
}

const evh_config_limit *evh_config_find_limit(const evh_config *config, evh_view population)
{
    for (size_t i = 0; i < config->limit_count; i++)
        if (evh_view_equal(evh_view_of_text(config->limits[i].population), population))
            return &config->limits[i];
    return NULL;
}

/* How many of a text a message shows. */
static int shown(evh_view text)
{
    return (int)(text.len < 40 ? text.len : 40);
}

evh_status evh_config_find_column(evh_buffer *out, const evh_config_data *data, evh_view role,
                                  evh_view model)
{
    bool mapped = false;
    for (size_t i = 0; data != NULL && i < data->column_count; i++) {
        const evh_config_column *column = &data->columns[i];
        if (!evh_view_equal(evh_view_of_text(column->role), role))
            continue;
        if (column->model == NULL && model.len > 0)
            return evh_fail(EVH_ERR_INPUT,
                            "data.columns.%.*s names one column, but the plan has models: "
                            "{model: column, ...} is needed",
                            shown(role), (const char *)role.data);
        if (column->model != NULL && model.len == 0)
            return evh_fail(EVH_ERR_INPUT,
                            "data.columns.%.*s names columns by model, but one for all is needed",
                            shown(role), (const char *)role.data);
        mapped = true;
        if (column->model == NULL || evh_view_equal(evh_view_of_text(column->model), model))
            return evh_buffer_append(out, evh_view_of_text(column->column));
    }
    if (mapped)
        return evh_fail(EVH_ERR_INPUT, "data.columns.%.*s has no column for the model %.*s",
                        shown(role), (const char *)role.data, shown(model),
                        (const char *)model.data);
    return evh_buffer_format(out, "%.*s%s%.*s", (int)role.len, (const char *)role.data,
                             model.len > 0 ? "_" : "", (int)model.len, (const char *)model.data);
}

const char *evh_config_find_value(const evh_config_data *data, evh_view attribute,
                                  evh_view spelling)
{
    size_t low = 0;
    size_t high = data->value_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const evh_config_value *value = &data->values[middle];
        int order = evh_view_compare(evh_view_of_text(value->attribute), attribute);
        if (order == 0)
            order = evh_view_compare(evh_view_of_text(value->from), spelling);
        if (order == 0)
            return value->to;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
