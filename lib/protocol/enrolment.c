/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/protocol/enrolment.h"

#include <string.h>

#include "evenhand/base/utf8.h"
#include "evenhand/wire/message.h"
#include "log.pb-c.h"
#include "service.pb-c.h"

static const char name_label[] = "evenhand/customer/1";
static const char enrol_label[] = "evenhand/enrol/1";
static const char endorse_label[] = "evenhand/endorse/1";

enum { NAME_PREFIX_LEN = (EVH_KEY_NAME_LEN - 1) / 2 };

/* ---- names ---- */

evh_status evh_organisation_check(evh_view name)
{
    evh_view rest = name;
    evh_status status = evh_ok();
    EVH_REQUIRE(name.len > 0 && name.len <= EVH_ORGANISATION_BYTES_MAX, EVH_ERR_INPUT,
                "an organisation's name has 1 to %d bytes", EVH_ORGANISATION_BYTES_MAX);
    EVH_REQUIRE(evh_view_trim(name).len == name.len, EVH_ERR_INPUT,
                "an organisation's name neither starts nor ends with a space");
    while (rest.len > 0) {
        uint32_t code = 0;
        size_t len = evh_utf8_decode(rest, &code);
        EVH_REQUIRE(len > 0, EVH_ERR_INPUT, "an organisation's name is UTF-8");
        /* C0, DEL, C1, and the separators of lines and paragraphs. */
        EVH_REQUIRE(code >= 0x20 && !(code >= 0x7F && code < 0xA0) && code != 0x2028 &&
                        code != 0x2029 && code != 0xFEFF,
                    EVH_ERR_INPUT, "an organisation's name has no control characters");
        rest = evh_view_of(rest.data + len, rest.len - len);
    }
done:
    return status;
}

evh_status evh_customer_commit(uint8_t out[EVH_SHA256_LEN], const evh_seed32 *salt, evh_view name)
{
    const evh_view parts[3] = {evh_view_of_text(name_label),
                               evh_view_of(salt->bytes, sizeof salt->bytes), name};
    return evh_sha256_parts(out, parts, 3);
}

void evh_customer_key_name(char out[EVH_KEY_NAME_LEN], const uint8_t commitment[EVH_SHA256_LEN])
{
    evh_hex_encode(out, evh_view_of(commitment, NAME_PREFIX_LEN));
}

/* The text of a verifier key as a string. */
static evh_status write_vkey(char out[EVH_VKEY_TEXT_MAX], const evh_identity *identity)
{
    evh_buffer text = evh_buffer_init(EVH_VKEY_TEXT_MAX - 1);
    evh_status status = evh_ok();
    memset(out, 0, EVH_VKEY_TEXT_MAX);
    EVH_TRY(evh_identity_format(&text, identity));
    memcpy(out, text.data, text.len);
done:
    evh_buffer_clear(&text);
    return status;
}

/* ---- the request to join ---- */

/* What is signed: the request without its signature. */
static evh_status write_unsigned(evh_buffer *out, Evenhand__V1__EnrolRequest *message)
{
    ProtobufCBinaryData signature = message->signature;
    evh_wire_set_bytes(&message->signature, evh_view_of(NULL, 0));
    evh_status status = evh_wire_pack(out, &message->base);
    message->signature = signature;
    return status;
}

evh_status evh_enrol_request_make(evh_buffer *out, const evh_signing_key *customer,
                                  evh_view tls_request_pem)
{
    char vkey[EVH_VKEY_TEXT_MAX];
    uint8_t signature[EVH_SIGNATURE_LEN];
    evh_buffer body = evh_buffer_init(EVH_ENROL_REQUEST_BYTES_MAX);
    Evenhand__V1__EnrolRequest message;
    evenhand__v1__enrol_request__init(&message);
    evh_status status = evh_ok();
    EVH_TRY(write_vkey(vkey, &customer->identity));
    message.customer = vkey;
    evh_wire_set_bytes(&message.tls_request_pem, tls_request_pem);
    EVH_TRY(write_unsigned(&body, &message));
    EVH_TRY(evh_sign(signature, customer, enrol_label, evh_buffer_view(&body)));
    evh_wire_set_bytes(&message.signature, evh_view_of(signature, sizeof signature));
    EVH_TRY(evh_wire_pack(out, &message.base));
done:
    evh_buffer_clear(&body);
    return status;
}

