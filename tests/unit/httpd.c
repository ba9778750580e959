/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "tests/unit/httpd.h"

#define REQUEST_SIZE 8192

struct httpd_shared {
	atomic_uint n;
	struct httpd_request seen[HTTPD_SEEN];
};

void
httpd_send(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	for (; len > 0; p += n, len -= (size_t)n) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			_exit(0);
	}
}

void
httpd_sends(int fd, const char *s)
{
	httpd_send(fd, s, strlen(s));
}

void
httpd_answer(
    int fd, int status, const char *headers, const void *body, size_t len)
{
	char head[1024];
	int n;

	n = snprintf(head, sizeof(head),
	    "HTTP/1.1 %d X\r\n%s"
	    "Content-Length: %zu\r\n\r\n",
	    status, headers == NULL ? "" : headers, len);
	if (n < 0 || (size_t)n >= sizeof(head))
		_exit(1);
	httpd_send(fd, head, (size_t)n);
	if (len > 0)
		httpd_send(fd, body, len);
}

void
httpd_hang(int fd)
{
	struct pollfd pfd = {fd, POLLRDHUP, 0};

	(void)poll(&pfd, 1, 60 * 1000);
	_exit(0);
}

/* The header's value to dst, cut to fit; "" where it is not there. */
static void
header(const char *req, const char *name, char *dst, size_t size)
{
	size_t n = strlen(name), len;
	const char *p;

	dst[0] = '\0';
	for (p = req; (p = strstr(p, "\r\n")) != NULL;) {
		p += 2;
		if (strncasecmp(p, name, n) != 0 || p[n] != ':')
			continue;
		p += n + 1;
		p += strspn(p, " ");
		len = strcspn(p, "\r");
		if (len >= size)
			len = size - 1;
		memcpy(dst, p, len);
		dst[len] = '\0';
		return;
	}
}

/* Notes the request where the test can see it. */
static struct httpd_request
note(struct httpd_shared *sh, const char *text)
{
	struct httpd_request r = {.pid = getpid()};
	unsigned i, at = atomic_load(&sh->n);

	if (sscanf(text, "GET %511s HTTP/1.", r.path) != 1)
		_exit(1);
	header(text, "X-Auth-Token", r.token, sizeof(r.token));
	header(text, "If-None-Match", r.etag, sizeof(r.etag));
	header(text, "Accept", r.accept, sizeof(r.accept));
	header(text, "User-Agent", r.agent, sizeof(r.agent));
	header(text, "Accept-Encoding", r.encoding, sizeof(r.encoding));
	header(text, "Authorization", r.authorization, sizeof(r.authorization));
	for (i = 0, r.nth = 1; i < at && i < HTTPD_SEEN; i++) {
		if (strcmp(sh->seen[i].path, r.path) == 0)
			r.nth++;
	}
	at = atomic_fetch_add(&sh->n, 1);
	if (at < HTTPD_SEEN)
		sh->seen[at] = r;
	return r;
}

static void
serve_route(
    int fd, const struct httpd_route *rt, const struct httpd_request *req)
{
	char headers[768];

	if (rt->act != NULL) {
		rt->act(fd, req);
		return;
	}
	(void)snprintf(headers, sizeof(headers), "%s%s%s%s",
	    rt->headers != NULL ? rt->headers : "",
	    rt->etag != NULL ? "ETag: " : "", rt->etag != NULL ? rt->etag : "",
	    rt->etag != NULL ? "\r\n" : "");
	if (rt->etag != NULL && strcmp(rt->etag, req->etag) == 0) {
		httpd_sends(fd, "HTTP/1.1 304 X\r\n");
		httpd_sends(fd, headers);
		httpd_sends(fd, "\r\n");
		return;
	}
	httpd_answer(fd, rt->status, headers, rt->body,
	    rt->body == NULL ? 0 : strlen(rt->body));
}

static void
serve_request(int fd, struct httpd_shared *sh, const char *text,
    const struct httpd_route *routes, size_t n)
{
	struct httpd_request req = note(sh, text);
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(routes[i].path, req.path) == 0 &&
		    (routes[i].nth == 0 || routes[i].nth == req.nth)) {
			serve_route(fd, &routes[i], &req);
			return;
		}
	}
	httpd_answer(fd, 404, NULL, "{\"errors\":[\"Not found\"]}", 24);
}

/* One connection, request after request. */
static void
serve(
    int fd, struct httpd_shared *sh, const struct httpd_route *routes, size_t n)
{
	char text[REQUEST_SIZE];
	size_t len = 0;
	ssize_t got;

	for (;;) {
		got = recv(fd, text + len, sizeof(text) - 1 - len, 0);
		if (got <= 0)
			_exit(0);
		len += (size_t)got;
		text[len] = '\0';
		if (strstr(text, "\r\n\r\n") == NULL)
			continue;
		serve_request(fd, sh, text, routes, n);
		len = 0;
	}
}

static void
accept_all(int sock, struct httpd_shared *sh, const struct httpd_route *routes,
    size_t n)
{
	int fd, on = 1;

	(void)signal(SIGCHLD, SIG_IGN);
	for (;;) {
		if ((fd = accept(sock, NULL, NULL)) == -1)
			continue;
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		if (fork() == 0) {
			(void)close(sock);
			serve(fd, sh, routes, n);
		}
		(void)close(fd);
	}
}

static int
listen_loopback(struct httpd *h)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	socklen_t len = sizeof(sin);
	int sock;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return -1;
	if (bind(sock, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(sock, 64) == -1 ||
	    getsockname(sock, (struct sockaddr *)&sin, &len) == -1) {
		(void)close(sock);
		return -1;
	}
	h->port = ntohs(sin.sin_port);
	(void)snprintf(
	    h->origin, sizeof(h->origin), "http://127.0.0.1:%d", h->port);
	return sock;
}

int
httpd_start(struct httpd *h, const struct httpd_route *routes, size_t n)
{
	int sock;

	*h = (struct httpd){.pid = -1};
	h->shared = mmap(NULL, sizeof(*h->shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (h->shared == MAP_FAILED)
		return -1;
	if ((sock = listen_loopback(h)) == -1 || (h->pid = fork()) == -1) {
		(void)munmap(h->shared, sizeof(*h->shared));
		return -1;
	}
	if (h->pid == 0) {
		/* A group of its own, so that all connections end with it. */
		(void)setpgid(0, 0);
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		accept_all(sock, h->shared, routes, n);
	}
	(void)setpgid(h->pid, h->pid);
	(void)close(sock);
	return 0;
}

void
httpd_stop(struct httpd *h)
{
	if (h->pid <= 0)
		return;
	(void)kill(-h->pid, SIGKILL);
	(void)waitpid(h->pid, NULL, 0);
	(void)munmap(h->shared, sizeof(*h->shared));
	h->pid = -1;
}

unsigned
httpd_count(const struct httpd *h, const char *path)
{
	unsigned i, n = atomic_load(&h->shared->n), count = 0;

	for (i = 0; i < n && i < HTTPD_SEEN; i++) {
		if (path == NULL || strcmp(h->shared->seen[i].path, path) == 0)
			count++;
	}
	return count;
}

const struct httpd_request *
httpd_last(const struct httpd *h, const char *path)
{
	unsigned i = atomic_load(&h->shared->n);

	if (i > HTTPD_SEEN)
		i = HTTPD_SEEN;
	while (i-- > 0) {
		if (strcmp(h->shared->seen[i].path, path) == 0)
			return &h->shared->seen[i];
	}
	return NULL;
}
