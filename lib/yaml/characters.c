/* SPDX-License-Identifier: Apache-2.0
 * Characters are checked before libyaml sees them: its reader reports no line for a bad byte, and
 * it breaks lines at characters that no editor breaks at, after which its line numbers mislead. */
#include <inttypes.h>

#include "document_internal.h"
#include "evenhand/base/utf8.h"

/* What is wrong with a character, or NULL. */
static const char *objection(uint32_t code, bool before_newline, const char **right)
{
    *right = "plain text";
    if (code == '\t') {
        *right = "spaces; inside a text, \\t between double quotes";
        return "a tab";
    }
    if (code == '\r' && !before_newline) {
        *right = "lines that end in a newline, or in a carriage return and a newline";
        return "a carriage return alone";
    }
    if (code == 0)
        return "a NUL character";
    if ((code < 0x20 && code != '\n' && code != '\r') || (code >= 0x7f && code < 0xa0))
        return "a control character";
    if (code == 0x2028 || code == 0x2029)
        return "an invisible line break";
    if (code == 0xfeff)
        return "a byte order mark inside the file";
    if (code == 0xfffe || code == 0xffff)
        return "a code point that is no character";
    return NULL;
}

bool evh_yaml_characters_allowed(const char *file, evh_view bytes, evh_diagnostics *diagnostics)
{
    evh_mark at = {.file = file, .line = 1, .column = 1};
    for (size_t i = 0; i < bytes.len;) {
        uint32_t code = 0;
        size_t len = evh_utf8_decode(evh_view_of(bytes.data + i, bytes.len - i), &code);
        if (len == 0) {
            evh_diagnostics_add(diagnostics, EVH_SEVERITY_ERROR, at, "text in UTF-8",
                                "a byte 0x%02x that is not valid UTF-8", bytes.data[i]);
            return false;
        }
        const char *right = NULL;
        bool before_newline = i + 1 < bytes.len && bytes.data[i + 1] == '\n';
        const char *wrong = objection(code, before_newline, &right);
        if (wrong != NULL) {
            evh_diagnostics_add(diagnostics, EVH_SEVERITY_ERROR, at, right, "%s (U+%04" PRIX32 ")",
                                wrong, code);
            return false;
        }
        i += len;
        at.column++;
        if (code == '\n') {
            at.line++;
            at.column = 1;
        }
    }
    return true;
}
