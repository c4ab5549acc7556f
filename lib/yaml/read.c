/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/yaml/read.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "evenhand/base/utf8.h"

enum { SHOWN_MAX = 60, NAME_MAX_LEN = 48 };

static EVH_PRINTF(5, 0) void add_at(const evh_yaml_node *node, evh_diagnostics *diagnostics,
                                    evh_severity severity, const char *right, const char *format,
                                    va_list arguments)
{
    char wrong[EVH_DIAGNOSTIC_TEXT_LEN];
    (void)vsnprintf(wrong, sizeof wrong, format, arguments);
    evh_diagnostics_add(diagnostics, severity, evh_yaml_mark(node), right, "%s", wrong);
}

void evh_yaml_wrong(const evh_yaml_node *node, evh_diagnostics *diagnostics, const char *right,
                    const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_at(node, diagnostics, EVH_SEVERITY_ERROR, right, format, arguments);
    va_end(arguments);
}

void evh_yaml_warn(const evh_yaml_node *node, evh_diagnostics *diagnostics, const char *right,
                   const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_at(node, diagnostics, EVH_SEVERITY_WARNING, right, format, arguments);
    va_end(arguments);
}

/* Describes what stands at a node: "a list", or a scalar's beginning in quotes. */
static void describe(const evh_yaml_node *node, char out[SHOWN_MAX + 16])
{
    evh_view text = evh_yaml_text(node);
    if (evh_yaml_kind_of(node) == EVH_YAML_LIST)
        (void)snprintf(out, SHOWN_MAX + 16, "a list");
    else if (evh_yaml_kind_of(node) == EVH_YAML_MAP)
        (void)snprintf(out, SHOWN_MAX + 16, "a map");
    else if (text.len == 0)
        (void)snprintf(out, SHOWN_MAX + 16, "empty");
    else if (text.len <= SHOWN_MAX)
        (void)snprintf(out, SHOWN_MAX + 16, "\"%.*s\"", (int)text.len, (const char *)text.data);
    else
        (void)snprintf(out, SHOWN_MAX + 16, "\"%.*s...\"", SHOWN_MAX, (const char *)text.data);
}

static bool not_as_expected(const evh_yaml_node *node, const char *what, const char *right,
                            evh_diagnostics *diagnostics)
{
    char found[SHOWN_MAX + 16];
    describe(node, found);
    evh_yaml_wrong(node, diagnostics, right, "%s is %s", what, found);
    return false;
}

/* Levenshtein distance of two short texts, bytewise; long ones are never near anything. */
static size_t edit_distance(evh_view a, evh_view b)
{
    size_t row[NAME_MAX_LEN + 1];
    if (a.len > NAME_MAX_LEN || b.len > NAME_MAX_LEN)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replaced = diagonal + (a.data[i - 1] != b.data[j - 1]);
            size_t moved = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = replaced < moved ? replaced : moved;
        }
    }
    return row[b.len];
}

const char *evh_yaml_nearest(evh_view text, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t best_distance = 1 + text.len / 3; /* more changes than that are another word */
    for (size_t i = 0; i < count; i++) {
        size_t distance = edit_distance(text, evh_view_of_text(names[i]));
        if (distance <= best_distance && (best == NULL || distance < best_distance)) {
            best = names[i];
            best_distance = distance;
        }
    }
    return best;
}

/* "a, b or c", or the nearest one when the text seems to mean it. */
static void list_choices(char out[EVH_DIAGNOSTIC_TEXT_LEN], evh_view text, const char *const *names,
                         size_t count)
{
    const char *nearest = evh_yaml_nearest(text, names, count);
    size_t used = 0;
    if (nearest != NULL)
        used = (size_t)snprintf(out, EVH_DIAGNOSTIC_TEXT_LEN, "\"%s\"; allowed: ", nearest);
    for (size_t i = 0; i < count && used < EVH_DIAGNOSTIC_TEXT_LEN; i++) {
        const char *before = i == 0 ? "" : (i + 1 == count ? " or " : ", ");
        used +=
            (size_t)snprintf(out + used, EVH_DIAGNOSTIC_TEXT_LEN - used, "%s%s", before, names[i]);
    }
}

bool evh_yaml_read_map(const evh_yaml_node *node, const char *what, const char *const *keys,
                       size_t count, evh_diagnostics *diagnostics)
{
    if (node == NULL)
        return false;
    if (evh_yaml_kind_of(node) != EVH_YAML_MAP)
        return not_as_expected(node, what, "a map of keys and values", diagnostics);
    bool good = true;
    for (size_t i = 0; i < evh_yaml_count(node); i++) {
        const evh_yaml_node *key = evh_yaml_key(node, i);
        evh_view text = evh_yaml_text(key);
        bool known = false;
        for (size_t k = 0; k < count; k++)
            known |= evh_view_equal(text, evh_view_of_text(keys[k]));
        if (known)
            continue;
        char right[EVH_DIAGNOSTIC_TEXT_LEN] = "";
        list_choices(right, text, keys, count);
        evh_yaml_wrong(key, diagnostics, right, "unknown key \"%.*s\" in %s",
                       (int)(text.len < SHOWN_MAX ? text.len : SHOWN_MAX), (const char *)text.data,
                       what);
        good = false;
    }
    return good;
}

bool evh_yaml_require(const evh_yaml_node *map, const char *what, const char *key,
                      const char *right, const evh_yaml_node **value, evh_diagnostics *diagnostics)
{
    if (map == NULL)
        return false;
    const evh_yaml_node *found = evh_yaml_find(map, key);
    if (found == NULL) {
        evh_yaml_wrong(map, diagnostics, right, "%s has no key \"%s\"", what, key);
        return false;
    }
    *value = found;
    return true;
}

