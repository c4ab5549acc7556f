/* SPDX-License-Identifier: Apache-2.0
 * Builds the tree from libyaml's events. Children of a container wait on a stack until it ends and
 * then move together, so that every container's children stand side by side. */
#include "parse_internal.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "evenhand/base/sizes.h"

typedef struct builder {
    evh_yaml *document;
    evh_diagnostics *diagnostics;
    uint32_t open[EVH_YAML_DEPTH_MAX];       /* containers not yet ended */
    uint32_t open_start[EVH_YAML_DEPTH_MAX]; /* where their children start on the stack */
    size_t depth;
    uint32_t *waiting; /* finished nodes whose container is still open */
    size_t waiting_count;
    size_t waiting_capacity;
    size_t documents;
    bool ended;
} builder;

static evh_mark mark_of(const builder *b, yaml_mark_t at)
{
    evh_mark mark = {.file = b->document->file,
                     .line = (uint64_t)at.line + 1,
                     .column = (uint64_t)at.column + 1};
    return mark;
}

static evh_status refuse(builder *b, yaml_mark_t at, const char *wrong, const char *right)
{
    evh_diagnostics_add(b->diagnostics, EVH_SEVERITY_ERROR, mark_of(b, at), right, "%s", wrong);
    return evh_diagnostics_status(b->diagnostics);
}

static evh_status refuse_syntax(builder *b, const yaml_parser_t *parser)
{
    const char *problem = parser->problem == NULL ? "unreadable" : parser->problem;
    if (parser->error == YAML_MEMORY_ERROR)
        return evh_fail(EVH_ERR_MEMORY, "no memory to read %s", b->document->file);
    evh_mark at = mark_of(b, parser->problem_mark);
    if (parser->context == NULL)
        evh_diagnostics_add(b->diagnostics, EVH_SEVERITY_ERROR, at,
                            "valid YAML: check indentation, quotes and brackets here",
                            "not YAML: %s", problem);
    else
        evh_diagnostics_add(b->diagnostics, EVH_SEVERITY_ERROR, at,
                            "valid YAML: check indentation, quotes and brackets here",
                            "not YAML: %s, %s", problem, parser->context);
    return evh_diagnostics_status(b->diagnostics);
}

static evh_status add_node(builder *b, evh_yaml_kind kind, yaml_mark_t at, uint32_t *index)
{
    evh_yaml *document = b->document;
    *index = (uint32_t)document->node_count;
    if (document->node_count >= EVH_YAML_NODES_MAX)
        return refuse(b, at, "too many values in one file", "at most 200000");
    evh_status status =
        evh_array_reserve(&document->nodes, &document->node_capacity, document->node_count + 1,
                          sizeof document->nodes[0], "nodes");
    if (status.code != EVH_OK)
        return status;
    evh_yaml_node *node = &document->nodes[document->node_count++];
    node->kind = kind;
    node->line = (uint32_t)at.line + 1;
    node->column = (uint32_t)at.column + 1;
    return evh_ok();
}

/* A finished node goes to the stack of its container, or becomes the root. */
static evh_status finish_node(builder *b, uint32_t index)
{
    if (b->depth == 0) {
        b->document->root = index;
        return evh_ok();
    }
    evh_status status = evh_array_reserve(&b->waiting, &b->waiting_capacity, b->waiting_count + 1,
                                          sizeof b->waiting[0], "nodes");
    if (status.code == EVH_OK)
        b->waiting[b->waiting_count++] = index;
    return status;
}

static evh_status add_scalar(builder *b, const yaml_event_t *event)
{
    evh_status status = evh_ok();
    uint32_t index = 0;
    evh_yaml *document = b->document;
    evh_yaml_node *node = NULL;
    EVH_TRY(add_node(b, EVH_YAML_SCALAR, event->start_mark, &index));
    node = &document->nodes[index];
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text = (uint32_t)document->texts.len;
    node->len = (uint32_t)event->data.scalar.length;
    EVH_TRY(evh_buffer_append(&document->texts,
                              evh_view_of(event->data.scalar.value, event->data.scalar.length)));
    EVH_TRY(evh_buffer_u8(&document->texts, 0));
    EVH_TRY(finish_node(b, index));
done:
    return status;
}

static evh_status open_container(builder *b, evh_yaml_kind kind, yaml_mark_t at)
{
    evh_status status = evh_ok();
    uint32_t index = 0;
    if (b->depth == EVH_YAML_DEPTH_MAX)
        EVH_TRY(refuse(b, at, "nested too deep", "at most 16 levels"));
    EVH_TRY(add_node(b, kind, at, &index));
    b->open[b->depth] = index;
    b->open_start[b->depth] = (uint32_t)b->waiting_count;
    b->depth++;
done:
    return status;
}

/* A map's key for sorting by text, then by place. */
typedef struct key_entry {
    evh_view text;
    const evh_yaml_node *node;
} key_entry;

static int compare_keys(const void *left, const void *right)
{
    const key_entry *a = left;
    const key_entry *b = right;
    int order = evh_view_compare(a->text, b->text);
    return order != 0 ? order : (a->node > b->node) - (a->node < b->node);
}

