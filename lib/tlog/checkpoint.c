/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/tlog/checkpoint.h"

#include <inttypes.h>
#include <string.h>

#include "evenhand/base/utf8.h"

/* U+2014 and a space. */
static const char line_start[] = "\xe2\x80\x94 ";

enum { KEY_ID_LEN = 4, LINE_BYTES_MAX = 8192, TEXT_BYTES_MAX = 1024 };

/* ---- writing ---- */

static evh_status append_signature_line(evh_buffer *out, const evh_identity *signer,
                                        evh_view signature)
{
    evh_buffer bytes = evh_buffer_init(LINE_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_be32(&bytes, signer->key_id));
    EVH_TRY(evh_buffer_append(&bytes, signature));
    EVH_TRY(evh_buffer_format(out, "%s%s ", line_start, signer->name));
    EVH_TRY(evh_base64_encode(out, evh_buffer_view(&bytes)));
    EVH_TRY(evh_buffer_u8(out, '\n'));
done:
    evh_buffer_clear(&bytes);
    return status;
}

evh_status evh_checkpoint_sign(evh_buffer *out, uint64_t size, const evh_merkle_hash *root,
                               const evh_signing_key *log)
{
    uint8_t signature[EVH_SIGNATURE_LEN];
    evh_buffer note = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_REQUIRE(log->identity.type == EVH_IDENTITY_ED25519, EVH_ERR_TYPE,
                "a log signs its checkpoints with a key of type 01");
    EVH_TRY(evh_buffer_format(&note, "%s\n%" PRIu64 "\n", log->identity.name, size));
    EVH_TRY(evh_base64_encode(&note, evh_view_of(root->bytes, sizeof root->bytes)));
    EVH_TRY(evh_buffer_u8(&note, '\n'));
    EVH_TRY(evh_sign_text(signature, log, evh_buffer_view(&note)));
    EVH_TRY(evh_buffer_u8(&note, '\n'));
    EVH_TRY(append_signature_line(&note, &log->identity, evh_view_of(signature, sizeof signature)));
    EVH_TRY(evh_buffer_append(out, evh_buffer_view(&note)));
done:
    evh_buffer_clear(&note);
    return status;
}

evh_status evh_checkpoint_add_cosignature(evh_buffer *note, const evh_identity *witness,
                                          const uint8_t cosignature[EVH_COSIGNATURE_LEN])
{
    return append_signature_line(note, witness, evh_view_of(cosignature, EVH_COSIGNATURE_LEN));
}

/* ---- reading ---- */

/* Takes a line without its newline; false when there is none. */
static bool take_line(evh_reader *reader, evh_view *line)
{
    const uint8_t *end =
        reader->rest.len == 0 ? NULL : memchr(reader->rest.data, '\n', reader->rest.len);
    if (end == NULL)
        return false;
    size_t len = (size_t)(end - reader->rest.data);
    *line = evh_view_of(reader->rest.data, len);
    reader->rest = evh_view_of(end + 1, reader->rest.len - len - 1);
    return true;
}

