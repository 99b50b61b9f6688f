/* sink_floor CONNINFO TABLE ROWS [WAY [BATCH]]: the floor of a sink. Upserts ROWS rows made up on the spot
 * into TABLE (laid out as bench/bench makes it), BATCH (1000) of them a statement and transaction, and
 * prints `ROWS SECONDS`.
 *
 * WAY: unnest  INSERT ... SELECT FROM unnest(arrays as text) ON CONFLICT, one PQexecParams after the other
 *              (the default, what `make bench` compares with)
 *      binary  the same with arrays in binary form
 *      copy    COPY into a temporary table, then INSERT ... SELECT from that ON CONFLICT */
#include <endian.h>
#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COLUMNS 6

static const char *const names[COLUMNS] = { "id", "name", "price", "quantity", "made", "note" };
static const char *const types[COLUMNS] = { "int4", "text", "numeric", "int4", "timestamp", "text" };
static const Oid elements[COLUMNS] = { 23, 25, 1700, 23, 1114, 25 };

struct text {
    char *data;
    size_t len, size;
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(PGconn *connection)
{
    fprintf(stderr, "sink_floor: %s", PQerrorMessage(connection));
    exit(1);
}

static void put(struct text *text, const void *data, size_t len)
{
    if (text->len + len + 1 > text->size) {
        text->size = (text->len + len + 1) * 2;
        text->data = realloc(text->data, text->size);
        if (!text->data)
            exit(1);
    }
    memcpy(text->data + text->len, data, len);
    text->len += len;
    text->data[text->len] = '\0';
}

static void put32(struct text *text, uint32_t number)
{
    number = htobe32(number);
    put(text, &number, 4);
}

static void run(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);

    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        fail(connection);
    PQclear(result);
}

/* One value of a row as text. */
static void value(char *out, size_t size, int column, long row)
{
    switch (column) {
    case 0:
        snprintf(out, size, "%ld", row);
        break;
    case 1:
        snprintf(out, size, "article number %ld", row);
        break;
    case 2:
        snprintf(out, size, "%ld.%02ld", row % 100000 / 100, row % 100);
        break;
    case 3:
        snprintf(out, size, "%ld", row % 1000);
        break;
    case 4:
        snprintf(out, size, "2024-01-%02ld %02ld:%02ld:%02ld", 1 + row / 86400 % 28, row / 3600 % 24,
                 row / 60 % 60, row % 60);
        break;
    default:
        snprintf(out, size, "a note that is long enough to be a note %ld", row % 97);
    }
}

static void text_array(struct text *array, int column, long from, long to)
{
    char one[128];

    array->len = 0;
    for (long row = from; row < to; row++) {
        put(array, row == from ? "{\"" : ",\"", 2);
        value(one, sizeof(one), column, row);
        put(array, one, strlen(one));
        put(array, "\"", 1);
    }
    put(array, "}", 1);
}

/* numeric goes as text inside: see statement(). */
static void binary_array(struct text *array, int column, long from, long to)
{
    char one[128];

    array->len = 0;
    put32(array, 1);
    put32(array, 0);
    put32(array, column == 2 ? 25 : elements[column]);
    put32(array, (uint32_t)(to - from));
    put32(array, 1);
    for (long row = from; row < to; row++) {
        if (column == 0 || column == 3) {
            put32(array, 4);
            put32(array, (uint32_t)(column ? row % 1000 : row));
        } else if (column == 4) {
            uint64_t micros = htobe64((uint64_t)(757382400 + row) * 1000000);
            put32(array, 8);
            put(array, &micros, 8);
        } else {
            value(one, sizeof(one), column, row);
            put32(array, (uint32_t)strlen(one));
            put(array, one, strlen(one));
        }
    }
}

