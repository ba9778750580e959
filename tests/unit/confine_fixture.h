/*
 * A cache folder, a token and two listening ports, for tests of what the
 * fetcher can still do.  Include it after cmocka.h.
 */
#ifndef TESTS_UNIT_CONFINE_FIXTURE_H
#define TESTS_UNIT_CONFINE_FIXTURE_H

#include <sys/socket.h>

#include <sys/un.h>

#include <netinet/in.h>

#include <errno.h>
#include <stdint.h>

#include "base/calls.h"
#include "base/fence.h"
#include "base/sanitized.h"
#include "cmd/confine.h"
#include "scratch.h"

/* Exit codes of children; an attack that comes through ends with 0. */
#define CAME_THROUGH 0
#define HELD_OFF 1 /* the call failed as it should */
#define BROKEN 2 /* something else failed */

struct place {
	struct config cfg;
	int cache; /* the folder */
	int listening[3]; /* on cfg.url's port, on another, and abstract */
	uint16_t other_port;
	char secret[SCRATCH_PATH]; /* a file outside the cache */
	char outside[SCRATCH_PATH]; /* a folder outside the cache */
};

/* Of an abstract socket. */
static inline socklen_t
place_abstract(const struct place *p, struct sockaddr_un *a)
{
	int n;

	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	n = snprintf(
	    a->sun_path + 1, sizeof(a->sun_path) - 1, "%.90s", p->outside);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1) +
	    (socklen_t)n;
}

static inline int
place_listen(uint16_t *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_not_equal(fd, -1);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static inline void
place_open(struct place *p, const struct scratch *s)
{
	struct sockaddr_un a;
	socklen_t len;
	uint16_t port;

	memset(p, 0, sizeof(*p));
	(void)snprintf(p->cfg.token_file, sizeof(p->cfg.token_file), "%s",
	    scratch_text(s, "token", "sesame\n", 0600));
	(void)snprintf(p->secret, sizeof(p->secret), "%s",
	    scratch_text(s, "secret", "nobody's business\n", 0600));
	(void)snprintf(p->outside, sizeof(p->outside), "%s", s->dir);
	p->cache = open(
	    scratch_dir(s, "cache", 0700), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_not_equal(p->cache, -1);
	p->listening[0] = place_listen(&port);
	p->listening[1] = place_listen(&p->other_port);
	len = place_abstract(p, &a);
	p->listening[2] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(p->listening[2], (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(p->listening[2], 8), 0);
	(void)snprintf(p->cfg.url, sizeof(p->cfg.url), "http://127.0.0.1:%u/v1",
	    (unsigned)port);
	(void)snprintf(p->cfg.metadata_url, sizeof(p->cfg.metadata_url),
	    "https://metadata.example");
}

static inline void
place_close(struct place *p)
{
	(void)close(p->cache);
	(void)close(p->listening[0]);
	(void)close(p->listening[1]);
	(void)close(p->listening[2]);
}

static inline int
place_connect(uint16_t port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1)
		return BROKEN;
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return CAME_THROUGH;
	return errno == EACCES ? HELD_OFF : BROKEN;
}

/* As the fetcher: confined, then f; in a child. */
struct confined {
	struct place *place;
	int (*f)(struct place *);
};

static inline int
place_free_child(void *arg)
{
	struct confined *c = arg;

	return c->f(c->place);
}

static inline int
place_confined_child(void *arg)
{
	struct confined *c = arg;

	if (confine_fetcher(&c->place->cfg, c->place->cache, NULL) == -1)
		return BROKEN;
	return c->f(c->place);
}

/* What holds it off. */
enum guard {
	BY_FILES = 1, /* Landlock, of this version at least */
	BY_TRUNCATE = 3,
	BY_PORTS = 4,
	BY_SCOPE = 6,
	BY_CALLS = 100, /* seccomp: ends with SIGSYS */
	BY_CALLS_SOFT, /* seccomp: the call fails */
	BY_CALLS_WHOLE, /* the same, but not in a sanitizer build */
	BY_LIMIT,
	BY_LIMIT_WHOLE /* the same, but not in a sanitizer build */
};

struct attack {
	const char *name;
	int (*f)(struct place *);
	enum guard guard;
	bool root; /* comes through for root alone */
};

static inline int
came(bool through, int error)
{
	if (through)
		return CAME_THROUGH;
	return errno == error ? HELD_OFF : BROKEN;
}

/* Whether this machine, or this build, can't hold it off. */
static inline bool
defenceless(enum guard g)
{
	if ((g == BY_CALLS_WHOLE || g == BY_LIMIT_WHOLE) && SANITIZED)
		return true;
	if (g == BY_CALLS || g == BY_CALLS_SOFT || g == BY_CALLS_WHOLE)
		return !calls_can_filter();
	return g < BY_CALLS && fence_abi() < (int)g;
}

static inline void
attack(struct place *p, const struct attack *a)
{
	struct confined c = {p, a->f};
	int r;

	if (a->root && geteuid() != 0)
		return;
	r = defenceless(a->guard) ? HELD_OFF
				  : scratch_child(place_confined_child, &c);
	if (r !=
		(a->guard == BY_CALLS || a->guard == BY_CALLS_WHOLE
			? -SIGSYS
			: HELD_OFF) &&
	    !defenceless(a->guard))
		fail_msg("%s: inside it ended with %d", a->name, r);
	/* Else the test proves nothing. */
	r = scratch_child(place_free_child, &c);
	if (r != CAME_THROUGH)
		fail_msg("%s: outside it ended with %d", a->name, r);
}

static inline void
attack_all(void **state, const struct attack *a, size_t n)
{
	struct place p;
	size_t i;

	place_open(&p, *state);
	for (i = 0; i < n; i++)
		attack(&p, &a[i]);
	place_close(&p);
}

#endif