/* Decimal without sign, leading zeros or anything else. */
static bool read_size(evh_view line, uint64_t *out)
{
    uint64_t value = 0;
    if (line.len == 0 || line.len > 20 || (line.len > 1 && line.data[0] == '0'))
        return false;
    for (size_t i = 0; i < line.len; i++) {
        unsigned digit = line.data[i] - (unsigned)'0';
        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

static evh_status read_root(evh_merkle_hash *out, evh_view line)
{
    evh_buffer bytes = evh_buffer_init(TEXT_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_base64_decode(&bytes, line));
    EVH_REQUIRE(bytes.len == sizeof out->bytes, EVH_ERR_ENCODING, "the root hash has %zu bytes",
                bytes.len);
    memcpy(out->bytes, bytes.data, sizeof out->bytes);
done:
    evh_buffer_clear(&bytes);
    return status;
}

/* One signature line, taken apart. */
typedef struct signature_line {
    evh_view name;
    uint32_t key_id;
    uint8_t bytes[EVH_COSIGNATURE_LEN];
    size_t len; /* of the signature; more than fits in bytes means a kind that is not known here */
} signature_line;

static evh_status read_signature_line(signature_line *out, evh_view line)
{
    memset(out, 0, sizeof *out);
    evh_buffer decoded = evh_buffer_init(LINE_BYTES_MAX);
    evh_reader reader = evh_reader_of(line);
    evh_view start = evh_view_of(NULL, 0);
    const uint8_t *space = NULL;
    evh_status status = evh_ok();
    EVH_REQUIRE(line.len > sizeof line_start &&
                    memcmp(line.data, line_start, sizeof line_start - 1) == 0,
                EVH_ERR_ENCODING, "a signature line starts with a dash (U+2014) and a space");
    EVH_TRY(evh_read_view(&reader, "signature line", sizeof line_start - 1, &start));
    space = reader.rest.len == 0 ? NULL : memchr(reader.rest.data, ' ', reader.rest.len);
    EVH_REQUIRE(space != NULL && space > reader.rest.data, EVH_ERR_ENCODING,
                "a signature line without a name");
    EVH_TRY(
        evh_read_view(&reader, "signature line", (size_t)(space - reader.rest.data), &out->name));
    EVH_TRY(evh_read_view(&reader, "signature line", 1, &start));
    EVH_TRY(evh_base64_decode(&decoded, reader.rest));
    EVH_REQUIRE(decoded.len > KEY_ID_LEN, EVH_ERR_ENCODING, "a signature of %zu bytes",
                decoded.len);
    reader = evh_reader_of(evh_buffer_view(&decoded));
    EVH_TRY(evh_read_be32(&reader, "signature line", &out->key_id));
    out->len = reader.rest.len;
    if (out->len <= sizeof out->bytes)
        memcpy(out->bytes, reader.rest.data, out->len);
done:
    evh_buffer_clear(&decoded);
    return status;
}

static evh_status check_signature_lines(evh_view signatures)
{
    evh_reader reader = evh_reader_of(signatures);
    evh_view line = evh_view_of(NULL, 0);
    signature_line parsed;
    size_t count = 0;
    evh_status status = evh_ok();
    while (take_line(&reader, &line)) {
        EVH_REQUIRE(++count <= EVH_CHECKPOINT_SIGNATURES_MAX, EVH_ERR_ENCODING,
                    "more than %d signatures", EVH_CHECKPOINT_SIGNATURES_MAX);
        EVH_TRY(read_signature_line(&parsed, line));
    }
    EVH_REQUIRE(count > 0 && reader.rest.len == 0, EVH_ERR_ENCODING,
                "no signature, or no newline at the end");
done:
    return status;
}

static evh_status read_body(evh_checkpoint *out, evh_reader *reader)
{
    evh_view origin = evh_view_of(NULL, 0);
    evh_view size = evh_view_of(NULL, 0);
    evh_view root = evh_view_of(NULL, 0);
    evh_view empty = evh_view_of(NULL, 0);
    evh_status status = evh_ok();
    EVH_REQUIRE(take_line(reader, &origin) && take_line(reader, &size) &&
                    take_line(reader, &root) && take_line(reader, &empty),
                EVH_ERR_ENCODING, "fewer than four lines");
    EVH_REQUIRE(origin.len >= 1 && origin.len < sizeof out->origin, EVH_ERR_ENCODING,
                "an origin of %zu bytes", origin.len);
    EVH_REQUIRE(read_size(size, &out->size), EVH_ERR_ENCODING, "the size is no plain number");
    EVH_TRY(read_root(&out->root, root));
    EVH_REQUIRE(empty.len == 0, EVH_ERR_ENCODING, "extension lines are not used by this log");
    memcpy(out->origin, origin.data, origin.len);
done:
    return status;
}

evh_status evh_checkpoint_read(evh_checkpoint *out, evh_view note)
{
    memset(out, 0, sizeof *out);
    evh_reader reader = evh_reader_of(note);
    evh_status status = evh_ok();
    EVH_REQUIRE(note.len <= EVH_CHECKPOINT_BYTES_MAX, EVH_ERR_LENGTH, "%zu bytes are too many",
                note.len);
    EVH_REQUIRE(evh_utf8_valid_len(note) == note.len, EVH_ERR_ENCODING, "not UTF-8");
    for (size_t i = 0; i < note.len; i++)
        EVH_REQUIRE(note.data[i] >= 0x20 || note.data[i] == '\n', EVH_ERR_ENCODING,
                    "a control character");
    EVH_TRY(read_body(out, &reader));
    /* The body ends with the newline before the empty line. */
    out->body = evh_view_of(note.data, note.len - reader.rest.len - 1);
    out->signatures = reader.rest;
    EVH_TRY(check_signature_lines(out->signatures));
done:
    if (status.code != EVH_OK)
        memset(out, 0, sizeof *out);
    return evh_status_in(status, "checkpoint");
}

/* ---- checking ---- */

/* Calls for the next line of a signer, starting at *reader. */
static evh_status next_line_of(evh_reader *reader, const evh_identity *signer, size_t len,
                               signature_line *line, bool *found)
{
    evh_view text = evh_view_of(NULL, 0);
    evh_status status = evh_ok();
    *found = false;
    while (!*found && take_line(reader, &text)) {
        EVH_TRY(read_signature_line(line, text));
        *found = line->len == len && line->key_id == signer->key_id &&
                 evh_view_equal(line->name, evh_view_of_text(signer->name));
    }
done:
    return status;
}

evh_status evh_checkpoint_check(evh_seal_verdict *verdict, const evh_checkpoint *checkpoint,
                                const evh_identity *log)
{
    *verdict = EVH_SEAL_REJECTED;
    evh_reader reader = evh_reader_of(checkpoint->signatures);
    signature_line line;
    bool found = false;
    evh_status status = evh_ok();
    if (log->type != EVH_IDENTITY_ED25519 || strcmp(checkpoint->origin, log->name) != 0)
        goto done;
    EVH_TRY(next_line_of(&reader, log, EVH_SIGNATURE_LEN, &line, &found));
    while (found) {
        EVH_TRY(evh_verify_text(verdict, log, checkpoint->body,
                                evh_view_of(line.bytes, EVH_SIGNATURE_LEN)));
        if (*verdict != EVH_SEAL_ACCEPTED)
            goto done;
        EVH_TRY(next_line_of(&reader, log, EVH_SIGNATURE_LEN, &line, &found));
    }
done:
    if (status.code != EVH_OK)
        *verdict = EVH_SEAL_REJECTED;
    return status;
}

/* "cosignature/v1\ntime <seconds>\n" and the body. */
static evh_status cosigned_text(evh_buffer *out, const evh_checkpoint *checkpoint, uint64_t time_s)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_format(out, "cosignature/v1\ntime %" PRIu64 "\n", time_s));
    EVH_TRY(evh_buffer_append(out, checkpoint->body));
done:
    return status;
}

