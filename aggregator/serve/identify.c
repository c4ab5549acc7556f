/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/aggregator/identify.h"

#include <string.h>

#define SCHEME "evenhand:"
#define CUSTOMER "customer/"
#define OPERATOR "operator"
#define INVITATION "invitation/"

/* What follows `start` in a text that starts with it, else NULL. */
static const char *after(const char *text, const char *start)
{
    size_t len = strlen(start);
    return strncmp(text, start, len) == 0 ? text + len : NULL;
}

static evh_status read_customer(evh_identified *out, const char *vkey)
{
    evh_status status = evh_identity_parse(&out->customer, evh_view_of_text(vkey));
    if (status.code != EVH_OK)
        return evh_fail(EVH_ERR_KEY, "a customer's certificate without a verifier key");
    out->caller = (evh_caller){.role = EVH_ROLE_CUSTOMER, .customer = &out->customer};
    return status;
}

static evh_status read_invitation(evh_identified *out, const char *id)
{
    size_t digits = strspn(id, "0123456789abcdef");
    if (digits != EVH_INVITATION_ID_LEN || id[digits] != 0)
        return evh_fail(EVH_ERR_KEY, "an invitation's certificate without its id");
    memcpy(out->invitation, id, sizeof out->invitation);
    out->caller = (evh_caller){.role = EVH_ROLE_INVITED, .invitation = out->invitation};
    return evh_ok();
}

static evh_status read_uri(evh_identified *out, const char *uri)
{
    const char *what = after(uri, SCHEME);
    const char *rest = NULL;
    if (what == NULL)
        return evh_ok();
    if ((rest = after(what, CUSTOMER)) != NULL)
        return read_customer(out, rest);
    if ((rest = after(what, INVITATION)) != NULL)
        return read_invitation(out, rest);
    if (strcmp(what, OPERATOR) == 0)
        out->caller.role = EVH_ROLE_OPERATOR;
    return evh_ok();
}

evh_status evh_caller_identify(evh_identified *out, evh_role pinned, const evh_rpc_peer *peer)
{
    memset(out, 0, sizeof *out);
    out->caller.role = pinned != 0 ? pinned : EVH_ROLE_OBSERVER;
    return pinned != 0 ? evh_ok() : read_uri(out, peer->uri);
}
