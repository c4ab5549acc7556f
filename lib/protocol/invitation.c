/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/protocol/invitation.h"

#include <string.h>

#include "evenhand/base/clock.h"
#include "evenhand/yaml/read.h"

/* The last key of the file. Its lines never reach the parser. */
static const char key_line[] = "\nkey: |\n";
static const char indent[] = "  ";

enum { VERSION = 1, ID_BYTES = (EVH_INVITATION_TEXT_LEN - 1) / 2 };

evh_invitation evh_invitation_init(void)
{
    evh_invitation invitation;
    memset(&invitation, 0, sizeof invitation);
    invitation.ca_pem = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    invitation.cert_pem = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    invitation.key_pem = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    return invitation;
}

void evh_invitation_clear(evh_invitation *invitation)
{
    evh_buffer_clear(&invitation->ca_pem);
    evh_buffer_clear(&invitation->cert_pem);
    evh_buffer_clear(&invitation->key_pem);
    evh_wipe(&invitation->salt, sizeof invitation->salt);
    *invitation = evh_invitation_init();
}

/* ---- writing ---- */

static evh_status write_quoted(evh_buffer *out, const char *text)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_u8(out, '"'));
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            EVH_TRY(evh_buffer_u8(out, '\\'));
        EVH_TRY(evh_buffer_u8(out, (uint8_t)*c));
    }
    EVH_TRY(evh_buffer_append(out, evh_view_of_text("\"\n")));
done:
    return status;
}

static evh_status write_identity(evh_buffer *out, const char *key, const evh_identity *identity)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_format(out, "  %s: ", key));
    EVH_TRY(evh_identity_format(out, identity));
    EVH_TRY(evh_buffer_u8(out, '\n'));
done:
    return status;
}

/* A text of several lines, indented under its key. */
static evh_status write_block(evh_buffer *out, const char *key, const evh_buffer *pem)
{
    evh_view rest = evh_buffer_view(pem);
    evh_status status = evh_ok();
    EVH_TRY(evh_buffer_format(out, "%s: |\n", key));
    while (rest.len > 0) {
        const uint8_t *end = memchr(rest.data, '\n', rest.len);
        size_t len = end == NULL ? rest.len : (size_t)(end - rest.data);
        EVH_TRY(evh_buffer_append(out, evh_view_of_text(indent)));
        EVH_TRY(evh_buffer_append(out, evh_view_of(rest.data, len)));
        EVH_TRY(evh_buffer_u8(out, '\n'));
        if (end != NULL)
            len++;
        rest = evh_view_of(rest.data + len, rest.len - len);
    }
done:
    return status;
}

static evh_status write_head(evh_buffer *out, const evh_invitation *in)
{
    char salt[2 * sizeof in->salt.bytes + 1];
    char expires[EVH_TIME_TEXT_LEN];
    evh_status status = evh_ok();
    evh_hex_encode(salt, evh_view_of(in->salt.bytes, sizeof in->salt.bytes));
    evh_time_format(expires, in->expires_ms);
    EVH_TRY(evh_buffer_format(
        out,
        "# An invitation to take part. Keep it secret: whoever holds it can ask to join in\n"
        "# this organisation's name. Give it to: evenhand-client enrol\n"
        "version: %d\nname: ",
        VERSION));
    EVH_TRY(write_quoted(out, in->name));
    EVH_TRY(evh_buffer_format(out, "salt: \"%s\"\ninvitation: \"%s\"\nexpires: \"%s\"\n", salt,
                              in->id, expires));
    EVH_TRY(evh_buffer_format(out, "leader: \"%s\"\ntrust:\n", in->leader_address));
    EVH_TRY(write_identity(out, "log", &in->log));
    EVH_TRY(write_identity(out, "leader", &in->leader));
    EVH_TRY(write_identity(out, "helper", &in->helper));
    EVH_TRY(write_identity(out, "collector", &in->collector));
    EVH_TRY(write_identity(out, "witness", &in->witness));
done:
    evh_wipe(salt, sizeof salt);
    return status;
}

