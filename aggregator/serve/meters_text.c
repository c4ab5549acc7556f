/* SPDX-License-Identifier: Apache-2.0
 * The counters as Prometheus text. Written from a copy, so that a slow reader holds nobody up. */
#include <inttypes.h>
#include <stdlib.h>

#include "evenhand/base/sizes.h"
#include "meters_internal.h"

static evh_status head(evh_buffer *out, const char *name, const char *type, const char *help)
{
    return evh_buffer_format(out, "# HELP evenhand_%s %s\n# TYPE evenhand_%s %s\n", name, help,
                             name, type);
}

/* A counter of nanoseconds as seconds, exactly. */
static evh_status seconds(evh_buffer *out, const char *name, const char *labels, uint64_t ns)
{
    return evh_buffer_format(out, "evenhand_%s%s %" PRIu64 ".%09" PRIu64 "\n", name, labels,
                             ns / 1000000000U, ns % 1000000000U);
}

/* ---- calls ---- */

typedef struct side_names {
    const char *calls, *calls_help;
    const char *took, *took_help;
    const char *received, *received_help;
    const char *sent, *sent_help;
} side_names;

static const side_names sides[EVH_METER_SIDES] = {
    [EVH_METER_SERVED] = {.calls = "rpc_calls_total",
                          .calls_help = "Calls answered, by method and outcome.",
                          .took = "rpc_call_seconds",
                          .took_help = "From the arrival of a call to its answer.",
                          .received = "rpc_received_bytes_total",
                          .received_help = "Bytes of messages received in calls.",
                          .sent = "rpc_sent_bytes_total",
                          .sent_help = "Bytes of messages sent in answers."},
    [EVH_METER_MADE] = {.calls = "peer_calls_total",
                        .calls_help = "Calls made to the other aggregator, by method and outcome.",
                        .took = "peer_call_seconds",
                        .took_help = "From a call of the other aggregator to its answer.",
                        .received = "peer_received_bytes_total",
                        .received_help = "Bytes of messages received from the other aggregator.",
                        .sent = "peer_sent_bytes_total",
                        .sent_help = "Bytes of messages sent to the other aggregator."},
};

static evh_status write_codes(evh_buffer *out, const evh_counters *m, evh_meter_side side)
{
    evh_status status = evh_ok();
    EVH_TRY(head(out, sides[side].calls, "counter", sides[side].calls_help));
    for (size_t i = 0; i < m->methods[side].count; i++)
        for (int code = 0; code < EVH_CODE_COUNT; code++)
            if (code == EVH_OK || m->calls[side][i].codes[code] > 0)
                EVH_TRY(evh_buffer_format(
                    out, "evenhand_%s{method=\"%s\",code=\"%s\"} %" PRIu64 "\n", sides[side].calls,
                    m->methods[side].paths[i], evh_code_info((evh_code)code)->name,
                    m->calls[side][i].codes[code]));
done:
    return status;
}

static evh_status write_histogram(evh_buffer *out, const char *name, const char *path,
                                  const evh_method_meter *meter)
{
    uint64_t count = 0;
    evh_status status = evh_ok();
    for (size_t i = 0; i < EVH_METER_BOUNDS; i++) {
        count += meter->buckets[i];
        EVH_TRY(evh_buffer_format(out, "evenhand_%s_bucket{method=\"%s\",le=\"%g\"} %" PRIu64 "\n",
                                  name, path, (double)evh_meter_bounds_us[i] / 1e6, count));
    }
    count += meter->buckets[EVH_METER_BOUNDS];
    EVH_TRY(evh_buffer_format(out,
                              "evenhand_%s_bucket{method=\"%s\",le=\"+Inf\"} %" PRIu64 "\n"
                              "evenhand_%s_sum{method=\"%s\"} %" PRIu64 ".%09" PRIu64 "\n"
                              "evenhand_%s_count{method=\"%s\"} %" PRIu64 "\n",
                              name, path, count, name, path, meter->took_ns / 1000000000U,
                              meter->took_ns % 1000000000U, name, path, count));
done:
    return status;
}

static evh_status write_durations(evh_buffer *out, const evh_counters *m, evh_meter_side side)
{
    evh_status status = evh_ok();
    EVH_TRY(head(out, sides[side].took, "histogram", sides[side].took_help));
    for (size_t i = 0; i < m->methods[side].count; i++)
        EVH_TRY(
            write_histogram(out, sides[side].took, m->methods[side].paths[i], &m->calls[side][i]));
done:
    return status;
}

