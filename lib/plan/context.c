/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "plan_internal.h"

static EVH_PRINTF(5, 0) void add_at(evh_plan_context *context, const evh_yaml_node *node,
                                    evh_severity severity, const char *right, const char *format,
                                    va_list arguments)
{
    char wrong[EVH_DIAGNOSTIC_TEXT_LEN];
    evh_mark at = {.file = context->file};
    if (node != NULL)
        at = evh_yaml_mark(node);
    (void)vsnprintf(wrong, sizeof wrong, format, arguments);
    evh_diagnostics_add(context->diagnostics, severity, at, right, "%s", wrong);
}

void evh_plan_wrong(evh_plan_context *context, const evh_yaml_node *node, const char *right,
                    const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_at(context, node, EVH_SEVERITY_ERROR, right, format, arguments);
    va_end(arguments);
}

void evh_plan_warn(evh_plan_context *context, const evh_yaml_node *node, const char *right,
                   const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_at(context, node, EVH_SEVERITY_WARNING, right, format, arguments);
    va_end(arguments);
}

const evh_yaml_node *evh_plan_node(const evh_plan_context *context, const char *key,
                                   const char *inner)
{
    const evh_yaml_node *outer = evh_yaml_find(context->root, key);
    const evh_yaml_node *node = inner == NULL ? NULL : evh_yaml_find(outer, inner);
    if (node != NULL)
        return node;
    return outer != NULL ? outer : context->root;
}

const evh_yaml_node *evh_plan_item(const evh_yaml_node *list, size_t index)
{
    if (list == NULL || evh_yaml_kind_of(list) != EVH_YAML_LIST || index >= evh_yaml_count(list))
        return list;
    return evh_yaml_item(list, index);
}