evh_status evh_invitation_write(evh_buffer *out, const evh_invitation *in)
{
    uint8_t id[ID_BYTES];
    evh_status status = evh_ok();
    EVH_TRY(evh_organisation_check(evh_view_of_text(in->name)));
    EVH_REQUIRE(evh_hex_decode(id, sizeof id, evh_view_of_text(in->id)).code == EVH_OK, EVH_ERR_ARG,
                "an invitation's id is %d hex digits", 2 * ID_BYTES);
    EVH_REQUIRE(in->leader_address[0] != '\0' && strpbrk(in->leader_address, "\"\\\n") == NULL,
                EVH_ERR_ARG, "the leader's address is host:port");
    EVH_TRY(write_head(out, in));
    EVH_TRY(write_block(out, "ca", &in->ca_pem));
    EVH_TRY(write_block(out, "certificate", &in->cert_pem));
    EVH_TRY(write_block(out, "key", &in->key_pem));
done:
    return status;
}

/* ---- reading ---- */

/* Cuts the file before its key, and gathers the key. */
static evh_status take_key(evh_invitation *out, evh_view *head, const char *file, evh_view bytes,
                           evh_diagnostics *diagnostics)
{
    const size_t len = sizeof key_line - 1;
    evh_mark whole = {.file = file};
    evh_status status = evh_ok();
    size_t at = 0;
    while (at + len <= bytes.len && memcmp(bytes.data + at, key_line, len) != 0)
        at++;
    bool found = at + len < bytes.len;
    evh_view rest =
        found ? evh_view_of(bytes.data + at + len, bytes.len - at - len) : evh_view_of(NULL, 0);
    while (found && rest.len > 0) {
        const uint8_t *end = memchr(rest.data, '\n', rest.len);
        found = end != NULL && (size_t)(end - rest.data) > sizeof indent - 1 &&
                memcmp(rest.data, indent, sizeof indent - 1) == 0;
        if (!found)
            break;
        size_t line = (size_t)(end - rest.data) + 1;
        EVH_TRY(evh_buffer_append(
            &out->key_pem, evh_view_of(rest.data + sizeof indent - 1, line - (sizeof indent - 1))));
        rest = evh_view_of(rest.data + line, rest.len - line);
    }
    if (!found) {
        evh_diagnostics_add(diagnostics, EVH_SEVERITY_ERROR, whole,
                            "the file as it was given, with \"key: |\" and the key as its end",
                            "the invitation does not end with its key");
        EVH_TRY(evh_diagnostics_status(diagnostics));
    }
    *head = evh_view_of(bytes.data, at + 1);
done:
    return status;
}

/* A required text of a map; data NULL when it is not there. */
static evh_view text_of(const evh_yaml_node *map, const char *key, size_t most,
                        evh_diagnostics *diagnostics)
{
    const evh_yaml_node *node = NULL;
    evh_view text = evh_view_of(NULL, 0);
    if (!evh_yaml_require(map, "the invitation", key, "as it was given", &node, diagnostics) ||
        !evh_yaml_read_text(node, key, 1, most, &text, diagnostics))
        return evh_view_of(NULL, 0);
    return text;
}

static void copy_text(char *out, size_t size, const evh_yaml_node *map, const char *key,
                      evh_diagnostics *diagnostics)
{
    evh_view text = text_of(map, key, size - 1, diagnostics);
    if (text.data != NULL)
        memcpy(out, text.data, text.len);
}

static void read_hex(uint8_t *out, size_t len, const evh_yaml_node *map, const char *key,
                     evh_diagnostics *diagnostics)
{
    evh_view text = text_of(map, key, 2 * len, diagnostics);
    if (text.data != NULL && evh_hex_decode(out, len, text).code != EVH_OK)
        evh_yaml_wrong(evh_yaml_find(map, key), diagnostics, NULL, "%s has %zu hex digits", key,
                       2 * len);
}

static void read_identity(evh_identity *out, const evh_yaml_node *map, const char *key,
                          evh_identity_type type, evh_diagnostics *diagnostics)
{
    evh_view text = text_of(map, key, EVH_VKEY_TEXT_MAX, diagnostics);
    if (text.data == NULL)
        return;
    evh_status status = evh_identity_parse(out, text);
    if (status.code == EVH_OK && out->type != type)
        status = evh_fail(EVH_ERR_TYPE, "a verifier key of another type");
    if (status.code != EVH_OK)
        evh_yaml_wrong(evh_yaml_find(map, key), diagnostics, "the verifier key as it was given",
                       "%s: %s", key, status.text);
}

