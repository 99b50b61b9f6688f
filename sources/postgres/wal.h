/* The replication connection: the stream of a slot as frames, keepalives answered,
 * and the position that the server may forget confirmed.
 * Layer: source. Task thread; never blocks but in wal_open and wal_create_slot. */
#ifndef PG_WAL_H
#define PG_WAL_H

#include "sources/postgres/link.h"

struct wal {
    PGconn *conn;
    char *frame;       /* libpq's, of the last read */
    uint64_t received; /* furthest position seen in any frame */
    uint64_t decoded;  /* the server has read so far, and sent us all of it that is committed */
    uint64_t confirmed;
    uint64_t held; /* the server keeps all WAL from about here on for us; 0: not known */
    const struct pg_config *config;
    PGconn *side; /* for plain SQL beside the stream: borrowed; NULL: none */
    char state[6]; /* SQLSTATE of the error that ended the stream, or "" */
    int status_ms;
    int64_t next_status; /* monotonic */
    bool reply_due;
    bool asks;  /* with the next status, how far the server is */
    bool urged; /* the server asked for a word: it stops once we have let go of all that it sent */
    int64_t heard, asked; /* monotonic: when the server last said anything; when it was asked to; 0 */
    int64_t silence_ms;   /* so long it may be mute; 0: for ever */
    int64_t stuck_since; /* monotonic; when the server first did not take our word; 0: it does */
};

struct wal_message {
    uint64_t lsn;        /* where the message starts in the WAL; 0 for RELATION */
    struct kc_text body; /* lives until the next read */
};

/* Logs in for replication; *wal zeroed before. */
struct kc_error *wal_open(struct wal *wal, const struct pg_config *config,
                          int stop_fd) KC_MUST_CHECK;
/* Makes a slot; `temporary` ones end with the connection. The snapshot that the server
 * exports can be used until the connection does anything else. snapshot may be NULL; both texts
 * are to be freed. */
struct kc_error *wal_create_slot(struct wal *wal, const struct pg_config *config, const char *slot,
                                 bool temporary, int stop_fd, char **consistent_point,
                                 char **snapshot) KC_MUST_CHECK;
/* Starts to stream from that position. The server's wal_sender_timeout makes us tell of ourselves more
 * often, if need be; and unless it is 0, a server that is mute for twice as long and
 * connection.validation.timeout.ms, though asked, is taken for gone (KC_RETRY). */
struct kc_error *wal_start(struct wal *wal, const struct pg_config *config, uint64_t lsn,
                           int stop_fd) KC_MUST_CHECK;
/* The next message, if one has arrived: *got says so. Sends status when it is due. */
struct kc_error *wal_read(struct wal *wal, struct wal_message *message, bool *got) KC_MUST_CHECK;
/* Waits until something arrives (true), stop_fd is readable, or ms went by; less when a status is
 * due. */
bool wal_wait(struct wal *wal, int stop_fd, int ms);
/* The same, and until other_fd is readable; -1: none. */
bool wal_wait_either(struct wal *wal, int other_fd, int stop_fd, int ms);
/* Asks the server how far it has decoded (wal->decoded), which it else tells rarely. */
struct kc_error *wal_ask(struct wal *wal) KC_MUST_CHECK;
/* All before this position is safe elsewhere; told to the server soon. Never goes back. */
void wal_confirm(struct wal *wal, uint64_t lsn);
/* Sends a status if it is due. Does not wait; when the connection has not taken it for
 * lsn.flush.timeout.ms, does what lsn.flush.timeout.action says. */
struct kc_error *wal_status(struct wal *wal) KC_MUST_CHECK;
/* Ends the connection, and forgets nothing. */
void wal_hang_up(struct wal *wal);
void wal_close(struct wal *wal);

#endif
