/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/aggregator/settings.h"

#include <stdio.h>
#include <string.h>

#include "evenhand/aggregator/aggregator.h"
#include "evenhand/yaml/document.h"
#include "evenhand/yaml/read.h"

enum { SETTINGS_VERSION = 1 };

typedef struct reading {
    evh_settings *settings;
    evh_diagnostics *diagnostics;
} reading;

static const char *const role_words[] = {"leader", "helper", "collector"};
static const evh_role roles[] = {EVH_ROLE_LEADER, EVH_ROLE_HELPER, EVH_ROLE_COLLECTOR};
static const char *const level_words[] = {"debug", "info", "warn", "error"};

/* One whole number of `limits`. */
typedef struct limit {
    const char *key;
    size_t offset; /* in evh_settings_limits */
    uint32_t standard, least, most;
    const char *meaning;
} limit;

#define LIMIT(member, standard, least, most, meaning)                                              \
    {                                                                                              \
#member, offsetof(evh_settings_limits, member), standard, least, most, meaning             \
    }

static const limit limits[] = {
    LIMIT(workers, 8, 1, 256, "calls answered at the same time"),
    LIMIT(report_bytes, 16 << 20, 1 << 10, 64 << 20, "the largest report that is taken"),
    LIMIT(job_reports, 100, 1, EVH_JOB_REPORTS_MAX, "reports sent to the helper at once"),
    LIMIT(waiting_reports, 10000, 1, 1000000,
          "reports not yet aggregated; with more, uploads are asked to come later"),
    LIMIT(calls_per_minute, 600, 1, 1000000, "of one customer or other caller"),
    LIMIT(receive_timeout_ms, 30000, 100, 3600000, "a caller that is silent this long is cut off"),
    LIMIT(result_late_hours, 24, 1, 8760, "collector: a result that takes longer is late"),
};

enum { LIMIT_COUNT = sizeof limits / sizeof limits[0] };

static uint32_t *limit_of(evh_settings_limits *in, const limit *which)
{
    return (uint32_t *)(void *)((char *)in + which->offset);
}

const char *evh_party_word(evh_role role)
{
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (roles[i] == role)
            return role_words[i];
    return NULL;
}

evh_status evh_party_name_check(const char *name)
{
    size_t len = strlen(name);
    bool good = len >= 1 && len <= EVH_PARTY_NAME_BYTES_MAX;
    for (size_t i = 0; i < len; i++) {
        char c = name[i];
        bool first = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        good = good && (first || (i > 0 && (c == '.' || c == '-' || c == '_')));
    }
    return good ? evh_ok()
                : evh_fail(EVH_ERR_ARG,
                           "a name has 1 to %d letters, digits, dots, hyphens and underscores, the "
                           "first a letter or digit",
                           EVH_PARTY_NAME_BYTES_MAX);
}

evh_settings evh_settings_default(evh_role role)
{
    evh_settings settings = {.role = role,
                             .store = "store.db",
                             .vault = "vault",
                             .leader = "peers/leader.yaml",
                             .helper = "peers/helper.yaml",
                             .collector = "peers/collector.yaml",
                             .results = "results",
                             .log_level = EVH_LOG_INFO};
    for (size_t i = 0; i < LIMIT_COUNT; i++)
        *limit_of(&settings.limits, &limits[i]) = limits[i].standard;
    return settings;
}

/* ---- reading ---- */

static void read_path(const reading *r, const evh_yaml_node *map, const char *key,
                      char out[EVH_SETTINGS_PATH_LEN])
{
    const evh_yaml_node *node = evh_yaml_find(map, key);
    evh_view text;
    if (node == NULL ||
        !evh_yaml_read_text(node, key, 1, EVH_SETTINGS_PATH_LEN - 1, &text, r->diagnostics))
        return;
    /* The text is not repeated: it may be the secret itself. */
    if (strstr((const char *)text.data, "-----BEGIN") != NULL ||
        strstr((const char *)text.data, "PRIVATE+KEY+") != NULL) {
        evh_yaml_wrong(node, r->diagnostics, "the path of a file", "%s holds a key itself", key);
        return;
    }
    memcpy(out, text.data, text.len);
    out[text.len] = '\0';
}

