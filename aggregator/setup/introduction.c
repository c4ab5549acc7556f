/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/aggregator/introduction.h"

#include <stdio.h>
#include <string.h>

#include "evenhand/base/limits.h"
#include "evenhand/seal/certificate.h"
#include "evenhand/seal/hash.h"
#include "evenhand/seal/key_ring.h"
#include "evenhand/yaml/document.h"
#include "evenhand/yaml/read.h"

static const char label[] = "evenhand/introduction/1";

enum { INTRODUCTION_VERSION = 1, SIGNED_BYTES_MAX = 1 << 17, VKEY_TEXT_MAX = 1000 };

evh_introduction evh_introduction_init(void)
{
    evh_introduction empty;
    memset(&empty, 0, sizeof empty);
    empty.ca_pem = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    empty.client_pem = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    return empty;
}

void evh_introduction_clear(evh_introduction *introduction)
{
    evh_buffer_clear(&introduction->ca_pem);
    evh_buffer_clear(&introduction->client_pem);
    *introduction = evh_introduction_init();
}

void evh_fingerprint_text(char out[EVH_FINGERPRINT_TEXT_LEN],
                          const uint8_t fingerprint[EVH_FINGERPRINT_LEN])
{
    char hex[2 * 16 + 1];
    size_t at = 0;
    evh_hex_encode(hex, evh_view_of(fingerprint, 16));
    for (size_t i = 0; i < 2 * 16; i++) {
        if (i > 0 && i % 4 == 0)
            out[at++] = ' ';
        out[at++] = hex[i];
    }
    out[at] = '\0';
}

/* ---- what is signed ---- */

static evh_status append_part(evh_buffer *out, evh_view part)
{
    evh_status status = evh_buffer_be32(out, (uint32_t)part.len);
    return status.code == EVH_OK ? evh_buffer_append(out, part) : status;
}

static evh_status append_identity(evh_buffer *out, const evh_identity *identity)
{
    evh_status status = evh_ok();
    evh_buffer text = evh_buffer_init(VKEY_TEXT_MAX);
    if (identity->name[0] != '\0')
        EVH_TRY(evh_identity_format(&text, identity));
    EVH_TRY(append_part(out, evh_buffer_view(&text)));
done:
    evh_buffer_clear(&text);
    return status;
}

/* Every member in a fixed order, each behind its length: no two introductions give the same bytes,
 * and how the YAML is laid out does not matter. */
static evh_status signed_bytes(evh_buffer *out, const evh_introduction *in)
{
    evh_status status = evh_ok();
    size_t key_len = in->role == EVH_ROLE_COLLECTOR ? sizeof in->signed_key : 0;
    EVH_TRY(append_part(out, evh_view_of_text(evh_party_word(in->role))));
    EVH_TRY(append_part(out, evh_view_of_text(in->name)));
    EVH_TRY(append_part(out, evh_view_of_text(in->address)));
    EVH_TRY(append_identity(out, &in->identity));
    EVH_TRY(append_identity(out, &in->log));
    EVH_TRY(append_identity(out, &in->witness));
    EVH_TRY(append_part(out, evh_view_of(in->signed_key, key_len)));
    EVH_TRY(append_part(out, evh_buffer_view(&in->ca_pem)));
    EVH_TRY(append_part(out, evh_buffer_view(&in->client_pem)));
done:
    return status;
}

/* ---- writing ---- */

static evh_status write_identity(evh_buffer *out, const char *key, const evh_identity *identity)
{
    evh_status status = evh_ok();
    if (identity->name[0] == '\0')
        goto done;
    EVH_TRY(evh_buffer_format(out, "%s: \"", key));
    EVH_TRY(evh_identity_format(out, identity));
    EVH_TRY(evh_buffer_format(out, "\"\n"));
done:
    return status;
}

