/* SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>

#include "evenhand/seal/identity.h"
#include "identity_internal.h"

/* A control character: it starts no C2SP note (their texts have none but newlines) and no
 * cosignature (they start with "cosignature/v1"), so one key can sign both kinds. */
enum { FRAME_MARK = 0x01, FRAME_OVERHEAD_MAX = 1 + 1 + EVH_SIGN_LABEL_BYTES_MAX + 8 };

static evh_status check_label(evh_view label)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(label.len >= 1 && label.len <= EVH_SIGN_LABEL_BYTES_MAX, EVH_ERR_ARG,
                "a signature's label has 1 to %d characters, not %zu", EVH_SIGN_LABEL_BYTES_MAX,
                label.len);
    for (size_t i = 0; i < label.len; i++)
        EVH_REQUIRE(label.data[i] > 0x20 && label.data[i] < 0x7f, EVH_ERR_ARG,
                    "a signature's label is printable ASCII without spaces");
done:
    return status;
}

static evh_status check_message_len(size_t len)
{
    if (len <= EVH_SIGN_MESSAGE_BYTES_MAX)
        return evh_ok();
    return evh_fail(EVH_ERR_RANGE, "a signed message of %zu bytes is over the limit of %d", len,
                    EVH_SIGN_MESSAGE_BYTES_MAX);
}

evh_status evh_identity_frame(evh_buffer *out, const char *label, evh_view message)
{
    evh_status status = evh_ok();
    const evh_view label_view = evh_view_of_text(label);
    EVH_TRY(check_label(label_view));
    EVH_TRY(check_message_len(message.len));
    EVH_TRY(evh_buffer_reserve(out, FRAME_OVERHEAD_MAX + message.len));
    EVH_TRY(evh_buffer_u8(out, FRAME_MARK));
    EVH_TRY(evh_buffer_u8(out, (uint8_t)label_view.len));
    EVH_TRY(evh_buffer_append(out, label_view));
    EVH_TRY(evh_buffer_be64(out, message.len));
    EVH_TRY(evh_buffer_append(out, message));
done:
    return status;
}

evh_status evh_identity_check_signs_messages(const evh_identity *identity)
{
    if (identity->type == EVH_IDENTITY_ED25519)
        return evh_ok();
    return evh_fail(EVH_ERR_TYPE, "a key of type 0x%02x signs no messages, only 0x01 does",
                    (unsigned)identity->type);
}

evh_status evh_identity_check_text(evh_view text)
{
    evh_status status = evh_ok();
    EVH_REQUIRE(text.len > 0 && text.data[0] != FRAME_MARK, EVH_ERR_ARG,
                "not a text to be signed: empty, or with a control character in front");
    EVH_TRY(check_message_len(text.len));
done:
    return status;
}

static evh_status check_signature_len(evh_view signature)
{
    if (signature.len == EVH_SIGNATURE_LEN)
        return evh_ok();
    return evh_fail(EVH_ERR_LENGTH, "an Ed25519 signature has %d bytes, not %zu", EVH_SIGNATURE_LEN,
                    signature.len);
}

static evh_seal_verdict check(const evh_identity *signer, evh_view bytes, evh_view signature)
{
    return crypto_sign_verify_detached(signature.data, bytes.data, bytes.len, signer->key) == 0
               ? EVH_SEAL_ACCEPTED
               : EVH_SEAL_REJECTED;
}

evh_status evh_verify(evh_seal_verdict *verdict, const evh_identity *signer, const char *label,
                      evh_view message, evh_view signature)
{
    evh_status status = evh_ok();
    evh_buffer framed = evh_buffer_init(FRAME_OVERHEAD_MAX + EVH_SIGN_MESSAGE_BYTES_MAX);
    *verdict = EVH_SEAL_REJECTED;
    EVH_TRY(evh_identity_check_signs_messages(signer));
    EVH_TRY(check_signature_len(signature));
    EVH_TRY(evh_identity_frame(&framed, label, message));
    *verdict = check(signer, evh_buffer_view(&framed), signature);
done:
    evh_buffer_clear(&framed);
    return status;
}

evh_status evh_verify_text(evh_seal_verdict *verdict, const evh_identity *signer, evh_view text,
                           evh_view signature)
{
    evh_status status = evh_ok();
    *verdict = EVH_SEAL_REJECTED;
    EVH_TRY(check_signature_len(signature));
    EVH_TRY(evh_identity_check_text(text));
    *verdict = check(signer, text, signature);
done:
    return status;
}
