#include "flow/progress.h"

#include <stdlib.h>

void progress_forget(struct progress *progress)
{
    for (size_t i = 0; i < progress->count; i++)
        free((char *)progress->offsets[i].topic);
    progress->count = 0;
    progress->last = 0;
}

void progress_clear(struct progress *progress)
{
    progress_forget(progress);
    free(progress->offsets);
    free(progress->committed);
    *progress = (struct progress){ .count = 0 };
}

static bool is(const struct consumer_offset *offset, const char *topic, int32_t partition)
{
    return offset->partition == partition && strcmp(offset->topic, topic) == 0;
}

static size_t find(struct progress *progress, const char *topic, int32_t partition)
{
    if (progress->last < progress->count && is(&progress->offsets[progress->last], topic, partition))
        return progress->last;
    for (size_t i = 0; i < progress->count; i++)
        if (is(&progress->offsets[i], topic, partition))
            return progress->last = i;
    if (progress->count == progress->cap) {
        progress->cap = progress->cap ? progress->cap * 2 : 16;
        progress->offsets = kc_realloc(progress->offsets, progress->cap * sizeof(*progress->offsets));
        progress->committed = kc_realloc(progress->committed, progress->cap * sizeof(int64_t));
    }
    progress->offsets[progress->count] = (struct consumer_offset){ kc_strdup(topic), partition, 0 };
    progress->committed[progress->count] = -1;
    return progress->last = progress->count++;
}

void progress_batch(struct progress *progress, const struct kc_batch *batch)
{
    for (const struct kc_record *r = batch->first; r; r = r->next) {
        size_t i = find(progress, r->origin_topic, r->origin_partition);
        progress->offsets[i].offset = r->offset + 1;
    }
}

struct consumer_offset *progress_take(const struct progress *progress, size_t *count)
{
    struct consumer_offset *offsets = NULL;

    *count = 0;
    for (size_t i = 0; i < progress->count; i++) {
        if (progress->offsets[i].offset == progress->committed[i])
            continue;
        if (!offsets)
            offsets = kc_calloc(progress->count, sizeof(*offsets));
        offsets[(*count)++] = progress->offsets[i];
    }
    return offsets;
}

void progress_committed(struct progress *progress, const struct consumer_offset *offsets,
                        size_t count)
{
    for (size_t n = 0; n < count; n++) {
        size_t i = find(progress, offsets[n].topic, offsets[n].partition);
        progress->committed[i] = offsets[n].offset;
    }
}