static evh_status refuse_duplicate(builder *b, const key_entry *first, const key_entry *second)
{
    evh_mark at = {
        .file = b->document->file, .line = second->node->line, .column = second->node->column};
    evh_diagnostics_add(b->diagnostics, EVH_SEVERITY_ERROR, at, "each key once",
                        "duplicate key \"%.*s\", first on line %u", (int)second->text.len,
                        (const char *)second->text.data, (unsigned)first->node->line);
    return evh_diagnostics_status(b->diagnostics);
}

static evh_status check_keys(builder *b, const evh_yaml_node *map)
{
    evh_status status = evh_ok();
    key_entry *keys = NULL;
    size_t count = map->count / 2;
    EVH_TRY(evh_alloc(&keys, count, sizeof keys[0], "keys"));
    for (size_t i = 0; i < count; i++) {
        const evh_yaml_node *key = &b->document->nodes[b->document->children[map->first + 2 * i]];
        if (key->kind != EVH_YAML_SCALAR) {
            yaml_mark_t at = {.line = key->line - 1, .column = key->column - 1};
            EVH_TRY(refuse(b, at, "a list or map as a key", "a text as a key"));
        }
        keys[i].node = key;
        keys[i].text = evh_view_of(b->document->texts.data + key->text, key->len);
    }
    qsort(keys, count, sizeof keys[0], compare_keys);
    for (size_t i = 1; i < count; i++) {
        if (evh_view_equal(keys[i - 1].text, keys[i].text))
            EVH_TRY(refuse_duplicate(b, &keys[i - 1], &keys[i]));
    }
done:
    free(keys);
    return status;
}

static evh_status close_container(builder *b)
{
    evh_status status = evh_ok();
    evh_yaml *document = b->document;
    b->depth--;
    evh_yaml_node *node = NULL;
    uint32_t index = b->open[b->depth];
    size_t start = b->open_start[b->depth];
    size_t count = b->waiting_count - start;
    EVH_TRY(evh_array_reserve(&document->children, &document->child_capacity,
                              document->child_count + count, sizeof document->children[0],
                              "children"));
    node = &document->nodes[index];
    node->first = (uint32_t)document->child_count;
    node->count = (uint32_t)count;
    if (count > 0)
        memcpy(document->children + document->child_count, b->waiting + start,
               count * sizeof document->children[0]);
    document->child_count += count;
    b->waiting_count = start;
    if (node->kind == EVH_YAML_MAP)
        EVH_TRY(check_keys(b, node));
    EVH_TRY(finish_node(b, index));
done:
    return status;
}

static evh_status refuse_anchor_or_tag(builder *b, const yaml_event_t *event)
{
    const yaml_char_t *anchor = NULL;
    const yaml_char_t *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (anchor != NULL)
        return refuse(b, event->start_mark, "an anchor (&)",
                      "the value itself; quote a text that starts with &");
    if (tag != NULL)
        return refuse(b, event->start_mark, "a tag (!)",
                      "the value itself; quote a text that starts with !");
    return evh_ok();
}

static evh_status start_document(builder *b, const yaml_event_t *event)
{
    if (b->documents++ > 0)
        return refuse(b, event->start_mark, "a second document", "one document per file");
    if (event->data.document_start.version_directive != NULL ||
        event->data.document_start.tag_directives.start !=
            event->data.document_start.tag_directives.end)
        return refuse(b, event->start_mark, "a directive (%)", "a document without directives");
    return evh_ok();
}

static evh_status take_event(builder *b, const yaml_event_t *event)
{
    evh_status status = refuse_anchor_or_tag(b, event);
    if (status.code != EVH_OK)
        return status;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return start_document(b, event);
    case YAML_ALIAS_EVENT:
        return refuse(b, event->start_mark, "an alias (*)",
                      "the value itself; quote a text that starts with *");
    case YAML_SCALAR_EVENT:
        return add_scalar(b, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_container(b, EVH_YAML_LIST, event->start_mark);
    case YAML_MAPPING_START_EVENT:
        return open_container(b, EVH_YAML_MAP, event->start_mark);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_container(b);
    case YAML_STREAM_END_EVENT:
        b->ended = true;
        if (b->documents == 0)
            return refuse(b, event->start_mark, "nothing but comments", "a YAML document");
        return evh_ok();
    default:
        return evh_ok();
    }
}

static evh_status take_events(builder *b, yaml_parser_t *parser)
{
    evh_status status = evh_ok();
    while (!b->ended && status.code == EVH_OK) {
        yaml_event_t event;
        if (yaml_parser_parse(parser, &event) == 0)
            return refuse_syntax(b, parser);
        status = take_event(b, &event);
        yaml_event_delete(&event);
    }
    return status;
}

evh_status evh_yaml_build(evh_yaml *document, evh_view bytes, evh_diagnostics *diagnostics)
{
    builder b = {.document = document, .diagnostics = diagnostics};
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0)
        return evh_fail(EVH_ERR_MEMORY, "no memory to read %s", document->file);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, bytes.data, bytes.len);
    evh_status status = take_events(&b, &parser);
    yaml_parser_delete(&parser);
    free(b.waiting);
    for (size_t i = 0; i < document->node_count; i++)
        document->nodes[i].document = document;
    return status;
}
