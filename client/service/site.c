/* SPDX-License-Identifier: Apache-2.0 */
#include "evenhand/service/site.h"
#include "evenhand/base/failpoint.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "evenhand/base/limits.h"
#include "evenhand/store/sqlite.h"
#include "line_internal.h"
#include "mirror_internal.h"

#define MIRROR_END ".mirror"

enum { PINS_BYTES_MAX = 8192, LEDGER_RECORD_LEN = 8 + EVH_LEDGER_HASH_LEN };

uint64_t evh_site_now_ms(const evh_site *site)
{
    int64_t now_ms = evh_clock_wall_ms(&site->clock);
    return now_ms > 0 ? (uint64_t)now_ms : 0;
}

/* ---- key and ledger ---- */

static evh_status read_key(evh_site *site, const char *config_path)
{
    char path[EVH_PATH_BYTES_MAX];
    evh_buffer text = evh_buffer_init(EVH_KEY_FILE_BYTES_MAX);
    evh_status status = evh_ok();
    EVH_TRY(evh_path_resolve(path, config_path, evh_view_of_text(site->config->signing_key)));
    EVH_TRY(evh_file_read_secret(&text, path));
    EVH_TRY(evh_signing_key_parse(&site->key, evh_buffer_view(&text)));
    evh_buffer_clear(&text);
    EVH_TRY(evh_identity_format(&text, &site->key.identity));
    EVH_REQUIRE(text.len < sizeof site->customer, EVH_ERR_KEY,
                "the signing key's name is too long");
    memcpy(site->customer, text.data, text.len);
done:
    evh_buffer_clear(&text);
    return status;
}

static evh_status open_ledger(evh_site *site)
{
    evh_status status = evh_ok();
    if (access(site->ledger_path, F_OK) != 0 && errno == ENOENT)
        goto done;
    EVH_TRY(evh_ledger_open(&site->ledger, site->ledger_path, EVH_LEDGER_WRITE));
    EVH_REQUIRE(strcmp(evh_ledger_customer(site->ledger), site->config->customer) == 0,
                EVH_ERR_INPUT, "the ledger is that of %s, and customer: is %s",
                evh_ledger_customer(site->ledger), site->config->customer);
done:
    return status;
}

evh_status evh_site_need_ledger(evh_site *site)
{
    evh_status status = evh_ok();
    if (site->ledger != NULL)
        goto done;
    EVH_TRY(
        evh_ledger_create(site->ledger_path, evh_view_of_text(site->config->customer), &site->rng));
    EVH_TRY(evh_ledger_open(&site->ledger, site->ledger_path, EVH_LEDGER_WRITE));
done:
    return status;
}

evh_status evh_site_open(evh_site *out, const evh_config *config, const char *config_path)
{
    int len = 0;
    evh_status status = evh_ok();
    out->config = config;
    EVH_TRY(evh_path_resolve(out->ledger_path, config_path, evh_view_of_text(config->ledger)));
    len = snprintf(out->mirror_path, sizeof out->mirror_path, "%s" MIRROR_END, out->ledger_path);
    EVH_REQUIRE(len > 0 && (size_t)len < sizeof out->mirror_path, EVH_ERR_RANGE,
                "the ledger's path is too long");
    EVH_TRY(read_key(out, config_path));
    EVH_TRY(open_ledger(out));
    EVH_TRY(evh_mirror_open(out));
done:
    return status;
}

void evh_site_close(evh_site *site)
{
    evh_leader_line_free(&site->line);
    evh_store_close(&site->mirror);
    evh_ledger_free(&site->ledger);
    evh_signing_key_clear(&site->key);
}

/* ---- the mirror's file ---- */

/* Made under another name: a mirror that has its name is a whole one. */
static evh_status make_store(evh_site *site)
{
    char unfinished[EVH_PATH_BYTES_MAX];
    evh_store *store = NULL;
    int len =
        snprintf(unfinished, sizeof unfinished, "%s.new.%ld", site->mirror_path, (long)getpid());
    evh_status status = evh_ok();
    EVH_REQUIRE(len > 0 && (size_t)len < sizeof unfinished, EVH_ERR_RANGE,
                "the ledger's path is too long");
    (void)unlink(unfinished);
    EVH_TRY(evh_store_sqlite_create(&store, unfinished));
    evh_store_close(&store);
    EVH_FAILPOINT("mirror-make-before");
    EVH_TRY(evh_file_move_new(unfinished, site->mirror_path));
    EVH_FAILPOINT("mirror-make-after");
done:
    evh_store_close(&store);
    return status;
}

