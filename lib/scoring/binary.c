/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/scoring/text.h"
#include "scorer_internal.h"

enum { CELL_TP, CELL_FP, CELL_FN, CELL_TN };

static evh_status read_value(evh_scorer *scorer, bool *positive, evh_view raw, const char *what)
{
    evh_view value;
    size_t index = 0;
    *positive = false;
    evh_status status = evh_value_read(&value, &scorer->scratch[0], raw, what);
    if (status.code == EVH_OK)
        *positive = evh_value_set_find(&scorer->values, value, &index);
    return status;
}

static evh_status read_estimate(evh_scorer *scorer, bool *positive, evh_view raw)
{
    evh_status status = evh_ok();
    *positive = false;
    if (!scorer->has_threshold)
        return read_value(scorer, positive, raw, "prediction");
    evh_view text = evh_view_trim(raw);
    evh_decimal number = {0};
    bool cut = false;
    EVH_REQUIRE(text.len > 0, EVH_ERR_INPUT, "the prediction is empty");
    EVH_REQUIRE(evh_decimal_parse_cut(text, &number, &cut).code == EVH_OK, EVH_ERR_INPUT,
                "the prediction is not a number");
    *positive = evh_decimal_compare_cut(number, cut, scorer->threshold) >= 0;
done:
    return status;
}

static evh_status score_binary(evh_scorer *scorer, evh_score *out, evh_view truth,
                               evh_view estimate)
{
    evh_status status = evh_ok();
    bool label = false;
    bool prediction = false;
    EVH_TRY(read_value(scorer, &label, truth, "label"));
    EVH_TRY(read_estimate(scorer, &prediction, estimate));
    if (label)
        out->values[0] = prediction ? CELL_TP : CELL_FN;
    else
        out->values[0] = prediction ? CELL_FP : CELL_TN;
done:
    return status;
}

static evh_status reduce_binary(const evh_scorer *scorer, int64_t *cells, const uint32_t *values,
                                size_t count)
{
    evh_status status = evh_ok();
    for (size_t i = 0; i < count; i++) {
        EVH_REQUIRE(values[i] < scorer->cell_count, EVH_ERR_ARG, "no binary score has the value %u",
                    values[i]);
        EVH_TRY(evh_cell_add(&cells[values[i]], 1));
    }
done:
    return status;
}

static evh_status score_event(evh_scorer *scorer, evh_score *out, evh_view truth, evh_view estimate)
{
    (void)estimate;
    bool event = false;
    evh_status status = read_value(scorer, &event, truth, "event");
    out->values[0] = event ? 1 : 0;
    return status;
}

static evh_status init_positive(evh_scorer *scorer, const evh_binary_options *options)
{
    if (options->positive_count == 0)
        return evh_fail(EVH_ERR_ARG, "at least one positive value is needed");
    return evh_value_set_init(&scorer->values, options->positive, options->positive_count,
                              "positive value");
}

evh_status evh_binary_init(evh_scorer *scorer, const evh_binary_options *options)
{
    scorer->row = &evh_binary_row;
    scorer->has_threshold = options->has_threshold;
    scorer->threshold = options->threshold;
    return init_positive(scorer, options);
}

evh_status evh_event_init(evh_scorer *scorer, const evh_binary_options *options)
{
    scorer->row = &evh_event_row;
    if (options->has_threshold)
        return evh_fail(EVH_ERR_ARG, "an event has no threshold");
    return init_positive(scorer, options);
}

const evh_scorer_kind_row evh_binary_row = {.width = 1,
                                            .layout = EVH_CELLS_BINARY,
                                            .cell_names = {"tp", "fp", "fn", "tn"},
                                            .score = score_binary,
                                            .reduce = reduce_binary};

const evh_scorer_kind_row evh_event_row = {.width = 1,
                                           .layout = EVH_CELLS_EVENTS,
                                           .cell_names = {"records", "events"},
                                           .score = score_event,
                                           .reduce = evh_reduce_flags};