/* A PEM text as a block scalar: every line two columns to the right. */
static evh_status write_pem(evh_buffer *out, const char *key, evh_view pem)
{
    evh_status status = evh_ok();
    bool line_start = true;
    EVH_TRY(evh_buffer_format(out, "%s: |\n", key));
    for (size_t i = 0; i < pem.len; i++) {
        if (line_start)
            EVH_TRY(evh_buffer_format(out, "  "));
        EVH_TRY(evh_buffer_u8(out, pem.data[i]));
        line_start = pem.data[i] == '\n';
    }
done:
    return status;
}

static evh_status write_base64(evh_buffer *out, const char *key, evh_view bytes)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_format(out, "%s: \"", key));
    EVH_TRY(evh_base64_encode(out, bytes));
    EVH_TRY(evh_buffer_format(out, "\"\n"));
done:
    return status;
}

static evh_status write_members(evh_buffer *out, const evh_introduction *in)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_format(out,
                              "# The %s %s introduces itself. Public. Compare its fingerprint with "
                              "its owner\n# before 'init --peer' takes it: what stands here is "
                              "trusted from then on.\nversion: 1\nrole: %s\nname: \"%s\"\n",
                              evh_party_word(in->role), in->name, evh_party_word(in->role),
                              in->name));
    if (in->address[0] != '\0')
        EVH_TRY(evh_buffer_format(out, "address: \"%s\"\n", in->address));
    EVH_TRY(write_identity(out, "identity", &in->identity));
    EVH_TRY(write_identity(out, "log", &in->log));
    EVH_TRY(write_identity(out, "witness", &in->witness));
    if (in->role == EVH_ROLE_COLLECTOR)
        EVH_TRY(write_base64(out, "hpke_key", evh_view_of(in->signed_key, sizeof in->signed_key)));
    else
        EVH_TRY(write_pem(out, "authority", evh_buffer_view(&in->ca_pem)));
    EVH_TRY(write_pem(out, "client_certificate", evh_buffer_view(&in->client_pem)));
done:
    return status;
}

evh_status evh_introduction_write(evh_buffer *out, const evh_introduction *in,
                                  const evh_signing_key *signing)
{
    evh_status status = evh_ok();
    uint8_t signature[EVH_SIGNATURE_LEN];
    evh_buffer bytes = evh_buffer_init(SIGNED_BYTES_MAX);
    EVH_REQUIRE(evh_identity_equal(&in->identity, &signing->identity), EVH_ERR_KEY,
                "an introduction is signed by the party it is about");
    EVH_TRY(signed_bytes(&bytes, in));
    EVH_TRY(evh_sign(signature, signing, label, evh_buffer_view(&bytes)));
    EVH_TRY(write_members(out, in));
    EVH_TRY(write_base64(out, "signature", evh_view_of(signature, sizeof signature)));
done:
    evh_buffer_clear(&bytes);
    return status;
}

/* ---- reading ---- */

typedef struct reading {
    evh_introduction *out;
    const evh_yaml_node *root;
    evh_diagnostics *diagnostics;
    uint8_t signature[EVH_SIGNATURE_LEN];
    evh_status failure; /* memory */
} reading;

static const evh_yaml_node *require(reading *r, const char *key, const char *right)
{
    const evh_yaml_node *node = NULL;
    return evh_yaml_require(r->root, "the file", key, right, &node, r->diagnostics) ? node : NULL;
}

static void read_identity(reading *r, const char *key, evh_identity_type type, evh_identity *out)
{
    const evh_yaml_node *node = require(r, key, "a verifier key, name+hash+key");
    evh_view text;
    if (node == NULL || !evh_yaml_read_text(node, key, 1, VKEY_TEXT_MAX, &text, r->diagnostics))
        return;
    evh_status status = evh_identity_parse(out, text);
    if (status.code == EVH_ERR_MEMORY)
        r->failure = status;
    else if (status.code != EVH_OK)
        evh_yaml_wrong(node, r->diagnostics, "the file as its owner's 'init' wrote it", "%s: %s",
                       key, status.text);
    else if (out->type != type)
        evh_yaml_wrong(node, r->diagnostics, "the file as its owner's 'init' wrote it",
                       "%s is a key of another kind", key);
}

