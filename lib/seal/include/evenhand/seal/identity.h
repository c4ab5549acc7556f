/* SPDX-License-Identifier: Apache-2.0
 * seal/identity.h: who somebody is: a name and an Ed25519 key, and the checking of signatures.
 * Source   C2SP signed-note (verifier keys, key ids); RFC 8032 (Ed25519)
 * Secret   nothing: this header and the code behind it hold no secret key
 * Threads  values, no shared state     Memory   allocates for the message of a check only
 * Tests    unit/seal/test_identity.c, fuzz/; docs/reference/keys-and-sealing.md */
#ifndef EVH_SEAL_IDENTITY_H
#define EVH_SEAL_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/limits.h"
#include "evenhand/base/status.h"
#include "evenhand/seal/verdict.h"

enum {
    EVH_IDENTITY_NAME_BYTES_MAX = 200,
    EVH_IDENTITY_KEY_LEN = 32, /* bytes */
    EVH_SIGNATURE_LEN = 64,    /* bytes */
    EVH_SIGN_LABEL_BYTES_MAX = 64,
    EVH_SIGN_MESSAGE_BYTES_MAX = EVH_REPORT_BYTES_MAX
};

/* The type byte of a C2SP verifier key; it goes into the key id. */
typedef enum evh_identity_type {
    EVH_IDENTITY_ED25519 = 0x01,    /* signs notes and messages */
    EVH_IDENTITY_COSIGNATURE = 0x04 /* Ed25519, signs timestamped cosignatures of checkpoints */
} evh_identity_type;

/* Public. Made by the functions below only, so it is always valid. */
typedef struct evh_identity {
    evh_identity_type type;
    char name[EVH_IDENTITY_NAME_BYTES_MAX + 1]; /* UTF-8 without spaces, controls and '+' */
    uint8_t key[EVH_IDENTITY_KEY_LEN];
    uint32_t key_id; /* SHA-256(name | 0x0A | type | key), first four bytes, big endian */
} evh_identity;

/* Makes an identity.
 *   out   all zero on failure
 *   type  checked
 *   name  1..EVH_IDENTITY_NAME_BYTES_MAX bytes of UTF-8, without white space, control characters
 *         and '+'
 *   key   exactly EVH_IDENTITY_KEY_LEN bytes
 * Fails    TYPE unknown type; LENGTH wrong length of the key or the name; ENCODING a character that
 *          a name must not have; KEY not a point of the prime-order group; MEMORY */
EVH_MUST_USE evh_status evh_identity_make(evh_identity *out, evh_identity_type type, evh_view name,
                                          evh_view key);

/* Reads `name+hex8(key id)+base64(type | key)`, nothing before or after it.
 * Fails    LENGTH a part is missing or has the wrong length; ENCODING bad hex or base64, or as
 *          above; TYPE unknown type byte; KEY the key id does not fit, or as above; MEMORY. *out is
 *          then all zero. */
EVH_MUST_USE evh_status evh_identity_parse(evh_identity *out, evh_view text);

/* Appends that text. Fails MEMORY. */
EVH_MUST_USE evh_status evh_identity_format(evh_buffer *out, const evh_identity *identity);

/* True when type, name and key are the same. */
bool evh_identity_equal(const evh_identity *a, const evh_identity *b);

/* ---- checking signatures ---- */

/* Checks a signature over a message in a context: the bytes signed are
 * 0x01 | U8(length of label) | label | BE64(length of message) | message.
 * No two (label, message) pairs give the same bytes, and no note or cosignature starts with 0x01.
 *   verdict    accepted or rejected; rejected on failure. A malleated signature (S not below the
 *              group order, a small-order point) is rejected
 *   label      1..EVH_SIGN_LABEL_BYTES_MAX bytes of printable ASCII: what is being signed, with a
 *              version, for example "evenhand/report/1"
 *   message    at most EVH_SIGN_MESSAGE_BYTES_MAX bytes, in its one canonical encoding
 *   signature  exactly EVH_SIGNATURE_LEN bytes
 * Fails    ARG a bad label; TYPE an identity that is no EVH_IDENTITY_ED25519; LENGTH wrong length
 *          of the signature; RANGE message too long; MEMORY */
EVH_MUST_USE evh_status evh_verify(evh_seal_verdict *verdict, const evh_identity *signer,
                                   const char *label, evh_view message, evh_view signature);

/* Checks an Ed25519 signature over a text as it is: C2SP notes and cosignatures, whose formats
 * bring their own separation. Either type of identity.
 *   text    starts with a byte other than 0x01
 * Fails    ARG a text that starts with 0x01, or none; LENGTH; RANGE */
EVH_MUST_USE evh_status evh_verify_text(evh_seal_verdict *verdict, const evh_identity *signer,
                                        evh_view text, evh_view signature);

#endif
