/* SPDX-License-Identifier: Apache-2.0
 * tlog/checkpoint.h: the signed head of the log, as a C2SP signed note with cosignatures.
 * Body: origin, size in decimal, base64 of the root hash, each with a newline; then an empty line
 * and signature lines "— name base64(key id | signature)".
 * Source   C2SP signed-note, tlog-checkpoint, tlog-cosignature (cosignature/v1)
 * Secret   nothing           Threads  values           Memory  the caller's buffers
 * Tests    unit/tlog/test_checkpoint.c */
#ifndef EVH_TLOG_CHECKPOINT_H
#define EVH_TLOG_CHECKPOINT_H

#include <stdint.h>

#include "evenhand/base/bytes.h"
#include "evenhand/base/status.h"
#include "evenhand/seal/identity.h"
#include "evenhand/seal/signing.h"
#include "evenhand/tlog/merkle.h"

enum {
    EVH_CHECKPOINT_BYTES_MAX = 65536,
    EVH_CHECKPOINT_SIGNATURES_MAX = 100,
    EVH_COSIGNATURE_LEN = 8 + EVH_SIGNATURE_LEN /* BE64 seconds since 1970 | Ed25519 */
};

typedef struct evh_checkpoint {
    char origin[EVH_IDENTITY_NAME_BYTES_MAX + 1];
    uint64_t size;
    evh_merkle_hash root;
    evh_view body;       /* borrowed: what is signed, with its last newline */
    evh_view signatures; /* borrowed: the signature lines */
} evh_checkpoint;

/* Appends the signed note with the log's own signature. The origin is the log key's name.
 * Fails    TYPE, ARG a key that cannot sign notes; MEMORY. */
EVH_MUST_USE evh_status evh_checkpoint_sign(evh_buffer *out, uint64_t size,
                                            const evh_merkle_hash *root,
                                            const evh_signing_key *log);

/* Takes a signed note apart. Checks the form only; *out borrows from note.
 * Fails    ENCODING malformed in any way: a size with leading zeros, a root that is not 32 bytes,
 *          extension lines, control characters, text after the signatures; LENGTH too long. */
EVH_MUST_USE evh_status evh_checkpoint_read(evh_checkpoint *out, evh_view note);

/* The verdict: signed by the log whose name is the origin. A signature line with the log's name and
 * key id that is wrong rejects the note, whatever other lines say. Fails MEMORY. */
EVH_MUST_USE evh_status evh_checkpoint_check(evh_seal_verdict *verdict,
                                             const evh_checkpoint *checkpoint,
                                             const evh_identity *log);

/* A cosignature: that the witness has seen this checkpoint at a time and that it extends all it has
 * seen before. The caller has checked that.
 *   out      [EVH_COSIGNATURE_LEN]
 *   witness  an EVH_IDENTITY_COSIGNATURE key
 * Fails    TYPE; MEMORY. */
EVH_MUST_USE evh_status evh_checkpoint_cosign(uint8_t out[EVH_COSIGNATURE_LEN],
                                              const evh_checkpoint *checkpoint, uint64_t time_s,
                                              const evh_signing_key *witness);

/* Appends the line of a cosignature to a note. Fails MEMORY. */
EVH_MUST_USE evh_status evh_checkpoint_add_cosignature(
    evh_buffer *note, const evh_identity *witness, const uint8_t cosignature[EVH_COSIGNATURE_LEN]);

/* The verdict: cosigned by the witness; *time_s is when. Fails MEMORY. */
EVH_MUST_USE evh_status evh_checkpoint_check_cosignature(evh_seal_verdict *verdict,
                                                         uint64_t *time_s,
                                                         const evh_checkpoint *checkpoint,
                                                         const evh_identity *witness);

#endif
