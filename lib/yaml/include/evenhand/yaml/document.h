/* SPDX-License-Identifier: Apache-2.0
 * yaml/document.h: one strict YAML document as a tree in which every node knows its place.
 * Taken: maps with unique scalar keys, lists, scalars in any style. Refused with line and column:
 * invalid UTF-8, tabs, control and odd line-break characters, anchors, aliases, tags, directives,
 * duplicate keys, keys that are no scalars, a second document, nesting over EVH_YAML_DEPTH_MAX,
 * more than EVH_YAML_NODES_MAX nodes, more than EVH_PLAN_BYTES_MAX bytes, an empty file. JSON is
 * read as the subset of YAML that it is.
 * Source   YAML 1.1 as libyaml reads it; its event interface, because the document interface has
 *          lost anchors and explicit tags by the time it answers
 * Threads  a document is immutable: any      Memory   a few times the file's size
 * Tests    unit/yaml/test_document.c, fuzz/fuzz_yaml.c */
#ifndef EVH_YAML_DOCUMENT_H
#define EVH_YAML_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/limits.h"
#include "evenhand/base/status.h"
#include "evenhand/yaml/diagnostics.h"

enum { EVH_YAML_DEPTH_MAX = 16, EVH_YAML_NODES_MAX = 200000 };

typedef struct evh_yaml evh_yaml;
typedef struct evh_yaml_node evh_yaml_node; /* borrowed from its document */

typedef enum evh_yaml_kind { EVH_YAML_SCALAR, EVH_YAML_LIST, EVH_YAML_MAP } evh_yaml_kind;

/* Parses bytes into *document, to be freed with evh_yaml_free.
 *   document     NULL on failure
 *   file         name for the marks; copied
 *   diagnostics  gets what is wrong; borrowed
 * Fails    INPUT with the first mistake (also in diagnostics); MEMORY
 * Cost     O(n log n) in the bytes */
EVH_MUST_USE evh_status evh_yaml_parse(evh_yaml **document, const char *file, evh_view bytes,
                                       evh_diagnostics *diagnostics);

/* Takes the address, accepts NULL, leaves NULL. */
void evh_yaml_free(evh_yaml **document);

const evh_yaml_node *evh_yaml_root(const evh_yaml *document);

evh_yaml_kind evh_yaml_kind_of(const evh_yaml_node *node);

/* Where the node starts. The file name is borrowed from the document. */
evh_mark evh_yaml_mark(const evh_yaml_node *node);

/* A scalar's text, after quotes and escapes; NUL-terminated behind its end, and valid UTF-8 that
 * may hold NUL only through an escape. Empty for lists and maps. */
evh_view evh_yaml_text(const evh_yaml_node *node);

/* True for a scalar without quotes. */
bool evh_yaml_is_plain(const evh_yaml_node *node);

/* Number of items of a list or of pairs of a map; 0 for a scalar. */
size_t evh_yaml_count(const evh_yaml_node *node);

/* Item of a list or value of a map's pair; index < evh_yaml_count. */
const evh_yaml_node *evh_yaml_item(const evh_yaml_node *node, size_t index);

/* Key of a map's pair; index < evh_yaml_count. */
const evh_yaml_node *evh_yaml_key(const evh_yaml_node *node, size_t index);

/* The value of a key, or NULL when node is NULL, no map, or has no such key. */
const evh_yaml_node *evh_yaml_find(const evh_yaml_node *node, const char *key);

#endif
