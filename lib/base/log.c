/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct line {
    char text[EVH_LOG_LINE_MAX];
    size_t len;
    bool cut;
} line;

/* What stays free at the end: the mark of a cut line and the newline. */
enum { LINE_TAIL = 5 };

static void line_add(line *out, const char *text, size_t len)
{
    size_t room = sizeof out->text - LINE_TAIL - out->len;
    if (len > room) {
        out->cut = true;
        len = room;
    }
    memcpy(out->text + out->len, text, len);
    out->len += len;
}

static void line_add_text(line *out, const char *text)
{
    line_add(out, text, strlen(text));
}

static bool id_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("._:@/-", c) != NULL);
}

static void line_add_id(line *out, const char *id)
{
    size_t len = strnlen(id, EVH_LOG_ID_MAX);
    for (size_t i = 0; i < len; i++) {
        line_add(out, id_char(id[i]) ? &id[i] : "?", 1);
    }
}

static void line_add_field(line *out, const evh_log_field *field)
{
    char text[2 * EVH_LOG_ID_MAX + 1];
    line_add(out, " ", 1);
    line_add_text(out, field->key);
    line_add(out, "=", 1);
    switch (field->kind) {
    case EVH_LOG_KIND_ID:
        line_add_id(out, field->value.id);
        return;
    case EVH_LOG_KIND_HEX:
        evh_hex_encode(text, evh_view_of(field->value.hex.data,
                                         field->value.hex.len > 32 ? 32 : field->value.hex.len));
        break;
    case EVH_LOG_KIND_U64:
        (void)snprintf(text, sizeof text, "%" PRIu64, field->value.u64);
        break;
    case EVH_LOG_KIND_I64:
        (void)snprintf(text, sizeof text, "%" PRId64, field->value.i64);
        break;
    case EVH_LOG_KIND_CODE:
        line_add_text(out, evh_code_info(field->value.code)->name);
        return;
    default:
        line_add(out, "?", 1);
        return;
    }
    line_add_text(out, text);
}

static const char *level_name(evh_log_level level)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    size_t index = (size_t)level;
    return index < sizeof names / sizeof names[0] ? names[index] : "error";
}

void evh_log_event(const evh_log *log, evh_log_level level, const char *module, const char *event,
                   const evh_log_field *fields, size_t count)
{
    if (log == NULL || level < log->least)
        return;
    char now[EVH_TIME_TEXT_LEN];
    evh_time_format(now, evh_clock_wall_ms(&log->clock));
    line out = {.len = 0, .cut = false};
    line_add_text(&out, now);
    line_add_text(&out, " level=");
    line_add_text(&out, level_name(level));
    line_add_text(&out, " module=");
    line_add_text(&out, module);
    line_add_text(&out, " event=");
    line_add_text(&out, event);
    for (size_t i = 0; i < count; i++)
        line_add_field(&out, &fields[i]);
    if (out.cut) {
        memcpy(out.text + out.len, "...", 3);
        out.len += 3;
    }
    out.text[out.len++] = '\n';
    log->write(log->context, out.text, out.len);
}

static void write_stderr(void *context, const char *text, size_t len)
{
    (void)context;
    while (len > 0) {
        ssize_t written = write(STDERR_FILENO, text, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return;
        text += written;
        len -= (size_t)written;
    }
}

evh_log evh_log_stderr(evh_log_level least)
{
    evh_log log = {.write = write_stderr, .context = NULL, .least = least, .clock = evh_clock_os()};
    return log;
}
