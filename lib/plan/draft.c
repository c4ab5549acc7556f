/* SPDX-License-Identifier: Apache-2.0
 * Proposes noise for a plan. The proposal is packed into the message and read back like any plan
 * from bytes, so nothing leaves here that the verification would refuse. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "evenhand/plan/canonical.h"
#include "evenhand/plan/groups.h"
#include "evenhand/plan/noise.h"
#include "evenhand/privacy/calibrate.h"
#include "evenhand/wire/message.h"
#include "plan_internal.h"

static evh_status calibrate(const evh_plan *plan, evh_adjacency adjacency, evh_noise *classes)
{
    evh_status status = evh_ok();
    evh_plan_shifts shifts = plan->shifts[adjacency];
    bool sum = plan->terms.privacy.placement == EVH_PLAN_DISTRIBUTED;
    double *weights = NULL;
    evh_calibration problem = {.kind = plan->terms.privacy.mechanism,
                               .class_count = plan->class_count,
                               .shifts = shifts.shifts,
                               .shift_count = shifts.count,
                               .rounds = 1,
                               .customers_per_unit = 1,
                               .honest_shares = sum ? plan->terms.rounds.min_honest : 0,
                               .clamp_bits = sum ? EVH_PLAN_CLAMP_BITS : 0,
                               .budget = evh_plan_budget(plan)};
    EVH_REQUIRE(shifts.count > 0, EVH_ERR_INPUT,
                "privacy has no key \"words_per_unit\": without it one unit can change counts "
                "without bound");
    if (problem.kind == EVH_NOISE_NONE)
        goto done;
    EVH_TRY(evh_alloc(&weights, plan->class_count, sizeof weights[0], "weights"));
    for (size_t i = 0; i < plan->class_count; i++)
        weights[i] = plan->classes[i].weight;
    problem.weights = weights;
    EVH_TRY(evh_calibrate(classes, &problem));
done:
    free(weights);
    return status;
}

/* The smallest offset that leaves the clamp its 2^-60: classes share the probability evenly. */
static evh_status choose_offset(const evh_plan *plan, const evh_noise *classes, uint64_t *offset)
{
    evh_status status = evh_ok();
    *offset = 0;
    if (plan->terms.privacy.mechanism == EVH_NOISE_NONE)
        goto done;
    for (size_t i = 0; i < plan->class_count; i++) {
        uint64_t draws = (uint64_t)plan->class_count * plan->classes[i].cell_count *
                         plan->terms.rounds.max_clients;
        uint64_t bound = 0;
        EVH_TRY(
            evh_noise_tail_bound(&bound, &classes[i], EVH_PLAN_CLAMP_BITS + evh_bit_length(draws)));
        if (bound > *offset)
            *offset = bound;
    }
    EVH_REQUIRE(*offset < evh_plan_cell_max(plan) / 2, EVH_ERR_INPUT,
                "cells of %" PRIu32 " bits have no room for the noise, which needs offset %" PRIu64
                ": more cell_bits, a larger epsilon or smaller caps",
                plan->terms.privacy.cell_bits, *offset);
done:
    return status;
}

static bool propose_cells(evh_plan_context *context, const evh_plan *plan, const evh_noise *classes,
                          Evenhand__V1__Plan__Noise *noise)
{
    noise->n_cells = plan->class_count;
    if (!evh_plan_take(context, &noise->cells, noise->n_cells, sizeof noise->cells[0]))
        return false;
    for (size_t i = 0; i < noise->n_cells; i++) {
        const evh_plan_noise_class *class = &plan->classes[i];
        Evenhand__V1__Plan__CellNoise *cell = NULL;
        if (!evh_plan_take(context, &cell, 1, sizeof *cell))
            return false;
        evenhand__v1__plan__cell_noise__init(cell);
        noise->cells[i] = cell;
        cell->release = (uint32_t) class->release;
        cell->n_names = class->name_count;
        if (!evh_plan_take(context, &cell->names, cell->n_names, sizeof cell->names[0]))
            return false;
        for (size_t k = 0; k < cell->n_names; k++) {
            if (!evh_plan_keep_text(context, evh_view_of_text(class->names[k]), &cell->names[k]))
                return false;
        }
        if (classes[i].kind == EVH_NOISE_NONE)
            continue;
        evh_rational parameter = classes[i].parameter;
        uint32_t divisor = evh_plan_common_divisor(parameter.num, parameter.den);
        cell->numerator = parameter.num / divisor;
        cell->denominator = parameter.den / divisor;
    }
    return true;
}

static bool propose_shift(evh_plan_context *context, const evh_shift *from,
                          Evenhand__V1__Plan__Shift **out)
{
    Evenhand__V1__Plan__Shift *shift = NULL;
    if (!evh_plan_take(context, &shift, 1, sizeof *shift))
        return false;
    evenhand__v1__plan__shift__init(shift);
    *out = shift;
    shift->n_terms = from->count;
    if (!evh_plan_take(context, &shift->terms, from->count, sizeof shift->terms[0]))
        return false;
    for (size_t i = 0; i < from->count; i++) {
        Evenhand__V1__Plan__Shift__Term *term = NULL;
        if (!evh_plan_take(context, &term, 1, sizeof *term))
            return false;
        evenhand__v1__plan__shift__term__init(term);
        shift->terms[i] = term;
        term->noise = from->terms[i].noise;
        term->magnitude = from->terms[i].magnitude;
        term->cells = from->terms[i].cells;
    }
    return true;
}

