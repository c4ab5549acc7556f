/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/protocol/report.h"

#include <stdlib.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/base/sizes.h"
#include "evenhand/seal/hash.h"
#include "evenhand/wire/message.h"
#include "report.pb-c.h"

static const char sign_label[] = "evenhand/report/1";
static const char share_label[] = "evenhand/input-share/1";

enum { VKEY_BYTES_MAX = 512, INFO_BYTES_MAX = 256 };

/* Writes a header; without the hashes of the sealed shares it is the AAD of their seals, since a
 * seal cannot contain its own hash. */
static evh_status write_header(evh_buffer *out, const evh_report_header *header, bool for_aad)
{
    evh_buffer customer = evh_buffer_init(VKEY_BYTES_MAX);
    Evenhand__V1__ReportHeader message;
    evenhand__v1__report_header__init(&message);
    evh_status status = evh_ok();
    EVH_TRY(evh_identity_format(&customer, &header->customer));
    EVH_TRY(evh_buffer_u8(&customer, 0));
    evh_wire_set_bytes(&message.task_id, evh_view_of(header->task_id, sizeof header->task_id));
    message.customer = (char *)customer.data;
    evh_wire_set_bytes(&message.report_id,
                       evh_view_of(header->report_id, sizeof header->report_id));
    message.ledger_sequence = header->ledger_sequence;
    evh_wire_set_bytes(&message.ledger_head,
                       evh_view_of(header->ledger_head, sizeof header->ledger_head));
    evh_wire_set_bytes(&message.public_share_hash, evh_view_of(header->public_share_hash, 32));
    if (!for_aad) {
        evh_wire_set_bytes(&message.leader_share_hash, evh_view_of(header->leader_share_hash, 32));
        evh_wire_set_bytes(&message.helper_share_hash, evh_view_of(header->helper_share_hash, 32));
    }
    EVH_TRY(evh_wire_pack(out, &message.base));
done:
    evh_buffer_clear(&customer);
    return status;
}

/* ---- the customer's side ---- */

typedef struct shares {
    uint8_t *public_share, *leader, *helper;
    evh_buffer sealed_leader, sealed_helper;
} shares;

static evh_status shares_alloc(shares *out, const evh_prio3_sizes *sizes)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_alloc(&out->public_share, sizes->public_share, 1, "public share"));
    EVH_TRY(evh_alloc(&out->leader, sizes->leader_share, 1, "input share"));
    EVH_TRY(evh_alloc(&out->helper, sizes->helper_share, 1, "input share"));
done:
    return status;
}

static void shares_clear(shares *s, const evh_prio3_sizes *sizes)
{
    if (s->leader != NULL)
        evh_wipe(s->leader, sizes->leader_share);
    if (s->helper != NULL)
        evh_wipe(s->helper, sizes->helper_share);
    free(s->public_share);
    free(s->leader);
    free(s->helper);
    evh_buffer_clear(&s->sealed_leader);
    evh_buffer_clear(&s->sealed_helper);
}

static evh_status seal_share(evh_buffer *out, const evh_report_header *header, evh_role to,
                             const evh_key_config *key, evh_view share, const evh_rng *rng)
{
    evh_buffer info = evh_buffer_init(INFO_BYTES_MAX);
    evh_buffer aad = evh_buffer_init(EVH_REPORT_HEADER_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_task_hpke_info(&info, share_label, EVH_ROLE_CUSTOMER, to));
    EVH_TRY(write_header(&aad, header, true));
    EVH_TRY(evh_seal(out, key, evh_buffer_view(&info), evh_buffer_view(&aad), share, rng));
done:
    evh_buffer_clear(&info);
    evh_buffer_clear(&aad);
    return status;
}

static evh_status split(shares *s, evh_prio3_workspace *workspace, const evh_report_in *in,
                        const evh_rng *rng)
{
    uint8_t ctx[EVH_TASK_CTX_LEN];
    evh_task_ctx(ctx, in->task);
    evh_prio3_shard_in shard = {.ctx = evh_view_of(ctx, sizeof ctx),
                                .nonce = in->report_id,
                                .measurement = in->cells,
                                .measurement_len = in->cell_count};
    evh_prio3_shard_out out = {
        .public_share = s->public_share, .leader_share = s->leader, .helper_shares = s->helper};
    return evh_prio3_shard(in->prio3, workspace, &out, &shard, rng);
}

/* Everything but the hashes of the sealed shares. */
static evh_status begin_header(evh_report_header *header, const evh_report_in *in,
                               evh_view public_share)
{
    memset(header, 0, sizeof *header);
    memcpy(header->task_id, in->task->id, sizeof header->task_id);
    header->customer = in->customer->identity;
    memcpy(header->report_id, in->report_id, sizeof header->report_id);
    header->ledger_sequence = in->ledger_sequence;
    memcpy(header->ledger_head, in->ledger_head, sizeof header->ledger_head);
    return evh_sha256(header->public_share_hash, public_share);
}

