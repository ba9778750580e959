/*
 * Every cap of the project stands here and nowhere else.  A size is in bytes
 * unless its name says otherwise.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* Files that an administrator writes. */
#define LIMIT_CONFIG_FILE (64 * 1024)
#define LIMIT_POLICY_FILE (4 * 1024 * 1024)
#define LIMIT_ROWS 2000000 /* lines that a policy may give, in all */
#define LIMIT_RULES 5000 /* of a document, for users and for groups each */
#define LIMIT_TOKEN_FILE 4096
#define LIMIT_DENY_FILE (4 * 1024 * 1024)
#define LIMIT_DENIED (256 * 1024) /* fingerprints of a KRL */
#define LIMIT_KRL (16 * 1024 * 1024)
#define LIMIT_CONFIG_VALUE 256 /* more than inih reads */
#define LIMIT_SOCKET_PATH 108 /* sun_path of unix(7), a NUL included */

/* What the portal may send. */
#define LIMIT_ANSWER (64 * 1024 * 1024) /* a source, expanded */
#define LIMIT_ANSWER_ERROR (64 * 1024) /* a body that is no 2xx */
#define LIMIT_KEYS 200000 /* keys in a source */
#define LIMIT_MEMBERS 100000 /* of a project */
#define LIMIT_ROLES 16 /* of a member */
#define LIMIT_PAGES 2000 /* pages of a list */
#define LIMIT_URL 2048
#define LIMIT_ETAG 256
#define LIMIT_TEXT 1024 /* label, owner, id, tag */
#define LIMIT_TAGS 64 /* tags of a key */
#define LIMIT_KEY_TEXT (16 * 1024) /* what a customer pasted */
#define LIMIT_RETRY_AFTER_MS (3600 * INT64_C(1000))
#define LIMIT_DATE_S INT64_C(253402300799) /* the end of the year 9999 */
#define LIMIT_BACKOFF_MS (300 * INT64_C(1000))

/* Keys and the lines made of them. */
#define LIMIT_KEY_BLOB 4096
#define LIMIT_COMMENT 256
#define LIMIT_OPTIONS 4096
#define LIMIT_LINE (16 * 1024)
#define LIMIT_FROM 256 /* entries of a from list */
#define LIMIT_HOST_PATTERN 254 /* with a NUL */

/* The snapshot. */
#define LIMIT_SNAPSHOT (1024 * 1024 * 1024)
#define LIMIT_RECORD (256 * 1024 * 1024)
#define LIMIT_USER_NAME 256
#define LIMIT_REASON 384

/* The log: lines of one reason that are told at once, how long it takes until
 * one more may be, and of how many reasons that is known at a time. */
#define LIMIT_LOG_BURST 5
#define LIMIT_LOG_REFILL_MS (60 * INT64_C(1000))
#define LIMIT_LOG_STATES 64 /* of the machine: sources, files */
#define LIMIT_LOG_REFUSALS 96 /* of an account and a key, by lookups */
#define LIMIT_LOG_LEFT_OUT 32 /* of keys in a source */
#define LIMIT_LOG_TEXT 1900 /* of a line */
#define LIMIT_LOG_TRIES 20 /* for the lock, LIMIT_LOG_PAUSE_NS apart */
#define LIMIT_LOG_PAUSE_NS (100 * 1000)

/* The fetcher, should a cap of its own fail.  (Sockets, their names' threads
 * and all of the account's processes count; others may share the account.) */
#define LIMIT_FETCH_MEMORY (UINT64_C(6) * 1024 * 1024 * 1024) /* addresses */
#define LIMIT_FETCH_FILES 256
#ifndef LIMIT_FETCH_OVERTIME_MS /* a test has less time */
#define LIMIT_FETCH_OVERTIME_MS 10000 /* beyond `timeout`; then it is ended */
#endif
#define LIMIT_FETCH_PROCESSES 8192
#define LIMIT_TRUST_LINKS 4096 /* links in a folder of certificates */

/* The service.  (A test has no two minutes.) */
#define LIMIT_SERVE_CLIENTS 64 /* who wait for one fetch; others follow it */
#define LIMIT_SERVE_FOLLOWERS 4096 /* answered after one fetch */
#ifndef LIMIT_SERVE_IDLE_MS
#define LIMIT_SERVE_IDLE_MS (120 * 1000) /* libcurl drops connections then */
#define LIMIT_SERVE_PAUSE_MS 1000 /* after a failure */
#endif

#endif
