/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

static int64_t fixture_ms(void *context)
{
    const fixture *f = context;
    return f->now_ms;
}

int fixture_set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    test_make_dir(f->dir);
    (void)snprintf(f->leader, sizeof f->leader, "%s/leader", f->dir);
    (void)snprintf(f->helper, sizeof f->helper, "%s/helper", f->dir);
    (void)snprintf(f->collector, sizeof f->collector, "%s/collector", f->dir);
    f->now_ms = INT64_C(1790000000000);
    f->clock = (evh_clock){.wall_ms = fixture_ms, .monotonic_ms = fixture_ms, .context = f};
    f->rng = evh_rng_os();
    f->diagnostics = evh_diagnostics_init(EVH_DIAGNOSTICS_DEFAULT);
    *state = f;
    return 0;
}

int fixture_tear_down(void **state)
{
    fixture *f = *state;
    evh_diagnostics_clear(&f->diagnostics);
    test_remove_dir(f->dir);
    free(f);
    return 0;
}

file_path path_in(const char *folder, const char *name)
{
    file_path path;
    (void)snprintf(path.text, sizeof path.text, "%s/%s", folder, name);
    return path;
}

evh_settings settings_of(evh_role role, const char *name)
{
    evh_settings settings = evh_settings_default(role);
    (void)snprintf(settings.name, sizeof settings.name, "%s", name);
    if (role == EVH_ROLE_COLLECTOR)
        return settings;
    (void)snprintf(settings.listen, sizeof settings.listen, "0.0.0.0:8443");
    (void)snprintf(settings.address, sizeof settings.address, "127.0.0.1:8443");
    (void)snprintf(settings.hosts[0], sizeof settings.hosts[0], "127.0.0.1");
    settings.host_count = 1;
    return settings;
}

void make_three(fixture *f)
{
    const evh_settings leader = settings_of(EVH_ROLE_LEADER, "leader.example");
    const evh_settings helper = settings_of(EVH_ROLE_HELPER, "helper.example");
    const evh_settings collector = settings_of(EVH_ROLE_COLLECTOR, "collector.example");
    assert_ok(evh_deployment_create(f->leader, &leader, &f->clock, &f->rng));
    assert_ok(evh_deployment_create(f->helper, &helper, &f->clock, &f->rng));
    assert_ok(evh_deployment_create(f->collector, &collector, &f->clock, &f->rng));
}

evh_status pair_with(fixture *f, const char *folder, const char *other, evh_pairing *pairing)
{
    evh_introduction peer = evh_introduction_init();
    evh_status status =
        evh_deployment_pair(&peer, pairing, path_in(folder, "aggregator.yaml").text,
                            path_in(other, "introduction.yaml").text, &f->diagnostics);
    evh_introduction_clear(&peer);
    return status;
}

void pair_three(fixture *f)
{
    const char *const folders[3] = {f->leader, f->helper, f->collector};
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++) {
            evh_pairing pairing = EVH_PAIRING_SAME;
            if (i == k)
                continue;
            assert_ok(pair_with(f, folders[i], folders[k], &pairing));
            assert_int_equal(pairing, EVH_PAIRING_NEW);
        }
}

evh_status open_in(fixture *f, const char *folder, evh_deployment_use use, evh_deployment **out)
{
    const evh_deployment_options options = {.config = path_in(folder, "aggregator.yaml").text,
                                            .use = use,
                                            .clock = f->clock,
                                            .rng = f->rng,
                                            .diagnostics = &f->diagnostics};
    return evh_deployment_open(out, &options);
}

void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

void store_prepared(evh_store *store, const uint8_t name[32])
{
    evh_buffer record = evh_buffer_init(64);
    assert_ok(evh_buffer_append(&record, view_of_literal("\x1a\x20")));
    assert_ok(evh_buffer_append(&record, evh_view_of(name, 32)));
    assert_ok(evh_store_begin(store));
    assert_ok(evh_store_put(store, EVH_STORE_META, view_of_literal("prepared-one"),
                            evh_buffer_view(&record)));
    assert_ok(evh_store_commit(store));
    evh_buffer_clear(&record);
}
