/* SPDX-License-Identifier: Apache-2.0
 * client/session_internal.h: what the commands that look at records have in common: the plan, where
 * the records are, the ordering secret, and the counts.
 * Secret   counts and the ordering secret; cleared together */
#ifndef EVH_CLIENT_SESSION_INTERNAL_H
#define EVH_CLIENT_SESSION_INTERNAL_H

#include "evenhand/base/secret.h"
#include "evenhand/cli/cli.h"
#include "evenhand/cli/table.h"
#include "evenhand/client/measure.h"
#include "evenhand/config/config.h"
#include "evenhand/json/writer.h"
#include "evenhand/plan/groups.h"

/* The options of such a command besides the common ones. */
typedef struct evh_session_options {
    const char *format;        /* --format */
    uint64_t bad_rows_allowed; /* --bad-rows */
} evh_session_options;

enum { EVH_SESSION_KEY_FORMAT = 3000, EVH_SESSION_KEY_BAD_ROWS };

#define EVH_SESSION_OPTIONS                                                                        \
    {.name = "format",                                                                             \
     .value = "FORMAT",                                                                            \
     .help = "csv, jsonl or manifest (default: by the file)",                                      \
     .key = EVH_SESSION_KEY_FORMAT},                                                               \
    {                                                                                              \
        .name = "bad-rows", .value = "N",                                                          \
        .help = "Go on with up to N rows that cannot be used (default 0)",                         \
        .key = EVH_SESSION_KEY_BAD_ROWS                                                            \
    }

evh_status evh_session_set(void *own, int key, const char *value);

typedef struct evh_session {
    evh_config *config; /* NULL without -c */
    evh_plan *plan;
    evh_records records;
    evh_seed32 key;
    bool customer_key; /* else the key is all zero */
    evh_measurement measurement;
} evh_session;

/* Reads the configuration named with -c, if any; mistakes go to cli->diagnostics.
 *   needs  a sum of evh_config_need, looked at when there is a configuration */
evh_status evh_session_read_config(evh_session *session, evh_cli *cli, unsigned needs);

/* Reads the plan named with -p. Mistakes go to cli->diagnostics. */
evh_status evh_session_read_plan(evh_session *session, evh_cli *cli);

/* Plan, records (from the configuration or --data) and key. */
evh_status evh_session_open(evh_session *session, evh_cli *cli, const evh_session_options *options);

/* The second half of evh_session_open: records and key, for a plan and configuration that were
 * read. */
evh_status evh_session_open_records(evh_session *session, evh_cli *cli,
                                    const evh_session_options *options);

/* Reads and counts the records, with progress; bad rows go to cli->diagnostics, spellings that the
 * plan does not know to standard error. */
evh_status evh_session_measure(evh_session *session, evh_cli *cli,
                               const evh_session_options *options);

void evh_session_clear(evh_session *session);

/* The sentence that goes with every exact output. */
extern const char evh_session_exact_notice[];

/* Members that JSON documents of these commands start with. */
void evh_session_json_plan(evh_json *json, const evh_plan *plan, const evh_cli *cli);
void evh_session_json_records(evh_json *json, const evh_session *session);

/* The same for people: plan, round, records. */
evh_status evh_session_text_head(evh_buffer *out, const evh_session *session, const evh_cli *cli);

/* ---- group_text.c ---- */

/* Sums of a grouping: replaces *sums (free it), groups, then models, then cells. */
evh_status evh_session_sum(int64_t **sums, const evh_session *session,
                           const evh_plan_grouping *grouping);

/* The columns that name a group in a table, and the title above it. */
size_t evh_group_columns(const evh_plan *plan, const evh_plan_grouping *grouping);
evh_status evh_group_heading(evh_table *table, const evh_plan *plan,
                             const evh_plan_grouping *grouping);
evh_status evh_group_labels(evh_table *table, const evh_plan *plan,
                            const evh_plan_grouping *grouping, size_t group, size_t model);
evh_status evh_group_title(evh_buffer *out, const evh_plan *plan,
                           const evh_plan_grouping *grouping);

/* Writes the document that `fill` makes to standard output. */
evh_status evh_session_write_json(evh_cli *cli, evh_status (*fill)(void *context, evh_json *json),
                                  void *context);

#endif
