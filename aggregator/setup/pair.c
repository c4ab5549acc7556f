/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "deployment_internal.h"
#include "evenhand/aggregator/create.h"
#include "evenhand/base/limits.h"

/* What may change of a party that is pinned: certificates, address, the collector's HPKE key. */
static bool same_party(const evh_introduction *a, const evh_introduction *b)
{
    return evh_identity_equal(&a->identity, &b->identity) && evh_identity_equal(&a->log, &b->log) &&
           evh_identity_equal(&a->witness, &b->witness);
}

static evh_status check_others(const evh_introduction *in, const char *config,
                               const evh_settings *settings, evh_diagnostics *diagnostics)
{
    static const evh_role roles[] = {EVH_ROLE_LEADER, EVH_ROLE_HELPER, EVH_ROLE_COLLECTOR};
    evh_status status = evh_ok();
    evh_introduction other = evh_introduction_init();
    char path[EVH_PATH_BYTES_MAX];
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        const char *name = evh_layout_introduction(settings, roles[i]);
        EVH_TRY(evh_path_resolve(path, config, evh_view_of_text(name)));
        if (roles[i] == in->role || !evh_file_exists(path))
            continue;
        EVH_TRY(evh_layout_read_introduction(&other, config, name, diagnostics));
        EVH_REQUIRE(memcmp(other.identity.key, in->identity.key, EVH_IDENTITY_KEY_LEN) != 0 &&
                        strcmp(other.name, in->name) != 0,
                    EVH_ERR_INPUT, "%s and %s would have the same name or key: they must be two",
                    evh_party_word(in->role), evh_party_word(other.role));
    }
done:
    evh_introduction_clear(&other);
    return status;
}

/* Holds an introduction against the one that is pinned, if there is one. */
static evh_status compare(evh_pairing *pairing, const evh_introduction *in, const char *config,
                          const char *name, evh_diagnostics *diagnostics)
{
    evh_status status = evh_ok();
    evh_introduction pinned = evh_introduction_init();
    char path[EVH_PATH_BYTES_MAX];
    *pairing = EVH_PAIRING_NEW;
    EVH_TRY(evh_path_resolve(path, config, evh_view_of_text(name)));
    if (!evh_file_exists(path))
        goto done;
    EVH_TRY(evh_layout_read_introduction(&pinned, config, name, diagnostics));
    EVH_REQUIRE(same_party(&pinned, in), EVH_ERR_INPUT,
                "another %s is pinned in %.40s: a party that changes its keys is another party",
                evh_party_word(in->role), name);
    *pairing = memcmp(pinned.fingerprint, in->fingerprint, EVH_FINGERPRINT_LEN) == 0
                   ? EVH_PAIRING_SAME
                   : EVH_PAIRING_RENEWED;
done:
    evh_introduction_clear(&pinned);
    return status;
}

evh_status evh_deployment_pair(evh_introduction *out, evh_pairing *pairing, const char *config,
                               const char *file, evh_diagnostics *diagnostics)
{
    evh_status status = evh_ok();
    evh_settings settings;
    char path[EVH_PATH_BYTES_MAX];
    const char *name = NULL;
    evh_buffer text = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    EVH_TRY(evh_layout_settings(&settings, config, diagnostics));
    EVH_TRY(evh_file_read(&text, file));
    EVH_TRY(evh_introduction_read(out, file, evh_buffer_view(&text), diagnostics));
    EVH_REQUIRE(out->role != settings.role, EVH_ERR_INPUT,
                "%.40s is the introduction of a %s, as this folder: expected those of the others",
                file, evh_party_word(out->role));
    EVH_TRY(check_others(out, config, &settings, diagnostics));
    name = evh_layout_introduction(&settings, out->role);
    EVH_TRY(compare(pairing, out, config, name, diagnostics));
    EVH_TRY(evh_path_resolve(path, config, evh_view_of_text(name)));
    if (*pairing != EVH_PAIRING_SAME)
        EVH_TRY(evh_file_replace(path, evh_buffer_view(&text), EVH_FILE_SHARED));
done:
    evh_buffer_clear(&text);
    return status;
}