static evh_status open_store(evh_site *site)
{
    evh_status status = evh_ok();
    if (access(site->mirror_path, F_OK) != 0)
        EVH_TRY(make_store(site));
    EVH_TRY(evh_store_sqlite_open(&site->mirror, site->mirror_path));
done:
    if (status.code != EVH_OK)
        status = evh_status_in(status, "mirror of the log");
    return status;
}

static evh_status add_pin(evh_buffer *out, const evh_identity *identity)
{
    evh_status status = evh_ok();
    EVH_TRY(evh_identity_format(out, identity));
    EVH_TRY(evh_buffer_u8(out, '\n'));
done:
    return status;
}

static evh_status format_pins(evh_buffer *out, const evh_config_trust *trust)
{
    const evh_identity *const pins[] = {&trust->log, &trust->leader, &trust->helper,
                                        &trust->collector, &trust->witness};
    evh_status status = evh_ok();
    for (size_t i = 0; i < sizeof pins / sizeof pins[0]; i++)
        EVH_TRY(add_pin(out, pins[i]));
done:
    return status;
}

static evh_status check_pins(evh_site *site)
{
    evh_buffer now = evh_buffer_init(PINS_BYTES_MAX);
    evh_buffer then = evh_buffer_init(PINS_BYTES_MAX);
    evh_view key = evh_view_of_text(EVH_MIRROR_PINS);
    bool found = false;
    evh_status status = evh_ok();
    EVH_TRY(format_pins(&now, &site->config->trust));
    EVH_TRY(evh_store_begin(site->mirror));
    EVH_TRY(evh_store_get(site->mirror, EVH_STORE_META, key, &then, &found));
    if (!found)
        EVH_TRY(evh_store_put(site->mirror, EVH_STORE_META, key, evh_buffer_view(&now)));
    EVH_TRY(evh_store_commit(site->mirror));
    EVH_DEMAND(
        !found || evh_view_equal(evh_buffer_view(&now), evh_buffer_view(&then)), site,
        "If you changed trust: on purpose, with keys that you got from their owners, move the "
        "file LEDGER.mirror away: it is made anew, and the log is checked from its start.",
        "the keys under trust: are not those with which this site has followed the log");
done:
    evh_store_rollback(site->mirror);
    evh_buffer_clear(&now);
    evh_buffer_clear(&then);
    return status;
}

evh_status evh_mirror_open(evh_site *site)
{
    evh_status status = evh_ok();
    EVH_TRY(open_store(site));
    EVH_TRY(check_pins(site));
done:
    return status;
}

/* ---- where the ledger stood ---- */

evh_status evh_site_note_ledger(evh_site *site)
{
    evh_ledger_position tip;
    evh_buffer record = evh_buffer_init(LEDGER_RECORD_LEN);
    evh_status status = evh_ok();
    if (site->ledger == NULL)
        goto done;
    EVH_TRY(evh_ledger_tip(site->ledger, &tip));
    EVH_TRY(evh_buffer_be64(&record, tip.sequence));
    EVH_TRY(evh_buffer_append(&record, evh_view_of(tip.head, sizeof tip.head)));
    EVH_TRY(evh_store_begin(site->mirror));
    EVH_TRY(evh_store_put(site->mirror, EVH_STORE_META, evh_view_of_text(EVH_MIRROR_LEDGER),
                          evh_buffer_view(&record)));
    EVH_TRY(evh_store_commit(site->mirror));
done:
    evh_store_rollback(site->mirror);
    evh_buffer_clear(&record);
    return status;
}

typedef struct sought {
    evh_ledger_position position;
    bool found;
} sought;

static evh_status compare_entry(void *context, const evh_ledger_entry *entry)
{
    sought *s = context;
    if (entry->position.sequence == s->position.sequence)
        s->found = memcmp(entry->position.head, s->position.head, EVH_LEDGER_HASH_LEN) == 0;
    return evh_ok();
}