static void read_base64(reading *r, const char *key, uint8_t *out, size_t len)
{
    const evh_yaml_node *node = require(r, key, "bytes in base64");
    evh_buffer bytes = evh_buffer_init(VKEY_TEXT_MAX);
    evh_view text;
    if (node == NULL || !evh_yaml_read_text(node, key, 1, VKEY_TEXT_MAX, &text, r->diagnostics))
        goto done;
    if (evh_base64_decode(&bytes, text).code == EVH_OK && bytes.len == len)
        memcpy(out, bytes.data, len);
    else
        evh_yaml_wrong(node, r->diagnostics, "the file as its owner's 'init' wrote it",
                       "%s is not %zu bytes in base64", key, len);
done:
    evh_buffer_clear(&bytes);
}

/* Exactly one certificate: a second one in the same text would be trusted along with it. */
static bool is_one_pem(evh_view text)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----\n";
    const char *found = text.len > 0 ? strstr((const char *)text.data, begin) : NULL;
    if (found == NULL)
        return false;
    return found == (const char *)text.data && text.len == strlen(found) &&
           strstr(found + 1, "-----BEGIN") == NULL;
}

static void read_pem(reading *r, const char *key, bool authority, evh_buffer *out,
                     uint8_t *fingerprint)
{
    const evh_yaml_node *node = require(r, key, "a certificate in PEM form");
    evh_certificate_facts facts;
    if (node == NULL)
        return;
    evh_view text = evh_yaml_text(node);
    if (text.len > EVH_KEY_FILE_BYTES_MAX || !is_one_pem(text) ||
        evh_certificate_read(&facts, text).code != EVH_OK) {
        evh_yaml_wrong(node, r->diagnostics, "the file as its owner's 'init' wrote it",
                       "%s is not one certificate in PEM form", key);
        return;
    }
    if (!facts.self_signed || facts.authority != authority)
        evh_yaml_wrong(node, r->diagnostics,
                       authority ? "a self-signed authority"
                                 : "a self-signed certificate that "
                                   "cannot issue others",
                       "%s is a certificate of another kind", key);
    if (fingerprint != NULL)
        memcpy(fingerprint, facts.fingerprint, sizeof facts.fingerprint);
    evh_status status = evh_buffer_append(out, text);
    if (status.code != EVH_OK)
        r->failure = status;
}

static void read_head(reading *r)
{
    static const char *const words[] = {"leader", "helper", "collector"};
    static const evh_role roles[] = {EVH_ROLE_LEADER, EVH_ROLE_HELPER, EVH_ROLE_COLLECTOR};
    const evh_yaml_node *version = require(r, "version", "version: 1");
    const evh_yaml_node *role = require(r, "role", "role: leader, helper or collector");
    const evh_yaml_node *name = require(r, "name", "name: the party's name");
    int64_t number = 0;
    size_t chosen = 0;
    evh_view text;
    if (version != NULL && !evh_yaml_read_integer(version, "version", INTRODUCTION_VERSION,
                                                  INTRODUCTION_VERSION, &number, r->diagnostics))
        return;
    if (role != NULL && evh_yaml_read_choice(role, "role", words, 3, &chosen, r->diagnostics))
        r->out->role = roles[chosen];
    if (name == NULL || !evh_yaml_read_text(name, "name", 1, 1000, &text, r->diagnostics))
        return;
    evh_status status = evh_party_name_check((const char *)text.data);
    if (status.code == EVH_OK)
        memcpy(r->out->name, text.data, text.len + 1);
    else
        evh_yaml_wrong(name, r->diagnostics, "", "%s", status.text);
}

static void read_address(reading *r)
{
    const evh_yaml_node *node = require(r, "address", "address: host:port");
    char host[EVH_HOST_LEN];
    uint16_t port = 0;
    evh_view text;
    if (node == NULL || !evh_yaml_read_text(node, "address", 1, 1000, &text, r->diagnostics))
        return;
    evh_status status = evh_address_read(host, &port, text);
    if (status.code == EVH_OK)
        evh_address_write(r->out->address, host, port);
    else
        evh_yaml_wrong(node, r->diagnostics, "", "address: %s", status.text);
}

