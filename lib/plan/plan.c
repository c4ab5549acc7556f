/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/plan/plan.h"

#include <stdlib.h>

#include "evenhand/base/sizes.h"
#include "evenhand/wire/message.h"
#include "plan_internal.h"

evh_status evh_plan_new(evh_plan **out)
{
    evh_status status = evh_ok();
    evh_plan *plan = NULL;
    *out = NULL;
    EVH_TRY(evh_alloc(&plan, 1, sizeof *plan, "plan"));
    EVH_TRY(evh_plan_arena_take(&plan->arena, &plan->message, 1, sizeof *plan->message));
    evenhand__v1__plan__init(plan->message);
    *out = plan;
    plan = NULL;
done:
    evh_plan_free(&plan);
    return status;
}

/* The reason why a plan was not built: memory before mistakes, which may follow from it. */
evh_status evh_plan_outcome(const evh_plan_context *context, bool good)
{
    if (context->failure.code != EVH_OK)
        return context->failure;
    evh_status status = evh_diagnostics_status(context->diagnostics);
    if (!good && status.code == EVH_OK)
        return evh_internal_error(__FILE__, __LINE__, "a plan was refused without a reason");
    return status;
}

evh_status evh_plan_parse(evh_plan **plan, const char *file, evh_view yaml,
                          evh_diagnostics *diagnostics)
{
    evh_status status = evh_ok();
    evh_yaml *document = NULL;
    evh_plan *made = NULL;
    evh_plan_context context = {.diagnostics = diagnostics, .file = file, .failure = evh_ok()};
    bool good = false;
    *plan = NULL;
    EVH_TRY(evh_yaml_parse(&document, file, yaml, diagnostics));
    EVH_TRY(evh_plan_new(&made));
    context.plan = made;
    context.root = evh_yaml_root(document);
    good = evh_plan_read(&context) && evh_plan_resolve(&context);
    evh_diagnostics_sort(diagnostics);
    EVH_TRY(evh_plan_outcome(&context, good));
    EVH_TRY(evh_plan_fill_id(made));
    *plan = made;
    made = NULL;
done:
    evh_plan_free(&made);
    evh_yaml_free(&document);
    return status;
}

void evh_plan_free(evh_plan **plan)
{
    if (*plan == NULL)
        return;
    evh_wire_free(&(*plan)->decoded);
    evh_plan_arena_clear(&(*plan)->arena);
    free(*plan);
    *plan = NULL;
}
