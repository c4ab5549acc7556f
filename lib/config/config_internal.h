/* SPDX-License-Identifier: Apache-2.0
 * config/config_internal.h: the pieces of one parse. */
#ifndef EVH_CONFIG_CONFIG_INTERNAL_H
#define EVH_CONFIG_CONFIG_INTERNAL_H

#include "evenhand/config/config.h"
#include "evenhand/yaml/document.h"
#include "evenhand/yaml/read.h"

struct evh_config_storage {
    evh_yaml *document; /* most texts point into it */
    char *leader_host;
    char **texts; /* [text_count] copies of those that were put in NFC */
    size_t limit_capacity, column_capacity, value_capacity, text_capacity, text_count;
};

typedef struct evh_config_context {
    evh_config *config;
    evh_diagnostics *diagnostics;
    evh_status failure; /* memory; mistakes are in the diagnostics */
} evh_config_context;

/* Each reads one key of the root map, if it is there, and adds what is wrong to the diagnostics. */
void evh_config_read_customer(evh_config_context *context, const evh_yaml_node *node);
void evh_config_read_leader(evh_config_context *context, const evh_yaml_node *node);
void evh_config_read_proxy(evh_config_context *context, const evh_yaml_node *node);
void evh_config_read_tls(evh_config_context *context, const evh_yaml_node *node);
void evh_config_read_trust(evh_config_context *context, const evh_yaml_node *node);
void evh_config_read_limits(evh_config_context *context, const evh_yaml_node *node);
void evh_config_read_policy(evh_config_context *context, const evh_yaml_node *node);
void evh_config_read_data(evh_config_context *context, const evh_yaml_node *node);

/* A path; one that holds a key instead is refused. */
void evh_config_read_path(evh_config_context *context, const evh_yaml_node *node, const char *what,
                          const char **out);

/* A name: letters, digits, dot, hyphen and underscore, starting with a letter or digit. */
EVH_MUST_USE bool evh_config_read_name(evh_config_context *context, const evh_yaml_node *node,
                                       const char *what, const char **out);

/* A name that plans give, as they keep it. */
EVH_MUST_USE bool evh_config_read_term(evh_config_context *context, const evh_yaml_node *node,
                                       const char *what, const char **out);

typedef struct evh_config_text_rule {
    size_t most;       /* bytes, before and after */
    const char *blank; /* what would be right where there is only white space */
} evh_config_text_rule;

/* The trimmed NFC form of a text. False when there is nothing left of it. */
EVH_MUST_USE bool evh_config_normal_text(evh_config_context *context, const evh_yaml_node *node,
                                         const char *what, const evh_config_text_rule *rule,
                                         const char **out);

/* Keeps the first failure; false if there was one. */
EVH_MUST_USE bool evh_config_keep(evh_config_context *context, evh_status status);

#endif
