/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/scoring/normalizer.h"

#include <string.h>
#include <utf8proc.h>

#include "evenhand/scoring/text.h"
#include "unicode_internal.h"

static const char unicode_version[] = "15.0.0";

const char *evh_normalizer_id(evh_normalizer_kind kind)
{
    return kind == EVH_NORMALIZER_BASIC ? "basic-1" : "none-1";
}

evh_status evh_normalizer_check(evh_normalizer_kind kind)
{
    switch (kind) {
    case EVH_NORMALIZER_NONE:
        return evh_ok();
    case EVH_NORMALIZER_BASIC:
        if (strcmp(utf8proc_unicode_version(), unicode_version) == 0)
            return evh_ok();
        return evh_fail(EVH_ERR_TYPE, "normalizer %s needs Unicode %s, this utf8proc has %s",
                        evh_normalizer_id(kind), unicode_version, utf8proc_unicode_version());
    }
    return evh_fail(EVH_ERR_ARG, "unknown normalizer %d", (int)kind);
}

/* What a character is to the punctuation rule. */
typedef enum part {
    PART_BOUNDARY, /* ends a word: separators, controls, punctuation with no part in words */
    PART_SYMBOL,   /* stays, but ties nothing together */
    PART_LETTER,   /* letters, marks, numbers other than digits */
    PART_DIGIT,
    PART_JOINER,      /* stays between letters or digits */
    PART_DIGIT_JOINER /* stays between digits */
} part;

static part part_by_category(utf8proc_int32_t code_point)
{
    switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return PART_LETTER;
    case UTF8PROC_CATEGORY_ND:
        return PART_DIGIT;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
        return PART_BOUNDARY;
    default:
        return PART_SYMBOL;
    }
}

static part part_of(utf8proc_int32_t code_point)
{
    switch (code_point) {
    case '\'':
    case '-':
    case '.':
    case '&':
    case '@':
    case 0x00b7: /* middle dot, Catalan */
    case 0x05f3: /* geresh, Hebrew */
    case 0x05f4: /* gershayim */
        return PART_JOINER;
    case ',':
    case ':':
    case 0x066b: /* Arabic decimal separator */
    case 0x066c: /* Arabic thousands separator */
        return PART_DIGIT_JOINER;
    default:
        return part_by_category(code_point);
    }
}

/* The typographic apostrophes and hyphen are written as the ASCII ones. */
static utf8proc_int32_t plain(utf8proc_int32_t code_point)
{
    switch (code_point) {
    case 0x2018:
    case 0x2019:
        return '\'';
    case 0x2010:
        return '-';
    default:
        return code_point;
    }
}

/* Takes the next character of folded text; -1 at its end. */
static utf8proc_int32_t next_code_point(evh_reader *reader)
{
    utf8proc_int32_t code_point = -1;
    if (reader->rest.len == 0)
        return -1;
    utf8proc_ssize_t used =
        utf8proc_iterate(reader->rest.data, (utf8proc_ssize_t)reader->rest.len, &code_point);
    /* The folded text is UTF-8: utf8proc or the ASCII path wrote it. */
    size_t step = used > 0 ? (size_t)used : reader->rest.len;
    reader->rest = evh_view_of(reader->rest.data + step, reader->rest.len - step);
    return plain(code_point);
}

static bool keeps(part before, part here, part after)
{
    bool solid_before = before == PART_LETTER || before == PART_DIGIT;
    bool solid_after = after == PART_LETTER || after == PART_DIGIT;
    switch (here) {
    case PART_BOUNDARY:
        return false;
    case PART_SYMBOL:
    case PART_LETTER:
    case PART_DIGIT:
        return true;
    case PART_JOINER:
        return solid_before && solid_after;
    case PART_DIGIT_JOINER:
        return before == PART_DIGIT && after == PART_DIGIT;
    }
    return false;
}

static evh_status append_code_point(evh_buffer *out, utf8proc_int32_t code_point)
{
    uint8_t bytes[4];
    utf8proc_ssize_t len = utf8proc_encode_char(code_point, bytes);
    return evh_buffer_append(out, evh_view_of(bytes, (size_t)len));
}

static evh_status append_words(evh_buffer *out, evh_view folded)
{
    evh_status status = evh_ok();
    size_t start = out->len;
    bool boundary = false;
    part before = PART_BOUNDARY;
    evh_reader reader = evh_reader_of(folded);
    utf8proc_int32_t code_point = next_code_point(&reader);
    part here = code_point < 0 ? PART_BOUNDARY : part_of(code_point);
    while (code_point >= 0) {
        utf8proc_int32_t following = next_code_point(&reader);
        part after = following < 0 ? PART_BOUNDARY : part_of(following);
        if (!keeps(before, here, after)) {
            boundary = true;
        } else {
            if (boundary && out->len > start)
                EVH_TRY(evh_buffer_u8(out, ' '));
            boundary = false;
            EVH_TRY(append_code_point(out, code_point));
        }
        before = here;
        here = after;
        code_point = following;
    }
done:
    return status;
}

static evh_status fold_ascii(evh_buffer *out, evh_view text)
{
    uint8_t *to = NULL;
    evh_status status = evh_buffer_extend(out, text.len, &to);
    if (status.code != EVH_OK)
        return status;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];
        to[i] = byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
    }
    return status;
}

static evh_status fold(evh_buffer *out, evh_view text)
{
    if (evh_text_is_ascii(text))
        return fold_ascii(out, text);
    /* Decomposed first, so that canonically equivalent texts fold alike. */
    evh_buffer decomposed = evh_buffer_init(SIZE_MAX);
    evh_status status = evh_unicode_map(&decomposed, text, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
    if (status.code == EVH_OK)
        status = evh_unicode_map(out, evh_buffer_view(&decomposed),
                                 UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
                                     UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    evh_buffer_clear(&decomposed);
    return status;
}

evh_status evh_normalize(evh_buffer *out, evh_normalizer_kind kind, evh_view text)
{
    evh_status status = evh_ok();
    size_t before = out->len;
    evh_buffer folded = evh_buffer_init(SIZE_MAX);
    switch (kind) {
    case EVH_NORMALIZER_NONE:
        EVH_TRY(evh_buffer_append(out, text));
        break;
    case EVH_NORMALIZER_BASIC:
        EVH_TRY(fold(&folded, text));
        EVH_TRY(append_words(out, evh_buffer_view(&folded)));
        break;
    default:
        EVH_REQUIRE(false, EVH_ERR_ARG, "unknown normalizer %d", (int)kind);
    }
done:
    if (status.code != EVH_OK)
        evh_buffer_truncate(out, before);
    evh_buffer_clear(&folded);
    return status;
}