/* The canonical bytes of a plan with proposed noise. `holder` owns what the proposal is made of. */
static evh_status pack_proposal(evh_buffer *out, evh_plan *holder, const evh_plan *plan,
                                evh_adjacency adjacency, const evh_noise *classes, uint64_t offset)
{
    evh_plan_context context = {.plan = holder, .failure = evh_ok()};
    evh_plan_shifts shifts = plan->shifts[adjacency];
    evh_plan_message message = *plan->message;
    Evenhand__V1__Plan__Noise noise;
    evenhand__v1__plan__noise__init(&noise);
    noise.offset = offset;
    noise.adjacency = (Evenhand__V1__Plan__Noise__Adjacency)(adjacency + 1);
    noise.n_shifts = shifts.count;
    bool good = propose_cells(&context, plan, classes, &noise) &&
                evh_plan_take(&context, &noise.shifts, shifts.count, sizeof noise.shifts[0]);
    for (size_t i = 0; good && i < shifts.count; i++)
        good = propose_shift(&context, &shifts.shifts[i], &noise.shifts[i]);
    if (!good)
        return context.failure;
    message.noise = &noise;
    return evh_wire_pack(out, &message.base);
}

evh_status evh_plan_draft(evh_plan **out, const evh_plan *plan, evh_adjacency adjacency)
{
    evh_status status = evh_ok();
    evh_noise *classes = NULL;
    evh_plan *holder = NULL;
    evh_buffer bytes = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    uint64_t offset = 0;
    *out = NULL;
    EVH_TRY(evh_alloc(&classes, plan->class_count, sizeof classes[0], "noise classes"));
    EVH_TRY(calibrate(plan, adjacency, classes));
    EVH_TRY(choose_offset(plan, classes, &offset));
    EVH_TRY(evh_plan_new(&holder));
    EVH_TRY(pack_proposal(&bytes, holder, plan, adjacency, classes, offset));
    EVH_TRY(evh_plan_decode(out, evh_buffer_view(&bytes)));
done:
    evh_plan_free(&holder);
    evh_buffer_clear(&bytes);
    free(classes);
    return status;
}

static evh_status write_names(evh_buffer *out, const char *const *names, size_t count)
{
    evh_status status = evh_buffer_format(out, "[");
    for (size_t i = 0; i < count && status.code == EVH_OK; i++)
        status = evh_buffer_format(out, "%s%s", i == 0 ? "" : ", ", names[i]);
    return status.code == EVH_OK ? evh_buffer_format(out, "]") : status;
}

/* A YAML text between double quotes: names may hold anything but control characters. */
static evh_status write_quoted(evh_buffer *out, const char *text)
{
    evh_status status = evh_buffer_format(out, "\"");
    for (size_t i = 0; text[i] != '\0' && status.code == EVH_OK; i++)
        status = evh_buffer_format(out, text[i] == '"' || text[i] == '\\' ? "\\%c" : "%c", text[i]);
    return status.code == EVH_OK ? evh_buffer_format(out, "\"") : status;
}

static evh_status write_cells(const evh_plan *plan, evh_buffer *out, size_t index)
{
    evh_status status = evh_ok();
    const evh_plan_noise_class *class = &plan->classes[index];
    const evh_plan_grouping *release = &plan->groupings[class->release];
    evh_rational parameter = plan->noise.classes[index].parameter;
    EVH_TRY(evh_buffer_format(out, "    - {release: ["));
    for (size_t i = 0; i < release->attribute_count; i++) {
        EVH_TRY(evh_buffer_format(out, i == 0 ? "" : ", "));
        EVH_TRY(write_quoted(out, plan->terms.attributes[release->attributes[i]].name));
    }
    EVH_TRY(evh_buffer_format(out, "], cells: "));
    EVH_TRY(write_names(out, class->names, class->name_count));
    if (plan->noise.classes[index].kind != EVH_NOISE_NONE)
        EVH_TRY(evh_buffer_format(out, ", parameter: \"%" PRIu32 "/%" PRIu32 "\"", parameter.num,
                                  parameter.den));
    EVH_TRY(evh_buffer_format(out, "}\n"));
done:
    return status;
}

static evh_status write_shift(evh_buffer *out, const evh_shift *shift)
{
    evh_status status = evh_buffer_format(out, "    - [");
    for (size_t i = 0; i < shift->count && status.code == EVH_OK; i++)
        status = evh_buffer_format(
            out, "%s{noise: %" PRIu32 ", by: %" PRIu32 ", cells: %" PRIu32 "}", i == 0 ? "" : ", ",
            shift->terms[i].noise, shift->terms[i].magnitude, shift->terms[i].cells);
    return status.code == EVH_OK ? evh_buffer_format(out, "]\n") : status;
}

evh_status evh_plan_noise_yaml(const evh_plan *plan, evh_buffer *out)
{
    static const char *const adjacencies[] = {"add-remove", "replace-one"};
    evh_status status = evh_ok();
    EVH_REQUIRE(plan->has_noise, EVH_ERR_INPUT, "a draft has no noise to write");
    EVH_TRY(evh_buffer_format(out, "noise:\n  adjacency: %s\n  offset: %" PRIu64 "\n  cells:\n",
                              adjacencies[plan->noise.adjacency], plan->noise.offset));
    for (size_t i = 0; i < plan->class_count; i++)
        EVH_TRY(write_cells(plan, out, i));
    EVH_TRY(evh_buffer_format(out, "  shifts:\n"));
    for (size_t i = 0; i < plan->noise.shifts.count; i++)
        EVH_TRY(write_shift(out, &plan->noise.shifts.shifts[i]));
done:
    return status;
}
