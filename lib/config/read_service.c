/* SPDX-License-Identifier: Apache-2.0
 * Who the customer is, whom it talks to and trusts, and its own rules. */
#include <stdlib.h>
#include <string.h>

#include "config_internal.h"
#include "evenhand/base/address.h"
#include "evenhand/base/sizes.h"

static bool is_letter_or_digit(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

bool evh_config_read_name(evh_config_context *context, const evh_yaml_node *node, const char *what,
                          const char **out)
{
    evh_view text;
    if (!evh_yaml_read_text(node, what, 1, EVH_CONFIG_NAME_BYTES_MAX, &text, context->diagnostics))
        return false;
    bool good = is_letter_or_digit(text.data[0]);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];
        good = good && (is_letter_or_digit(byte) || byte == '.' || byte == '-' || byte == '_');
    }
    if (!good) {
        evh_yaml_wrong(node, context->diagnostics,
                       "letters, digits, dot, hyphen and underscore, the first a letter or digit",
                       "%s is \"%s\"", what, (const char *)text.data);
        return false;
    }
    *out = (const char *)text.data;
    return true;
}

void evh_config_read_path(evh_config_context *context, const evh_yaml_node *node, const char *what,
                          const char **out)
{
    evh_view text;
    if (node == NULL ||
        !evh_yaml_read_text(node, what, 1, EVH_CONFIG_PATH_BYTES_MAX, &text, context->diagnostics))
        return;
    /* The text is not repeated: it may be the secret itself. */
    if (strstr((const char *)text.data, "-----BEGIN") != NULL ||
        strstr((const char *)text.data, "PRIVATE+KEY+") != NULL) {
        evh_yaml_wrong(node, context->diagnostics, "the path of a file that holds it",
                       "%s holds a key or certificate itself", what);
        return;
    }
    *out = (const char *)text.data;
}

void evh_config_read_customer(evh_config_context *context, const evh_yaml_node *node)
{
    if (node != NULL &&
        !evh_config_read_name(context, node, "customer", &context->config->customer))
        context->config->customer = NULL;
}

void evh_config_read_leader(evh_config_context *context, const evh_yaml_node *node)
{
    evh_config *config = context->config;
    char host[EVH_HOST_LEN];
    evh_view text;
    if (node == NULL || !evh_yaml_read_text(node, "leader", 1, 300, &text, context->diagnostics))
        return;
    if (evh_address_read(host, &config->leader_port, text).code != EVH_OK) {
        evh_yaml_wrong(node, context->diagnostics,
                       "host:port, for example leader.example:8443 or [2001:db8::1]:8443",
                       "leader is \"%s\"", (const char *)text.data);
        return;
    }
    char *copy = NULL;
    size_t len = strlen(host) + 1;
    if (!evh_config_keep(context, evh_alloc(&copy, len, 1, "names")))
        return;
    memcpy(copy, host, len);
    config->storage->leader_host = copy;
    config->leader_host = copy;
}

/* http://host:port and nothing else: no user and password, which would be secrets. */
void evh_config_read_proxy(evh_config_context *context, const evh_yaml_node *node)
{
    static const char scheme[] = "http://";
    const size_t skip = sizeof scheme - 1;
    char host[EVH_HOST_LEN];
    uint16_t port = 0;
    evh_view text;
    if (node == NULL || !evh_yaml_read_text(node, "proxy", 1, 300, &text, context->diagnostics))
        return;
    if (text.len <= skip || memcmp(text.data, scheme, skip) != 0 ||
        evh_address_read(host, &port, evh_view_of(text.data + skip, text.len - skip)).code !=
            EVH_OK) {
        evh_yaml_wrong(node, context->diagnostics, "http://host:port", "proxy is no such address");
        return;
    }
    context->config->proxy = (const char *)text.data;
}