static void read_address(const reading *r, const evh_yaml_node *node, const char *key,
                         char out[EVH_ADDRESS_LEN])
{
    char host[EVH_HOST_LEN];
    uint16_t port = 0;
    evh_view text;
    if (node == NULL || !evh_yaml_read_text(node, key, 1, 1000, &text, r->diagnostics))
        return;
    if (evh_address_read(host, &port, text).code != EVH_OK) {
        evh_yaml_wrong(node, r->diagnostics, "host:port, for example 0.0.0.0:8443", "%s is \"%s\"",
                       key, (const char *)text.data);
        return;
    }
    evh_address_write(out, host, port);
}

static void read_name(const reading *r, const evh_yaml_node *root)
{
    const evh_yaml_node *node = NULL;
    evh_view text;
    if (!evh_yaml_require(root, "the file", "name", "name: the name of this party", &node,
                          r->diagnostics) ||
        !evh_yaml_read_text(node, "name", 1, 1000, &text, r->diagnostics))
        return;
    evh_status status = evh_party_name_check((const char *)text.data);
    if (status.code != EVH_OK)
        evh_yaml_wrong(node, r->diagnostics, "", "%s", status.text);
    else
        memcpy(r->settings->name, text.data, text.len + 1);
}

static void read_limits(const reading *r, const evh_yaml_node *node)
{
    const char *keys[LIMIT_COUNT];
    for (size_t i = 0; i < LIMIT_COUNT; i++)
        keys[i] = limits[i].key;
    if (node == NULL || !evh_yaml_read_map(node, "limits", keys, LIMIT_COUNT, r->diagnostics))
        return;
    for (size_t i = 0; i < LIMIT_COUNT; i++) {
        const evh_yaml_node *value = evh_yaml_find(node, limits[i].key);
        int64_t number = 0;
        if (value != NULL && evh_yaml_read_integer(value, limits[i].key, limits[i].least,
                                                   limits[i].most, &number, r->diagnostics))
            *limit_of(&r->settings->limits, &limits[i]) = (uint32_t)number;
    }
}

static void read_peers(const reading *r, const evh_yaml_node *node)
{
    evh_settings *s = r->settings;
    const char *others[2];
    size_t count = 0;
    for (size_t i = 0; i < 3; i++)
        if (roles[i] != s->role && count < 2)
            others[count++] = role_words[i];
    if (node == NULL || !evh_yaml_read_map(node, "peers", others, count, r->diagnostics))
        return;
    read_path(r, node, "leader", s->leader);
    read_path(r, node, "helper", s->helper);
    read_path(r, node, "collector", s->collector);
}

/* The role decides what everything else means: without it nothing else is read. */
static bool read_role(const reading *r, const evh_yaml_node *root)
{
    const evh_yaml_node *node = NULL;
    size_t chosen = 0;
    if (!evh_yaml_require(root, "the file", "role", "role: leader, helper or collector", &node,
                          r->diagnostics) ||
        !evh_yaml_read_choice(node, "role", role_words, 3, &chosen, r->diagnostics))
        return false;
    *r->settings = evh_settings_default(roles[chosen]);
    return true;
}

/* Names of the server's certificate; the one in `address` belongs among them. */
static void read_hosts(const reading *r, const evh_yaml_node *root)
{
    const evh_yaml_node *node = NULL;
    evh_settings *s = r->settings;
    if (!evh_yaml_require(root, "the file", "hosts", "hosts: [leader.example]", &node,
                          r->diagnostics) ||
        !evh_yaml_read_list(node, "hosts", 1, EVH_SETTINGS_HOSTS_MAX, r->diagnostics))
        return;
    for (size_t i = 0; i < evh_yaml_count(node); i++) {
        const evh_yaml_node *item = evh_yaml_item(node, i);
        evh_view text;
        if (!evh_yaml_read_text(item, "host", 1, EVH_HOST_LEN - 1, &text, r->diagnostics))
            continue;
        if (evh_host_is_good((const char *)text.data))
            memcpy(s->hosts[s->host_count++], text.data, text.len + 1);
        else
            evh_yaml_wrong(item, r->diagnostics, "a host name or an IP address", "host is \"%s\"",
                           (const char *)text.data);
    }
}

