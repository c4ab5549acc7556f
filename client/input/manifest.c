/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evenhand/base/sizes.h"
#include "evenhand/input/transcribe.h"
#include "evenhand/input/trn.h"
#include "rows_internal.h"
#include "text_internal.h"

/* What one transcript column of the current row names. */
typedef struct transcript {
    size_t column; /* of those asked for */
    bool named;    /* the row names a file */
    bool is_trn;
    evh_buffer content; /* of the file; the text itself where it is not .trn */
    evh_input_trn trn;
    evh_buffer joined; /* the words of all utterances */
} transcript;

typedef struct manifest {
    evh_input_rows *csv;
    evh_input_folder folder;
    evh_input_column *columns;
    size_t column_count;
    transcript *transcripts;
    size_t transcript_count;
    evh_view *values;
    uint64_t line; /* of the current row */
    bool paired;   /* the current row gives one record per utterance */
    size_t next_utterance;
    size_t utterance_count;
    char reason[EVH_INPUT_REASON_LEN];
} manifest;

typedef enum text_kind { TEXT_TRN, TEXT_PLAIN, TEXT_TRANSCRIBE } text_kind;

static bool ends_with(evh_view path, const char *extension)
{
    size_t len = strlen(extension);
    if (path.len <= len)
        return false;
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = path.data[path.len - len + i];
        if (byte >= 'A' && byte <= 'Z')
            byte = (uint8_t)(byte - 'A' + 'a');
        if (byte != (uint8_t)extension[i])
            return false;
    }
    return true;
}

static evh_status kind_of(evh_view path, text_kind *out)
{
    *out = TEXT_PLAIN;
    if (ends_with(path, ".trn"))
        *out = TEXT_TRN;
    else if (ends_with(path, ".json"))
        *out = TEXT_TRANSCRIBE;
    else if (!ends_with(path, ".txt"))
        return evh_fail(EVH_ERR_INPUT, "the file's name must end in .trn, .txt or .json");
    return evh_ok();
}

/* A manifest reaches nothing but what lies beside and below it. */
static evh_status check_path(evh_view path)
{
    if (path.len == 0)
        return evh_fail(EVH_ERR_INPUT, "no file is named");
    if (path.data[0] == '/')
        return evh_fail(EVH_ERR_INPUT, "the path must be relative to the manifest's folder");
    for (size_t start = 0, end = 0; end <= path.len; end++) {
        if (end < path.len && path.data[end] != '/')
            continue;
        if (end - start == 2 && path.data[start] == '.' && path.data[start + 1] == '.')
            return evh_fail(EVH_ERR_INPUT,
                            "the path must not leave the manifest's folder (\"..\")");
        start = end + 1;
    }
    return evh_ok();
}

static evh_status load_plain(transcript *text)
{
    evh_view view = evh_buffer_view(&text->content);
    return evh_input_text_check(&view);
}

static evh_status load_transcribe(transcript *text)
{
    evh_status status = evh_ok();
    evh_buffer json = text->content;
    text->content = evh_buffer_init(EVH_INPUT_TEXT_BYTES_MAX);
    EVH_TRY(evh_input_transcribe_parse(&text->content, evh_buffer_view(&json)));

done:
    evh_buffer_clear(&json);
    return status;
}

static evh_status load_trn(transcript *text)
{
    text->is_trn = true;
    return evh_input_trn_parse(&text->trn, evh_buffer_view(&text->content));
}

static void unload(transcript *text)
{
    text->named = false;
    text->is_trn = false;
    evh_input_trn_clear(&text->trn);
    evh_buffer_truncate(&text->content, 0);
    evh_buffer_truncate(&text->joined, 0);
}