/* A path that its section must have. */
static void require_path(evh_config_context *context, const evh_yaml_node *map, const char *section,
                         const char *key, const char *right, const char **out)
{
    const evh_yaml_node *value = NULL;
    if (evh_yaml_require(map, section, key, right, &value, context->diagnostics))
        evh_config_read_path(context, value, key, out);
}

void evh_config_read_tls(evh_config_context *context, const evh_yaml_node *node)
{
    static const char *const keys[] = {"ca", "cert", "key"};
    evh_config_tls *tls = &context->config->tls;
    if (node == NULL || !evh_yaml_read_map(node, "tls", keys, 3, context->diagnostics))
        return;
    require_path(context, node, "tls", "ca", "ca: certificates that the leader's must lead to",
                 &tls->ca);
    require_path(context, node, "tls", "cert", "cert: this customer's certificate", &tls->cert);
    require_path(context, node, "tls", "key", "key: the certificate's key", &tls->key);
    context->config->has_tls = true;
}

static const char key_right[] = "a verifier key, name+hash+key, as its owner gave it to you";

static void read_key(evh_config_context *context, const evh_yaml_node *node, const char *key,
                     evh_identity_type type, evh_identity *out)
{
    evh_view text;
    if (!evh_yaml_read_text(node, key, 1, 1000, &text, context->diagnostics))
        return;
    evh_status status = evh_identity_parse(out, text);
    if (status.code == EVH_ERR_MEMORY)
        context->failure = status;
    else if (status.code != EVH_OK)
        evh_yaml_wrong(node, context->diagnostics, key_right, "%s: %s", key, status.text);
    else if (out->type != type && type == EVH_IDENTITY_ED25519)
        evh_yaml_wrong(node, context->diagnostics, "an Ed25519 signing key (type 01)",
                       "%s is a key for cosignatures", key);
    else if (out->type != type)
        evh_yaml_wrong(node, context->diagnostics, "a key for cosignatures (type 04)",
                       "%s is a signing key", key);
}

static void read_identity(evh_config_context *context, const evh_yaml_node *map, const char *key,
                          evh_identity *out)
{
    const evh_yaml_node *node = NULL;
    if (evh_yaml_require(map, "trust", key, key_right, &node, context->diagnostics))
        read_key(context, node, key, EVH_IDENTITY_ED25519, out);
}

/* Two roles with one key would make one party look like two. */
static void check_distinct(evh_config_context *context, const evh_yaml_node *node)
{
    const evh_config_trust *trust = &context->config->trust;
    if (trust->leader.name[0] != '\0' && trust->helper.name[0] != '\0' &&
        memcmp(trust->leader.key, trust->helper.key, sizeof trust->leader.key) == 0)
        evh_yaml_wrong(evh_yaml_find(node, "helper"), context->diagnostics,
                       "the key of another organisation: privacy rests on there being two",
                       "leader and helper have the same key");
}

void evh_config_read_trust(evh_config_context *context, const evh_yaml_node *node)
{
    static const char *const keys[] = {"log",       "leader",  "helper",
                                       "collector", "witness", "witnesses"};
    evh_config_trust *trust = &context->config->trust;
    const evh_yaml_node *witness = evh_yaml_find(node, "witness");
    if (node == NULL || !evh_yaml_read_map(node, "trust", keys, 6, context->diagnostics))
        return;
    read_identity(context, node, "log", &trust->log);
    read_identity(context, node, "leader", &trust->leader);
    read_identity(context, node, "helper", &trust->helper);
    read_identity(context, node, "collector", &trust->collector);
    if (witness != NULL) {
        read_key(context, witness, "witness", EVH_IDENTITY_COSIGNATURE, &trust->witness);
        trust->has_witness = true;
    }
    evh_config_read_path(context, evh_yaml_find(node, "witnesses"), "witnesses", &trust->witnesses);
    check_distinct(context, node);
    context->config->has_trust = true;
}

