/* SPDX-License-Identifier: Apache-2.0
 * aggregator/settings.h: aggregator.yaml, the settings of one leader, helper or collector.
 * Keys, defaults and examples: docs/reference/aggregator-configuration.md. Paths are given as they
 * are written; they are relative to the file's folder.
 * Secret   none: keys are files of the folder, and one written into this file is refused
 * Threads  values          Memory   the document while it is read
 * Tests    unit/setup/test_settings.c */
#ifndef EVH_AGGREGATOR_SETTINGS_H
#define EVH_AGGREGATOR_SETTINGS_H

#include <stdint.h>

#include "evenhand/base/address.h"
#include "evenhand/base/bytes.h"
#include "evenhand/base/log.h"
#include "evenhand/base/status.h"
#include "evenhand/protocol/task.h"
#include "evenhand/yaml/diagnostics.h"

enum {
    EVH_PARTY_NAME_BYTES_MAX = 40, /* with an ending, still the name of a certificate */
    EVH_SETTINGS_PATH_LEN = 1024,
    EVH_SETTINGS_HOSTS_MAX = 16
};

/* What a process may use up. */
typedef struct evh_settings_limits {
    uint32_t workers;          /* calls answered at the same time */
    uint32_t report_bytes;     /* one report; a larger one is refused before it is read */
    uint32_t job_reports;      /* reports of one aggregation job */
    uint32_t waiting_reports;  /* not yet aggregated; with more, uploads are asked to come later */
    uint32_t calls_per_minute; /* of one customer or other caller that is no peer */
    uint32_t receive_timeout_ms; /* a caller that sends nothing for this long is cut off */
    uint32_t result_late_hours;  /* collector: from the commitments to the result */
} evh_settings_limits;

typedef struct evh_settings {
    evh_role role; /* leader, helper or collector */
    char name[EVH_PARTY_NAME_BYTES_MAX + 1];
    char listen[EVH_ADDRESS_LEN];  /* "" for a collector: it serves nothing */
    char address[EVH_ADDRESS_LEN]; /* where the others reach it; "" for a collector */
    char metrics[EVH_ADDRESS_LEN]; /* "": no metrics */
    char hosts[EVH_SETTINGS_HOSTS_MAX][EVH_HOST_LEN]; /* names in the server's certificate */
    size_t host_count;
    char store[EVH_SETTINGS_PATH_LEN];
    char vault[EVH_SETTINGS_PATH_LEN];
    char leader[EVH_SETTINGS_PATH_LEN]; /* introductions of the peers; own role: "" */
    char helper[EVH_SETTINGS_PATH_LEN];
    char collector[EVH_SETTINGS_PATH_LEN];
    char results[EVH_SETTINGS_PATH_LEN]; /* collector: folder of the results */
    evh_log_level log_level;
    evh_settings_limits limits;
} evh_settings;

/* Reads a settings file.
 *   file         its name, for the diagnostics
 *   diagnostics  every mistake with its place and what would be right; borrowed
 * Fails    INPUT with the first mistake; MEMORY. *out is then all zero */
EVH_MUST_USE evh_status evh_settings_parse(evh_settings *out, const char *file, evh_view bytes,
                                           evh_diagnostics *diagnostics);

/* Appends a commented settings file that reads back as `settings`: keys with their default values
 * stand there as comments. Fails MEMORY. */
EVH_MUST_USE evh_status evh_settings_format(evh_buffer *out, const evh_settings *settings);

/* The settings of a fresh deployment, with every default. name, listen and metrics are empty. */
evh_settings evh_settings_default(evh_role role);

/* "leader", "helper" or "collector"; NULL for another role. */
const char *evh_party_word(evh_role role);

/* Fails ARG unless it can be a party's name: letters, digits, dot, hyphen and underscore, first a
 * letter or digit. */
EVH_MUST_USE evh_status evh_party_name_check(const char *name);

#endif
