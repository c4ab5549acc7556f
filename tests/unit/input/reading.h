/* SPDX-License-Identifier: Apache-2.0
 * Reading test data: sources that hand out bytes in pieces, and rows written down as text. */
#ifndef EVH_UNIT_INPUT_READING_H
#define EVH_UNIT_INPUT_READING_H

#include "evenhand/base/bytes.h"
#include "evenhand/input/rows.h"
#include "evenhand/input/source.h"

/* Hands out at most `piece` bytes at a time; with piece 0 sizes of 1 to 9 that vary. Fails STORE
 * when fail_after bytes were read (unless that is SIZE_MAX). */
typedef struct piecewise {
    evh_view rest;
    size_t piece;
    size_t fail_after;
    uint64_t state;
} piecewise;

evh_input_source pieces_source(piecewise *pieces, evh_view text, size_t piece);

/* How a text is to be read. */
typedef struct reading {
    evh_input_format format;
    const char *const
        *columns; /* names, NULL at the end; "*x": a transcript, "?x" or "?*x": optional */
    evh_input_folder folder; /* manifest */
} reading;

/* Reads everything and appends one line per event to out: "<line>|<value>|<value>...\n" for a row
 * (with "#<part>" behind the line number if there is one, "~" for an absent value),
 * "<line>! <reason>\n" for a bad one. Gives the status that ended it. */
evh_status read_all(evh_buffer *out, const reading *how, evh_input_source source);

/* read_all from one piece must succeed and give `expected`. */
#define assert_reads(how, text, expected)                                                          \
    assert_reads_at((how), (text), (expected), __FILE__, __LINE__)
void assert_reads_at(const reading *how, evh_view text, const char *expected, const char *file,
                     int line);

/* read_all from one piece must fail with INPUT and a text that has `part` in it. */
#define assert_stops(how, text, part) assert_stops_at((how), (text), (part), __FILE__, __LINE__)
void assert_stops_at(const reading *how, evh_view text, const char *part, const char *file,
                     int line);

/* Pieces of 1, 2, 3, 7, 63, 64, 65 bytes and of varying sizes must give what one piece gives, and
 * so for every beginning of text: the text is cut at every byte. */
void assert_pieces_do_not_matter(const reading *how, evh_view text);

#endif