static void read_limit(evh_config_context *context, const evh_yaml_node *node,
                       evh_config_limit *limit)
{
    static const char *const keys[] = {"epsilon", "delta", "per_year"};
    const evh_yaml_node *epsilon = NULL;
    const evh_yaml_node *delta = evh_yaml_find(node, "delta");
    const evh_yaml_node *per_year = evh_yaml_find(node, "per_year");
    if (!evh_yaml_read_map(node, limit->population, keys, 3, context->diagnostics))
        return;
    if (evh_yaml_require(node, limit->population, "epsilon", "epsilon: \"4\"", &epsilon,
                         context->diagnostics) &&
        evh_yaml_read_decimal(epsilon, "epsilon", "a decimal above 0", &limit->epsilon,
                              context->diagnostics) &&
        limit->epsilon.digits <= 0)
        evh_yaml_wrong(epsilon, context->diagnostics, "a decimal above 0",
                       "epsilon is not above 0");
    if (delta != NULL &&
        evh_yaml_read_decimal(delta, "delta", "a decimal, 0 <= delta < 1", &limit->delta,
                              context->diagnostics) &&
        (limit->delta.digits < 0 || evh_decimal_compare(limit->delta, evh_decimal_of(1)) >= 0))
        evh_yaml_wrong(delta, context->diagnostics, "a decimal such as \"1e-5\", 0 <= delta < 1",
                       "delta is out of range");
    if (per_year != NULL &&
        !evh_yaml_read_bool(per_year, "per_year", &limit->per_year, context->diagnostics))
        limit->per_year = false;
}

void evh_config_read_limits(evh_config_context *context, const evh_yaml_node *node)
{
    evh_config *config = context->config;
    if (node == NULL)
        return;
    if (evh_yaml_kind_of(node) != EVH_YAML_MAP || evh_yaml_count(node) > EVH_CONFIG_LIMITS_MAX) {
        evh_yaml_wrong(node, context->diagnostics, "limits: {population: {epsilon: \"4\"}}",
                       "limits is not a map of at most %d populations", EVH_CONFIG_LIMITS_MAX);
        return;
    }
    size_t count = evh_yaml_count(node);
    if (!evh_config_keep(context,
                         evh_alloc(&config->limits, count, sizeof *config->limits, "limits")))
        return;
    for (size_t i = 0; i < count; i++) {
        evh_config_limit *limit = &config->limits[config->limit_count];
        const evh_yaml_node *key = evh_yaml_key(node, i);
        limit->delta = evh_decimal_of(0);
        if (!evh_config_read_term(context, key, "population", &limit->population))
            continue;
        /* The document has no key twice, but two may be one name after trimming and NFC. */
        if (evh_config_find_limit(config, evh_view_of_text(limit->population)) != NULL)
            evh_yaml_wrong(key, context->diagnostics, "each population once",
                           "population \"%s\" is there twice", limit->population);
        read_limit(context, evh_yaml_item(node, i), limit);
        config->limit_count++;
    }
}

void evh_config_read_policy(evh_config_context *context, const evh_yaml_node *node)
{
    static const char *const keys[] = {"plans", "smallest_group"};
    static const char *const plans[] = {"ask", "accept"};
    const evh_yaml_node *choice = evh_yaml_find(node, "plans");
    const evh_yaml_node *smallest = evh_yaml_find(node, "smallest_group");
    size_t chosen = 0;
    int64_t group = 0;
    if (node == NULL || !evh_yaml_read_map(node, "policy", keys, 2, context->diagnostics))
        return;
    if (choice != NULL &&
        evh_yaml_read_choice(choice, "plans", plans, 2, &chosen, context->diagnostics))
        context->config->plans = (evh_config_plans)chosen;
    if (smallest != NULL &&
        evh_yaml_read_integer(smallest, "smallest_group", 0, EVH_CONFIG_SMALLEST_GROUP_MAX, &group,
                              context->diagnostics))
        context->config->smallest_group = (uint64_t)group;
}