evh_status evh_enrol_request_read(evh_enrol_request *out, evh_seal_verdict *verdict, evh_view bytes)
{
    Evenhand__V1__EnrolRequest *message = NULL;
    evh_buffer body = evh_buffer_init(EVH_ENROL_REQUEST_BYTES_MAX);
    evh_status status = evh_ok();
    memset(out, 0, sizeof *out);
    *verdict = EVH_SEAL_REJECTED;
    EVH_REQUIRE(bytes.len <= EVH_ENROL_REQUEST_BYTES_MAX, EVH_ERR_LENGTH,
                "a request to join of %zu bytes", bytes.len);
    EVH_TRY(evh_wire_unpack(&message, &evenhand__v1__enrol_request__descriptor, bytes,
                            "request to join"));
    EVH_TRY(evh_identity_parse(&out->customer, evh_view_of_text(message->customer)));
    EVH_TRY(write_vkey(out->vkey, &out->customer));
    EVH_TRY(write_unsigned(&body, message));
    EVH_TRY(evh_verify(verdict, &out->customer, enrol_label, evh_buffer_view(&body),
                       evh_wire_bytes(&message->signature)));
    out->tls_request_pem = evh_wire_bytes(&message->tls_request_pem);
    out->storage = message;
    message = NULL;
done:
    evh_wire_free(&message);
    evh_buffer_clear(&body);
    if (status.code != EVH_OK) {
        memset(out, 0, sizeof *out);
        *verdict = EVH_SEAL_REJECTED;
    }
    return status;
}

void evh_enrol_request_clear(evh_enrol_request *request)
{
    evh_wire_free(&request->storage);
    memset(request, 0, sizeof *request);
}

/* ---- endorsements ---- */

evh_status evh_endorsed_write(evh_buffer *out, const evh_endorsed *endorsed)
{
    evh_endorsed copy = *endorsed; /* a message's texts are not const */
    Evenhand__V1__EndorsedCustomer message;
    evenhand__v1__endorsed_customer__init(&message);
    evh_wire_set_bytes(&message.name_commitment,
                       evh_view_of(copy.commitment, sizeof copy.commitment));
    message.customer = copy.vkey;
    message.state = (Evenhand__V1__RosterState)copy.state;
    message.log_origin = copy.log_origin;
    message.sequence = copy.sequence;
    return evh_wire_pack(out, &message.base);
}

evh_status evh_endorsed_read(evh_endorsed *out, evh_view bytes)
{
    Evenhand__V1__EndorsedCustomer *message = NULL;
    char key_name[EVH_KEY_NAME_LEN];
    evh_status status = evh_ok();
    memset(out, 0, sizeof *out);
    EVH_TRY(evh_wire_unpack(&message, &evenhand__v1__endorsed_customer__descriptor, bytes,
                            "endorsement"));
    EVH_TRY(evh_wire_copy_bytes(out->commitment, sizeof out->commitment, &message->name_commitment,
                                "name_commitment"));
    EVH_TRY(evh_identity_parse(&out->customer, evh_view_of_text(message->customer)));
    EVH_TRY(write_vkey(out->vkey, &out->customer));
    evh_customer_key_name(key_name, out->commitment);
    EVH_REQUIRE(strcmp(key_name, out->customer.name) == 0, EVH_ERR_KEY,
                "a customer whose key is not named after its commitment");
    EVH_REQUIRE(message->state >= EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_ACTIVE &&
                    message->state <= EVENHAND__V1__ROSTER_STATE__ROSTER_STATE_REMOVED,
                EVH_ERR_TYPE, "roster state %d", (int)message->state);
    EVH_REQUIRE(strlen(message->log_origin) < sizeof out->log_origin, EVH_ERR_LENGTH,
                "a log's origin of %zu bytes", strlen(message->log_origin));
    EVH_REQUIRE(message->sequence > 0, EVH_ERR_RANGE, "an endorsement without a sequence number");
    out->state = (uint32_t)message->state;
    out->sequence = message->sequence;
    memcpy(out->log_origin, message->log_origin, strlen(message->log_origin));
done:
    evh_wire_free(&message);
    if (status.code != EVH_OK)
        memset(out, 0, sizeof *out);
    return status;
}