static evh_status write_report(evh_buffer *out, evh_view header, const shares *s,
                               evh_view public_share, const evh_signing_key *customer)
{
    uint8_t signature[EVH_SIGNATURE_LEN];
    Evenhand__V1__Report message;
    evenhand__v1__report__init(&message);
    evh_status status = evh_ok();
    EVH_TRY(evh_sign(signature, customer, sign_label, header));
    evh_wire_set_bytes(&message.header, evh_view_of(header.data, header.len));
    evh_wire_set_bytes(&message.signature, evh_view_of(signature, sizeof signature));
    evh_wire_set_bytes(&message.public_share, evh_view_of(public_share.data, public_share.len));
    evh_wire_set_bytes(&message.leader_share,
                       evh_view_of(s->sealed_leader.data, s->sealed_leader.len));
    evh_wire_set_bytes(&message.helper_share,
                       evh_view_of(s->sealed_helper.data, s->sealed_helper.len));
    EVH_TRY(evh_wire_pack(out, &message.base));
done:
    return status;
}

evh_status evh_report_make(evh_buffer *out, evh_prio3_workspace *workspace, const evh_report_in *in,
                           const evh_rng *rng)
{
    const evh_prio3_sizes *sizes = evh_prio3_sizes_of(in->prio3);
    evh_report_header header;
    evh_buffer header_bytes = evh_buffer_init(EVH_REPORT_HEADER_BYTES_MAX);
    evh_view public_share = evh_view_of(NULL, 0);
    shares s = {.sealed_leader = evh_buffer_init(EVH_REPORT_BYTES_MAX),
                .sealed_helper = evh_buffer_init(EVH_REPORT_BYTES_MAX)};
    evh_status status = evh_ok();
    EVH_TRY(shares_alloc(&s, sizes));
    EVH_REQUIRE(in->ledger_sequence >= 1, EVH_ERR_ARG, "a report without a ledger sequence");
    EVH_TRY(split(&s, workspace, in, rng));
    public_share = evh_view_of(s.public_share, sizes->public_share);
    EVH_TRY(begin_header(&header, in, public_share));
    EVH_TRY(seal_share(&s.sealed_leader, &header, EVH_ROLE_LEADER, &in->task->leader_key,
                       evh_view_of(s.leader, sizes->leader_share), rng));
    EVH_TRY(seal_share(&s.sealed_helper, &header, EVH_ROLE_HELPER, &in->task->helper_key,
                       evh_view_of(s.helper, sizes->helper_share), rng));
    EVH_TRY(evh_sha256(header.leader_share_hash, evh_buffer_view(&s.sealed_leader)));
    EVH_TRY(evh_sha256(header.helper_share_hash, evh_buffer_view(&s.sealed_helper)));
    EVH_TRY(write_header(&header_bytes, &header, false));
    EVH_TRY(write_report(out, evh_buffer_view(&header_bytes), &s, public_share, in->customer));
done:
    shares_clear(&s, sizes);
    evh_buffer_clear(&header_bytes);
    return status;
}

/* ---- the aggregators' side ---- */

static evh_status read_header_fields(evh_report_header *out,
                                     const Evenhand__V1__ReportHeader *message)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_identity_parse(&out->customer, evh_view_of_text(message->customer)));
    EVH_REQUIRE(message->ledger_sequence >= 1, EVH_ERR_ENCODING, "a ledger sequence of 0");
    out->ledger_sequence = message->ledger_sequence;
    EVH_TRY(evh_wire_copy_bytes(out->task_id, sizeof out->task_id, &message->task_id, "task_id"));
    EVH_TRY(evh_wire_copy_bytes(out->report_id, sizeof out->report_id, &message->report_id,
                                "report_id"));
    EVH_TRY(evh_wire_copy_bytes(out->ledger_head, sizeof out->ledger_head, &message->ledger_head,
                                "the ledger's head"));
    EVH_TRY(evh_wire_copy_bytes(out->public_share_hash, 32, &message->public_share_hash,
                                "a share's hash"));
    EVH_TRY(evh_wire_copy_bytes(out->leader_share_hash, 32, &message->leader_share_hash,
                                "a share's hash"));
    EVH_TRY(evh_wire_copy_bytes(out->helper_share_hash, 32, &message->helper_share_hash,
                                "a share's hash"));
done:
    return status;
}

