/*
 * A web server for tests that does what its routes say, in a child process
 * on a loopback port that the system chooses.  Each connection has a process
 * of its own, so that one that hangs holds up no other.
 */
#ifndef TESTS_UNIT_HTTPD_H
#define TESTS_UNIT_HTTPD_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#define HTTPD_SEEN 4096

/* A request as it came; "" for a header that was not there. */
struct httpd_request {
	char path[512]; /* with the query */
	char token[256], etag[512], accept[128], agent[128], encoding[128];
	char authorization[128];
	unsigned nth; /* of this path, from 1 on */
	pid_t pid; /* of its connection */
};

struct httpd_route {
	const char *path;
	unsigned nth; /* this request of the path alone; 0: any */
	int status; /* 0: act alone answers */
	const char *headers; /* lines with \r\n, or NULL */
	const char *body; /* NULL: none */
	const char *etag; /* sent; 304 for a request that names it */
	/* Instead of the above. */
	void (*act)(int fd, const struct httpd_request *req);
};

struct httpd_shared;

struct httpd {
	pid_t pid;
	int port;
	char origin[32]; /* http://127.0.0.1:PORT */
	struct httpd_shared *shared;
};

/* 0, or -1.  The first route that fits answers; none: 404. */
int httpd_start(struct httpd *h, const struct httpd_route *routes, size_t n);
void httpd_stop(struct httpd *h);

/* How many requests came for the path (NULL: for any), and the last one. */
unsigned httpd_count(const struct httpd *h, const char *path);
const struct httpd_request *httpd_last(const struct httpd *h, const char *path);

/* For act: sends bytes, ending the connection's process if that fails. */
void httpd_send(int fd, const void *data, size_t len);
void httpd_sends(int fd, const char *s);
/* A whole answer. */
void httpd_answer(
    int fd, int status, const char *headers, const void *body, size_t len);
/* Waits until the client has gone. */
void httpd_hang(int fd);

#endif