evh_status evh_endorsed_sign(uint8_t signature[EVH_SIGNATURE_LEN],
                             const evh_signing_key *aggregator, evh_view endorsed)
{
    return evh_sign(signature, aggregator, endorse_label, endorsed);
}

evh_status evh_endorsed_check(evh_seal_verdict *verdict, const evh_identity *aggregator,
                              evh_view endorsed, evh_view signature)
{
    *verdict = EVH_SEAL_REJECTED;
    if (signature.len != EVH_SIGNATURE_LEN)
        return evh_ok();
    return evh_verify(verdict, aggregator, endorse_label, endorsed, signature);
}

/* ---- what the log says ---- */

/* What both should have signed for the entry. */
static evh_status write_endorsed_of(evh_buffer *out, const Evenhand__V1__RosterEntry *entry,
                                    const char *log_origin)
{
    char origin[EVH_IDENTITY_NAME_BYTES_MAX + 1]; /* a message's texts are not const */
    evh_endorsed read;
    Evenhand__V1__EndorsedCustomer message;
    evenhand__v1__endorsed_customer__init(&message);
    evh_status status = evh_ok();
    EVH_REQUIRE(strlen(log_origin) < sizeof origin, EVH_ERR_LENGTH, "a log's origin of %zu bytes",
                strlen(log_origin));
    memcpy(origin, log_origin, strlen(log_origin) + 1);
    message.name_commitment = entry->name_commitment;
    message.customer = entry->customer;
    message.state = entry->state;
    message.log_origin = origin;
    message.sequence = entry->sequence;
    EVH_TRY(evh_wire_pack(out, &message.base));
    EVH_TRY(evh_endorsed_read(&read, evh_buffer_view(out)));
done:
    return status;
}

evh_status evh_roster_check(evh_roster_finding *finding, evh_view bytes, const evh_identity *leader,
                            const evh_identity *helper, const char *log_origin,
                            uint64_t last_sequence)
{
    Evenhand__V1__RosterEntry *entry = NULL;
    evh_seal_verdict by_leader = EVH_SEAL_REJECTED;
    evh_seal_verdict by_helper = EVH_SEAL_REJECTED;
    evh_buffer endorsed = evh_buffer_init(EVH_ENDORSED_BYTES_MAX);
    evh_status status = evh_ok();
    *finding = EVH_ROSTER_UNENDORSED_LEADER;
    EVH_TRY(
        evh_wire_unpack(&entry, &evenhand__v1__roster_entry__descriptor, bytes, "roster entry"));
    EVH_TRY(write_endorsed_of(&endorsed, entry, log_origin));
    EVH_TRY(evh_endorsed_check(&by_leader, leader, evh_buffer_view(&endorsed),
                               evh_wire_bytes(&entry->leader_endorsement)));
    EVH_TRY(evh_endorsed_check(&by_helper, helper, evh_buffer_view(&endorsed),
                               evh_wire_bytes(&entry->helper_endorsement)));
    if (by_leader == EVH_SEAL_ACCEPTED)
        *finding = by_helper != EVH_SEAL_ACCEPTED         ? EVH_ROSTER_UNENDORSED_HELPER
                   : entry->sequence - last_sequence != 1 ? EVH_ROSTER_OUT_OF_TURN
                                                          : EVH_ROSTER_ACCEPTED;
done:
    evh_wire_free(&entry);
    evh_buffer_clear(&endorsed);
    return status;
}