evh_status evh_checkpoint_cosign(uint8_t out[EVH_COSIGNATURE_LEN], const evh_checkpoint *checkpoint,
                                 uint64_t time_s, const evh_signing_key *witness)
{
    memset(out, 0, EVH_COSIGNATURE_LEN);
    evh_buffer text = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_REQUIRE(witness->identity.type == EVH_IDENTITY_COSIGNATURE, EVH_ERR_TYPE,
                "a witness cosigns with a key of type 04");
    EVH_TRY(cosigned_text(&text, checkpoint, time_s));
    EVH_TRY(evh_sign_text(out + 8, witness, evh_buffer_view(&text)));
    for (unsigned i = 0; i < 8; i++)
        out[i] = (uint8_t)(time_s >> (56 - 8 * i));
done:
    evh_buffer_clear(&text);
    return status;
}

evh_status evh_checkpoint_check_cosignature(evh_seal_verdict *verdict, uint64_t *time_s,
                                            const evh_checkpoint *checkpoint,
                                            const evh_identity *witness)
{
    *verdict = EVH_SEAL_REJECTED;
    *time_s = 0;
    evh_buffer text = evh_buffer_init(EVH_CHECKPOINT_BYTES_MAX);
    evh_reader reader = evh_reader_of(checkpoint->signatures);
    evh_reader time_reader = evh_reader_of(evh_view_of(NULL, 0));
    signature_line line;
    bool found = false;
    evh_status status = evh_ok();
    if (witness->type != EVH_IDENTITY_COSIGNATURE)
        goto done;
    EVH_TRY(next_line_of(&reader, witness, EVH_COSIGNATURE_LEN, &line, &found));
    if (!found)
        goto done;
    time_reader = evh_reader_of(evh_view_of(line.bytes, 8));
    EVH_TRY(evh_read_be64(&time_reader, "time", time_s));
    EVH_TRY(cosigned_text(&text, checkpoint, *time_s));
    EVH_TRY(evh_verify_text(verdict, witness, evh_buffer_view(&text),
                            evh_view_of(line.bytes + 8, EVH_SIGNATURE_LEN)));
done:
    if (*verdict != EVH_SEAL_ACCEPTED)
        *time_s = 0;
    evh_buffer_clear(&text);
    return status;
}