static void read_server(const reading *r, const evh_yaml_node *root)
{
    const evh_yaml_node *node = NULL;
    if (evh_yaml_require(root, "the file", "listen", "listen: 0.0.0.0:8443", &node, r->diagnostics))
        read_address(r, node, "listen", r->settings->listen);
    if (evh_yaml_require(root, "the file", "address", "address: leader.example:8443", &node,
                         r->diagnostics))
        read_address(r, node, "address", r->settings->address);
    read_hosts(r, root);
}

/* A collector calls and is never called. */
static void refuse_server(const reading *r, const evh_yaml_node *root)
{
    static const char *const keys[] = {"listen", "address", "hosts"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const evh_yaml_node *node = evh_yaml_find(root, keys[i]);
        if (node != NULL)
            evh_yaml_wrong(node, r->diagnostics, "no such key: a collector is never called",
                           "%s in the settings of a collector", keys[i]);
    }
}

static void refuse_results(const reading *r, const evh_yaml_node *root)
{
    const evh_yaml_node *node = evh_yaml_find(root, "results");
    if (node != NULL)
        evh_yaml_wrong(node, r->diagnostics, "no such key: the collector keeps the results",
                       "results in the settings of a %s", evh_party_word(r->settings->role));
}

static void read_root(const reading *r, const evh_yaml_node *root)
{
    static const char *const keys[] = {"version", "role",      "name",  "listen", "address",
                                       "hosts",   "metrics",   "peers", "store",  "vault",
                                       "results", "log_level", "limits"};
    const evh_yaml_node *version = NULL;
    const evh_yaml_node *level = evh_yaml_find(root, "log_level");
    int64_t number = 0;
    size_t chosen = 0;
    if (!evh_yaml_read_map(root, "the file", keys, sizeof keys / sizeof keys[0], r->diagnostics))
        return;
    if (evh_yaml_require(root, "the file", "version", "version: 1", &version, r->diagnostics) &&
        !evh_yaml_read_integer(version, "version", SETTINGS_VERSION, SETTINGS_VERSION, &number,
                               r->diagnostics))
        return;
    if (!read_role(r, root))
        return;
    read_name(r, root);
    if (r->settings->role == EVH_ROLE_COLLECTOR) {
        refuse_server(r, root);
        read_path(r, root, "results", r->settings->results);
    } else {
        read_server(r, root);
        refuse_results(r, root);
    }
    read_address(r, evh_yaml_find(root, "metrics"), "metrics", r->settings->metrics);
    read_peers(r, evh_yaml_find(root, "peers"));
    read_path(r, root, "store", r->settings->store);
    read_path(r, root, "vault", r->settings->vault);
    if (level != NULL &&
        evh_yaml_read_choice(level, "log_level", level_words, 4, &chosen, r->diagnostics))
        r->settings->log_level = (evh_log_level)chosen;
    read_limits(r, evh_yaml_find(root, "limits"));
}

evh_status evh_settings_parse(evh_settings *out, const char *file, evh_view bytes,
                              evh_diagnostics *diagnostics)
{
    evh_yaml *document = NULL;
    const size_t before = diagnostics->errors;
    const reading r = {.settings = out, .diagnostics = diagnostics};
    evh_status status = evh_ok();
    memset(out, 0, sizeof *out);
    EVH_TRY(evh_yaml_parse(&document, file, bytes, diagnostics));
    read_root(&r, evh_yaml_root(document));
    evh_diagnostics_sort(diagnostics);
    if (diagnostics->errors > before)
        status = evh_diagnostics_status(diagnostics);
done:
    evh_yaml_free(&document);
    if (status.code != EVH_OK)
        memset(out, 0, sizeof *out);
    return status;
}

