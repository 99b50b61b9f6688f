/* copy_floor CONNINFO QUERY: the floor of a snapshot. Reads COPY (QUERY) TO STDOUT through libpq, does
 * nothing with the rows, and prints `ROWS BYTES SECONDS`. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(PGconn *connection)
{
    fprintf(stderr, "copy_floor: %s", PQerrorMessage(connection));
    exit(1);
}

int main(int argc, char **argv)
{
    char query[4096];
    long long rows = 0, bytes = 0;
    char *line;
    int length;

    if (argc != 3 || snprintf(query, sizeof query, "COPY (%s) TO STDOUT", argv[2]) >= (int)sizeof query) {
        fprintf(stderr, "copy_floor CONNINFO QUERY\n");
        return 2;
    }
    double since = now();
    PGconn *connection = PQconnectdb(argv[1]);
    if (PQstatus(connection) != CONNECTION_OK)
        fail(connection);
    PGresult *result = PQexec(connection, query);
    if (PQresultStatus(result) != PGRES_COPY_OUT)
        fail(connection);
    PQclear(result);
    while ((length = PQgetCopyData(connection, &line, 0)) > 0) {
        rows++;
        bytes += length;
        PQfreemem(line);
    }
    if (length == -2)
        fail(connection);
    result = PQgetResult(connection);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        fail(connection);
    PQclear(result);
    PQfinish(connection);
    printf("%lld %lld %.6f\n", rows, bytes, now() - since);
    return 0;
}
