/* SPDX-License-Identifier: Apache-2.0
 * document_internal.h: the tree behind yaml/document.h. */
#ifndef EVH_YAML_DOCUMENT_INTERNAL_H
#define EVH_YAML_DOCUMENT_INTERNAL_H

#include <stdint.h>

#include "evenhand/yaml/document.h"

struct evh_yaml_node {
    const evh_yaml *document; /* set when the tree is complete */
    evh_yaml_kind kind;
    bool plain;
    uint32_t line;
    uint32_t column;
    uint32_t first; /* children: positions in evh_yaml.children; a map has key, value, key, ... */
    uint32_t count; /* children; a map has two per pair */
    uint32_t text;  /* offset in evh_yaml.texts */
    uint32_t len;
};

struct evh_yaml {
    char *file;
    evh_yaml_node *nodes;
    size_t node_count;
    size_t node_capacity;
    uint32_t *children; /* indices of nodes */
    size_t child_count;
    size_t child_capacity;
    evh_buffer texts;
    uint32_t root;
};

/* Refuses characters that must not stand in a file at all, whatever their place in the grammar.
 * True when there are none; otherwise one diagnostic was added. */
EVH_MUST_USE bool evh_yaml_characters_allowed(const char *file, evh_view bytes,
                                              evh_diagnostics *diagnostics);

#endif