static evh_status read_noted(evh_site *site, bool *found, evh_ledger_position *out)
{
    evh_buffer record = evh_buffer_init(LEDGER_RECORD_LEN);
    evh_reader reader;
    evh_status status = evh_ok();
    EVH_TRY(evh_store_begin(site->mirror));
    EVH_TRY(evh_store_get(site->mirror, EVH_STORE_META, evh_view_of_text(EVH_MIRROR_LEDGER),
                          &record, found));
    if (!*found)
        goto done;
    reader = evh_reader_of(evh_buffer_view(&record));
    EVH_TRY(evh_read_be64(&reader, "ledger's place", &out->sequence));
    EVH_TRY(evh_read_bytes(&reader, "ledger's place", out->head, sizeof out->head));
    EVH_TRY(evh_read_end(&reader, "ledger's place"));
done:
    evh_store_rollback(site->mirror);
    evh_buffer_clear(&record);
    return status;
}

evh_status evh_site_ledger_is_behind(evh_site *site, bool *behind)
{
    sought s = {.found = false};
    bool noted = false;
    evh_status status = evh_ok();
    *behind = true;
    EVH_TRY(read_noted(site, &noted, &s.position));
    if (site->ledger != NULL && noted && s.position.sequence > 0)
        EVH_TRY(evh_ledger_visit(site->ledger, compare_entry, &s));
    *behind = noted && s.position.sequence > 0 && !s.found;
done:
    return status;
}

/* ---- following ---- */

static const char distrust[] = "Do not send anything. Keep LEDGER.mirror as it is: it is the "
                               "evidence. Show this message to the "
                               "helper's operator and to your auditor.";
static const char later[] =
    "This can be a matter of moments: try again. If it stays, ask the leader's "
    "operator whether the helper is reachable.";

static const char *advice_for(evh_follow_finding finding)
{
    switch (finding) {
    case EVH_FOLLOW_NOT_COSIGNED:
        return later;
    case EVH_FOLLOW_OTHER_LOG:
    case EVH_FOLLOW_NOT_SIGNED:
        return "Is leader: the right address, and are the keys under trust: those of your "
               "invitation? "
               "If they are, do not send anything, and ask the helper's operator.";
    default:
        return distrust;
    }
}

static const char *words_for(evh_follow_finding finding)
{
    switch (finding) {
    case EVH_FOLLOW_OTHER_LOG:
        return "the leader shows another log than the one that you trust";
    case EVH_FOLLOW_NOT_SIGNED:
        return "the log's checkpoint is not signed by the key that you trust";
    case EVH_FOLLOW_NOT_COSIGNED:
        return "the log's checkpoint does not carry the helper's cosignature";
    case EVH_FOLLOW_ROLLED_BACK:
        return "the log was rolled back: it is shorter than what this site has seen";
    case EVH_FOLLOW_FORKED:
        return "the log was forked: it does not extend what this site has seen";
    default:
        return "the log's entries are not those that its checkpoint covers";
    }
}

evh_status evh_site_follow(evh_site *site)
{
    const evh_follow_policy policy = {.log = &site->config->trust.log,
                                      .helper = &site->config->trust.witness};
    evh_status status = evh_ok();
    site->advice = NULL;
    status = evh_follow_sync(site->mirror, &site->followed, &site->leader.calls, &policy,
                             evh_mirror_visit, site);
    switch (site->followed.finding) {
    case EVH_FOLLOW_OTHER_LOG:
    case EVH_FOLLOW_NOT_SIGNED:
    case EVH_FOLLOW_NOT_COSIGNED:
    case EVH_FOLLOW_ROLLED_BACK:
    case EVH_FOLLOW_FORKED:
    case EVH_FOLLOW_MISMATCH:
        site->advice = advice_for(site->followed.finding);
        return evh_fail(EVH_ERR_PRIVACY, "%s", words_for(site->followed.finding));
    case EVH_FOLLOW_MALFORMED:
        return evh_fail(EVH_ERR_REFUSED, "the leader's answer cannot be read: %s", status.text);
    case EVH_FOLLOW_VISIT:
        if (status.code == EVH_ERR_PRIVACY || status.code == EVH_ERR_STORE ||
            status.code == EVH_ERR_MEMORY)
            return status;
        site->advice = distrust;
        return evh_fail(EVH_ERR_PRIVACY, "the log has an entry that breaks its rules: %s",
                        status.text);
    default:
        return status;
    }
}
