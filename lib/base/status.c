/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/status.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* gRPC numbers: https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
enum {
    GRPC_OK = 0,
    GRPC_INVALID_ARGUMENT = 3,
    GRPC_PERMISSION_DENIED = 7,
    GRPC_RESOURCE_EXHAUSTED = 8,
    GRPC_FAILED_PRECONDITION = 9,
    GRPC_OUT_OF_RANGE = 11,
    GRPC_UNIMPLEMENTED = 12,
    GRPC_INTERNAL = 13,
    GRPC_UNAVAILABLE = 14
};

enum {
    EXIT_DONE = 0,
    EXIT_USAGE = 2,
    EXIT_INPUT = 3,
    EXIT_PRIVACY = 4,
    EXIT_PEER_DOWN = 5,
    EXIT_PEER_REFUSED = 6,
    EXIT_STORE = 7,
    EXIT_BUG = 70
};

static const evh_code_row rows[EVH_CODE_COUNT] = {
    [EVH_OK] = {"OK", false, GRPC_OK, EXIT_DONE},
    [EVH_ERR_ARG] = {"ARG", false, GRPC_INVALID_ARGUMENT, EXIT_USAGE},
    [EVH_ERR_RANGE] = {"RANGE", false, GRPC_OUT_OF_RANGE, EXIT_INPUT},
    [EVH_ERR_LENGTH] = {"LENGTH", false, GRPC_INVALID_ARGUMENT, EXIT_INPUT},
    [EVH_ERR_TRAILING] = {"TRAILING", false, GRPC_INVALID_ARGUMENT, EXIT_INPUT},
    [EVH_ERR_ENCODING] = {"ENCODING", false, GRPC_INVALID_ARGUMENT, EXIT_INPUT},
    [EVH_ERR_TYPE] = {"TYPE", false, GRPC_UNIMPLEMENTED, EXIT_INPUT},
    [EVH_ERR_KEY] = {"KEY", false, GRPC_FAILED_PRECONDITION, EXIT_INPUT},
    [EVH_ERR_INPUT] = {"INPUT", false, GRPC_INVALID_ARGUMENT, EXIT_INPUT},
    [EVH_ERR_PRIVACY] = {"PRIVACY", false, GRPC_FAILED_PRECONDITION, EXIT_PRIVACY},
    [EVH_ERR_UNAVAILABLE] = {"UNAVAILABLE", true, GRPC_UNAVAILABLE, EXIT_PEER_DOWN},
    [EVH_ERR_REFUSED] = {"REFUSED", false, GRPC_PERMISSION_DENIED, EXIT_PEER_REFUSED},
    [EVH_ERR_STORE] = {"STORE", true, GRPC_UNAVAILABLE, EXIT_STORE},
    [EVH_ERR_MEMORY] = {"MEMORY", true, GRPC_RESOURCE_EXHAUSTED, EXIT_STORE},
    [EVH_ERR_RNG] = {"RNG", true, GRPC_UNAVAILABLE, EXIT_PRIVACY},
    [EVH_ERR_INTERNAL] = {"INTERNAL", false, GRPC_INTERNAL, EXIT_BUG},
};

const evh_code_row *evh_code_info(evh_code code)
{
    size_t index = (size_t)code;
    return index < EVH_CODE_COUNT ? &rows[index] : &rows[EVH_ERR_INTERNAL];
}

/* In parentheses: for the static analyser the name is a macro. */
evh_status(evh_fail)(evh_code code, const char *format, ...)
{
    evh_status status = evh_ok();
    status.code = code == EVH_OK ? EVH_ERR_INTERNAL : code;
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(status.text, sizeof status.text, format, arguments);
    va_end(arguments);
    if (written < 0)
        status.text[0] = '\0';
    return status;
}

evh_status evh_status_in(evh_status inner, const char *format, ...)
{
    if (inner.code == EVH_OK)
        return inner;
    char context[EVH_STATUS_TEXT_LEN];
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(context, sizeof context, format, arguments);
    va_end(arguments);
    if (written < 0)
        return inner;
    evh_status status = evh_ok();
    status.code = inner.code;
    size_t used = strlen(context);
    memcpy(status.text, context, used);
    (void)snprintf(status.text + used, sizeof status.text - used, ": %s", inner.text);
    return status;
}

evh_status evh_internal_error(const char *file, int line, const char *what)
{
#ifndef NDEBUG
    (void)fprintf(stderr, "%s:%d: invariant broken: %s\n", file, line, what);
    __builtin_trap();
#endif
    const char *slash = strrchr(file, '/');
    return evh_fail(EVH_ERR_INTERNAL, "invariant broken at %s:%d: %s; please report this bug",
                    slash != NULL ? slash + 1 : file, line, what);
}