bool evh_yaml_read_list(const evh_yaml_node *node, const char *what, size_t least, size_t most,
                        evh_diagnostics *diagnostics)
{
    if (node == NULL)
        return false;
    if (evh_yaml_kind_of(node) != EVH_YAML_LIST)
        return not_as_expected(node, what, "a list: [a, b]", diagnostics);
    size_t count = evh_yaml_count(node);
    if (count >= least && count <= most)
        return true;
    char right[EVH_DIAGNOSTIC_TEXT_LEN];
    (void)snprintf(right, sizeof right, "%zu to %zu", least, most);
    evh_yaml_wrong(node, diagnostics, right, "%s has %zu item%s", what, count,
                   count == 1 ? "" : "s");
    return false;
}

static bool holds_control_character(evh_view text)
{
    for (size_t i = 0; i < text.len;) {
        uint32_t code = 0;
        size_t len = evh_utf8_decode(evh_view_of(text.data + i, text.len - i), &code);
        if (len == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0))
            return true;
        i += len;
    }
    return false;
}

static bool is_null_word(const evh_yaml_node *node)
{
    evh_view text = evh_yaml_text(node);
    return evh_yaml_is_plain(node) && (evh_view_equal(text, evh_view_of_text("~")) ||
                                       evh_view_equal(text, evh_view_of_text("null")));
}

bool evh_yaml_read_text(const evh_yaml_node *node, const char *what, size_t least, size_t most,
                        evh_view *out, evh_diagnostics *diagnostics)
{
    if (node == NULL)
        return false;
    if (evh_yaml_kind_of(node) != EVH_YAML_SCALAR)
        return not_as_expected(node, what, "a text", diagnostics);
    if (is_null_word(node))
        return not_as_expected(node, what, "a text; quote it if this word is meant", diagnostics);
    evh_view text = evh_yaml_text(node);
    if (text.len < least || text.len > most) {
        char right[EVH_DIAGNOSTIC_TEXT_LEN];
        (void)snprintf(right, sizeof right, "a text of %zu to %zu bytes", least, most);
        return not_as_expected(node, what, right, diagnostics);
    }
    if (holds_control_character(text))
        return not_as_expected(node, what, "a text without control characters", diagnostics);
    *out = text;
    return true;
}

bool evh_yaml_read_integer(const evh_yaml_node *node, const char *what, int64_t least, int64_t most,
                           int64_t *out, evh_diagnostics *diagnostics)
{
    if (node == NULL)
        return false;
    char right[EVH_DIAGNOSTIC_TEXT_LEN];
    (void)snprintf(right, sizeof right, "a whole number from %" PRId64 " to %" PRId64, least, most);
    if (evh_yaml_kind_of(node) != EVH_YAML_SCALAR)
        return not_as_expected(node, what, right, diagnostics);
    evh_view text = evh_yaml_text(node);
    bool negative = text.len > 0 && text.data[0] == '-';
    bool digits = text.len > (negative ? 1U : 0U) && evh_yaml_is_plain(node);
    for (size_t i = negative ? 1 : 0; i < text.len; i++)
        digits &= text.data[i] >= '0' && text.data[i] <= '9';
    evh_decimal value = {.digits = 0};
    if (!digits)
        return not_as_expected(node, what, right, diagnostics);
    evh_status status = evh_decimal_parse(text, &value);
    if (status.code != EVH_OK || evh_decimal_compare(value, evh_decimal_of(least)) < 0 ||
        evh_decimal_compare(value, evh_decimal_of(most)) > 0)
        return not_as_expected(node, what, right, diagnostics);
    int64_t whole = value.digits;
    for (int32_t i = 0; i < value.exponent; i++)
        whole *= 10;
    *out = whole;
    return true;
}

bool evh_yaml_read_decimal(const evh_yaml_node *node, const char *what, const char *right,
                           evh_decimal *out, evh_diagnostics *diagnostics)
{
    if (node == NULL)
        return false;
    evh_decimal value = {.digits = 0};
    if (evh_yaml_kind_of(node) != EVH_YAML_SCALAR)
        return not_as_expected(node, what, right, diagnostics);
    evh_status status = evh_decimal_parse(evh_yaml_text(node), &value);
    if (status.code == EVH_ERR_RANGE) {
        evh_yaml_wrong(node, diagnostics, right, "%s: %s", what, status.text);
        return false;
    }
    if (status.code != EVH_OK)
        return not_as_expected(node, what, right, diagnostics);
    *out = value;
    return true;
}

bool evh_yaml_read_bool(const evh_yaml_node *node, const char *what, bool *out,
                        evh_diagnostics *diagnostics)
{
    if (node == NULL)
        return false;
    evh_view text = evh_yaml_text(node);
    bool yes = evh_view_equal(text, evh_view_of_text("true"));
    bool no = evh_view_equal(text, evh_view_of_text("false"));
    if (!evh_yaml_is_plain(node) || !(yes || no))
        return not_as_expected(node, what, "true or false", diagnostics);
    *out = yes;
    return true;
}

bool evh_yaml_read_choice(const evh_yaml_node *node, const char *what, const char *const *names,
                          size_t count, size_t *out, evh_diagnostics *diagnostics)
{
    if (node == NULL)
        return false;
    evh_view text = evh_yaml_text(node);
    for (size_t i = 0; i < count; i++) {
        if (evh_yaml_kind_of(node) == EVH_YAML_SCALAR &&
            evh_view_equal(text, evh_view_of_text(names[i]))) {
            *out = i;
            return true;
        }
    }
    char right[EVH_DIAGNOSTIC_TEXT_LEN] = "";
    list_choices(right, text, names, count);
    return not_as_expected(node, what, right, diagnostics);
}
