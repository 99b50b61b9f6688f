#include "sources/postgres/increment_notify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sources/common/notifications.h"

static void say(const struct incremental *increment, const char *type,
                const struct notification_pair *pairs)
{
    notifications_say(increment->maker->notifications, increment->agenda.correlation,
                      "Incremental Snapshot", type, pairs);
}

static char *tables(const struct incremental *increment)
{
    KC_AUTO_BUF list = KC_BUF(0);
    for (size_t i = 0; i < increment->agenda.count; i++)
        kc_buf_printf(&list, "%s%s", i ? "," : "", increment->agenda.tables[i].id);
    return kc_buf_take(&list);
}

static char *place_text(const struct chunk_place *place)
{
    KC_AUTO_BUF list = KC_BUF(0);
    for (size_t i = 0; i < place->count; i++)
        kc_buf_printf(&list, "%s%s", i ? "," : "", place->texts[i] ? place->texts[i] : "<null>");
    return kc_buf_take(&list);
}

struct numeral {
    char text[24];
};

static const char *numeral(struct numeral *numeral, int64_t number)
{
    snprintf(numeral->text, sizeof(numeral->text), "%" PRId64, number);
    return numeral->text;
}

void increment_tell(const struct incremental *increment, const char *type)
{
    char *all = tables(increment);
    say(increment, type, (struct notification_pair[]){{"data_collections", all}, {NULL, NULL}});
    free(all);
}

void increment_tell_progress(const struct incremental *increment)
{
    const int64_t rows = increment->agenda.rows, size = increment->maker->config->chunk_size;
    char *all = tables(increment), *last = place_text(&increment->end);
    char *maximum = place_text(&increment->maximum);
    struct numeral number, total, chunks;
    const struct notification_pair pairs[] = {
        {"data_collections", all},
        {"current_collection_in_progress", increment->agenda.tables[0].id},
        {"maximum_key", maximum},
        {"last_processed_key", last},
        {"chunk_index", numeral(&number, increment->chunks)},
        /* The offset of an earlier version does not tell how many there are. */
        {rows >= 0 ? "total_rows" : NULL, numeral(&total, rows)},
        {"total_chunks", numeral(&chunks, size > 0 ? (rows + size - 1) / size : 1)},
        {NULL, NULL},
    };
    say(increment, "IN_PROGRESS", pairs);
    free(all);
    free(last);
    free(maximum);
}

void increment_tell_scanned(const struct incremental *increment, const char *status)
{
    const int64_t rows = increment->agenda.rows;
    char *all = tables(increment);
    struct numeral scanned, total;
    const struct notification_pair pairs[] = {
        {"total_rows", numeral(&total, rows)},
        {"data_collections", all},
        {"scanned_collection", increment->agenda.tables[0].id},
        {"total_rows_scanned", numeral(&scanned, increment->scanned)},
        {"status", status},
        {NULL, NULL},
    };
    say(increment, "TABLE_SCAN_COMPLETED", pairs + (rows < 0));
    free(all);
}

void increment_tell_completed(const struct incremental *increment, const char *signal)
{
    notifications_say(increment->maker->notifications, signal, "Incremental Snapshot", "COMPLETED",
                      NULL);
}

void increment_tell_aborted(const struct incremental *increment, char *const *names, size_t count)
{
    KC_AUTO_BUF list = KC_BUF(0);
    kc_buf_str(&list, "");
    for (size_t i = 0; i < count; i++)
        kc_buf_printf(&list, "%s%s", i ? "," : "", names[i]);
    say(increment, "ABORTED",
        (struct notification_pair[]){{"data_collections", list.data}, {NULL, NULL}});
}
