/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/base/address.h"

#include <stdio.h>
#include <string.h>

static bool is_host(evh_view text, bool bracketed)
{
    bool good = text.len > 0 && text.len < EVH_HOST_LEN;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];
        bool named = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= '0' && byte <= '9') || byte == '.' || byte == '-';
        good = good && (named || (bracketed && (byte == ':' || byte == '%')));
    }
    return good;
}

/* The digits behind the colon, 1..65535 without leading zeros. */
static bool read_port(evh_view text, uint16_t *out)
{
    uint32_t port = 0;
    if (text.len < 1 || text.len > 5 || text.data[0] == '0')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        port = port * 10 + (uint32_t)(text.data[i] - '0');
    }
    *out = (uint16_t)port;
    return port <= UINT16_MAX;
}

evh_status evh_address_read(char host[EVH_HOST_LEN], uint16_t *port, evh_view text)
{
    host[0] = '\0';
    *port = 0;
    size_t colon = text.len;
    while (colon > 0 && text.data[colon - 1] != ':')
        colon--;
    evh_view name = evh_view_of(text.data, colon == 0 ? 0 : colon - 1);
    bool bracketed = name.len > 2 && name.data[0] == '[' && name.data[name.len - 1] == ']';
    if (bracketed)
        name = evh_view_of(name.data + 1, name.len - 2);
    if (!is_host(name, bracketed) ||
        !read_port(evh_view_of(text.data + colon, text.len - colon), port))
        return evh_fail(
            EVH_ERR_ARG,
            "expected host:port, for example leader.example:8443 or [2001:db8::1]:8443");
    memcpy(host, name.data, name.len);
    host[name.len] = '\0';
    return evh_ok();
}

void evh_address_write(char out[EVH_ADDRESS_LEN], const char *host, uint16_t port)
{
    bool bare = strchr(host, ':') == NULL;
    (void)snprintf(out, EVH_ADDRESS_LEN, bare ? "%s:%u" : "[%s]:%u", host, (unsigned)port);
}

bool evh_host_is_good(const char *host)
{
    return is_host(evh_view_of_text(host), strchr(host, ':') != NULL);
}
