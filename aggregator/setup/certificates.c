/* SPDX-License-Identifier: Apache-2.0 */
#include "certificates_internal.h"

#include <stdio.h>

#include "evenhand/base/limits.h"
#include "evenhand/seal/certificate.h"

enum { HOUR_S = 3600, DAY_S = 86400 };

void evh_pem_pair_init(evh_pem_pair *pair)
{
    pair->cert = pair->key = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
}

void evh_pem_pair_clear(evh_pem_pair *pair)
{
    evh_buffer_clear(&pair->cert);
    evh_buffer_clear(&pair->key);
}

typedef struct common_name {
    char text[EVH_CERTIFICATE_NAME_MAX + 1];
} common_name;

static common_name name_of(const evh_settings *settings, const char *what)
{
    common_name name;
    (void)snprintf(name.text, sizeof name.text, "%s %s", settings->name, what);
    return name;
}

static evh_certificate_options options_of(const common_name *name, int64_t now_s, int64_t days)
{
    return (evh_certificate_options){.common_name = name->text,
                                     .not_before_s = now_s - HOUR_S,
                                     .not_after_s = now_s + days * DAY_S};
}

static evh_status issue(evh_pem_pair *out, const evh_pem_pair *authority,
                        const evh_certificate_options *options)
{
    evh_status status = evh_ok();
    evh_buffer request = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    EVH_TRY(evh_certificate_make_key(&out->key));
    EVH_TRY(evh_certificate_make_request(&request, evh_buffer_view(&out->key), options));
    EVH_TRY(evh_certificate_issue(&out->cert, evh_buffer_view(&request),
                                  evh_buffer_view(&authority->cert),
                                  evh_buffer_view(&authority->key), options));
done:
    evh_buffer_clear(&request);
    return status;
}

evh_status evh_make_authority(evh_pem_pair *out, const evh_settings *settings, int64_t now_s)
{
    const common_name name = name_of(settings, "authority");
    const evh_certificate_options options = options_of(&name, now_s, EVH_AUTHORITY_DAYS);
    return evh_certificate_make_authority(&out->cert, &out->key, &options);
}

evh_status evh_make_server(evh_pem_pair *out, const evh_settings *settings,
                           const evh_pem_pair *authority, int64_t now_s)
{
    const common_name name = name_of(settings, "server");
    const char *hosts[EVH_SETTINGS_HOSTS_MAX];
    evh_certificate_options options = options_of(&name, now_s, EVH_LEAF_DAYS);
    for (size_t i = 0; i < settings->host_count; i++)
        hosts[i] = settings->hosts[i];
    options.hosts = hosts;
    options.host_count = settings->host_count;
    return issue(out, authority, &options);
}

evh_status evh_make_operator(evh_pem_pair *out, const evh_settings *settings,
                             const evh_pem_pair *authority, int64_t now_s)
{
    const common_name name = name_of(settings, "operator");
    evh_certificate_options options = options_of(&name, now_s, EVH_LEAF_DAYS);
    options.uri = "evenhand:operator";
    return issue(out, authority, &options);
}

evh_status evh_make_client(evh_pem_pair *out, const evh_settings *settings, int64_t now_s)
{
    char uri[EVH_CERTIFICATE_URI_LEN];
    const common_name name = name_of(settings, evh_party_word(settings->role));
    evh_certificate_options options = options_of(&name, now_s, EVH_CLIENT_DAYS);
    (void)snprintf(uri, sizeof uri, "evenhand:%s/%s", evh_party_word(settings->role),
                   settings->name);
    options.uri = uri;
    return evh_certificate_make_self_signed(&out->cert, &out->key, &options);
}
