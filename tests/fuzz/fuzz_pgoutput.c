/* The messages of PostgreSQL's pgoutput: whatever a decoder hands out must lie in the message. A byte
 * 0xff parts several messages, so that what one leaves in the decoder meets the next. */
#include "sources/postgres/pgoutput.h"
#include "tests/fuzz/fuzz.h"

static void must_lie_in(struct kc_text part, struct kc_text whole)
{
    if (part.len)
        FUZZ_MUST(part.ptr >= whole.ptr && part.len <= (size_t)(whole.ptr + whole.len - part.ptr));
}

static void check_tuple(const struct pgoutput_tuple *tuple, struct kc_text message)
{
    for (size_t i = 0; i < tuple->count; i++)
        if (tuple->cells[i].kind == CELL_TEXT)
            must_lie_in(tuple->cells[i].text, message);
}

static void check_change(const struct pgoutput *decoder, const struct pgoutput_change *change,
                         struct kc_text message)
{
    if (!kc_text_is(change->schema, "pg_catalog")) /* what an empty name stands for */
        must_lie_in(change->schema, message);
    must_lie_in(change->name, message);
    must_lie_in(change->content, message);
    switch (change->kind) {
    case PGOUTPUT_INSERT:
        check_tuple(&decoder->new_row, message);
        break;
    case PGOUTPUT_UPDATE:
        check_tuple(&decoder->new_row, message);
        if (change->old != OLD_NONE)
            check_tuple(&decoder->old_row, message);
        break;
    case PGOUTPUT_DELETE:
        check_tuple(&decoder->old_row, message);
        break;
    case PGOUTPUT_RELATION:
        for (size_t i = 0; i < decoder->n_columns; i++)
            must_lie_in(decoder->columns[i].name, message);
        break;
    case PGOUTPUT_TRUNCATE:
        for (uint32_t i = 0; i < change->n_relations; i++)
            (void)pgoutput_truncated(change, i);
        break;
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pgoutput decoder = { 0 };
    struct kc_text rest = fuzz_text(data, size);
    while (rest.len) {
        const char *end = memchr(rest.ptr, 0xff, rest.len);
        struct kc_text message = { rest.ptr, end ? (size_t)(end - rest.ptr) : rest.len };
        /* A copy of its own, so that a read past the message's end is seen. */
        char *copy = malloc(message.len ? message.len : 1);
        memcpy(copy, message.ptr, message.len);
        struct pgoutput_change change = { 0 };
        struct kc_error *err = pgoutput_decode(&decoder, (struct kc_text){ copy, message.len }, &change);
        if (!err)
            check_change(&decoder, &change, (struct kc_text){ copy, message.len });
        kc_error_free(err);
        free(copy);
        size_t used = message.len + (end ? 1 : 0);
        rest.ptr += used;
        rest.len -= used;
    }
    pgoutput_clear(&decoder);
    return 0;
}