static void read_members(reading *r)
{
    static const char *const keys[] = {
        "version",  "role",    "name",     "address",   "identity",
        "log",      "witness", "hpke_key", "authority", "client_certificate",
        "signature"};
    evh_introduction *out = r->out;
    if (!evh_yaml_read_map(r->root, "the file", keys, sizeof keys / sizeof keys[0], r->diagnostics))
        return;
    read_head(r);
    read_identity(r, "identity", EVH_IDENTITY_ED25519, &out->identity);
    if (out->role != EVH_ROLE_COLLECTOR) {
        read_address(r);
        read_pem(r, "authority", true, &out->ca_pem, NULL);
    }
    if (out->role == EVH_ROLE_LEADER)
        read_identity(r, "log", EVH_IDENTITY_ED25519, &out->log);
    if (out->role == EVH_ROLE_HELPER)
        read_identity(r, "witness", EVH_IDENTITY_COSIGNATURE, &out->witness);
    if (out->role == EVH_ROLE_COLLECTOR)
        read_base64(r, "hpke_key", out->signed_key, sizeof out->signed_key);
    read_pem(r, "client_certificate", false, &out->client_pem, out->client_fingerprint);
    read_base64(r, "signature", r->signature, sizeof r->signature);
}

/* Signatures over what could be read. */
static evh_status check_signatures(reading *r)
{
    evh_status status = evh_ok();
    evh_introduction *out = r->out;
    evh_seal_verdict verdict = EVH_SEAL_REJECTED;
    evh_buffer bytes = evh_buffer_init(SIGNED_BYTES_MAX);
    EVH_TRY(signed_bytes(&bytes, out));
    EVH_TRY(evh_sha256(out->fingerprint, evh_buffer_view(&bytes)));
    EVH_TRY(evh_verify(&verdict, &out->identity, label, evh_buffer_view(&bytes),
                       evh_view_of(r->signature, sizeof r->signature)));
    if (verdict != EVH_SEAL_ACCEPTED)
        evh_yaml_wrong(evh_yaml_find(r->root, "signature"), r->diagnostics,
                       "the file as its owner's 'init' wrote it",
                       "the signature is not right: the file was changed");
    if (strcmp(out->identity.name, out->name) != 0)
        evh_yaml_wrong(evh_yaml_find(r->root, "identity"), r->diagnostics, out->name,
                       "the identity is for another name");
    if (out->role != EVH_ROLE_COLLECTOR)
        goto done;
    status = evh_key_config_verify(&out->collector_key, &verdict, &out->identity,
                                   evh_view_of(out->signed_key, sizeof out->signed_key));
    if (status.code == EVH_ERR_MEMORY)
        goto done;
    if (status.code != EVH_OK || verdict != EVH_SEAL_ACCEPTED)
        evh_yaml_wrong(evh_yaml_find(r->root, "hpke_key"), r->diagnostics,
                       "the file as its owner's 'init' wrote it",
                       "hpke_key is not signed by the identity");
    status = evh_ok();
done:
    evh_buffer_clear(&bytes);
    return status;
}

evh_status evh_introduction_read(evh_introduction *out, const char *file, evh_view bytes,
                                 evh_diagnostics *diagnostics)
{
    evh_status status = evh_ok();
    evh_yaml *document = NULL;
    const size_t before = diagnostics->errors;
    reading r = {.out = out, .diagnostics = diagnostics, .failure = evh_ok()};
    evh_introduction_clear(out);
    EVH_TRY(evh_yaml_parse(&document, file, bytes, diagnostics));
    r.root = evh_yaml_root(document);
    read_members(&r);
    EVH_TRY(r.failure);
    if (diagnostics->errors == before)
        EVH_TRY(check_signatures(&r));
    if (diagnostics->errors > before)
        status = evh_diagnostics_status(diagnostics);
done:
    evh_yaml_free(&document);
    if (status.code != EVH_OK)
        evh_introduction_clear(out);
    return status;
}
