#include "sinks/postgres/send.h"

#include <stdlib.h>

/* ---- what is kept ---- */

struct jdbc_sent *pg_sent_new(void)
{
    return kc_calloc(1, sizeof(struct jdbc_sent));
}

void pg_sent_free(struct jdbc_sent *sent)
{
    if (!sent)
        return;
    for (size_t i = 0; i < sent->cap; i++) {
        struct pg_statement *statement = &sent->statements[i];
        for (size_t k = 0; k < statement->n_params; k++)
            kc_buf_clear(&statement->params[k]);
        free(statement->params);
        free(statement->places);
    }
    free(sent->statements);
    kc_map_clear(&sent->topics, free);
    free(sent);
}

/* Statements of earlier rounds lend their memory. */
static struct pg_statement *sent_next(struct jdbc_sent *sent, size_t n_params)
{
    if (sent->count == sent->cap) {
        size_t cap = sent->cap;
        sent->statements =
            kc_grow(sent->statements, sent->count, &sent->cap, sizeof(*sent->statements));
        memset(sent->statements + cap, 0, (sent->cap - cap) * sizeof(*sent->statements));
    }
    struct pg_statement *statement = &sent->statements[sent->count++];
    if (n_params > statement->n_params) {
        statement->params = kc_realloc(statement->params, n_params * sizeof(*statement->params));
        for (size_t i = statement->n_params; i < n_params; i++)
            statement->params[i] = KC_BUF(0);
        statement->n_params = n_params;
    }
    statement->n_rows = 0;
    return statement;
}

static const char *sent_topic(struct jdbc_sent *sent, const char *topic)
{
    char *name = kc_map_get(&sent->topics, kc_text(topic));

    if (!name) {
        name = kc_strdup(topic);
        kc_map_set(&sent->topics, kc_text(topic), name);
    }
    return name;
}

static void sent_places(struct jdbc_sent *sent, struct pg_statement *statement,
                        const struct jdbc_group *group)
{
    const char *last = NULL, *name = NULL;

    for (size_t i = 0; i < group->n_rows; i++) {
        const struct kc_record *record = group->rows[i].record;
        const char *topic = record->origin_topic ? record->origin_topic : record->topic;
        if (topic != last)
            name = sent_topic(sent, topic);
        last = topic;
        statement->places =
            kc_grow(statement->places, i, &statement->places_cap, sizeof(*statement->places));
        statement->places[i] = (struct pg_place){ name, record->offset,
                                                  record->origin_topic ? record->origin_partition
                                                                       : record->partition };
    }
    statement->n_rows = group->n_rows;
}

/* ---- sending ---- */

static struct kc_error *send_group(struct pg_conn *conn, struct jdbc_sent *sent,
                                   const struct jdbc_group *group)
{
    const struct unnest *unnest = group->layout->compiled;
    int n = (int)unnest->n;
    struct pg_statement *statement = sent_next(sent, unnest->n);
    const char *values[n + 1];
    int lengths[n + 1], formats[n + 1];
    struct kc_error *err = NULL;

    statement->layout = group->layout;
    sent_places(sent, statement, group);
    for (int i = 0; !err && i < n; i++) {
        err = pg_bind_array(&unnest->binds[i], &group->layout->columns[i], group->rows,
                            group->n_rows, &statement->params[i], &conn->base.culprit);
        values[i] = statement->params[i].data;
        lengths[i] = (int)statement->params[i].len;
        formats[i] = 1;
    }
    if (err)
        return kc_while(err, "writing to table '%s'", group->layout->table->full);
    if (!PQsendQueryParams(conn->pg, unnest->sql, n, unnest->types, values, lengths, formats, 0) ||
        PQflush(conn->pg) < 0)
        return pg_lost(conn);
    return NULL;
}

/* Reads results up to the end of the pipeline; the first failure counts. */
static struct kc_error *send_results(struct pg_conn *conn, const struct jdbc_sent *sent)
{
    struct kc_error *failed = NULL;
    PGresult *result;
    size_t at = 0;

    for (;;) {
        struct kc_error *err = pg_result(conn, &result);
        if (err) {
            kc_error_free(failed);
            return err;
        }
        if (!result) {
            at++;
            continue;
        }
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_FATAL_ERROR && !failed) {
            failed = pg_fault(conn, result);
            if (at < sent->count)
                failed = kc_while(failed, "writing to table '%s'",
                                  sent->statements[at].layout->table->full);
        }
        PQclear(result);
        if (status == PGRES_PIPELINE_SYNC)
            break;
    }
    PQexitPipelineMode(conn->pg);
    return failed;
}

/* What went out before a row turned out to be at fault must not stand. */
static struct kc_error *send_take_back(struct pg_conn *conn, const struct jdbc_sent *sent,
                                       struct kc_error *failed)
{
    struct kc_error *err;

    if (!PQsendQueryParams(conn->pg, "ROLLBACK", 0, NULL, NULL, NULL, NULL, 0) ||
        !PQpipelineSync(conn->pg)) {
        err = pg_lost(conn);
    } else {
        err = pg_flush(conn);
        if (!err)
            err = send_results(conn, sent);
    }
    if (!err)
        return failed;
    /* That another row is at fault too is found when this one is out of the way. */
    bool lost = conn->base.broken || err->fault != KC_BAD_DATA;
    kc_error_free(lost ? failed : err);
    return lost ? err : failed;
}

/* Without BEGIN, all statements up to a Sync are one transaction:
 * https://www.postgresql.org/docs/15/protocol-flow.html#PROTOCOL-FLOW-PIPELINING */
struct kc_error *pg_send(struct jdbc_conn *base, struct jdbc_sent *sent,
                         const struct jdbc_group *groups, size_t count)
{
    struct pg_conn *conn = (struct pg_conn *)base;
    struct kc_error *err = NULL;

    base->stale = false;
    sent->count = 0;
    PQenterPipelineMode(conn->pg);
    for (size_t i = 0; !err && i < count; i++)
        err = send_group(conn, sent, &groups[i]);
    if (err)
        return base->broken ? err : send_take_back(conn, sent, err);
    if (!PQpipelineSync(conn->pg))
        return pg_lost(conn);
    return pg_flush(conn);
}

struct kc_error *pg_finish(struct jdbc_conn *base, struct jdbc_sent *sent)
{
    struct pg_conn *conn = (struct pg_conn *)base;
    struct kc_error *err = send_results(conn, sent);

    if (err && err->fault == KC_BAD_DATA && !base->stale && sent->count == 1 &&
        sent->statements[0].n_rows == 1)
        return pg_name_column(conn, &sent->statements[0], err);
    return err;
}
