#include "sources/postgres/reader.h"

#include <poll.h>

struct kc_error *reader_start(struct reader *reader, const struct piece *piece, const char *sql)
{
    struct kc_error *err = link_settle(reader->conn, reader->stop_fd);
    if (!err)
        err = link_send(reader->conn, sql);
    if (err)
        return err;
    reader->piece = piece;
    reader->rows = 0;
    reader->starting = true;
    reader->over = false;
    return NULL;
}

static bool needs_rows(const struct reader *reader)
{
    return reader->piece && !reader->over && !reader->next.line;
}

/* The server may sort all rows of a piece before it answers at all. */
static struct kc_error *begin_copy(struct reader *reader)
{
    bool done;
    struct kc_error *err = link_receive(reader->conn, &reader->answer, &done);
    if (err || done)
        link_result_clear(&reader->answer);
    reader->starting = !err && !done;
    return err;
}

struct kc_error *reader_fill(struct reader *reader)
{
    bool consumed = false;
    struct kc_error *err = reader->piece && reader->starting ? begin_copy(reader) : NULL;
    if (err)
        return err;
    while (needs_rows(reader) && !reader->starting) {
        struct row row = {0};
        row.len = PQgetCopyData(reader->conn, &row.line, 1);
        if (row.len > 0 && !reader->ahead.line) {
            reader->ahead = row;
        } else if (row.len > 0) {
            reader->next = row;
        } else if (row.len == -1) {
            reader->over = true;
        } else if (row.len < -1) {
            return link_error(reader->conn, NULL);
        } else if (consumed) {
            return NULL;
        } else if (!PQconsumeInput(reader->conn)) {
            return link_error(reader->conn, NULL);
        } else {
            consumed = true;
            continue;
        }
        consumed = false;
    }
    return NULL;
}

struct row reader_take(struct reader *reader)
{
    struct row row = reader->ahead;
    reader->ahead = reader->next;
    reader->next = (struct row){0};
    reader->rows++;
    return row;
}

struct kc_error *reader_finish(struct reader *reader)
{
    reader->piece = NULL;
    return link_finish(reader->conn, reader->stop_fd);
}

void reader_clear(struct reader *reader)
{
    PQfreemem(reader->ahead.line);
    PQfreemem(reader->next.line);
    link_result_clear(&reader->answer);
    reader->ahead = reader->next = (struct row){0};
    reader->piece = NULL;
}

bool readers_wait(const struct reader *readers, size_t count, int stop_fd, int ms)
{
    struct pollfd fds[count + 1];
    size_t n = 0;
    fds[n++] = (struct pollfd){.fd = stop_fd, .events = POLLIN};
    for (size_t i = 0; i < count; i++)
        if (needs_rows(&readers[i]))
            fds[n++] = (struct pollfd){.fd = PQsocket(readers[i].conn), .events = POLLIN};
    return poll(fds, (nfds_t)n, ms) > 0 && !fds[0].revents;
}
