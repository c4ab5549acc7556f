/* SPDX-License-Identifier: Apache-2.0
 * Strict YAML: a document is given exactly when there is no error; then every node lies in the
 * file, texts are valid UTF-8 and every key of a map is found by its text. */
#include "evenhand/base/utf8.h"
#include "evenhand/yaml/document.h"
#include "support/fuzz.h"

static size_t walk(const evh_yaml_node *node, uint64_t lines, unsigned depth)
{
    size_t nodes = 1;
    evh_mark mark = evh_yaml_mark(node);
    evh_view text = evh_yaml_text(node);
    FUZZ_CHECK(mark.line >= 1 && mark.line <= lines + 1 && mark.column >= 1);
    FUZZ_CHECK(evh_utf8_valid_len(text) == text.len);
    FUZZ_CHECK(depth <= EVH_YAML_DEPTH_MAX);
    for (size_t i = 0; i < evh_yaml_count(node); i++) {
        nodes += walk(evh_yaml_item(node, i), lines, depth + 1);
        if (evh_yaml_kind_of(node) != EVH_YAML_MAP)
            continue;
        const evh_yaml_node *key = evh_yaml_key(node, i);
        evh_view name = evh_yaml_text(key);
        nodes += walk(key, lines, depth + 1);
        bool plain = true; /* a key with a NUL inside is not found by a C string */
        for (size_t k = 0; k < name.len; k++)
            plain &= name.data[k] != 0;
        if (plain && i < 64)
            FUZZ_CHECK(evh_yaml_find(node, (const char *)name.data) == evh_yaml_item(node, i));
    }
    return nodes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    evh_yaml *document = NULL;
    evh_diagnostics list = evh_diagnostics_init(3);
    evh_status status = evh_yaml_parse(&document, "f", evh_view_of(data, size), &list);
    uint64_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    FUZZ_CHECK(status.code == EVH_OK || status.code == EVH_ERR_INPUT);
    FUZZ_CHECK((status.code == EVH_OK) == (document != NULL));
    FUZZ_CHECK((status.code == EVH_OK) == (list.errors == 0));
    for (size_t i = 0; i < list.count; i++)
        FUZZ_CHECK(list.items[i].line <= lines + 1);
    if (document != NULL)
        FUZZ_CHECK(walk(evh_yaml_root(document), lines, 0) <= EVH_YAML_NODES_MAX);
    evh_yaml_free(&document);
    evh_diagnostics_clear(&list);
    return 0;
}