static evh_status load(manifest *reader, transcript *text, evh_view path)
{
    evh_status status = evh_ok();
    text_kind kind = TEXT_PLAIN;
    unload(text);
    if (path.data == NULL) /* an optional column that is not there */
        goto done;
    text->named = true;
    EVH_TRY(check_path(path));
    EVH_TRY(kind_of(path, &kind));
    EVH_TRY(reader->folder.read_file(reader->folder.context, path, &text->content));
    switch (kind) {
    case TEXT_TRN:
        EVH_TRY(load_trn(text));
        break;
    case TEXT_TRANSCRIBE:
        EVH_TRY(load_transcribe(text));
        break;
    case TEXT_PLAIN:
    default:
        EVH_TRY(load_plain(text));
        break;
    }

done:
    return status;
}

static evh_status load_all(manifest *reader, const evh_input_row *row)
{
    for (size_t i = 0; i < reader->transcript_count; i++) {
        transcript *text = &reader->transcripts[i];
        evh_view name = reader->columns[text->column].name;
        evh_status status = load(reader, text, row->values[text->column]);
        if (status.code != EVH_OK)
            return evh_status_in(status, "%.*s", (int)(name.len < 40 ? name.len : 40),
                                 (const char *)name.data);
    }
    return evh_ok();
}

/* Every .trn of the row must have the utterances of the first. */
static evh_status check_pairs(const manifest *reader, const transcript *first)
{
    evh_status status = evh_ok();
    for (size_t i = 0; i < reader->transcript_count; i++) {
        const transcript *other = &reader->transcripts[i];
        for (size_t u = 0; other->named && u < first->trn.count; u++)
            EVH_REQUIRE(evh_input_trn_find(&other->trn, first->trn.utterances[u].id) != NULL,
                        EVH_ERR_INPUT,
                        "the utterance on line %" PRIu64 " of the first .trn is not in the other",
                        first->trn.utterances[u].line);
        for (size_t u = 0; u < other->trn.count; u++)
            EVH_REQUIRE(evh_input_trn_find(&first->trn, other->trn.utterances[u].id) != NULL,
                        EVH_ERR_INPUT,
                        "the utterance on line %" PRIu64 " of the second .trn is not in the first",
                        other->trn.utterances[u].line);
    }

done:
    return status;
}

static evh_status join(transcript *text)
{
    evh_status status = evh_ok();
    for (size_t u = 0; u < text->trn.count; u++) {
        if (text->joined.len > 0)
            EVH_TRY(evh_buffer_u8(&text->joined, ' '));
        EVH_TRY(evh_buffer_append(&text->joined, text->trn.utterances[u].words));
    }

done:
    return status;
}

/* Decides whether the row is one record or one per utterance. */
static evh_status arrange(manifest *reader)
{
    evh_status status = evh_ok();
    const transcript *first = NULL;
    reader->paired = true;
    for (size_t i = reader->transcript_count; i-- > 0;) {
        const transcript *text = &reader->transcripts[i];
        if (text->named)
            first = text;
        reader->paired = reader->paired && (text->is_trn || !text->named);
    }
    reader->paired = reader->paired && first != NULL;
    reader->next_utterance = 0;
    reader->utterance_count = 1;
    if (reader->paired) {
        EVH_TRY(check_pairs(reader, first));
        reader->utterance_count = first->trn.count;
        goto done;
    }
    for (size_t i = 0; i < reader->transcript_count; i++)
        if (reader->transcripts[i].is_trn)
            EVH_TRY(join(&reader->transcripts[i]));

done:
    return status;
}

static evh_view first_id(const manifest *reader)
{
    for (size_t i = 0; i < reader->transcript_count; i++)
        if (reader->transcripts[i].named)
            return reader->transcripts[i].trn.utterances[reader->next_utterance].id;
    return evh_view_of(NULL, 0);
}

/* A plain text without its byte order mark, which was looked at when it was loaded. */
static evh_view plain_view(const transcript *text)
{
    evh_view view = evh_buffer_view(&text->content);
    evh_status_discard(evh_input_text_check(&view), "checked when the file was loaded");
    return view.data == NULL ? evh_view_of_text("") : view;
}

