/* SPDX-License-Identifier: Apache-2.0
 * vectors/vectors.h: the checks behind vdaf-vectors.
 * A check gives OK if the file's vectors hold, and fails with the first difference otherwise; any
 * other reason not to believe the file (unreadable, malformed, nothing in it) is a failure too.
 * Source   the JSON form of the vectors published with draft-irtf-cfrg-vdaf-20 */
#ifndef EVH_VECTORS_VECTORS_H
#define EVH_VECTORS_VECTORS_H

#include <jansson.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/base/uint128.h"

enum { VECTOR_SUMMARY_LEN = 160, VECTOR_BYTES_MAX = 256 << 20 };

/* ---- files ---- */

/* Reads a JSON object; numbers of 18 digits and more become strings of digits, so that no digit is
 * lost. Release with json_decref. Fails STORE or INPUT; *out is then NULL. */
EVH_MUST_USE evh_status vector_load(json_t **out, const char *path);

/* ---- values; each fails INPUT when the value is missing or of another kind ---- */

EVH_MUST_USE evh_status vector_array(const json_t *object, const char *key, json_t **out);
EVH_MUST_USE evh_status vector_element(const json_t *array, size_t index, const char *what,
                                       json_t **out);

/* A non-negative integer: a number, a string of decimal digits, true or false. Fails RANGE if it is
 * negative or has more than 128 bits. */
EVH_MUST_USE evh_status vector_integer(const json_t *value, const char *what, evh_u128 *out);

/* An integer of at most max under a key. */
EVH_MUST_USE evh_status vector_count(const json_t *object, const char *key, uint64_t max,
                                     uint64_t *out);

/* A string of hex digits. out is cleared first. */
EVH_MUST_USE evh_status vector_hex(const json_t *value, const char *what, evh_buffer *out);
EVH_MUST_USE evh_status vector_hex_key(const json_t *object, const char *key, evh_buffer *out);

/* Fails INPUT with the first byte that differs. */
EVH_MUST_USE evh_status vector_same(evh_view actual, evh_view expected, const char *what);

/* ---- checks ---- */

/* Each writes what was checked to summary, with a NUL. name is the file name's first part. */
EVH_MUST_USE evh_status vector_check_xof(const json_t *file, char summary[VECTOR_SUMMARY_LEN]);
EVH_MUST_USE evh_status vector_check_prio3(const json_t *file, const char *name,
                                           char summary[VECTOR_SUMMARY_LEN]);

/* Any file, by its name. */
EVH_MUST_USE evh_status vector_check_file(const char *path, char summary[VECTOR_SUMMARY_LEN]);

/* The file name without folders and without ".json"; cut if it is longer. */
enum { VECTOR_NAME_LEN = 200 };
void vector_file_name(const char *path, char name[VECTOR_NAME_LEN]);

#endif