static evh_status write_bytes(evh_buffer *out, const evh_counters *m, evh_meter_side side,
                              bool sent)
{
    const char *name = sent ? sides[side].sent : sides[side].received;
    evh_status status = evh_ok();
    EVH_TRY(head(out, name, "counter", sent ? sides[side].sent_help : sides[side].received_help));
    for (size_t i = 0; i < m->methods[side].count; i++)
        EVH_TRY(evh_buffer_format(
            out, "evenhand_%s{method=\"%s\"} %" PRIu64 "\n", name, m->methods[side].paths[i],
            sent ? m->calls[side][i].sent_bytes : m->calls[side][i].received_bytes));
done:
    return status;
}

static evh_status write_calls(evh_buffer *out, const evh_counters *m)
{
    evh_status status = evh_ok();
    for (evh_meter_side side = EVH_METER_SERVED; side <= EVH_METER_MADE; side++) {
        if (m->methods[side].count == 0)
            continue;
        EVH_TRY(write_codes(out, m, side));
        EVH_TRY(write_durations(out, m, side));
        EVH_TRY(write_bytes(out, m, side, false));
        EVH_TRY(write_bytes(out, m, side, true));
    }
done:
    return status;
}

/* ---- the rest ---- */

static evh_status write_process(evh_buffer *out, const evh_counters *m, const evh_gauges *g)
{
    static const char *const limits[EVH_THROTTLE_LIMIT_COUNT] = {[EVH_THROTTLE_RATE] = "rate",
                                                                 [EVH_THROTTLE_RUNNING] = "running",
                                                                 [EVH_THROTTLE_CALLERS] = "callers",
                                                                 [EVH_THROTTLE_WAITING] =
                                                                     "waiting_reports"};
    evh_status status = evh_ok();
    EVH_TRY(head(out, "info", "gauge", "Always 1; the labels say what is running."));
    EVH_TRY(evh_buffer_format(out, "evenhand_info{role=\"%s\",version=\"%s\"} 1\n", g->role,
                              g->version));
    EVH_TRY(head(out, "throttled_total", "counter",
                 "Calls that were asked to come later, by the limit they met."));
    for (int i = EVH_THROTTLE_NONE + 1; i < EVH_THROTTLE_LIMIT_COUNT; i++)
        EVH_TRY(evh_buffer_format(out, "evenhand_throttled_total{limit=\"%s\"} %" PRIu64 "\n",
                                  limits[i], m->throttled[i]));
    EVH_TRY(
        head(out, "cpu_seconds_total", "counter",
             "Processor time: of handlers and drive (with the store's part in it), of the store "
             "alone, and of the whole process."));
    EVH_TRY(
        seconds(out, "cpu_seconds_total", "{part=\"handlers\"}", m->cpu_ns[EVH_METER_HANDLERS]));
    EVH_TRY(seconds(out, "cpu_seconds_total", "{part=\"drive\"}", m->cpu_ns[EVH_METER_DRIVE]));
    EVH_TRY(seconds(out, "cpu_seconds_total", "{part=\"store\"}", g->store.cpu_ns));
    if (g->process_cpu_ns >= 0)
        EVH_TRY(
            seconds(out, "cpu_seconds_total", "{part=\"process\"}", (uint64_t)g->process_cpu_ns));
done:
    return status;
}

static evh_status write_drive(evh_buffer *out, const evh_counters *m)
{
    evh_status status = evh_ok();
    if (m->methods[EVH_METER_MADE].count == 0)
        goto done;
    EVH_TRY(head(out, "drive_passes_total", "counter", "Passes over all rounds, by outcome."));
    for (int code = 0; code < EVH_CODE_COUNT; code++)
        if (code == EVH_OK || m->passes[code] > 0)
            EVH_TRY(evh_buffer_format(out, "evenhand_drive_passes_total{code=\"%s\"} %" PRIu64 "\n",
                                      evh_code_info((evh_code)code)->name, m->passes[code]));
    EVH_TRY(head(out, "drive_troubles_total", "counter",
                 "Rounds that a pass could not move on, counted at each pass."));
    EVH_TRY(evh_buffer_format(out, "evenhand_drive_troubles_total %" PRIu64 "\n", m->troubled));
done:
    return status;
}

