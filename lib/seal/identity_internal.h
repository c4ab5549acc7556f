/* SPDX-License-Identifier: Apache-2.0
 * What the public and the secret form of an identity have in common. */
#ifndef EVH_SEAL_IDENTITY_INTERNAL_H
#define EVH_SEAL_IDENTITY_INTERNAL_H

#include "evenhand/seal/identity.h"

/* `name+hex8+base64(type | key)`, taken apart. */
typedef struct evh_identity_parts {
    evh_view name;   /* borrowed from the text */
    uint32_t key_id; /* as written; the caller compares it */
    evh_identity_type type;
    uint8_t key[EVH_IDENTITY_KEY_LEN]; /* may be secret */
} evh_identity_parts;

/* Fails as evh_identity_parse for what it reads; *out is then all zero. */
EVH_MUST_USE evh_status evh_identity_split(evh_identity_parts *out, evh_view text);

/* Appends `name+hex8+base64(type | key)`. Fails MEMORY. */
EVH_MUST_USE evh_status evh_identity_join(evh_buffer *out, const evh_identity *identity,
                                          const uint8_t key[EVH_IDENTITY_KEY_LEN]);

/* Appends what evh_sign signs and evh_verify checks (identity.h). Fails ARG, RANGE, MEMORY. */
EVH_MUST_USE evh_status evh_identity_frame(evh_buffer *out, const char *label, evh_view message);

/* Fails TYPE for an identity that signs no framed messages. */
EVH_MUST_USE evh_status evh_identity_check_signs_messages(const evh_identity *identity);

/* Fails ARG for a text that is empty or could be a framed message; RANGE one that is too long. */
EVH_MUST_USE evh_status evh_identity_check_text(evh_view text);

#endif
