/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evenhand/base/sizes.h"
#include "scorer_internal.h"

enum { CELL_TP, CELL_FP, CELL_FN, CLASS_CELLS };

static const char *const class_cell_names[CLASS_CELLS] = {"tp", "fp", "fn"};

static evh_status find_class(evh_scorer *scorer, uint32_t *out, evh_view raw, const char *what)
{
    evh_status status = evh_ok();
    evh_view value;
    size_t index = 0;
    EVH_TRY(evh_value_read(&value, &scorer->scratch[0], raw, what));
    EVH_REQUIRE(evh_value_set_find(&scorer->values, value, &index), EVH_ERR_INPUT,
                "the %s is none of the plan's %zu classes", what, scorer->values.count);
    *out = (uint32_t)index;
done:
    return status;
}

static evh_status score_classes(evh_scorer *scorer, evh_score *out, evh_view truth,
                                evh_view estimate)
{
    evh_status status = evh_ok();
    EVH_TRY(find_class(scorer, &out->values[0], truth, "class"));
    EVH_TRY(find_class(scorer, &out->values[1], estimate, "predicted class"));
done:
    return status;
}

static evh_status reduce_classes(const evh_scorer *scorer, int64_t *cells, const uint32_t *values,
                                 size_t count)
{
    evh_status status = evh_ok();
    for (size_t i = 0; i < count; i++) {
        size_t class = values[2 * i];
        size_t predicted = values[2 * i + 1];
        EVH_REQUIRE(class < scorer->values.count && predicted < scorer->values.count, EVH_ERR_ARG,
                    "a score of a class that does not exist");
        if (class == predicted) {
            EVH_TRY(evh_cell_add(&cells[CLASS_CELLS * class + CELL_TP], 1));
        } else {
            EVH_TRY(evh_cell_add(&cells[CLASS_CELLS * predicted + CELL_FP], 1));
            EVH_TRY(evh_cell_add(&cells[CLASS_CELLS * class + CELL_FN], 1));
        }
    }
done:
    return status;
}

static evh_status score_errors(evh_scorer *scorer, evh_score *out, evh_view truth,
                               evh_view estimate)
{
    evh_status status = evh_ok();
    evh_view class;
    evh_view predicted;
    EVH_TRY(evh_value_read(&class, &scorer->scratch[0], truth, "class"));
    EVH_TRY(evh_value_read(&predicted, &scorer->scratch[1], estimate, "predicted class"));
    out->values[0] = evh_view_equal(class, predicted) ? 0 : 1;
done:
    return status;
}

evh_status evh_reduce_flags(const evh_scorer *scorer, int64_t *cells, const uint32_t *values,
                            size_t count)
{
    (void)scorer;
    evh_status status = evh_ok();
    int64_t raised = 0;
    for (size_t i = 0; i < count; i++) {
        EVH_REQUIRE(values[i] <= 1, EVH_ERR_ARG, "a score of %u where 0 or 1 is right", values[i]);
        raised += values[i];
    }
    EVH_TRY(evh_cell_add(&cells[0], (int64_t)count));
    EVH_TRY(evh_cell_add(&cells[1], raised));
done:
    return status;
}

/* Class by class the names tp:CLASS fp:CLASS fn:CLASS, the class as the options wrote it. */
static evh_status name_cells(evh_scorer *scorer, const evh_multiclass_options *options)
{
    evh_status status = evh_ok();
    evh_buffer names = evh_buffer_init(SIZE_MAX);
    const char *name = NULL;
    EVH_TRY(evh_alloc(&scorer->cell_names, scorer->cell_count, sizeof *scorer->cell_names,
                      "the names of cells"));
    for (size_t i = 0; i < options->class_count; i++) {
        for (size_t cell = 0; cell < CLASS_CELLS; cell++) {
            EVH_TRY(evh_buffer_format(&names, "%s:", class_cell_names[cell]));
            EVH_TRY(evh_buffer_append(&names, options->classes[i]));
            EVH_TRY(evh_buffer_u8(&names, 0));
        }
    }
    scorer->names = (char *)names.data;
    names.data = NULL;
    names.capacity = 0;
    name = scorer->names;
    for (size_t i = 0; i < scorer->cell_count; i++) {
        scorer->cell_names[i] = name;
        name += strlen(name) + 1;
    }
done:
    evh_buffer_clear(&names);
    return status;
}

evh_status evh_multiclass_init(evh_scorer *scorer, const evh_multiclass_options *options)
{
    evh_status status = evh_ok();
    scorer->row = &evh_multiclass_errors_row;
    if (options->class_count == 0)
        goto done;
    EVH_REQUIRE(options->class_count >= 2 && options->class_count <= EVH_SCORER_CLASSES_MAX,
                EVH_ERR_ARG, "%zu classes: 2 to %d are possible", options->class_count,
                EVH_SCORER_CLASSES_MAX);
    for (size_t i = 0; i < options->class_count; i++)
        EVH_REQUIRE(memchr(options->classes[i].data, 0, options->classes[i].len) == NULL,
                    EVH_ERR_ARG, "class %zu has a NUL byte", i + 1);
    scorer->row = &evh_classes_row;
    scorer->cell_count = CLASS_CELLS * options->class_count;
    EVH_TRY(evh_value_set_init(&scorer->values, options->classes, options->class_count, "class"));
    EVH_TRY(name_cells(scorer, options));
done:
    return status;
}

const evh_scorer_kind_row evh_classes_row = {
    .width = 2, .layout = EVH_CELLS_CLASSES, .score = score_classes, .reduce = reduce_classes};

const evh_scorer_kind_row evh_multiclass_errors_row = {.width = 1,
                                                       .layout = EVH_CELLS_CLASS_ERRORS,
                                                       .cell_names = {"records", "errors"},
                                                       .score = score_errors,
                                                       .reduce = evh_reduce_flags};
