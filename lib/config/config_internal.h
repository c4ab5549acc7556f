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
    size_t limit_capacity, column_capacity, value_capacity;
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

/* Keeps the first failure; false if there was one. */
EVH_MUST_USE bool evh_config_keep(evh_config_context *context, evh_status status);

#endif