static void give_record(manifest *reader, evh_input_row *row)
{
    row->line = reader->line;
    row->part = reader->paired ? first_id(reader) : evh_view_of(NULL, 0);
    for (size_t i = 0; i < reader->transcript_count; i++) {
        const transcript *text = &reader->transcripts[i];
        evh_view *value = &reader->values[text->column];
        if (!text->named)
            *value = evh_view_of(NULL, 0);
        else if (reader->paired)
            *value = evh_input_trn_find(&text->trn, row->part)->words;
        else
            *value = text->is_trn ? evh_buffer_view(&text->joined) : plain_view(text);
    }
    row->values = reader->values;
    reader->next_utterance++;
}

static evh_status next_record(manifest *reader, evh_input_event *event, evh_input_row *row)
{
    evh_status status = evh_ok();
    *event = EVH_INPUT_ROW;
    if (reader->next_utterance == reader->utterance_count) {
        EVH_TRY(evh_input_rows_next(reader->csv, event, row));
        if (*event != EVH_INPUT_ROW)
            goto done;
        reader->line = row->line;
        memcpy(reader->values, row->values, reader->column_count * sizeof *reader->values);
        reader->utterance_count = reader->next_utterance = 0;
        status = load_all(reader, row);
        if (status.code == EVH_OK)
            status = arrange(reader);
    }
    if (status.code == EVH_ERR_INPUT) {
        (void)snprintf(reader->reason, sizeof reader->reason, "%s", status.text);
        reader->utterance_count = reader->next_utterance = 0;
        *event = EVH_INPUT_BAD_ROW;
        row->values = NULL;
        row->reason = reader->reason;
        status = evh_ok();
    } else if (status.code == EVH_OK) {
        give_record(reader, row);
    }

done:
    return status;
}

static bool next_row(void *self, evh_input_event *event, evh_input_row *row, evh_status *failure)
{
    evh_status status = next_record(self, event, row);
    if (status.code != EVH_OK)
        *failure = status;
    return status.code == EVH_OK;
}

static void free_reader(void *self)
{
    manifest *reader = self;
    if (reader == NULL)
        return;
    for (size_t i = 0; i < reader->transcript_count; i++) {
        evh_input_trn_clear(&reader->transcripts[i].trn);
        evh_buffer_clear(&reader->transcripts[i].content);
        evh_buffer_clear(&reader->transcripts[i].joined);
    }
    evh_input_rows_free(&reader->csv);
    free(reader->transcripts);
    free(reader->columns);
    free(reader->values);
    free(reader);
}

static evh_status set_up(manifest *reader, const evh_input_options *options)
{
    evh_status status = evh_ok();
    size_t count = options->column_count;
    evh_input_options csv = *options;
    csv.format = EVH_INPUT_CSV;
    reader->folder = options->folder;
    reader->column_count = count;
    EVH_TRY(evh_alloc(&reader->columns, count, sizeof *reader->columns, "columns"));
    EVH_TRY(evh_alloc(&reader->values, count, sizeof *reader->values, "columns"));
    EVH_TRY(evh_alloc(&reader->transcripts, count, sizeof *reader->transcripts, "transcripts"));
    memcpy(reader->columns, options->columns, count * sizeof *reader->columns);
    for (size_t w = 0; w < count; w++) {
        if (!options->columns[w].transcript)
            continue;
        transcript *text = &reader->transcripts[reader->transcript_count++];
        text->column = w;
        text->content = evh_buffer_init(EVH_INPUT_TEXT_BYTES_MAX);
        text->joined = evh_buffer_init(EVH_INPUT_TEXT_BYTES_MAX);
    }
    EVH_TRY(evh_input_rows_new(&reader->csv, &csv));

done:
    return status;
}

evh_status evh_input_manifest_new(evh_input_reader *out, const evh_input_options *options)
{
    evh_status status = evh_ok();
    manifest *reader = NULL;
    *out = (evh_input_reader){.next = NULL, .free = NULL, .self = NULL};
    EVH_TRY(evh_alloc(&reader, 1, sizeof *reader, "manifest reader"));
    EVH_TRY(set_up(reader, options));
    *out = (evh_input_reader){.next = next_row, .free = free_reader, .self = reader};
    reader = NULL;

done:
    free_reader(reader);
    return status;
}
