/* SPDX-License-Identifier: Apache-2.0 */
#include "layout_internal.h"

#include <string.h>

#include "evenhand/base/limits.h"

const char *evh_layout_introduction(const evh_settings *settings, evh_role role)
{
    if (role == settings->role)
        return EVH_FILE_INTRODUCTION;
    if (role == EVH_ROLE_LEADER)
        return settings->leader;
    return role == EVH_ROLE_HELPER ? settings->helper : settings->collector;
}

evh_status evh_layout_read(evh_buffer *out, const char *config, const char *name)
{
    char path[EVH_PATH_BYTES_MAX];
    evh_status status = evh_path_resolve(path, config, evh_view_of_text(name));
    return status.code == EVH_OK ? evh_file_read(out, path) : status;
}

evh_status evh_layout_read_secret(evh_buffer *out, const char *config, const char *name)
{
    char path[EVH_PATH_BYTES_MAX];
    evh_status status = evh_path_resolve(path, config, evh_view_of_text(name));
    return status.code == EVH_OK ? evh_file_read_secret(out, path) : status;
}

evh_status evh_layout_settings(evh_settings *out, const char *config, evh_diagnostics *diagnostics)
{
    evh_status status = evh_ok();
    evh_buffer text = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    EVH_TRY(evh_file_read(&text, config));
    EVH_TRY(evh_settings_parse(out, config, evh_buffer_view(&text), diagnostics));
done:
    evh_buffer_clear(&text);
    return status;
}

evh_status evh_layout_read_introduction(evh_introduction *out, const char *config, const char *name,
                                        evh_diagnostics *diagnostics)
{
    evh_status status = evh_ok();
    char path[EVH_PATH_BYTES_MAX];
    evh_buffer text = evh_buffer_init(EVH_PLAN_BYTES_MAX);
    EVH_TRY(evh_path_resolve(path, config, evh_view_of_text(name)));
    EVH_TRY(evh_file_read(&text, path));
    EVH_TRY(evh_introduction_read(out, path, evh_buffer_view(&text), diagnostics));
done:
    evh_buffer_clear(&text);
    return status;
}

evh_status evh_layout_signing_key(evh_signing_key *out, const char *config, const char *name)
{
    evh_status status = evh_ok();
    evh_buffer text = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    EVH_TRY(evh_layout_read_secret(&text, config, name));
    status = evh_signing_key_parse(out, evh_buffer_view(&text));
    if (status.code != EVH_OK && status.code != EVH_ERR_MEMORY)
        status = evh_fail(EVH_ERR_KEY, "%s is no signing key: restore it from its backup", name);
done:
    evh_buffer_clear(&text);
    return status;
}
