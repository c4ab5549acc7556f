/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/yaml/document.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "document_internal.h"
#include "evenhand/base/sizes.h"
#include "parse_internal.h"

static evh_status check_size(const char *file, evh_view bytes, evh_diagnostics *diagnostics)
{
    evh_mark start = {.file = file};
    if (bytes.len == 0)
        evh_diagnostics_add(diagnostics, EVH_SEVERITY_ERROR, start, "a YAML document",
                            "the file is empty");
    else if (bytes.len > EVH_PLAN_BYTES_MAX)
        evh_diagnostics_add(diagnostics, EVH_SEVERITY_ERROR, start, "at most 1 MiB",
                            "the file has %zu bytes", bytes.len);
    else
        return evh_ok();
    return evh_diagnostics_status(diagnostics);
}

evh_status evh_yaml_parse(evh_yaml **document, const char *file, evh_view bytes,
                          evh_diagnostics *diagnostics)
{
    evh_status status = evh_ok();
    evh_yaml *made = NULL;
    *document = NULL;
    EVH_TRY(check_size(file, bytes, diagnostics));
    if (bytes.len >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0)
        bytes = evh_view_of(bytes.data + 3, bytes.len - 3); /* a byte order mark */
    if (!evh_yaml_characters_allowed(file, bytes, diagnostics))
        EVH_TRY(evh_diagnostics_status(diagnostics));
    EVH_TRY(evh_alloc(&made, 1, sizeof *made, "document"));
    made->texts = evh_buffer_init(4 * (size_t)EVH_PLAN_BYTES_MAX);
    EVH_TRY(evh_alloc(&made->file, strlen(file) + 1, 1, "file name"));
    memcpy(made->file, file, strlen(file) + 1);
    EVH_TRY(evh_yaml_build(made, bytes, diagnostics));
    *document = made;
    made = NULL;
done:
    evh_yaml_free(&made);
    return status;
}

void evh_yaml_free(evh_yaml **document)
{
    if (*document == NULL)
        return;
    evh_buffer_clear(&(*document)->texts);
    free((*document)->children);
    free((*document)->nodes);
    free((*document)->file);
    free(*document);
    *document = NULL;
}

const evh_yaml_node *evh_yaml_root(const evh_yaml *document)
{
    return &document->nodes[document->root];
}

evh_yaml_kind evh_yaml_kind_of(const evh_yaml_node *node)
{
    return node->kind;
}

evh_mark evh_yaml_mark(const evh_yaml_node *node)
{
    evh_mark mark = {.file = node->document->file, .line = node->line, .column = node->column};
    return mark;
}

evh_view evh_yaml_text(const evh_yaml_node *node)
{
    if (node->kind != EVH_YAML_SCALAR)
        return evh_view_of(NULL, 0);
    return evh_view_of(node->document->texts.data + node->text, node->len);
}

bool evh_yaml_is_plain(const evh_yaml_node *node)
{
    return node->kind == EVH_YAML_SCALAR && node->plain;
}

size_t evh_yaml_count(const evh_yaml_node *node)
{
    return node->kind == EVH_YAML_MAP ? node->count / 2 : node->count;
}

static const evh_yaml_node *child(const evh_yaml_node *node, size_t position)
{
    return &node->document->nodes[node->document->children[node->first + position]];
}

const evh_yaml_node *evh_yaml_item(const evh_yaml_node *node, size_t index)
{
    return child(node, node->kind == EVH_YAML_MAP ? 2 * index + 1 : index);
}

const evh_yaml_node *evh_yaml_key(const evh_yaml_node *node, size_t index)
{
    return child(node, 2 * index);
}

const evh_yaml_node *evh_yaml_find(const evh_yaml_node *node, const char *key)
{
    if (node == NULL || node->kind != EVH_YAML_MAP)
        return NULL;
    for (size_t i = 0; i < evh_yaml_count(node); i++) {
        if (evh_view_equal(evh_yaml_text(evh_yaml_key(node, i)), evh_view_of_text(key)))
            return evh_yaml_item(node, i);
    }
    return NULL;
}
