/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "evenhand/plan/canonical.h"
#include "session_internal.h"

enum { OUTPUT_BYTES_MAX = 1 << 30 };

const char evh_session_exact_notice[] =
    "exact counts of your own records: keep them on your premises";

static void put_unmapped(evh_json *json, const evh_session *session)
{
    const evh_plan_terms *terms = evh_plan_terms_of(session->plan);
    evh_json_object_open(json, "unmapped");
    for (size_t i = 0; i < session->measurement.attribute_count; i++) {
        evh_input_spellings *spellings = session->measurement.spellings[i];
        const evh_input_spelling *list = NULL;
        size_t count = 0;
        if (spellings == NULL || evh_input_spellings_totals(spellings).other == 0)
            continue;
        evh_json_object_open(json, terms->attributes[i].name);
        evh_json_u64(json, "total", evh_input_spellings_totals(spellings).other);
        evh_json_array_open(json, "spellings");
        evh_input_spellings_list(spellings, &list, &count);
        for (size_t j = 0; j < count; j++) {
            evh_json_row_open(json, NULL);
            evh_json_view(json, "text", list[j].text);
            evh_json_u64(json, "count", list[j].count);
            evh_json_close(json);
        }
        evh_json_close(json);
        evh_json_close(json);
    }
    evh_json_close(json);
}

static void put_records(evh_json *json, const evh_measure_statistics *statistics)
{
    evh_json_row_open(json, "records");
    evh_json_u64(json, "read", statistics->read);
    evh_json_u64(json, "used", statistics->used);
    evh_json_u64(json, "skipped", evh_measure_skipped(statistics));
    evh_json_u64(json, "clipped", statistics->clipped);
    evh_json_close(json);
    evh_json_row_open(json, "skipped_because");
    evh_json_u64(json, "no_unit", statistics->no_unit);
    evh_json_u64(json, "outside_window", statistics->outside);
    evh_json_u64(json, "empty_reference", statistics->empty_reference);
    evh_json_u64(json, "bad_row", statistics->bad);
    evh_json_close(json);
    evh_json_row_open(json, "units");
    evh_json_u64(json, "seen", statistics->units);
    evh_json_u64(json, "clipped", statistics->units_clipped);
    evh_json_close(json);
}

void evh_session_json_plan(evh_json *json, const evh_plan *plan, const evh_cli *cli)
{
    const evh_plan_terms *terms = evh_plan_terms_of(plan);
    const uint8_t *id = evh_plan_id(plan);
    char hex[2 * EVH_PLAN_ID_LEN + 1];
    if (id != NULL) {
        evh_hex_encode(hex, evh_view_of(id, EVH_PLAN_ID_LEN));
        evh_json_text(json, "plan_id", hex);
    } else {
        evh_json_null(json, "plan_id");
    }
    evh_json_text(json, "plan", terms->name);
    evh_json_text(json, "scorer", evh_plan_scorer_name(terms->scorer));
    if (cli->common.round > 0)
        evh_json_u64(json, "round", cli->common.round);
    else
        evh_json_null(json, "round");
}

void evh_session_json_records(evh_json *json, const evh_session *session)
{
    evh_json_text(json, "notice", evh_session_exact_notice);
    evh_json_text(json, "order_key", session->customer_key ? "customer" : "zero");
    put_records(json, &session->measurement.statistics);
    put_unmapped(json, session);
}

evh_status evh_session_write_json(evh_cli *cli, evh_status (*fill)(void *context, evh_json *json),
                                  void *context)
{
    evh_status status = evh_ok();
    evh_buffer out = evh_buffer_init(OUTPUT_BYTES_MAX);
    evh_json json = evh_json_writer(&out);
    evh_json_object_open(&json, NULL);
    EVH_TRY(fill(context, &json));
    evh_json_close(&json);
    EVH_TRY(evh_json_end(&json));
    EVH_TRY(evh_cli_write(cli, evh_buffer_view(&out)));

done:
    evh_buffer_clear(&out); /* wiped: it held exact counts */
    return status;
}