evh_status evh_report_header_read(evh_report_header *out, evh_view bytes)
{
    memset(out, 0, sizeof *out);
    Evenhand__V1__ReportHeader *message = NULL;
    evh_status status = evh_ok();
    EVH_TRY(evh_wire_unpack(&message, &evenhand__v1__report_header__descriptor, bytes,
                            "report header"));
    EVH_TRY(read_header_fields(out, message));
    EVH_TRY(evh_sha256(out->hash, bytes));
done:
    evh_wire_free(&message);
    if (status.code != EVH_OK)
        memset(out, 0, sizeof *out);
    return evh_status_in(status, "report header");
}

static evh_status check_hash(evh_view bytes, const uint8_t expected[32], const char *what)
{
    uint8_t actual[32];
    evh_status status = evh_sha256(actual, bytes);
    if (status.code == EVH_OK && memcmp(actual, expected, sizeof actual) != 0)
        status = evh_fail(EVH_ERR_ENCODING, "%s is not what the header's hash says", what);
    return status;
}

/* Takes the next field of a Report as a view into the bytes: a large share is never copied. The
 * fields come in ascending order, each once, length-delimited, as canonical form has it. */
static evh_status take_field(evh_reader *reader, uint8_t number, evh_view *out)
{
    evh_status status = evh_ok();
    uint8_t byte = 0;
    uint64_t len = 0;
    EVH_TRY(evh_read_u8(reader, "report", &byte));
    EVH_REQUIRE(byte == (uint8_t)(number << 3 | 2), EVH_ERR_ENCODING,
                "report: field %u expected, tag %u found", number, byte);
    for (unsigned shift = 0;; shift += 7) {
        EVH_TRY(evh_read_u8(reader, "report", &byte));
        EVH_REQUIRE(shift <= 28, EVH_ERR_ENCODING, "report: a length that is too long");
        len |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            break;
    }
    EVH_REQUIRE(byte != 0, EVH_ERR_ENCODING,
                "report: field %u is empty or its length is not "
                "canonical",
                number);
    EVH_TRY(evh_read_view(reader, "report", (size_t)len, out));
done:
    return status;
}

evh_status evh_report_read(evh_report *out, evh_view bytes)
{
    memset(out, 0, sizeof *out);
    evh_reader reader = evh_reader_of(bytes);
    evh_status status = evh_ok();
    EVH_TRY(take_field(&reader, 1, &out->header_bytes));
    EVH_TRY(take_field(&reader, 2, &out->signature));
    EVH_TRY(take_field(&reader, 3, &out->public_share));
    EVH_TRY(take_field(&reader, 4, &out->leader_share));
    EVH_TRY(take_field(&reader, 5, &out->helper_share));
    EVH_TRY(evh_read_end(&reader, "report"));
    EVH_TRY(evh_report_header_read(&out->header, out->header_bytes));
    EVH_TRY(check_hash(out->public_share, out->header.public_share_hash, "the public share"));
    EVH_TRY(check_hash(out->leader_share, out->header.leader_share_hash, "the leader's share"));
    EVH_TRY(check_hash(out->helper_share, out->header.helper_share_hash, "the helper's share"));
done:
    if (status.code != EVH_OK)
        memset(out, 0, sizeof *out);
    return status;
}

evh_status evh_report_check_signature(evh_seal_verdict *verdict, const evh_report_header *header,
                                      evh_view header_bytes, evh_view signature)
{
    return evh_verify(verdict, &header->customer, sign_label, header_bytes, signature);
}

evh_status evh_report_open(evh_buffer *out, evh_seal_verdict *verdict,
                           const evh_report_header *header, evh_role role, const evh_key_ring *keys,
                           evh_view sealed)
{
    *verdict = EVH_SEAL_REJECTED;
    evh_buffer info = evh_buffer_init(INFO_BYTES_MAX);
    evh_buffer aad = evh_buffer_init(EVH_REPORT_HEADER_BYTES_MAX);
    const uint8_t *expected =
        role == EVH_ROLE_LEADER ? header->leader_share_hash : header->helper_share_hash;
    uint8_t actual[32];
    evh_status status = evh_ok();
    EVH_REQUIRE(role == EVH_ROLE_LEADER || role == EVH_ROLE_HELPER, EVH_ERR_ARG,
                "a share for role %d", (int)role);
    EVH_TRY(evh_sha256(actual, sealed));
    if (memcmp(actual, expected, sizeof actual) != 0)
        goto done;
    EVH_TRY(evh_task_hpke_info(&info, share_label, EVH_ROLE_CUSTOMER, role));
    EVH_TRY(write_header(&aad, header, true));
    EVH_TRY(evh_key_ring_open(keys, out, verdict, evh_buffer_view(&info), evh_buffer_view(&aad),
                              sealed));
done:
    evh_buffer_clear(&info);
    evh_buffer_clear(&aad);
    return status;
}