static void statement(char *sql, size_t size, const char *table, int binary, int copy)
{
    size_t at = (size_t)snprintf(sql, size, "INSERT INTO %s SELECT ", table);

    for (int i = 0; i < COLUMNS; i++)
        at += (size_t)snprintf(sql + at, size - at, "%su.%s%s", i ? ", " : "", names[i],
                               binary && i == 2 ? "::numeric" : "");
    at += (size_t)snprintf(sql + at, size - at, copy ? " FROM floor_stage u" : " FROM unnest(");
    for (int i = 0; !copy && i < COLUMNS; i++)
        at += (size_t)snprintf(sql + at, size - at, "%s$%d::%s[]", i ? ", " : "", i + 1,
                               binary && i == 2 ? "text" : types[i]);
    if (!copy)
        at += (size_t)snprintf(sql + at, size - at, ") AS u(id, name, price, quantity, made, note)");
    at += (size_t)snprintf(sql + at, size - at, " ON CONFLICT (id) DO UPDATE SET ");
    for (int i = 1; i < COLUMNS; i++)
        at += (size_t)snprintf(sql + at, size - at, "%s%s = EXCLUDED.%s", i > 1 ? ", " : "", names[i],
                               names[i]);
}

static void copy_rows(PGconn *connection, struct text *line, long from, long to)
{
    char one[128];

    line->len = 0;
    for (long row = from; row < to; row++)
        for (int i = 0; i < COLUMNS; i++) {
            value(one, sizeof(one), i, row);
            put(line, one, strlen(one));
            put(line, i == COLUMNS - 1 ? "\n" : "\t", 1);
        }
    PGresult *result = PQexec(connection, "COPY floor_stage FROM STDIN");
    if (PQresultStatus(result) != PGRES_COPY_IN)
        fail(connection);
    PQclear(result);
    if (PQputCopyData(connection, line->data, (int)line->len) != 1 || PQputCopyEnd(connection, NULL) != 1)
        fail(connection);
    while ((result = PQgetResult(connection))) {
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            fail(connection);
        PQclear(result);
    }
}

int main(int argc, char **argv)
{
    struct text arrays[COLUMNS] = { { 0 } };
    const char *values[COLUMNS];
    int lengths[COLUMNS], formats[COLUMNS];
    char sql[4096];

    if (argc < 4) {
        fprintf(stderr, "sink_floor CONNINFO TABLE ROWS [unnest|binary|copy [BATCH]]\n");
        return 2;
    }
    long rows = atol(argv[3]), batch = argc > 5 ? atol(argv[5]) : 1000;
    int binary = argc > 4 && strcmp(argv[4], "binary") == 0, copy = argc > 4 && strcmp(argv[4], "copy") == 0;
    PGconn *connection = PQconnectdb(argv[1]);
    if (PQstatus(connection) != CONNECTION_OK)
        fail(connection);
    if (copy) {
        snprintf(sql, sizeof(sql), "CREATE TEMP TABLE floor_stage (LIKE %s) ON COMMIT DELETE ROWS", argv[2]);
        run(connection, sql);
    }
    statement(sql, sizeof(sql), argv[2], binary, copy);
    double since = now();
    for (long from = 1; from <= rows; from += batch) {
        long to = from + batch <= rows ? from + batch : rows + 1;
        if (copy) {
            run(connection, "BEGIN");
            copy_rows(connection, &arrays[0], from, to);
            run(connection, sql);
            run(connection, "COMMIT");
            continue;
        }
        for (int i = 0; i < COLUMNS; i++) {
            (binary ? binary_array : text_array)(&arrays[i], i, from, to);
            values[i] = arrays[i].data;
            lengths[i] = (int)arrays[i].len;
            formats[i] = binary;
        }
        PGresult *result = PQexecParams(connection, sql, COLUMNS, NULL, values, lengths, formats, 0);
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            fail(connection);
        PQclear(result);
    }
    printf("%ld %.6f\n", rows, now() - since);
    PQfinish(connection);
    for (int i = 0; i < COLUMNS; i++)
        free(arrays[i].data);
    return 0;
}
