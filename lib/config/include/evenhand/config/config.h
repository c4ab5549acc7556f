/* SPDX-License-Identifier: Apache-2.0
 * config/config.h: the configuration file of a customer's site.
 * Keys, defaults and examples: docs/reference/configuration.md. Paths are given as they are
 * written; they are relative to the file's folder, and it is the program that opens them.
 * Secret   none: secrets are named by path only, and a key written into the file is refused
 * Threads  a configuration is immutable: any      Memory   a few times the file's size
 * Tests    unit/config/, fuzz/config/ */
#ifndef EVH_CONFIG_CONFIG_H
#define EVH_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/decimal.h"
#include "evenhand/base/status.h"
#include "evenhand/seal/identity.h"
#include "evenhand/yaml/diagnostics.h"

enum {
    EVH_CONFIG_NAME_BYTES_MAX = 64,
    EVH_CONFIG_TERM_BYTES_MAX = 128, /* a name that plans give: population, attribute, model */
    EVH_CONFIG_PATH_BYTES_MAX = 4000,
    EVH_CONFIG_COLUMN_BYTES_MAX = 1000,
    EVH_CONFIG_SPELLING_BYTES_MAX = 1000,
    EVH_CONFIG_LIMITS_MAX = 1000, /* populations with a limit */
    EVH_CONFIG_COLUMNS_MAX = 4096,
    EVH_CONFIG_VALUES_MAX = 100000, /* mapped spellings */
    EVH_CONFIG_SMALLEST_GROUP_MAX = 1000000000
};

/* All texts are NUL-terminated UTF-8 and live as long as the configuration; NULL: not given. What
 * plans name (populations, attributes, models, values) is trimmed and in NFC, as it is there. */

typedef struct evh_config_tls {
    const char *ca;   /* path */
    const char *cert; /* path */
    const char *key;  /* path of a secret */
} evh_config_tls;

typedef struct evh_config_trust {
    evh_identity log, leader, helper, collector;
    bool has_witness;
    evh_identity witness;  /* the helper's key for cosignatures of checkpoints */
    const char *witnesses; /* path of a policy file, or NULL */
} evh_config_trust;

/* The customer's own ceiling on what one population may spend, above any plan. */
typedef struct evh_config_limit {
    const char *population;
    evh_decimal epsilon; /* > 0 */
    evh_decimal delta;   /* 0 <= delta < 1 */
    bool per_year; /* per calendar year (UTC) of the window's start, not over the whole life */
} evh_config_limit;

typedef enum evh_config_plans {
    EVH_CONFIG_PLANS_ASK,   /* a person agrees to each new plan */
    EVH_CONFIG_PLANS_ACCEPT /* any plan within the limits */
} evh_config_plans;

typedef enum evh_config_format {
    EVH_CONFIG_CSV,
    EVH_CONFIG_JSONL,
    EVH_CONFIG_MANIFEST
} evh_config_format;

/* Which column of the file plays a role: an attribute's name, unit, time, label, ... */
typedef struct evh_config_column {
    const char *role;
    const char *model; /* NULL: for all models */
    const char *column;
} evh_config_column;

/* A spelling in the data and the plan's value that is meant; both trimmed and in NFC. */
typedef struct evh_config_value {
    const char *attribute;
    const char *from;
    const char *to;
} evh_config_value;

typedef struct evh_config_data {
    const char *population;
    evh_config_format format;
    const char *path;
    evh_config_column *columns; /* [column_count] in the file's order */
    size_t column_count;
    evh_config_value *values; /* [value_count] in the bytewise order of attribute, then from */
    size_t value_count;
    uint64_t max_unmapped_numerator; /* an exact fraction, 0..1 */
    uint64_t max_unmapped_denominator;
} evh_config_data;

typedef struct evh_config {
    const char *customer;
    const char *leader_host; /* name or address, without the brackets of IPv6 */
    uint16_t leader_port;
    const char *proxy; /* "http://host:port" */
    bool has_tls, has_trust, has_data;
    evh_config_tls tls;
    const char *signing_key; /* path of a secret */
    evh_config_trust trust;
    const char *ledger; /* path */
    evh_config_limit *limits;
    size_t limit_count;
    evh_config_plans plans;
    uint64_t smallest_group; /* 0: none */
    evh_config_data data;    /* with has_data false: its defaults */
    struct evh_config_storage *storage;
} evh_config;

/* Reads a configuration file.
 *   out          to be freed with evh_config_free; NULL on failure
 *   file         its name, for the diagnostics; copied
 *   diagnostics  every mistake found, with its place and what would be right; borrowed
 * Fails    INPUT with the first mistake; MEMORY */
EVH_MUST_USE evh_status evh_config_parse(evh_config **out, const char *file, evh_view bytes,
                                         evh_diagnostics *diagnostics);

/* Takes the address, accepts NULL, leaves NULL. */
void evh_config_free(evh_config **config);

/* What a command cannot do without. */
typedef enum evh_config_need {
    EVH_CONFIG_NEED_DATA = 1,       /* data.path */
    EVH_CONFIG_NEED_POPULATION = 2, /* data.population */
    EVH_CONFIG_NEED_SERVICE = 4,    /* customer, leader, tls, trust with witness */
    EVH_CONFIG_NEED_SIGNING = 8,    /* customer, signing_key */
    EVH_CONFIG_NEED_LEDGER = 16     /* ledger */
} evh_config_need;

/* Fails INPUT with a diagnostic for each key that is missing.
 *   needs  a sum of evh_config_need */
EVH_MUST_USE evh_status evh_config_require(const evh_config *config, const char *file,
                                           unsigned needs, evh_diagnostics *diagnostics);

/* The limit of a population, or NULL. */
const evh_config_limit *evh_config_find_limit(const evh_config *config, evh_view population);

/* Appends the name of the column that plays a role.
 *   data   NULL without a configuration: the role's name is the column's
 *   model  empty for what all models share. A role without a mapping has for the model m the column
 *          role_m, and a mapped one must map each model
 * Fails    INPUT a mapping by model where none is asked for, or the other way round, or one that
 *          lacks the model; MEMORY */
EVH_MUST_USE evh_status evh_config_find_column(evh_buffer *out, const evh_config_data *data,
                                               evh_view role, evh_view model);

/* The plan's value that a spelling stands for, or NULL when it is not mapped. A value of "_missing"
 * means that there is none.
 *   spelling  trimmed and in NFC
 * Cost     O(log n) */
const char *evh_config_find_value(const evh_config_data *data, evh_view attribute,
                                  evh_view spelling);

#endif
