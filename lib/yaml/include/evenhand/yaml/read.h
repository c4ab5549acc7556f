/* SPDX-License-Identifier: Apache-2.0
 * yaml/read.h: typed reading of a strict document, with a diagnostic for everything that is not as
 * it should be. Types come from the reader, never from the text: `no`, `1.0` and `2026-10-01` are
 * texts unless the reader asks for something else.
 * Each function returns true and fills its output, or adds a diagnostic at the node and returns
 * false with the output untouched, so that one pass collects all mistakes.
 *   node   borrowed; NULL is a missing value, which is false without a diagnostic: require it first
 *   what   name of the value for the texts, usually its key
 * Memory   allocates nothing but diagnostics      Tests    unit/yaml/test_read.c */
#ifndef EVH_YAML_READ_H
#define EVH_YAML_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/decimal.h"
#include "evenhand/yaml/diagnostics.h"
#include "evenhand/yaml/document.h"

/* Adds an error at the node: what is wrong as a printf-style text, what would be right. */
void evh_yaml_wrong(const evh_yaml_node *node, evh_diagnostics *diagnostics, const char *right,
                    const char *format, ...) EVH_PRINTF(4, 5);

/* The same as a warning. */
void evh_yaml_warn(const evh_yaml_node *node, evh_diagnostics *diagnostics, const char *right,
                   const char *format, ...) EVH_PRINTF(4, 5);

/* A map whose keys are all among keys[count]; an unknown one is an error that names the nearest
 * allowed key. */
EVH_MUST_USE bool evh_yaml_read_map(const evh_yaml_node *node, const char *what,
                                    const char *const *keys, size_t count,
                                    evh_diagnostics *diagnostics);

/* The value of a required key of a map; when it is missing, an error at the map.
 *   right   what the value would be, for the text */
EVH_MUST_USE bool evh_yaml_require(const evh_yaml_node *map, const char *what, const char *key,
                                   const char *right, const evh_yaml_node **value,
                                   evh_diagnostics *diagnostics);

/* A list of least..most items. */
EVH_MUST_USE bool evh_yaml_read_list(const evh_yaml_node *node, const char *what, size_t least,
                                     size_t most, evh_diagnostics *diagnostics);

/* A text of least..most bytes without control characters, borrowed from the document. A plain `~`
 * or `null` must be quoted. */
EVH_MUST_USE bool evh_yaml_read_text(const evh_yaml_node *node, const char *what, size_t least,
                                     size_t most, evh_view *out, evh_diagnostics *diagnostics);

/* A whole number in digits without quotes, least..most, which are both below 10^18 in size. */
EVH_MUST_USE bool evh_yaml_read_integer(const evh_yaml_node *node, const char *what, int64_t least,
                                        int64_t most, int64_t *out, evh_diagnostics *diagnostics);

/* An exact decimal, quoted or not. `right` says what range the caller is going to accept. */
EVH_MUST_USE bool evh_yaml_read_decimal(const evh_yaml_node *node, const char *what,
                                        const char *right, evh_decimal *out,
                                        evh_diagnostics *diagnostics);

/* true or false without quotes. */
EVH_MUST_USE bool evh_yaml_read_bool(const evh_yaml_node *node, const char *what, bool *out,
                                     evh_diagnostics *diagnostics);

/* One of names[count]; gives its index. */
EVH_MUST_USE bool evh_yaml_read_choice(const evh_yaml_node *node, const char *what,
                                       const char *const *names, size_t count, size_t *out,
                                       evh_diagnostics *diagnostics);

/* The nearest of names[count] by edit distance, or NULL when none is near enough to be meant. */
const char *evh_yaml_nearest(evh_view text, const char *const *names, size_t count);

#endif