static evh_status read_pem(evh_buffer *out, const evh_yaml_node *map, const char *key,
                           evh_diagnostics *diagnostics)
{
    const evh_yaml_node *node = NULL;
    if (!evh_yaml_require(map, "the invitation", key, "a certificate in PEM form", &node,
                          diagnostics))
        return evh_ok();
    evh_view text = evh_yaml_text(node);
    if (evh_yaml_kind_of(node) != EVH_YAML_SCALAR || text.len == 0 ||
        text.len > EVH_KEY_FILE_BYTES_MAX) {
        evh_yaml_wrong(node, diagnostics, "a certificate in PEM form", "%s is none", key);
        return evh_ok();
    }
    return evh_buffer_append(out, text);
}

static void read_facts(evh_invitation *out, const evh_yaml_node *root, evh_diagnostics *diagnostics)
{
    uint8_t id[ID_BYTES] = {0};
    const evh_yaml_node *version = NULL;
    int64_t number = 0;
    if (evh_yaml_require(root, "the invitation", "version", "1", &version, diagnostics) &&
        !evh_yaml_read_integer(version, "version", VERSION, VERSION, &number, diagnostics))
        return;
    copy_text(out->name, sizeof out->name, root, "name", diagnostics);
    evh_status name = evh_organisation_check(evh_view_of_text(out->name));
    if (out->name[0] != '\0' && name.code != EVH_OK)
        evh_yaml_wrong(evh_yaml_find(root, "name"), diagnostics, NULL, "%s", name.text);
    read_hex(out->salt.bytes, sizeof out->salt.bytes, root, "salt", diagnostics);
    read_hex(id, sizeof id, root, "invitation", diagnostics);
    evh_hex_encode(out->id, evh_view_of(id, sizeof id));
    copy_text(out->leader_address, sizeof out->leader_address, root, "leader", diagnostics);
    evh_view expires = text_of(root, "expires", EVH_TIME_TEXT_LEN, diagnostics);
    if (expires.data != NULL && evh_time_parse(expires, 0, &out->expires_ms).code != EVH_OK)
        evh_yaml_wrong(evh_yaml_find(root, "expires"), diagnostics, "2026-12-31T00:00:00Z",
                       "expires is no time");
}

static void read_trust(evh_invitation *out, const evh_yaml_node *root, evh_diagnostics *diagnostics)
{
    static const char *const keys[] = {"log", "leader", "helper", "collector", "witness"};
    const evh_yaml_node *trust = NULL;
    if (!evh_yaml_require(root, "the invitation", "trust", "verifier keys", &trust, diagnostics) ||
        !evh_yaml_read_map(trust, "trust", keys, sizeof keys / sizeof keys[0], diagnostics))
        return;
    read_identity(&out->log, trust, "log", EVH_IDENTITY_ED25519, diagnostics);
    read_identity(&out->leader, trust, "leader", EVH_IDENTITY_ED25519, diagnostics);
    read_identity(&out->helper, trust, "helper", EVH_IDENTITY_ED25519, diagnostics);
    read_identity(&out->collector, trust, "collector", EVH_IDENTITY_ED25519, diagnostics);
    read_identity(&out->witness, trust, "witness", EVH_IDENTITY_COSIGNATURE, diagnostics);
}

evh_status evh_invitation_read(evh_invitation *out, const char *file, evh_view bytes,
                               evh_diagnostics *diagnostics)
{
    static const char *const keys[] = {"version", "name",  "salt", "invitation", "expires",
                                       "leader",  "trust", "ca",   "certificate"};
    evh_yaml *document = NULL;
    const evh_yaml_node *root = NULL;
    evh_view head = evh_view_of(NULL, 0);
    evh_status status = evh_ok();
    EVH_TRY(take_key(out, &head, file, bytes, diagnostics));
    EVH_TRY(evh_yaml_parse(&document, file, head, diagnostics));
    root = evh_yaml_root(document);
    if (evh_yaml_read_map(root, "the invitation", keys, sizeof keys / sizeof keys[0],
                          diagnostics)) {
        read_facts(out, root, diagnostics);
        read_trust(out, root, diagnostics);
        EVH_TRY(read_pem(&out->ca_pem, root, "ca", diagnostics));
        EVH_TRY(read_pem(&out->cert_pem, root, "certificate", diagnostics));
    }
    evh_diagnostics_sort(diagnostics);
    EVH_TRY(evh_diagnostics_status(diagnostics));
done:
    evh_yaml_free(&document);
    if (status.code != EVH_OK)
        evh_invitation_clear(out);
    return status;
}