static evh_status write_store(evh_buffer *out, const evh_store_usage *used)
{
    evh_status status = evh_ok();
    EVH_TRY(head(out, "store_transactions_total", "counter",
                 "Transactions of the store; those that only read are undone."));
    EVH_TRY(evh_buffer_format(out,
                              "evenhand_store_transactions_total{outcome=\"committed\"} %" PRIu64
                              "\nevenhand_store_transactions_total{outcome=\"undone\"} %" PRIu64
                              "\n",
                              used->committed, used->undone));
    EVH_TRY(head(out, "store_failures_total", "counter", "Calls that the store failed."));
    EVH_TRY(evh_buffer_format(out, "evenhand_store_failures_total %" PRIu64 "\n", used->failed));
    EVH_TRY(head(out, "store_seconds_total", "counter",
                 "Time of the store: waited for the transactions of others, held by transactions, "
                 "and busy inside of it."));
    EVH_TRY(seconds(out, "store_seconds_total", "{state=\"waited\"}", used->waited_ns));
    EVH_TRY(seconds(out, "store_seconds_total", "{state=\"held\"}", used->held_ns));
    EVH_TRY(seconds(out, "store_seconds_total", "{state=\"busy\"}", used->busy_ns));
done:
    return status;
}

/* Metrics with one value, or some with one label; those that are not known are left out. */
typedef struct gauge {
    const char *name, *help;
    const char *label; /* "{state=...}" or "" */
    int64_t value;
} gauge;

static evh_status write_gauges(evh_buffer *out, const evh_gauges *g)
{
    static const char rounds_help[] = "Rounds that have not ended, by state.";
    static const char reports_help[] =
        "Reports of all rounds in the store, by what became of them.";
    const gauge list[] = {
        {"ready", "1 when /readyz says so.", "", g->ready ? 1 : 0},
        {"log_entries", "Entries of the log.", "", g->log_entries},
        {"log_cosigned_entries", "Entries that the helper has cosigned.", "", g->log_cosigned},
        {"log_uncosigned_seconds", "Since when some entry waits for its cosignature.", "",
         g->uncosigned_s},
        {"rounds", rounds_help, "{state=\"open\"}", g->rounds_open},
        {"rounds", rounds_help, "{state=\"closed\"}", g->rounds_closed},
        {"rounds", rounds_help, "{state=\"agreed\"}", g->rounds_agreed},
        {"reports", reports_help, "{state=\"received\"}", g->reports_received},
        {"reports", reports_help, "{state=\"accepted\"}", g->reports_accepted},
        {"reports", reports_help, "{state=\"rejected\"}", g->reports_rejected},
        {"waiting_reports", "Reports taken and not yet aggregated.", "", g->waiting_reports},
        {"next_deadline_seconds", "Until the next deadline of an open round.", "",
         g->next_deadline_s},
        {"helper_reached_seconds", "Since the helper last answered.", "", g->helper_age_s},
        {"sample_age_seconds", "Since the values from the store were read.", "", g->sample_age_s},
        {"certificate_expiry_timestamp_seconds", "When the server's certificate ends.", "",
         g->certificate_expires_s},
        {"resident_memory_bytes", "Memory of this process.", "", g->resident_bytes},
    };
    const char *last = "";
    evh_status status = evh_ok();
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        if (list[i].value < 0)
            continue;
        if (list[i].name != last)
            EVH_TRY(head(out, list[i].name, "gauge", list[i].help));
        last = list[i].name;
        EVH_TRY(evh_buffer_format(out, "evenhand_%s%s %" PRId64 "\n", list[i].name, list[i].label,
                                  list[i].value));
    }
done:
    return status;
}

evh_status evh_meters_write(evh_buffer *out, evh_meters *meters, const evh_gauges *gauges)
{
    evh_counters *copy = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_alloc(&copy, 1, sizeof *copy, "meters"));
    (void)pthread_mutex_lock(&meters->lock);
    *copy = meters->counters;
    (void)pthread_mutex_unlock(&meters->lock);
    EVH_TRY(write_process(out, copy, gauges));
    EVH_TRY(write_gauges(out, gauges));
    EVH_TRY(write_store(out, &gauges->store));
    EVH_TRY(write_drive(out, copy));
    EVH_TRY(write_calls(out, copy));
done:
    free(copy);
    return status;
}
