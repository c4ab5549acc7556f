/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/test.h"

void evh_assert_status(evh_status status, evh_code expected, const char *part,
                       const char *expression, const char *file, int line)
{
    if (status.code != expected) {
        print_error("%s\n  gave %s: %s\n  expected %s\n", expression,
                    evh_code_info(status.code)->name, status.text, evh_code_info(expected)->name);
        _fail(file, line);
    }
    if (status.code != EVH_OK && status.text[0] == '\0') {
        print_error("%s\n  failed without a text\n", expression);
        _fail(file, line);
    }
    if (part != NULL && strstr(status.text, part) == NULL) {
        print_error("%s\n  says \"%s\"\n  expected it to contain \"%s\"\n", expression, status.text,
                    part);
        _fail(file, line);
    }
}

static void print_around(const char *name, evh_view view, size_t at)
{
    size_t from = at > 8 ? at - 8 : 0;
    size_t to = view.len < at + 8 ? view.len : at + 8;
    print_error("  %s [%zu bytes] from %zu:", name, view.len, from);
    for (size_t i = from; i < to; i++)
        print_error("%s%02x%s", i == at ? " >" : " ", (unsigned)view.data[i], i == at ? "<" : "");
    print_error("\n");
}

void evh_assert_views_equal(evh_view actual, evh_view expected, const char *file, int line)
{
    size_t common = actual.len < expected.len ? actual.len : expected.len;
    size_t at = 0;
    while (at < common && actual.data[at] == expected.data[at])
        at++;
    if (at == actual.len && at == expected.len)
        return;
    print_error("bytes differ at %zu\n", at);
    print_around("actual", actual, at);
    print_around("expected", expected, at);
    _fail(file, line);
}

void evh_assert_close(double actual, double expected, double tolerance, const char *file, int line)
{
    if (fabs(actual - expected) <= tolerance)
        return;
    print_error("%.17g is not within %g of %.17g\n", actual, tolerance, expected);
    _fail(file, line);
}

void test_hex(evh_buffer *buffer, const char *hex)
{
    evh_view digits = evh_view_of_text(hex);
    evh_buffer_clear(buffer);
    uint8_t *out = NULL;
    assert_ok(evh_buffer_extend(buffer, digits.len / 2, &out));
    assert_ok(evh_hex_decode(out, digits.len / 2, digits));
}
