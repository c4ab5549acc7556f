/* SPDX-License-Identifier: Apache-2.0
 * /metrics, /healthz and /readyz. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "evenhand/translog/translog.h"
#include "serve_internal.h"

/* The resident pages are the second number of /proc/self/statm; -1 where there is no such file. */
static int64_t resident_bytes(void)
{
    char line[128];
    const char *second = NULL;
    long long pages = -1;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return -1;
    if (fgets(line, sizeof line, file) != NULL)
        second = strchr(line, ' ');
    if (second != NULL)
        pages = strtoll(second, NULL, 10);
    (void)fclose(file);
    return pages < 0 ? -1 : pages * sysconf(_SC_PAGESIZE);
}

static int64_t timeval_ns(struct timeval t)
{
    return ((int64_t)t.tv_sec * 1000000 + t.tv_usec) * 1000;
}

static int64_t process_cpu_ns(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return -1;
    return timeval_ns(usage.ru_utime) + timeval_ns(usage.ru_stime);
}

/* Everything, and the reasons not to be ready. */
static evh_status read_gauges(evh_serve *serve, evh_gauges *g, evh_buffer *reasons)
{
    bool leads = serve->self.role == EVH_ROLE_LEADER;
    int64_t age_ms = leads ? evh_helper_link_age_ms(&serve->link) : -1;
    evh_watch_read(serve, g);
    g->role = evh_party_word(serve->self.role);
    g->version = serve->version;
    g->helper_age_s = age_ms < 0 ? -1 : age_ms / 1000;
    g->waiting_reports = leads ? (int64_t)serve->driver.waiting : -1;
    g->certificate_expires_s = serve->certificate_expires_s;
    g->resident_bytes = resident_bytes();
    g->process_cpu_ns = process_cpu_ns();
    g->store = evh_store_used(serve->self.store);
    evh_status status = evh_watch_reasons(serve, g, reasons);
    g->ready = status.code == EVH_OK && reasons->len == 0;
    return status;
}

static evh_status fill_metrics(evh_serve *serve, evh_http_page *page, evh_buffer *reasons)
{
    evh_gauges gauges;
    page->type = "text/plain; version=0.0.4; charset=utf-8";
    evh_status status = read_gauges(serve, &gauges, reasons);
    return status.code == EVH_OK ? evh_meters_write(&page->body, serve->meters, &gauges) : status;
}

static evh_status fill_ready(evh_serve *serve, evh_http_page *page, evh_buffer *reasons)
{
    evh_gauges gauges;
    evh_status status = read_gauges(serve, &gauges, reasons);
    if (status.code != EVH_OK)
        return status;
    if (gauges.ready)
        return evh_buffer_format(&page->body, "ready\n");
    page->status = 503;
    return evh_buffer_append(&page->body, evh_buffer_view(reasons));
}

evh_status evh_serve_page(void *context, const char *path, evh_http_page *page)
{
    evh_serve *serve = context;
    evh_buffer reasons = evh_buffer_init(4096);
    evh_status status = evh_ok();
    page->status = 200;
    if (strcmp(path, "/metrics") == 0)
        status = fill_metrics(serve, page, &reasons);
    else if (strcmp(path, "/readyz") == 0)
        status = fill_ready(serve, page, &reasons);
    else if (strcmp(path, "/healthz") == 0)
        status = evh_buffer_format(&page->body, "alive\n");
    else
        page->status = 404;
    evh_buffer_clear(&reasons);
    return status;
}