/* ---- writing ---- */

static evh_status format_limits(evh_buffer *out, const evh_settings *settings)
{
    evh_status status = evh_ok();
    evh_settings_limits copy = settings->limits;
    bool standard = true;
    for (size_t i = 0; i < LIMIT_COUNT; i++)
        standard = standard && *limit_of(&copy, &limits[i]) == limits[i].standard;
    EVH_TRY(evh_buffer_format(out, "\n%slimits:\n", standard ? "# " : ""));
    for (size_t i = 0; i < LIMIT_COUNT; i++)
        EVH_TRY(evh_buffer_format(out, "%s  %s: %u  # %s\n", standard ? "# " : "", limits[i].key,
                                  *limit_of(&copy, &limits[i]), limits[i].meaning));
done:
    return status;
}

/* A key with a value that may be the default. */
static evh_status format_key(evh_buffer *out, const char *key, const char *value,
                             const char *standard, const char *meaning)
{
    bool same = strcmp(value, standard) == 0;
    return evh_buffer_format(out, "%s%s: \"%s\"  # %s\n", same ? "# " : "", key, value, meaning);
}

static evh_status format_peers(evh_buffer *out, const evh_settings *settings)
{
    evh_status status = evh_ok();
    const char *const paths[3] = {settings->leader, settings->helper, settings->collector};
    EVH_TRY(evh_buffer_format(out,
                              "\n# Where 'init --peer' puts the other parties' introductions.\n"
                              "peers:\n"));
    for (size_t i = 0; i < 3; i++)
        if (roles[i] != settings->role)
            EVH_TRY(evh_buffer_format(out, "  %s: \"%s\"\n", role_words[i], paths[i]));
done:
    return status;
}

static evh_status format_server(evh_buffer *out, const evh_settings *settings)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_format(out,
                              "\nlisten: \"%s\"\n"
                              "address: \"%s\"  # where the others reach it\n"
                              "hosts: [",
                              settings->listen, settings->address));
    for (size_t i = 0; i < settings->host_count; i++)
        EVH_TRY(evh_buffer_format(out, "%s\"%s\"", i > 0 ? ", " : "", settings->hosts[i]));
    EVH_TRY(evh_buffer_format(out, "]  # in its certificate; 'keys rotate tls' takes changes\n"));
done:
    return status;
}

evh_status evh_settings_format(evh_buffer *out, const evh_settings *settings)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_format(out,
                              "# Settings of a %s of Evenhand. Paths are relative to this folder.\n"
                              "# Every key: docs/reference/aggregator-configuration.md\n"
                              "version: 1\nrole: %s\nname: \"%s\"\n",
                              evh_party_word(settings->role), evh_party_word(settings->role),
                              settings->name));
    if (settings->role != EVH_ROLE_COLLECTOR)
        EVH_TRY(format_server(out, settings));
    if (settings->metrics[0] != '\0')
        EVH_TRY(evh_buffer_format(out, "metrics: \"%s\"\n", settings->metrics));
    else
        EVH_TRY(evh_buffer_format(out, "# metrics: \"127.0.0.1:9100\"  # /metrics, /healthz and "
                                       "/readyz, plain HTTP: not for the public\n"));
    EVH_TRY(format_peers(out, settings));
    EVH_TRY(evh_buffer_format(out, "\n"));
    EVH_TRY(format_key(out, "store", settings->store, "store.db", "the database"));
    EVH_TRY(format_key(out, "vault", settings->vault, "vault",
                       "secrets of open rounds: never copy or back up this folder"));
    if (settings->role == EVH_ROLE_COLLECTOR)
        EVH_TRY(format_key(out, "results", settings->results, "results", "folder of the results"));
    EVH_TRY(format_key(out, "log_level", level_words[settings->log_level], "info",
                       "debug, info, warn or error"));
    EVH_TRY(format_limits(out, settings));
done:
    return status;
}
